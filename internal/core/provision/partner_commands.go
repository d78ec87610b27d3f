package provision

import (
	"net/netip"
	"time"

	"posthouse/internal/core/partner"
)

// CreatePartner makes a tenant with a first key.
type CreatePartner struct {
	Name            string
	Sandbox         bool
	AllowedNetworks []netip.Prefix
	Settings        partner.Settings
}

// RotateKey adds a key; the present one stays valid for Overlap.
type RotateKey struct {
	PartnerID int64
	Overlap   *time.Duration // nil = Settings.KeyOverlap
}

// PartnerDetails is a partner with its keys, newest first, without secrets.
type PartnerDetails struct {
	Partner *partner.Partner
	Keys    []*partner.Key
}
