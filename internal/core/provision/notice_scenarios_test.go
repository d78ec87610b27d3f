package provision_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// outbox gives the notices that wait, oldest first.
func (w *world) outbox() []*notice.Notice {
	w.t.Helper()
	list, err := w.s.Notices(w.ctx, w.op, work.NoticeFilter{})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// taken gives the notices that wait and empties the outbox.
func (w *world) taken() []*notice.Notice {
	w.t.Helper()
	list := w.outbox()
	for _, n := range list {
		if err := w.s.DropNotice(w.ctx, w.op, n.ID); err != nil {
			w.t.Fatal(err)
		}
	}
	return list
}

// link opens the token of a notice.
func (w *world) link(n *notice.Notice) string {
	w.t.Helper()
	token, err := w.s.NoticeToken(&notice.Draft{Notice: *n})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func (w *world) one() *notice.Notice {
	w.t.Helper()
	list := w.taken()
	if len(list) != 1 {
		w.t.Fatalf("%d notices, want one", len(list))
	}
	return list[0]
}

func (w *world) none(what string) {
	w.t.Helper()
	if list := w.taken(); len(list) != 0 {
		w.t.Errorf("%s: %d notices, the first %+v", what, len(list), list[0])
	}
}

func TestWelcomeToTheCustomer(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("shop.example.com", "c1")
	cmd.Customer.Email, cmd.Customer.AlternateEmail, cmd.Customer.Name, cmd.Locale = "kim@example.org", "kim@example.net", "Kim", "de"
	cmd.ResellerID = ptr(int64(9))
	cmd.FirstAccount = &ordering.FirstAccount{Email: "info@shop.example.com", Password: "pw-first"}
	id := w.order(w.a, cmd)
	n := w.one()
	var d notice.OrderWelcomeData
	if err := json.Unmarshal(n.Data, &d); err != nil {
		t.Fatal(err)
	}
	if n.Kind != notice.OrderWelcome || n.To != "kim@example.org" || n.FallbackTo != "kim@example.net" || n.Locale != "de" || n.OrderID != id ||
		n.PartnerID != w.a.PartnerID || n.ResellerID != 9 ||
		d != (notice.OrderWelcomeData{Domain: "shop.example.com", Email: "kim@example.org", Name: "Kim", Plan: "pro", Seats: 5, FirstAccount: "info@shop.example.com"}) {
		t.Errorf("%+v %+v", n, d)
	}
	subject, err := w.s.PasswordTokenInfo(w.ctx, w.link(n))
	if err != nil || subject.CustomerID == 0 || subject.Email != "kim@example.org" || !subject.First || subject.AccountID != 0 {
		t.Fatalf("%+v %v", subject, err)
	}

	again := cmd
	again.FirstAccount = &ordering.FirstAccount{Email: "info@shop.example.com", Password: "pw-first", WantLoginToken: true}
	w.order(w.a, again)
	w.none("a repeat")

	second := proOrder("shop2.example.com", "c1")
	second.Payment.TxnID = "txn-2"
	w.order(w.a, second)
	n2 := w.one()
	if n2.To != "kim@example.org" || n2.Locale != "de" && n2.Locale != "" {
		t.Errorf("second order: %+v", n2)
	}
	if _, err := w.s.PasswordTokenInfo(w.ctx, w.link(n)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a superseded link: %v", err)
	}
	if _, err := w.s.SetPasswordByToken(w.ctx, signin.SetPasswordByToken{Token: w.link(n2), Password: "pw-panel-1"}); err != nil {
		t.Fatal(err)
	}
	third := proOrder("shop3.example.com", "c1")
	third.Payment.TxnID = "txn-3"
	w.order(w.a, third)
	if n3 := w.one(); len(n3.SealedToken) != 0 {
		t.Error("a customer with a panel password got a link to set one")
	}

	for what, change := range map[string]func(*ordering.CreateMailOrder){
		"not asked for": func(c *ordering.CreateMailOrder) { c.NoWelcomeEmail = true },
		"no address":    func(c *ordering.CreateMailOrder) { c.Customer.Email = "" },
		"unpaid":        func(c *ordering.CreateMailOrder) { c.AwaitingPayment = true },
	} {
		c := proOrder(strings.ReplaceAll(what, " ", "-")+".example.com", "of "+what)
		c.Customer.Email = "x@example.org"
		change(&c)
		w.order(w.a, c)
		w.none(what)
	}
	given := proOrder("given.example.com", "given")
	given.Customer.Email, given.CustomerPassword = "y@example.org", "pw-given"
	w.order(w.a, given)
	if n := w.one(); len(n.SealedToken) != 0 {
		t.Error("a link though a password was given")
	}
	quiet := w.partner(partner.Settings{NoSetupMail: true})
	q := proOrder("quiet.example.com", "q")
	q.Customer.Email = "z@example.org"
	w.order(quiet, q)
	w.none("a partner without set-up mail")
}

func TestWelcomeToTheMailbox(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("shop.example.com", "c1"))
	w.taken()
	cmd := mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: id}, Email: "ann@shop.example.com", Name: "Ann", AlternateEmail: "ann@example.org", SendWelcomeEmail: true}
	if _, err := w.s.CreateEmailAccount(w.ctx, w.a, cmd); err != nil {
		t.Fatal(err)
	}
	n := w.one()
	if n.Kind != notice.AccountWelcome || n.To != "ann@example.org" || len(n.SealedToken) == 0 || n.AccountID == 0 {
		t.Errorf("%+v", n)
	}
	if _, err := w.s.CreateEmailAccount(w.ctx, w.a, cmd); err != nil {
		t.Fatal(err)
	}
	w.none("a repeat")
	for what, c := range map[string]mailboxes.CreateEmailAccount{
		"not asked for":        {Email: "b@shop.example.com", AlternateEmail: "b@example.org"},
		"no alternate address": {Email: "c@shop.example.com", SendWelcomeEmail: true},
	} {
		c.Order.ID = id
		if _, err := w.s.CreateEmailAccount(w.ctx, w.a, c); err != nil {
			t.Fatal(err)
		}
		w.none(what)
	}
	cmd.Email, cmd.Password = "d@shop.example.com", "pw-d"
	if _, err := w.s.CreateEmailAccount(w.ctx, w.a, cmd); err != nil {
		t.Fatal(err)
	}
	if n := w.one(); len(n.SealedToken) != 0 {
		t.Error("a link though a password was given")
	}
}

func TestPasswordReset(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("shop.example.com", "c1"))
	acc := w.account(w.a, id, "ann@shop.example.com")
	w.fresh()
	ref := work.AccountRef{Order: work.OrderRef{ID: id}, Email: "ann@shop.example.com"}
	var token, old string
	reset := func(actor audit.Actor, to string) func() error {
		return func() error {
			return w.s.RequestPasswordReset(w.ctx, actor, signin.RequestPasswordReset{Account: ref, Recipient: to})
		}
	}
	set := func(token *string, password string) func() error {
		return func() error {
			_, err := w.s.SetPasswordByToken(w.ctx, signin.SetPasswordByToken{Token: *token, Password: password, Actor: audit.Actor{Address: "192.0.2.1"}})
			return err
		}
	}
	take := func() { n := w.one(); token = w.link(n) }
	hash := func(want string) func() {
		return func() {
			c, err := w.s.LoginAccount(w.ctx, acc)
			if err != nil || c.PasswordHash != want {
				t.Fatalf("the hash is %+v, want %q: %v", c, want, err)
			}
		}
	}
	w.play(
		step{do: "no recipient", call: reset(w.a, " "), fault: fault.Invalid},
		step{do: "malformed recipient", call: reset(w.a, "Kim <kim@example.org>\r\nBcc: x@example.org"), fault: fault.Invalid},
		step{do: "a foreign partner", call: reset(w.b, "kim@example.org"), fault: fault.OrderNotFound},
		step{do: "reset", call: reset(w.a, "Kim@example.org"), then: func() {
			n := w.one()
			if n.Kind != notice.PasswordReset || n.To != "Kim@example.org" || n.FallbackTo != "" || n.AccountID != acc || strings.Contains(string(n.Data), "token") {
				t.Errorf("%+v", n)
			}
			token = w.link(n)
			if len(token) != 40 {
				t.Errorf("token %q", token)
			}
			hash("")()
		}},
		step{do: "too short", call: set(&token, "pw-7777"), fault: fault.Invalid, reason: "PASSWORD_TOO_SHORT"},
		step{do: "too long", call: set(&token, strings.Repeat("pw-x", 300)), fault: fault.Invalid, reason: "PASSWORD_TOO_LONG"},
		step{do: "looked at, still good", call: func() error { _, err := w.s.PasswordTokenInfo(w.ctx, token); return err }},
		step{do: "set", call: set(&token, "pw-one-two"), then: func() { hash("hash of pw-one-two")() }},
		step{do: "used up", call: set(&token, "pw-three-four"), fault: fault.NotFound, then: hash("hash of pw-one-two")},
		step{do: "unknown", call: func() error { x := strings.Repeat("x", 40); return set(&x, "pw-three-four")() }, fault: fault.NotFound},
		step{do: "no token", call: func() error { x := ""; return set(&x, "pw-three-four")() }, fault: fault.NotFound},
		step{do: "a link", call: reset(w.a, "kim@example.org"), then: func() { take(); old = token }},
		step{do: "a newer one", call: reset(w.a, "kim@example.org"), then: take},
		step{do: "the older is void", call: set(&old, "pw-three-four"), fault: fault.NotFound},
		step{do: "a day later", after: day, call: set(&token, "pw-three-four"), fault: fault.NotFound},
		step{do: "a link", call: reset(w.a, "kim@example.org"), then: take},
		step{do: "the partner sets a password", call: func() error {
			_, err := w.s.ModifyEmailAccount(w.ctx, w.a, mailboxes.ModifyEmailAccount{Account: ref, Password: ptr("pw-partner")})
			return err
		}},
		step{do: "the link is void", call: set(&token, "pw-three-four"), fault: fault.NotFound, then: hash("hash of pw-partner")},
		step{do: "a link", call: reset(w.a, "kim@example.org"), then: take},
		step{do: "the order is suspended", call: func() error {
			_, err := w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: work.OrderRef{ID: id}})
			return err
		}, events: []event.Type{event.MailOrderStatusUpdated}},
		step{do: "no link for it now", call: reset(w.a, "kim@example.org"), fault: fault.OrderNotFound, reason: "ORDER_NOT_ACTIVE"},
		step{do: "the link is good still", call: set(&token, "pw-five-six")},
		step{do: "back in service", call: func() error {
			_, err := w.s.UnsuspendMailOrder(w.ctx, w.a, ordering.UnsuspendMailOrder{Order: work.OrderRef{ID: id}})
			return err
		}, events: []event.Type{event.MailOrderStatusUpdated}, then: hash("hash of pw-five-six")},
		step{do: "a link", call: reset(w.a, "kim@example.org"), then: take},
		step{do: "the account is deleted", call: func() error {
			_, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: ref})
			return err
		}, events: []event.Type{event.EmailAccountStatusUpdated}},
		step{do: "the link is void", call: set(&token, "pw-three-four"), fault: fault.NotFound},
		step{do: "no link for it", call: reset(w.a, "kim@example.org"), fault: fault.AccountNotFound, reason: "ACCOUNT_NOT_ACTIVE"},
	)
	if n := w.touched(id); n < 3 {
		t.Errorf("%d access changes", n)
	}
	for _, r := range w.store.AllRecords() {
		if r.Action == "email_account.set_password" && (r.Address != "192.0.2.1" || r.PartnerID != w.a.PartnerID) {
			t.Errorf("%+v", r)
		}
		if token != "" && strings.Contains(string(r.Detail), token) {
			t.Errorf("a token in the audit log: %s", r.Detail)
		}
	}
}

// TestOneLinkOnePassword has two people use one link at the same time.
func TestOneLinkOnePassword(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("shop.example.com", "c1"))
	w.account(w.a, id, "ann@shop.example.com")
	w.taken()
	if err := w.s.RequestPasswordReset(w.ctx, w.a, signin.RequestPasswordReset{
		Account: work.AccountRef{Order: work.OrderRef{ID: id}, Email: "ann@shop.example.com"}, Recipient: "kim@example.org",
	}); err != nil {
		t.Fatal(err)
	}
	token := w.link(w.one())
	w.hash.during = func() {
		if _, err := w.s.SetPasswordByToken(w.ctx, signin.SetPasswordByToken{Token: token, Password: "pw-the-first"}); err != nil {
			t.Error(err)
		}
	}
	if _, err := w.s.SetPasswordByToken(w.ctx, signin.SetPasswordByToken{Token: token, Password: "pw-the-second"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("the second: %v", err)
	}
}

func TestPanelPassword(t *testing.T) {
	w := newWorld(t)
	for i, c := range []struct {
		actor    audit.Actor
		id, mail string
		password string
	}{{w.a, "c1", "Kim@example.org", "pw-kim"}, {w.a, "c2", "kim@example.org", "pw-other"}, {w.b, "c1", "kim@example.org", "pw-kim"}, {w.a, "c3", "lee@example.org", ""}} {
		cmd := proOrder("shop"+string(rune('a'+i))+".example.com", c.id)
		cmd.Customer.Email, cmd.CustomerPassword = c.mail, c.password
		w.order(c.actor, cmd)
	}
	for _, tc := range []struct {
		partner         int64
		email, password string
		want            int
	}{
		{w.a.PartnerID, "kim@EXAMPLE.org", "pw-kim", 1}, {0, "kim@example.org", "pw-kim", 2}, {w.a.PartnerID, "kim@example.org", "pw-other", 1},
		{w.b.PartnerID, "kim@example.org", "pw-other", 0}, {0, "lee@example.org", "", 0}, {0, "nobody@example.org", "pw-kim", 0}, {0, "", "pw-kim", 0},
		{0, "kim\x00@example.org", "pw-kim", 0},
	} {
		calls := w.hash.calls.Load()
		got, err := w.s.VerifyPanelPassword(w.ctx, signin.VerifyPanelPassword{PartnerID: tc.partner, Email: tc.email, Password: tc.password})
		if len(got) != tc.want || (err != nil) != (tc.want == 0) || err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%+v: %d customers, %v", tc, len(got), err)
		}
		if tc.email != "" && !strings.Contains(tc.email, "\x00") && w.hash.calls.Load() == calls {
			t.Errorf("%+v cost no hash", tc)
		}
	}
}

func TestOutboxTakesTurns(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		for _, p := range []audit.Actor{w.a, w.b} {
			if p == w.b && i > 0 {
				continue
			}
			cmd := proOrder(string(rune('a'+i))+".example.com", "c1")
			cmd.Customer.Email, cmd.Payment.TxnID = "kim@example.org", string(rune('a'+i))
			w.order(p, cmd)
		}
	}
	var order []int64
	last := int64(0)
	for {
		d, err := w.s.NextNotice(w.ctx, last)
		if err != nil {
			t.Fatal(err)
		}
		if d == nil {
			break
		}
		last = d.PartnerID
		order = append(order, last)
		if err := w.s.DropNotice(w.ctx, w.op, d.ID); err != nil {
			t.Fatal(err)
		}
	}
	if len(order) != 4 || order[0] != w.a.PartnerID || order[1] != w.b.PartnerID || order[2] != w.a.PartnerID {
		t.Errorf("turns: %v", order)
	}
	if err := w.s.RetryNotice(w.ctx, w.op, 999); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if err := w.s.DropNotice(w.ctx, w.a, 1); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
}

func TestPoisonNoticeIsParked(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("a.example.com", "c1")
	cmd.Customer.Email = "kim@example.org"
	w.order(w.a, cmd)
	failures := 0
	for range 30 {
		d, err := w.s.NextNotice(w.ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		if d == nil {
			w.clock.Advance(time.Hour)
			continue
		}
		parked, err := w.s.NoticeFailed(w.ctx, d.ID, errors.New("no such\x00 template"))
		if err != nil {
			t.Fatal(err)
		}
		if failures++; parked {
			break
		}
	}
	list, err := w.s.Notices(w.ctx, w.a, work.NoticeFilter{Parked: true})
	if err != nil || failures != 6 || len(list) != 1 || !list[0].Parked || list[0].Attempts != 6 || !strings.Contains(list[0].LastError, "template") {
		t.Fatalf("%d failures, %+v %v", failures, list, err)
	}
	if list, err := w.s.Notices(w.ctx, w.b, work.NoticeFilter{}); err != nil || len(list) != 0 {
		t.Errorf("another partner sees %d %v", len(list), err)
	}
	if err := w.s.RetryNotice(w.ctx, w.op, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if d, err := w.s.NextNotice(w.ctx, 0); d == nil || err != nil {
		t.Errorf("%+v %v", d, err)
	}
}

func TestQuotaIsToldOncePerCrossing(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("shop.example.com", "c1")
	cmd.Customer.Email = "kim@example.org"
	id := w.order(w.a, cmd)
	acc := w.account(w.a, id, "ann@shop.example.com")
	w.taken()
	const gb = int64(1 << 30)
	observe := func(used int64) int {
		t.Helper()
		n, err := w.s.ObserveQuotas(w.ctx, []outbox.QuotaObservation{
			{AccountID: acc, UsedBytes: used, LimitBytes: gb}, {AccountID: 999, UsedBytes: gb, LimitBytes: gb}, {AccountID: acc + 1000, UsedBytes: gb},
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, tc := range []struct {
		used int64
		to   string
	}{
		{gb / 2, ""}, {gb/100*90 + 99, "ann@shop.example.com"}, {gb / 100 * 95, ""}, {gb / 100 * 85, ""}, {gb / 100 * 95, ""}, {gb, "kim@example.org"}, {gb, ""},
		{gb / 100 * 81, ""}, {gb, ""}, {gb / 100 * 79, ""}, {gb, "kim@example.org"}, {gb / 100 * 95, ""}, {0, ""}, {gb / 100 * 92, "ann@shop.example.com"},
	} {
		n := observe(tc.used)
		list := w.taken()
		if tc.to == "" && (n != 0 || len(list) != 0) {
			t.Fatalf("%d used: %d told, %+v", tc.used, n, list)
		}
		if tc.to != "" && (n != 1 || len(list) != 1 || list[0].To != tc.to || list[0].Kind != notice.QuotaWarning) {
			t.Fatalf("%d used: %d told, %+v", tc.used, n, list)
		}
	}
	if _, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: acc}}); err != nil {
		t.Fatal(err)
	}
	observe(0)
	observe(gb)
	w.none("a deleted account")
}
