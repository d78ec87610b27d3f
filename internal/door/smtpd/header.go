package smtpd

import (
	"bytes"
)

// headerEnd finds where the header section of the content in b ends: behind the
// empty line, which counts to it. from is where an earlier search left off. -1:
// not yet.
func headerEnd(b []byte, from int) int {
	if bytes.HasPrefix(b, crlf) {
		return 2
	}
	from = max(0, from-3)
	if i := bytes.Index(b[from:], []byte("\r\n\r\n")); i >= 0 {
		return from + i + 4
	}
	return -1
}

// field is one header field, or a line that is none.
type field struct {
	name []byte // without white space; nil when the line has no well-formed name
	raw  []byte // with continuation lines and the last CRLF
}

// value is what follows the colon, still folded.
func (f field) value() []byte {
	return bytes.TrimSpace(f.raw[bytes.IndexByte(f.raw, ':')+1:])
}

// is compares the field's name; lower is in lower case.
func (f field) is(lower string) bool {
	if len(f.name) != len(lower) {
		return false
	}
	for i, c := range f.name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// nextField takes the first field off a header section, whose lines end in
// CRLF; ok is false at the empty line and at the end.
func nextField(b []byte) (f field, rest []byte, ok bool) {
	if len(b) == 0 || bytes.HasPrefix(b, crlf) {
		return field{}, b, false
	}
	end := 0
	for {
		i := bytes.IndexByte(b[end:], '\n')
		if i < 0 {
			end = len(b)
			break
		}
		end += i + 1
		if end == len(b) || (b[end] != ' ' && b[end] != '\t') {
			break
		}
	}
	f.raw = b[:end]
	if colon := bytes.IndexByte(f.raw, ':'); colon > 0 {
		// White space before the colon is obsolete but valid (RFC 5322 section 4.5).
		name := bytes.TrimRight(f.raw[:colon], " \t")
		if fieldName(name) {
			f.name = name
		}
	}
	return f, b[end:], true
}

func fieldName(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return len(name) > 0
}

// checkHeader applies the limits that hold for mail from anywhere.
func (s *session) checkHeader(header []byte) *reply {
	fields, received := 0, 0
	for f, rest, ok := nextField(header); ok; f, rest, ok = nextField(rest) {
		if fields++; f.is("received") {
			received++
		}
	}
	switch {
	case received > s.srv.limits.Received:
		return replyLoop
	case fields > s.srv.limits.HeaderFields:
		return replyHeaderLong
	}
	return nil
}
