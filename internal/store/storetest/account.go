package storetest

import (
	"testing"

	"posthouse/internal/core/account"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func newAccount(o *order.Order, local string) *account.Account {
	return &account.Account{OrderID: o.ID, PartnerID: o.PartnerID, Local: local, Domain: o.Domain, CreatedAt: when(1), UpdatedAt: when(2)}
}

func (b *bench) account(o *order.Order, local string, change func(*account.Account)) *account.Account {
	b.t.Helper()
	a := newAccount(o, local)
	if change != nil {
		change(a)
	}
	b.write(func(tx work.Tx) error { return tx.InsertAccount(b.ctx(), a) })
	return a
}

func (b *bench) accountOf(id int64) *account.Account {
	b.t.Helper()
	return get(b, func(tx work.Tx) (*account.Account, error) { return tx.Account(b.ctx(), id) })
}

func suspended(a *account.Account) {
	a.Suspensions = suspension.Set{{Type: "abuse", Role: suspension.RoleTitan, On: when(3), Note: "note"}}
}
func deleted(a *account.Account) { a.DeletedAt, a.PurgeAt = maybe(4), maybe(5) }
func purged(a *account.Account)  { deleted(a); a.PurgedAt = maybe(6) }

func testAccount(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	absent(b, "Account", func(tx work.Tx) (*account.Account, error) { return tx.Account(b.ctx(), 1) })
	full := &account.Account{
		OrderID: o.ID, PartnerID: o.PartnerID, Local: "full", Domain: o.Domain, Name: "Full Name", FirstName: "Full", LastName: "Name",
		AlternateEmail: "x@example.com", PasswordHash: "$argon2id$", IsAdmin: true, Locale: "de", Country: "DE", Source: "api",
		DeletedAt: maybe(1), DeletionReason: "why", PurgeAt: maybe(2), PurgedAt: maybe(3), PurgeBegunAt: maybe(8),
		Suspensions: suspension.Set{
			{Type: "b", Role: suspension.RoleTitan, On: when(3), Note: "note"},
			{Type: "a", Role: suspension.RolePartner, On: when(4)},
		},
		Aliases:   []account.Alias{{Local: "z", DisplayName: "Zed", Held: true}, {Local: "a"}, {Local: "m", Held: true}},
		CreatedAt: when(5), UpdatedAt: when(6),
	}
	b.write(func(tx work.Tx) error { return tx.InsertAccount(b.ctx(), full) })
	same(t, b.accountOf(full.ID), full)
	plain := b.account(o, "plain", nil)
	same(t, b.accountOf(plain.ID), plain)

	*full = account.Account{ID: full.ID, OrderID: o.ID, PartnerID: o.PartnerID, Local: "other", Domain: o.Domain, Name: "N", FirstName: "F",
		LastName: "L", AlternateEmail: "y@example.com", PasswordHash: "h", Locale: "en", Country: "GB", Source: "cli",
		Aliases: []account.Alias{{Local: "a", DisplayName: "A", Held: true}}, CreatedAt: when(7), UpdatedAt: when(8)}
	b.write(func(tx work.Tx) error { return tx.UpdateAccount(b.ctx(), full) })
	same(t, b.accountOf(full.ID), full)
	full.Aliases = nil
	suspended(full)
	b.write(func(tx work.Tx) error { return tx.UpdateAccount(b.ctx(), full) })
	same(t, b.accountOf(full.ID), full)
	full.Suspensions = nil
	b.write(func(tx work.Tx) error { return tx.UpdateAccount(b.ctx(), full) })
	same(t, b.accountOf(full.ID), full)
	same(t, b.accountOf(plain.ID), plain)

	b.refused(fault.NotFound, func(tx work.Tx) error {
		a := newAccount(o, "x")
		a.ID = 999
		return tx.UpdateAccount(b.ctx(), a)
	})
	b.refused(fault.Conflict, func(tx work.Tx) error {
		a := newAccount(o, "x")
		a.OrderID = 999
		return tx.InsertAccount(b.ctx(), a)
	})
}

func testAccountLookups(t *testing.T, b *bench) {
	o, other := b.anOrder("a.example"), b.anOrder("b.example")
	old := b.account(o, "x", purged)
	gone := b.account(o, "x", deleted)
	live := b.account(o, "x", suspended)
	again := b.account(o, "x", func(a *account.Account) { deleted(a); suspended(a) })
	second := b.account(o, "y", func(a *account.Account) { a.Aliases = []account.Alias{{Local: "z", Held: true}} })
	foreign := b.account(other, "x", nil)
	byOrder := func(all bool) []*account.Account {
		return get(b, func(tx work.Tx) ([]*account.Account, error) { return tx.AccountsByOrder(b.ctx(), o.ID, all) })
	}
	same(t, byOrder(false), []*account.Account{live, second})
	same(t, byOrder(true), []*account.Account{gone, live, again, second})
	byEmail := func(local, domain string) []*account.Account {
		return get(b, func(tx work.Tx) ([]*account.Account, error) { return tx.AccountsByEmail(b.ctx(), local, domain) })
	}
	same(t, byEmail("x", "a.example"), []*account.Account{live, again, gone})
	same(t, byEmail("x", "b.example"), []*account.Account{foreign})
	for _, none := range [][2]string{{"z", "a.example"}, {"X", "a.example"}, {"x", "c.example"}} {
		if got := byEmail(none[0], none[1]); len(got) != 0 {
			t.Errorf("%v: found %s", none, show(got))
		}
	}
	same(t, b.accountOf(old.ID), old)
}

func testCounters(t *testing.T, b *bench) {
	o, other, empty := b.anOrder("a.example"), b.anOrder("b.example"), b.anOrder("c.example")
	check := func(want, wantOther order.Counters) {
		t.Helper()
		same(t, get(b, func(tx work.Tx) (order.Counters, error) { return tx.Counters(b.ctx(), o.ID) }), want)
		all := get(b, func(tx work.Tx) (map[int64]order.Counters, error) {
			return tx.CountersOf(b.ctx(), []int64{other.ID, 999, o.ID, empty.ID})
		})
		same(t, all[o.ID], want)
		same(t, all[other.ID], wantOther)
		for _, id := range []int64{empty.ID, 999} {
			if c, ok := all[id]; ok {
				t.Errorf("order %d without accounts has %+v", id, c)
			}
		}
	}
	check(order.Counters{}, order.Counters{})
	x := b.account(o, "x", nil)
	b.account(o, "s", suspended)
	b.account(o, "d", func(a *account.Account) { deleted(a); suspended(a) })
	b.account(o, "p", purged)
	y := b.account(other, "x", nil)
	check(order.Counters{Active: 1, Provisioned: 2}, order.Counters{Active: 1, Provisioned: 1})
	for _, step := range []struct {
		change func(*account.Account)
		want   order.Counters
	}{
		{suspended, order.Counters{Active: 0, Provisioned: 2}},
		{func(a *account.Account) { a.Name = "only the name" }, order.Counters{Active: 0, Provisioned: 2}},
		{deleted, order.Counters{Active: 0, Provisioned: 1}},
		{func(a *account.Account) { a.Suspensions = nil }, order.Counters{Active: 0, Provisioned: 1}},
		{purged, order.Counters{Active: 0, Provisioned: 1}},
		{func(a *account.Account) { a.DeletedAt, a.PurgeAt, a.PurgedAt = nil, nil, nil }, order.Counters{Active: 1, Provisioned: 2}},
	} {
		step.change(x)
		b.write(func(tx work.Tx) error { return tx.UpdateAccount(b.ctx(), x) })
		check(step.want, order.Counters{Active: 1, Provisioned: 1})
	}
	// An account that moves takes its count along.
	y.OrderID = o.ID
	b.write(func(tx work.Tx) error { return tx.UpdateAccount(b.ctx(), y) })
	check(order.Counters{Active: 2, Provisioned: 3}, order.Counters{})
	// The order's own update leaves them alone.
	b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), o) })
	check(order.Counters{Active: 2, Provisioned: 3}, order.Counters{})
	if got := get(b, func(tx work.Tx) (map[int64]order.Counters, error) { return tx.CountersOf(b.ctx(), nil) }); len(got) != 0 {
		t.Errorf("counters of no orders: %v", got)
	}
}

func testAddress(t *testing.T, b *bench) {
	o, other := b.anOrder("a.example"), b.anOrder("b.example")
	look := func(id int64, local string) *account.Address {
		return get(b, func(tx work.Tx) (*account.Address, error) { return tx.Address(b.ctx(), id, local) })
	}
	taken := []account.Address{
		{OrderID: o.ID, Local: "x", Kind: account.KindAccount, AccountID: 5},
		{OrderID: o.ID, Local: "y", Kind: account.KindAlias, AccountID: 5},
		{OrderID: o.ID, Local: "z", Kind: account.KindForwarder},
		{OrderID: other.ID, Local: "x", Kind: account.KindForwarder},
	}
	for _, a := range taken {
		b.write(func(tx work.Tx) error { return tx.TakeAddress(b.ctx(), a) })
	}
	for _, a := range taken {
		same(t, look(a.OrderID, a.Local), &a)
		b.refused(fault.Conflict, func(tx work.Tx) error { return tx.TakeAddress(b.ctx(), a) })
	}
	absent(b, "Address", func(tx work.Tx) (*account.Address, error) { return tx.Address(b.ctx(), other.ID, "y") })
	b.write(func(tx work.Tx) error { return tx.FreeAddress(b.ctx(), o.ID, "x") })
	b.write(func(tx work.Tx) error { return tx.FreeAddress(b.ctx(), o.ID, "never taken") })
	absent(b, "Address", func(tx work.Tx) (*account.Address, error) { return tx.Address(b.ctx(), o.ID, "x") })
	same(t, look(other.ID, "x"), &taken[3])
	again := account.Address{OrderID: o.ID, Local: "x", Kind: account.KindAlias, AccountID: 9}
	b.write(func(tx work.Tx) error { return tx.TakeAddress(b.ctx(), again) })
	same(t, look(o.ID, "x"), &again)
}

func testMailbox(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	x, y := b.account(o, "x", nil), b.account(o, "y", nil)
	b.write(func(tx work.Tx) error {
		if err := tx.CreateMailbox(b.ctx(), x.ID, 1000); err != nil {
			return err
		}
		return tx.CreateMailbox(b.ctx(), y.ID, 1000)
	})
	b.write(func(tx work.Tx) error { return tx.SetMailboxQuota(b.ctx(), o.ID, 2000) })
	b.write(func(tx work.Tx) error { return tx.SetMailboxQuota(b.ctx(), b.empty(), 2000) })
	same(t, get(b, func(tx work.Tx) (map[int64]int64, error) {
		return tx.StorageUsed(b.ctx(), []int64{y.ID, x.ID, 999})
	}), map[int64]int64{x.ID: 0, y.ID: 0})
	if got := get(b, func(tx work.Tx) (map[int64]int64, error) { return tx.StorageUsed(b.ctx(), nil) }); len(got) != 0 {
		t.Errorf("storage of no accounts: %v", got)
	}
}

// empty is the id of an order that does not exist.
func (b *bench) empty() int64 { return 999 }
