package export

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxComponent bounds one part of a path: file systems take 255 bytes.
const maxComponent = 200

// folderPath turns a folder's name into a path below mail/ that is safe to
// unpack anywhere: no part is empty, "." or "..", nothing in it is invisible,
// and no two folders or messages of an account have the same path, whatever
// they are called. What is written otherwise is %XX of its bytes.
func folderPath(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = component(p)
	}
	return strings.Join(parts, "/")
}

func component(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || unsafeRune(r) || i == 0 && (r == '.' || r == '-' || r == '~' || r == ' ') ||
			i+n == len(s) && (r == ' ' || r == '.') || i == len(s)-len(suffix) && strings.EqualFold(s[i:], suffix) {
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	out := b.String()
	if out == "" {
		return "%"
	}
	if len(out) <= maxComponent {
		return out
	}
	// A hash of the whole tells long names apart; "%-" begins no escape.
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(out[:maxComponent-20], "") + "%-" + hex.EncodeToString(sum[:8])
}

// suffix is what the files of messages end in: a folder of such a name next to
// them could be in their way.
const suffix = ".eml"

// unsafeRune: the escape itself, what separates paths somewhere, and what can't
// be seen or turns text around.
func unsafeRune(r rune) bool {
	switch r {
	case '%', '\\', '/', ':':
		return true
	}
	return !unicode.IsPrint(r)
}
