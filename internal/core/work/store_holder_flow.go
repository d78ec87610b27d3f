package work

import (
	"context"
	"time"

	"posthouse/internal/core/customer"
)

// HolderFlowTx is the rows of account holders' password and e-mail flows, and of
// their profiles (basekit.md 5.8 to 5.11, 5.13).
type HolderFlowTx interface {
	InsertHolderRequest(ctx context.Context, r *HolderRequest) error
	HolderRequest(ctx context.Context, id int64) (*HolderRequest, error)
	// EndHolderRequest notes that it was answered.
	EndHolderRequest(ctx context.Context, id int64) error
	// CountHolderRequests counts those for r's name, and all of its partner, since a
	// time; no further than limit.
	CountHolderRequests(ctx context.Context, r *HolderRequest, since time.Time, limit int) (named, all int, err error)
	// ForgetHolderRequests removes those that were made before that time.
	ForgetHolderRequests(ctx context.Context, before time.Time) error

	// PutHolderToken keeps a token, in the place of an older one.
	PutHolderToken(ctx context.Context, t *HolderToken) error
	HolderToken(ctx context.Context, customerID int64, p HolderPurpose) (*HolderToken, error)
	// HolderTokenByHash gives none that is void.
	HolderTokenByHash(ctx context.Context, hash []byte) (*HolderToken, error)
	// DropHolderTokens makes a customer's tokens void: of one purpose, or with "" all.
	// They go on counting mails, without Email, as expired since CountedFrom.
	DropHolderTokens(ctx context.Context, customerID int64, p HolderPurpose) error
	// ForgetHolderTokens removes those that expired before that time.
	ForgetHolderTokens(ctx context.Context, before time.Time) error

	InsertHolderProfile(ctx context.Context, p *customer.Profile) error
	UpdateHolderProfile(ctx context.Context, p *customer.Profile) error
	HolderProfile(ctx context.Context, id int64) (*customer.Profile, error)
	// HolderProfiles gives a customer's, oldest first.
	HolderProfiles(ctx context.Context, customerID int64) ([]*customer.Profile, error)
	// DeleteHolderProfile removes one, DeleteHolderProfiles all of a customer.
	DeleteHolderProfile(ctx context.Context, id int64) error
	DeleteHolderProfiles(ctx context.Context, customerID int64) error
}

// HolderRequest is a forgotten password: by a user name or by an e-mail address,
// both in lower case, of which one is "". CreatedAt is the platform's time.
type HolderRequest struct {
	ID        int64
	PartnerID int64
	Username  string
	Email     string
	Link      string
	RequestID string
	Done      bool
	CreatedAt time.Time
}

// HolderPurpose is what a token is good for.
type HolderPurpose string

// The purposes.
const (
	ResetPassword HolderPurpose = "password"
	VerifyEmail   HolderPurpose = "verification"
)

// HolderToken is mailed to a customer's address, and good once, as long as that
// is the address. ExpiresAt is the partner's time, CountedFrom the platform's.
type HolderToken struct {
	CustomerID  int64
	Purpose     HolderPurpose
	PartnerID   int64
	Email       string
	Hash        []byte // SHA-256 of the whole
	Mails       int    // mailed since CountedFrom
	CountedFrom time.Time
	ExpiresAt   time.Time
}
