package storetest

import (
	"slices"
	"testing"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func testHolderRequest(t *testing.T, b *bench) {
	p, q := b.partner(), b.partner()
	add := func(r work.HolderRequest, at int) *work.HolderRequest {
		r.Link, r.RequestID, r.CreatedAt = "https://a.example/?x=ä", "r-1", when(at)
		b.write(func(tx work.Tx) error { return tx.InsertHolderRequest(b.ctx(), &r) })
		return &r
	}
	find := func(id int64) *work.HolderRequest {
		return get(b, func(tx work.Tx) (*work.HolderRequest, error) { return tx.HolderRequest(b.ctx(), id) })
	}
	one := add(work.HolderRequest{PartnerID: p.ID, Username: "kim"}, 10)
	mail := add(work.HolderRequest{PartnerID: p.ID, Email: "kim"}, 20)
	add(work.HolderRequest{PartnerID: p.ID, Username: "kim"}, 30)
	add(work.HolderRequest{PartnerID: q.ID, Username: "kim"}, 30)
	same(t, find(one.ID), one)
	same(t, find(mail.ID), mail)
	for _, c := range []struct{ since, limit, named, all int }{{5, 100, 2, 3}, {10, 100, 1, 2}, {30, 100, 0, 0}, {5, 1, 1, 1}} {
		b.read(func(tx work.Tx) error {
			named, all, err := tx.CountHolderRequests(b.ctx(), one, when(c.since), c.limit)
			if named != c.named || all != c.all {
				t.Errorf("%+v: %d of the name, %d of all", c, named, all)
			}
			return err
		})
	}
	b.write(func(tx work.Tx) error { return tx.EndHolderRequest(b.ctx(), one.ID) })
	one.Done = true
	same(t, find(one.ID), one)
	b.write(func(tx work.Tx) error { return tx.ForgetHolderRequests(b.ctx(), when(20)) })
	if find(one.ID) != nil || find(mail.ID) == nil {
		t.Error("forgotten wrongly")
	}
	absent(b, "unknown", func(tx work.Tx) (*work.HolderRequest, error) { return tx.HolderRequest(b.ctx(), 999) })
}

func testHolderToken(t *testing.T, b *bench) {
	p := b.partner()
	put := func(customerID int64, purpose work.HolderPurpose, hash string, expires int) *work.HolderToken {
		h := &work.HolderToken{CustomerID: customerID, Purpose: purpose, PartnerID: p.ID, Email: "Kim@ä.example", Hash: []byte(hash), Mails: 3, CountedFrom: when(1), ExpiresAt: when(expires)}
		b.write(func(tx work.Tx) error { return tx.PutHolderToken(b.ctx(), h) })
		return h
	}
	of := func(customerID int64, purpose work.HolderPurpose) *work.HolderToken {
		return get(b, func(tx work.Tx) (*work.HolderToken, error) {
			return tx.HolderToken(b.ctx(), customerID, purpose)
		})
	}
	by := func(hash string) *work.HolderToken {
		return get(b, func(tx work.Tx) (*work.HolderToken, error) {
			return tx.HolderTokenByHash(b.ctx(), []byte(hash))
		})
	}
	put(5, work.ResetPassword, "first", 10)
	newer := put(5, work.ResetPassword, "second", 20)
	verify := put(5, work.VerifyEmail, "verify", 30)
	other := put(6, work.VerifyEmail, "other", 40)
	same(t, of(5, work.ResetPassword), newer)
	same(t, by("second"), newer)
	same(t, by("verify"), verify)
	if by("first") != nil || of(6, work.ResetPassword) != nil {
		t.Error("the older one, or one that never was, is there")
	}
	b.write(func(tx work.Tx) error { return tx.ForgetHolderTokens(b.ctx(), when(25)) })
	if by("second") != nil || by("verify") == nil {
		t.Error("forgotten wrongly")
	}
	newer = put(5, work.ResetPassword, "third", 50)
	b.write(func(tx work.Tx) error { return tx.DropHolderTokens(b.ctx(), 5, work.VerifyEmail) })
	if by("verify") != nil || by("third") == nil || by("other") == nil {
		t.Error("dropped wrongly")
	}
	b.write(func(tx work.Tx) error { return tx.DropHolderTokens(b.ctx(), 5, "") })
	if by("third") != nil {
		t.Errorf("not dropped: %v", newer)
	}
	newer.Email, newer.ExpiresAt = "", newer.CountedFrom // mails go on being counted
	same(t, of(5, work.ResetPassword), newer)
	same(t, by("other"), other)
}

func testHolderProfile(t *testing.T, b *bench) {
	p := b.partner()
	add := func(customerID int64, fields ...customer.ProfileField) *customer.Profile {
		x := &customer.Profile{PartnerID: p.ID, CustomerID: customerID, Fields: fields, CreatedAt: when(1), UpdatedAt: when(2)}
		b.write(func(tx work.Tx) error { return tx.InsertHolderProfile(b.ctx(), x) })
		return x
	}
	of := func(customerID int64) []*customer.Profile {
		return get(b, func(tx work.Tx) ([]*customer.Profile, error) { return tx.HolderProfiles(b.ctx(), customerID) })
	}
	find := func(id int64) *customer.Profile {
		return get(b, func(tx work.Tx) (*customer.Profile, error) { return tx.HolderProfile(b.ctx(), id) })
	}
	one := add(5, customer.ProfileField{Name: "business", Value: "Bäckerei\n\"Lee\""})
	two := add(5)
	other := add(6)
	same(t, of(5), []*customer.Profile{one, two})
	same(t, find(one.ID), one)
	two.Fields, two.UpdatedAt = []customer.ProfileField{{Name: "x"}}, when(9)
	b.write(func(tx work.Tx) error { return tx.UpdateHolderProfile(b.ctx(), two) })
	same(t, find(two.ID), two)
	b.write(func(tx work.Tx) error { return tx.DeleteHolderProfile(b.ctx(), one.ID) })
	if got := ids(of(5), func(x *customer.Profile) int64 { return x.ID }); !slices.Equal(got, []int64{two.ID}) {
		t.Errorf("left: %v", got)
	}
	b.refused(fault.NotFound, func(tx work.Tx) error { return tx.UpdateHolderProfile(b.ctx(), one) })
	b.write(func(tx work.Tx) error { return tx.DeleteHolderProfiles(b.ctx(), 5) })
	if len(of(5)) != 0 || len(of(6)) != 1 || other.ID == 0 {
		t.Error("deleted wrongly")
	}
}

// testHolderEvent: events of an account holder are in a lane of their own, even if
// an order has the same number.
func testHolderEvent(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	e := &event.Event{PublicID: "h-1", PartnerID: o.PartnerID, CustomerID: o.CustomerID, Type: event.AccountHolderCreated, Data: []byte(`{"ref":1}`), At: when(1)}
	b.write(func(tx work.Tx) error { return tx.AppendEvent(b.ctx(), e) })
	same(t, get(b, func(tx work.Tx) (*event.Event, error) { return tx.EventByPublicID(b.ctx(), "h-1") }), e)
	ep := &webhook.Endpoint{PartnerID: o.PartnerID, Format: webhook.FormatBaseKit, URL: "https://a.example/", SealedSecret: []byte{1}, CreatedAt: when(1), UpdatedAt: when(1)}
	b.write(func(tx work.Tx) error { return tx.InsertWebhook(b.ctx(), ep) })
	same(t, get(b, func(tx work.Tx) (*webhook.Endpoint, error) { return tx.Webhook(b.ctx(), ep.ID) }), ep)
	d := &webhook.Delivery{PartnerID: o.PartnerID, EndpointID: ep.ID, CustomerID: o.ID, EventRow: e.ID, CreatedAt: when(2)}
	b.write(func(tx work.Tx) error { return tx.EnqueueWebhook(b.ctx(), d) })
	d.EventID, d.Type = e.PublicID, e.Type
	same(t, get(b, func(tx work.Tx) (*webhook.Delivery, error) { return tx.WebhookDelivery(b.ctx(), d.ID) }), d)
	if l := get(b, func(tx work.Tx) ([]*webhook.Delivery, error) {
		return tx.WebhookDeliveries(b.ctx(), work.DeliveryFilter{OrderID: o.ID, Limit: 9})
	}); len(l) != 0 {
		t.Errorf("the order of that number has %s", show(l))
	}
	for lane, want := range map[int64]bool{webhook.Lane(0, o.ID): true, webhook.Lane(o.ID, 0): false} {
		if got := get(b, func(tx work.Tx) (bool, error) { return tx.WebhookWaits(b.ctx(), ep.ID, lane, e.ID) }); got != want {
			t.Errorf("waits in lane %d: %v", lane, got)
		}
	}
}
