package storetest

import (
	"testing"

	"posthouse/internal/core/plan"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// shopPackage makes a package of a partner.
func (b *bench) shopPackage(partnerID int64, change func(*shop.Package)) *shop.Package {
	b.t.Helper()
	p := &shop.Package{PartnerID: partnerID, Kind: shop.MailPackage, Name: "Pro", Active: true, Plan: plan.Pro, Seats: 5, CreatedAt: epoch, UpdatedAt: epoch}
	if change != nil {
		change(p)
	}
	b.write(func(tx work.Tx) error { return tx.InsertPackage(b.ctx(), p) })
	return p
}

func testPackage(t *testing.T, b *bench) {
	p, q := b.partner(), b.partner()
	gone := when(3)
	full := b.shopPackage(p.ID, func(k *shop.Package) {
		k.Origin, k.Kind, k.Name, k.Ending, k.Free = "domain:co.uk", shop.DomainPackage, "Dömain", "co.uk", true
		k.Prices = []shop.Price{{Months: 1, Amount: 8000}, {Months: 12, Amount: 80005}}
		k.Capabilities = shop.Capabilities{"liveSites": 5}
		k.Details = shop.Details{URLID: "url", ImageURL: "https://x.example/", DisplayOrder: 3, Hidden: true}
		k.DeletedAt = &gone
	})
	of := func(id int64) *shop.Package {
		return get(b, func(tx work.Tx) (*shop.Package, error) { return tx.Package(b.ctx(), id) })
	}
	if full.ID < 1000 {
		t.Errorf("id %d", full.ID)
	}
	same(t, of(full.ID), full)
	other := b.shopPackage(p.ID, nil)
	b.shopPackage(p.ID, nil) // no origin: as many as one likes
	if again := b.shopPackage(p.ID, func(k *shop.Package) { k.Origin = "domain:co.uk" }); again.ID != 0 {
		t.Errorf("a second package of one origin has the ref %d", again.ID)
	}
	if theirs := b.shopPackage(q.ID, func(k *shop.Package) { k.Origin = "domain:co.uk" }); theirs.ID == 0 {
		t.Error("another brand's origin is in the way")
	}
	other.Active, other.Plan, other.Seats, other.Name, other.UpdatedAt = false, plan.Ultra, 7, "Other", when(1)
	other.Prices, other.Capabilities, other.Details, other.DeletedAt = nil, nil, shop.Details{}, nil
	b.write(func(tx work.Tx) error { return tx.UpdatePackage(b.ctx(), other) })
	same(t, of(other.ID), other)
	list := get(b, func(tx work.Tx) ([]*shop.Package, error) { return tx.Packages(b.ctx(), p.ID) })
	if len(list) != 3 || list[0].ID != full.ID || list[1].ID != other.ID {
		t.Errorf("%d packages", len(list))
	}
	absent(b, "unknown package", func(tx work.Tx) (*shop.Package, error) { return tx.Package(b.ctx(), 1) })
	b.refused(fault.NotFound, func(tx work.Tx) error { return tx.UpdatePackage(b.ctx(), &shop.Package{ID: 1}) })
}

func testSubscription(t *testing.T, b *bench) {
	p := b.partner()
	c, d := b.customer(p, "c"), b.customer(p, "d")
	k := b.shopPackage(p.ID, nil)
	end := when(5)
	s := &shop.Subscription{PartnerID: p.ID, CustomerID: c.ID, PackageID: k.ID, Months: 12, Billed: true, StartsAt: when(1), EndsAt: &end, CreatedAt: epoch, UpdatedAt: epoch}
	b.write(func(tx work.Tx) error { return tx.InsertSubscription(b.ctx(), s) })
	live := func(customerID int64) *shop.Subscription {
		return get(b, func(tx work.Tx) (*shop.Subscription, error) { return tx.LiveSubscription(b.ctx(), customerID) })
	}
	same(t, live(c.ID), s)
	b.refused(fault.Conflict, func(tx work.Tx) error { // a second one that lives
		return tx.InsertSubscription(b.ctx(), &shop.Subscription{PartnerID: p.ID, CustomerID: c.ID, PackageID: k.ID, StartsAt: epoch, CreatedAt: epoch, UpdatedAt: epoch})
	})
	next := &shop.Subscription{PartnerID: p.ID, CustomerID: c.ID, PackageID: k.ID, FormerID: s.ID, StartsAt: when(2), CreatedAt: when(2), UpdatedAt: when(2)}
	b.write(func(tx work.Tx) error {
		gone := when(2)
		s.ExpiredAt, s.UpdatedAt, s.EndsAt, s.Months, s.Billed = &gone, gone, nil, 0, false
		if err := tx.UpdateSubscription(b.ctx(), s); err != nil {
			return err
		}
		return tx.InsertSubscription(b.ctx(), next)
	})
	same(t, live(c.ID), next)
	same(t, get(b, func(tx work.Tx) (*shop.Subscription, error) { return tx.Subscription(b.ctx(), s.ID) }), s)
	got := get(b, func(tx work.Tx) (map[int64]*shop.Subscription, error) {
		return tx.LiveSubscriptionsOf(b.ctx(), []int64{c.ID, d.ID, 1})
	})
	if len(got) != 1 || got[c.ID] == nil || got[c.ID].ID != next.ID {
		t.Errorf("%+v", got)
	}
	absent(b, "another's", func(tx work.Tx) (*shop.Subscription, error) { return tx.LiveSubscription(b.ctx(), d.ID) })
	absent(b, "unknown", func(tx work.Tx) (*shop.Subscription, error) { return tx.Subscription(b.ctx(), 1) })
}
