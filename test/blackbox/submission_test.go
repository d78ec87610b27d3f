package blackbox

import (
	"encoding/base64"
	"strings"
	"testing"
)

// TestSubmission is what submission refuses, on both its ports.
func TestSubmission(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, _ := s.order("example.test", anna)
		s.call("createEmailAccount", map[string]any{"titanOrderId": order, "email": "berta@example.test", "password": password})

		s.sub("only under TLS", func(s *server) {
			k := s.dial("submission")
			m := &smtpTalk{k}
			m.expect("220 ")
			if offered := m.want("250", "EHLO client.test"); strings.Contains(offered, "AUTH") || !strings.Contains(offered, "STARTTLS") {
				s.t.Errorf("in plain text is offered: %s", offered)
			}
			m.want("538 5.7.11", "AUTH PLAIN "+plain(anna, password))
			m.want("530 5.7.0", "MAIL FROM:<"+anna+">")
			m.startTLS()
			m.want("235", "AUTH PLAIN "+plain(anna, password))
		})
		s.sub("log-in", func(s *server) {
			k := s.smtp("submissions")
			k.want("530 5.7.0", "MAIL FROM:<"+anna+">")
			wrong := k.want("535 5.7.8", "AUTH PLAIN "+plain(anna, "wrong"))
			if unknown := k.want("535 5.7.8", "AUTH PLAIN "+plain("nobody@example.test", password)); unknown != wrong {
				s.t.Errorf("an unknown address is told apart: %q and %q", unknown, wrong)
			}
			k.want("334", "AUTH LOGIN")
			k.want("334", base64.StdEncoding.EncodeToString([]byte(anna)))
			k.want("235", base64.StdEncoding.EncodeToString([]byte(password)))
			k.want("503", "AUTH PLAIN "+plain(anna, password))
		})
		for _, port := range []string{"submission", "submissions"} {
			s.sub(port, func(s *server) { s.foreignSenders(port) })
		}
		if n := s.imapIn("berta@example.test", password).messages("INBOX"); n != 0 {
			t.Errorf("%d messages got through", n)
		}
		if open := s.queueList("--open"); len(open) != 0 {
			t.Errorf("the queue holds %v", open)
		}
	})
}

// foreignSenders wants every forged sender refused and nothing queued.
func (s *server) foreignSenders(port string) {
	s.t.Helper()
	k := s.smtpIn(port, anna, password)
	for _, from := range []string{"bob@elsewhere.test", "berta@example.test", "anna@other.test"} {
		k.want("550 5.7.1", "MAIL FROM:<"+from+">")
	}
	const rest = "To: berta@example.test\r\nSubject: Forged\r\n\r\nHello.\r\n"
	for header, want := range map[string]string{
		"From: anna@example.test\r\nFrom: boss@example.test\r\n":  "550 5.6.0",
		"from: boss@example.test\r\nFROM : anna@example.test\r\n": "550 5.6.0",
		"From: berta@example.test\r\n":                            "550 5.7.1",
		"From: anna@example.test, berta@example.test\r\n":         "550 5.7.1",
		"": "550 5.6.0",
		"From: anna@example.test <berta@example.test>\r\n":                     "550 5.",
		"From: \"anna@example.test\" <bob@elsewhere.test>\r\n":                 "550 5.7.1",
		"From: anna@example.test\r\nSender: boss@example.test\r\n":             "550 5.7.1",
		"From:\r\n anna@example.test\r\nSubject: x\r\n\tfolded\nFrom: b@c\r\n": "550 5.6.",
	} {
		k.envelope(anna, "berta@example.test")
		k.want("354", "DATA")
		k.write(header + rest + ".\r\n")
		if got := k.reply(); !strings.HasPrefix(got, want) {
			s.t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}
