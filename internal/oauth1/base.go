package oauth1

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// Base gives the signature base string of a request (RFC 5849 section 3.4.1).
func (s *Signed) Base() string {
	params := make([]param, len(s.params))
	for i, p := range s.params {
		params[i] = param{Escape(p.name), Escape(p.value)}
	}
	slices.SortFunc(params, func(a, b param) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	var b strings.Builder
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name)
		b.WriteByte('=')
		b.WriteString(p.value)
	}
	return strings.ToUpper(s.request.Method) + "&" + Escape(s.request.uri()) + "&" + Escape(b.String())
}

// uri is the base string URI (section 3.4.1.2).
func (r *Request) uri() string {
	scheme, host := strings.ToLower(r.Scheme), strings.ToLower(r.Host)
	switch scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	path := r.Path
	if path == "" {
		path = "/"
	}
	return scheme + "://" + host + path
}

const upperHex = "0123456789ABCDEF"

// Escape encodes all but the unreserved characters of RFC 3986 (section 3.6).
func Escape(s string) string {
	n := 0
	for i := range len(s) {
		if !unreserved(s[i]) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 2*n)
	for i := range len(s) {
		if c := s[i]; unreserved(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
	return b.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// parseForm gives the parameters of a query or a form (section 3.4.1.3.1).
func parseForm(text string, add func(param) error) error {
	if text == "" {
		return nil
	}
	for piece := range strings.SplitSeq(text, "&") {
		if piece == "" {
			continue
		}
		name, value, _ := strings.Cut(piece, "=")
		var p param
		var err error
		if p.name, err = url.QueryUnescape(name); err != nil {
			return ErrMalformed
		}
		if p.value, err = url.QueryUnescape(value); err != nil {
			return ErrMalformed
		}
		if err := add(p); err != nil {
			return err
		}
	}
	return nil
}

// parseHeader gives the parameters of an Authorization header (section 3.5.1).
func parseHeader(header string, add func(param) error) error {
	scheme, rest, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "OAuth") {
		return ErrMalformed
	}
	for piece := range strings.SplitSeq(rest, ",") {
		if piece = strings.Trim(piece, " \t"); piece == "" {
			continue
		}
		name, value, ok := strings.Cut(piece, "=")
		value = strings.TrimLeft(value, " \t")
		if !ok || len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
			return ErrMalformed
		}
		var p param
		var err error
		if p.name, err = url.PathUnescape(strings.TrimRight(name, " \t")); err != nil || p.name == "" {
			return ErrMalformed
		}
		value = value[1 : len(value)-1]
		if strings.ContainsAny(value, "\"\\") {
			return ErrMalformed
		}
		if p.value, err = url.PathUnescape(value); err != nil {
			return ErrMalformed
		}
		if err := add(p); err != nil {
			return err
		}
	}
	return nil
}
