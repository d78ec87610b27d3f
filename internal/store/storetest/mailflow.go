package storetest

import (
	"testing"

	"posthouse/internal/core/autoresponder"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func testMailboxForward(t *testing.T, b *bench) {
	o, other := b.anOrder("d.example"), b.anOrder("e.example")
	x, y, z := b.box(o, "x"), b.box(o, "y"), b.box(other, "z")
	put := func(orderID, accountID int64, k forwarder.Kind, emails ...string) {
		b.write(func(tx work.Tx) error { return tx.PutForwards(b.ctx(), orderID, accountID, k, emails) })
	}
	of := func(ids ...int64) []*forwarder.Forward {
		return get(b, func(tx work.Tx) ([]*forwarder.Forward, error) { return tx.ForwardsOf(b.ctx(), ids) })
	}
	same(t, len(of(x.ID)), 0)
	same(t, len(of()), 0)
	put(o.ID, x.ID, forwarder.User, "b@f.example", "a@f.example")
	put(o.ID, x.ID, forwarder.Admin, "y@d.example")
	put(o.ID, y.ID, forwarder.User, "a@f.example")
	put(other.ID, z.ID, forwarder.User, "a@f.example")
	row := func(accountID, orderID int64, k forwarder.Kind, email string) *forwarder.Forward {
		return &forwarder.Forward{AccountID: accountID, OrderID: orderID, Kind: k, Email: email}
	}
	want := []*forwarder.Forward{row(x.ID, o.ID, forwarder.Admin, "y@d.example"), row(x.ID, o.ID, forwarder.User, "b@f.example"),
		row(x.ID, o.ID, forwarder.User, "a@f.example"), row(y.ID, o.ID, forwarder.User, "a@f.example")}
	same(t, of(y.ID, x.ID), want)
	same(t, get(b, func(tx work.Tx) ([]*forwarder.Forward, error) { return tx.ForwardsOfOrder(b.ctx(), o.ID) }), want)
	put(o.ID, x.ID, forwarder.User, "c@f.example")
	same(t, of(x.ID), []*forwarder.Forward{want[0], row(x.ID, o.ID, forwarder.User, "c@f.example")})
	b.write(func(tx work.Tx) error { return tx.DropForwardsTo(b.ctx(), o.ID, "a@f.example") })
	same(t, len(of(y.ID)), 0)
	same(t, len(of(z.ID)), 1)
	put(o.ID, x.ID, forwarder.User)
	same(t, of(x.ID), want[:1])

	f := b.forwarder(newForwarder(o, "team", forwarder.Member{Email: "all@d.example"}, forwarder.Member{Email: "x@d.example", AccountID: x.ID}))
	b.forwarder(newForwarder(other, "team", forwarder.Member{Email: "all@d.example"}))
	naming := func(email string) []*forwarder.Forwarder {
		return get(b, func(tx work.Tx) ([]*forwarder.Forwarder, error) {
			return tx.ForwardersNaming(b.ctx(), o.ID, email)
		})
	}
	same(t, naming("all@d.example"), []*forwarder.Forwarder{f})
	same(t, len(naming("x@d.example")), 0) // an account's
}

func testAutoresponder(t *testing.T, b *bench) {
	o := b.anOrder("d.example")
	x, y := b.box(o, "x"), b.box(o, "y")
	find := func(id int64) func(work.Tx) (*autoresponder.Autoresponder, error) {
		return func(tx work.Tx) (*autoresponder.Autoresponder, error) { return tx.Autoresponder(b.ctx(), id) }
	}
	absent(b, "an autoresponder", find(x.ID))
	r := &autoresponder.Autoresponder{AccountID: x.ID, OrderID: o.ID, On: true, Subject: "s", Message: "ä\n", Format: autoresponder.HTML, QuoteOriginal: true,
		EndsAt: maybe(9), UpdatedAt: when(1)}
	off := &autoresponder.Autoresponder{AccountID: y.ID, OrderID: o.ID, Format: autoresponder.Plain, UpdatedAt: when(2)}
	for _, v := range []*autoresponder.Autoresponder{off, r} {
		b.write(func(tx work.Tx) error { return tx.PutAutoresponder(b.ctx(), v) })
	}
	same(t, get(b, find(x.ID)), r)
	list := func(fn func(work.Tx) ([]*autoresponder.Autoresponder, error)) []*autoresponder.Autoresponder {
		return get(b, fn)
	}
	same(t, list(func(tx work.Tx) ([]*autoresponder.Autoresponder, error) {
		return tx.AutorespondersOn(b.ctx(), []int64{y.ID, x.ID, 99})
	}), []*autoresponder.Autoresponder{r})
	same(t, list(func(tx work.Tx) ([]*autoresponder.Autoresponder, error) {
		return tx.AutorespondersOfOrder(b.ctx(), o.ID)
	}),
		[]*autoresponder.Autoresponder{r, off})
	r.On, r.Subject, r.EndsAt, r.UpdatedAt = false, "t", nil, when(3)
	b.write(func(tx work.Tx) error { return tx.PutAutoresponder(b.ctx(), r) })
	same(t, get(b, find(x.ID)), r)
}

func testDomainAlias(t *testing.T, b *bench) {
	o, other := b.anOrder("d.example"), b.anOrder("e.example")
	alias := func(o *order.Order, domain string, active bool) *order.DomainAlias {
		return &order.DomainAlias{OrderID: o.ID, PartnerID: o.PartnerID, Domain: domain, Active: active, CreatedAt: when(1)}
	}
	put := func(a *order.DomainAlias) func(work.Tx) error {
		return func(tx work.Tx) error { return tx.PutDomainAlias(b.ctx(), a) }
	}
	active := func(domain string) func(work.Tx) (*order.DomainAlias, error) {
		return func(tx work.Tx) (*order.DomainAlias, error) { return tx.ActiveAlias(b.ctx(), domain) }
	}
	absent(b, "an alias", active("a.example"))
	one, two := alias(o, "b.example", true), alias(o, "a.example", true)
	b.write(put(one))
	b.write(put(two))
	same(t, get(b, active("a.example")), two)
	same(t, get(b, func(tx work.Tx) ([]*order.DomainAlias, error) { return tx.DomainAliases(b.ctx(), o.ID) }), []*order.DomainAlias{two, one})
	b.write(put(alias(other, "a.example", false)))
	b.refused(fault.Conflict, put(alias(other, "a.example", true)))
	two.Active = false
	b.write(put(two))
	absent(b, "an inactive alias", active("a.example"))
	b.write(put(alias(other, "a.example", true)))
	same(t, get(b, active("a.example")).OrderID, other.ID)
	b.write(func(tx work.Tx) error { return tx.DeleteDomainAlias(b.ctx(), other.ID, "a.example") })
	absent(b, "a deleted alias", active("a.example"))
	same(t, len(get(b, func(tx work.Tx) ([]*order.DomainAlias, error) { return tx.DomainAliases(b.ctx(), o.ID) })), 2)
}
