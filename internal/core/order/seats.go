package order

import (
	"posthouse/internal/core/plan"
	"posthouse/internal/fault"
)

// MaxSeats bounds what one order can have.
const MaxSeats = 1_000_000

// Reasons of refusals about seats (titan.md section 7.4).
const (
	ReasonAccountLimit  = "ACCOUNT_LIMIT_REACHED"
	ReasonAccountsInUse = "ACCOUNTS_IN_USE"
	ReasonNoAccounts    = "NO_ACCOUNTS" // fewer than one
)

// CheckSeats refuses a purchased total that can't be.
func CheckSeats(n int) error {
	if n >= 1 && n <= MaxSeats {
		return nil
	}
	f := fault.Newf(fault.Invalid, "The number of accounts must be from 1 to %d", MaxSeats)
	if n < 1 {
		f = f.WithReason(ReasonNoAccounts)
	}
	return f
}

// TakesSeat refuses one more account when all seats are taken.
func (o *Order) TakesSeat(c Counters) error {
	if c.Provisioned >= o.Seats {
		return fault.New(fault.Conflict, "The order's account limit is reached").WithReason(ReasonAccountLimit)
	}
	return nil
}

// ReducesTo refuses a total below the accounts that exist.
func (c Counters) ReducesTo(seats int) error {
	if c.Provisioned > seats {
		return fault.New(fault.Conflict, "More accounts exist than the new number of accounts").WithReason(ReasonAccountsInUse)
	}
	return nil
}

// Billable is the number of seats that are charged (T-45).
func (o *Order) Billable(catalogue plan.Catalogue) int {
	if catalogue[o.Plan].Paid {
		return o.Seats
	}
	return 0
}
