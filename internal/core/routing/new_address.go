package routing

import (
	"posthouse/internal/core/account"
	"posthouse/internal/fault"
)

// ErrTaken is the refusal of an address in use.
func ErrTaken(kind account.AddressKind) error {
	return fault.New(fault.Conflict, "The address is in use").WithReason(account.TakenReason(kind))
}

// AtAddress is a fault about one address among those that a command names.
type AtAddress struct {
	Email string // as it is written here
	Err   error
}

// Error gives the fault's text.
func (e *AtAddress) Error() string { return e.Err.Error() }

// Unwrap gives the fault.
func (e *AtAddress) Unwrap() error { return e.Err }
