package provision

import "context"

// PasswordHasher turns passwords into stored hashes. It is slow on purpose and
// bounded in parallel, so it is never called inside a transaction.
type PasswordHasher interface {
	// Hash gives a self-describing hash of password.
	Hash(ctx context.Context, password string) (string, error)
	// Verify reports whether password is the one that hash was made from. An
	// empty hash never verifies.
	Verify(ctx context.Context, password, hash string) (bool, error)
}
