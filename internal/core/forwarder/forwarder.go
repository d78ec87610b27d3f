// Package forwarder is the internal forwarding account: an address of an order
// without a mailbox, whose mail goes to other addresses (titan.md section 7.5).
package forwarder

import (
	"slices"
	"time"
)

// Limits.
const (
	MaxMembers      = 500            // of one forwarder
	MaxForwarders   = 500            // of one order
	MaxOrderMembers = 10_000         // of all forwarders of an order: what the deletion of one account may touch
	MaxNamed        = 2 * MaxMembers // addresses in one command
)

// Reasons why a forwarder or its members are refused.
const (
	ReasonNotInternal = "RECIPIENT_NOT_INTERNAL"
	ReasonForwarders  = "FORWARDER_LIMIT_REACHED"
	ReasonMembers     = "FORWARDER_MEMBER_LIMIT_REACHED"
)

// Forwarder is an address that forwards. One without members does not exist.
type Forwarder struct {
	ID        int64
	OrderID   int64
	PartnerID int64
	Local     string // lower-case local part
	Domain    string // the order's domain
	Members   []Member
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Member is one recipient: an address of a live account of the order, its own
// or an alias. A member without an account is an address elsewhere, or another
// forwarder of the order: Titan shows it and can't add it (T-35).
type Member struct {
	Email     string
	AccountID int64
}

// External reports whether the member is no account's.
func (m Member) External() bool { return m.AccountID == 0 }

// Email is the forwarder's address.
func (f *Forwarder) Email() string { return f.Local + "@" + f.Domain }

// Recipients gives the members' addresses in the order in which they were added.
func (f *Forwarder) Recipients() []string {
	out := make([]string, len(f.Members))
	for i, m := range f.Members {
		out[i] = m.Email
	}
	return out
}

// Accounts gives the accounts behind the members, each once, in their order.
func (f *Forwarder) Accounts() []int64 {
	out := make([]int64, 0, len(f.Members))
	seen := make(map[int64]bool, len(f.Members))
	for _, m := range f.Members {
		if !m.External() && !seen[m.AccountID] {
			seen[m.AccountID] = true
			out = append(out, m.AccountID)
		}
	}
	return out
}

// Has reports whether an address is a member.
func (f *Forwarder) Has(email string) bool {
	return slices.ContainsFunc(f.Members, func(m Member) bool { return m.Email == email })
}

// SameMembers compares as sets.
func (f *Forwarder) SameMembers(members []Member) bool {
	if len(members) != len(f.Members) {
		return false
	}
	for _, m := range members {
		if !f.Has(m.Email) {
			return false
		}
	}
	return true
}

// Add appends those that are not there yet and reports whether there were any.
func (f *Forwarder) Add(members []Member) bool {
	list := slices.Clone(f.Members)
	for _, m := range members {
		if !slices.ContainsFunc(list, func(have Member) bool { return have.Email == m.Email }) {
			list = append(list, m)
		}
	}
	changed := len(list) > len(f.Members)
	f.Members = list
	return changed
}

// Remove takes away the members for which fn is true and reports whether there were any.
func (f *Forwarder) Remove(fn func(Member) bool) bool {
	before := len(f.Members)
	f.Members = slices.DeleteFunc(slices.Clone(f.Members), fn)
	return len(f.Members) < before
}
