package storetest

import (
	"testing"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
)

func (b *bench) event(o int64, partner int64, id string, at time.Time) *event.Event {
	b.t.Helper()
	e := &event.Event{PublicID: id, PartnerID: partner, OrderID: o, Type: event.MailOrderCreated, Data: []byte(`{"titanOrderId":1}`), At: at}
	b.write(func(tx work.Tx) error { return tx.AppendEvent(b.ctx(), e) })
	return e
}

func testWebhook(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	list := []*webhook.Endpoint{
		{PartnerID: p.ID, URL: "https://a.example/", HeaderName: "X", SealedHeader: []byte{0, 1}, SealedSecret: []byte{2, 255},
			Events: []event.Type{event.MailOrderCreated, event.MailOrderPurged}, SuppressOwn: true, Paused: true, CreatedAt: when(1), UpdatedAt: when(2)},
		{PartnerID: p.ID, URL: "https://b.example/", SealedSecret: []byte{3}, CreatedAt: when(3), UpdatedAt: when(3)},
		{PartnerID: other.ID, URL: "https://c.example/", SealedSecret: []byte{4}, CreatedAt: when(3), UpdatedAt: when(3)},
	}
	for _, e := range list {
		b.write(func(tx work.Tx) error { return tx.InsertWebhook(b.ctx(), e) })
	}
	of := func(partner int64) []*webhook.Endpoint {
		return get(b, func(tx work.Tx) ([]*webhook.Endpoint, error) { return tx.Webhooks(b.ctx(), partner) })
	}
	one := func(id int64) *webhook.Endpoint {
		return get(b, func(tx work.Tx) (*webhook.Endpoint, error) { return tx.Webhook(b.ctx(), id) })
	}
	same(t, of(p.ID), list[:2])
	same(t, of(0), list)
	same(t, one(list[0].ID), list[0])
	absent(b, "endpoint", func(tx work.Tx) (*webhook.Endpoint, error) { return tx.Webhook(b.ctx(), 999) })
	list[0].DeletedAt, list[0].SealedHeader, list[0].Events, list[0].Paused = maybe(5), nil, nil, false
	b.write(func(tx work.Tx) error { return tx.UpdateWebhook(b.ctx(), list[0]) })
	same(t, one(list[0].ID), list[0])
	same(t, of(p.ID), list[1:2])
	b.write(func(tx work.Tx) error {
		if ok, err := tx.WarnWebhook(b.ctx(), list[1].ID, when(6)); err != nil || ok {
			t.Errorf("an endpoint that doesn't fail was warned of: %v, %v", ok, err)
		}
		return nil
	})
}

func testWebhookDelivery(t *testing.T, b *bench) {
	o, o2 := b.anOrder("a.example"), b.anOrder("b.example")
	ep := &webhook.Endpoint{PartnerID: o.PartnerID, URL: "https://a.example/", SealedSecret: []byte{1}, CreatedAt: when(1), UpdatedAt: when(1)}
	b.write(func(tx work.Tx) error { return tx.InsertWebhook(b.ctx(), ep) })
	events := []*event.Event{b.event(o.ID, o.PartnerID, "u-1", when(1)), b.event(o.ID, o.PartnerID, "u-2", when(2)), b.event(o2.ID, o2.PartnerID, "u-3", when(3))}
	var list []*webhook.Delivery
	add := func(e *event.Event, replay bool, at time.Time) {
		d := &webhook.Delivery{PartnerID: e.PartnerID, EndpointID: ep.ID, OrderID: e.OrderID, EventRow: e.ID, Replay: replay, CreatedAt: at}
		b.write(func(tx work.Tx) error { return tx.EnqueueWebhook(b.ctx(), d) })
		d.EventID, d.Type = e.PublicID, e.Type
		list = append([]*webhook.Delivery{d}, list...) // newest first
	}
	add(events[0], false, when(1))
	add(events[1], false, when(2))
	add(events[0], true, when(3))
	add(events[2], false, when(4))
	find := func(f work.DeliveryFilter) []*webhook.Delivery {
		if f.Limit == 0 {
			f.Limit = 100
		}
		return get(b, func(tx work.Tx) ([]*webhook.Delivery, error) { return tx.WebhookDeliveries(b.ctx(), f) })
	}
	same(t, find(work.DeliveryFilter{}), list)
	same(t, find(work.DeliveryFilter{Limit: 2}), list[:2])
	same(t, find(work.DeliveryFilter{Before: list[1].ID}), list[2:])
	same(t, find(work.DeliveryFilter{PartnerID: o.PartnerID, EndpointID: ep.ID, OrderID: o.ID, EventID: "u-1", State: webhook.Pending}), []*webhook.Delivery{list[1], list[3]})
	same(t, find(work.DeliveryFilter{PartnerID: o2.PartnerID}), list[:1])
	for _, f := range []work.DeliveryFilter{{PartnerID: 99}, {EndpointID: 99}, {OrderID: 99}, {EventID: "U-1"}, {State: webhook.Delivered}} {
		if l := find(f); len(l) != 0 {
			t.Errorf("%+v: %s", f, show(l))
		}
	}
	same(t, get(b, func(tx work.Tx) (*webhook.Delivery, error) { return tx.WebhookDelivery(b.ctx(), list[0].ID) }), list[0])
	absent(b, "delivery", func(tx work.Tx) (*webhook.Delivery, error) { return tx.WebhookDelivery(b.ctx(), 999) })
	for row, want := range map[int64]bool{events[0].ID: true, events[2].ID: false} {
		if got := get(b, func(tx work.Tx) (bool, error) { return tx.WebhookWaits(b.ctx(), ep.ID, o.ID, row) }); got != want {
			t.Errorf("event %d waits: %v", row, got)
		}
	}
	settled := func(now time.Time) bool {
		return get(b, func(tx work.Tx) (bool, error) { return tx.WebhooksSettled(b.ctx(), o.PartnerID, now) })
	}
	if !settled(when(1).Add(-time.Second)) || settled(when(1)) {
		t.Error("a lane is due with its first delivery")
	}
	b.write(func(tx work.Tx) error { return tx.ShiftWebhookLanes(b.ctx(), o.PartnerID, time.Hour) })
	if !settled(when(1).Add(-time.Hour-time.Second)) || settled(when(1).Add(-time.Hour)) {
		t.Error("a moved clock makes lanes due sooner")
	}
	ep.Paused = true
	b.write(func(tx work.Tx) error { return tx.UpdateWebhook(b.ctx(), ep) })
	if !settled(when(9)) {
		t.Error("a paused endpoint's lanes count")
	}
}

func testWebhookReplay(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	e := []*event.Event{b.event(o.ID, o.PartnerID, "u-1", when(1)), b.event(o.ID, o.PartnerID, "u-2", when(2)), b.event(o.ID, o.PartnerID, "u-3", when(2)),
		b.event(o.ID, o.PartnerID, "u-4", when(3)), b.event(0, 99, "u-5", when(2))}
	count := func(from, to time.Time) (n int, last int64) {
		b.read(func(tx work.Tx) (err error) {
			n, last, err = tx.CountEvents(b.ctx(), o.PartnerID, from, to)
			return err
		})
		return n, last
	}
	if n, last := count(when(1), when(3)); n != 3 || last != e[2].ID {
		t.Errorf("%d events, the last is %d", n, last)
	}
	if n, last := count(when(5), when(6)); n != 0 || last != 0 {
		t.Errorf("%d events, the last is %d", n, last)
	}
	r := &webhook.Replay{PartnerID: o.PartnerID, EndpointID: 7, From: when(1), To: when(3), LastEvent: e[2].ID, CursorAt: when(1), Total: 3, CreatedAt: when(4)}
	b.write(func(tx work.Tx) error { return tx.InsertWebhookReplay(b.ctx(), r) })
	open := func(partner int64) []*webhook.Replay {
		return get(b, func(tx work.Tx) ([]*webhook.Replay, error) { return tx.OpenWebhookReplays(b.ctx(), partner, 5) })
	}
	turn := func(after int64) *webhook.Replay {
		return get(b, func(tx work.Tx) (*webhook.Replay, error) { return tx.NextWebhookReplay(b.ctx(), after) })
	}
	other := &webhook.Replay{PartnerID: o.PartnerID + 5, EndpointID: 8, From: when(1), To: when(3), CursorAt: when(1), CreatedAt: when(4)}
	second := &webhook.Replay{PartnerID: o.PartnerID, EndpointID: 9, From: when(1), To: when(3), CursorAt: when(1), CreatedAt: when(4)}
	for _, x := range []*webhook.Replay{second, other} {
		b.write(func(tx work.Tx) error { return tx.InsertWebhookReplay(b.ctx(), x) })
	}
	for after, want := range map[int64]*webhook.Replay{0: r, o.PartnerID: other, other.PartnerID: r, 1 << 40: r} {
		same(t, turn(after), want)
	}
	for _, x := range []*webhook.Replay{second, other} {
		x.FinishedAt = maybe(5)
		b.write(func(tx work.Tx) error { return tx.UpdateWebhookReplay(b.ctx(), x) })
	}
	same(t, turn(o.PartnerID), r)
	same(t, open(o.PartnerID), []*webhook.Replay{r})
	if l := open(99); len(l) != 0 {
		t.Error(show(l))
	}
	next := func(limit int) []*event.Event {
		return get(b, func(tx work.Tx) ([]*event.Event, error) { return tx.ReplayedEvents(b.ctx(), r, limit) })
	}
	same(t, next(2), e[:2])
	r.CursorAt, r.CursorEvent = e[1].At, e[1].ID
	same(t, next(2), e[2:3])
	r.LastEvent = e[1].ID
	if l := next(2); len(l) != 0 {
		t.Error(show(l))
	}
	r.FinishedAt = maybe(8)
	b.write(func(tx work.Tx) error { return tx.UpdateWebhookReplay(b.ctx(), r) })
	if l := open(o.PartnerID); len(l) != 0 || turn(0) != nil {
		t.Error(show(l))
	}
}
