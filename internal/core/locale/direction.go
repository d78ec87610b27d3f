package locale

import (
	"strings"
	"unicode/utf8"
)

// TurnsDirection reports whether a character turns the direction of the text
// around it (embeddings, overrides and isolates of Unicode's bidirectional
// algorithm). In what a stranger has named, such one makes other text read as
// what it is not. The marks that Arabic and Hebrew are written with turn nothing.
func TurnsDirection(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// Upright removes such characters from a text.
func Upright(s string) string {
	if !strings.Contains(s, "\xe2\x80") && !strings.Contains(s, "\xe2\x81") { // how they begin in UTF-8
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !TurnsDirection(r) {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}
