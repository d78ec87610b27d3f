package message

import (
	"encoding/base64"
)

// base64Value is the value of each letter of the alphabet, 0xFF for the rest.
var base64Value = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xFF
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range len(alphabet) {
		t[alphabet[i]] = byte(i)
	}
	return t
}()

// base64State decodes base64 in pieces, tolerantly: what is not of the alphabet
// is skipped (RFC 2045 section 6.8), "=" ends a quantum and another may follow.
type base64State struct {
	held [4]byte // letters of the unfinished quantum
	n    int
}

// append decodes src and appends the octets to dst.
func (s *base64State) append(dst, src []byte) []byte {
	for i := 0; i < len(src); {
		if s.n == 0 {
			// Whole quanta up to the first stranger.
			end := i
			for end < len(src) && base64Value[src[end]] != 0xFF {
				end++
			}
			if whole := (end - i) &^ 3; whole > 0 {
				at := len(dst)
				dst = append(dst, make([]byte, whole/4*3)...)
				n, _ := base64.StdEncoding.Decode(dst[at:], src[i:i+whole]) // can't fail: letters only
				dst = dst[:at+n]
				i += whole
				continue
			}
		}
		switch c := src[i]; {
		case base64Value[c] != 0xFF:
			s.held[s.n] = c
			if s.n++; s.n == 4 {
				dst = s.flush(dst)
			}
		case c == '=':
			dst = s.flush(dst)
		}
		i++
	}
	return dst
}

// flush ends the quantum: two letters are one octet, three are two.
func (s *base64State) flush(dst []byte) []byte {
	if s.n >= 2 {
		var v uint32
		for i := range 4 {
			v <<= 6
			if i < s.n {
				v |= uint32(base64Value[s.held[i]])
			}
		}
		octets := [3]byte{byte(v >> 16), byte(v >> 8), byte(v)}
		dst = append(dst, octets[:s.n-1]...)
	}
	s.n = 0
	return dst
}

// appendBase64 decodes the text of an encoded word.
func appendBase64(dst []byte, text string) []byte {
	var s base64State
	return s.flush(s.append(dst, []byte(text)))
}

// appendQ decodes the Q encoding (RFC 2047 section 4.2).
func appendQ(dst []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_':
			dst = append(dst, ' ')
		case c == '=' && i+2 < len(text) && hexValue(text[i+1]) >= 0 && hexValue(text[i+2]) >= 0:
			dst = append(dst, byte(hexValue(text[i+1])<<4|hexValue(text[i+2])))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
