package smtpd

import (
	"bytes"
	"strings"
	"testing"
)

func TestForeignHeader(t *testing.T) {
	const us = "mail.here.test"
	for name, c := range map[string]struct {
		field string
		gone  bool
	}{
		"ours":                 {"Authentication-Results: mail.here.test; spf=pass", true},
		"case":                 {"AUTHENTICATION-RESULTS: Mail.HERE.test; none", true},
		"space before colon":   {"Authentication-Results : mail.here.test; none", true},
		"folded":               {"Authentication-Results:\r\n\tmail.here.test;\r\n dkim=pass", true},
		"comments":             {"Authentication-Results: (a \\) (b)) (c) mail.here.test 1; spf=pass", true},
		"version":              {"Authentication-Results: mail.here.test 1; spf=pass", true},
		"quoted":               {`Authentication-Results: "mail.here\.test"; spf=pass`, true},
		"quoted and folded":    {"Authentication-Results:\r\n \"mail.here.test\"\r\n ; spf=pass", true},
		"trailing dot":         {"Authentication-Results: mail.here.test.; spf=pass", true},
		"comment behind":       {"Authentication-Results: mail.here.test(x); spf=pass", true},
		"no semicolon":         {"Authentication-Results: mail.here.test", true},
		"empty":                {"Authentication-Results: ", true},
		"open comment":         {"Authentication-Results: (mail.here.test; spf=pass", true},
		"open quote":           {`Authentication-Results: "mail.here.test; spf=pass`, true},
		"another server":       {"Authentication-Results: mx.far.test; spf=pass smtp.mailfrom=mail.here.test", false},
		"a longer name":        {"Authentication-Results: mail.here.test.far.test; spf=pass", false},
		"below ours":           {"Authentication-Results: x.mail.here.test; spf=pass", false},
		"only in a comment":    {"Authentication-Results: (mail.here.test) mx.far.test; none", false},
		"another field":        {"X-Authentication-Results: mail.here.test; spf=pass", false},
		"ARC":                  {"ARC-Authentication-Results: i=1; mail.here.test; spf=pass", false},
		"the name in a folded": {"Subject: x\r\n Authentication-Results: mail.here.test; spf=pass", false},
	} {
		for _, form := range []string{"%\r\nSubject: s\r\n\r\n", "Received: x\r\n%\r\n%\r\nFrom: a@b\r\n\r\n", "From: a@b\r\n%\r\n\r\n", "%\r\n"} {
			in := strings.ReplaceAll(form, "%", c.field)
			want := in
			if c.gone {
				want = strings.ReplaceAll(form, "%\r\n", "")
			}
			var out bytes.Buffer
			if err := writeForeign(&out, []byte(in), us); err != nil || out.String() != want {
				t.Errorf("%s: %q gives %q, %v", name, in, out.String(), err)
			}
		}
	}
}

func FuzzForeignHeader(f *testing.F) {
	f.Add([]byte("Authentication-Results: mail.here.test; spf=pass\r\nSubject: x\r\n\r\n"))
	f.Add([]byte("Authentication-Results:\r\n (\\)()) \"mail\\.here.test\" 1;\r\nx\r\n"))
	f.Add([]byte("Authentication-Results: (\r\n\r\n"))
	f.Fuzz(func(t *testing.T, header []byte) {
		var out, again bytes.Buffer
		if err := writeForeign(&out, header, "mail.here.test"); err != nil || out.Len() > len(header) {
			t.Fatalf("%d octets of %d, %v", out.Len(), len(header), err)
		}
		if err := writeForeign(&again, out.Bytes(), "mail.here.test"); err != nil || !bytes.Equal(again.Bytes(), out.Bytes()) {
			t.Fatalf("%q, again %q, %v", out.Bytes(), again.Bytes(), err)
		}
		for b := out.Bytes(); ; {
			fd, rest, ok := nextField(b)
			if !ok {
				break
			}
			if fd.is("authentication-results") && claims(fd.value(), "mail.here.test") {
				t.Fatalf("%q is left of %q", fd.raw, header)
			}
			b = rest
		}
	})
}
