package storetest

import (
	"testing"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/due"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
)

func dueIDs(list []*due.Item) []int64 {
	return ids(list, func(i *due.Item) int64 { return i.ObjectID })
}

func testDue(t *testing.T, b *bench) {
	p, q := b.partner(), b.partner()
	absent(b, "Due", func(tx work.Tx) (*due.Item, error) { return tx.Due(b.ctx(), due.Order, 1) })
	absent(b, "NextDueOf", func(tx work.Tx) (*due.Item, error) { return tx.NextDueOf(b.ctx(), 0) })
	one := due.Item{Kind: due.Order, ObjectID: 1, PartnerID: p.ID, At: when(9)}
	b.write(func(tx work.Tx) error {
		for _, i := range []due.Item{
			one,
			{Kind: due.Account, ObjectID: 1, PartnerID: p.ID, At: when(3)},
			{Kind: due.Order, ObjectID: 2, PartnerID: q.ID, ClockID: q.ID, At: when(1)},
			{Kind: due.Order, ObjectID: 3, PartnerID: q.ID, ClockID: q.ID, At: when(5)},
		} {
			if err := tx.SetDue(b.ctx(), i); err != nil {
				return err
			}
		}
		return nil
	})
	item := func(k due.Kind, id int64) *due.Item {
		return get(b, func(tx work.Tx) (*due.Item, error) { return tx.Due(b.ctx(), k, id) })
	}
	next := func(clock int64) *due.Item {
		return get(b, func(tx work.Tx) (*due.Item, error) { return tx.NextDueOf(b.ctx(), clock) })
	}
	same(t, *item(due.Order, 1), one)
	same(t, next(0).Kind, due.Account)
	same(t, next(q.ID).ObjectID, int64(2))
	count := func(until time.Time, limit int) int {
		return get(b, func(tx work.Tx) (int, error) { return tx.CountDue(b.ctx(), q.ID, until, limit) })
	}
	same(t, []int{count(when(0), 9), count(when(1), 9), count(when(9), 9), count(when(9), 1)}, []int{0, 1, 2, 1})
	list := func(f work.DueFilter, limit int) []int64 {
		return dueIDs(get(b, func(tx work.Tx) ([]*due.Item, error) { return tx.DueItems(b.ctx(), f, limit) }))
	}
	same(t, list(work.DueFilter{}, 9), []int64{2, 1, 3, 1})
	same(t, list(work.DueFilter{}, 1), []int64{2})
	same(t, list(work.DueFilter{PartnerID: p.ID, Kind: due.Order}, 9), []int64{1})
	same(t, list(work.DueFilter{Failed: true}, 9), []int64{})
	moved := one
	moved.At = when(0)
	b.write(func(tx work.Tx) error {
		if err := tx.ClearDue(b.ctx(), due.Order, 2); err != nil {
			return err
		}
		return tx.SetDue(b.ctx(), moved)
	})
	same(t, *item(due.Order, 1), moved)
	same(t, list(work.DueFilter{}, 9), []int64{1, 1, 3})
	for _, c := range []struct {
		id   int64
		want bool
	}{{3, true}, {77, false}} {
		var found bool
		b.write(func(tx work.Tx) (err error) {
			found, err = tx.RetryDue(b.ctx(), due.Order, c.id, when(-5))
			return err
		})
		same(t, found, c.want)
	}
	same(t, next(q.ID).At, when(-5))
	same(t, item(due.Order, 3).At, when(5)) // when it fell due stays
}

func testPartnerClock(t *testing.T, b *bench) {
	p, q := b.partner(), b.partner()
	clock := func(id int64) *partner.Clock {
		return get(b, func(tx work.Tx) (*partner.Clock, error) { return tx.PartnerClock(b.ctx(), id) })
	}
	if clock(p.ID) != nil {
		t.Error("a clock that nobody set")
	}
	c := &partner.Clock{PartnerID: p.ID, Offset: 37*24*time.Hour + time.Microsecond, Target: maybe(3), UpdatedAt: when(1), Mover: "node", MoverUntil: when(2)}
	still := &partner.Clock{PartnerID: q.ID, UpdatedAt: when(1), MoverUntil: time.UnixMicro(0).UTC()}
	put := func(c *partner.Clock) {
		b.write(func(tx work.Tx) error { return tx.PutPartnerClock(b.ctx(), c) })
		same(t, clock(c.PartnerID), c)
	}
	put(c)
	put(still)
	moving := func() int {
		return len(get(b, func(tx work.Tx) ([]*partner.Clock, error) { return tx.MovingClocks(b.ctx(), 9) }))
	}
	same(t, moving(), 1)
	c.Target, c.Mover = nil, ""
	put(c)
	same(t, moving(), 0)
}

func testSweep(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	c := b.customer(b.partner(), "c-2")
	second, third := b.order(c, "b.example"), b.order(c, "c.example")
	third.PurgedAt = maybe(5)
	gone, alive := b.account(o, "gone", deleted), b.account(o, "alive", nil)
	b.account(o, "purged", purged)
	b.write(func(tx work.Tx) error {
		if err := tx.UpdateOrder(b.ctx(), third); err != nil {
			return err
		}
		if err := tx.SetDue(b.ctx(), due.Item{Kind: due.Account, ObjectID: alive.ID, PartnerID: o.PartnerID, At: when(1)}); err != nil {
			return err
		}
		return tx.SetDue(b.ctx(), due.Item{Kind: due.Order, ObjectID: second.ID, PartnerID: c.PartnerID, At: when(1)})
	})
	orders := func(after int64, limit int) (out []int64) {
		t.Helper()
		for _, o := range get(b, func(tx work.Tx) ([]work.ScheduledOrder, error) {
			return tx.OrdersAfter(b.ctx(), []due.Kind{due.Order, due.Renewal}, after, limit)
		}) {
			item := o.Items[due.Order]
			if (item != nil) != (o.ID == second.ID) || item != nil && (item.ObjectID != o.ID || !item.At.Equal(when(1))) || o.Items[due.Renewal] != nil {
				t.Errorf("order %d has %+v", o.ID, o.Items)
			}
			out = append(out, o.ID)
		}
		return out
	}
	same(t, orders(0, 9), []int64{o.ID, second.ID})
	same(t, orders(0, 1), []int64{o.ID})
	same(t, orders(second.ID, 9), []int64(nil))
	b.write(func(tx work.Tx) error {
		return tx.SetDue(b.ctx(), due.Item{Kind: due.Renewal, ObjectID: o.ID, PartnerID: o.PartnerID, At: when(4)})
	})
	renewals := get(b, func(tx work.Tx) ([]work.ScheduledOrder, error) {
		return tx.OrdersAfter(b.ctx(), []due.Kind{due.Renewal}, 0, 9)
	})
	if len(renewals) != 2 || len(renewals[0].Items) != 1 || renewals[0].Items[due.Renewal].Kind != due.Renewal || !renewals[0].Items[due.Renewal].At.Equal(when(4)) ||
		len(renewals[1].Items) != 0 {
		t.Errorf("%+v", renewals)
	}
	accounts := get(b, func(tx work.Tx) ([]work.ScheduledAccount, error) { return tx.AccountsAfter(b.ctx(), 0, 9) })
	if len(accounts) != 1 || accounts[0].ID != gone.ID || accounts[0].Item != nil {
		t.Errorf("%+v", accounts)
	}
	cursor := func(after int64, finished *time.Time) {
		t.Helper()
		b.read(func(tx work.Tx) error {
			a, f, err := tx.SweepCursor(b.ctx(), due.Order)
			same(t, a, after)
			same(t, f, finished)
			return err
		})
	}
	put := func(after int64, finished *time.Time) {
		b.write(func(tx work.Tx) error { return tx.PutSweepCursor(b.ctx(), due.Order, after, finished) })
	}
	cursor(0, nil)
	put(7, nil)
	cursor(7, nil)
	put(0, maybe(1))
	put(8, nil)
	cursor(8, maybe(1))
}

func testPurgeRows(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	x, y := b.account(o, "x", suspended), b.account(o, "y", deleted)
	gone := b.account(o, "gone", purged)
	other := b.account(b.anOrder("b.example"), "x", nil)
	next := func(after int64) *account.Account {
		return get(b, func(tx work.Tx) (*account.Account, error) { return tx.NextUnpurged(b.ctx(), o.ID, after) })
	}
	same(t, next(0).ID, x.ID)
	same(t, next(x.ID).ID, y.ID)
	if a := next(y.ID); a != nil {
		t.Errorf("%+v is purged", a)
	}
	totals := func(fn func(work.Tx) (work.PurgeTotals, error)) work.PurgeTotals { return get(b, fn) }
	of := func(id int64) work.PurgeTotals {
		return totals(func(tx work.Tx) (work.PurgeTotals, error) { return tx.Purge(b.ctx(), id) })
	}
	sum := func() work.PurgeTotals {
		return totals(func(tx work.Tx) (work.PurgeTotals, error) { return tx.PurgeOfOrder(b.ctx(), o.ID) })
	}
	first := work.PurgeTotals{Accounts: 1, Folders: 6, Messages: 2, Bytes: 1 << 40}
	b.write(func(tx work.Tx) error {
		for _, a := range []*account.Account{x, y, x} { // the first count stays
			if err := tx.PutPurge(b.ctx(), a.ID, o.ID, when(1), first); err != nil {
				return err
			}
			first.Bytes++
		}
		if err := tx.CreateMailbox(b.ctx(), x.ID, 1); err != nil {
			return err
		}
		got, err := tx.BeginMailboxPurge(b.ctx(), x.ID)
		same(t, got.Accounts, int64(1))
		same(t, got.Folders, int64(1)) // the test's mailboxes have one
		if err != nil {
			return err
		}
		for _, id := range []int64{x.ID, other.ID} {
			if err := tx.InsertLoginToken(b.ctx(), work.LoginToken{Hash: []byte{byte(id)}, AccountID: id, ExpiresAt: when(1)}); err != nil {
				return err
			}
		}
		if err := tx.InsertNotice(b.ctx(), &notice.Notice{PartnerID: o.PartnerID, OrderID: o.ID, AccountID: x.ID, Kind: "k", To: "z@example.com", CreatedAt: when(1)}); err != nil {
			return err
		}
		for _, a := range []account.Address{{OrderID: o.ID, Local: "x", Kind: account.KindAccount, AccountID: x.ID}, {OrderID: o.ID, Local: "f", Kind: account.KindForwarder}} {
			if err := tx.TakeAddress(b.ctx(), a); err != nil {
				return err
			}
		}
		for _, f := range []*forwarder.Forwarder{newForwarder(o, "f", forwarder.Member{Email: "x@a.example", AccountID: x.ID}, forwarder.Member{Email: "z@elsewhere.example"}),
			newForwarder(&order.Order{ID: other.OrderID, PartnerID: other.PartnerID, Domain: "b.example"}, "f", forwarder.Member{Email: "x@b.example", AccountID: other.ID})} {
			if err := tx.InsertForwarder(b.ctx(), f); err != nil {
				return err
			}
		}
		for _, a := range []*account.Account{x, other} {
			if err := tx.SetCatchAll(b.ctx(), a.OrderID, a.ID); err != nil {
				return err
			}
		}
		return tx.InsertDKIMKey(b.ctx(), &work.DKIMKey{Domain: o.Domain, Selector: "s", Algorithm: "rsa", Sealed: []byte{1}, CreatedAt: when(1)})
	})
	first.Bytes = 1 << 40
	same(t, of(x.ID), first)
	same(t, sum(), work.PurgeTotals{Accounts: 2, Folders: 12, Messages: 4, Bytes: 2<<40 + 1})
	same(t, of(gone.ID), work.PurgeTotals{})
	b.write(func(tx work.Tx) error {
		if err := tx.PurgeAccountRows(b.ctx(), x.ID); err != nil {
			return err
		}
		return tx.ForgetPurge(b.ctx(), x.ID)
	})
	same(t, sum().Accounts, int64(1))
	routes := func(a *account.Account, local string) (members int, catchAll int64) {
		b.read(func(tx work.Tx) error {
			f, err := tx.Forwarder(b.ctx(), a.OrderID, local)
			if err != nil {
				return err
			}
			if members = -1; f != nil {
				members = len(f.Members)
			}
			catchAll, err = tx.CatchAll(b.ctx(), a.OrderID)
			return err
		})
		return members, catchAll
	}
	if members, catchAll := routes(x, "f"); members != 1 || catchAll != 0 {
		t.Errorf("%d members and the catch-all %d are left of an account", members, catchAll)
	}
	b.write(func(tx work.Tx) error {
		for id, want := range map[int64]bool{x.ID: false, other.ID: true} {
			l, err := tx.TakeLoginToken(b.ctx(), []byte{byte(id)})
			if err != nil {
				return err
			}
			same(t, l != nil, want)
		}
		if err := tx.ForgetPurgeOfOrder(b.ctx(), o.ID); err != nil {
			return err
		}
		if err := tx.PurgeOrderRows(b.ctx(), o.ID); err != nil {
			return err
		}
		n, err := tx.DeleteDKIMKeys(b.ctx(), o.Domain)
		same(t, n, int64(1))
		return err
	})
	same(t, sum(), work.PurgeTotals{})
	if members, catchAll := routes(x, "f"); members != -1 || catchAll != 0 {
		t.Errorf("%d members and the catch-all %d are left of an order", members, catchAll)
	}
	if members, catchAll := routes(other, "f"); members != 1 || catchAll != other.ID {
		t.Errorf("%d members and the catch-all %d are left of another order", members, catchAll)
	}
	for _, local := range []string{"x", "f"} {
		absent(b, local, func(tx work.Tx) (*account.Address, error) { return tx.Address(b.ctx(), o.ID, local) })
	}
	b.read(func(tx work.Tx) error {
		kept, err := tx.Order(b.ctx(), o.ID)
		same(t, kept.Status(when(0)), order.Active)
		return err
	})
}
