package provision

import (
	"cmp"
	"context"
	"errors"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/shop"
)

// HolderDetails is a customer as its brand sees it (basekit.md 4.1). Deleted ones
// that may come back are among them: see Removed.
type HolderDetails struct {
	*customer.Customer
	Suspended   bool  // the customer is, or all its orders are
	StorageUsed int64 // bytes, of all mailboxes
	ResellerRef int64 // the reseller right below the partner's root that it belongs to; 0 = the root
	PackageID   int64 // of its subscription; 0 = none
	CurrencyRef int64
	// Capabilities are whole (4.2).
	Capabilities shop.Capabilities
	Owner        Owner
}

// Owner is the brand as its customers see it.
type Owner struct {
	brand.Brand
	Settings *shop.Settings
}

// AccountHolder gives a customer of the actor's, deleted ones included.
func (s *Service) AccountHolder(ctx context.Context, actor audit.Actor, ref int64) (*HolderDetails, error) {
	var out *HolderDetails
	err := s.read(ctx, actor, func(u *unit) error {
		c, err := u.holder(ref)
		if err != nil {
			return err
		}
		out, err = u.holderDetails(c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// holder is u.customer that finds deleted ones which may come back.
func (u *unit) holder(ref int64) (*customer.Customer, error) {
	c, err := u.customer(ref)
	if !errors.Is(err, errCustomer) || ref <= 0 {
		return c, err
	}
	if c, err = u.tx.Customer(u.ctx, ref); err != nil {
		return nil, err
	}
	if c == nil || !u.owns(c.PartnerID) || !c.Removed() {
		return nil, errCustomer
	}
	if err := u.admitCustomer(c); err != nil {
		return nil, err
	}
	return c, u.enter(c.PartnerID)
}

func (u *unit) holderDetails(c *customer.Customer) (*HolderDetails, error) {
	all, err := u.holdersDetails([]*customer.Customer{c})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// holdersDetails completes customers of one partner.
func (u *unit) holdersDetails(list []*customer.Customer) ([]*HolderDetails, error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	figures, err := u.tx.HolderFigures(u.ctx, ids)
	if err != nil {
		return nil, err
	}
	owner, err := u.ownerOf(list[0].PartnerID)
	if err != nil {
		return nil, err
	}
	subscriptions, err := u.tx.LiveSubscriptionsOf(u.ctx, ids)
	if err != nil {
		return nil, err
	}
	currency, err := u.shopCurrency(list[0].PartnerID)
	if err != nil {
		return nil, err
	}
	var usual *shop.Package // of those who have none
	if len(subscriptions) < len(list) {
		if usual, err = u.defaultPackage(list[0].PartnerID); err != nil {
			return nil, err
		}
	}
	out := make([]*HolderDetails, len(list))
	for i, c := range list {
		f, k := figures[c.ID], usual
		d := &HolderDetails{Customer: c, Owner: owner, StorageUsed: f.Bytes, CurrencyRef: cmp.Or(c.Holder.CurrencyRef, currency.Ref)}
		if sub := subscriptions[c.ID]; sub != nil {
			d.PackageID = sub.PackageID
			if k, err = u.packageOf(sub); err != nil {
				return nil, err
			}
		}
		d.Capabilities = u.capabilities(k, owner.Settings, f)
		d.Suspended = c.Status == customer.Suspended || f.Live > 0 && f.Suspended == f.Live
		if d.ResellerRef, err = u.topReseller(c); err != nil {
			return nil, err
		}
		out[i] = d
	}
	return out, nil
}

func (u *unit) ownerOf(partnerID int64) (out Owner, err error) {
	if out.Settings, err = u.shop(partnerID); err != nil {
		return out, err
	}
	out.Brand, err = u.shopAppearance(partnerID, out.Settings)
	return out, err
}

// topReseller gives the reseller right below the root in whose branch a customer
// is; 0 when it is the root's.
func (u *unit) topReseller(c *customer.Customer) (int64, error) {
	if c.ResellerID == 0 {
		return 0, nil
	}
	r, err := u.tx.Reseller(u.ctx, c.ResellerID)
	if err != nil || r == nil || len(r.Path) < 2 {
		return 0, err
	}
	return r.Path[1], nil
}
