package provision

import (
	"slices"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
)

// The holder of a session, and a reseller, acts in its partner's name within an audit.Limit. What
// it may do is refused unless it is named here: a unit that admitted nothing of
// the holder's own fails as a whole, whatever it found otherwise.

// sessionMay is what the holder of a session may do with an order of its own. A
// page that needs another operation adds it here.
var sessionMay = map[suspension.Role][]operation{
	suspension.RoleAccountAdmin: {
		opRead, opStartPurchase, opCreateAccount, opModifyAccount, opSuspendAccount, opUnsuspendAccount, opDeleteAccount,
		opReactivateAccount, opAddAlias, opRemoveAlias, opResetPassword, opClearSessions, opCreateForwarder, opAddMembers,
		opRemoveMembers, opDeleteForwarder, opSetCatchAll, opRemoveCatchAll,
	},
	suspension.RoleAccount: {opRead},
}

var errNotYours = fault.New(fault.Forbidden, "This session may not do that").WithReason("SESSION_LIMIT")

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

// reaches reports whether an order exists for the actor as far as its limit goes.
func (u *unit) reaches(o *order.Order) (bool, error) {
	l := u.actor.Limit
	if l.ResellerID != 0 {
		c, err := u.customerOf(o)
		if err != nil {
			return false, err
		}
		return u.inTree(c)
	}
	return (l.OrderID == 0 || l.OrderID == o.ID) && (l.CustomerID == 0 || l.CustomerID == o.CustomerID), nil
}

// admitOrder lets an operation on an order through. Who is limited to one
// account is let through by admitAccount.
func (u *unit) admitOrder(op operation) error {
	if u.actor.Limit.None() {
		return nil
	}
	if u.actor.Limit.ResellerID != 0 {
		u.admitted = true
		return nil
	}
	if !slices.Contains(sessionMay[u.actor.Role], op) {
		return errNotYours
	}
	u.admitted = u.admitted || u.actor.Limit.AccountID == 0
	return nil
}

// admitAccount is for an account of an order that was admitted.
func (u *unit) admitAccount(a *account.Account) error {
	switch u.actor.Limit.AccountID {
	case 0:
	case a.ID:
		u.admitted = true
	default:
		return errAccount
	}
	return nil
}

// admitCustomer lets who may see all orders of a customer list them.
func (u *unit) admitCustomer(c *customer.Customer) error {
	l := u.actor.Limit
	if l.None() {
		return nil
	}
	if l.ResellerID != 0 {
		in, err := u.inTree(c)
		if err == nil && !in {
			err = errCustomer
		}
		u.admitted = u.admitted || in
		return err
	}
	if l != (audit.Limit{CustomerID: c.ID}) {
		return errCustomer
	}
	u.admitted = true
	return nil
}

// checkAdmitted ends every unit.
func (u *unit) checkAdmitted() error {
	if !u.actor.Limit.None() && !u.admitted {
		return errNotYours
	}
	return nil
}
