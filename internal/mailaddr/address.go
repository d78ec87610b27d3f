// Package mailaddr is mailbox addresses and domain names as SMTP and the
// provisioning contracts know them (RFC 5321 section 4.1.2, RFC 6531 section
// 3.3): parsing in bounded time, one normal form for look-ups, and writing back.
package mailaddr

import (
	"errors"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"posthouse/internal/fault"
)

// The limits of RFC 5321 section 4.5.3.1, in octets as written on the wire.
const (
	MaxLocal   = 64
	MaxAddress = 254 // a path is 256 with its angle brackets
)

// ErrUTF8 is the fault of an address that needs SMTPUTF8 where that is not
// allowed (RFC 6531 section 3.5: reply 553 or 550, 5.6.7).
var ErrUTF8 = fault.New(fault.Invalid, "The address is not ASCII and SMTPUTF8 was not asked for").WithReason("SMTPUTF8_REQUIRED")

// Address is a mailbox. The zero Address stands for the null reverse-path.
type Address struct {
	Local  string // unquoted, as spelled
	Domain string // lower-case A-labels, or a literal such as [192.0.2.1]; "" only for <> and <postmaster>
}

// Option changes what a parser accepts.
type Option uint8

// AllowUTF8 accepts the addresses of RFC 6531.
const AllowUTF8 Option = 1

func has(opts []Option, want Option) bool {
	for _, o := range opts {
		if o&want != 0 {
			return true
		}
	}
	return false
}

func invalid(text string) error { return fault.New(fault.Invalid, text) }

// Parse reads an addr-spec: local part, "@", domain or address literal. There is
// no comment, no white space and no display name. Work is bounded by the limits,
// whatever the input's length.
func Parse(s string, opts ...Option) (Address, error) {
	a, rest, err := parseMailbox(s, has(opts, AllowUTF8))
	if err != nil {
		return Address{}, err
	}
	if rest != "" {
		return Address{}, invalid("The address goes on after its domain")
	}
	return a, nil
}

// parseMailbox reads a Mailbox (RFC 5321 section 4.1.2) that ends at the end of
// s or at ">", and returns what follows it.
func parseMailbox(s string, utf8Allowed bool) (a Address, rest string, err error) {
	var wire int
	if strings.HasPrefix(s, `"`) {
		a.Local, wire, err = parseQuoted(s)
	} else {
		a.Local, wire, err = parseDotString(s)
	}
	if err != nil {
		return Address{}, "", err
	}
	if wire == len(s) || s[wire] != '@' {
		return Address{}, "", invalid("The address has no domain")
	}
	domain := s[wire+1:]
	if end := strings.IndexByte(domain[:min(len(domain), maxRawDomain+1)], '>'); end >= 0 {
		domain, rest = domain[:end], domain[end:]
	}
	if strings.HasPrefix(domain, "[") {
		a.Domain, err = parseLiteral(domain)
	} else {
		a.Domain, err = mailDomain(domain, utf8Allowed)
	}
	if err != nil {
		return Address{}, "", err
	}
	if !utf8Allowed && !isASCII(a.Local) {
		return Address{}, "", ErrUTF8
	}
	if max(wire, a.wireLocal())+1+len(a.Domain) > MaxAddress {
		return Address{}, "", invalid("The address is longer than 254 octets")
	}
	return a, rest, nil
}

var (
	errLocalLong = fault.New(fault.Invalid, "The local part is longer than 64 octets")
	errLocal     = fault.New(fault.Invalid, "The local part is malformed")
)

// parseDotString reads a Dot-string and returns how long it was.
func parseDotString(s string) (local string, wire int, err error) {
	for wire < len(s) {
		c := s[wire]
		switch {
		case isAtext(c):
			wire++
		case c == '.':
			if wire == 0 || s[wire-1] == '.' {
				return "", 0, errLocal
			}
			wire++
		case c >= utf8.RuneSelf:
			n := utf8Char(s[wire:])
			if n == 0 {
				return "", 0, errLocal
			}
			wire += n
		default:
			if wire == 0 || s[wire-1] == '.' {
				return "", 0, errLocal
			}
			return s[:wire], wire, nil
		}
		if wire > MaxLocal {
			return "", 0, errLocalLong
		}
	}
	return "", 0, invalid("The address has no domain")
}

// parseQuoted reads a Quoted-string and returns its content and how long it was.
func parseQuoted(s string) (local string, wire int, err error) {
	var b strings.Builder
	for wire = 1; wire < len(s) && wire < MaxLocal; {
		c := s[wire]
		switch {
		case c == '"':
			if b.Len() == 0 {
				return "", 0, errLocal
			}
			return b.String(), wire + 1, nil
		case c == '\\':
			if wire+1 == len(s) || s[wire+1] < ' ' || s[wire+1] > '~' {
				return "", 0, errLocal
			}
			b.WriteByte(s[wire+1])
			wire += 2
		case c >= utf8.RuneSelf:
			n := utf8Char(s[wire:])
			if n == 0 {
				return "", 0, errLocal
			}
			b.WriteString(s[wire : wire+n])
			wire += n
		case c < ' ' || c > '~':
			return "", 0, errLocal
		default:
			b.WriteByte(c)
			wire++
		}
	}
	if wire >= MaxLocal {
		return "", 0, errLocalLong
	}
	return "", 0, errLocal
}

// utf8Char returns the length of a leading UTF8-non-ascii character (RFC 6532
// section 3.1) that is no C1 control, or 0.
func utf8Char(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n <= 1 || r < 0xA0 {
		return 0
	}
	return n
}

func parseLiteral(s string) (string, error) {
	bad := invalid("The address literal is malformed")
	if len(s) < 3 || len(s) > 64 || s[len(s)-1] != ']' {
		return "", bad
	}
	inner := s[1 : len(s)-1]
	if tag, six, ok := strings.Cut(inner, ":"); ok && strings.EqualFold(tag, "IPv6") {
		ip, err := netip.ParseAddr(six)
		if err != nil || !ip.Is6() || ip.Zone() != "" {
			return "", bad
		}
		return "[IPv6:" + ip.String() + "]", nil
	}
	ip, err := netip.ParseAddr(inner)
	if err != nil || !ip.Is4() {
		return "", bad
	}
	return "[" + ip.String() + "]", nil
}

// IsZero reports whether a is the null reverse-path.
func (a Address) IsZero() bool { return a == Address{} }

// ASCII reports whether a can be sent without SMTPUTF8.
func (a Address) ASCII() bool { return isASCII(a.Local) }

// Literal returns the IP address when the domain is an address literal.
func (a Address) Literal() (netip.Addr, bool) {
	d, ok := strings.CutPrefix(a.Domain, "[")
	if !ok {
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(strings.TrimPrefix(strings.TrimSuffix(d, "]"), "IPv6:"))
	return ip, err == nil
}

// Key is the local part in the form that look-ups use: unquoted, lower case,
// NFC. Spellings that differ only in these reach the same mailbox.
func (a Address) Key() string {
	lower := true
	for i := 0; i < len(a.Local); i++ {
		c := a.Local[i]
		if c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			lower = false
			break
		}
	}
	if lower {
		return a.Local
	}
	// Composing may yield a letter that has a lower case of its own, hence twice.
	return norm.NFC.String(strings.ToLower(norm.NFC.String(strings.ToLower(a.Local))))
}

// Normal is a with its local part replaced by Key: equal for equal mailboxes.
func (a Address) Normal() Address { return Address{Local: a.Key(), Domain: a.Domain} }

// String writes a as SMTP wants it, the local part quoted where it must be. The
// null reverse-path gives "".
func (a Address) String() string {
	if a.Domain == "" {
		return a.quotedLocal()
	}
	return a.quotedLocal() + "@" + a.Domain
}

func (a Address) quotedLocal() string {
	if a.Local == "" || isDotString(a.Local) {
		return a.Local
	}
	var b strings.Builder
	b.Grow(len(a.Local) + 2)
	b.WriteByte('"')
	for i := 0; i < len(a.Local); i++ {
		if c := a.Local[i]; c == '"' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(a.Local[i])
	}
	b.WriteByte('"')
	return b.String()
}

func (a Address) wireLocal() int { return len(a.quotedLocal()) }

func isDotString(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '.':
			if i == 0 || i == len(s)-1 || s[i-1] == '.' {
				return false
			}
		case !isAtext(c) && c < utf8.RuneSelf:
			return false
		}
	}
	return s != ""
}

// isAtext is atext of RFC 5322 section 3.2.3.
func isAtext(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// IsUTF8Required reports whether err says that SMTPUTF8 is needed.
func IsUTF8Required(err error) bool { return errors.Is(err, ErrUTF8) }
