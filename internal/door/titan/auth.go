package titan

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"posthouse/internal/fault"
)

// maxKey bounds what is looked up as an API key.
const maxKey = 512

// apiKey gives the raw key of the Authorization header (titan.md section 3): no
// scheme word, so "Bearer <key>" is simply an unknown key.
func apiKey(h http.Header) (string, error) {
	keys := h.Values("Authorization")
	if len(keys) == 0 || len(keys) == 1 && strings.TrimSpace(keys[0]) == "" {
		return "", &wireFault{
			code: codeUnauthenticated, status: http.StatusUnauthorized,
			desc: "No auth header found", detail: "Auth header missing",
		}
	}
	if len(keys) > 1 || len(keys[0]) > maxKey {
		return "", fault.New(fault.Unauthenticated, "Invalid API key")
	}
	return strings.TrimSpace(keys[0]), nil
}

// clientAddress is the peer, or, when the peer is a trusted proxy, the last
// address of X-Forwarded-For that is not one: what stands before it is the
// client's own claim.
func clientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !within(trusted, addr) {
			return addr
		}
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return addr
		}
		addr = next.Unmap().WithZone("")
	}
	return addr
}

func within(prefixes []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}
