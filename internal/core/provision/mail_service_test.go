package provision_test

import (
	"crypto/rand"
	"testing"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/mailservice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func (w *world) service(id int64) *work.DomainMailService {
	w.t.Helper()
	m, err := w.s.MailServiceOf(w.ctx, w.a, id)
	w.must(err)
	return m
}

// mailbox is the status of one of a domain's mailboxes.
func (w *world) mailbox(of mailboxes.OfDomain, email string) mailboxes.MailboxStatus {
	w.t.Helper()
	list, err := w.s.DomainMailboxes(w.ctx, w.a, of)
	w.must(err)
	for _, m := range list {
		if m.Email() == email {
			return m.Status
		}
	}
	return "none"
}

func TestMailServiceIsSetUp(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	of := w.domainOf(id)
	w.account(w.a, id, "x@d.example")
	if m := w.service(id); !m.Ready() || !m.Active || m.Domain != "d.example" || w.mailbox(of, "x@d.example") != mailboxes.MailboxActive {
		t.Errorf("of another dialect: %+v", m) // ready without a row
	}
	w.must(w.s.BeginMailService(w.ctx, w.a, work.OrderRef{ID: id}))
	w.falls(due.MailService, id, w.in(0))
	if m := w.service(id); m.State != mailservice.New || m.Completion != mailservice.Pending || m.Active || m.Ready() || w.mailbox(of, "x@d.example") != mailboxes.MailboxPending {
		t.Errorf("%+v", m)
	}

	// The keys can't be made: tried again, from the step that failed.
	broken, err := provision.New(work.Config{Store: w.store, Hasher: w.hash, Clock: w.clock, Random: brokenReader{}, SealingKey: make([]byte, 32)})
	w.must(err)
	item := due.Item{Kind: due.MailService, ObjectID: id}
	for range 2 {
		if err := broken.RunDue(w.ctx, w.job, item, nil); err == nil {
			t.Fatal("keys without randomness")
		}
		if m := w.service(id); m.State != mailservice.DNS || m.Completion != mailservice.Failed || m.FailureState != mailservice.DNS || m.FailureMessage == "" || w.mailbox(of, "x@d.example") != mailboxes.MailboxFailed {
			t.Errorf("%+v", m)
		}
	}
	lost := w.account(w.a, id, "lost@d.example")
	w.must(w.store.Boxes.Purge(w.ctx, lost))
	w.must(w.s.RunDue(w.ctx, w.job, item, nil))
	done := w.service(id)
	if !done.Ready() || !done.Active || done.FailureState != "" || done.FailureMessage != "" || w.mailbox(of, "x@d.example") != mailboxes.MailboxActive {
		t.Errorf("%+v", done)
	}
	if _, made := w.store.Boxes.Quota(lost); !made {
		t.Error("no mail side")
	}
	keys, err := w.s.DKIMKeys(w.ctx, w.a, work.OrderRef{ID: id})
	if err != nil || len(keys) != 2 {
		t.Errorf("%v, %v", keys, err)
	}
	w.clock.Advance(time.Hour)
	w.must(w.s.RunDue(w.ctx, w.job, item, nil)) // an item too many
	if again := w.service(id); *again != *done {
		t.Errorf("%+v, was %+v", again, done)
	}
	w.must(w.s.RunDue(w.ctx, w.job, due.Item{Kind: due.MailService, ObjectID: 99}, nil))
	w.fails(w.s.RunDue(w.ctx, w.a, item, nil), fault.Forbidden, "")
}

// TestMailServiceWaitsForPayment: mailboxes made meanwhile work afterwards.
func TestMailServiceWaitsForPayment(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.AwaitingPayment = true
	id := w.order(w.a, cmd)
	of, ref := w.domainOf(id), work.OrderRef{ID: id}
	item := due.Item{Kind: due.MailService, ObjectID: id}
	w.must(w.s.BeginMailService(w.ctx, w.a, ref))
	w.falls(due.MailService, id, nil)
	var m *mailboxes.PutResult
	w.must(w.put(of, "x", "pw-first", &m)())
	w.must(w.put(of, "x", "pw-other", &m)())
	if m.Created || m.Status != mailboxes.MailboxPending {
		t.Errorf("%+v", m)
	}
	w.must(w.s.RunDue(w.ctx, w.job, item, nil)) // an item that came too early
	if m := w.service(id); m.State != mailservice.New {
		t.Errorf("%+v", m)
	}
	if got := w.sweepServices(); got != 0 {
		t.Errorf("the sweep has put %d into the calendar", got)
	}
	w.must(second(w.s.ReactivateMailOrder(w.ctx, w.a, ref))) // paid
	w.falls(due.MailService, id, w.in(0))
	if w.mailbox(of, "x@d.example") != mailboxes.MailboxPending {
		t.Error("ready too early")
	}
	w.must(w.s.RunDue(w.ctx, w.job, item, nil))
	if w.mailbox(of, "x@d.example") != mailboxes.MailboxActive {
		t.Error("not ready")
	}
	if c, err := w.s.LoginCandidates(w.ctx, "x@d.example"); err != nil || len(c) != 1 || c[0].PasswordHash != "hash of pw-other" {
		t.Errorf("%v, %v", c, err)
	}
	w.must(w.s.DeleteMailbox(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: "x"}))

	other := proOrder("e.example", "c-1")
	other.AwaitingPayment = true
	of = w.domainOf(w.order(w.a, other))
	w.must(w.put(of, "x", "pw-first", &m)())
	w.must(w.s.DeleteMailbox(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: "x"}))
	if w.mailbox(of, "x@e.example") != "none" {
		t.Error("not deleted")
	}
}

func (w *world) sweepServices() int {
	w.t.Helper()
	n, more, err := w.s.SweepDue(w.ctx, w.job, due.MailService, 10)
	w.must(err)
	if more {
		w.t.Error("there is more")
	}
	return n
}

func TestSweepOfMailServices(t *testing.T) {
	w := newWorld(t)
	lost, deleted := w.order(w.a, proOrder("d.example", "c-1")), w.order(w.a, proOrder("e.example", "c-1"))
	for _, id := range []int64{lost, deleted} {
		w.must(w.s.BeginMailService(w.ctx, w.a, work.OrderRef{ID: id}))
	}
	if n := w.sweepServices(); n != 0 {
		t.Errorf("%d", n)
	}
	w.must(second(w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: deleted}})))
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error {
		if err := tx.ClearDue(w.ctx, due.MailService, deleted); err != nil {
			return err
		}
		return tx.ClearDue(w.ctx, due.MailService, lost)
	}))
	if n := w.sweepServices(); n != 1 {
		t.Errorf("%d", n)
	}
	w.falls(due.MailService, lost, w.in(0))
	w.falls(due.MailService, deleted, nil)
	w.must(second(w.s.ReactivateMailOrder(w.ctx, w.a, work.OrderRef{ID: deleted})))
	w.falls(due.MailService, deleted, w.in(0)) // goes on when it comes back
	w.status(deleted, order.Active)
}

func TestReportMailService(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	foreign := w.order(w.b, proOrder("e.example", "c-1"))
	of := w.domainOf(id)
	w.account(w.a, id, "x@d.example")
	w.must(w.s.BeginMailService(w.ctx, w.a, work.OrderRef{ID: id}))
	st, co := ptr[mailservice.State], ptr[mailservice.Completion]
	for _, c := range []struct {
		name   string
		report mailboxes.ReportMailService
		reason string
		state  mailservice.State
		end    mailservice.Completion
		failed mailservice.State
		text   string
		active bool
		shown  mailboxes.MailboxStatus
	}{
		{name: "nothing", state: "new", end: "pending", shown: "pending"},
		{name: "under way", report: mailboxes.ReportMailService{State: st("dns")}, state: "dns", end: "pending", shown: "pending"},
		{name: "failed", report: mailboxes.ReportMailService{Completion: co("failed"), FailureMessage: ptr(" no zone ")}, state: "dns", end: "failed", failed: "dns", text: "no zone", shown: "failed"},
		{name: "failed elsewhere", report: mailboxes.ReportMailService{FailureState: st("provision")}, state: "dns", end: "failed", failed: "provision", text: "no zone", shown: "failed"},
		{name: "success", report: mailboxes.ReportMailService{Completion: co("success")}, state: "complete", end: "success", active: true, shown: "active"},
		{name: "out of use", report: mailboxes.ReportMailService{Active: ptr(false)}, state: "complete", end: "success", shown: "pending"},
		{name: "in use", report: mailboxes.ReportMailService{Active: ptr(true)}, state: "complete", end: "success", active: true, shown: "active"},
		{name: "back", report: mailboxes.ReportMailService{State: st("provision"), Completion: co("pending")}, state: "provision", end: "pending", shown: "pending"},
		{name: "complete", report: mailboxes.ReportMailService{State: st("complete")}, state: "complete", end: "success", active: true, shown: "active"},
		{name: "an unknown state", report: mailboxes.ReportMailService{State: st("done")}, reason: mailboxes.ReasonServiceState},
		{name: "an unknown result", report: mailboxes.ReportMailService{Completion: co("ok")}, reason: mailboxes.ReasonServiceCompletion},
		{name: "an unknown failure state", report: mailboxes.ReportMailService{FailureState: st("x")}, reason: mailboxes.ReasonFailureState},
		{name: "a text that can't be kept", report: mailboxes.ReportMailService{FailureMessage: ptr("a\x00")}, reason: mailboxes.ReasonFailureMessage},
		{name: "half a success", report: mailboxes.ReportMailService{State: st("dns"), Completion: co("success")}, reason: mailboxes.ReasonServiceCompletion},
		{name: "in use before time", report: mailboxes.ReportMailService{State: st("dns"), Active: ptr(true)}, reason: mailboxes.ReasonServiceActive},
	} {
		c.report.OrderID = id
		got, err := w.s.ReportMailService(w.ctx, w.a, c.report)
		if c.reason != "" {
			if fault.Of(err).Reason != c.reason || !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err != nil || got.State != c.state || got.Completion != c.end || got.FailureState != c.failed || got.FailureMessage != c.text || got.Active != c.active {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
		if kept := w.service(id); *kept != *got || w.mailbox(of, "x@d.example") != c.shown {
			t.Errorf("%s: %+v is kept, the mailbox is %s", c.name, kept, w.mailbox(of, "x@d.example"))
		}
		if c.name != "nothing" { // the platform leaves it to the worker
			w.falls(due.MailService, id, nil)
			w.must(w.s.RunDue(w.ctx, w.job, due.Item{Kind: due.MailService, ObjectID: id}, nil))
			if again := w.service(id); *again != *got {
				t.Errorf("%s: the platform went on: %+v", c.name, again)
			}
		}
	}
	w.must(second(w.s.ReportMailService(w.ctx, w.a, mailboxes.ReportMailService{OrderID: id, State: st("new")})))
	w.falls(due.MailService, id, w.in(0))
	w.must(w.s.RunDue(w.ctx, w.job, due.Item{Kind: due.MailService, ObjectID: id}, nil))
	if m := w.service(id); !m.Ready() {
		t.Errorf("set up anew: %+v", m)
	}
	for _, other := range []int64{foreign, 0, -1, 99} {
		err := second(w.s.ReportMailService(w.ctx, w.a, mailboxes.ReportMailService{OrderID: other, State: st("new")}))
		if !fault.Is(err, fault.OrderNotFound) && other != 0 || err == nil {
			t.Errorf("%d: %v", other, err)
		}
	}
	if m, err := w.s.MailServiceOf(w.ctx, w.b, foreign); err != nil || !m.Ready() {
		t.Errorf("%+v, %v", m, err)
	}
	list, err := w.s.MailServices(w.ctx, w.a, work.MailServiceFilter{PartnerID: w.b.PartnerID, Limit: 10, Domain: " D.Example. "})
	if err != nil || len(list) != 1 || list[0].OrderID != id {
		t.Errorf("%v, %v", list, err)
	}
}

// TestReportDuringSetUp: a worker's report wins over a step under way.
func TestReportDuringSetUp(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	w.must(w.s.BeginMailService(w.ctx, w.a, work.OrderRef{ID: id}))
	reporting := &reportingReader{w: w, id: id}
	s, err := provision.New(work.Config{Store: w.store, Hasher: w.hash, Clock: w.clock, Random: reporting, SealingKey: make([]byte, 32)})
	w.must(err)
	w.must(s.RunDue(w.ctx, w.job, due.Item{Kind: due.MailService, ObjectID: id}, nil))
	if m := w.service(id); m.Completion != mailservice.Failed || m.FailureMessage != "by hand" || !reporting.done {
		t.Errorf("%+v", m)
	}
}

// reportingReader reports a failure while the first key is made.
type reportingReader struct {
	w    *world
	id   int64
	done bool
}

func (r *reportingReader) Read(p []byte) (int, error) {
	if !r.done {
		r.done = true
		r.w.must(second(r.w.s.ReportMailService(r.w.ctx, r.w.a, mailboxes.ReportMailService{OrderID: r.id, Completion: ptr(mailservice.Failed), FailureMessage: ptr("by hand")})))
	}
	return rand.Read(p)
}
