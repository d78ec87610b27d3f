package provision_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"posthouse/internal/clock"
	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func TestMailUserCommands(t *testing.T) {
	w := newWorld(t)
	ref := work.OrderRef{ID: w.order(w.a, proOrder("d.example", "c-1"))}
	jane := work.AccountRef{Order: ref, Email: "Jane@d.example"}
	add := mailboxes.AddMailUser{Order: ref, Email: "jane@d.example", Password: "pw-secret", NotificationEmail: "j@elsewhere.example", FirstName: "Jane", LastName: "Doe",
		Country: "gb", Language: "en_gb"}
	users := mailboxes.MailUsers{Order: ref, Emails: []string{"jane@d.example", " JANE@D.example"}}
	hash := func() string {
		u, err := w.s.FindMailUser(w.ctx, w.a, jane)
		if err != nil {
			t.Fatal(err)
		}
		return u.Account.PasswordHash
	}
	w.play(
		step{do: "add", call: func() error {
			u, err := w.s.AddMailUser(w.ctx, w.a, add)
			if err == nil && (u.Email() != "jane@d.example" || u.Country() != "GB" || u.Language() != "en" || u.Account.Locale != "en-GB" || u.StorageLimit != 5<<30) {
				t.Errorf("%+v", u)
			}
			return err
		}, events: []event.Type{event.EmailAccountCreated}},
		step{do: "add the same", call: func() error { _, err := w.s.AddMailUser(w.ctx, w.a, add); return err }, fault: fault.Conflict, reason: account.ReasonExistsAsAccount},
		step{do: "modify", call: func() error {
			return w.s.ModifyMailUser(w.ctx, w.a, mailboxes.ModifyEmailAccount{Account: jane, FirstName: ptr("Janet")})
		}, events: []event.Type{event.EmailAccountModified}},
		step{do: "change the password with a wrong one", call: func() error {
			return w.s.ChangeMailPassword(w.ctx, w.a, mailboxes.ChangeMailPassword{Account: jane, Old: "pw-wrong", New: "pw-second"})
		}, fault: fault.Unauthenticated, reason: mailboxes.ReasonWrongPassword, then: func() {
			if hash() != "hash of pw-secret" {
				t.Error(hash())
			}
		}},
		step{do: "change the password", call: func() error {
			before := w.touched(ref.ID)
			defer func() {
				if w.touched(ref.ID) == before {
					t.Error("sessions go on")
				}
			}()
			return w.s.ChangeMailPassword(w.ctx, w.a, mailboxes.ChangeMailPassword{Account: jane, Old: "pw-secret", New: "pw-second"})
		}, then: func() {
			if hash() != "hash of pw-second" {
				t.Error(hash())
			}
		}},
		step{do: "reset", call: func() error {
			before := w.touched(ref.ID)
			pw, err := w.s.ResetMailPassword(w.ctx, w.a, jane)
			if err == nil && (len(pw) != 16 || hash() != "hash of "+pw || w.touched(ref.ID) == before) {
				t.Error("not reset")
			}
			return err
		}},
		step{do: "suspend", call: func() error { return w.s.SuspendMailUsers(w.ctx, w.a, users) }, events: []event.Type{event.EmailAccountStatusUpdated}},
		step{do: "suspend again", call: func() error { return w.s.SuspendMailUsers(w.ctx, w.a, users) }},
		step{do: "unsuspend", call: func() error { return w.s.UnsuspendMailUsers(w.ctx, w.a, users) }, events: []event.Type{event.EmailAccountStatusUpdated}},
		step{do: "delete", call: func() error { return w.s.DeleteMailUsers(w.ctx, w.a, users) }, events: []event.Type{event.EmailAccountStatusUpdated}},
		step{do: "delete again", call: func() error { return w.s.DeleteMailUsers(w.ctx, w.a, users) }, fault: fault.AccountNotFound},
		step{do: "reset what is gone", call: func() error { _, err := w.s.ResetMailPassword(w.ctx, w.a, jane); return err }, fault: fault.AccountNotFound},
	)
}

// TestPasswordChangedMeanwhile: the old password is the one in force at the end.
func TestPasswordChangedMeanwhile(t *testing.T) {
	w := newWorld(t)
	ref := work.OrderRef{ID: w.order(w.a, proOrder("d.example", "c-1"))}
	id := w.account(w.a, ref.ID, "jane@d.example")
	set := func(pw string) {
		if _, err := w.s.ModifyEmailAccount(w.ctx, w.a, mailboxes.ModifyEmailAccount{Account: work.AccountRef{Order: ref, AccountID: id}, Password: &pw}); err != nil {
			t.Fatal(err)
		}
	}
	set("pw-first")
	w.hash.during = func() { set("pw-of-admin") }
	err := w.s.ChangeMailPassword(w.ctx, w.a, mailboxes.ChangeMailPassword{Account: work.AccountRef{Order: ref, Email: "jane@d.example"}, Old: "pw-first", New: "pw-third"})
	if !fault.Is(err, fault.Unauthenticated) || w.accountDetails(id).Account.PasswordHash != "hash of pw-of-admin" {
		t.Error(err)
	}
}

// TestOrderContact: who is named is told instead of the customer.
func TestOrderContact(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.Customer.Email = "customer@elsewhere.example"
	ref := work.OrderRef{ID: w.order(w.a, cmd)}
	id := w.account(w.a, ref.ID, "jane@d.example")
	if err := w.s.SetOrderContact(w.ctx, w.a, ref, "no address"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	for range 2 {
		if err := w.s.SetOrderContact(w.ctx, w.a, ref, "ops@elsewhere.example"); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.s.ObserveQuotas(w.ctx, []outbox.QuotaObservation{{AccountID: id, UsedBytes: 100 << 20, LimitBytes: 100 << 20}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	list, err := w.s.Notices(w.ctx, w.op, work.NoticeFilter{})
	if err != nil || !slices.ContainsFunc(list, func(n *notice.Notice) bool { return n.Kind == notice.QuotaWarning && n.To == "ops@elsewhere.example" }) {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestSearchOfManyUsers: 50,000 accounts are searched in bounded time and memory.
func TestSearchOfManyUsers(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("big.example", "c-1")
	cmd.Seats = ptr(50_000)
	o := w.order(w.a, cmd)
	const accounts = 50_000
	for from := 0; from < accounts; from += 5000 {
		err := w.store.Store.Write(w.ctx, func(tx work.Tx) error {
			for i := from; i < from+5000; i++ {
				a := &account.Account{OrderID: o, PartnerID: w.a.PartnerID, Local: fmt.Sprintf("user-%05d", i), Domain: "big.example", CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now()}
				if err := tx.InsertAccount(w.ctx, a); err != nil {
					return err
				}
				if err := tx.TakeAddress(w.ctx, account.Address{OrderID: o, Local: a.Local, Kind: account.KindAccount, AccountID: a.ID}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	wall := clock.System()
	for _, c := range []struct {
		q     mailboxes.SearchMailUsers
		first string
		n     int
	}{
		{mailboxes.SearchMailUsers{Page: 1}, "user-00000", 200},
		{mailboxes.SearchMailUsers{Page: 250}, "user-49800", 200},
		{mailboxes.SearchMailUsers{Page: 251}, "", 0},
		{mailboxes.SearchMailUsers{Page: 1, Pattern: "999@"}, "user-00999", 50},
		{mailboxes.SearchMailUsers{Page: 1, Pattern: "(x*)*y(a|aa|ab|ac)+[a-z]{20,40}$"}, "", 0},
		{mailboxes.SearchMailUsers{Page: 250, Statuses: []account.Status{account.Active}}, "user-49800", 200},
		{mailboxes.SearchMailUsers{Page: 1, OverQuota: true}, "", 0},
		{mailboxes.SearchMailUsers{Page: 1, Emails: []string{"user-40000@big.example"}}, "user-40000", 1},
	} {
		c.q.Order = work.OrderRef{ID: o}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := wall.Now()
		list, err := w.s.SearchMailUsers(w.ctx, w.a, c.q)
		took := wall.Now().Sub(began)
		runtime.GC()
		runtime.ReadMemStats(&after)
		if err != nil || len(list) != c.n || c.n > 0 && list[0].Account.Local != c.first {
			t.Errorf("%+v: %d users, %v", c.q, len(list), err)
		}
		t.Logf("page %d %s %v: %v, %d KiB kept", c.q.Page, c.q.Pattern, c.q.Statuses, took, (int64(after.HeapAlloc)-int64(before.HeapAlloc))/1024)
		runtime.KeepAlive(list)
	}
}

func TestMailUserOf(t *testing.T) {
	d := &mailboxes.MailDomain{Order: &order.Order{}, Customer: &customer.Customer{}}
	for _, c := range []struct {
		a                              account.Account
		country, language, first, last string
	}{
		{account.Account{}, "US", "en", "", ""},
		{account.Account{Country: "DE", Locale: "de_DE", Name: "Jane"}, "DE", "de", "Jane", ""},
		{account.Account{Locale: "PT-BR", Name: "Jane de la Doe"}, "US", "pt", "Jane de la", "Doe"},
		{account.Account{Name: "Jane Doe", LastName: "Roe"}, "US", "en", "", "Roe"},
	} {
		m := &mailboxes.MailUser{MailDomain: d, Account: &c.a}
		first, last := m.Names()
		if m.Country() != c.country || m.Language() != c.language || first != c.first || last != c.last {
			t.Errorf("%+v: %s %s %q %q", c.a, m.Country(), m.Language(), first, last)
		}
	}
	at := &routing.AtAddress{Email: "x@d.example", Err: fault.New(fault.Invalid, "no")}
	if !fault.Is(at, fault.Invalid) || !strings.Contains(at.Error(), "no") || errors.Unwrap(at) == nil {
		t.Error(at)
	}
}
