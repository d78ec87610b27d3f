package partner

import (
	"net/netip"
	"time"
)

// ValidAt reports whether a key authenticates at now.
func (k *Key) ValidAt(now time.Time) bool {
	return k.RevokedAt == nil && (k.ExpiresAt == nil || now.Before(*k.ExpiresAt))
}

// Allows reports whether the partner's keys may be used from an address: any,
// when no network is listed (T-05).
func (p *Partner) Allows(remote netip.Addr) bool { return allows(p.AllowedNetworks, remote) }

// Allows is the same of one API user; the partner's list counts besides.
func (a *APIUser) Allows(remote netip.Addr) bool { return allows(a.AllowedNetworks, remote) }

func allows(networks []netip.Prefix, remote netip.Addr) bool {
	if len(networks) == 0 {
		return true
	}
	remote = remote.Unmap().WithZone("")
	for _, n := range networks {
		if n.Contains(remote) {
			return true
		}
	}
	return false
}

// Valid reports whether b is one of the two owners, or unset.
func (b BillingOwner) Valid() bool {
	return b == "" || b == BilledByPartner || b == BilledByPlatform
}
