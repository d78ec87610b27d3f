package holders

import (
	"cmp"
	"context"
	"errors"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
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
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := holder(u, ref)
		if err != nil {
			return err
		}
		out, err = DetailsOf(u, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// holder is u.customer that finds deleted ones which may come back.
func holder(u *work.Unit, ref int64) (*customer.Customer, error) {
	c, err := u.Customer(ref)
	if !errors.Is(err, work.ErrCustomer) || ref <= 0 {
		return c, err
	}
	if c, err = u.Tx.Customer(u.Ctx, ref); err != nil {
		return nil, err
	}
	if c == nil || !u.Owns(c.PartnerID) || !c.Removed() {
		return nil, work.ErrCustomer
	}
	if err := u.AdmitCustomer(c); err != nil {
		return nil, err
	}
	return c, u.Enter(c.PartnerID)
}

// DetailsOf completes a customer as its account holder.
func DetailsOf(u *work.Unit, c *customer.Customer) (*HolderDetails, error) {
	all, err := holdersDetails(u, []*customer.Customer{c})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// holdersDetails completes customers of one partner.
func holdersDetails(u *work.Unit, list []*customer.Customer) ([]*HolderDetails, error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	figures, err := u.Tx.HolderFigures(u.Ctx, ids)
	if err != nil {
		return nil, err
	}
	owner, err := ownerOf(u, list[0].PartnerID)
	if err != nil {
		return nil, err
	}
	subscriptions, err := u.Tx.LiveSubscriptionsOf(u.Ctx, ids)
	if err != nil {
		return nil, err
	}
	currency, err := packages.ShopCurrency(u, list[0].PartnerID)
	if err != nil {
		return nil, err
	}
	var usual *shop.Package // of those who have none
	if len(subscriptions) < len(list) {
		if usual, err = packages.DefaultPackage(u, list[0].PartnerID); err != nil {
			return nil, err
		}
	}
	out := make([]*HolderDetails, len(list))
	for i, c := range list {
		f, k := figures[c.ID], usual
		d := &HolderDetails{Customer: c, Owner: owner, StorageUsed: f.Bytes, CurrencyRef: cmp.Or(c.Holder.CurrencyRef, currency.Ref)}
		if sub := subscriptions[c.ID]; sub != nil {
			d.PackageID = sub.PackageID
			if k, err = packages.PackageOf(u, sub); err != nil {
				return nil, err
			}
		}
		d.Capabilities = packages.Capabilities(u, k, owner.Settings, f)
		d.Suspended = c.Status == customer.Suspended || f.Live > 0 && f.Suspended == f.Live
		if d.ResellerRef, err = topReseller(u, c); err != nil {
			return nil, err
		}
		out[i] = d
	}
	return out, nil
}

func ownerOf(u *work.Unit, partnerID int64) (out Owner, err error) {
	if out.Settings, err = tenancy.Shop(u, partnerID); err != nil {
		return out, err
	}
	out.Brand, err = packages.ShopAppearance(u, partnerID, out.Settings)
	return out, err
}

// topReseller gives the reseller right below the root in whose branch a customer
// is; 0 when it is the root's.
func topReseller(u *work.Unit, c *customer.Customer) (int64, error) {
	if c.ResellerID == 0 {
		return 0, nil
	}
	r, err := u.Tx.Reseller(u.Ctx, c.ResellerID)
	if err != nil || r == nil || len(r.Path) < 2 {
		return 0, err
	}
	return r.Path[1], nil
}

// CapabilitiesOf are what a customer may do.
func CapabilitiesOf(u *work.Unit, c *customer.Customer) (shop.Capabilities, error) {
	all, err := holdersDetails(u, []*customer.Customer{c})
	if err != nil {
		return nil, err
	}
	return all[0].Capabilities, nil
}
