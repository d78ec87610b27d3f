package provision

import (
	"posthouse/internal/core/customer"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
)

// A reseller sees itself and what is below it in the tree, with the rights of
// those below; what is beside or above does not exist for it (resellerclub.md
// section 4). What belongs to no reseller is the root's.

var (
	errReseller = fault.New(fault.NotFound, "No such reseller").WithReason("NO_SUCH_RESELLER")
	errNoRoot   = fault.New(fault.NotFound, "The partner has no resellers").WithReason("NO_RESELLER")
)

// self gives the reseller that acts.
func (u *unit) self() (*reseller.Reseller, error) {
	if u.caller != nil {
		return u.caller, nil
	}
	r, err := u.tx.Reseller(u.ctx, u.actor.Limit.ResellerID)
	if err != nil {
		return nil, err
	}
	if r == nil || r.PartnerID != u.actor.PartnerID {
		return nil, errReseller
	}
	active, err := u.activeChain(r)
	if err != nil {
		return nil, err
	}
	if !active {
		return nil, errReseller
	}
	u.caller = r
	return r, nil
}

// activeChain reports whether r and all above it are active: who is suspended
// takes all below along.
func (u *unit) activeChain(r *reseller.Reseller) (bool, error) {
	if r.Status != reseller.Active {
		return false, nil
	}
	for _, id := range r.Path[:max(0, len(r.Path)-1)] {
		above, err := u.tx.Reseller(u.ctx, id)
		if err != nil || above == nil || above.Status != reseller.Active {
			return false, err
		}
	}
	return true, nil
}

// reseller gives one that the actor may see: for a reseller itself or one below
// (0 = itself), for a partner any of its own, for the operator any.
func (u *unit) reseller(id int64) (*reseller.Reseller, error) {
	var me *reseller.Reseller
	if u.actor.Limit.ResellerID != 0 {
		var err error
		if me, err = u.self(); err != nil {
			return nil, err
		}
		if id == 0 || id == me.ID {
			u.admitted = true
			return me, nil
		}
	}
	r, err := u.tx.Reseller(u.ctx, id)
	if err != nil {
		return nil, err
	}
	if r == nil || !u.owns(r.PartnerID) || me != nil && !me.Above(r) || me == nil && !u.actor.Limit.None() {
		return nil, errReseller
	}
	u.admitted = true
	return r, u.enter(r.PartnerID)
}

// sellerOf gives the reseller that a customer belongs to.
func (u *unit) sellerOf(c *customer.Customer) (*reseller.Reseller, error) {
	if c.ResellerID == 0 {
		return u.rootOf(c.PartnerID)
	}
	r, err := u.tx.Reseller(u.ctx, c.ResellerID)
	if err == nil && r == nil {
		err = fault.Newf(fault.Internal, "The reseller of customer %d is missing", c.ID)
	}
	return r, err
}

func (u *unit) rootOf(partnerID int64) (*reseller.Reseller, error) {
	r, err := u.tx.RootReseller(u.ctx, partnerID)
	if err == nil && r == nil {
		err = errNoRoot
	}
	return r, err
}

// inTree reports whether a customer is the acting reseller's or of one below;
// when no reseller acts, whether it is the partner's.
func (u *unit) inTree(c *customer.Customer) (bool, error) {
	if u.actor.Limit.None() {
		return u.owns(c.PartnerID), nil
	}
	me, err := u.self()
	if err != nil || c.PartnerID != me.PartnerID {
		return false, err
	}
	if c.ResellerID == 0 || c.ResellerID == me.ID {
		return me.Root() || c.ResellerID == me.ID, nil
	}
	r, err := u.tx.Reseller(u.ctx, c.ResellerID)
	if err != nil || r == nil {
		return false, err
	}
	return me.Above(r), nil
}

// customer gives a customer of the actor's by its number.
func (u *unit) customer(id int64) (*customer.Customer, error) {
	if id <= 0 {
		return nil, errCustomer
	}
	c, err := u.tx.Customer(u.ctx, id)
	if err != nil {
		return nil, err
	}
	if c == nil || !u.owns(c.PartnerID) || c.Status == customer.Deleted {
		return nil, errCustomer
	}
	if err := u.admitCustomer(c); err != nil {
		return nil, err
	}
	return c, u.enter(c.PartnerID)
}
