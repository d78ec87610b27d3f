package message

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// encodingOf returns the decoder of a charset name, nil for the supersets of
// ASCII that need none and for unknown names: both are read as UTF-8 where valid
// and as windows-1252 where not, which is what undeclared 8-bit mail mostly is.
func encodingOf(charset string) encoding.Encoding {
	if len(charset) > 40 {
		return nil
	}
	if name, _, ok := strings.Cut(charset, "*"); ok {
		charset = name // RFC 2231 section 5: a language
	}
	switch charset = lower(strings.TrimSpace(charset)); charset {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "default":
		return nil
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "cp850", "ibm850":
		return charmap.CodePage850
	case "cp437", "ibm437":
		return charmap.CodePage437
	}
	if n, ok := strings.CutPrefix(charset, "cp"); ok && len(n) == 4 {
		charset = "windows-" + n
	}
	e, err := htmlindex.Get(charset)
	if err != nil || e == encoding.Replacement {
		return nil
	}
	return e
}

// decodeCharset converts b to valid UTF-8.
func decodeCharset(charset string, b []byte) string {
	if e := encodingOf(charset); e != nil {
		if out, err := e.NewDecoder().Bytes(b); err == nil {
			return strings.ToValidUTF8(string(out), "\uFFFD")
		}
	}
	return validUTF8(b)
}

// validUTF8 is b as UTF-8, octets that are none read as windows-1252.
func validUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return string(appendValid(make([]byte, 0, len(b)+len(b)/4), b))
}

// appendValid appends b; octets that are no UTF-8 are read as windows-1252.
func appendValid(dst, b []byte) []byte {
	for len(b) > 0 {
		i := 0
		for i < len(b) && b[i] < utf8.RuneSelf {
			i++
		}
		dst, b = append(dst, b[:i]...), b[i:]
		if len(b) == 0 {
			break
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(b[0])
		}
		dst, b = utf8.AppendRune(dst, r), b[n:]
	}
	return dst
}

// clean removes what must not stand in a header value: NUL, CR and LF.
func clean(s string) string {
	if strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case 0, '\r':
			return -1
		case '\n':
			return ' '
		}
		return r
	}, s)
}
