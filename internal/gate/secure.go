package gate

import (
	"net/http"
	"net/netip"
)

// Secure reports whether the client speaks TLS: with us, or with a trusted
// proxy that says so.
func Secure(r *http.Request, trusted []netip.Prefix) bool {
	if r.TLS != nil {
		return true
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !within(trusted, peer.Addr().Unmap().WithZone("")) {
		return false
	}
	said := r.Header.Values("X-Forwarded-Proto")
	return len(said) == 1 && said[0] == "https"
}
