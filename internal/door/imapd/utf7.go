package imapd

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Modified UTF-7, the international mailbox names of IMAP4rev1 (RFC 3501 section 5.1.3).

var base64UTF7 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding).Strict()

func encodeUTF7(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] == '&' || s[i] < 0x20 || s[i] > 0x7e {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var out strings.Builder
	var pending []byte // UTF-16BE
	flush := func() {
		if len(pending) > 0 {
			out.WriteByte('&')
			out.WriteString(base64UTF7.EncodeToString(pending))
			out.WriteByte('-')
			pending = pending[:0]
		}
	}
	for _, r := range s {
		if r >= 0x20 && r <= 0x7e {
			flush()
			out.WriteRune(r)
			if r == '&' {
				out.WriteByte('-')
			}
			continue
		}
		for _, u := range utf16.AppendRune(nil, r) {
			pending = append(pending, byte(u>>8), byte(u))
		}
	}
	flush()
	return out.String()
}

// decodeUTF7 gives false for anything that encodeUTF7 could not have made, save
// that octets above 127 are taken as UTF-8.
func decodeUTF7(s string) (string, bool) {
	if strings.IndexByte(s, '&') < 0 {
		return s, utf8.ValidString(s)
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '&' {
			out.WriteByte(s[i])
			i++
			continue
		}
		end := strings.IndexByte(s[i:], '-')
		if end < 0 {
			return "", false
		}
		enc := s[i+1 : i+end]
		i += end + 1
		if enc == "" {
			out.WriteByte('&')
			continue
		}
		raw, err := base64UTF7.DecodeString(enc)
		if err != nil || len(raw)%2 != 0 {
			return "", false
		}
		units := make([]uint16, len(raw)/2)
		for k := range units {
			units[k] = uint16(raw[2*k])<<8 | uint16(raw[2*k+1])
		}
		for k := 0; k < len(units); k++ {
			r := rune(units[k])
			if utf16.IsSurrogate(r) {
				if k+1 >= len(units) {
					return "", false
				}
				r = utf16.DecodeRune(r, rune(units[k+1]))
				if r == utf8.RuneError {
					return "", false
				}
				k++
			} else if r >= 0x20 && r <= 0x7e {
				return "", false // must be plain
			}
			out.WriteRune(r)
		}
	}
	return out.String(), utf8.ValidString(out.String())
}

// errName is why a mailbox name is refused.
var errName = syntaxError("not a valid mailbox name")

// decodeMailbox turns a name from the wire into the store's spelling: UTF-8, NFC,
// INBOX in upper case (RFC 9051 section 5.1).
func decodeMailbox(s string, isUTF8 bool) (string, error) {
	if len(s) > 3*maxName {
		return "", errName
	}
	if !isUTF8 {
		var ok bool
		if s, ok = decodeUTF7(s); !ok {
			return "", errName
		}
	}
	if !utf8.ValidString(s) || len(s) > maxName {
		return "", errName
	}
	for _, r := range s {
		// Controls, and the line and paragraph separators (RFC 9051 section 5.1, RFC 5198).
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			return "", errName
		}
	}
	if s = norm.NFC.String(s); len(s) > maxName {
		return "", errName
	}
	if len(s) == 5 && strings.EqualFold(s, "INBOX") {
		return "INBOX", nil
	}
	return s, nil
}

// mailbox writes a mailbox name as the session's mode has it.
func (o *output) mailbox(name string) {
	if !o.utf8 {
		name = encodeUTF7(name)
	}
	o.string(name)
}
