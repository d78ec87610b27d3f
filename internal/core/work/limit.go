package work

import (
	"slices"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
)

// The holder of a session, and a reseller, acts in its partner's name within an
// audit.Limit. What it may do is refused unless it is named here: a unit that
// admitted nothing of the holder's own fails as a whole, whatever it found
// otherwise.

// sessionMay is what the holder of a session may do with an order of its own. A
// page that needs another operation adds it here.
var sessionMay = map[suspension.Role][]Operation{
	suspension.RoleAccountAdmin: {
		OpRead, OpStartPurchase, OpCreateAccount, OpModifyAccount, OpSuspendAccount, OpUnsuspendAccount, OpDeleteAccount,
		OpReactivateAccount, OpAddAlias, OpRemoveAlias, OpResetPassword, OpClearSessions, OpCreateForwarder, OpAddMembers,
		OpRemoveMembers, OpDeleteForwarder, OpSetCatchAll, OpRemoveCatchAll,
	},
	suspension.RoleAccount: {OpRead},
}

// ErrNotYours refuses what a session, or a reseller, may not do or see.
var ErrNotYours = fault.New(fault.Forbidden, "This session may not do that").WithReason("SESSION_LIMIT")

// checkLimit refuses a limit on a role that no session has. A reseller acts with
// the role of its partner, on what is in its tree.
func checkLimit(a audit.Actor) error {
	if a.Limit.ResellerID != 0 {
		if a.Role != suspension.RolePartner || a.Limit != (audit.Limit{ResellerID: a.Limit.ResellerID}) {
			return fault.New(fault.Forbidden, "The caller has no role")
		}
		return nil
	}
	if _, session := sessionMay[a.Role]; !session && !a.Limit.None() {
		return fault.New(fault.Forbidden, "The caller has no role")
	}
	return nil
}

// Reaches reports whether an order exists for the actor as far as its limit goes.
func (u *Unit) Reaches(o *order.Order) (bool, error) {
	l := u.Actor.Limit
	if l.ResellerID != 0 {
		c, err := u.CustomerOf(o)
		if err != nil {
			return false, err
		}
		return u.InTree(c)
	}
	return (l.OrderID == 0 || l.OrderID == o.ID) && (l.CustomerID == 0 || l.CustomerID == o.CustomerID), nil
}

// AdmitOrder lets an operation on an order through. Who is limited to one
// account is let through by AdmitAccount.
func (u *Unit) AdmitOrder(op Operation) error {
	if u.Actor.Limit.None() {
		return nil
	}
	if u.Actor.Limit.ResellerID != 0 {
		u.admitted = true
		return nil
	}
	if !slices.Contains(sessionMay[u.Actor.Role], op) {
		return ErrNotYours
	}
	u.admitted = u.admitted || u.Actor.Limit.AccountID == 0
	return nil
}

// AdmitAccount is for an account of an order that was admitted.
func (u *Unit) AdmitAccount(a *account.Account) error {
	switch u.Actor.Limit.AccountID {
	case 0:
	case a.ID:
		u.admitted = true
	default:
		return ErrAccount
	}
	return nil
}

// AdmitCustomer lets who may see all orders of a customer list them.
func (u *Unit) AdmitCustomer(c *customer.Customer) error {
	l := u.Actor.Limit
	if l.None() {
		return nil
	}
	if l.ResellerID != 0 {
		in, err := u.InTree(c)
		if err == nil && !in {
			err = ErrCustomer
		}
		u.admitted = u.admitted || in
		return err
	}
	if l != (audit.Limit{CustomerID: c.ID}) {
		return ErrCustomer
	}
	u.admitted = true
	return nil
}

// checkAdmitted ends every unit.
func (u *Unit) checkAdmitted() error {
	if !u.Actor.Limit.None() && !u.admitted {
		return ErrNotYours
	}
	return nil
}
