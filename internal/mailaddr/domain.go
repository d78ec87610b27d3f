package mailaddr

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"posthouse/internal/fault"
)

// maxRawDomain bounds what is looked at before a domain is refused: a domain of
// 255 octets in A-labels is never longer than this in UTF-8.
const maxRawDomain = 1020

// errIDN is the fault of an internationalised domain name, which the provisioning
// contracts refuse (titan.md operation 2).
var errIDN = fault.New(fault.InvalidDomain, "Internationalised domain names are not served").WithReason("IDN")

func invalidDomain(text string) error { return fault.New(fault.InvalidDomain, text) }

// ParseDomain reads the name of a domain to be served and returns it in lower
// case without the trailing dot, which is accepted. Single labels, IP addresses
// and anything that is no host name are refused with fault.InvalidDomain;
// non-ASCII names and "xn--" labels with the reason IDN.
func ParseDomain(s string) (string, error) {
	if len(s) > maxRawDomain {
		return "", invalidDomain("The domain name is too long")
	}
	if !isASCII(s) {
		if !utf8.ValidString(s) {
			return "", invalidDomain("The domain name is not UTF-8")
		}
		return "", errIDN
	}
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	if err := checkHost(s); err != nil {
		return "", err
	}
	if !strings.Contains(s, ".") {
		return "", invalidDomain("The domain name has a single label")
	}
	if strings.HasPrefix(s, "xn--") || strings.Contains(s, ".xn--") {
		return "", errIDN
	}
	return s, nil
}

// mailDomain reads the domain of a mailbox. A single label is accepted, a
// trailing dot is not; U-labels become A-labels.
func mailDomain(s string, utf8Allowed bool) (string, error) {
	if s == "" {
		return "", invalid("The address has no domain")
	}
	if len(s) > maxRawDomain {
		return "", invalid("The domain is longer than 255 octets")
	}
	if !isASCII(s) {
		if !utf8.ValidString(s) {
			return "", invalid("The domain is not UTF-8")
		}
		if !utf8Allowed {
			return "", ErrUTF8
		}
		var err error
		if s, err = idna.Lookup.ToASCII(s); err != nil {
			return "", invalid("The domain is not a valid internationalised name")
		}
	}
	s = strings.ToLower(s)
	if err := checkHost(s); err != nil {
		return "", invalid(fault.Of(err).Text)
	}
	return s, nil
}

// checkHost accepts lower-case LDH names (RFC 1123 section 2.1) of at most 253
// octets whose last label is not a number, so that no IP address passes.
func checkHost(s string) error {
	if s == "" {
		return invalidDomain("The domain name is empty")
	}
	if len(s) > 253 {
		return invalidDomain("The domain name is too long")
	}
	last, start := "", 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return invalidDomain("The domain name holds a character that is not allowed")
			}
			continue
		}
		last = s[start:i]
		start = i + 1
		switch {
		case last == "":
			return invalidDomain("The domain name has an empty label")
		case len(last) > 63:
			return invalidDomain("The domain name has a label of more than 63 octets")
		case last[0] == '-' || last[len(last)-1] == '-':
			return invalidDomain("A label of the domain name begins or ends with a hyphen")
		}
	}
	if strings.Trim(last, "0123456789") == "" {
		return invalidDomain("The domain name ends in a number")
	}
	return nil
}
