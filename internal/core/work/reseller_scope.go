package work

import (
	"posthouse/internal/core/customer"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
)

// A reseller sees itself and what is below it in the tree, with the rights of
// those below; what is beside or above does not exist for it (resellerclub.md
// section 4). What belongs to no reseller is the root's.

var (
	// ErrReseller is about a reseller that is not there, or not to be seen.
	ErrReseller = fault.New(fault.NotFound, "No such reseller").WithReason("NO_SUCH_RESELLER")
	errNoRoot   = fault.New(fault.NotFound, "The partner has no resellers").WithReason("NO_RESELLER")
)

// Self gives the reseller that acts.
func (u *Unit) Self() (*reseller.Reseller, error) {
	if u.caller != nil {
		return u.caller, nil
	}
	r, err := u.Tx.Reseller(u.Ctx, u.Actor.Limit.ResellerID)
	if err != nil {
		return nil, err
	}
	if r == nil || r.PartnerID != u.Actor.PartnerID {
		return nil, ErrReseller
	}
	active, err := u.ActiveChain(r)
	if err != nil {
		return nil, err
	}
	if !active {
		return nil, ErrReseller
	}
	u.caller = r
	return r, nil
}

// ActiveChain reports whether r and all above it are active: who is suspended
// takes all below along.
func (u *Unit) ActiveChain(r *reseller.Reseller) (bool, error) {
	if r.Status != reseller.Active {
		return false, nil
	}
	for _, id := range r.Path[:max(0, len(r.Path)-1)] {
		above, err := u.Tx.Reseller(u.Ctx, id)
		if err != nil || above == nil || above.Status != reseller.Active {
			return false, err
		}
	}
	return true, nil
}

// Reseller gives one that the actor may see: for a reseller itself or one below
// (0 = itself), for a partner any of its own, for the operator any.
func (u *Unit) Reseller(id int64) (*reseller.Reseller, error) {
	var me *reseller.Reseller
	if u.Actor.Limit.ResellerID != 0 {
		var err error
		if me, err = u.Self(); err != nil {
			return nil, err
		}
		if id == 0 || id == me.ID {
			u.admitted = true
			return me, nil
		}
	}
	r, err := u.Tx.Reseller(u.Ctx, id)
	if err != nil {
		return nil, err
	}
	if r == nil || !u.Owns(r.PartnerID) || me != nil && !me.Above(r) || me == nil && !u.Actor.Limit.None() {
		return nil, ErrReseller
	}
	u.admitted = true
	return r, u.Enter(r.PartnerID)
}

// SellerOf gives the reseller that a customer belongs to.
func (u *Unit) SellerOf(c *customer.Customer) (*reseller.Reseller, error) {
	if c.ResellerID == 0 {
		return u.RootOf(c.PartnerID)
	}
	r, err := u.Tx.Reseller(u.Ctx, c.ResellerID)
	if err == nil && r == nil {
		err = fault.Newf(fault.Internal, "The reseller of customer %d is missing", c.ID)
	}
	return r, err
}

// RootOf gives the reseller that stands for the partner itself.
func (u *Unit) RootOf(partnerID int64) (*reseller.Reseller, error) {
	r, err := u.Tx.RootReseller(u.Ctx, partnerID)
	if err == nil && r == nil {
		err = errNoRoot
	}
	return r, err
}

// InTree reports whether a customer is the acting reseller's or of one below;
// when no reseller acts, whether it is the partner's.
func (u *Unit) InTree(c *customer.Customer) (bool, error) {
	if u.Actor.Limit.None() {
		return u.Owns(c.PartnerID), nil
	}
	me, err := u.Self()
	if err != nil || c.PartnerID != me.PartnerID {
		return false, err
	}
	if c.ResellerID == 0 || c.ResellerID == me.ID {
		return me.Root() || c.ResellerID == me.ID, nil
	}
	r, err := u.Tx.Reseller(u.Ctx, c.ResellerID)
	if err != nil || r == nil {
		return false, err
	}
	return me.Above(r), nil
}

// Customer gives a customer of the actor's by its number.
func (u *Unit) Customer(id int64) (*customer.Customer, error) {
	if id <= 0 {
		return nil, ErrCustomer
	}
	c, err := u.Tx.Customer(u.Ctx, id)
	if err != nil {
		return nil, err
	}
	if c == nil || !u.Owns(c.PartnerID) || c.Status == customer.Deleted {
		return nil, ErrCustomer
	}
	if err := u.AdmitCustomer(c); err != nil {
		return nil, err
	}
	return c, u.Enter(c.PartnerID)
}
