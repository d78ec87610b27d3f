package provision_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/event"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func aCustomer(username string) customers.CustomerData {
	return customers.CustomerData{Username: username, Name: "Jane Doe", Company: "Doe", Address1: "1 High St", City: "London", State: "London", Country: "gb",
		Zip: "N1", PhoneCC: "+44", Phone: "20 1234", Language: "en"}
}

const janes = "pw-Pass-Word9!"

// signUp makes a customer.
func (w *world) signUp(actor audit.Actor, username string) *customers.CustomerDetails {
	w.t.Helper()
	d, err := w.s.CreateCustomer(w.ctx, actor, customers.CreateCustomer{Data: aCustomer(username), Password: janes})
	w.must(err)
	return d
}

// Here and in Titan it is one customer.
func TestCustomerInBothDialects(t *testing.T) {
	w := newTree(t)
	jane := w.signUp(as(w.left), "Jane@x.example")
	if jane.CustomerID != fmt.Sprint(jane.ID) || jane.Username != "jane@x.example" || jane.Email != "Jane@x.example" || jane.ResellerID != w.left.ID || jane.Country != "GB" ||
		jane.Contact.PhoneCC != "44" || len(jane.PIN) != 4 || jane.PasswordHash != "hash of "+janes {
		t.Fatalf("%+v", jane.Customer)
	}
	// The number that the next one gets is the partner's already: it has another id.
	w.order(w.a, proOrder("first.example", fmt.Sprint(jane.ID+2)))
	if d := w.signUp(as(w.left), "second@x.example"); d.ID != jane.ID+2 || d.CustomerID != fmt.Sprintf("rc-%d", d.ID) {
		t.Errorf("customer %d has the id %s", d.ID, d.CustomerID)
	}
	id := w.order(w.a, proOrder("shop.example", fmt.Sprint(jane.ID)))
	if d := w.details(id); d.Customer.ID != jane.ID {
		t.Fatalf("the order is customer %d's", d.Customer.ID)
	}
	data := aCustomer("jane@x.example")
	w.play(
		step{do: "change what Titan does not tell of", call: func() error {
			data.City = "Paris"
			return w.s.ModifyCustomerProfile(w.ctx, as(w.left), customers.ModifyCustomerProfile{CustomerID: jane.ID, Data: data})
		}},
		step{do: "change the name", call: func() error {
			data.Name = "Jane Smith"
			return w.s.ModifyCustomerProfile(w.ctx, as(w.root), customers.ModifyCustomerProfile{CustomerID: jane.ID, Data: data})
		}, events: []event.Type{event.MailCustomerUpdated}, then: func() {
			if got := w.lastEvent(); !strings.Contains(got, `"customerName":"Jane Smith"`) || !strings.Contains(got, fmt.Sprintf(`"customerId":"%d"`, jane.ID)) {
				t.Error(got)
			}
		}},
		step{do: "nothing new", call: func() error {
			return w.s.ModifyCustomerProfile(w.ctx, as(w.left), customers.ModifyCustomerProfile{CustomerID: jane.ID, Data: data})
		}},
		step{do: "suspend", call: func() error { return w.s.SuspendCustomer(w.ctx, as(w.left), jane.ID, "unpaid") }},
		step{do: "suspend again", call: func() error { return w.s.SuspendCustomer(w.ctx, as(w.left), jane.ID, "") }},
		step{do: "an order of the suspended", call: func() error {
			_, err := w.s.CreateMailOrder(w.ctx, w.a, proOrder("second.example", fmt.Sprint(jane.ID)))
			return err
		}, fault: fault.Conflict, reason: "CUSTOMER_NOT_ACTIVE"},
		step{do: "her mail goes on", call: func() error { return nil }, then: func() { w.status(id, "active") }},
		step{do: "unsuspend", call: func() error { return w.s.UnsuspendCustomer(w.ctx, as(w.left), jane.ID) }},
		step{do: "delete with an order", call: func() error { return w.s.DeleteCustomer(w.ctx, as(w.left), jane.ID) }, fault: fault.Forbidden, reason: "CUSTOMER_HAS_ORDERS"},
		step{do: "delete the order", call: func() error {
			_, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}})
			return err
		}, events: []event.Type{event.MailOrderStatusUpdated}},
		step{do: "delete", call: func() error { return w.s.DeleteCustomer(w.ctx, as(w.left), jane.ID) }},
		step{do: "delete again", call: func() error { return w.s.DeleteCustomer(w.ctx, as(w.left), jane.ID) }, fault: fault.CustomerNotFound},
		step{do: "her order stays deleted", call: func() error {
			_, err := w.s.ReactivateMailOrder(w.ctx, w.a, work.OrderRef{ID: id})
			return err
		}, fault: fault.Conflict, reason: "CUSTOMER_NOT_ACTIVE"},
		step{do: "unknown in Titan by her number", call: func() error {
			_, err := w.s.ListMailOrders(w.ctx, w.a, ordering.ListMailOrders{CustomerNumber: jane.ID})
			return err
		}, fault: fault.CustomerNotFound},
		step{do: "unknown in Titan by her id", call: func() error {
			_, err := w.s.ListMailOrders(w.ctx, w.a, ordering.ListMailOrders{CustomerID: fmt.Sprint(jane.ID)})
			return err
		}, fault: fault.CustomerNotFound},
	)
	if again := w.signUp(as(w.right), "jane@x.example"); again.ID == jane.ID {
		t.Error("a deleted customer came back")
	}
}

// What a reseller above suspended, one below does not lift.
func TestCustomerSuspendedAbove(t *testing.T) {
	w := newTree(t)
	id := w.signUp(as(w.leaf), "jane@x.example").ID
	suspend := func(a audit.Actor) error { return w.s.SuspendCustomer(w.ctx, a, id, "") }
	lift := func(a audit.Actor) error { return w.s.UnsuspendCustomer(w.ctx, a, id) }
	w.must(suspend(as(w.left)))
	w.must(suspend(as(w.leaf))) // does not make it leaf's
	w.fails(lift(as(w.leaf)), fault.Forbidden, "SUSPENDED_BY_PARENT")
	w.fails(lift(as(w.right)), fault.CustomerNotFound, "")
	w.must(suspend(as(w.root))) // root's now
	w.fails(lift(as(w.left)), fault.Forbidden, "SUSPENDED_BY_PARENT")
	w.must(lift(as(w.root)))
	w.must(lift(as(w.leaf))) // nothing is left to lift
	w.must(suspend(as(w.leaf)))
	w.must(lift(as(w.left)))
	if d, err := w.s.CustomerByID(w.ctx, as(w.leaf), id); err != nil || d.Status != customer.Active {
		t.Errorf("%v %v", err, d)
	}
}

// To siblings, children and other partners a customer does not exist.
func TestCustomerTenants(t *testing.T) {
	w := newTree(t)
	id := w.signUp(as(w.left), "jane@x.example").ID
	token := func() string {
		raw, err := w.s.GenerateCustomerLogin(w.ctx, as(w.left), customers.GenerateCustomerLogin{CustomerID: id, IP: "::1"})
		w.must(err)
		return raw
	}
	for name, call := range map[string]func(audit.Actor) error{
		"CustomerByID":       func(a audit.Actor) error { _, err := w.s.CustomerByID(w.ctx, a, id); return err },
		"CustomerByUsername": func(a audit.Actor) error { _, err := w.s.CustomerByUsername(w.ctx, a, "jane@x.example"); return err },
		"ModifyCustomerProfile": func(a audit.Actor) error {
			return w.s.ModifyCustomerProfile(w.ctx, a, customers.ModifyCustomerProfile{CustomerID: id, Data: aCustomer("new@x.example")})
		},
		"ChangeCustomerPassword": func(a audit.Actor) error { return w.s.ChangeCustomerPassword(w.ctx, a, id, "pw-Other-9!") },
		"ForgotCustomerPassword": func(a audit.Actor) error { return w.s.ForgotCustomerPassword(w.ctx, a, "jane@x.example") },
		"TempCustomerPassword":   func(a audit.Actor) error { _, err := w.s.TempCustomerPassword(w.ctx, a, id); return err },
		"GenerateCustomerLogin": func(a audit.Actor) error {
			_, err := w.s.GenerateCustomerLogin(w.ctx, a, customers.GenerateCustomerLogin{CustomerID: id, IP: "::1"})
			return err
		},
		"SuspendCustomer":   func(a audit.Actor) error { return w.s.SuspendCustomer(w.ctx, a, id, "") },
		"UnsuspendCustomer": func(a audit.Actor) error { return w.s.UnsuspendCustomer(w.ctx, a, id) },
		"DeleteCustomer":    func(a audit.Actor) error { return w.s.DeleteCustomer(w.ctx, a, id) },
		"AuthenticateCustomer": func(a audit.Actor) error {
			_, err := w.s.AuthenticateCustomer(w.ctx, a, customers.AuthenticateCustomer{Username: "jane@x.example", Password: janes})
			if fault.Is(err, fault.Unauthenticated) {
				return fault.New(fault.CustomerNotFound, "x")
			}
			return err
		},
		"AuthenticateCustomerToken": func(a audit.Actor) error {
			_, err := w.s.AuthenticateCustomerToken(w.ctx, a, token(), false)
			if fault.Is(err, fault.Invalid) {
				return fault.New(fault.CustomerNotFound, "x")
			}
			return err
		},
	} {
		for who, a := range map[string]audit.Actor{"sibling": as(w.right), "child": as(w.leaf), "another partner": as(w.other)} {
			records := len(w.store.AllRecords())
			err := call(a)
			if !fault.Is(err, fault.CustomerNotFound) || fault.Of(err).Reason != "" {
				t.Errorf("%s by the %s: %v", name, who, err)
			}
			if n := len(w.store.AllRecords()) - records; n > 1 || n == 1 && name != "AuthenticateCustomerToken" { // the token's own record
				t.Errorf("%s by the %s wrote %d records", name, who, n)
			}
		}
	}
	if d, err := w.s.CustomerByID(w.ctx, as(w.root), id); err != nil || d.Seller.ID != w.left.ID || d.Name != "Jane Doe" {
		t.Errorf("%v %+v", err, d)
	}
}

// Who was guessed too often gets in neither with the right password, nor by a
// temporary one that has expired.
func TestLoginAttempts(t *testing.T) {
	w := newTree(t)
	w.signUp(as(w.left), "jane@x.example")
	for _, password := range []string{"pw-1", "pw-2", "pw-3", "pw-4", "pw-5", "pw-6", janes, janes} {
		_, err := w.s.AuthenticateCustomer(w.ctx, as(w.left), customers.AuthenticateCustomer{Username: "jane@x.example", Password: password})
		w.fails(err, fault.Unauthenticated, "LOGIN_FAILED")
	}
	// A temporary password can't be guessed and so is not barred.
	d, err := w.s.CustomerByUsername(w.ctx, as(w.left), "jane@x.example")
	w.must(err)
	temp, err := w.s.TempCustomerPassword(w.ctx, as(w.left), d.ID)
	w.must(err)
	_, err = w.s.AuthenticateCustomer(w.ctx, as(w.left), customers.AuthenticateCustomer{Username: "jane@x.example", Password: temp})
	w.must(err)
	_, err = w.s.AuthenticateCustomer(w.ctx, as(w.left), customers.AuthenticateCustomer{Username: "jane@x.example", Password: janes})
	w.must(err) // who is in is no guesser
	w.clock.Advance(day)
	_, err = w.s.AuthenticateCustomer(w.ctx, as(w.left), customers.AuthenticateCustomer{Username: "jane@x.example", Password: temp})
	w.fails(err, fault.Unauthenticated, "LOGIN_FAILED")
}

// tried counts how often a password is compared with a customer's.
type tried struct{ real atomic.Int32 }

func (h *tried) Hash(context.Context, string) (string, error) { return "decoy", nil }
func (h *tried) Verify(_ context.Context, password, hash string) (bool, error) {
	if hash == "hash of "+janes {
		h.real.Add(1)
	}
	return hash == "hash of "+password, nil
}

// However many try at once, no more than five passwords are tried.
func TestLoginAttemptsAtOnce(t *testing.T) {
	w := newTree(t)
	w.signUp(as(w.left), "jane@x.example")
	h := &tried{}
	s, err := provision.New(work.Config{Store: w.store, Hasher: h, Clock: w.clock, SealingKey: make([]byte, 32)})
	w.must(err)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			_, err := s.AuthenticateCustomer(w.ctx, as(w.left), customers.AuthenticateCustomer{Username: "jane@x.example", Password: fmt.Sprint("pw-", i)})
			if !fault.Is(err, fault.Unauthenticated) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := h.real.Load(); n != customers.MaxLoginAttempts {
		t.Errorf("%d passwords were tried", n)
	}
}

// Every attempt costs one hash, whoever is named and whatever is sent.
func TestLoginCostsTheSame(t *testing.T) {
	w := newTree(t)
	w.signUp(as(w.left), "jane@x.example")
	w.order(w.a, proOrder("a.example", "no password"))
	_, err := w.s.AuthenticateCustomer(w.ctx, as(w.left), customers.AuthenticateCustomer{Username: "warm up", Password: "x"}) // makes the decoy
	w.fails(err, fault.Unauthenticated, "LOGIN_FAILED")
	for name, password := range map[string]string{
		"jane@x.example": "pw-wrong", "nobody@x.example": "pw-wrong", "": "", "\x00": "\xff", strings.Repeat("x", 1<<16): strings.Repeat("y", 1<<16),
	} {
		for i := range 8 { // also when it is barred
			before := w.hash.calls.Load()
			_, err := w.s.AuthenticateCustomer(w.ctx, as(w.left), customers.AuthenticateCustomer{Username: name, Password: password})
			w.fails(err, fault.Unauthenticated, "LOGIN_FAILED")
			if n := w.hash.calls.Load() - before; n != 1 {
				t.Errorf("attempt %d as %.20q cost %d hashes", i, name, n)
			}
		}
	}
}

// A password that is changed while the old one is compared lets nobody in.
func TestCustomerPasswordChangedMeanwhile(t *testing.T) {
	w := newTree(t)
	d := w.signUp(as(w.left), "jane@x.example")
	w.hash.during = func() { w.must(w.s.ChangeCustomerPassword(w.ctx, as(w.left), d.ID, "pw-Other-9!")) }
	_, err := w.s.GenerateCustomerToken(w.ctx, as(w.left), customers.GenerateCustomerToken{
		AuthenticateCustomer: customers.AuthenticateCustomer{Username: "jane@x.example", Password: janes}, IP: "192.0.2.1",
	})
	w.fails(err, fault.Unauthenticated, "LOGIN_FAILED")
	w.noSecrets()
}

// Two sign-ups of one name at once: one wins.
func TestSignUpMeanwhile(t *testing.T) {
	w := newTree(t)
	w.hash.during = func() { w.signUp(as(w.right), "jane@x.example") }
	_, err := w.s.CreateCustomer(w.ctx, as(w.left), customers.CreateCustomer{Data: aCustomer("JANE@x.example"), Password: janes})
	w.fails(err, fault.Conflict, "USERNAME_TAKEN")
}

// Tickets and attempts go by themselves, and nobody holds too many.
func TestTicketsAreFew(t *testing.T) {
	w := newTree(t)
	d := w.signUp(as(w.left), "jane@x.example")
	oldest := ""
	for i := range 60 {
		raw, err := w.s.GenerateCustomerLogin(w.ctx, as(w.left), customers.GenerateCustomerLogin{CustomerID: d.ID, IP: "192.0.2.1"})
		w.must(err)
		if i == 0 {
			oldest = raw
		}
		w.clock.Advance(time.Second)
	}
	count := func() (n int) {
		w.must(w.store.Read(w.ctx, func(tx work.Tx) error {
			all, err := tx.LoginTicketsOf(w.ctx, d.ID)
			n = len(all)
			return err
		}))
		return n
	}
	if n := count(); n != 50 {
		t.Errorf("%d tickets", n)
	}
	_, err := w.s.AuthenticateCustomerToken(w.ctx, as(w.left), oldest, true)
	w.fails(err, fault.Invalid, "FIELD_token")
	w.clock.Advance(time.Hour)
	w.must(w.s.Forget(w.ctx))
	if n := count(); n != 0 {
		t.Errorf("%d tickets are kept", n)
	}
}

// The link that a customer asked for sets the panel password and ends what the old one let in.
func TestForgotCustomerPassword(t *testing.T) {
	w := newTree(t)
	d := w.signUp(as(w.left), "jane@x.example")
	raw, err := w.s.GenerateCustomerLogin(w.ctx, as(w.left), customers.GenerateCustomerLogin{CustomerID: d.ID, IP: "192.0.2.1"})
	w.must(err)
	s, secret, err := w.s.OpenTicketSession(w.ctx, signin.OpenTicket{Ticket: raw})
	w.must(err)
	if s.Customer.ID != d.ID || s.Order != nil || s.Actor.Limit != (audit.Limit{CustomerID: d.ID}) {
		t.Errorf("%+v", s)
	}
	w.must(w.s.ForgotCustomerPassword(w.ctx, as(w.left), "jane@x.example"))
	n, err := w.s.NextNotice(w.ctx, 0)
	w.must(err)
	if n.Kind != "panel_password" || n.To != "jane@x.example" || n.ResellerID != w.left.ID || strings.Contains(string(n.Data), "pw-") {
		t.Errorf("%+v", n)
	}
	token, err := w.s.NoticeToken(n)
	w.must(err)
	subject, err := w.s.PasswordTokenInfo(w.ctx, token)
	w.must(err)
	if subject.CustomerID != d.ID || subject.Email != "jane@x.example" || subject.First || !subject.Classes {
		t.Errorf("%+v", subject)
	}
	_, err = w.s.Session(w.ctx, secret)
	w.must(err)                                                                                                                                                              // the old password stays until the link is used
	for _, weak := range []string{"pw-Ab-9!", "pw-chosen-9!", "PW-CHOSEN-9!", "pw-Chosen-x!", "pw-Chosen-99", strings.Repeat("pw-Aa1!x", 8) + "x", "pw-Chosen-9!\x00", ""} {
		_, err = w.s.SetPasswordByToken(w.ctx, signin.SetPasswordByToken{Token: token, Password: weak})
		w.fails(err, fault.Invalid, "PASSWORD_CLASSES")
	}
	_, err = w.s.SetPasswordByToken(w.ctx, signin.SetPasswordByToken{Token: token, Password: "pw-Chosen-9!"})
	w.must(err)
	_, err = w.s.Session(w.ctx, secret)
	w.fails(err, fault.Unauthenticated, "SESSION_ENDED")
	_, err = w.s.AuthenticateCustomer(w.ctx, as(w.left), customers.AuthenticateCustomer{Username: "jane@x.example", Password: "pw-Chosen-9!"})
	w.must(err)
	w.noSecrets()
}
