package work

import (
	"context"
	"time"

	"posthouse/internal/core/dnsrecord"
)

// DNSTx keeps what was found of domains, and what is made up for sandboxes.
type DNSTx interface {
	// DNSCheck gives an order's last check, nil when there was none.
	DNSCheck(ctx context.Context, orderID int64) (*DNSCheck, error)
	PutDNSCheck(ctx context.Context, c *DNSCheck) error

	// SandboxDNS gives a sandbox partner's answers, nil when it never gave any.
	SandboxDNS(ctx context.Context, partnerID int64) (*SandboxDNS, error)
	PutSandboxDNS(ctx context.Context, d *SandboxDNS) error
	DeleteSandboxDNS(ctx context.Context, partnerID int64) (removed bool, err error)

	// UpdateDKIMKey writes Sealed and the times of a key.
	UpdateDKIMKey(ctx context.Context, k *DKIMKey) error
}

// DNSCheck is what was found of an order's domain.
type DNSCheck struct {
	OrderID    int64
	Found      dnsrecord.Found
	CheckedAt  time.Time
	VerifiedAt *time.Time // MX and SPF were right for the first time (T-40)
	ToldAt     *time.Time // the customer was told that they are not
}

// SandboxDNS is the whole DNS of a sandbox partner's orders.
type SandboxDNS struct {
	PartnerID int64
	Records   []dnsrecord.Answer
	UpdatedAt time.Time
}
