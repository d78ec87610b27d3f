package smtpd

import (
	"bytes"
	"io"
	"strings"
)

// writeForeign writes the header of a message from outside as it is, but for
// Authentication-Results that claim to be ours: whoever reads mail here trusts
// those (RFC 8601 section 5).
func writeForeign(w io.Writer, header []byte, hostname string) error {
	kept := 0 // header[:kept] is written
	rest := header
	for {
		f, after, ok := nextField(rest)
		if !ok {
			break
		}
		if f.is("authentication-results") && claims(f.value(), hostname) {
			begin := len(header) - len(rest)
			if _, err := w.Write(header[kept:begin]); err != nil {
				return err
			}
			kept = len(header) - len(after)
		}
		rest = after
	}
	_, err := w.Write(header[kept:])
	return err
}

// claims reports whether the value of an Authentication-Results field is signed
// with a server's name. One that can't be read might be by somebody.
func claims(value []byte, hostname string) bool {
	id, ok := authservID(value)
	return !ok || strings.EqualFold(strings.TrimSuffix(id, "."), strings.TrimSuffix(hostname, "."))
}

// authservID reads the first word of an Authentication-Results field: a token
// or a quoted string, after comments and white space (RFC 8601 section 2.2).
func authservID(b []byte) (id string, ok bool) {
	b, ok = skipComments(b)
	if !ok || len(b) == 0 {
		return "", false
	}
	if b[0] == '"' {
		return quoted(b[1:])
	}
	end := bytes.IndexAny(b, " \t\r\n;()<>@,\"\\=?[]/:")
	if end < 0 {
		end = len(b)
	}
	return string(b[:end]), end > 0
}

// skipComments drops white space, line ends and comments, which may be nested.
func skipComments(b []byte) (rest []byte, ok bool) {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '(':
			depth++
		case depth > 0 && c == ')':
			depth--
		case depth > 0 && c == '\\':
			i++
		case depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return b[i:], true
		}
	}
	return nil, depth == 0
}

// quoted reads a quoted string behind its opening quote.
func quoted(b []byte) (string, bool) {
	out := make([]byte, 0, min(len(b), 256))
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			return string(out), len(out) > 0
		case '\\':
			if i++; i == len(b) {
				return "", false
			}
		case '\r', '\n': // folding
			continue
		}
		out = append(out, b[i])
	}
	return "", false
}
