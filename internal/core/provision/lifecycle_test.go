package provision_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// runDue is what a runner does with an order's or an account's item.
func (w *world) runDue(k due.Kind, id *int64) func() error {
	return func() error { return w.s.RunDue(w.ctx, w.job, due.Item{Kind: k, ObjectID: *id}, w.store.Boxes) }
}

// item gives an entry of the calendar, nil when there is none.
func (w *world) item(k due.Kind, id int64) (out *due.Item) {
	w.t.Helper()
	if err := w.store.Read(w.ctx, func(tx work.Tx) (err error) {
		out, err = tx.Due(w.ctx, k, id)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// falls wants an object's entry at a time, nil = none.
func (w *world) falls(k due.Kind, id int64, at *time.Time) {
	w.t.Helper()
	i := w.item(k, id)
	if (i == nil) != (at == nil) || i != nil && !i.At.Equal(*at) {
		w.t.Errorf("%s %d is in the calendar as %+v, want %v", k, id, i, at)
	}
}

func (w *world) in(d time.Duration) *time.Time { t := w.clock.Now().Add(d); return &t }

// billed gives a partner whose orders the platform bills.
func (w *world) billed() audit.Actor {
	return w.partner(partner.Settings{BillingOwner: partner.BilledByPlatform})
}

var purged, accountPurged = []event.Type{event.MailOrderPurged}, []event.Type{event.EmailAccountPurged}

// TestExpiryToPurge is 7.1 from the expiry date to the end, and that nothing
// else moves: not for a partner that bills itself, not before the moment.
func TestExpiryToPurge(t *testing.T) {
	w := newWorld(t)
	platform := w.billed()
	cmd := proOrder("d.example", "c-1")
	cmd.Expiry = date("2026-11-25")
	id, own := w.order(platform, cmd), w.order(w.a, cmd)
	live := w.account(platform, id, "x@d.example")
	w.store.SetUsed(live, 1234)
	run := w.runDue(due.Order, &id)
	w.falls(due.Order, id, cmd.Expiry)
	w.falls(due.Order, own, nil)
	w.play(
		step{do: "before the date", after: 2*day + 18*time.Hour - time.Microsecond, call: run},
		step{do: "on the date", after: time.Microsecond, call: run, events: statusUpdated, then: func() {
			w.status(id, order.Suspended)
			w.falls(due.Order, id, w.in(7*day))
		}},
		step{do: "again", call: run},
		step{do: "not the partner's to lift", call: func() error {
			_, err := w.s.UnsuspendMailOrder(w.ctx, platform, ordering.UnsuspendMailOrder{Order: work.OrderRef{ID: id}, Type: "expiry"})
			return err
		}, fault: fault.Forbidden, reason: "HIGHER_ROLE"},
		step{do: "just before a week is over", after: 7*day - time.Microsecond, call: run},
		step{do: "after a week", after: time.Microsecond, call: run, events: statusUpdated, then: func() {
			if o := w.details(id).Order; !o.PurgeAt.Equal(w.clock.Now().Add(30*day)) || o.DeletionReason != "expired" {
				t.Errorf("%+v", o)
			}
			w.falls(due.Order, id, w.in(30*day))
		}},
		step{do: "deleted", call: run},
		step{do: "just before the purge", after: 30*day - time.Microsecond, call: run},
		step{do: "purge", after: time.Microsecond, call: run, events: purged, then: func() {
			w.falls(due.Order, id, nil)
			if got, want := w.lastEvent(), `{"titanOrderId":70000000,"domainName":"d.example","customerId":"c-1"}`; got != want {
				t.Error(got)
			}
			if _, there := w.store.Quota(live); there {
				t.Error("the mailbox is still there")
			}
		}},
		step{do: "purge again", call: run},
		step{do: "a partner's own", call: w.runDue(due.Order, &own), then: func() { w.status(own, order.Active) }},
		step{do: "an order that never was", call: func() error { none := int64(99); return w.runDue(due.Order, &none)() }},
		step{do: "by a partner", call: func() error {
			return w.s.RunDue(w.ctx, platform, due.Item{Kind: due.Order, ObjectID: id}, w.store.Boxes)
		}, fault: fault.Forbidden},
		step{do: "a kind that others handle", call: w.runDue(due.DNS, &id), fault: fault.Invalid},
	)
	r := w.lastRecord("mail_order.purge")
	for _, want := range []string{`"accounts":1`, `"folders":6`, `"messages":1`, `"bytes":1234`, `"rule":"purgeAt of the deleted order"`, `"domain":"d.example"`} {
		if !strings.Contains(r, want) {
			t.Errorf("%s is not in the audit record %s", want, r)
		}
	}
}

func (w *world) lastRecord(action string) string {
	all := w.store.AllRecords()
	for _, r := range slices.Backward(all) {
		if r.Action == action {
			return string(r.Detail)
		}
	}
	return ""
}

// TestStepsOfThePast: an order whose dates are long over goes step by step.
func TestStepsOfThePast(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.Expiry = date("2026-01-01")
	id := w.order(w.billed(), cmd)
	run := w.runDue(due.Order, &id)
	w.play(
		step{do: "suspend", call: run, events: statusUpdated, then: func() { w.status(id, order.Suspended) }},
		step{do: "delete", call: run, events: statusUpdated, then: func() {
			w.status(id, order.Deleted)
			w.falls(due.Order, id, w.in(30*day))
		}},
		step{do: "nothing yet", call: run},
	)
}

// TestRenewal lifts expiry, nothing else, and moves the calendar; who reactivates
// has a week to renew.
func TestRenewal(t *testing.T) {
	w := newWorld(t)
	p := w.billed()
	cmd := proOrder("d.example", "c-1")
	cmd.Expiry = date("2026-11-25")
	id := w.order(p, cmd)
	ref := work.OrderRef{ID: id}
	run := w.runDue(due.Order, &id)
	renewTo := func(day string) func() error {
		return func() error {
			_, err := w.s.ModifyMailOrder(w.ctx, p, ordering.ModifyMailOrder{Order: ref, Expiry: date(day), Payment: billing.PaymentDetails{Charged: amount("12.50")}})
			return err
		}
	}
	abuse := ordering.SuspendMailOrder{Order: ref, Type: suspension.TypeAbuse}
	w.play(
		step{do: "expiry", after: 3 * day, call: run, events: statusUpdated},
		step{do: "abuse", call: func() error { _, err := w.s.SuspendMailOrder(w.ctx, w.op, abuse); return err }},
		step{do: "renewal", call: renewTo("2028-02-29"), events: []event.Type{event.PlanRenewed}, then: func() {
			d := w.details(id)
			if d.Status != order.Suspended || len(d.Order.Suspensions) != 1 || d.Order.Suspensions[0].Type != "abuse" {
				t.Errorf("%+v", d.Order.Suspensions)
			}
			w.falls(due.Order, id, date("2028-02-29"))
		}},
		step{do: "nothing is due", call: run},
		step{do: "the operator lifts abuse", call: func() error {
			_, err := w.s.UnsuspendMailOrder(w.ctx, w.op, ordering.UnsuspendMailOrder{Order: ref, Type: suspension.TypeAbuse})
			return err
		}, events: statusUpdated},
		step{do: "29 February", after: date("2028-02-29").Sub(w.clock.Now().Add(3 * day)), call: run, events: statusUpdated},
		step{do: "7 March", after: 7 * day, call: run, events: statusUpdated, then: func() {
			if o := w.details(id).Order; !o.DeletedAt.Equal(*date("2028-03-07")) || !o.PurgeAt.Equal(*date("2028-04-06")) {
				t.Errorf("%+v", o)
			}
		}},
		step{do: "back without renewal", after: day, call: func() error { _, err := w.s.ReactivateMailOrder(w.ctx, p, ref); return err }, events: statusUpdated, then: func() {
			w.status(id, order.Suspended)
			w.falls(due.Order, id, w.in(7*day))
		}},
		step{do: "not deleted at once", call: run},
		step{do: "but a week later", after: 7 * day, call: run, events: statusUpdated, then: func() { w.status(id, order.Deleted) }},
		step{do: "back", call: func() error { _, err := w.s.ReactivateMailOrder(w.ctx, p, ref); return err }, events: statusUpdated},
		step{do: "and renewed", call: renewTo("2029-01-31"), events: []event.Type{event.MailOrderStatusUpdated, event.PlanRenewed}, then: func() {
			w.status(id, order.Active)
			w.falls(due.Order, id, date("2029-01-31"))
		}},
		step{do: "an expiry date in the past is no renewal", call: renewTo("2028-01-01"), then: func() { w.falls(due.Order, id, date("2028-01-01")) }},
	)
}

// TestAccountPurge: the day can move, the purge leaves nothing but what names the
// account, and is told once.
func TestAccountPurge(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	ref := work.OrderRef{ID: id}
	out, err := w.s.CreateEmailAccount(w.ctx, w.a, mailboxes.CreateEmailAccount{Order: ref, Email: "x@d.example", FirstName: "Xaver", LastName: "Secretname",
		AlternateEmail: "alt@secret.example", Password: "pw-1", WantLoginToken: true})
	if err != nil {
		t.Fatal(err)
	}
	x := out.AccountID
	acc := work.AccountRef{Order: ref, AccountID: x}
	if err := w.s.AddEmailAlias(w.ctx, w.a, mailboxes.AddEmailAlias{Account: acc, Alias: "y@d.example"}); err != nil {
		t.Fatal(err)
	}
	w.fresh()
	w.store.SetUsed(x, 77)
	run := w.runDue(due.Account, &x)
	postpone := func(day string) func() error {
		return func() error {
			_, err := w.s.ModifyEmailAccount(w.ctx, w.a, mailboxes.ModifyEmailAccount{Account: acc, PurgeAt: date(day)})
			return err
		}
	}
	reactivate := func() error {
		_, err := w.s.ReactivateEmailAccount(w.ctx, w.a, mailboxes.ReactivateEmailAccount{Account: acc})
		return err
	}
	w.play(
		step{do: "a date for an active one", call: postpone("2026-12-01"), fault: fault.Invalid},
		step{do: "nothing is due of a live one", call: run},
		step{do: "delete", call: func() error {
			_, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: acc})
			return err
		}, events: []event.Type{event.EmailAccountStatusUpdated}, then: func() { w.falls(due.Account, x, w.in(30*day)) }},
		step{do: "earlier", call: postpone("2026-12-21"), fault: fault.Invalid},
		step{do: "over 30 days", call: postpone("2026-12-23"), fault: fault.Invalid},
		step{do: "later", after: 10 * day, call: postpone("2027-01-01"), then: func() { w.falls(due.Account, x, date("2027-01-01")) }},
		step{do: "back", call: reactivate, events: []event.Type{event.EmailAccountStatusUpdated}, then: func() { w.falls(due.Account, x, nil) }},
		step{do: "delete once more", call: func() error {
			_, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: acc})
			return err
		}, events: []event.Type{event.EmailAccountStatusUpdated}},
		step{do: "not yet", after: 30*day - time.Microsecond, call: run},
		step{do: "purge", after: time.Microsecond, call: run, events: accountPurged, then: func() {
			want := `{"titanOrderId":70000000,"domainName":"d.example","customerId":"c-1","email":"x@d.example"}`
			if got := w.lastEvent(); got != want {
				t.Error(got)
			}
			w.falls(due.Account, x, nil)
		}},
		step{do: "again", call: run},
		step{do: "back too late", call: reactivate, fault: fault.Conflict, reason: "ACCOUNT_ALREADY_PURGED"},
		step{do: "read", call: func() error { _, err := w.s.FetchEmailAccount(w.ctx, w.a, acc); return err }, fault: fault.AccountNotFound},
	)
	if r := w.lastRecord("email_account.purge"); !strings.Contains(r, `"bytes":77`) || !strings.Contains(r, "purgeAt of the deleted account") || strings.Contains(r, "ecret") {
		t.Error(r)
	}
	if err := w.store.Read(w.ctx, func(tx work.Tx) error {
		a, err := tx.Account(w.ctx, x)
		if err != nil {
			return err
		}
		raw, err := json.Marshal(a)
		if a.PurgedAt == nil || strings.Contains(string(raw), "ecret") || strings.Contains(string(raw), "hash of") || len(a.Aliases) > 0 {
			t.Errorf("left: %s", raw)
		}
		if err != nil {
			return err
		}
		p, err := tx.Purge(w.ctx, x)
		if p.Accounts != 0 {
			t.Error("the purge's own row is left")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.s.OpenWebmailSession(w.ctx, signin.OpenWebmail{Token: out.LoginToken, Email: "x@d.example"}); !fault.Is(err, fault.Unauthenticated) {
		t.Error(err)
	}
}

// TestPurgeOfOrderTakesAll is T-18: one event for the live accounts together;
// those deleted before keep their own day and event, whichever falls due first.
func TestPurgeOfOrderTakesAll(t *testing.T) {
	for _, orderFirst := range []bool{true, false} {
		w := newWorld(t)
		id := w.order(w.a, proOrder("d.example", "c-1"))
		ref := work.OrderRef{ID: id}
		live, gone := w.account(w.a, id, "live@d.example"), w.account(w.a, id, "gone@d.example")
		if _, err := w.s.EnsureDKIMKeys(w.ctx, "d.example"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: work.AccountRef{Order: ref, AccountID: gone}}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: ref}); err != nil {
			t.Fatal(err)
		}
		w.fresh()
		w.falls(due.Account, live, nil)
		w.clock.Advance(30 * day)
		steps := []step{
			{do: "order", call: w.runDue(due.Order, &id), events: []event.Type{event.EmailAccountPurged, event.MailOrderPurged}},
			{do: "account", call: w.runDue(due.Account, &gone)},
		}
		if !orderFirst {
			steps = []step{
				{do: "account", call: w.runDue(due.Account, &gone), events: accountPurged},
				{do: "order", call: w.runDue(due.Order, &id), events: purged},
			}
		}
		w.play(append(steps, step{do: "a live account has no day of its own", call: w.runDue(due.Account, &live)})...)
		want := `"accounts":1`
		if orderFirst {
			want = `"accounts":2`
		}
		if r := w.lastRecord("mail_order.purge"); !strings.Contains(r, want) || !strings.Contains(r, `"dkimKeys":2`) {
			t.Error(r)
		}
		if err := w.store.Read(w.ctx, func(tx work.Tx) error {
			for _, local := range []string{"live", "gone"} {
				if a, err := tx.Address(w.ctx, id, local); a != nil || err != nil {
					t.Errorf("%+v, %v", a, err)
				}
			}
			keys, err := tx.DKIMKeys(w.ctx, "d.example")
			if len(keys) > 0 {
				t.Error("signing keys are left")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDKIMKeysStayForOthers: they go with the last order of the domain.
func TestDKIMKeysStayForOthers(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	w.order(w.b, proOrder("d.example", "c-1"))
	if _, err := w.s.EnsureDKIMKeys(w.ctx, "d.example"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(30 * day)
	if err := w.runDue(due.Order, &id)(); err != nil {
		t.Fatal(err)
	}
	if r := w.lastRecord("mail_order.purge"); !strings.Contains(r, `"dkimKeys":0`) {
		t.Error(r)
	}
}

// broken is a mail store that does not answer.
type broken struct{}

func (broken) Purge(context.Context, int64) error { return fault.Unavail("No mail store", nil) }

// TestPurgeBrokenOff: once begun, nothing brings the object back, not even a
// clock that steps back, and the next run ends it, with the first count.
func TestPurgeBrokenOff(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	ref := work.OrderRef{ID: id}
	x := w.account(w.a, id, "x@d.example")
	w.store.SetUsed(x, 500)
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: ref}); err != nil {
		t.Fatal(err)
	}
	w.fresh()
	w.clock.Advance(30 * day)
	if err := w.s.RunDue(w.ctx, w.job, due.Item{Kind: due.Order, ObjectID: id}, broken{}); !fault.Is(err, fault.Unavailable) {
		t.Fatal(err)
	}
	if w.item(due.Order, id) == nil {
		t.Fatal("nobody will come back to it")
	}
	w.store.SetUsed(x, 0)
	back := *w
	back.clock = clock.NewManual(w.clock.Now().Add(-20 * day))
	s, err := provision.New(work.Config{Store: w.store, Hasher: w.hash, Clock: back.clock, SealingKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	back.s = s
	back.play(
		step{do: "reactivate with the clock stepped back", call: func() error { _, err := s.ReactivateMailOrder(w.ctx, w.a, ref); return err }, fault: fault.Conflict, reason: "ORDER_ALREADY_PURGED"},
		step{do: "read", call: func() error { _, err := s.FetchOrder(w.ctx, w.a, ref); return err }, fault: fault.OrderNotFound},
		step{do: "the next run", call: back.runDue(due.Order, &id), events: purged},
	)
	if r := w.lastRecord("mail_order.purge"); !strings.Contains(r, `"bytes":500`) {
		t.Error(r)
	}
}

// TestSweep finds what the calendar does not know, such as orders from before it
// was kept, and what it knows wrong, in bounded steps.
func TestSweep(t *testing.T) {
	w := newWorld(t)
	p := w.billed()
	var ids []int64
	for i := range 5 {
		ids = append(ids, w.order(p, proOrder(fmt.Sprintf("d%d.example", i), "c-1")))
	}
	x := w.account(p, ids[0], "x@d0.example")
	if _, err := w.s.DeleteEmailAccount(w.ctx, p, mailboxes.DeleteEmailAccount{Account: work.AccountRef{Order: work.OrderRef{ID: ids[0]}, AccountID: x}}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Write(w.ctx, func(tx work.Tx) error {
		if err := tx.ClearDue(w.ctx, due.Account, x); err != nil {
			return err
		}
		if err := tx.ClearDue(w.ctx, due.Order, ids[4]); err != nil {
			return err
		}
		return tx.SetDue(w.ctx, due.Item{Kind: due.Order, ObjectID: ids[1], PartnerID: p.PartnerID, At: w.clock.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	sweep := func(k due.Kind, limit, repaired int, more bool) {
		t.Helper()
		n, m, err := w.s.SweepDue(w.ctx, w.job, k, limit)
		if n != repaired || m != more || err != nil {
			t.Fatalf("%d repaired, more %v, %v; want %d, %v", n, m, err, repaired, more)
		}
	}
	sweep(due.Order, 2, 1, true)
	sweep(due.Order, 2, 0, true)
	sweep(due.Order, 2, 1, false)
	sweep(due.Order, 5, 0, true) // from the beginning
	sweep(due.Order, 5, 0, false)
	sweep(due.Account, 5, 1, false)
	for _, id := range ids {
		w.falls(due.Order, id, date("2027-11-22"))
	}
	w.falls(due.Account, x, w.in(30*day))
	if _, _, err := w.s.SweepDue(w.ctx, p, due.Order, 5); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
}

// TestAccountAdminAndSupport: a lower role lifts nothing of a higher one.
func TestAccountAdminAndSupport(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	x := w.account(w.a, id, "x@d.example")
	acc := work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: x}
	admin := w.a
	admin.Role = suspension.RoleAccountAdmin
	for _, s := range []step{
		{do: "support suspends the account", call: func() error {
			_, err := w.s.SuspendEmailAccount(w.ctx, w.op, mailboxes.SuspendEmailAccount{Account: acc, Type: "abuse"})
			return err
		}, events: []event.Type{event.EmailAccountStatusUpdated}},
		{do: "accountAdmin lifts it", call: func() error {
			_, err := w.s.UnsuspendEmailAccount(w.ctx, admin, mailboxes.UnsuspendEmailAccount{Account: acc, Type: "abuse"})
			return err
		}, fault: fault.Forbidden, reason: "HIGHER_ROLE"},
		{do: "accountAdmin lifts all it may", call: func() error {
			_, err := w.s.UnsuspendEmailAccount(w.ctx, admin, mailboxes.UnsuspendEmailAccount{Account: acc})
			return err
		}, then: func() {
			if a := w.accountDetails(x); len(a.Account.Suspensions) != 1 {
				t.Errorf("%+v", a.Account.Suspensions)
			}
		}},
		{do: "support suspends the order", call: func() error {
			_, err := w.s.SuspendMailOrder(w.ctx, w.op, ordering.SuspendMailOrder{Order: acc.Order, Type: "abuse"})
			return err
		}, events: statusUpdated},
		{do: "accountAdmin lifts that", call: func() error {
			_, err := w.s.UnsuspendMailOrder(w.ctx, admin, ordering.UnsuspendMailOrder{Order: acc.Order, Type: "abuse"})
			return err
		}, fault: fault.Forbidden, reason: "HIGHER_ROLE"},
		{do: "support lifts that", call: func() error {
			_, err := w.s.UnsuspendMailOrder(w.ctx, w.op, ordering.UnsuspendMailOrder{Order: acc.Order, Type: "abuse"})
			return err
		}, events: statusUpdated},
	} {
		w.play(s)
	}
}
