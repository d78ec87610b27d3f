package provision_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/store/sqltest"
)

// domainOf names an order as its holder's.
func (w *world) domainOf(orderID int64) mailboxes.OfDomain {
	return mailboxes.OfDomain{CustomerID: w.details(orderID).Customer.ID, OrderID: orderID}
}

// put is PutMailbox; out is set anew.
func (w *world) put(of mailboxes.OfDomain, user, password string, out **mailboxes.PutResult) func() error {
	return func() (err error) {
		*out, err = w.s.PutMailbox(w.ctx, w.a, mailboxes.PutMailbox{Mailbox: mailboxes.MailboxRef{OfDomain: of, User: user}, Password: password})
		return err
	}
}

func TestPutMailbox(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	of := w.domainOf(id)
	ref := work.OrderRef{ID: id}
	jane := work.AccountRef{Order: ref, Email: "jane@d.example"}
	var m *mailboxes.PutResult
	var first int64
	created, moved := []event.Type{event.EmailAccountCreated}, []event.Type{event.EmailAccountStatusUpdated}
	is := func(status mailboxes.MailboxStatus, made bool, password string) func() {
		return func() {
			t.Helper()
			if m.Status != status || m.Created != made || m.Email() != "jane@d.example" || m.OrderID != id {
				t.Errorf("%+v, want %s, made %v", m, status, made)
			}
			if a := w.accountDetails(m.AccountID).Account; a.PasswordHash != "hash of "+password || a.IsAdmin {
				t.Errorf("%+v", a)
			}
		}
	}
	ended := 0
	w.play(
		step{do: "new", call: w.put(of, "JANE", "pw-first", &m), events: created, then: func() {
			is(mailboxes.MailboxPending, true, "pw-first")()
			first, ended = m.AccountID, w.touched(id)
		}},
		step{do: "the same again", call: w.put(of, "jane", "pw-first", &m), then: func() {
			is(mailboxes.MailboxActive, false, "pw-first")()
			if m.AccountID != first || w.touched(id) != ended {
				t.Error("a repeat did something")
			}
		}},
		step{do: "another password", call: w.put(of, "Jane@D.example", "pw-other", &m), then: func() {
			is(mailboxes.MailboxActive, false, "pw-other")()
			if m.AccountID != first || w.touched(id) == ended {
				t.Error("sessions go on")
			}
		}},
		step{do: "suspended", call: func() error {
			return second(w.s.SuspendEmailAccount(w.ctx, w.a, mailboxes.SuspendEmailAccount{Account: jane, Type: "x"}))
		}, events: moved},
		step{do: "while suspended", call: w.put(of, "jane", "pw-third", &m), then: is(mailboxes.MailboxSuspended, false, "pw-third")},
		step{do: "delete", call: func() error {
			return w.s.DeleteMailbox(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: "Jane"})
		}, events: moved},
		step{do: "delete again", call: func() error {
			return w.s.DeleteMailbox(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: "jane"})
		}, fault: fault.AccountNotFound},
		step{do: "anew", call: w.put(of, "jane", "pw-fourth", &m), events: created, then: func() {
			is(mailboxes.MailboxPending, true, "pw-fourth")()
			if m.AccountID == first {
				t.Error("the deleted one came back")
			}
		}},
		step{do: "an alias", call: func() error {
			return w.s.AddEmailAlias(w.ctx, w.a, mailboxes.AddEmailAlias{Account: jane, Alias: "info@d.example"})
		}, events: []event.Type{event.EmailAccountModified}},
		step{do: "at the alias", call: w.put(of, "info", "pw-first", &m), fault: fault.Conflict, reason: account.ReasonExistsAsAlias},
		step{do: "a forwarder", call: func() error {
			return w.s.CreateForwarder(w.ctx, w.a, routing.ForwarderMembers{Forwarder: work.ForwarderRef{Order: ref, Email: "team@d.example"}, Recipients: []string{"jane@d.example"}})
		}, events: []event.Type{event.InternalForwardingAccountCreated}},
		step{do: "at the forwarder", call: w.put(of, "team", "pw-first", &m), fault: fault.Conflict, reason: account.ReasonExistsAsForwarder},
		step{do: "the forwarder is no mailbox", call: func() error {
			return w.s.DeleteMailbox(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: "team"})
		}, fault: fault.AccountNotFound},
		step{do: "nor is the alias", call: func() error {
			return w.s.DeleteMailbox(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: "info"})
		}, fault: fault.AccountNotFound},
		step{do: "six characters", call: w.put(of, "new", "pw-456", &m), fault: fault.Invalid, reason: mailboxes.ReasonPasswordShort},
		step{do: "six characters of many bytes", call: w.put(of, "jane", "pw-äöü", &m), fault: fault.Invalid, reason: mailboxes.ReasonPasswordShort},
		step{do: "a line break", call: w.put(of, "jane", "pw-first\n", &m), fault: fault.Invalid, reason: mailboxes.ReasonPassword},
		step{do: "not text", call: w.put(of, "jane", "pw-first\xff", &m), fault: fault.Invalid, reason: mailboxes.ReasonPassword},
		step{do: "too long", call: w.put(of, "jane", strings.Repeat("a", 1025), &m), fault: fault.Invalid, reason: mailboxes.ReasonPassword},
	)
	for _, user := range []string{
		"a/b", "a\x00b", "ünal", `"a b"`, "a b", " jane", "jane ", "jane\n", strings.Repeat("a", 65), ".jane", "jane.", "ja..ne", ".", "..", "@", "jane@", "@d.example",
		"jane@d.example@d.example", "jane@d.example.", "a%b", "a\xffb", "<jane>", strings.Repeat("a", 1<<16),
	} {
		if err := w.put(of, user, "pw-first", &m)(); !fault.Is(err, fault.Invalid) || fault.Of(err).Reason != account.ReasonInvalidEmail {
			t.Errorf("%.80q: %v", user, err)
		}
		if err := w.s.DeleteMailbox(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: user}); !fault.Is(err, fault.AccountNotFound) {
			t.Errorf("DELETE %.80q: %v", user, err)
		}
	}
	w.fails(w.put(of, "jane@[1.2.3.4]", "pw-first", &m)(), fault.Invalid, account.ReasonDomainMismatch)
	w.fails(w.put(of, "jane@other.example", "pw-first", &m)(), fault.Invalid, account.ReasonDomainMismatch)
	w.play(step{do: "64 characters", call: w.put(of, strings.Repeat("a", 64), "pw-first", &m), events: created})
	w.play(
		step{do: "suspend the domain", call: func() error {
			return second(w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: ref, Type: "x"}))
		}, events: statusUpdated},
		step{do: "put into a suspended one", call: w.put(of, "jane", "pw-fifth", &m), fault: fault.OrderNotFound, reason: work.ReasonOrderNotActive},
		step{do: "delete from it", call: func() error {
			return w.s.DeleteMailbox(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: strings.Repeat("a", 64)})
		}, events: moved},
		step{do: "delete the domain", call: func() error {
			return second(w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: ref}))
		}, events: statusUpdated},
		step{do: "put into a deleted one", call: w.put(of, "jane", "pw-fifth", &m), fault: fault.OrderNotFound, reason: work.ReasonOrderNotActive},
		step{do: "delete from it", call: func() error {
			return w.s.DeleteMailbox(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: "jane"})
		}, fault: fault.AccountNotFound},
	)
}

// TestMailboxesAreTheHolders: another partner's domain, and another holder's.
func TestMailboxesAreTheHolders(t *testing.T) {
	w := newWorld(t)
	ours, others, foreign := w.order(w.a, proOrder("d.example", "c-1")), w.order(w.a, proOrder("e.example", "c-2")), w.order(w.b, proOrder("f.example", "c-3"))
	w.account(w.a, others, "jane@e.example")
	w.account(w.b, foreign, "jane@f.example")
	us := w.domainOf(ours)
	for name, of := range map[string]mailboxes.OfDomain{
		"another holder's domain": {CustomerID: us.CustomerID, OrderID: others}, "another partner's domain": {CustomerID: us.CustomerID, OrderID: foreign},
		"none": {CustomerID: us.CustomerID}, "negative": {CustomerID: us.CustomerID, OrderID: -1},
	} {
		ref := mailboxes.MailboxRef{OfDomain: of, User: "jane"}
		for op, err := range map[string]error{
			"list": second(w.s.DomainMailboxes(w.ctx, w.a, of)), "put": second(w.s.PutMailbox(w.ctx, w.a, mailboxes.PutMailbox{Mailbox: ref, Password: "pw-first"})),
			"delete": w.s.DeleteMailbox(w.ctx, w.a, ref), "token": second(w.s.MailboxLoginToken(w.ctx, w.a, ref)),
		} {
			if !fault.Is(err, fault.OrderNotFound) || fault.Of(err).Reason != "" {
				t.Errorf("%s, %s: %v", op, name, err)
			}
		}
	}
	theirs := w.domainOf(foreign)
	w.fails(second(w.s.HolderMailboxes(w.ctx, w.a, theirs.CustomerID)), fault.CustomerNotFound, "")
	w.fails(second(w.s.DomainMailboxes(w.ctx, w.a, theirs)), fault.CustomerNotFound, "")
	if n := len(w.store.AllRecords()); w.accountCount(others) != 1 || w.accountCount(foreign) != 1 || n == 0 {
		t.Error("something was made or deleted")
	}
}

func (w *world) accountCount(orderID int64) int { return w.details(orderID).Counters.Provisioned }

// TestPutMailboxOvertaken: what changed while the password was hashed or
// compared is looked at again.
func TestPutMailboxOvertaken(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.Seats = ptr(2)
	id := w.order(w.a, cmd)
	of := w.domainOf(id)
	ref := func(user string) mailboxes.MailboxRef { return mailboxes.MailboxRef{OfDomain: of, User: user} }
	var inner, outer *mailboxes.PutResult

	w.hash.during = func() { w.must(w.put(of, "x", "pw-inner", &inner)()) }
	w.must(w.put(of, "x", "pw-outer", &outer)())
	if outer.AccountID != inner.AccountID || outer.Created || !inner.Created || w.accountDetails(outer.AccountID).Account.PasswordHash != "hash of pw-outer" {
		t.Fatalf("%+v, %+v", inner, outer)
	}
	w.hash.during = func() { w.must(w.s.DeleteMailbox(w.ctx, w.a, ref("x"))) } // while an equal password is compared
	w.must(w.put(of, "x", "pw-outer", &outer)())
	if !outer.Created || outer.AccountID == inner.AccountID || w.accountCount(id) != 1 {
		t.Fatalf("%+v", outer)
	}
	w.hash.during = func() { w.must(w.put(of, "x", "pw-inner", &inner)()) } // and another one comes in between
	w.must(w.put(of, "x", "pw-outer", &outer)())
	if outer.Created || w.accountDetails(outer.AccountID).Account.PasswordHash != "hash of pw-outer" {
		t.Fatalf("%+v", outer)
	}
	w.hash.during = func() { w.must(w.put(of, "y", "pw-inner", &inner)()) } // takes the last seat
	w.fails(w.put(of, "z", "pw-outer", &outer)(), fault.Conflict, order.ReasonAccountLimit)
	calls := w.hash.calls.Load()
	w.fails(w.put(of, "z", "pw-outer", &outer)(), fault.Conflict, order.ReasonAccountLimit)
	if w.hash.calls.Load() != calls {
		t.Error("a password was hashed for nothing")
	}
	w.must(w.s.DeleteMailbox(w.ctx, w.a, ref("y")))
	w.hash.during = func() {
		w.must(w.s.AddEmailAlias(w.ctx, w.a, mailboxes.AddEmailAlias{Account: work.AccountRef{Order: work.OrderRef{ID: id}, Email: "x@d.example"}, Alias: "z@d.example"}))
	}
	w.fails(w.put(of, "z", "pw-outer", &outer)(), fault.Conflict, account.ReasonExistsAsAlias)
	w.hash.during = func() {
		w.must(second(w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}})))
	}
	w.fails(w.put(of, "y", "pw-outer", &outer)(), fault.OrderNotFound, work.ReasonOrderNotActive)
}

// TestMailboxesAtOnce: whatever calls come at one time, an address has one
// mailbox and an order no more of them than seats.
func TestMailboxesAtOnce(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			rows := sqltest.Store(t, engine)
			s, err := provision.New(work.Config{Store: rows, Hasher: plainHash{}, Random: rand.Reader, SealingKey: make([]byte, 32)})
			if err != nil {
				t.Fatal(err)
			}
			op := audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}
			p, _, err := s.CreatePartner(t.Context(), op, tenancy.CreatePartner{Name: "P"})
			if err != nil {
				t.Fatal(err)
			}
			by := audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "api-user:1", Limited: true}
			cmd := proOrder("d.example", "c-1")
			cmd.Seats, cmd.Expiry = ptr(3), ptr(time.Now().AddDate(1, 0, 0))
			o, err := s.CreateMailOrder(t.Context(), by, cmd)
			if err != nil {
				t.Fatal(err)
			}
			of := mailboxes.OfDomain{CustomerID: o.CustomerID, OrderID: o.OrderID}
			put := func(user, password string) (*mailboxes.PutResult, error) {
				return s.PutMailbox(t.Context(), by, mailboxes.PutMailbox{Mailbox: mailboxes.MailboxRef{OfDomain: of, User: user}, Password: password})
			}
			live := func() (emails []string) {
				list, err := s.DomainMailboxes(t.Context(), by, of)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range list {
					emails = append(emails, m.Email())
				}
				return emails
			}

			var made, full int
			count := func(m *mailboxes.PutResult, err error) {
				switch {
				case err == nil:
					if m.Created {
						made++
					}
				case fault.Of(err).Reason == order.ReasonAccountLimit:
					full++
				default:
					t.Error(err)
				}
			}
			atOnce(8, func(i int) func() {
				m, err := put("one", fmt.Sprintf("password-%d", i))
				return func() { count(m, err) }
			})
			if made != 1 || full != 0 || len(live()) != 1 {
				t.Errorf("one address: %d made, %v", made, live())
			}
			atOnce(8, func(i int) func() { // two seats are left
				m, err := put(fmt.Sprintf("user-%d", i), "password")
				return func() { count(m, err) }
			})
			if made != 3 || full != 6 || len(live()) != 3 {
				t.Errorf("three seats: %d made, %d refused, %v", made, full, live())
			}
			atOnce(8, func(i int) func() { // PUT and DELETE of one
				if i%2 == 0 {
					m, err := put("one", "password")
					return func() { count(m, err) }
				}
				err := s.DeleteMailbox(t.Context(), by, mailboxes.MailboxRef{OfDomain: of, User: "one"})
				return func() {
					if err != nil && !fault.Is(err, fault.AccountNotFound) {
						t.Error(err)
					}
				}
			})
			seen := map[string]bool{}
			for _, email := range live() {
				if seen[email] {
					t.Errorf("%s is there twice", email)
				}
				seen[email] = true
			}
			d, err := s.FetchOrder(t.Context(), by, work.OrderRef{ID: o.OrderID})
			if err != nil || d.Counters.Provisioned != len(seen) || len(seen) > 3 {
				t.Errorf("%v, %v, %v", d.Counters, seen, err)
			}
		})
	}
}

type plainHash struct{}

func (plainHash) Hash(_ context.Context, pw string) (string, error)       { return pw, nil }
func (plainHash) Verify(_ context.Context, pw, hash string) (bool, error) { return pw == hash, nil }

// atOnce runs fn n times at one time, then what each gave.
func atOnce(n int, fn func(i int) func()) {
	var wg sync.WaitGroup
	out := make([]func(), n)
	for i := range n {
		wg.Go(func() { out[i] = fn(i) })
	}
	wg.Wait()
	for _, f := range out {
		f()
	}
}

func TestMailboxLists(t *testing.T) {
	w := newWorld(t)
	first, next := w.order(w.a, proOrder("d.example", "c-1")), w.order(w.a, proOrder("e.example", "c-1"))
	gone := w.order(w.a, proOrder("g.example", "c-1"))
	w.account(w.a, w.order(w.a, proOrder("h.example", "c-2")), "someone@h.example")
	of := w.domainOf(first)
	for _, email := range []string{"z@d.example", "b@e.example", "a@d.example", "deleted@d.example", "x@g.example"} {
		id := first
		switch email[2:] {
		case "e.example":
			id = next
		case "g.example":
			id = gone
		}
		w.account(w.a, id, email)
	}
	w.must(w.s.DeleteMailbox(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: "deleted"}))
	w.must(second(w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: gone}})))
	w.must(second(w.s.SuspendEmailAccount(w.ctx, w.a, mailboxes.SuspendEmailAccount{Account: work.AccountRef{Order: work.OrderRef{ID: first}, Email: "a@d.example"}, Type: "x"})))
	shown := func(list []*mailboxes.Mailbox, err error) string {
		t.Helper()
		w.must(err)
		out := ""
		for _, m := range list {
			out += fmt.Sprintf("%s %s; ", m.Email(), m.Status)
		}
		return out
	}
	if got, want := shown(w.s.HolderMailboxes(w.ctx, w.a, of.CustomerID)), "z@d.example active; b@e.example active; a@d.example suspended; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := shown(w.s.DomainMailboxes(w.ctx, w.a, of)), "z@d.example active; a@d.example suspended; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := shown(w.s.DomainMailboxes(w.ctx, w.a, mailboxes.OfDomain{CustomerID: of.CustomerID, OrderID: gone})); got != "" {
		t.Errorf("of a deleted domain: %s", got)
	}
	w.must(second(w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: work.OrderRef{ID: first}, Type: "x"})))
	if got, want := shown(w.s.DomainMailboxes(w.ctx, w.a, of)), "z@d.example suspended; a@d.example suspended; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestMailboxLoginToken(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	ref := mailboxes.MailboxRef{OfDomain: w.domainOf(id), User: "x"}
	order, acc := work.OrderRef{ID: id}, work.AccountRef{Order: work.OrderRef{ID: id}, Email: "x@d.example"}
	slt := func() string { // a token of R1
		t.Helper()
		made, err := w.s.CreateEmailAccount(w.ctx, w.a, mailboxes.CreateEmailAccount{Order: order, Email: "x@d.example", WantLoginToken: true})
		w.must(err)
		return made.LoginToken
	}
	slt()
	token := func() string {
		t.Helper()
		out, err := w.s.MailboxLoginToken(w.ctx, w.a, ref)
		w.must(err)
		if len(out) != 32 || strings.Trim(out, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			t.Fatalf("%q", out)
		}
		return out
	}
	open := func(token string) error {
		return second3(w.s.OpenMailboxSession(w.ctx, signin.OpenMailbox{Token: token}))
	}
	refused := func(what string, err error) {
		t.Helper()
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", what, err)
		}
	}
	one := token()
	s, secret, err := w.s.OpenMailboxSession(w.ctx, signin.OpenMailbox{Token: one})
	if err != nil || s.Account.Email() != "x@d.example" || s.Kind != work.WebmailSession || !w.admits(secret) {
		t.Fatalf("%+v, %v", s, err)
	}
	refused("twice", open(one))
	late := token()
	w.clock.Advance(5*time.Minute - time.Microsecond)
	w.must(open(late))
	late = token()
	w.clock.Advance(5 * time.Minute)
	refused("after five minutes", open(late))
	refused("none", open(""))
	refused("a guess", open(strings.Repeat("a", 32)))
	// The two kinds of tokens keep to their ways.
	titan := slt()
	refused("one of R1", open(titan))
	refused("the random part of one of R1", open(titan[2:]))
	w.must(second3(w.s.OpenWebmailSession(w.ctx, signin.OpenWebmail{Token: titan, Email: "x@d.example"}))) // and was not used up
	fresh := token()
	refused("at R1", second3(w.s.OpenWebmailSession(w.ctx, signin.OpenWebmail{Token: fresh, Email: "x@d.example"})))
	refused("at R1 as one of its", second3(w.s.OpenWebmailSession(w.ctx, signin.OpenWebmail{Token: "1:" + fresh, Email: "x@d.example"})))
	w.must(open(fresh))

	held := token()
	w.must(second(w.s.SuspendEmailAccount(w.ctx, w.a, mailboxes.SuspendEmailAccount{Account: acc, Type: "x"})))
	refused("suspended since", open(held))
	w.fails(second(w.s.MailboxLoginToken(w.ctx, w.a, ref)), fault.Forbidden, mailboxes.ReasonLoginSuspended)
	w.must(second(w.s.UnsuspendEmailAccount(w.ctx, w.a, mailboxes.UnsuspendEmailAccount{Account: acc})))
	w.must(second(w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: order, Type: "x"})))
	w.fails(second(w.s.MailboxLoginToken(w.ctx, w.a, ref)), fault.Forbidden, mailboxes.ReasonLoginSuspended)
	w.must(second(w.s.UnsuspendMailOrder(w.ctx, w.a, ordering.UnsuspendMailOrder{Order: order})))
	held = token()
	w.must(w.s.DeleteMailbox(w.ctx, w.a, ref))
	refused("deleted since", open(held))
	w.fails(second(w.s.MailboxLoginToken(w.ctx, w.a, ref)), fault.AccountNotFound, "")

	pending := proOrder("p.example", "c-1")
	pending.AwaitingPayment = true
	of := w.domainOf(w.order(w.a, pending))
	w.must(second(w.s.PutMailbox(w.ctx, w.a, mailboxes.PutMailbox{Mailbox: mailboxes.MailboxRef{OfDomain: of, User: "x"}, Password: "pw-first"})))
	w.fails(second(w.s.MailboxLoginToken(w.ctx, w.a, mailboxes.MailboxRef{OfDomain: of, User: "x"})), fault.OrderNotFound, work.ReasonOrderNotActive)
}

func second3[A, B any](_ A, _ B, err error) error { return err }

// brokenReader has no randomness.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("no randomness") }

// leanStore counts the queries for rows of accounts; whole accounts are refused.
type leanStore struct {
	work.Store
	t *testing.T
	n int
}

type leanTx struct {
	work.Tx
	s *leanStore
}

func (s *leanStore) Read(ctx context.Context, fn func(work.Tx) error) error {
	return s.Store.Read(ctx, func(tx work.Tx) error { return fn(leanTx{tx, s}) })
}

func (x leanTx) MailboxesOf(ctx context.Context, orderIDs []int64) ([]*work.MailboxRow, error) {
	x.s.n++
	return x.Tx.MailboxesOf(ctx, orderIDs)
}

func (x leanTx) Account(ctx context.Context, id int64) (*account.Account, error) {
	x.s.t.Error("a list loads an account")
	return x.Tx.Account(ctx, id)
}

func (x leanTx) AccountsByOrder(ctx context.Context, orderID int64, all bool) ([]*account.Account, error) {
	x.s.t.Error("a list loads accounts")
	return x.Tx.AccountsByOrder(ctx, orderID, all)
}

// TestMailboxListsAreLean: one query for the mailboxes, however many domains.
func TestMailboxListsAreLean(t *testing.T) {
	w := newWorld(t)
	var id int64
	for i := range 5 {
		id = w.order(w.a, proOrder(fmt.Sprintf("d%d.example", i), "c-1"))
		w.account(w.a, id, fmt.Sprintf("x@d%d.example", i))
	}
	of := w.domainOf(id)
	lean := &leanStore{Store: w.store, t: t}
	s, err := provision.New(work.Config{Store: lean, Hasher: w.hash, Clock: w.clock, SealingKey: make([]byte, 32)})
	w.must(err)
	if list, err := s.HolderMailboxes(w.ctx, w.a, of.CustomerID); err != nil || len(list) != 5 || lean.n != 1 {
		t.Errorf("%d of the holder by %d queries, %v", len(list), lean.n, err)
	}
	if list, err := s.DomainMailboxes(w.ctx, w.a, of); err != nil || len(list) != 1 || lean.n != 2 {
		t.Errorf("%d of the domain by %d queries, %v", len(list), lean.n-1, err)
	}
}
