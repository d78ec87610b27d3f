package work

import (
	"context"
	"time"

	"posthouse/internal/core/reseller"
)

// ResellerTx is the rows of the reseller tree.
type ResellerTx interface {
	// InsertReseller appends the new ID to Path, which holds those above.
	InsertReseller(ctx context.Context, r *reseller.Reseller) error
	UpdateReseller(ctx context.Context, r *reseller.Reseller) error
	Reseller(ctx context.Context, id int64) (*reseller.Reseller, error)
	// RootReseller gives the one without a parent.
	RootReseller(ctx context.Context, partnerID int64) (*reseller.Reseller, error)
	ResellerByUsername(ctx context.Context, partnerID int64, username string) (*reseller.Reseller, error)
	// ResellersBelow gives r and everyone below, by ID.
	ResellersBelow(ctx context.Context, r *reseller.Reseller) ([]*reseller.Reseller, error)
	CountResellers(ctx context.Context, f ResellerFilter) (int, error)
	// FindResellers gives a page of them, by ID.
	FindResellers(ctx context.Context, f ResellerFilter) ([]*reseller.Reseller, error)
	InsertResellerKey(ctx context.Context, k *reseller.Key) error
	UpdateResellerKey(ctx context.Context, k *reseller.Key) error // ExpiresAt and RevokedAt
	ResellerKeys(ctx context.Context, resellerID int64) ([]*reseller.Key, error)
	ResellerKeyByHash(ctx context.Context, lookupHash []byte) (*reseller.Key, error)
}

// ResellerFilter selects resellers. Empty fields do not restrict. In texts, %
// stands for any text, and letters are compared without regard to case.
type ResellerFilter struct {
	PartnerID     int64 // of the operator; 0 = any
	Under         int64 // this reseller and those below it
	IDs           []int64
	ParentIDs     []int64
	Username      string
	Name          string
	Company       string
	Statuses      []reseller.Status
	CreatedAfter  *time.Time
	CreatedBefore *time.Time
	Offset, Limit int // Limit 0 = as many as a page may have

	Path []int64 // set here: of whom Under names
}
