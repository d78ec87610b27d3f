package webhook

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"posthouse/internal/fault"
)

const maxURL = 2048

// Policy is what the installation allows of URLs.
type Policy struct {
	PlainHTTP bool // http:// too
	// Address refuses literal addresses early; the dispatcher checks every
	// address that it dials all the same. nil = all pass here.
	Address func(netip.Addr) error
}

// CheckURL gives the URL in the form that is kept.
func (p Policy) CheckURL(raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	bad := func(text string) (string, error) { return "", fault.New(fault.Invalid, text) }
	if raw == "" || len(raw) > maxURL {
		return bad("The webhook's URL is missing or too long")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "" || strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return bad("The webhook's URL is not valid")
	case u.Scheme != "https" && u.Scheme != "http":
		return bad("The webhook's URL must begin with https://")
	case u.Scheme == "http" && !p.PlainHTTP:
		return bad("The webhook's URL must begin with https://")
	case u.User != nil:
		return bad("The webhook's URL must not hold credentials; set the header's value")
	case u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return bad("The webhook's URL must not hold a fragment")
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return bad("The webhook's URL names no valid port")
		}
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && p.Address != nil {
		if p.Address(addr) != nil {
			return "", fault.New(fault.Invalid, "Webhooks are not sent to this address").WithReason("ADDRESS_NOT_ALLOWED")
		}
	}
	return u.String(), nil
}

// reserved are headers that the delivery sets itself or that steer the connection.
var reserved = map[string]bool{
	"host": true, "content-type": true, "content-length": true, "transfer-encoding": true, "connection": true, "keep-alive": true,
	"upgrade": true, "te": true, "trailer": true, "expect": true, "user-agent": true, "accept-encoding": true, "cookie": true,
	"webhook-id": true, "webhook-timestamp": true, "webhook-signature": true, "x-delivery-hmac-sha256": true,
}

// CheckHeader checks a header's name and a value for it.
func CheckHeader(name, value string) error {
	if len(name) > 64 || reserved[strings.ToLower(name)] || strings.HasPrefix(strings.ToLower(name), "proxy-") {
		return fault.Newf(fault.Invalid, "The header %q can't be used", clip(name, 64))
	}
	for i := range len(name) {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return fault.New(fault.Invalid, "The header's name is not valid")
		}
	}
	if len(value) > 1024 || strings.TrimSpace(value) != value || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
		return fault.New(fault.Invalid, "The header's value is not valid")
	}
	return nil
}

func clip(s string, n int) string { return strings.ToValidUTF8(s[:min(len(s), n)], "") }
