package storetest

import (
	"encoding/json"
	"testing"
	"time"

	"posthouse/internal/core/notification"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func testHosting(t *testing.T, b *bench) {
	c := b.customer(b.partner(), "c")
	a, other := order.CPanel{HostName: "h", UserName: "u"}, order.CPanel{HostName: "h", UserName: "U"}
	one, two, gone := b.order(c, "a.example"), b.order(c, "b.example"), b.order(c, "c.example")
	foreign := b.anOrder("d.example")
	b.write(func(tx work.Tx) error {
		for _, o := range []*order.Order{one, two, gone, foreign} {
			if err := tx.JoinHosting(b.ctx(), o, a); err != nil {
				return err
			}
		}
		gone.DeletedAt = maybe(3)
		return tx.UpdateOrder(b.ctx(), gone)
	})
	list := func(a order.CPanel) []int64 {
		t.Helper()
		return orderIDs(get(b, func(tx work.Tx) ([]*order.Order, error) { return tx.HostingOrders(b.ctx(), c.PartnerID, a) }))
	}
	same(t, list(a), []int64{one.ID, two.ID})
	b.write(func(tx work.Tx) error { return tx.JoinHosting(b.ctx(), one, other) })
	same(t, list(a), []int64{two.ID})
	same(t, list(other), []int64{one.ID})

	service := func() order.MailService {
		t.Helper()
		return get(b, func(tx work.Tx) (order.MailService, error) { return tx.HostingService(b.ctx(), c.PartnerID, a) })
	}
	if s := service(); s != "" {
		t.Errorf("service %q was never chosen", s)
	}
	for _, s := range []order.MailService{order.ServiceLocal, order.ServiceTitan} {
		b.write(func(tx work.Tx) error { return tx.PutHostingService(b.ctx(), c.PartnerID, a, s, when(4)) })
		if got := service(); got != s {
			t.Errorf("service %q, want %q", got, s)
		}
	}
	if s := get(b, func(tx work.Tx) (order.MailService, error) {
		return tx.HostingService(b.ctx(), foreign.PartnerID, a)
	}); s != "" {
		t.Errorf("another partner's service: %q", s)
	}
}

func testServerSync(t *testing.T, b *bench) {
	c := b.customer(b.partner(), "c")
	job := work.ServerSync{PartnerID: c.PartnerID, CustomerID: c.ID, ServerHost: "h", RequestedAt: when(1)}
	for i, want := range []bool{true, false} {
		again := job
		var queued bool
		b.write(func(tx work.Tx) (err error) {
			queued, err = tx.InsertServerSync(b.ctx(), &again)
			return err
		})
		if queued != want {
			t.Errorf("request %d: queued %v", i, queued)
		}
		if i == 0 {
			job.ID = again.ID
		}
	}
	same(t, get(b, func(tx work.Tx) ([]*work.ServerSync, error) { return tx.ServerSyncs(b.ctx(), c.PartnerID) }), []*work.ServerSync{&job})
	if l := get(b, func(tx work.Tx) ([]*work.ServerSync, error) { return tx.ServerSyncs(b.ctx(), b.partner().ID) }); len(l) != 0 {
		t.Errorf("another partner's: %s", show(l))
	}
}

func testNotification(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	insert := func(n *notification.Notification, want bool) {
		t.Helper()
		var stored bool
		b.write(func(tx work.Tx) (err error) {
			n.ID = 0
			stored, err = tx.InsertNotification(b.ctx(), n)
			return err
		})
		if stored != want {
			t.Errorf("%s: stored %v", show(n), stored)
		}
	}
	first := &notification.Notification{PartnerID: p.ID, Event: notification.HostingPurchased, Data: json.RawMessage(`{ "ü": "\u0000" }`), Digest: []byte{1}, RequestID: "r", ReceivedAt: when(1)}
	second, again := *first, *first
	second.Digest, second.Event = []byte{2}, notification.DomainCreated
	theirs := *first
	theirs.PartnerID = other.ID
	insert(first, true)
	insert(&again, false)
	insert(&second, true)
	insert(&theirs, true)
	list := func(after int64, limit int) []*notification.Notification {
		t.Helper()
		return get(b, func(tx work.Tx) ([]*notification.Notification, error) {
			return tx.Notifications(b.ctx(), p.ID, after, limit)
		})
	}
	same(t, list(0, 10), []*notification.Notification{first, &second})
	same(t, list(0, 1), []*notification.Notification{first})
	same(t, list(first.ID, 10), []*notification.Notification{&second})

	book := &notification.Booking{
		PartnerID: p.ID, NotificationID: first.ID, Kind: notification.Refund, TxnID: "t", OrderID: 7, PartnerOrderID: "po", Domain: "d.example",
		CustomerID: "c", Currency: "EUR", Amount: "1.00", TaxAmount: "2.00", USDAmount: "3.00", At: when(2),
	}
	credit, nameless, nameless2 := *book, *book, *book
	credit.Kind, nameless.TxnID, nameless2.TxnID = notification.Credit, "", ""
	all := []*notification.Booking{book, &credit, &nameless, &nameless2}
	for _, k := range all {
		b.write(func(tx work.Tx) error { k.ID = 0; return tx.InsertBooking(b.ctx(), k) })
	}
	b.refused(fault.Conflict, func(tx work.Tx) error {
		twice := *book
		return tx.InsertBooking(b.ctx(), &twice)
	})
	same(t, get(b, func(tx work.Tx) ([]*notification.Booking, error) { return tx.Bookings(b.ctx(), p.ID, 0, 10) }), all)
	same(t, get(b, func(tx work.Tx) ([]*notification.Booking, error) { return tx.Bookings(b.ctx(), p.ID, book.ID, 1) }), all[1:2])
	by := func(partner int64, kind notification.Kind, txn string) *notification.Booking {
		t.Helper()
		return get(b, func(tx work.Tx) (*notification.Booking, error) {
			return tx.BookingByTxn(b.ctx(), partner, kind, txn)
		})
	}
	same(t, by(p.ID, notification.Refund, "t"), book)
	same(t, by(p.ID, notification.Credit, "t"), &credit)
	for _, none := range []*notification.Booking{by(other.ID, notification.Refund, "t"), by(p.ID, notification.Refund, "T"), by(p.ID, notification.Refund, "")} {
		if none != nil {
			t.Errorf("found %s", show(none))
		}
	}
}

func testOrderSetup(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	at := func() *time.Time {
		t.Helper()
		return get(b, func(tx work.Tx) (*time.Time, error) { return tx.SetupReported(b.ctx(), o.ID) })
	}
	if at() != nil {
		t.Error("nobody told")
	}
	for n := range 2 {
		b.write(func(tx work.Tx) error { return tx.ReportSetup(b.ctx(), o.ID, when(n)) })
	}
	same(t, at(), maybe(0)) // the first time stays
}
