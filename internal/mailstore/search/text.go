// Package search is an inverted index over the words of messages that answers
// substring questions exactly. An index segment is immutable: message ids, a
// sorted vocabulary of folded words, and for each word the messages with the
// fields in which it stands.
package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fields are the places of a message, as a bit set.
type Fields uint8

// The places.
const (
	Subject Fields = 1 << iota
	From
	To
	Cc
	Bcc
	Header // any other header field
	Body
	Name // the name of a header field, with its colon

	All = Subject | From | To | Cc | Bcc | Header | Body | Name
)

// FieldOf gives the place of a header field by its lower-case name.
func FieldOf(name string) Fields {
	switch name {
	case "subject":
		return Subject
	case "from":
		return From
	case "to":
		return To
	case "cc":
		return Cc
	case "bcc":
		return Bcc
	}
	return Header
}

// Fold makes text comparable: lower case, each run of white space one space.
func Fold(s string) string {
	clean := true
	space := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' || c < ' ' || c == 0x7f || c == ' ' && space {
			clean = false
			break
		}
		space = c == ' '
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space = false
	for _, r := range s {
		if r < utf8.RuneSelf {
			switch {
			case 'A' <= r && r <= 'Z':
				r += 'a' - 'A'
			case r == ' ' || '\t' <= r && r <= '\r' || r == 0:
				if !space {
					b.WriteByte(' ')
				}
				space = true
				continue
			}
			space = false
			b.WriteByte(byte(r))
			continue
		}
		if unicode.IsSpace(r) {
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		space = false
		b.WriteRune(unicode.ToLower(unicode.ToUpper(r)))
	}
	return b.String()
}
