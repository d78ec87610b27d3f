// Package gate is what every HTTP door is given to serve with, and asks about a
// caller before anything else: where the request comes from and how many there
// have been.
package gate

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ClientAddress is the peer, or, when the peer is a trusted proxy, the last
// address of X-Forwarded-For that is not one: what stands before it is the
// client's own claim.
func ClientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
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
