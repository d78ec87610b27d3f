package gate

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "192.0.2.1:99", nil, "192.0.2.1"},
		{"a client's own claim", "192.0.2.1:99", []string{"198.51.100.7"}, "192.0.2.1"},
		{"trusted proxy", "10.0.0.1:99", []string{"198.51.100.7"}, "198.51.100.7"},
		{"claim before the proxy", "10.0.0.1:99", []string{"203.0.113.5, 198.51.100.7"}, "198.51.100.7"},
		{"two proxies", "10.0.0.1:99", []string{"203.0.113.5, 198.51.100.7, 10.9.9.9"}, "198.51.100.7"},
		{"two headers", "10.0.0.1:99", []string{"203.0.113.5", "198.51.100.7"}, "198.51.100.7"},
		{"rubbish", "10.0.0.1:99", []string{"198.51.100.7, unknown"}, "10.0.0.1"},
		{"nothing named", "10.0.0.1:99", nil, "10.0.0.1"},
		{"all trusted", "10.0.0.1:99", []string{"10.0.0.3"}, "10.0.0.3"},
		{"mapped", "[::ffff:192.0.2.1]:99", nil, "192.0.2.1"},
		{"IPv6", "[fd00::1]:99", []string{"2001:db8::5"}, "2001:db8::5"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		r.Header["X-Forwarded-For"] = c.forwarded
		if got := ClientAddress(r, trusted); got != netip.MustParseAddr(c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
