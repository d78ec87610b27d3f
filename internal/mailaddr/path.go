package mailaddr

import "strings"

// ParseReversePath reads the path of MAIL FROM at the start of s and returns
// what follows its ">". The null path "<>" gives the zero Address.
func ParseReversePath(s string, opts ...Option) (a Address, rest string, err error) {
	if strings.HasPrefix(s, "<>") {
		return Address{}, s[2:], nil
	}
	return parsePath(s, opts)
}

// ParseForwardPath reads the path of RCPT TO at the start of s and returns what
// follows its ">". "<postmaster>" in any case (RFC 5321 section 4.5.1) gives an
// Address without a domain.
func ParseForwardPath(s string, opts ...Option) (a Address, rest string, err error) {
	const postmaster = "<postmaster>"
	if len(s) >= len(postmaster) && strings.EqualFold(s[:len(postmaster)], postmaster) {
		return Address{Local: s[1 : len(postmaster)-1]}, s[len(postmaster):], nil
	}
	return parsePath(s, opts)
}

// maxRoute bounds a source route, which is ignored (RFC 5321 appendix C).
const maxRoute = 1024

func parsePath(s string, opts []Option) (a Address, rest string, err error) {
	s, ok := strings.CutPrefix(s, "<")
	if !ok {
		return Address{}, "", invalid("The path does not begin with <")
	}
	if strings.HasPrefix(s, "@") {
		if s, err = skipRoute(s); err != nil {
			return Address{}, "", err
		}
	}
	if a, rest, err = parseMailbox(s, has(opts, AllowUTF8)); err != nil {
		return Address{}, "", err
	}
	if rest, ok = strings.CutPrefix(rest, ">"); !ok {
		return Address{}, "", invalid("The path does not end with >")
	}
	return a, rest, nil
}

// skipRoute drops an A-d-l and its colon.
func skipRoute(s string) (string, error) {
	bad := invalid("The source route is malformed")
	end := strings.IndexByte(s[:min(len(s), maxRoute)], ':')
	if end < 0 {
		return "", bad
	}
	for hop := range strings.SplitSeq(s[:end], ",") {
		domain, ok := strings.CutPrefix(hop, "@")
		if !ok || checkHost(strings.ToLower(domain)) != nil {
			return "", bad
		}
	}
	return s[end+1:], nil
}
