package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

var errMine = errors.New("the closure's own error")

func (b *bench) partners() int {
	b.t.Helper()
	return len(get(b, func(tx work.Tx) ([]*partner.Partner, error) { return tx.Partners(b.ctx()) }))
}

func insertPartner(ctx context.Context, tx work.Tx) error {
	return tx.InsertPartner(ctx, &partner.Partner{Status: partner.Active})
}

func testRollback(t *testing.T, b *bench) {
	b.partner()
	err := b.s.Write(b.ctx(), func(tx work.Tx) error {
		if err := insertPartner(b.ctx(), tx); err != nil {
			return err
		}
		return errMine
	})
	if err != errMine { // it must be the very same
		t.Errorf("got %v, want the closure's error as it is", err)
	}
	own := fault.New(fault.Conflict, "mine").WithReason("MINE")
	err = b.s.Write(b.ctx(), func(tx work.Tx) error {
		if err := insertPartner(b.ctx(), tx); err != nil {
			return err
		}
		return own
	})
	if err != error(own) { // it must be the very same
		t.Errorf("got %v, want the closure's fault as it is", err)
	}
	if err := b.s.Read(b.ctx(), func(work.Tx) error { return errMine }); err != errMine { // it must be the very same
		t.Errorf("got %v, want the closure's error as it is", err)
	}
	if n := b.partners(); n != 1 {
		t.Errorf("%d partners, want 1", n)
	}
}

func testPanic(t *testing.T, b *bench) {
	err := b.s.Write(b.ctx(), func(tx work.Tx) error {
		if err := insertPartner(b.ctx(), tx); err != nil {
			return err
		}
		panic("on purpose")
	})
	if !fault.Is(err, fault.Internal) {
		t.Errorf("Write gave %v, want an internal fault", err)
	}
	if err := b.s.Read(b.ctx(), func(work.Tx) error { panic("on purpose") }); !fault.Is(err, fault.Internal) {
		t.Errorf("Read gave %v, want an internal fault", err)
	}
	if n := b.partners(); n != 0 {
		t.Errorf("%d partners, want none", n)
	}
	b.partner()
}

func testCancelled(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(b.ctx())
	cancel()
	ran := false
	for name, do := range map[string]func(context.Context, func(work.Tx) error) error{"Write": b.s.Write, "Read": b.s.Read} {
		err := do(ctx, func(tx work.Tx) error {
			ran = true
			return insertPartner(ctx, tx)
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s gave %v, want the context's error", name, err)
		}
	}
	if n := b.partners(); n != 0 {
		t.Errorf("%d partners, want none (the closure ran: %v)", n, ran)
	}
	// A context that ends within the closure ends its statements.
	ctx, cancel = context.WithCancel(b.ctx())
	defer cancel()
	err := b.s.Write(ctx, func(tx work.Tx) error {
		if err := insertPartner(ctx, tx); err != nil {
			return err
		}
		cancel()
		return insertPartner(ctx, tx)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if n := b.partners(); n != 0 {
		t.Errorf("%d partners, want none", n)
	}
}

// testNeighbours: of many writers at once some fail, each by its own fault.
func testNeighbours(t *testing.T, b *bench) {
	p := b.partner()
	b.customer(p, "taken")
	const n = 60
	errs := concurrently(n, func(i int) error {
		return b.s.Write(b.ctx(), func(tx work.Tx) error {
			c := &customer.Customer{PartnerID: p.ID, CustomerID: fmt.Sprint("c", i), Status: customer.Active}
			if err := tx.InsertCustomer(b.ctx(), c); err != nil {
				return err
			}
			switch i % 4 {
			case 1:
				return errMine
			case 2:
				panic("on purpose")
			case 3:
				return tx.InsertCustomer(b.ctx(), &customer.Customer{PartnerID: p.ID, CustomerID: "taken", Status: customer.Active})
			}
			return nil
		})
	})
	for i, err := range errs {
		switch ok := [4]bool{err == nil, errors.Is(err, errMine), fault.Is(err, fault.Internal), fault.Is(err, fault.Conflict)}; {
		case !ok[i%4]:
			t.Errorf("writer %d: %v", i, err)
		}
		found := get(b, func(tx work.Tx) ([]*customer.Customer, error) {
			return tx.CustomersByPartnerID(b.ctx(), p.ID, fmt.Sprint("c", i))
		})
		if want := i%4 == 0; (len(found) == 1) != want {
			t.Errorf("writer %d: %d rows, want any: %v", i, len(found), want)
		}
	}
}

// testRace: of many that want one key, one gets it and the others are told.
func testRace(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	for what, take := range map[string]func(tx work.Tx, i int) error{
		"address": func(tx work.Tx, i int) error {
			return tx.TakeAddress(b.ctx(), account.Address{OrderID: o.ID, Local: "x", Kind: account.KindAccount, AccountID: int64(i)})
		},
		"customer": func(tx work.Tx, _ int) error {
			return tx.InsertCustomer(b.ctx(), &customer.Customer{PartnerID: o.PartnerID, CustomerID: "x", Status: customer.Active})
		},
		"serviceable order": func(tx work.Tx, i int) error {
			n := newOrder(&customer.Customer{ID: o.CustomerID, PartnerID: o.PartnerID}, "raced.example")
			n.Serviceable, n.Seats = true, i
			return tx.InsertOrder(b.ctx(), n)
		},
	} {
		won := 0
		for i, err := range concurrently(16, func(i int) error {
			return b.s.Write(b.ctx(), func(tx work.Tx) error { return take(tx, i) })
		}) {
			switch {
			case err == nil:
				won++
			case !fault.Is(err, fault.Conflict):
				t.Errorf("%s, writer %d: %v", what, i, err)
			}
		}
		if won != 1 {
			t.Errorf("%s: %d writers won, want 1", what, won)
		}
	}
}

// testSerialisable: writers that decide by what they read never overbook, and a
// closure that was run again has left one effect.
func testSerialisable(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	errFull := errors.New("full")
	const writers = 16
	done := 0
	for _, err := range concurrently(writers, func(i int) error {
		return b.s.Write(b.ctx(), func(tx work.Tx) error {
			n, err := tx.Counters(b.ctx(), o.ID)
			if err != nil {
				return err
			}
			if n.Provisioned >= o.Seats {
				return errFull
			}
			return tx.InsertAccount(b.ctx(), newAccount(o, fmt.Sprint("a", i)))
		})
	}) {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, errFull):
			t.Error(err)
		}
	}
	list := get(b, func(tx work.Tx) ([]*account.Account, error) { return tx.AccountsByOrder(b.ctx(), o.ID, true) })
	if done != o.Seats || len(list) != o.Seats {
		t.Errorf("%d writers were told yes and %d accounts exist, want %d", done, len(list), o.Seats)
	}

	// Read, add one, write: no update is lost.
	o.Seats = 0
	b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), o) })
	for _, err := range concurrently(writers, func(int) error {
		return b.s.Write(b.ctx(), func(tx work.Tx) error {
			now, err := tx.Order(b.ctx(), o.ID)
			if err != nil {
				return err
			}
			now.Seats++
			return tx.UpdateOrder(b.ctx(), now)
		})
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	if got := b.orderOf(o.ID).Seats; got != writers {
		t.Errorf("%d additions left %d", writers, got)
	}
}

// testSnapshot: a reader sees one moment, whatever is committed meanwhile.
func testSnapshot(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	b.read(func(tx work.Tx) error {
		before, err := tx.Order(b.ctx(), o.ID)
		if err != nil {
			return err
		}
		o.Seats++
		if err := b.s.Write(b.ctx(), func(tx work.Tx) error {
			if err := insertPartner(b.ctx(), tx); err != nil {
				return err
			}
			return tx.UpdateOrder(b.ctx(), o)
		}); err != nil {
			return err
		}
		after, err := tx.Order(b.ctx(), o.ID)
		if err != nil {
			return err
		}
		same(t, after, before)
		list, err := tx.Partners(b.ctx())
		if len(list) != 1 {
			t.Errorf("the reader sees %d partners, want 1", len(list))
		}
		return err
	})
	same(t, b.orderOf(o.ID), o)
	// A reader can't write.
	if err := b.s.Read(b.ctx(), func(tx work.Tx) error { return insertPartner(b.ctx(), tx) }); err == nil {
		t.Error("a reader could write")
	}
	if n := b.partners(); n != 2 {
		t.Errorf("%d partners, want 2", n)
	}
}

func testOwnWrites(t *testing.T, b *bench) {
	b.write(func(tx work.Tx) error {
		p := &partner.Partner{Status: partner.Active}
		if err := tx.InsertPartner(b.ctx(), p); err != nil {
			return err
		}
		got, err := tx.Partner(b.ctx(), p.ID)
		if err == nil && got == nil {
			t.Error("a writer does not see its own row")
		}
		return err
	})
}

// testEventOrder: whoever has seen an event of an order has seen the earlier
// ones: ids grow in commit order. Each writer checks at its commit what is there.
func testEventOrder(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	append1 := func(i int) (last int64, err error) {
		err = b.s.Write(b.ctx(), func(tx work.Tx) error {
			e := &event.Event{PublicID: fmt.Sprint(i), PartnerID: o.PartnerID, OrderID: o.ID, Type: event.MailOrderStatusUpdated}
			if err := tx.AppendEvent(b.ctx(), e); err != nil {
				return err
			}
			last = e.ID
			// Something of its own, so that nothing else makes the writers conflict.
			return insertPartner(b.ctx(), tx)
		})
		return last, err
	}
	follow(t, func(i int) error { _, err := append1(i); return err }, func() ([]int64, error) {
		var seen []int64
		err := b.s.Read(b.ctx(), func(tx work.Tx) error {
			list, err := tx.Events(b.ctx(), o.PartnerID, 0, 1000)
			seen = ids(list, func(e *event.Event) int64 { return e.ID })
			return err
		})
		return seen, err
	})
}

func testAccessOrder(t *testing.T, b *bench) {
	follow(t, func(i int) error {
		return b.s.Write(b.ctx(), func(tx work.Tx) error { return tx.AccessChanged(b.ctx(), int64(i), 0) })
	}, func() ([]int64, error) {
		var seen []int64
		err := b.s.Read(b.ctx(), func(tx work.Tx) error {
			list, err := tx.AccessChangesAfter(b.ctx(), 0, 1000)
			seen = nil
			for _, c := range list {
				seen = append(seen, c.ID)
			}
			return err
		})
		return seen, err
	})
}

// follow appends from many sides and looks meanwhile: each look must begin with
// what the look before it saw.
func follow(t *testing.T, add func(i int) error, look func() ([]int64, error)) {
	t.Helper()
	const writers = 40
	finished := make(chan []error, 1)
	go func() { finished <- concurrently(writers, add) }()
	var before []int64
	for last := false; ; {
		now, err := look()
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range before {
			if i >= len(now) || now[i] != id {
				t.Fatalf("saw %v, then %v: an id came before one that was seen", before, now)
			}
		}
		before = now
		if last {
			break
		}
		select {
		case errs := <-finished:
			for _, err := range errs {
				if err != nil {
					t.Error(err)
				}
			}
			last = true
		default:
		}
	}
	if len(before) != writers {
		t.Errorf("%d entries, want %d", len(before), writers)
	}
}

func testUnicode(t *testing.T, b *bench) {
	c := b.customer(b.partner(), "日本 𝒳 ' \" ? $1 -- \\")
	same(t, get(b, func(tx work.Tx) ([]*customer.Customer, error) {
		return tx.CustomersByPartnerID(b.ctx(), c.PartnerID, c.CustomerID)
	}), []*customer.Customer{c})
	// Names sort by their bytes.
	for _, d := range []string{"b.example", "B.example", "-.example", "é.example"} {
		b.order(c, d)
	}
	got := get(b, func(tx work.Tx) ([]*order.Order, error) {
		return tx.FindOrders(b.ctx(), work.OrderFilter{DomainPrefix: "b"}, 10)
	})
	if len(got) != 1 || got[0].Domain != "b.example" {
		t.Errorf("found %s", show(got))
	}
}

// concurrently runs fn n times at once and gives what each said.
func concurrently(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var start, wg sync.WaitGroup
	start.Add(1)
	for i := range n {
		wg.Go(func() {
			start.Wait()
			errs[i] = fn(i)
		})
	}
	start.Done()
	wg.Wait()
	return errs
}
