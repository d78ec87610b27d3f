package provision_test

import (
	"testing"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// TestAdvanceClock: who may, how far, and never back.
func TestAdvanceClock(t *testing.T) {
	w := newWorld(t)
	p, _, err := w.s.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "S", Sandbox: true, Settings: partner.Settings{BillingOwner: partner.BilledByPlatform}})
	if err != nil {
		t.Fatal(err)
	}
	own := w.a
	own.PartnerID = p.ID
	holder := own
	holder.Role = suspension.RoleAccount
	start := w.clock.Now()
	for name, c := range map[string]struct {
		cmd    tenancy.AdvanceClock
		code   fault.Code
		reason string
	}{
		"neither":  {tenancy.AdvanceClock{PartnerID: p.ID}, fault.Invalid, ""},
		"both":     {tenancy.AdvanceClock{PartnerID: p.ID, By: day, To: start.Add(day)}, fault.Invalid, ""},
		"back by":  {tenancy.AdvanceClock{PartnerID: p.ID, By: -time.Second}, fault.Invalid, "CLOCK_BACKWARDS"},
		"back to":  {tenancy.AdvanceClock{PartnerID: p.ID, To: start.Add(-time.Second)}, fault.Invalid, "CLOCK_BACKWARDS"},
		"far by":   {tenancy.AdvanceClock{PartnerID: p.ID, By: 3654 * day}, fault.Invalid, "CLOCK_TOO_FAR"},
		"far to":   {tenancy.AdvanceClock{PartnerID: p.ID, To: start.AddDate(10, 0, 1)}, fault.Invalid, "CLOCK_TOO_FAR"},
		"overflow": {tenancy.AdvanceClock{PartnerID: p.ID, By: 1<<63 - 1}, fault.Invalid, "CLOCK_TOO_FAR"},
		"foreign":  {tenancy.AdvanceClock{PartnerID: w.b.PartnerID, By: day}, fault.PartnerNotFound, ""},
		"unknown":  {tenancy.AdvanceClock{PartnerID: 99, By: day}, fault.PartnerNotFound, ""},
	} {
		if _, err := w.s.AdvanceClock(w.ctx, own, c.cmd); !fault.Is(err, c.code) || fault.Of(err).Reason != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.s.AdvanceClock(w.ctx, holder, tenancy.AdvanceClock{PartnerID: p.ID, By: day}); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	if _, err := w.s.AdvanceClock(w.ctx, w.a, tenancy.AdvanceClock{PartnerID: w.a.PartnerID, By: day}); !fault.Is(err, fault.Conflict) || fault.Of(err).Reason != "NOT_A_SANDBOX" {
		t.Error(err)
	}
	if s, err := w.s.PartnerClock(w.ctx, w.a, w.a.PartnerID); err != nil || s.Sandbox || s.Target != nil || !s.Now.Equal(start) {
		t.Errorf("%+v, %v", s, err)
	}
	to := func(at time.Time) {
		t.Helper()
		if s, err := w.s.AdvanceClock(w.ctx, own, tenancy.AdvanceClock{PartnerID: p.ID, To: at}); err != nil || !s.Target.Equal(at) || !s.Now.Equal(start) {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	to(start.Add(2 * day))
	if _, err := w.s.AdvanceClock(w.ctx, own, tenancy.AdvanceClock{PartnerID: p.ID, To: start.Add(day)}); !fault.Is(err, fault.Invalid) {
		t.Error("a target came nearer", err)
	}
	to(start.Add(2 * day)) // a repeat
}

// TestMoveClock: from one thing that falls due to the next, one node at a time,
// and every rule sees the partner's time.
func TestMoveClock(t *testing.T) {
	w := newWorld(t)
	p, _, err := w.s.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "S", Sandbox: true, Settings: partner.Settings{BillingOwner: partner.BilledByPlatform}})
	if err != nil {
		t.Fatal(err)
	}
	own := w.a
	own.PartnerID = p.ID
	cmd := proOrder("d.example", "c-1")
	cmd.Expiry = date("2026-11-25")
	id := w.order(own, cmd)
	x := w.account(own, id, "x@d.example")
	if i := w.item(due.Order, id); i == nil || i.ClockID != p.ID {
		t.Fatalf("%+v", i)
	}
	if err := w.store.Write(w.ctx, func(tx work.Tx) error { return tx.ClearDue(w.ctx, due.DNS, id) }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.AdvanceClock(w.ctx, own, tenancy.AdvanceClock{PartnerID: p.ID, By: 60 * day}); err != nil {
		t.Fatal(err)
	}
	move := func(node string) *tenancy.ClockStep {
		t.Helper()
		s, err := w.s.MoveClock(w.ctx, w.job, tenancy.MoveClock{PartnerID: p.ID, Node: node, Lease: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	at := func(s *tenancy.ClockStep, want *time.Time) {
		t.Helper()
		if s.Busy || s.Done || !s.Now.Equal(*want) {
			t.Fatalf("%+v, want %v", s, want)
		}
	}
	at(move("a"), cmd.Expiry)
	if s := move("b"); !s.Busy {
		t.Fatalf("%+v", s)
	}
	at(move("a"), cmd.Expiry) // not on before what is due is done
	if err := w.runDue(due.Order, &id)(); err != nil {
		t.Fatal(err)
	}
	if d := w.details(id); d.Status != order.Suspended || !d.Order.Suspensions[0].On.Equal(*cmd.Expiry) {
		t.Fatalf("%+v", d.Order.Suspensions)
	}
	if c, err := w.s.LoginAccount(w.ctx, x); c != nil || err != nil {
		t.Errorf("%+v, %v", c, err)
	}
	deletion := cmd.Expiry.Add(7 * day)
	at(move("a"), &deletion)
	w.clock.Advance(2 * time.Minute) // the node died: another takes over where it stood
	s := move("b")
	if s.Busy || !s.Now.Equal(deletion.Add(2*time.Minute)) {
		t.Fatalf("%+v", s)
	}
	if err := w.runDue(due.Order, &id)(); err != nil {
		t.Fatal(err)
	}
	// The operator sees the partner's time, too.
	found, err := w.s.FindOrders(w.ctx, w.op, work.OrderFilter{DomainPrefix: "d.ex"}, 10)
	if err != nil || len(found) != 1 || found[0].Status != order.Deleted {
		t.Fatalf("%+v, %v", found, err)
	}
	purge := deletion.Add(2*time.Minute + 30*day)
	at(move("b"), &purge)
	for name, list := range map[string]func() (int, error){
		"FindOrders": func() (int, error) {
			l, err := w.s.FindOrders(w.ctx, w.op, work.OrderFilter{DomainPrefix: "d.ex"}, 10)
			return len(l), err
		},
		"FindAccounts": func() (int, error) { l, err := w.s.FindAccounts(w.ctx, w.op, "x@d.example"); return len(l), err },
		"ListMailOrders": func() (int, error) {
			l, err := w.s.ListMailOrders(w.ctx, w.op, ordering.ListMailOrders{CustomerNumber: 10000000})
			return len(l), err
		},
	} {
		if n, err := list(); n != 0 || err != nil {
			t.Errorf("%s sees %d purged ones, %v", name, n, err)
		}
	}
	if err := w.runDue(due.Order, &id)(); err != nil {
		t.Fatal(err)
	}
	if s := move("b"); !s.Done || !s.Now.Equal(w.clock.Now().Add(60*day-2*time.Minute)) {
		t.Fatalf("%+v", s)
	}
	if s := move("c"); !s.Done {
		t.Fatalf("%+v", s)
	}
	if s, err := w.s.PartnerClock(w.ctx, own, p.ID); err != nil || s.Target != nil || s.Taken {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := w.s.MoveClock(w.ctx, own, tenancy.MoveClock{PartnerID: p.ID}); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	if _, err := w.s.MovingClocks(w.ctx, own); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
}
