package mailstore

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"posthouse/internal/fault"
)

// Inbox is the folder that every account has and can't delete.
const Inbox = "INBOX"

// Bounds of folder names.
const (
	maxNameBytes = 1000
	maxLevels    = 32
)

// FolderName gives a name's stored form: NFC, INBOX in capitals, no separator
// at the end. Names that can't be are fault.Invalid.
func FolderName(name string) (string, error) {
	name = strings.TrimSuffix(name, "/")
	if !utf8.ValidString(name) {
		return "", invalidName("not UTF-8")
	}
	name = norm.NFC.String(name)
	if len(name) > maxNameBytes {
		return "", invalidName("too long")
	}
	levels := strings.Split(name, "/")
	if len(levels) > maxLevels {
		return "", invalidName("too many levels")
	}
	for _, l := range levels {
		if l == "" {
			return "", invalidName("an empty level")
		}
		if strings.ContainsFunc(l, unicode.IsControl) || strings.ContainsRune(l, '\uFEFF') {
			return "", invalidName("a control character")
		}
	}
	if strings.EqualFold(levels[0], Inbox) {
		levels[0] = Inbox
		name = strings.Join(levels, "/")
	}
	return name, nil
}

func invalidName(why string) error {
	return fault.Newf(fault.Invalid, "The folder's name is not possible: %s", why)
}

// under reports whether name lies below parent.
func under(name, parent string) bool {
	return len(name) > len(parent) && name[len(parent)] == '/' && name[:len(parent)] == parent
}
