package work

import (
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/order"
)

// Order finds the order that ref names, for an operation that takes its state.
func (u *Unit) Order(ref OrderRef, op Operation) (*order.Order, error) {
	o, err := u.FindOrder(ref)
	if err != nil {
		return nil, err
	}
	return o, u.CheckOrder(o, op)
}

// CheckOrder is what Order does with an order that was found: its state must take
// the operation, and the actor may do it.
func (u *Unit) CheckOrder(o *order.Order, op Operation) error {
	s := o.Status(u.Now)
	if s == order.Purged {
		return ErrOrder
	}
	if !op.TakesOrder(s) {
		return ErrOrderState
	}
	return u.AdmitOrder(op)
}

// FindOrder finds an order of the actor in whatever state, purged included (T-07).
func (u *Unit) FindOrder(ref OrderRef) (*order.Order, error) {
	switch {
	case ref.ID != 0:
		return u.OrderByID(ref.ID)
	case ref.Domain != "" && ref.CustomerID != "":
		return u.orderByDomain(strings.ToLower(strings.TrimSpace(ref.Domain)), strings.TrimSpace(ref.CustomerID))
	case ref.ServiceID != 0:
		return u.OrderByID(ref.ServiceID)
	}
	return nil, ErrOrderUnnamed
}

// OrderByID finds an order of the actor in whatever state, purged included.
func (u *Unit) OrderByID(id int64) (*order.Order, error) {
	if id < 0 {
		return nil, ErrOrder
	}
	o, err := u.Tx.Order(u.Ctx, id)
	if err != nil {
		return nil, err
	}
	if o == nil || !u.Owns(o.PartnerID) {
		return nil, ErrOrder
	}
	ours, err := u.Reaches(o)
	if err != nil {
		return nil, err
	}
	if !ours {
		return nil, ErrOrder
	}
	return o, u.Enter(o.PartnerID)
}

// orderByDomain prefers the live order, then the newest.
func (u *Unit) orderByDomain(domain, customerID string) (*order.Order, error) {
	if u.Actor.PartnerID == 0 || !Storable(domain) || !Storable(customerID) {
		return nil, ErrOrder
	}
	orders, err := u.Tx.OrdersByDomain(u.Ctx, u.Actor.PartnerID, strings.TrimSuffix(domain, "."))
	if err != nil {
		return nil, err
	}
	var found *order.Order
	for _, o := range orders {
		c, err := u.CustomerOf(o)
		if err != nil {
			return nil, err
		}
		ours, err := u.Reaches(o)
		if err != nil {
			return nil, err
		}
		if c.CustomerID == customerID && ours && (found == nil || o.Live() || !found.Live()) {
			found = o
		}
	}
	if found == nil {
		return nil, ErrOrder
	}
	return found, nil
}

// LiveSibling gives the partner's live order of a domain, of which there is at most one (T-11).
func (u *Unit) LiveSibling(partnerID int64, domain string) (*order.Order, error) {
	orders, err := u.Tx.OrdersByDomain(u.Ctx, partnerID, domain)
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

// Account finds the account that ref names within its order, for an operation
// that takes both states. An address alone names the live account, then the
// newest of the deleted ones.
func (u *Unit) Account(ref AccountRef, op Operation) (*order.Order, *account.Account, error) {
	o, err := u.Order(ref.Order, op)
	if err != nil {
		return nil, nil, err
	}
	a, err := u.FindAccount(o, ref)
	if err != nil {
		return nil, nil, err
	}
	s := a.Status(u.Now)
	if s == account.Purged {
		return nil, nil, ErrAccount
	}
	if err := u.AdmitAccount(a); err != nil {
		return nil, nil, err
	}
	if !op.TakesAccount(s) {
		return nil, nil, ErrAccountState
	}
	return o, a, nil
}

// FindAccount finds an account of o in whatever state, purged included.
func (u *Unit) FindAccount(o *order.Order, ref AccountRef) (*account.Account, error) {
	email := strings.ToLower(strings.TrimSpace(ref.Email))
	if ref.AccountID != 0 {
		if ref.AccountID < 0 {
			return nil, ErrAccount
		}
		a, err := u.Tx.Account(u.Ctx, ref.AccountID)
		if err != nil {
			return nil, err
		}
		if a == nil || a.OrderID != o.ID || (email != "" && a.Email() != email) {
			return nil, ErrAccount
		}
		return a, nil
	}
	local, err := account.ParseEmail(email, o.Domain)
	if err != nil {
		return nil, ErrAccount // what can't be an address is no account's
	}
	accounts, err := u.Tx.AccountsByEmail(u.Ctx, local, o.Domain)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts { // live first, newest first
		if a.OrderID == o.ID {
			return a, nil
		}
	}
	return nil, ErrAccount
}
