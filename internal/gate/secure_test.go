package gate

import (
	"crypto/tls"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestSecure(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		peer string
		said []string
		tls  bool
		want bool
	}{
		{"192.0.2.1:5", nil, true, true},
		{"192.0.2.1:5", []string{"https"}, false, false}, // anybody may write that
		{"10.0.0.1:5", []string{"https"}, false, true},
		{"10.0.0.1:5", []string{"http"}, false, false},
		{"10.0.0.1:5", []string{"https", "http"}, false, false},
		{"10.0.0.1:5", nil, false, false},
		{"@", []string{"https"}, false, false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-Proto"] = c.peer, c.said
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if got := Secure(r, trusted); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
