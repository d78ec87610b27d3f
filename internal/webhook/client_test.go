package webhook

import (
	"strings"
	"testing"
	"unicode/utf8"

	"posthouse/internal/core/webhook"
)

// FuzzExcerpt: whatever was answered is kept as bounded text that every store takes.
func FuzzExcerpt(f *testing.F) {
	f.Add([]byte("ok"))
	f.Add([]byte("\x00\xff\u2028" + strings.Repeat("ä", 800)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range []string{excerpt(b), clip(string(b))} {
			if len(s) > webhook.MaxExcerpt || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\x1b") {
				t.Errorf("%q", s)
			}
		}
	})
}
