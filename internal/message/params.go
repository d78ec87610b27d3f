package message

import (
	"slices"
	"strconv"
	"strings"
)

// maxParams bounds the parameters of one field.
const maxParams = 64

// parameterised reads "value; name=value; ..." tolerantly (RFC 2045 section 5.1).
func (s *scanner) parameterised(text string) (value string, params []Param) {
	value, rest := paramToken(text, ";")
	s.params = s.params[:0]
	for rest != "" && len(s.params) < maxParams {
		var p Param
		if p.Name, rest = paramToken(rest[1:], "=;"); strings.HasPrefix(rest, "=") {
			p.Value, rest = paramToken(rest[1:], ";")
		}
		if p.Name != "" {
			p.Name = lower(p.Name)
			s.params = append(s.params, p)
		}
	}
	return lower(value), slices.Clone(s.params)
}

// paramToken reads text up to one of stops that stands outside of quotes and
// comments; quotes and comments are removed. rest begins with the stop.
func paramToken(text, stops string) (token, rest string) {
	special := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			special = true
			end := closing(text, i)
			if end == 0 {
				// Never closed: a plain character, and so are all that follow.
				if end = strings.IndexAny(text[i:], stops); end < 0 {
					return strings.TrimSpace(strings.ReplaceAll(text, `"`, "")), ""
				}
				return strings.TrimSpace(strings.ReplaceAll(text[:i+end], `"`, "")), text[i+end:]
			}
			i = end - 1
		case c == '(':
			special = true
			end := commentEnd(text, i)
			if end == 0 {
				return strings.TrimSpace(text[:i]), ""
			}
			i = end - 1
		case strings.IndexByte(stops, c) >= 0:
			token, rest = text[:i], text[i:]
			if special {
				token = unquote(token, nil)
			}
			return strings.TrimSpace(token), rest
		}
	}
	if special {
		text = unquote(text, nil)
	}
	return strings.TrimSpace(text), ""
}

// closing returns the index after the quoted string that begins at i, or 0.
func closing(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// firstToken is text up to white space, ";" or a comment.
func firstToken(text string) string {
	if i := strings.IndexAny(text, " \t;("); i >= 0 {
		return text[:i]
	}
	return text
}

// lower is strings.ToLower for ASCII letters only; it leaves the octets that are
// no UTF-8 as they are.
func lower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// boundaryOf returns a multipart's usable boundary, or "".
func boundaryOf(p *Part) string {
	b := ""
	for _, q := range p.Params {
		if q.Name == "boundary" {
			b = q.Value
			break
		}
	}
	if b == "" {
		b = decodeParam(p.Params, "boundary")
	}
	if b = strings.TrimRight(b, " \t"); len(b) > maxBoundary {
		return ""
	}
	return b
}

// decodeParam finds a parameter, joins its continuations and decodes it (RFC
// 2231); encoded words, which have no place there, are decoded all the same.
func decodeParam(params []Param, name string) string {
	type piece struct {
		number  int
		encoded bool
		value   string
	}
	var pieces []piece
	plain, havePlain := "", false
	for _, p := range params {
		tail, ok := strings.CutPrefix(p.Name, name)
		switch {
		case !ok:
		case tail == "":
			if !havePlain {
				plain, havePlain = p.Value, true
			}
		case tail == "*":
			return decodeExtended([]string{p.Value}, []bool{true})
		case tail[0] == '*':
			digits, encoded := strings.CutSuffix(tail[1:], "*")
			if n, err := strconv.Atoi(digits); err == nil && n >= 0 {
				pieces = append(pieces, piece{n, encoded, p.Value})
			}
		}
	}
	if len(pieces) == 0 {
		return DecodeHeader(plain)
	}
	slices.SortStableFunc(pieces, func(a, b piece) int { return a.number - b.number })
	var values []string
	var encoded []bool
	for _, p := range pieces {
		if p.number == len(values) { // a gap ends the value, a repetition is dropped
			values, encoded = append(values, p.value), append(encoded, p.encoded)
		}
	}
	if len(values) == 0 {
		return DecodeHeader(plain)
	}
	return decodeExtended(values, encoded)
}

// decodeExtended joins the pieces of an RFC 2231 value; the first, if encoded,
// names the charset.
func decodeExtended(values []string, encoded []bool) string {
	charset := ""
	if encoded[0] {
		if cs, rest, ok := strings.Cut(values[0], "'"); ok {
			if _, text, ok := strings.Cut(rest, "'"); ok {
				charset, values[0] = cs, text
			}
		}
	}
	var b []byte
	for i, v := range values {
		if encoded[i] {
			b = appendPercentDecoded(b, v)
		} else {
			b = append(b, v...)
		}
	}
	if charset == "" && !slices.Contains(encoded, true) {
		return DecodeHeader(string(b))
	}
	return clean(decodeCharset(charset, b))
}

func appendPercentDecoded(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := hexValue(s[i+1]), hexValue(s[i+2])
			if hi >= 0 && lo >= 0 {
				dst = append(dst, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		dst = append(dst, s[i])
	}
	return dst
}

func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
