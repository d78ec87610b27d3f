package resellerclub

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// appendXML writes v as the XML twin of appendJSON: one mapping for everything
// . What is written is ASCII: text/xml without a charset is US-ASCII for
// some clients.
func appendXML(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case object:
		b.WriteString("<hashtable>")
		for _, m := range v {
			b.WriteString("<entry>")
			appendElement(b, "string", m.key)
			if err := appendXML(b, m.value); err != nil {
				return err
			}
			b.WriteString("</entry>")
		}
		b.WriteString("</hashtable>")
	case list:
		b.WriteString("<vector>")
		for _, x := range v {
			if err := appendXML(b, x); err != nil {
				return err
			}
		}
		b.WriteString("</vector>")
	case number:
		name := "int"
		if strings.ContainsAny(string(v), ".eE") {
			name = "float"
		}
		appendElement(b, name, string(v))
	case string:
		appendElement(b, "string", v)
	case bool:
		appendElement(b, "boolean", strconv.FormatBool(v))
	default:
		return fmt.Errorf("a reply holds a %T", v)
	}
	return nil
}

// appendXMLError writes the general form of an error, all of it strings, as the
// vendor does (section 3), and not by the mapping.
func appendXMLError(b *bytes.Buffer, general object) {
	b.WriteString("<response>")
	for _, m := range general {
		text, _ := m.value.(string)
		appendElement(b, m.key, text)
	}
	b.WriteString("</response>")
}

func appendElement(b *bytes.Buffer, name, text string) {
	b.WriteString("<" + name + ">")
	appendText(b, text)
	b.WriteString("</" + name + ">")
}

// appendText escapes what is markup, what a parser would normalise and what is
// not ASCII. Characters that XML 1.0 can't hold, not even escaped, become U+FFFD.
func appendText(b *bytes.Buffer, s string) {
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r >= 0x20 && r < 0x7f:
			b.WriteByte(byte(r))
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r', r == 0xfffe, r == 0xffff:
			appendReference(b, utf8.RuneError)
		default: // ranging gives U+FFFD for what is no UTF-8
			appendReference(b, r)
		}
	}
}

func appendReference(b *bytes.Buffer, r rune) {
	b.WriteString("&#")
	b.WriteString(strconv.Itoa(int(r)))
	b.WriteByte(';')
}
