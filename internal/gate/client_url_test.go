package gate

import (
	"crypto/tls"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestClientURL(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		name, peer   string
		tls          bool
		proto, hosts []string
		want         string
	}{
		{"plain", "192.0.2.1:9", false, nil, nil, "http Own.example:81"},
		{"TLS", "192.0.2.1:9", true, nil, nil, "https Own.example:81"},
		{"a client's own claim", "192.0.2.1:9", false, []string{"https"}, []string{"other.example"}, "http Own.example:81"},
		{"proxy", "10.0.0.1:9", false, []string{"https"}, []string{"other.example:444"}, "https other.example:444"},
		{"proxy that says nothing", "10.0.0.1:9", true, nil, nil, "https Own.example:81"},
		{"TLS to the proxy's back only", "10.0.0.1:9", true, []string{"HTTP"}, nil, "http Own.example:81"},
		{"claim before the proxy's", "10.0.0.1:9", false, []string{"http, https"}, []string{"evil.example, other.example"}, "https other.example"},
		{"two headers", "10.0.0.1:9", false, []string{"http", "https"}, []string{"evil.example", "other.example"}, "https other.example"},
		{"rubbish", "10.0.0.1:9", false, []string{"gopher"}, []string{"a@b/c"}, "http Own.example:81"},
		{"empty", "10.0.0.1:9", false, []string{""}, []string{"other.example,"}, "http Own.example:81"},
		{"no address", "pipe", true, []string{"http"}, []string{"x"}, "https Own.example:81"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.RemoteAddr = "Own.example:81", c.peer
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		r.Header["X-Forwarded-Proto"], r.Header["X-Forwarded-Host"] = c.proto, c.hosts
		if scheme, host := ClientURL(r, trusted); scheme+" "+host != c.want {
			t.Errorf("%s: %s %s, want %s", c.name, scheme, host, c.want)
		}
	}
	for in, want := range map[string]string{"A.Example": "a.example", "a.example.:80": "a.example", "a.example.": "a.example", "[::1]:80": "::1", "": "", "a:b:c": "a:b:c"} {
		if got := HostName(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
