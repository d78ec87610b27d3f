package storetest

import (
	"fmt"
	"testing"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/work"
)

func testEventSelection(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	var all []*event.Event
	b.write(func(tx work.Tx) error {
		all = nil
		for i, x := range []struct {
			partner, order int64
			t              event.Type
		}{
			{1, o.ID, event.MailOrderCreated}, {1, o.ID, event.PlanRenewed}, {2, 0, event.PlanRenewed},
			{1, 0, event.PlanRenewed}, {1, o.ID, event.MailOrderPurged},
		} {
			e := &event.Event{PublicID: fmt.Sprint("u-", i), PartnerID: x.partner, OrderID: x.order, Type: x.t, At: when(i)}
			if err := tx.AppendEvent(b.ctx(), e); err != nil {
				return err
			}
			all = append(all, e)
		}
		return nil
	})
	for _, c := range []struct {
		name  string
		f     work.EventFilter
		limit int
		want  []int
	}{
		{"newest first", work.EventFilter{PartnerID: 1}, 9, []int{4, 3, 1, 0}},
		{"oldest first", work.EventFilter{PartnerID: 1, Oldest: true}, 9, []int{0, 1, 3, 4}},
		{"limit", work.EventFilter{PartnerID: 1}, 2, []int{4, 3}},
		{"past, newest", work.EventFilter{PartnerID: 1, Past: all[3].ID}, 9, []int{1, 0}},
		{"past, oldest", work.EventFilter{PartnerID: 1, Oldest: true, Past: all[1].ID}, 9, []int{3, 4}},
		{"order", work.EventFilter{PartnerID: 1, OrderID: o.ID}, 9, []int{4, 1, 0}},
		{"type", work.EventFilter{PartnerID: 1, Types: []event.Type{event.PlanRenewed}}, 9, []int{3, 1}},
		{"types", work.EventFilter{PartnerID: 1, Types: []event.Type{event.PlanRenewed, event.MailOrderPurged}}, 9, []int{4, 3, 1}},
		{"from", work.EventFilter{PartnerID: 1, From: when(3)}, 9, []int{4, 3}},
		{"to", work.EventFilter{PartnerID: 1, To: when(3)}, 9, []int{1, 0}},
		{"another's order", work.EventFilter{PartnerID: 2, OrderID: o.ID}, 9, nil},
	} {
		got := get(b, func(tx work.Tx) ([]*event.Event, error) { return tx.FindEvents(b.ctx(), c.f, c.limit) })
		var want []*event.Event
		for _, i := range c.want {
			want = append(want, all[i])
		}
		if show(got) != show(want) {
			t.Errorf("%s: %s", c.name, show(got))
		}
	}
	same(t, get(b, func(tx work.Tx) (*event.Event, error) { return tx.EventByPublicID(b.ctx(), "u-2") }), all[2])
	absent(b, "EventByPublicID", func(tx work.Tx) (*event.Event, error) { return tx.EventByPublicID(b.ctx(), "U-2") })
}

func testAuditSelection(t *testing.T, b *bench) {
	var all []*audit.Record
	b.write(func(tx work.Tx) error {
		all = nil
		for i, r := range []audit.Record{
			{PartnerID: 1, Action: "key.create", Object: "key", ObjectID: 5}, {PartnerID: 1, Action: "key.revoke", Object: "key", ObjectID: 6},
			{PartnerID: 2, Action: "key.create", Object: "key", ObjectID: 5}, {PartnerID: 1, Action: "mail_order.create", Object: "order", ObjectID: 5},
		} {
			r.At = when(i)
			if err := tx.AppendAudit(b.ctx(), &r); err != nil {
				return err
			}
			all = append(all, &r)
		}
		return nil
	})
	for _, c := range []struct {
		name string
		f    work.AuditFilter
		want []int
	}{
		{"all", work.AuditFilter{PartnerID: 1}, []int{3, 1, 0}},
		{"oldest, past", work.AuditFilter{PartnerID: 1, Oldest: true, Past: all[0].ID}, []int{1, 3}},
		{"past", work.AuditFilter{PartnerID: 1, Past: all[3].ID}, []int{1, 0}},
		{"action", work.AuditFilter{PartnerID: 1, Action: "key.create"}, []int{0}},
		{"object", work.AuditFilter{PartnerID: 1, Object: "key"}, []int{1, 0}},
		{"object id", work.AuditFilter{PartnerID: 1, Object: "key", ObjectID: 6}, []int{1}},
		{"time", work.AuditFilter{PartnerID: 1, From: when(1), To: when(3)}, []int{1}},
	} {
		got := get(b, func(tx work.Tx) ([]*audit.Record, error) { return tx.FindAudit(b.ctx(), c.f, 9) })
		var want []*audit.Record
		for _, i := range c.want {
			want = append(want, all[i])
		}
		if show(got) != show(want) {
			t.Errorf("%s: %s", c.name, show(got))
		}
	}
}

func testIdempotentRequest(t *testing.T, b *bench) {
	request := func(partnerID int64, key string) *work.IdempotentRequest {
		return &work.IdempotentRequest{PartnerID: partnerID, KeyHash: []byte(key), RequestHash: []byte{0, 255}, Owner: []byte("me"),
			CreatedAt: when(1), LeasedUntil: when(2)}
	}
	claim := func(r *work.IdempotentRequest) (got bool) {
		t.Helper()
		b.write(func(tx work.Tx) (err error) {
			got, err = tx.ClaimRequest(b.ctx(), r)
			return err
		})
		return got
	}
	load := func(partnerID int64, key string) *work.IdempotentRequest {
		return get(b, func(tx work.Tx) (*work.IdempotentRequest, error) {
			return tx.Request(b.ctx(), partnerID, []byte(key))
		})
	}
	update := func(r *work.IdempotentRequest, owner string) (got bool) {
		t.Helper()
		b.write(func(tx work.Tx) (err error) {
			got, err = tx.UpdateRequest(b.ctx(), r, []byte(owner))
			return err
		})
		return got
	}
	r := request(1, "k")
	if !claim(r) || claim(r) || !claim(request(2, "k")) || !claim(request(1, "K")) {
		t.Error("a key is not claimed once per partner")
	}
	same(t, load(1, "k"), r)
	absent(b, "Request", func(tx work.Tx) (*work.IdempotentRequest, error) {
		return tx.Request(b.ctx(), 3, []byte("k"))
	})

	next := *r
	next.Outcome, next.Status, next.Answer, next.LeasedUntil = work.Answered, 201, []byte("sealed\x00"), when(9)
	if update(&next, "you") {
		t.Error("another's request is changed")
	}
	same(t, load(1, "k"), r)
	if !update(&next, "me") {
		t.Error("the owner changes nothing")
	}
	same(t, load(1, "k"), &next)

	drop := func(owner string, o work.Outcome) {
		b.write(func(tx work.Tx) error { return tx.DropRequest(b.ctx(), 1, []byte("k"), []byte(owner), o) })
	}
	drop("you", work.Answered)
	drop("me", work.UnderWay)
	same(t, load(1, "k"), &next)
	drop("me", work.Answered)
	absent(b, "a dropped request", func(tx work.Tx) (*work.IdempotentRequest, error) {
		return tx.Request(b.ctx(), 1, []byte("k"))
	})

	late := request(3, "late")
	late.CreatedAt = when(5)
	claim(late)
	b.write(func(tx work.Tx) error { return tx.ForgetRequests(b.ctx(), when(5)) })
	absent(b, "a forgotten request", func(tx work.Tx) (*work.IdempotentRequest, error) {
		return tx.Request(b.ctx(), 2, []byte("k"))
	})
	same(t, load(3, "late"), late)
}
