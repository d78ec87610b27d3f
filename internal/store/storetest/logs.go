package storetest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/work"
	"posthouse/internal/dkim"
	"posthouse/internal/fault"
)

func testPayment(t *testing.T, b *bench) {
	o, other := b.anOrder("a.example"), b.anOrder("b.example")
	base := work.Payment{PartnerID: o.PartnerID, OrderID: o.ID, TxnID: "t-1", Action: "renew", Currency: "EUR", ChargedAmount: "1.00",
		ChargedUSDAmount: "2.00", DiscountAmount: "3.00", TaxAmount: "4.00", At: when(1)}
	var booked []*work.Payment
	pay := func(want bool, change func(*work.Payment)) {
		t.Helper()
		p := base
		change(&p)
		var got bool
		b.write(func(tx work.Tx) (err error) {
			got, err = tx.InsertPayment(b.ctx(), &p)
			return err
		})
		if got != want {
			t.Errorf("%s: booked %v, want %v", show(p), got, want)
		}
		if got && p.OrderID == o.ID {
			booked = append(booked, &p)
		}
	}
	pay(true, func(*work.Payment) {})
	pay(false, func(*work.Payment) {})
	pay(false, func(p *work.Payment) { p.Action, p.Currency, p.At = "upgrade", "USD", when(9) })
	pay(true, func(p *work.Payment) { p.TxnID = "T-1" })
	pay(true, func(p *work.Payment) { p.ChargedAmount = "1.01" })
	pay(true, func(p *work.Payment) { p.ChargedUSDAmount = "" })
	pay(true, func(p *work.Payment) { p.DiscountAmount = "" })
	pay(true, func(p *work.Payment) { p.TaxAmount = "" })
	pay(true, func(p *work.Payment) { p.OrderID, p.PartnerID = other.ID, other.PartnerID })
	pay(true, func(p *work.Payment) { p.TxnID = "" })
	pay(true, func(p *work.Payment) { p.TxnID = "" })
	pay(true, func(p *work.Payment) {
		*p = work.Payment{PartnerID: o.PartnerID, OrderID: o.ID, At: when(2)}
	})
	same(t, get(b, func(tx work.Tx) ([]*work.Payment, error) { return tx.Payments(b.ctx(), o.ID) }), booked)
	if got := get(b, func(tx work.Tx) ([]*work.Payment, error) { return tx.Payments(b.ctx(), 999) }); len(got) != 0 {
		t.Errorf("payments of no order: %s", show(got))
	}
	// After a payment that was there the transaction goes on.
	b.write(func(tx work.Tx) error {
		p := base
		if ok, err := tx.InsertPayment(b.ctx(), &p); err != nil || ok {
			return fmt.Errorf("booked %v: %w", ok, err)
		}
		o.Currency = "GBP"
		return tx.UpdateOrder(b.ctx(), o)
	})
	same(t, b.orderOf(o.ID), o)
}

func testEvent(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	list := []*event.Event{
		{PublicID: "u-1", PartnerID: 1, OrderID: o.ID, Type: event.MailOrderCreated, Data: json.RawMessage("{\"b\": 1,\n \"a\":2}"),
			Actor: "partner/key:1", RequestID: "r", At: when(1)},
		{PublicID: "u-2", PartnerID: 1, Type: event.MailCustomerUpdated, At: when(0)},
		{PublicID: "u-3", PartnerID: 2, Type: event.MailCustomerUpdated, At: when(2)},
		{PublicID: "u-4", PartnerID: 1, OrderID: o.ID, Type: event.MailOrderPurged, Data: json.RawMessage("{}"), At: when(3)},
	}
	b.write(func(tx work.Tx) error {
		for _, e := range list {
			if err := tx.AppendEvent(b.ctx(), e); err != nil {
				return err
			}
		}
		return nil
	})
	events := func(partner, after int64, limit int) []*event.Event {
		return get(b, func(tx work.Tx) ([]*event.Event, error) { return tx.Events(b.ctx(), partner, after, limit) })
	}
	same(t, events(1, 0, 100), []*event.Event{list[0], list[1], list[3]})
	same(t, events(1, list[0].ID, 1), []*event.Event{list[1]})
	same(t, events(1, list[0].ID, 100), []*event.Event{list[1], list[3]})
	same(t, events(2, 0, 100), []*event.Event{list[2]})
	if got := events(1, list[3].ID, 100); len(got) != 0 {
		t.Errorf("events after the last: %s", show(got))
	}
}

func testAudit(t *testing.T, b *bench) {
	list := []*audit.Record{
		{PartnerID: 1, Actor: "partner/key:1", Address: "192.0.2.1", RequestID: "r", Action: "mail_order.create", Object: "order",
			ObjectID: 5, Detail: json.RawMessage(`{"a":1}`), At: when(1)},
		{PartnerID: 2, At: when(2)},
		{PartnerID: 1, At: when(0)},
	}
	b.write(func(tx work.Tx) error {
		for _, r := range list {
			if err := tx.AppendAudit(b.ctx(), r); err != nil {
				return err
			}
		}
		return nil
	})
	records := func(partner, after int64, limit int) []*audit.Record {
		return get(b, func(tx work.Tx) ([]*audit.Record, error) { return tx.Audit(b.ctx(), partner, after, limit) })
	}
	same(t, records(1, 0, 100), []*audit.Record{list[0], list[2]})
	same(t, records(1, 0, 1), []*audit.Record{list[0]})
	same(t, records(1, list[0].ID, 100), []*audit.Record{list[2]})
	same(t, records(2, 0, 100), []*audit.Record{list[1]})
}

func testAccessChange(t *testing.T, b *bench) {
	last := func() int64 {
		return get(b, func(tx work.Tx) (int64, error) { return tx.LastAccessChange(b.ctx()) })
	}
	after := func(id int64, limit int) []work.AccessChange {
		return get(b, func(tx work.Tx) ([]work.AccessChange, error) {
			return tx.AccessChangesAfter(b.ctx(), id, limit)
		})
	}
	if got := last(); got != 0 {
		t.Errorf("last of none is %d", got)
	}
	for i := range int64(3) {
		b.write(func(tx work.Tx) error { return tx.AccessChanged(b.ctx(), 10+i, 20*i) })
	}
	all := after(0, 100)
	if len(all) != 3 {
		t.Fatalf("got %d changes, want 3", len(all))
	}
	for i, c := range all {
		if c.OrderID != 10+int64(i) || c.AccountID != 20*int64(i) || c.At.IsZero() || c.At.Location() != time.UTC {
			t.Errorf("change %d is %+v", i, c)
		}
		same(t, after(c.ID, 100), append([]work.AccessChange{}, all[i+1:]...))
	}
	same(t, after(0, 2), all[:2])
	if last() != all[2].ID {
		t.Errorf("last is %d, want %d", last(), all[2].ID)
	}
	forget := func(before time.Time) {
		b.write(func(tx work.Tx) error { return tx.ForgetAccessChanges(b.ctx(), before) })
	}
	forget(all[0].At.Add(-time.Hour))
	same(t, after(0, 100), all)
	forget(all[2].At.Add(time.Hour))
	same(t, after(0, 100), all[2:])
	b.write(func(tx work.Tx) error { return tx.AccessChanged(b.ctx(), 1, 1) })
	if last() <= all[2].ID {
		t.Errorf("an id came again: %d after %d", last(), all[2].ID)
	}
}

func testLoginToken(t *testing.T, b *bench) {
	tokens := []work.LoginToken{
		{Hash: []byte{0, 1}, AccountID: 5, ExpiresAt: when(5)},
		{Hash: []byte{0, 2}, AccountID: 6, ExpiresAt: when(6)},
		{Hash: []byte{0, 3}, AccountID: 6, ExpiresAt: when(7)},
	}
	for _, l := range tokens {
		b.write(func(tx work.Tx) error { return tx.InsertLoginToken(b.ctx(), l) })
	}
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.InsertLoginToken(b.ctx(), tokens[0]) })
	take := func(hash []byte) (l *work.LoginToken) {
		b.write(func(tx work.Tx) (err error) {
			l, err = tx.TakeLoginToken(b.ctx(), hash)
			return err
		})
		return l
	}
	same(t, take([]byte{0, 1}), &tokens[0])
	if l := take([]byte{0, 1}); l != nil {
		t.Errorf("a token was taken twice: %s", show(l))
	}
	b.write(func(tx work.Tx) error { return tx.ForgetLoginTokens(b.ctx(), when(7)) })
	if l := take([]byte{0, 2}); l != nil {
		t.Errorf("an expired token is there: %s", show(l))
	}
	same(t, take([]byte{0, 3}), &tokens[2])
}

func testDKIMKey(t *testing.T, b *bench) {
	list := []*work.DKIMKey{
		{Domain: "a.example", Selector: "s1", Algorithm: dkim.RSA, Sealed: []byte{0, 255}, TXTRecord: "v=DKIM1", CreatedAt: when(1), ActiveAt: maybe(2), RetiredAt: maybe(3), DestroyedAt: maybe(4)},
		{Domain: "a.example", Selector: "s2", Algorithm: dkim.Ed25519, Sealed: []byte("x"), CreatedAt: when(3)},
		{Domain: "b.example", Selector: "s1", Algorithm: dkim.RSA, Sealed: []byte("y"), CreatedAt: when(3)},
	}
	for _, k := range list {
		b.write(func(tx work.Tx) error { return tx.InsertDKIMKey(b.ctx(), k) })
	}
	keys := func(domain string) []*work.DKIMKey {
		return get(b, func(tx work.Tx) ([]*work.DKIMKey, error) { return tx.DKIMKeys(b.ctx(), domain) })
	}
	same(t, keys("a.example"), list[:2])
	same(t, keys("b.example"), list[2:])
	if got := keys("c.example"); len(got) != 0 {
		t.Errorf("keys of no domain: %s", show(got))
	}
	again := *list[0]
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.InsertDKIMKey(b.ctx(), &again) })
	list[1].Sealed, list[1].ActiveAt, list[1].RetiredAt, list[1].DestroyedAt = []byte("z"), maybe(5), maybe(6), maybe(7)
	list[0].ActiveAt, list[0].RetiredAt, list[0].DestroyedAt = nil, nil, nil
	for _, k := range list[:2] {
		b.write(func(tx work.Tx) error { return tx.UpdateDKIMKey(b.ctx(), k) })
	}
	same(t, keys("a.example"), list[:2])
}
