package storetest

import (
	"testing"

	"posthouse/internal/core/account"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func newForwarder(o *order.Order, local string, members ...forwarder.Member) *forwarder.Forwarder {
	return &forwarder.Forwarder{OrderID: o.ID, PartnerID: o.PartnerID, Local: local, Domain: o.Domain, Members: members,
		CreatedAt: when(1), UpdatedAt: when(2)}
}

func (b *bench) box(o *order.Order, local string) *account.Account {
	b.t.Helper()
	a := &account.Account{OrderID: o.ID, PartnerID: o.PartnerID, Local: local, Domain: o.Domain, CreatedAt: when(1), UpdatedAt: when(2)}
	b.write(func(tx work.Tx) error { return tx.InsertAccount(b.ctx(), a) })
	return a
}

func (b *bench) forwarder(f *forwarder.Forwarder) *forwarder.Forwarder {
	b.t.Helper()
	b.write(func(tx work.Tx) error { return tx.InsertForwarder(b.ctx(), f) })
	return f
}

func testForwarder(t *testing.T, b *bench) {
	o, other := b.anOrder("d.example"), b.anOrder("e.example")
	x, y, out := forwarder.Member{Email: "x@d.example", AccountID: 11}, forwarder.Member{Email: "y@d.example", AccountID: 12}, forwarder.Member{Email: "ö@elsewhere.example"}
	find := func(orderID int64, local string) func(work.Tx) (*forwarder.Forwarder, error) {
		return func(tx work.Tx) (*forwarder.Forwarder, error) { return tx.Forwarder(b.ctx(), orderID, local) }
	}
	list := func(orderID int64) []*forwarder.Forwarder {
		return get(b, func(tx work.Tx) ([]*forwarder.Forwarder, error) { return tx.ForwardersOfOrder(b.ctx(), orderID) })
	}
	with := func(accountID int64) []*forwarder.Forwarder {
		return get(b, func(tx work.Tx) ([]*forwarder.Forwarder, error) { return tx.ForwardersWith(b.ctx(), accountID) })
	}
	counts := func(forwarders, members int) {
		t.Helper()
		b.read(func(tx work.Tx) error {
			f, m, err := tx.ForwarderCounts(b.ctx(), o.ID)
			if f != forwarders || m != members {
				t.Errorf("%d forwarders with %d members, want %d with %d", f, m, forwarders, members)
			}
			return err
		})
	}
	counts(0, 0)
	absent(b, "a forwarder", find(o.ID, "team"))

	team := b.forwarder(newForwarder(o, "team", y, out, x))
	all := b.forwarder(newForwarder(o, "all", x))
	b.forwarder(newForwarder(other, "team", forwarder.Member{Email: "x@e.example", AccountID: 99}))
	same(t, get(b, find(o.ID, "team")), team)
	absent(b, "another spelling", find(o.ID, "Team"))
	same(t, list(o.ID), []*forwarder.Forwarder{team, all})
	same(t, with(11), []*forwarder.Forwarder{team, all})
	same(t, with(12), []*forwarder.Forwarder{team})
	same(t, len(with(0)), 0) // external members are no account's
	counts(2, 4)
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.InsertForwarder(b.ctx(), newForwarder(o, "team", x)) })

	z := forwarder.Member{Email: "z@d.example", AccountID: 13}
	for _, members := range [][]forwarder.Member{{y, x}, {y, x, z}, {z, x}, {out, z, y, x}, {x}, {x, {Email: "x@d.example2", AccountID: 11}}, {y}} {
		team.Members, team.UpdatedAt = members, when(3)
		b.write(func(tx work.Tx) error { return tx.UpdateForwarder(b.ctx(), team) })
		same(t, get(b, find(o.ID, "team")), team)
	}
	b.refused(fault.NotFound, func(tx work.Tx) error { return tx.UpdateForwarder(b.ctx(), newForwarder(o, "none", x)) })

	b.write(func(tx work.Tx) error { return tx.DeleteForwarder(b.ctx(), team.ID) })
	absent(b, "a deleted one", find(o.ID, "team"))
	same(t, list(o.ID), []*forwarder.Forwarder{all})
	same(t, len(with(12)), 0)
	same(t, len(list(other.ID)), 1)
	counts(1, 1)
	b.write(func(tx work.Tx) error { return tx.DeleteForwarder(b.ctx(), team.ID) }) // nothing to do
}

func testCatchAll(t *testing.T, b *bench) {
	o, other := b.anOrder("d.example"), b.anOrder("e.example")
	x, y := b.box(o, "x"), b.box(o, "y")
	is := func(id, want int64) {
		t.Helper()
		if got := get(b, func(tx work.Tx) (int64, error) { return tx.CatchAll(b.ctx(), id) }); got != want {
			t.Errorf("order %d has %d, want %d", id, got, want)
		}
	}
	is(o.ID, 0)
	for _, a := range []*account.Account{x, y, y} {
		b.write(func(tx work.Tx) error { return tx.SetCatchAll(b.ctx(), o.ID, a.ID) })
		is(o.ID, a.ID)
		is(other.ID, 0)
	}
	for range 2 {
		b.write(func(tx work.Tx) error { return tx.ClearCatchAll(b.ctx(), o.ID) })
		is(o.ID, 0)
	}
}

func testAccountsByID(t *testing.T, b *bench) {
	o := b.anOrder("d.example")
	x, y := b.box(o, "x"), b.box(o, "y")
	some := func(ids ...int64) []*account.Account {
		return get(b, func(tx work.Tx) ([]*account.Account, error) { return tx.Accounts(b.ctx(), ids) })
	}
	same(t, some(y.ID, x.ID, y.ID, 99999), []*account.Account{x, y})
	same(t, len(some()), 0)
	many := make([]int64, 5000)
	for i := range many {
		many[i] = int64(100000 + i)
	}
	same(t, some(append(many, y.ID)...), []*account.Account{y})
}
