package provision

import (
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/order"
)

// order finds the order that ref names, for an operation that takes its state.
func (u *unit) order(ref OrderRef, op operation) (*order.Order, error) {
	o, err := u.findOrder(ref)
	if err != nil {
		return nil, err
	}
	return o, u.checkOrder(o, op)
}

func (u *unit) checkOrder(o *order.Order, op operation) error {
	s := o.Status(u.now)
	if s == order.Purged {
		return errOrder
	}
	if !op.takesOrder(s) {
		return errOrderState
	}
	return u.admitOrder(op)
}

// findOrder finds an order of the actor in whatever state, purged included (T-07).
func (u *unit) findOrder(ref OrderRef) (*order.Order, error) {
	switch {
	case ref.ID != 0:
		return u.orderByID(ref.ID)
	case ref.Domain != "" && ref.CustomerID != "":
		return u.orderByDomain(strings.ToLower(strings.TrimSpace(ref.Domain)), strings.TrimSpace(ref.CustomerID))
	case ref.ServiceID != 0:
		return u.orderByID(ref.ServiceID)
	}
	return nil, errOrderUnnamed
}

func (u *unit) orderByID(id int64) (*order.Order, error) {
	if id < 0 {
		return nil, errOrder
	}
	o, err := u.tx.Order(u.ctx, id)
	if err != nil {
		return nil, err
	}
	if o == nil || !u.owns(o.PartnerID) {
		return nil, errOrder
	}
	ours, err := u.reaches(o)
	if err != nil {
		return nil, err
	}
	if !ours {
		return nil, errOrder
	}
	return o, u.enter(o.PartnerID)
}

// orderByDomain prefers the live order, then the newest.
func (u *unit) orderByDomain(domain, customerID string) (*order.Order, error) {
	if u.actor.PartnerID == 0 || !storable(domain) || !storable(customerID) {
		return nil, errOrder
	}
	orders, err := u.tx.OrdersByDomain(u.ctx, u.actor.PartnerID, strings.TrimSuffix(domain, "."))
	if err != nil {
		return nil, err
	}
	var found *order.Order
	for _, o := range orders {
		c, err := u.customerOf(o)
		if err != nil {
			return nil, err
		}
		ours, err := u.reaches(o)
		if err != nil {
			return nil, err
		}
		if c.CustomerID == customerID && ours && (found == nil || o.Live() || !found.Live()) {
			found = o
		}
	}
	if found == nil {
		return nil, errOrder
	}
	return found, nil
}

// liveSibling gives the partner's live order of a domain, of which there is at most one (T-11).
func (u *unit) liveSibling(partnerID int64, domain string) (*order.Order, error) {
	orders, err := u.tx.OrdersByDomain(u.ctx, partnerID, domain)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		if o.Live() {
			return o, nil
		}
	}
	return nil, nil
}

// account finds the account that ref names within its order, for an operation
// that takes both states. An address alone names the live account, then the
// newest of the deleted ones.
func (u *unit) account(ref AccountRef, op operation) (*order.Order, *account.Account, error) {
	o, err := u.order(ref.Order, op)
	if err != nil {
		return nil, nil, err
	}
	a, err := u.findAccount(o, ref)
	if err != nil {
		return nil, nil, err
	}
	s := a.Status(u.now)
	if s == account.Purged {
		return nil, nil, errAccount
	}
	if err := u.admitAccount(a); err != nil {
		return nil, nil, err
	}
	if !op.takesAccount(s) {
		return nil, nil, errAccountState
	}
	return o, a, nil
}

// findAccount finds an account of o in whatever state, purged included.
func (u *unit) findAccount(o *order.Order, ref AccountRef) (*account.Account, error) {
	email := strings.ToLower(strings.TrimSpace(ref.Email))
	if ref.AccountID != 0 {
		if ref.AccountID < 0 {
			return nil, errAccount
		}
		a, err := u.tx.Account(u.ctx, ref.AccountID)
		if err != nil {
			return nil, err
		}
		if a == nil || a.OrderID != o.ID || (email != "" && a.Email() != email) {
			return nil, errAccount
		}
		return a, nil
	}
	local, err := account.ParseEmail(email, o.Domain)
	if err != nil {
		return nil, errAccount // what can't be an address is no account's
	}
	accounts, err := u.tx.AccountsByEmail(u.ctx, local, o.Domain)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts { // live first, newest first
		if a.OrderID == o.ID {
			return a, nil
		}
	}
	return nil, errAccount
}
