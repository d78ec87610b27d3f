package gate

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ClientURL gives scheme and host, with the port if there was one, of the URL
// that the client asked for. A trusted proxy says in X-Forwarded-Proto and
// X-Forwarded-Host what that was; of several values the last is its own, those
// before it may be the client's.
func ClientURL(r *http.Request, trusted []netip.Prefix) (scheme, host string) {
	scheme, host = "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !within(trusted, peer.Addr().Unmap().WithZone("")) {
		return scheme, host
	}
	if said := strings.ToLower(lastOf(r.Header.Values("X-Forwarded-Proto"))); said == "http" || said == "https" {
		scheme = said
	}
	if said := lastOf(r.Header.Values("X-Forwarded-Host")); said != "" && !strings.ContainsAny(said, "/\\@?# \t") {
		host = said
	}
	return scheme, host
}

func lastOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}

// HostName is the name alone: in lower case, without port and trailing dot.
func HostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
