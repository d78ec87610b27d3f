package provision_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// orderUnder makes an order of a new customer of a reseller.
func (w *world) orderUnder(r *reseller.Reseller, domain string) int64 {
	w.t.Helper()
	partnerKey := audit.Actor{PartnerID: r.PartnerID, Role: suspension.RolePartner, Name: "key:1"}
	id := w.order(partnerKey, proOrder(domain, "cust of "+domain))
	c := w.details(id).Customer
	c.ResellerID, c.Username = r.ID, domain+"@x.example"
	if err := w.store.Write(w.ctx, func(tx work.Tx) error { return tx.UpdateCustomer(w.ctx, c) }); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestSuspensionsByResellers(t *testing.T) {
	w := newTree(t)
	id := w.orderUnder(w.leaf, "d.example")
	w.fresh()
	ref := work.OrderRef{ID: id}
	suspend := func(a audit.Actor) func() error {
		return func() error {
			_, err := w.s.SuspendMailOrder(w.ctx, a, ordering.SuspendMailOrder{Order: ref})
			return err
		}
	}
	lift := func(a audit.Actor, kind string) func() error {
		return func() error {
			_, err := w.s.UnsuspendMailOrder(w.ctx, a, ordering.UnsuspendMailOrder{Order: ref, Type: kind})
			return err
		}
	}
	made := func(want ...int64) func() {
		return func() {
			var by []int64
			for _, m := range w.details(id).Order.Suspensions {
				by = append(by, m.ResellerID)
			}
			if !slices.Equal(by, want) {
				t.Helper()
				t.Fatalf("suspended by %v, want %v", by, want)
			}
		}
	}
	byParent := func(a audit.Actor, want bool) {
		t.Helper()
		if got, err := w.s.SuspendedByParent(w.ctx, a, ref); err != nil || got != want {
			t.Fatalf("suspended by a parent of %s %d: %v, %v", a.Name, a.Limit.ResellerID, got, err)
		}
	}
	w.play(
		step{do: "leaf", call: suspend(as(w.leaf)), then: made(w.leaf.ID), events: []event.Type{event.MailOrderStatusUpdated}},
		step{do: "left, on top", after: time.Second, call: suspend(as(w.left)), then: made(w.leaf.ID, w.left.ID)},
		step{do: "root, on top", after: time.Second, call: suspend(as(w.root)), then: made(w.leaf.ID, w.left.ID, 0)},
		step{do: "the partner is the root", call: suspend(w.a), then: made(w.leaf.ID, w.left.ID, 0)},
		step{do: "not of its tree", call: suspend(as(w.right)), fault: fault.OrderNotFound},
		step{do: "of another partner", call: suspend(as(w.other)), fault: fault.OrderNotFound},
	)
	byParent(as(w.leaf), true)
	byParent(as(w.left), true)
	byParent(as(w.root), false)
	byParent(w.a, false)
	w.play(
		step{do: "leaf lifts its own", call: lift(as(w.leaf), "partner"), then: made(w.left.ID, 0)},
		step{do: "leaf has nothing more", call: lift(as(w.leaf), "partner"), fault: fault.Forbidden, reason: "HIGHER_ROLE"},
		step{do: "leaf lifts what it may", call: lift(as(w.leaf), ""), then: made(w.left.ID, 0)},
		step{do: "not of its tree", call: lift(as(w.right), "partner"), fault: fault.OrderNotFound},
		step{do: "leaf again", after: time.Second, call: suspend(as(w.leaf)), then: made(w.left.ID, 0, w.leaf.ID)},
		step{do: "left lifts its own and what is below", call: lift(as(w.left), ""), then: made(0)},
	)
	byParent(as(w.left), true)
	w.play(
		step{do: "root lifts the partner's", call: lift(as(w.root), "partner"), then: made(), events: []event.Type{event.MailOrderStatusUpdated}},
	)
	// What the platform put is a higher role's to all of them, having expired to none.
	w.suspendOrder(id, "abuse", suspension.RoleTitanSupport)
	w.fresh()
	byParent(as(w.root), true)
	w.play(step{do: "root", call: lift(as(w.root), "abuse"), fault: fault.Forbidden, reason: "HIGHER_ROLE"})
	o := w.details(id).Order
	o.Suspensions = suspension.Set{{Type: suspension.TypeExpiry, Role: suspension.RoleTitan, On: w.clock.Now()}}
	if err := w.store.Write(w.ctx, func(tx work.Tx) error { return tx.UpdateOrder(w.ctx, o) }); err != nil {
		t.Fatal(err)
	}
	byParent(as(w.leaf), false)
	w.play(step{do: "leaf", call: lift(as(w.leaf), "expiry"), fault: fault.Forbidden, reason: "HIGHER_ROLE"})

	// The same of accounts; the partner sees each type and role once, and lifts all.
	w.play(step{do: "renewed", call: func() error {
		o.Suspensions = nil
		return w.store.Write(w.ctx, func(tx work.Tx) error { return tx.UpdateOrder(w.ctx, o) })
	}})
	a := w.account(w.a, id, "x@d.example")
	account := work.AccountRef{Order: ref, AccountID: a}
	for _, r := range []*reseller.Reseller{w.leaf, w.left, w.root} {
		if _, err := w.s.SuspendEmailAccount(w.ctx, as(r), mailboxes.SuspendEmailAccount{Account: account}); err != nil {
			t.Fatal(err)
		}
	}
	if set := w.accountDetails(a).Account.Suspensions; len(set) != 3 || len(set.Distinct()) != 1 {
		t.Fatalf("%+v", set)
	}
	if st, err := w.s.UnsuspendEmailAccount(w.ctx, as(w.left), mailboxes.UnsuspendEmailAccount{Account: account}); err != nil || len(st.Suspensions) != 1 {
		t.Fatalf("%+v, %v", st, err)
	}
	if st, err := w.s.UnsuspendEmailAccount(w.ctx, w.a, mailboxes.UnsuspendEmailAccount{Account: account}); err != nil || len(st.Suspensions) != 0 {
		t.Fatalf("%+v, %v", st, err)
	}
}

// TestSuspensionPrecedenceInTrees: in any tree and after any calls a suspension
// stands if it was put and nobody lifted it who may.
func TestSuspensionPrecedenceInTrees(t *testing.T) {
	w := newWorld(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		p := w.partner(partner.Settings{})
		var all []*reseller.Reseller
		for i := range rapid.IntRange(1, 5).Draw(rt, "resellers") {
			cmd := reselling.CreateReseller{PartnerID: p.PartnerID, Username: fmt.Sprintf("r%d@x.example", i)}
			if i > 0 {
				cmd.ParentID = rapid.SampledFrom(all).Draw(rt, "parent").ID
			}
			all = append(all, w.reseller(cmd))
		}
		home := rapid.SampledFrom(all).Draw(rt, "home")
		id := w.orderUnder(home, fmt.Sprintf("d%d.example", n))
		ref := work.OrderRef{ID: id}

		// height of an actor: the higher may lift the lower's; resellers count by
		// how far they are from the order, the root stands for the partner.
		type who struct {
			actor  audit.Actor
			height int
		}
		actors := []who{{w.op, 1000}, {p, 100}}
		for i, above := range home.Path {
			h := len(home.Path) - i
			if i == 0 {
				h = 100
			}
			r := all[slices.IndexFunc(all, func(r *reseller.Reseller) bool { return r.ID == above })]
			actors = append(actors, who{as(r), h})
		}
		stands := map[int]bool{}
		for range rapid.IntRange(1, 12).Draw(rt, "calls") {
			by := rapid.SampledFrom(actors).Draw(rt, "by")
			var st *work.OrderState
			var err error
			want := false
			if rapid.Bool().Draw(rt, "suspend") {
				st, err = w.s.SuspendMailOrder(w.ctx, by.actor, ordering.SuspendMailOrder{Order: ref})
				stands[by.height] = true
			} else {
				kind := rapid.SampledFrom([]string{"", "partner"}).Draw(rt, "type")
				lifted := false
				before := len(stands)
				for h := range stands {
					if h <= by.height {
						delete(stands, h)
						lifted = true
					}
				}
				want = kind != "" && before > 0 && !lifted
				st, err = w.s.UnsuspendMailOrder(w.ctx, by.actor, ordering.UnsuspendMailOrder{Order: ref, Type: kind})
			}
			if want != (err != nil) {
				rt.Fatalf("%s: %v", by.actor.Name, err)
			}
			if err == nil && len(st.Suspensions) != len(stands) {
				rt.Fatalf("%+v, want %v", st.Suspensions, stands)
			}
			parent := slices.ContainsFunc([]int{1, 2, 3, 4, 5, 100, 1000}, func(h int) bool { return stands[h] && h > by.height })
			if got, err := w.s.SuspendedByParent(w.ctx, by.actor, ref); err != nil || got != parent {
				rt.Fatalf("by a parent of %d: %v, %v, of %v", by.height, got, err, stands)
			}
		}
	})
}
