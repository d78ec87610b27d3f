package smtpd

import (
	"log/slog"
	"strings"
	"testing"

	"posthouse/internal/door/doortest"
)

// The log leads from a message's id to its session, and tells neither
// credentials nor content.
func TestLog(t *testing.T) {
	var log doortest.Log
	cfg := testConfig(t, Limits{LogIns: 10})
	cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	addr := start(t, newServer(cfg, &fakeFace{auth: true}), false)
	c := hello(t, addr)
	c.do("STARTTLS", "220")
	c.startTLS()
	c.do("EHLO x", "250")
	c.do("AUTH PLAIN "+plainResponse("ann@example.com", "Pa55-wrong"), "535")
	c.do("AUTH LOGIN "+plainResponse("ann@example.com", "Pa55-wrong"), "334")
	c.do(plainResponse("x", "Pa55-wrong"), "535")
	c.do("AUTH PLAIN "+plainResponse("ann@example.com", "a\x00b"), "501")
	c.do("AUTH PLAIN "+plainResponse("ann@example.com", "Pa55\xff"), "535")
	c.do("AUTH PLAIN "+plainResponse("ann@example.com", "secret"), "235")
	c.envelope()
	c.do("DATA", "354")
	c.do("Subject: hush\r\n\r\nhush\r\n.", "250")
	c.do("QUIT", "221")
	c.wantEOF()
	text := log.String()
	for _, secret := range []string{"Pa55", "secret", "hush", "AGFubk"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	found := false
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, `msg="message accepted"`) {
			found = true
			for _, part := range []string{"session=aaaaaaaaaaaaaaaa", "message=aaaaaaaaaaaaaaaa", "account=7", "remote=127.0.0.1", "from=a@example.net", "recipients=1", "size="} {
				if !strings.Contains(line, part) {
					t.Errorf("%q is missing in %q", part, line)
				}
			}
		}
	}
	if !found {
		t.Error("the message is not in the log")
	}
}
