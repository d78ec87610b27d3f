package dnscheck

import (
	"net/netip"
	"strconv"
	"strings"
)

// maxSPF bounds a record that is read; RFC 7208 section 3.4 advises 450 octets.
const maxSPF = 8 << 10

// spfTerm is one directive.
type spfTerm struct {
	qualifier byte   // + - ~ ?
	name      string // all include a mx ptr ip4 ip6 exists
	spec      string // domain-spec in lower case, no trailing dot; "" = the record's own domain
	cidr      bool   // a prefix length was given
}

// spfRecord is a parsed v=spf1 text (RFC 7208 section 12).
type spfRecord struct {
	terms    []spfTerm
	redirect string
}

// isSPF reports whether a TXT value is an SPF record (RFC 7208 section 4.5).
func isSPF(text string) bool {
	const version = "v=spf1"
	return len(text) >= len(version) && strings.EqualFold(text[:len(version)], version) && (len(text) == len(version) || text[len(version)] == ' ')
}

// parseSPF reads a record; bad is the term that is not in the grammar.
func parseSPF(text string) (r spfRecord, bad string, ok bool) {
	if !isSPF(text) || len(text) > maxSPF {
		return r, "v=spf1", false
	}
	modifiers := map[string]bool{}
	for _, word := range strings.Split(text, " ")[1:] {
		if word == "" {
			continue
		}
		if name, value, is := modifier(word); is {
			if name == "redirect" || name == "exp" {
				if modifiers[name] || !domainSpec(value) {
					return r, word, false
				}
				modifiers[name] = true
			}
			if name == "redirect" {
				r.redirect = specName(value)
			}
			if !macroString(value) {
				return r, word, false
			}
			continue
		}
		t, is := directive(word)
		if !is {
			return r, word, false
		}
		r.terms = append(r.terms, t)
	}
	return r, "", true
}

// modifier reads name=value. A directive has a colon or a slash before any equals sign.
func modifier(word string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(word, "=")
	if !ok || name == "" || !letter(name[0]) {
		return "", "", false
	}
	for i := range len(name) {
		if c := name[i]; !letter(c) && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return "", "", false
		}
	}
	return strings.ToLower(name), value, true
}

func letter(c byte) bool { c |= 0x20; return c >= 'a' && c <= 'z' }

func directive(word string) (spfTerm, bool) {
	t := spfTerm{qualifier: '+'}
	if strings.IndexByte("+-~?", word[0]) >= 0 {
		t.qualifier, word = word[0], word[1:]
	}
	end := strings.IndexAny(word, ":/")
	if end < 0 {
		end = len(word)
	}
	rest := word[end:]
	t.name = strings.ToLower(word[:end])
	switch t.name {
	case "all":
		return t, rest == ""
	case "ip4", "ip6":
		return t, network(t.name, rest)
	case "a", "mx":
		spec, cidr := dualCIDR(rest)
		t.cidr = cidr != ""
		if !validCIDR(cidr) {
			return t, false
		}
		if spec == "" {
			return t, true
		}
		return withSpec(t, spec)
	case "ptr":
		if rest == "" {
			return t, true
		}
		return withSpec(t, rest)
	case "include", "exists":
		return withSpec(t, rest)
	}
	return t, false
}

func withSpec(t spfTerm, rest string) (spfTerm, bool) {
	spec, ok := strings.CutPrefix(rest, ":")
	t.spec = specName(spec)
	return t, ok && domainSpec(spec)
}

func specName(spec string) string { return strings.ToLower(strings.TrimSuffix(spec, ".")) }

// dualCIDR splits ":spec/24//64". A slash inside of a macro belongs to the spec.
func dualCIDR(rest string) (spec, cidr string) {
	from := strings.LastIndexByte(rest, '}') + 1
	if i := strings.IndexByte(rest[from:], '/'); i >= 0 {
		return rest[:from+i], rest[from+i:]
	}
	return rest, ""
}

func validCIDR(cidr string) bool {
	if cidr == "" {
		return true
	}
	four, six, both := strings.Cut(cidr, "//")
	if both && !prefixLength(six, 128) {
		return false
	}
	if four == "" {
		return both
	}
	return four[0] == '/' && prefixLength(four[1:], 32)
}

func prefixLength(s string, most int) bool {
	n, err := strconv.ParseUint(s, 10, 8)
	return err == nil && int(n) <= most && (s == "0" || s[0] != '0') && s[0] != '+'
}

func network(family, rest string) bool {
	text, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return false
	}
	address, length, has := strings.Cut(text, "/")
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Zone() != "" || ip.Is4() != (family == "ip4") {
		return false
	}
	return !has || prefixLength(length, ip.BitLen())
}

// domainSpec is a name with at least one dot, or one that ends in a macro.
func domainSpec(s string) bool {
	if s == "" || len(s) > 253 || !macroString(s) {
		return false
	}
	if strings.HasSuffix(s, "}") {
		return true
	}
	s = strings.TrimSuffix(s, ".")
	last := s[strings.LastIndexByte(s, '.')+1:]
	return last != s && last != "" && !strings.ContainsAny(last, "%/") && strings.Trim(last, "0123456789") != ""
}

// macroString is RFC 7208 section 7.1: visible ASCII, % only as a macro.
func macroString(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < 0x21 || c > 0x7e {
			return false
		}
		if c != '%' {
			continue
		}
		if i+1 == len(s) {
			return false
		}
		i++
		switch s[i] {
		case '%', '_', '-':
		case '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 || !macro(s[i+1:i+end]) {
				return false
			}
			i += end
		default:
			return false
		}
	}
	return true
}

func macro(s string) bool {
	if s == "" || strings.IndexByte("slodiphcrtvSLODIPHCRTV", s[0]) < 0 {
		return false
	}
	s = strings.TrimLeft(s[1:], "0123456789")
	if s != "" && (s[0] == 'r' || s[0] == 'R') {
		s = s[1:]
	}
	return strings.Trim(s, ".-+,/_=") == ""
}
