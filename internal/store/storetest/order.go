package storetest

import (
	"encoding/json"
	"testing"

	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func (b *bench) orderOf(id int64) *order.Order {
	b.t.Helper()
	return get(b, func(tx work.Tx) (*order.Order, error) { return tx.Order(b.ctx(), id) })
}

func testOrder(t *testing.T, b *bench) {
	c := b.customer(b.partner(), "c")
	absent(b, "Order", func(tx work.Tx) (*order.Order, error) { return tx.Order(b.ctx(), 1) })
	reseller := int64(77)
	full := &order.Order{
		PartnerID: c.PartnerID, CustomerID: c.ID, PartnerOrderID: "po-1", Domain: "full.example", Plan: plan.PremiumTrial,
		Seats: 12, ResellerID: &reseller, ExpiresAt: maybe(3), BillingOwner: partner.BilledByPlatform, BillingCycle: "monthly",
		Currency: "EUR", Source: "shop", SourceContext: "checkout", Locale: "de", Metadata: json.RawMessage("{ \"a\" : [1, null], \"ü\":\"\\u0000\" }"),
		MailService: order.ServiceLocal, PendingPayment: true, DeletedAt: maybe(4), DeletionReason: "why", PurgeAt: maybe(5),
		Cancelled: true, PurgedAt: maybe(6), PurgeBegunAt: maybe(8), ReactivatedAt: maybe(9), Serviceable: true, OwnershipToken: "token", ProvenAt: maybe(7),
		Suspensions: suspension.Set{{Type: "abuse", Role: suspension.RoleTitan, On: when(8), Note: "spam"}},
		CreatedAt:   when(9), UpdatedAt: when(10),
	}
	b.write(func(tx work.Tx) error { return tx.InsertOrder(b.ctx(), full) })
	if full.ID == 0 {
		t.Fatal("InsertOrder set no id")
	}
	same(t, b.orderOf(full.ID), full)
	plain := b.order(c, "plain.example")
	same(t, b.orderOf(plain.ID), plain)

	// Every field changes.
	*full = order.Order{
		ID: full.ID, PartnerID: c.PartnerID, CustomerID: b.customer(b.partner(), "d").ID, PartnerOrderID: "po-2", Domain: "new.example",
		Plan: plan.Free, Seats: 1, BillingOwner: partner.BilledByPartner, BillingCycle: "yearly", Currency: "USD", Source: "s", SourceContext: "x",
		Locale: "en", MailService: order.ServiceTitan, OwnershipToken: "other", CreatedAt: when(11), UpdatedAt: when(12),
	}
	b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), full) })
	same(t, b.orderOf(full.ID), full)
	same(t, b.orderOf(plain.ID), plain)

	// Of what the transaction has read or made, what changed is written: one
	// after the other, and back again.
	b.write(func(tx work.Tx) error {
		o, err := tx.Order(b.ctx(), plain.ID)
		if err != nil {
			return err
		}
		for _, change := range []func(){
			func() { o.ResellerID = &reseller },
			func() { *o.ResellerID = 78 },
			func() {
				o.Plan, o.Suspensions = plan.Free, suspension.Set{{Type: "a", Role: suspension.RoleTitan, On: when(1)}}
			},
			func() { o.ExpiresAt, o.Suspensions = maybe(13), nil },
			func() { o.ExpiresAt, o.Metadata = nil, json.RawMessage(`{"b":1}`) },
			func() {},
		} {
			change()
			if err := tx.UpdateOrder(b.ctx(), o); err != nil {
				return err
			}
			now, err := tx.Order(b.ctx(), o.ID)
			if err != nil {
				return err
			}
			same(t, now, o)
		}
		made, fifth := newOrder(c, "made.example"), int64(5)
		if err := tx.InsertOrder(b.ctx(), made); err != nil {
			return err
		}
		made.Tenure, made.ResellerID = 12, &fifth
		*plain = *o
		return tx.UpdateOrder(b.ctx(), made)
	})
	same(t, b.orderOf(plain.ID), plain)
	list := get(b, func(tx work.Tx) ([]*order.Order, error) {
		return tx.OrdersByDomain(b.ctx(), c.PartnerID, "made.example")
	})
	if len(list) != 1 || list[0].Tenure != 12 || list[0].ResellerID == nil || *list[0].ResellerID != 5 {
		t.Errorf("made and changed in one transaction: %+v", list)
	}

	b.refused(fault.NotFound, func(tx work.Tx) error {
		o := newOrder(c, "x.example")
		o.ID = 999
		return tx.UpdateOrder(b.ctx(), o)
	})
	b.refused(fault.Conflict, func(tx work.Tx) error {
		o := newOrder(c, "x.example")
		o.CustomerID = 999
		return tx.InsertOrder(b.ctx(), o)
	})
}

func testOrderSuspensions(t *testing.T, b *bench) {
	o, other := b.anOrder("a.example"), b.anOrder("b.example")
	set := suspension.Set{
		{Type: "a", Role: suspension.RolePartner, On: when(1), Note: "n"},
		{Type: "b", Role: suspension.RolePartner, On: when(1)},
		{Type: "b", Role: suspension.RoleTitan, On: when(1)},
		{Type: "a", Role: suspension.RoleTitan, On: when(2)},
	}
	for _, s := range []suspension.Set{set, set[1:3], {{Type: "a", Role: suspension.RolePartner, On: when(5), Note: "again"}}, nil} {
		o.Suspensions = s
		b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), o) })
		same(t, b.orderOf(o.ID), o)
		list := get(b, func(tx work.Tx) ([]*order.Order, error) { return tx.OrdersByCustomer(b.ctx(), o.CustomerID) })
		same(t, list, []*order.Order{o})
	}
	same(t, b.orderOf(other.ID), other)
	b.refused(fault.Conflict, func(tx work.Tx) error {
		o.Suspensions = suspension.Set{{Type: "a", Role: "partner", On: when(1)}, {Type: "a", Role: "partner", On: when(2)}}
		return tx.UpdateOrder(b.ctx(), o)
	})
}

func testOrderLookups(t *testing.T, b *bench) {
	p := b.partner()
	c, d := b.customer(p, "c"), b.customer(p, "d")
	foreign := b.customer(b.partner(), "c")
	purged, deleted, live := newOrder(c, "a.example"), newOrder(c, "a.example"), newOrder(c, "a.example")
	purged.DeletedAt, purged.PurgedAt = maybe(1), maybe(2)
	deleted.DeletedAt = maybe(1)
	hers, theirs, other := newOrder(d, "a.example"), newOrder(foreign, "a.example"), newOrder(c, "b.example")
	live.Suspensions = suspension.Set{{Type: "a", Role: suspension.RolePartner, On: when(1)}}
	theirs.Suspensions = suspension.Set{{Type: "b", Role: suspension.RolePartner, On: when(1)}}
	b.write(func(tx work.Tx) error {
		for _, o := range []*order.Order{purged, deleted, live, hers, theirs, other} {
			if err := tx.InsertOrder(b.ctx(), o); err != nil {
				return err
			}
		}
		return nil
	})
	same(t, b.orderOf(purged.ID), purged)
	for _, q := range []struct {
		name string
		run  func(work.Tx) ([]*order.Order, error)
		want []*order.Order
	}{
		{"domain of a partner", func(tx work.Tx) ([]*order.Order, error) {
			return tx.OrdersByDomain(b.ctx(), p.ID, "a.example")
		}, []*order.Order{deleted, live, hers}},
		{"domain", func(tx work.Tx) ([]*order.Order, error) { return tx.OrdersOfDomain(b.ctx(), "a.example") },
			[]*order.Order{deleted, live, hers, theirs}},
		{"customer", func(tx work.Tx) ([]*order.Order, error) { return tx.OrdersByCustomer(b.ctx(), c.ID) },
			[]*order.Order{deleted, live, other}},
		{"customer of another", func(tx work.Tx) ([]*order.Order, error) { return tx.OrdersByCustomer(b.ctx(), foreign.ID) },
			[]*order.Order{theirs}},
		{"no domain", func(tx work.Tx) ([]*order.Order, error) { return tx.OrdersOfDomain(b.ctx(), "A.example") },
			[]*order.Order{}},
		{"no customer", func(tx work.Tx) ([]*order.Order, error) { return tx.OrdersByCustomer(b.ctx(), 999) },
			[]*order.Order{}},
	} {
		t.Run(q.name, func(t *testing.T) {
			got := get(b, q.run)
			if len(got) == 0 && len(q.want) == 0 {
				return
			}
			same(t, got, q.want)
		})
	}
}

func testServiceableOrder(t *testing.T, b *bench) {
	serving := func(domain string) *order.Order {
		return get(b, func(tx work.Tx) (*order.Order, error) { return tx.ServiceableOrder(b.ctx(), domain) })
	}
	first, second := b.anOrder("a.example"), b.anOrder("a.example")
	if got := serving("a.example"); got != nil {
		t.Errorf("order %d serves, want none", got.ID)
	}
	first.Serviceable = true
	first.Suspensions = suspension.Set{{Type: "a", Role: suspension.RolePartner, On: when(1)}}
	b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), first) })
	same(t, serving("a.example"), first)

	// A second one is refused, whatever way it comes.
	claim := *second
	claim.Serviceable = true
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), &claim) })
	inserted := claim
	inserted.ID = 0
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.InsertOrder(b.ctx(), &inserted) })

	// The switch is one transaction.
	first.Serviceable, second.Serviceable = false, true
	b.write(func(tx work.Tx) error {
		if err := tx.UpdateOrder(b.ctx(), first); err != nil {
			return err
		}
		return tx.UpdateOrder(b.ctx(), second)
	})
	same(t, serving("a.example"), second)

	// A deleted or purged one serves nobody and is in nobody's way.
	second.DeletedAt = maybe(5)
	b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), second) })
	if got := serving("a.example"); got != nil {
		t.Errorf("the deleted order %d serves", got.ID)
	}
	first.Serviceable = true
	b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), first) })
	same(t, serving("a.example"), first)
	second.DeletedAt = nil
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), second) })
	first.PurgedAt = maybe(6)
	b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), first) })
	if got := serving("a.example"); got != nil {
		t.Errorf("the purged order %d serves", got.ID)
	}
}

func testFindOrders(t *testing.T, b *bench) {
	p, q := b.partner(), b.partner()
	c, d := b.customer(p, "c"), b.customer(q, "d")
	var all []*order.Order
	for _, s := range []struct {
		domain, partnerOrder string
		foreign              bool
	}{
		{"alpha.example", "1", false}, {"alphabet.example", "2", false}, {"beta.example", "1", false},
		{"alpha.example", "1", true}, {"al%ha.example", "", false}, {"xn--alpha.example", "", true},
	} {
		o := newOrder(c, s.domain)
		if s.foreign {
			o = newOrder(d, s.domain)
		}
		o.PartnerOrderID = s.partnerOrder
		all = append(all, o)
		b.write(func(tx work.Tx) error { return tx.InsertOrder(b.ctx(), o) })
	}
	all[2].PurgedAt, all[2].DeletedAt = maybe(1), maybe(1)
	b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), all[2]) })
	for _, f := range []struct {
		filter work.OrderFilter
		limit  int
		want   []int
	}{
		{work.OrderFilter{}, 100, []int{5, 4, 3, 2, 1, 0}},
		{work.OrderFilter{}, 2, []int{5, 4}},
		{work.OrderFilter{PartnerID: q.ID}, 100, []int{5, 3}},
		{work.OrderFilter{DomainPrefix: "alpha"}, 100, []int{3, 1, 0}},
		{work.OrderFilter{DomainPrefix: "alpha."}, 100, []int{3, 0}},
		{work.OrderFilter{DomainPrefix: "al%"}, 100, []int{4}},
		{work.OrderFilter{DomainPrefix: "alpha", PartnerID: p.ID}, 1, []int{1}},
		{work.OrderFilter{PartnerOrderID: "1"}, 100, []int{3, 2, 0}},
		{work.OrderFilter{PartnerOrderID: "1", PartnerID: p.ID}, 100, []int{2, 0}},
		{work.OrderFilter{PartnerOrderID: "1", DomainPrefix: "b"}, 100, []int{2}},
		{work.OrderFilter{DomainPrefix: "gamma"}, 100, nil},
	} {
		var want []int64
		for _, i := range f.want {
			want = append(want, all[i].ID)
		}
		got := orderIDs(get(b, func(tx work.Tx) ([]*order.Order, error) { return tx.FindOrders(b.ctx(), f.filter, f.limit) }))
		if len(got)+len(want) > 0 {
			same(t, got, want)
		}
	}
}
