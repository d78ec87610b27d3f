package message

import (
	"strings"
	"unicode/utf8"
)

// DecodeHeader turns a raw header value into UTF-8: encoded words (RFC 2047) of
// any charset are decoded, also where they are slightly malformed, and bare
// 8-bit text is guessed. The result is valid UTF-8 without CR, LF and NUL.
func DecodeHeader(value string) string {
	start := strings.Index(value, "=?")
	if start < 0 {
		if !utf8.ValidString(value) {
			value = validUTF8([]byte(value))
		}
		return clean(value)
	}
	var d wordDecoder
	for start >= 0 {
		w, size := encodedWord(value[start:])
		if size == 0 {
			d.text(value[:start+2])
			value = value[start+2:]
		} else {
			d.text(value[:start])
			d.word(w)
			value = value[start+size:]
		}
		start = strings.Index(value, "=?")
	}
	d.text(value)
	d.flush()
	return clean(d.out.String())
}

// word is an encoded word, still encoded.
type word struct {
	charset, text string
	base64        bool
}

// encodedWord reads one at the beginning of s and returns its size, or 0. It
// looks no further than the fourth question mark, so that many false beginnings
// stay linear.
func encodedWord(s string) (w word, size int) {
	end := strings.IndexByte(s[2:], '?')
	if end < 1 || end > 60 || strings.ContainsAny(s[2:2+end], " \t\"<>()") {
		return w, 0
	}
	w.charset = s[2 : 2+end]
	rest := s[2+end+1:]
	if len(rest) < 2 || rest[1] != '?' {
		return w, 0
	}
	switch rest[0] {
	case 'b', 'B':
		w.base64 = true
	case 'q', 'Q':
	default:
		return w, 0
	}
	rest = rest[2:]
	if end = strings.IndexByte(rest, '?'); end < 0 || end+1 >= len(rest) || rest[end+1] != '=' {
		return w, 0
	}
	w.text = rest[:end]
	return w, len(s) - len(rest) + end + 2
}

// wordDecoder joins neighbouring words of one charset before it decodes them,
// since senders split characters between words.
type wordDecoder struct {
	out     strings.Builder
	charset string
	pending []byte
	space   string // behind the last word; dropped if another follows
	inWord  bool
}

// text takes what stands outside of words; white space between two is dropped.
func (d *wordDecoder) text(s string) {
	if d.inWord && strings.Trim(s, " \t\r\n") == "" {
		d.space = s
		return
	}
	d.flush()
	if !utf8.ValidString(s) {
		s = validUTF8([]byte(s))
	}
	d.out.WriteString(s)
}

func (d *wordDecoder) word(w word) {
	d.space = ""
	if !d.inWord || !strings.EqualFold(d.charset, w.charset) {
		d.flush()
		d.charset, d.inWord = w.charset, true
	}
	if w.base64 {
		d.pending = appendBase64(d.pending, w.text)
	} else {
		d.pending = appendQ(d.pending, w.text)
	}
}

// flush writes the words that were joined and the white space behind them.
func (d *wordDecoder) flush() {
	if d.inWord {
		d.out.WriteString(decodeCharset(d.charset, d.pending))
		d.out.WriteString(d.space)
		d.pending, d.space, d.inWord = d.pending[:0], "", false
	}
}
