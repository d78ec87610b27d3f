package work

import (
	"context"
	"time"

	"posthouse/internal/core/account"
)

// MailUserTx reads and writes what the mailbox operations of resellerclub.md
// section 9 need besides the accounts.
type MailUserTx interface {
	// AddressesAfter gives an order's taken addresses whose local part sorts after
	// one, in that order, at most limit.
	AddressesAfter(ctx context.Context, orderID int64, after string, limit int) ([]*account.Address, error)

	// PasswordGuesses gives until when failed attempts at an address's password
	// count, the zero time when there are none.
	PasswordGuesses(ctx context.Context, orderID int64, local string) (time.Time, error)
	// PutPasswordGuesses replaces it; the zero time forgets.
	PutPasswordGuesses(ctx context.Context, orderID int64, local string, until time.Time) error
	ForgetPasswordGuesses(ctx context.Context, before time.Time) error

	// OrderContact is who is told about an order instead of its customer, "" for nobody.
	OrderContact(ctx context.Context, orderID int64) (string, error)
	// PutOrderContact replaces it.
	PutOrderContact(ctx context.Context, orderID int64, email string) error
}
