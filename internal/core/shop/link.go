package shop

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"posthouse/internal/fault"
)

// maxLink bounds a caller's link: mail programs cut longer ones.
const maxLink = 2000

var (
	errLink     = fault.New(fault.Invalid, "It is not an https address without user name and fragment").WithReason("LINK_INVALID")
	errLinkHost = fault.New(fault.Invalid, "Its host is not one of those that are registered for the brand").WithReason("LINK_HOST")
)

// CheckLink judges an address that a mail of ours is to lead to (basekit.md 5.8,
// B-11) and gives it as it came: https, with plain also http; a host name, none
// that a browser takes for an address, no Unicode (an A-label only on a registered host); no user, no fragment. hosts are
// those that it may be on; none = any.
func CheckLink(raw string, hosts []string, plain bool) (string, error) {
	if raw == "" || len(raw) > maxLink || strings.ContainsFunc(raw, notInLink) {
		return "", errLink
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !plain) {
		return "", errLink
	}
	// Nothing may be read otherwise by somebody else: the scheme, two slashes and
	// the host as it was parsed.
	if rest, ok := cutPrefixFold(raw, u.Scheme+"://"+u.Host); !ok || rest != "" && rest[0] != '/' && rest[0] != '?' {
		return "", errLink
	}
	host := strings.ToLower(u.Hostname())
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", errLink
		}
	} else if strings.HasSuffix(u.Host, ":") {
		return "", errLink
	}
	if local := plain && (host == "localhost" || host == "127.0.0.1"); !local && !linkHost(host) {
		return "", errLink
	}
	registered := slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, host) })
	switch {
	case len(hosts) > 0 && !registered:
		return "", errLinkHost
	case !registered && strings.Contains("."+host, ".xn--"):
		return "", errLink // a name in another script may look like another one
	}
	return raw, nil
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}

// notInLink are characters that no address holds as they are (RFC 3986), and
// those that mislead: "@" and "#".
func notInLink(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}@#", r)
}

// linkHost reports whether a lower-case host is a name of two labels or more
// that no reader takes for an IP address: "0x7f.1" is one in browsers.
func linkHost(host string) bool {
	labels := strings.Split(host, ".")
	if len(host) > 253 || len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' ||
			strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

// WithParameter adds a query parameter to a link that CheckLink took. The query
// that it has stays as it is. name and value need no escaping.
func WithParameter(link, name, value string) string {
	_, query, some := strings.Cut(link, "?")
	switch {
	case !some:
		link += "?"
	case query != "" && !strings.HasSuffix(query, "&"):
		link += "&"
	}
	return link + name + "=" + value
}
