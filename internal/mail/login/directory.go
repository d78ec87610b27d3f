package login

import (
	"context"

	"posthouse/internal/core/provision"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
)

// Directory is what the core tells about who may log in.
type Directory interface {
	// LoginCandidates gives the accounts with that address that may log in
	// now, the preferred first: several orders of one domain may each have one.
	LoginCandidates(ctx context.Context, email string) ([]Candidate, error)
	// LoginAccount gives the account if it may log in now, else nil.
	LoginAccount(ctx context.Context, accountID int64) (*Candidate, error)
	// AccessChangesAfter gives the entries of the access-change log with
	// ID > after, oldest first, at most limit. IDs grow in commit order.
	AccessChangesAfter(ctx context.Context, after int64, limit int) ([]AccessChange, error)
	// LastAccessChange is the log's greatest ID, 0 when it is empty.
	LastAccessChange(ctx context.Context) (int64, error)
}

// Candidate is an account that may log in now.
type Candidate = routing.LoginCandidate

// AccessChange is an entry of the core's access-change log.
type AccessChange = work.AccessChange

var _ Directory = (*provision.Service)(nil)
