package provision_test

import (
	"slices"
	"strings"
	"testing"

	"posthouse/internal/core/account"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

var (
	accountCreated  = []event.Type{event.EmailAccountCreated}
	accountModified = []event.Type{event.EmailAccountModified}
	accountStatus   = []event.Type{event.EmailAccountStatusUpdated}
)

func TestCreateEmailAccount(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.Seats = ptr(3)
	id := w.order(w.a, cmd)
	var out *mailboxes.CreatedAccount
	create := func(email string, change func(*mailboxes.CreateEmailAccount)) func() error {
		return func() (err error) {
			cmd := mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: id}, Email: email}
			if change != nil {
				change(&cmd)
			}
			out, err = w.s.CreateEmailAccount(w.ctx, w.a, cmd)
			return err
		}
	}
	full := func(c *mailboxes.CreateEmailAccount) {
		c.Name, c.FirstName, c.LastName, c.AlternateEmail = "ignored", "Jane", "Doe", "j@x.example"
		c.Password, c.IsAdmin = "pw-1", true
	}
	var x int64
	w.play(
		step{do: "create", call: create(" X@D.example", full), events: accountCreated, then: func() {
			x = out.AccountID
			want := `{"titanOrderId":70000000,"domainName":"d.example","customerId":"c-1","email":"x@d.example","name":"Jane Doe","alternateEmailAddress":"j@x.example","isAdmin":true,"aliases":[]}`
			if got := w.lastEvent(); got != want || out.LoginToken != "" {
				t.Errorf("%s, %+v", got, out)
			}
		}},
		step{do: "repeat", call: create("x@d.example", full), then: func() {
			if out.AccountID != x || !out.Existing {
				t.Errorf("%+v", out)
			}
		}},
		step{do: "repeat that wants a token", call: create("x@d.example", func(c *mailboxes.CreateEmailAccount) { full(c); c.WantLoginToken = true }), then: func() {
			if out.AccountID != x || out.LoginToken == "" {
				t.Errorf("%+v", out)
			}
		}},
		step{do: "other password", call: create("x@d.example", func(c *mailboxes.CreateEmailAccount) { full(c); c.Password = "pw-2" }), fault: fault.Conflict, reason: "EXISTS_AS_EMAIL_ACCOUNT"},
		step{do: "other name", call: create("x@d.example", func(c *mailboxes.CreateEmailAccount) { full(c); c.LastName = "Roe" }), fault: fault.Conflict, reason: "EXISTS_AS_EMAIL_ACCOUNT"},
		step{do: "without password", call: create("y@d.example", nil), events: accountCreated, then: func() {
			if a := w.accountDetails(out.AccountID).Account; a.PasswordHash != "" {
				t.Errorf("%+v", a)
			}
		}},
		step{do: "repeat without password", call: create("y@d.example", nil)},
		step{do: "repeat with one", call: create("y@d.example", func(c *mailboxes.CreateEmailAccount) { c.Password = "pw-1" }), fault: fault.Conflict, reason: "EXISTS_AS_EMAIL_ACCOUNT"},
		step{do: "other domain", call: create("x@e.example", nil), fault: fault.Invalid, reason: "DOMAIN_MISMATCH"},
		step{do: "no address", call: create("", full), fault: fault.Invalid, reason: "INVALID_EMAIL"},
		step{do: "alternate address", call: create("z@d.example", func(c *mailboxes.CreateEmailAccount) { c.AlternateEmail = "x" }), fault: fault.Invalid},
		step{do: "alias", call: func() error {
			return w.s.AddEmailAlias(w.ctx, w.a, mailboxes.AddEmailAlias{Account: work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: x}, Alias: "al@d.example"})
		}, events: accountModified},
		step{do: "an alias' address", call: create("al@d.example", nil), fault: fault.Conflict, reason: "EXISTS_AS_ALIAS"},
		step{do: "last seat", call: create("z@d.example", nil), events: accountCreated},
		step{do: "no seat", call: create("more@d.example", nil), fault: fault.Conflict, reason: "ACCOUNT_LIMIT_REACHED"},
		step{do: "no seat, no hash", call: create("more@d.example", full), fault: fault.Conflict, reason: "ACCOUNT_LIMIT_REACHED"},
		step{do: "a repeat needs no seat", call: create("z@d.example", nil)},
		step{do: "suspended order", call: func() error {
			_, err := w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: work.OrderRef{ID: id}})
			return err
		}, events: statusUpdated},
		step{do: "none there", call: create("z@d.example", nil), fault: fault.OrderNotFound, reason: "ORDER_NOT_ACTIVE"},
	)
	if n := w.hash.calls.Load(); n != 4 {
		t.Errorf("%d hashes: one of the creation, three comparisons", n)
	}
}

// TestCreateEmailAccountAtOnce: what changed while the password was hashed is
// looked at again.
func TestCreateEmailAccountAtOnce(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	cmd := mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: id}, Email: "x@d.example", Password: "pw-1"}
	var inner *mailboxes.CreatedAccount
	w.hash.during = func() {
		var err error
		if inner, err = w.s.CreateEmailAccount(w.ctx, w.a, cmd); err != nil {
			t.Error(err)
		}
	}
	outer, err := w.s.CreateEmailAccount(w.ctx, w.a, cmd)
	if err != nil || outer.AccountID != inner.AccountID || !outer.Existing || inner.Existing {
		t.Fatalf("%+v, %+v, %v", outer, inner, err)
	}
	// And with another password the second is refused.
	cmd.Email = "y@d.example"
	w.hash.during = func() {
		other := cmd
		other.Password = "pw-2"
		if _, err := w.s.CreateEmailAccount(w.ctx, w.a, other); err != nil {
			t.Error(err)
		}
	}
	if _, err := w.s.CreateEmailAccount(w.ctx, w.a, cmd); fault.Of(err).Reason != "EXISTS_AS_EMAIL_ACCOUNT" {
		t.Fatal(err)
	}
	// The account goes while its password is compared: a new one is made.
	cmd.Email = "x@d.example"
	w.hash.during = func() {
		if _, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: inner.AccountID}}); err != nil {
			t.Error(err)
		}
	}
	again, err := w.s.CreateEmailAccount(w.ctx, w.a, cmd)
	if err != nil || again.AccountID == inner.AccountID || again.Existing {
		t.Fatalf("%+v, %v", again, err)
	}
}

func TestCreateMailOrderAtOnce(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.FirstAccount = &ordering.FirstAccount{Email: "x@d.example", Password: "pw-1", WantLoginToken: true}
	var inner *ordering.CreatedOrder
	w.hash.during = func() {
		var err error
		if inner, err = w.s.CreateMailOrder(w.ctx, w.a, cmd); err != nil {
			t.Error(err)
		}
	}
	outer, err := w.s.CreateMailOrder(w.ctx, w.a, cmd)
	if err != nil || !outer.Existing || outer.OrderID != inner.OrderID || outer.Account.AccountID != inner.Account.AccountID {
		t.Fatalf("%+v, %+v, %v", outer, inner, err)
	}
	if n := len(w.fresh()); n != 2 {
		t.Errorf("%d events", n)
	}
}

func TestModifyEmailAccount(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	x := w.account(w.a, id, "x@d.example")
	modify := func(change func(*mailboxes.ModifyEmailAccount)) func() error {
		return func() error {
			cmd := mailboxes.ModifyEmailAccount{Account: work.AccountRef{Order: work.OrderRef{ID: id}, Email: "x@d.example"}}
			change(&cmd)
			_, err := w.s.ModifyEmailAccount(w.ctx, w.a, cmd)
			return err
		}
	}
	touched := 0
	untouched := func() {
		t.Helper()
		if n := w.touched(id); n != touched {
			t.Errorf("sessions looked at %d times, want %d", n, touched)
		}
	}
	profile := func(c *mailboxes.ModifyEmailAccount) {
		c.FirstName, c.LastName, c.AlternateEmail, c.IsAdmin = ptr("Jane"), ptr("Doe"), ptr("j@x.example"), ptr(true)
	}
	w.play(
		step{do: "nothing", call: modify(func(*mailboxes.ModifyEmailAccount) {})},
		step{do: "profile", call: modify(profile), events: accountModified, then: func() {
			if a := w.accountDetails(x).Account; a.Name != "Jane Doe" || !a.IsAdmin || a.AlternateEmail != "j@x.example" {
				t.Errorf("%+v", a)
			}
		}},
		step{do: "again", call: modify(profile), then: untouched},
		step{do: "password", call: modify(func(c *mailboxes.ModifyEmailAccount) { c.Password = ptr("pw-1") }), then: func() { touched++; untouched() }},
		step{do: "the same password", call: modify(func(c *mailboxes.ModifyEmailAccount) { c.Password = ptr("pw-1") }), then: untouched},
		step{do: "another password, another name", call: modify(func(c *mailboxes.ModifyEmailAccount) { c.Password, c.Name = ptr("pw-2"), ptr("JD") }), events: accountModified, then: func() { touched++; untouched() }},
		step{do: "empty password", call: modify(func(c *mailboxes.ModifyEmailAccount) { c.Password = ptr("") }), fault: fault.Invalid},
		step{do: "unknown address", call: modify(func(c *mailboxes.ModifyEmailAccount) { c.Account.Email, c.Password = "y@d.example", ptr("pw-1") }), fault: fault.AccountNotFound},
		step{do: "id and address differ", call: modify(func(c *mailboxes.ModifyEmailAccount) { c.Account.AccountID, c.Account.Email = x, "y@d.example" }), fault: fault.AccountNotFound},
		step{do: "purge date of a live account", call: modify(func(c *mailboxes.ModifyEmailAccount) { c.Account.AccountID, c.PurgeAt = x, date("2026-12-01") }), fault: fault.Invalid},
		step{do: "delete", call: func() error {
			_, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: x}})
			return err
		}, events: accountStatus},
		step{do: "a deleted account's name", call: modify(profile), fault: fault.AccountNotFound, reason: "ACCOUNT_NOT_ACTIVE"},
	)
	purge := func(day string) func() error {
		return modify(func(c *mailboxes.ModifyEmailAccount) { c.Account.AccountID, c.PurgeAt = x, date(day) })
	}
	w.play( // deleted on 2026-11-22, so purged on 2026-12-22
		step{do: "without the id", call: modify(func(c *mailboxes.ModifyEmailAccount) { c.PurgeAt = date("2026-12-22") }), fault: fault.Invalid},
		step{do: "the same day", call: purge("2026-12-22")},
		step{do: "earlier", call: purge("2026-12-21"), fault: fault.Invalid},
		step{do: "beyond 30 days", call: purge("2026-12-23"), fault: fault.Invalid},
		step{do: "later, five days on", after: 5 * day, call: purge("2026-12-27"), then: func() {
			if a := w.accountDetails(x).Account; event.Date(a.PurgeAt) != "2026-12-27" {
				t.Errorf("%v", a.PurgeAt)
			}
		}},
		step{do: "and again", call: purge("2026-12-27")},
		step{do: "too late", after: 30 * day, call: purge("2027-01-05"), fault: fault.AccountNotFound},
	)
}

func TestSuspendEmailAccount(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	x := w.account(w.a, id, "x@d.example")
	ref := work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: x, Email: "x@d.example"}
	var out *work.AccountState
	suspend := func(kind string, by suspension.Role) func() error {
		return func() (err error) {
			actor := w.a
			actor.Role = by
			out, err = w.s.SuspendEmailAccount(w.ctx, actor, mailboxes.SuspendEmailAccount{Account: ref, Type: kind})
			return err
		}
	}
	unsuspend := func(kind string) func() error {
		return func() (err error) {
			out, err = w.s.UnsuspendEmailAccount(w.ctx, w.a, mailboxes.UnsuspendEmailAccount{Account: ref, Type: kind})
			return err
		}
	}
	is := func(s account.Status, n int) func() {
		return func() {
			t.Helper()
			if out.Status != s || len(out.Suspensions) != n {
				t.Errorf("%+v", out)
			}
		}
	}
	w.play(
		step{do: "suspend", call: suspend("", suspension.RolePartner), events: accountStatus, then: func() {
			is(account.Suspended, 1)()
			want := `{"titanOrderId":70000000,"domainName":"d.example","customerId":"c-1","email":"x@d.example","oldStatus":"active","newStatus":"suspended","suspensions":[{"type":"partner","suspenderRole":"partner","suspendedOn":"2026-11-22"}]}`
			if got := w.lastEvent(); got != want {
				t.Error(got)
			}
			if d := w.details(id); d.Counters.Active != 0 || d.Counters.Provisioned != 1 || d.Status != "active" {
				t.Errorf("%+v", d)
			}
		}},
		step{do: "again", call: suspend("partner", suspension.RolePartner), then: is(account.Suspended, 1)},
		step{do: "expiry by the platform", call: suspend("expiry", suspension.RoleTitan), then: is(account.Suspended, 2)},
		step{do: "not the partner's to lift", call: unsuspend("expiry"), fault: fault.Forbidden, reason: "HIGHER_ROLE"},
		step{do: "lift what may be", call: unsuspend(""), then: is(account.Suspended, 1)},
		step{do: "renewal lifts expiry", call: func() error {
			_, err := w.s.ModifyMailOrder(w.ctx, w.a, ordering.ModifyMailOrder{Order: ref.Order, Expiry: date("2028-01-01"), Payment: billing.PaymentDetails{Charged: amount("1")}})
			return err
		}, events: accountStatus, then: func() {
			if d := w.accountDetails(x); d.Status != account.Active {
				t.Errorf("%+v", d.Account)
			}
		}},
		step{do: "suspended order", call: func() error {
			_, err := w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: ref.Order})
			return err
		}, events: statusUpdated},
		step{do: "still possible", call: suspend("x", suspension.RolePartner), events: accountStatus},
		step{do: "delete", call: func() error {
			_, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: ref})
			return err
		}, events: accountStatus},
		step{do: "deleted", call: suspend("x", suspension.RolePartner), fault: fault.AccountNotFound, reason: "ACCOUNT_NOT_ACTIVE"},
	)
}

func TestDeleteAndReactivateEmailAccount(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.Seats = ptr(2)
	id := w.order(w.a, cmd)
	order := work.OrderRef{ID: id}
	x := w.account(w.a, id, "x@d.example")
	ref := work.AccountRef{Order: order, AccountID: x, Email: "x@d.example"}
	for _, alias := range []string{"a1@d.example", "a2@d.example"} {
		if err := w.s.AddEmailAlias(w.ctx, w.a, mailboxes.AddEmailAlias{Account: ref, Alias: alias, DisplayName: ptr("Info")}); err != nil {
			t.Fatal(err)
		}
	}
	w.fresh()
	del := func(ref work.AccountRef) func() error {
		return func() error {
			_, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: ref, Reason: "left"})
			return err
		}
	}
	reactivate := func() error {
		_, err := w.s.ReactivateEmailAccount(w.ctx, w.a, mailboxes.ReactivateEmailAccount{Account: ref})
		return err
	}
	eligible := func(reason string) {
		t.Helper()
		r, err := w.s.EmailAccountReactivation(w.ctx, w.a, work.AccountRef{Order: order, AccountID: x})
		if err != nil || r.Reason != reason || r.Allowed != (reason == "") {
			t.Errorf("%+v, %v, want %q", r, err, reason)
		}
	}
	create := func(email string) func() error {
		return func() error {
			_, err := w.s.CreateEmailAccount(w.ctx, w.a, mailboxes.CreateEmailAccount{Order: order, Email: email})
			return err
		}
	}
	byEmail := func(email string) work.AccountRef { return work.AccountRef{Order: order, Email: email} }
	w.play(
		step{do: "reactivate a live one", call: reactivate, then: func() { eligible("ACCOUNT_NOT_IN_DELETED_STATE") }},
		step{do: "delete", call: del(ref), events: accountStatus, then: func() {
			d := w.accountDetails(x)
			if d.Status != account.Deleted || !d.Account.PurgeAt.Equal(w.clock.Now().Add(30*day)) || len(d.Account.HeldAliases()) != 0 {
				t.Errorf("%+v", d.Account)
			}
			if c := w.details(id).Counters; c.Provisioned != 0 {
				t.Errorf("%+v", c)
			}
			eligible("")
		}},
		step{do: "delete again", after: day, call: del(ref), then: func() {
			if d := w.accountDetails(x); !d.Account.PurgeAt.Equal(w.clock.Now().Add(29 * day)) {
				t.Error("the day moved")
			}
		}},
		step{do: "an alias is taken meanwhile", call: create("a1@d.example"), events: accountCreated},
		step{do: "reactivate", call: reactivate, events: accountStatus, then: func() {
			d := w.accountDetails(x)
			if d.Status != account.Active || !slices.Equal(d.Account.HeldAliases(), []string{"a2@d.example"}) || d.Account.Aliases[0].DisplayName != "Info" {
				t.Errorf("%+v", d.Account)
			}
		}},
		step{do: "delete", call: del(ref), events: accountStatus},
		step{do: "the address is taken meanwhile", call: create("x@d.example"), events: accountCreated, then: func() { eligible("ANOTHER_ACCOUNT_ALREADY_EXISTS") }},
		step{do: "in the way", call: reactivate, fault: fault.Conflict, reason: "ANOTHER_ACCOUNT_ALREADY_EXISTS"},
		step{do: "id with the address of both", call: del(ref)},
		step{do: "the address names the live one", call: del(byEmail("x@d.example")), events: accountStatus},
		step{do: "the seat is taken meanwhile", call: create("z@d.example"), events: accountCreated, then: func() { eligible("ACCOUNT_LIMIT_REACHED") }},
		step{do: "no seat", call: reactivate, fault: fault.Conflict, reason: "ACCOUNT_LIMIT_REACHED"},
		step{do: "purged by the clock", after: 30 * day, call: reactivate, fault: fault.Conflict, reason: "ACCOUNT_ALREADY_PURGED", then: func() { eligible("ACCOUNT_ALREADY_PURGED") }},
		step{do: "delete a purged one", call: del(ref), fault: fault.AccountNotFound},
	)
	list, err := w.s.ListEmailAccounts(w.ctx, w.a, mailboxes.ListEmailAccounts{Order: order, IncludeDeleted: true})
	if err != nil || len(list) != 2 {
		t.Errorf("%d accounts, %v", len(list), err)
	}
}

func TestDeletedAccountComesBackSuspended(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	x := w.account(w.a, id, "x@d.example")
	ref := work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: x}
	for _, call := range []func() (*work.AccountState, error){
		func() (*work.AccountState, error) {
			return w.s.SuspendEmailAccount(w.ctx, w.a, mailboxes.SuspendEmailAccount{Account: ref})
		},
		func() (*work.AccountState, error) {
			return w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: ref})
		},
		func() (*work.AccountState, error) {
			return w.s.ReactivateEmailAccount(w.ctx, w.a, mailboxes.ReactivateEmailAccount{Account: ref})
		},
	} {
		if _, err := call(); err != nil {
			t.Fatal(err)
		}
	}
	if d := w.accountDetails(x); d.Status != account.Suspended {
		t.Errorf("%+v", d.Account)
	}
}

func TestAliases(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	x := w.account(w.a, id, "x@d.example")
	w.account(w.a, id, "y@d.example")
	ref := work.AccountRef{Order: work.OrderRef{ID: id}, Email: "x@d.example"}
	add := func(email, alias string, name *string) func() error {
		return func() error {
			r := ref
			r.Email = email
			return w.s.AddEmailAlias(w.ctx, w.a, mailboxes.AddEmailAlias{Account: r, Alias: alias, DisplayName: name})
		}
	}
	remove := func(aliases ...string) func() error {
		return func() error {
			return w.s.RemoveEmailAliases(w.ctx, w.a, mailboxes.RemoveEmailAliases{Account: ref, Aliases: aliases})
		}
	}
	w.play(
		step{do: "add", call: add("x@d.example", "Info@D.example", ptr("Info")), events: accountModified, then: func() {
			if got := w.lastEvent(); !strings.Contains(got, `"aliases":["info@d.example"]`) {
				t.Error(got)
			}
		}},
		step{do: "again", call: add("x@d.example", "info@d.example", nil)},
		step{do: "other display name", call: add("x@d.example", "info@d.example", ptr("Desk")), events: accountModified},
		step{do: "of another account", call: add("y@d.example", "info@d.example", nil), fault: fault.Conflict, reason: "EXISTS_AS_ALIAS"},
		step{do: "an account's address", call: add("x@d.example", "y@d.example", nil), fault: fault.Conflict, reason: "EXISTS_AS_EMAIL_ACCOUNT"},
		step{do: "its own address", call: add("x@d.example", "x@d.example", nil), fault: fault.Conflict, reason: "EXISTS_AS_EMAIL_ACCOUNT"},
		step{do: "elsewhere", call: add("x@d.example", "a@e.example", nil), fault: fault.Invalid, reason: "DOMAIN_MISMATCH"},
		step{do: "unknown account", call: add("z@d.example", "a@d.example", nil), fault: fault.AccountNotFound},
		step{do: "remove what is not there", call: remove("a@d.example", "y@d.example", "x@d.example", "nonsense")},
		step{do: "remove", call: remove("nonsense", "INFO@d.example"), events: accountModified},
		step{do: "again", call: remove("info@d.example")},
		step{do: "free for the other", call: add("y@d.example", "info@d.example", nil), events: accountModified},
	)
	d, err := w.s.EmailAliases(w.ctx, w.a, ref)
	if err != nil || len(d.Account.Aliases) != 0 || d.Account.ID != x {
		t.Errorf("%+v, %v", d, err)
	}
}
