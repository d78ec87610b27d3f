package provision_test

import (
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/cart"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/panel"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/jwt"
)

// signed is a redirect's token for an order, signed by a partner's first key.
func (w *world) signed(a audit.Actor, orderID int64) signin.OpenPanel {
	w.t.Helper()
	token, err := jwt.Sign(map[string]any{"titanOrderId": orderID, "exp": w.clock.Now().Add(5 * time.Minute).Unix()}, []byte(w.keys[a.PartnerID]))
	if err != nil {
		w.t.Fatal(err)
	}
	return signin.OpenPanel{PartnerID: a.PartnerID, JWT: token, Asked: panel.Asked{Locale: "de-DE"}}
}

func (w *world) open(cmd signin.OpenPanel) (*signin.Session, string) {
	w.t.Helper()
	s, secret, err := w.s.OpenPanelSession(w.ctx, cmd)
	if err != nil {
		w.t.Fatal(err)
	}
	return s, secret
}

func (w *world) admits(secret string) bool {
	w.t.Helper()
	s, err := w.s.Session(w.ctx, secret)
	if (s == nil) == (err == nil) || err != nil && !fault.Is(err, fault.Unauthenticated) {
		w.t.Fatalf("%+v, %v", s, err)
	}
	return err == nil
}

// withKey is an actor as AuthenticateKey makes it.
func (w *world) withKey(a audit.Actor) audit.Actor {
	w.t.Helper()
	c, err := w.s.AuthenticateKey(w.ctx, w.keys[a.PartnerID], somewhere)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Actor
}

// TestWhatEndsAPanelSession: each case opens one and does something.
func TestWhatEndsAPanelSession(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*world, int64) error
		ends bool
	}{
		"nothing":             {func(*world, int64) error { return nil }, false},
		"partner suspended":   {func(w *world, _ int64) error { return w.s.SuspendPartner(w.ctx, w.op, w.a.PartnerID) }, true},
		"key revoked":         {func(w *world, _ int64) error { return w.s.RevokeKey(w.ctx, w.op, w.a.PartnerID, w.keyID(w.a)) }, true},
		"key rotated":         {func(w *world, _ int64) error { return w.rotateKey(nil) }, false},
		"key rotated at once": {func(w *world, _ int64) error { return w.rotateKey(ptr(time.Duration(0))) }, true},
		"order suspended": {func(w *world, id int64) error {
			_, err := w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: work.OrderRef{ID: id}, Type: "x"})
			return err
		}, false},
		"order deleted": {func(w *world, id int64) error {
			_, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}})
			return err
		}, false},
		"order transferred": {func(w *world, id int64) error {
			_, err := w.s.TransferMailOrder(w.ctx, w.a, ordering.TransferMailOrder{Order: work.OrderRef{ID: id}, To: work.CustomerProfile{CustomerID: "c-2"}})
			return err
		}, true},
		"two hours unused": {func(w *world, _ int64) error { w.clock.Advance(2 * time.Hour); return nil }, true},
		"just under":       {func(w *world, _ int64) error { w.clock.Advance(2*time.Hour - time.Second); return nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.order(w.a, proOrder("d.example", "c-1"))
			s, secret := w.open(w.signed(w.a, id))
			if s.Kind != work.PanelSession || s.Actor.Role != suspension.RoleAccountAdmin || s.Actor.PartnerID != w.a.PartnerID ||
				s.Actor.Limit.OrderID != id || s.Order.Order.ID != id || s.Customer.CustomerID != "c-1" || s.Asked.Locale != "de-de" || s.Asked.Section != panel.Home {
				t.Fatalf("%+v", s)
			}
			if err := c.do(w, id); err != nil {
				t.Fatal(err)
			}
			if w.admits(secret) == c.ends {
				t.Errorf("still in: %v", !c.ends)
			}
		})
	}
}

func (w *world) keyID(a audit.Actor) int64 {
	d, err := w.s.ShowPartner(w.ctx, w.op, a.PartnerID)
	if err != nil {
		w.t.Fatal(err)
	}
	return d.Keys[0].ID
}

func (w *world) rotateKey(overlap *time.Duration) error {
	_, err := w.s.RotateKey(w.ctx, w.op, tenancy.RotateKey{PartnerID: w.a.PartnerID, Overlap: overlap})
	return err
}

func TestPanelSessionLasts(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	_, secret := w.open(w.signed(w.a, id))
	for range 11 { // used every hour
		w.clock.Advance(time.Hour)
		if !w.admits(secret) {
			t.Fatal("a session that is used has ended")
		}
	}
	w.clock.Advance(time.Hour)
	if w.admits(secret) {
		t.Error("twelve hours are not the end")
	}
	_, secret = w.open(w.signed(w.a, id))
	if err := w.s.EndSession(w.ctx, secret); err != nil || w.admits(secret) {
		t.Error("not ended", err)
	}
	for _, s := range []string{"", secret, "x", secret + "x"} {
		if err := w.s.EndSession(w.ctx, s); err != nil || w.admits(s) {
			t.Errorf("%q: %v", s, err)
		}
	}
	_, secret = w.open(w.signed(w.a, id))
	w.clock.Advance(13 * time.Hour)
	if err := w.s.Forget(w.ctx); err != nil || w.admits(secret) {
		t.Error(err)
	}
}

// TestSessionIsLimited: what the holder of a session reaches.
func TestSessionIsLimited(t *testing.T) {
	w := newWorld(t)
	own, sister := w.order(w.a, proOrder("own.example", "c-1")), w.order(w.a, proOrder("sister.example", "c-1"))
	other := w.order(w.a, proOrder("other.example", "c-2"))
	foreign := w.order(w.b, proOrder("own.example", "c-1"))
	w.account(w.a, own, "x@own.example")
	one, _ := w.open(w.signed(w.a, own))
	token, err := w.s.GeneratePanelToken(w.ctx, w.withKey(w.a), signin.GeneratePanelToken{CustomerID: "c-1"})
	if err != nil {
		t.Fatal(err)
	}
	all, _ := w.open(signin.OpenPanel{PartnerID: w.a.PartnerID, Token: token})
	if all.Order != nil || all.Customer.CustomerID != "c-1" {
		t.Fatalf("%+v", all)
	}
	for _, c := range []struct {
		who   string
		actor audit.Actor
		order int64
		sees  bool
	}{
		{"JWT, its order", one.Actor, own, true}, {"JWT, sister", one.Actor, sister, false}, {"JWT, other customer", one.Actor, other, false},
		{"JWT, foreign", one.Actor, foreign, false}, {"JWT, unknown", one.Actor, 999999, false},
		{"token, first", all.Actor, own, true}, {"token, sister", all.Actor, sister, true}, {"token, other customer", all.Actor, other, false},
		{"token, foreign", all.Actor, foreign, false},
	} {
		_, err := w.s.FetchOrder(w.ctx, c.actor, work.OrderRef{ID: c.order})
		if (err == nil) != c.sees || err != nil && (!fault.Is(err, fault.OrderNotFound) || fault.Of(err).Reason != "") {
			t.Errorf("%s: %v", c.who, err)
		}
		_, err = w.s.ListEmailAccounts(w.ctx, c.actor, mailboxes.ListEmailAccounts{Order: work.OrderRef{ID: c.order}})
		if (err == nil) != c.sees {
			t.Errorf("%s, accounts: %v", c.who, err)
		}
	}
	if _, err := w.s.FetchOrder(w.ctx, one.Actor, work.OrderRef{Domain: "sister.example", CustomerID: "c-1"}); !fault.Is(err, fault.OrderNotFound) {
		t.Errorf("by domain: %v", err)
	}
	list, err := w.s.ListMailOrders(w.ctx, all.Actor, ordering.ListMailOrders{CustomerNumber: all.Customer.ID})
	if err != nil || len(list) != 2 {
		t.Errorf("%d orders, %v", len(list), err)
	}
	if _, err := w.s.ListMailOrders(w.ctx, one.Actor, ordering.ListMailOrders{CustomerNumber: one.Customer.ID}); err == nil {
		t.Error("one order's session lists all")
	}
	if _, err := w.s.CreateEmailAccount(w.ctx, one.Actor, mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: own}, Email: "y@own.example"}); err != nil {
		t.Errorf("an account of its own: %v", err)
	}
	ref := work.OrderRef{ID: own}
	mail := w.webmail(own, "z@own.example")
	for name, call := range map[string]func(audit.Actor) error{
		"modify": func(a audit.Actor) error {
			_, err := w.s.ModifyMailOrder(w.ctx, a, ordering.ModifyMailOrder{Order: ref, Seats: ptr(50), Payment: billing.PaymentDetails{Charged: amount("0")}})
			return err
		},
		"delete": func(a audit.Actor) error {
			_, err := w.s.DeleteMailOrder(w.ctx, a, ordering.DeleteMailOrder{Order: ref})
			return err
		},
		"unsuspend": func(a audit.Actor) error {
			_, err := w.s.UnsuspendMailOrder(w.ctx, a, ordering.UnsuspendMailOrder{Order: ref})
			return err
		},
		"reactivate": func(a audit.Actor) error { _, err := w.s.ReactivateMailOrder(w.ctx, a, ref); return err },
		"transfer": func(a audit.Actor) error {
			_, err := w.s.TransferMailOrder(w.ctx, a, ordering.TransferMailOrder{Order: ref, To: work.CustomerProfile{CustomerID: "c-9"}})
			return err
		},
		"create order": func(a audit.Actor) error {
			_, err := w.s.CreateMailOrder(w.ctx, a, proOrder("new.example", "c-1"))
			return err
		},
		"availability": func(a audit.Actor) error {
			_, err := w.s.CheckMailOrderAvailability(w.ctx, a, "other.example")
			return err
		},
		"brand": func(a audit.Actor) error {
			_, err := w.s.SetBrand(w.ctx, a, tenancy.SetBrand{PartnerID: w.a.PartnerID, Brand: brand.Brand{Name: "X"}})
			return err
		},
		"keys":  func(a audit.Actor) error { _, err := w.s.OwnKeys(w.ctx, a); return err },
		"token": func(a audit.Actor) error { _, _, err := w.s.GenerateKeyToken(w.ctx, a); return err },
		"complete": func(a audit.Actor) error {
			_, err := w.s.CompletePurchase(w.ctx, a, ordering.CompletePurchase{Order: ref, TrackingID: "x", Payment: billing.PaymentDetails{Charged: amount("1")}})
			return err
		},
		"find": func(a audit.Actor) error { _, err := w.s.FindOrders(w.ctx, a, work.OrderFilter{}, 10); return err },
	} {
		for who, a := range map[string]audit.Actor{"JWT": one.Actor, "token": all.Actor, "webmail": mail.Actor} {
			if err := call(a); err == nil {
				t.Errorf("%s may %s", who, name)
			}
		}
	}
	// A mailbox's holder sees the mailbox and nothing beside.
	if _, err := w.s.FetchEmailAccount(w.ctx, mail.Actor, work.AccountRef{Order: ref, Email: "z@own.example"}); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"another account": second(w.s.FetchEmailAccount(w.ctx, mail.Actor, work.AccountRef{Order: ref, Email: "x@own.example"})),
		"the order":       second(w.s.FetchOrder(w.ctx, mail.Actor, ref)),
		"the accounts":    second(w.s.ListEmailAccounts(w.ctx, mail.Actor, mailboxes.ListEmailAccounts{Order: ref})),
		"a new one":       second(w.s.CreateEmailAccount(w.ctx, mail.Actor, mailboxes.CreateEmailAccount{Order: ref, Email: "w@own.example"})),
	} {
		if err == nil {
			t.Errorf("webmail reaches %s", name)
		}
	}
	if d := w.details(own); d.Order.Seats != 5 || d.Counters.Provisioned != 3 {
		t.Errorf("%+v", d)
	}
}

func second[T any](_ T, err error) error { return err }

// webmail makes an account and opens a session of it.
func (w *world) webmail(orderID int64, email string) *signin.Session {
	w.t.Helper()
	s, _ := w.openWebmail(orderID, email)
	return s
}

func (w *world) openWebmail(orderID int64, email string) (*signin.Session, string) {
	w.t.Helper()
	a, err := w.s.CreateEmailAccount(w.ctx, w.a, mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: orderID}, Email: email, Password: "pw-1", WantLoginToken: true})
	if err != nil {
		w.t.Fatal(err)
	}
	s, secret, err := w.s.OpenWebmailSession(w.ctx, signin.OpenWebmail{Token: a.LoginToken, Email: email})
	if err != nil {
		w.t.Fatal(err)
	}
	w.fresh()
	return s, secret
}

func TestWhatEndsAWebmailSession(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	ref := work.OrderRef{ID: id}
	acc := work.AccountRef{Order: ref, Email: "x@d.example"}
	s, secret := w.openWebmail(id, "x@d.example")
	if s.Kind != work.WebmailSession || s.Actor.Role != suspension.RoleAccount || s.Account.Email() != "x@d.example" || s.Customer != nil || s.Order.Order.ID != id {
		t.Fatalf("%+v", s)
	}
	again := func() string { _, secret := w.openWebmail(id, "x@d.example"); return secret }
	for _, c := range []struct {
		name string
		do   func() error
		undo func() error
	}{
		{"account suspended", func() error {
			return second(w.s.SuspendEmailAccount(w.ctx, w.a, mailboxes.SuspendEmailAccount{Account: acc, Type: "x"}))
		}, func() error {
			return second(w.s.UnsuspendEmailAccount(w.ctx, w.a, mailboxes.UnsuspendEmailAccount{Account: acc}))
		}},
		{"order suspended", func() error {
			return second(w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: ref, Type: "x"}))
		}, func() error {
			return second(w.s.UnsuspendMailOrder(w.ctx, w.a, ordering.UnsuspendMailOrder{Order: ref}))
		}},
		{"sessions cleared", func() error {
			return w.s.ClearEmailSessions(w.ctx, w.a, mailboxes.ClearEmailSessions{Order: ref, AccountIDs: []int64{s.Account.ID}})
		}, nil},
		{"password changed", func() error {
			return second(w.s.ModifyEmailAccount(w.ctx, w.a, mailboxes.ModifyEmailAccount{Account: acc, Password: ptr("pw-2")}))
		}, func() error {
			return second(w.s.ModifyEmailAccount(w.ctx, w.a, mailboxes.ModifyEmailAccount{Account: acc, Password: ptr("pw-1")}))
		}},
		{"a day unused", func() error { w.clock.Advance(day); return nil }, nil},
	} {
		if !w.admits(secret) {
			t.Fatalf("before %s: not in", c.name)
		}
		if err := c.do(); err != nil {
			t.Fatal(c.name, err)
		}
		if w.admits(secret) {
			t.Errorf("%s: still in", c.name)
		}
		if c.undo != nil {
			if err := c.undo(); err != nil {
				t.Fatal(c.name, err)
			}
		}
		secret = again()
	}
	if err := w.s.SuspendPartner(w.ctx, w.op, w.a.PartnerID); err != nil || !w.admits(secret) {
		t.Error("a partner's suspension ends webmail", err)
	}
}

func TestClearEmailSessions(t *testing.T) {
	w := newWorld(t)
	id, other := w.order(w.a, proOrder("d.example", "c-1")), w.order(w.a, proOrder("e.example", "c-1"))
	x, y, far := w.account(w.a, id, "x@d.example"), w.account(w.a, id, "y@d.example"), w.account(w.a, other, "x@e.example")
	epoch := func(account int64) int64 { return w.accountDetails(account).Account.SessionEpoch }
	clear := func(a audit.Actor, order int64, ids ...int64) func() error {
		return func() error {
			return w.s.ClearEmailSessions(w.ctx, a, mailboxes.ClearEmailSessions{Order: work.OrderRef{ID: order}, AccountIDs: ids})
		}
	}
	many := make([]int64, 101)
	for i := range many {
		many[i] = x
	}
	w.play(
		step{do: "none", call: clear(w.a, id), fault: fault.Invalid},
		step{do: "101", call: clear(w.a, id, many...), fault: fault.Invalid, reason: "TOO_MANY_ACCOUNTS"},
		step{do: "one bad", call: clear(w.a, id, x, y, far), fault: fault.AccountNotFound, then: func() {
			if epoch(x)+epoch(y) != 0 {
				t.Error("some were cleared")
			}
		}},
		step{do: "foreign", call: clear(w.b, id, x), fault: fault.OrderNotFound},
		step{do: "both", call: clear(w.a, id, y, x, x), then: func() {
			if epoch(x) != 1 || epoch(y) != 1 || w.touched(id) != 2 {
				t.Errorf("epochs %d, %d, %d changes", epoch(x), epoch(y), w.touched(id))
			}
		}},
		step{do: "account deleted", call: func() error {
			return second(w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: y}}))
		}, events: []event.Type{event.EmailAccountStatusUpdated}},
		step{do: "a deleted account", call: clear(w.a, id, x, y), fault: fault.AccountNotFound, reason: "ACCOUNT_NOT_ACTIVE"},
		step{do: "order deleted", call: func() error {
			return second(w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}}))
		}, events: []event.Type{event.MailOrderStatusUpdated}},
		step{do: "a deleted order", call: clear(w.a, id, x), fault: fault.OrderNotFound, reason: "ORDER_NOT_ACTIVE"},
	)
}

func TestPanelTokens(t *testing.T) {
	w := newWorld(t)
	w.order(w.a, proOrder("d.example", "c-1"))
	caller := w.withKey(w.a)
	make1 := func(validity time.Duration) string {
		t.Helper()
		token, err := w.s.GeneratePanelToken(w.ctx, caller, signin.GeneratePanelToken{CustomerID: "c-1", Validity: validity})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	opens := func(partnerID int64, token string) bool {
		_, _, err := w.s.OpenPanelSession(w.ctx, signin.OpenPanel{PartnerID: partnerID, Token: token})
		return err == nil
	}
	short, standard, long := make1(time.Minute), make1(0), make1(24*time.Hour)
	for range 3 { // as often as wanted
		if !opens(w.a.PartnerID, short) {
			t.Fatal("refused")
		}
	}
	if opens(w.b.PartnerID, short) {
		t.Error("another partner's panel opened")
	}
	for _, c := range []struct {
		after                 time.Duration
		short, standard, long bool
	}{{time.Minute, false, true, true}, {28 * time.Minute, false, true, true}, {time.Minute, false, false, true}, {30*time.Minute - 1, false, false, true}, {1, false, false, false}} {
		w.clock.Advance(c.after)
		if opens(w.a.PartnerID, short) != c.short || opens(w.a.PartnerID, standard) != c.standard || opens(w.a.PartnerID, long) != c.long {
			t.Errorf("after %s: %v %v %v", c.after, opens(w.a.PartnerID, short), opens(w.a.PartnerID, standard), opens(w.a.PartnerID, long))
		}
	}
	token := make1(0)
	if err := w.s.RevokeKey(w.ctx, w.op, w.a.PartnerID, caller.KeyID); err != nil || opens(w.a.PartnerID, token) {
		t.Error("it outlived its key", err)
	}
	if _, err := w.s.GeneratePanelToken(w.ctx, w.b, signin.GeneratePanelToken{CustomerID: "c-1"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := w.s.GeneratePanelToken(w.ctx, w.withKey(w.b), signin.GeneratePanelToken{CustomerID: "c-1"}); !fault.Is(err, fault.CustomerNotFound) {
		t.Errorf("another partner's customer: %v", err)
	}
}

// TestSandboxClockDoesNotOpenLinks: a JWT goes by the platform's time.
func TestSandboxClockDoesNotOpenLinks(t *testing.T) {
	w := newWorld(t)
	p, raw, err := w.s.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "Sandbox", Sandbox: true})
	if err != nil {
		t.Fatal(err)
	}
	w.keys[p.ID] = raw
	a := audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "key:x"}
	id := w.order(a, proOrder("s.example", "c-1"))
	if err := w.store.Write(w.ctx, func(tx work.Tx) error {
		return tx.PutPartnerClock(w.ctx, &partner.Clock{PartnerID: p.ID, Offset: 10 * day, UpdatedAt: w.clock.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	_, secret := w.open(w.signed(a, id))
	if !w.admits(secret) {
		t.Error("the session is not open")
	}
}

func TestCarts(t *testing.T) {
	w := newWorld(t)
	if err := w.s.SetPartnerSettings(w.ctx, w.op, w.a.PartnerID, partner.Settings{Carts: true}); err != nil {
		t.Fatal(err)
	}
	id, other := w.order(w.a, proOrder("d.example", "c-1")), w.order(w.a, proOrder("e.example", "c-1"))
	foreign := w.order(w.b, proOrder("f.example", "c-1"))
	ref := work.OrderRef{ID: id}
	start := func(a audit.Actor, order int64, items ...cart.Item) (*ordering.Purchase, error) {
		return w.s.StartPurchase(w.ctx, a, ordering.StartPurchase{Order: work.OrderRef{ID: order}, Action: cart.RenewOrder, Items: items})
	}
	if _, err := start(w.a, id); fault.Of(err).Reason != "NO_PAYMENT_URL" {
		t.Errorf("without a payment page: %v", err)
	}
	for _, a := range []audit.Actor{w.a, w.b} {
		if _, err := w.s.SetBrand(w.ctx, a, tenancy.SetBrand{PartnerID: a.PartnerID, Brand: brand.Brand{PaymentURL: "https://pay.example/{domain_name}?o={order_id}&l={locale}"}}); err != nil {
			t.Fatal(err)
		}
	}
	for name, items := range map[string][]cart.Item{
		"a downgrade": {{Plan: plan.Free}}, "the same plan": {{Plan: plan.Pro}}, "two plans": {{Plan: plan.Premium}, {Plan: plan.Ultra}}, "nothing": {{}},
		"two things": {{Accounts: 1, Plan: plan.Premium}}, "less than none": {{Accounts: -1}}, "unknown add-on": {{Addon: "x", Quantity: 1}},
		"too many": {{Accounts: cart.MaxQuantity + 1}}, "rubbish": {{Renew: "weekly"}}, "trial": {{Plan: plan.UltraTrial}},
	} {
		if p, err := start(w.a, id, items...); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if p, err := start(w.b, foreign, cart.Item{Accounts: 1}); err != nil || p.TrackingID != "" {
		t.Errorf("a cart for a partner who takes none: %+v, %v", p, err)
	}
	if _, err := start(w.b, id, cart.Item{Accounts: 1}); !fault.Is(err, fault.OrderNotFound) {
		t.Errorf("foreign: %v", err)
	}
	p, err := start(w.a, id, cart.Item{Renew: "yearly"}, cart.Item{Accounts: 2})
	if err != nil {
		t.Fatal(err)
	}
	complete := func(a audit.Actor, order int64, tracking, txn string) func() error {
		return func() error {
			return second(w.s.CompletePurchase(w.ctx, a, ordering.CompletePurchase{
				Order: work.OrderRef{ID: order}, TrackingID: tracking, Payment: billing.PaymentDetails{Charged: amount("9"), TxnID: txn, Currency: "EUR"},
			}))
		}
	}
	w.fresh()
	w.play(
		step{do: "for another order", call: complete(w.a, other, p.TrackingID, "t"), fault: fault.Invalid, reason: "TRACKING_ID_INVALID"},
		step{do: "by another partner", call: complete(w.b, foreign, p.TrackingID, "t"), fault: fault.Invalid, reason: "TRACKING_ID_INVALID"},
		step{do: "unknown", call: complete(w.a, id, "nonsense", "t"), fault: fault.Invalid, reason: "TRACKING_ID_INVALID"},
		step{do: "expiry has suspended it", after: 6 * day, call: func() error {
			return second(w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: ref, Type: suspension.TypeExpiry}))
		}, events: []event.Type{event.MailOrderStatusUpdated}},
		step{do: "paid", call: complete(w.a, id, p.TrackingID, "t-9"), events: []event.Type{event.MailOrderStatusUpdated}, then: func() {
			d := w.details(id)
			if d.Order.Seats != 7 || d.Order.ExpiresAt.Format(time.DateOnly) != "2028-11-22" || d.Order.Currency != "EUR" || d.Status != "active" {
				t.Errorf("%+v", d.Order)
			}
		}},
		step{do: "again", call: complete(w.a, id, p.TrackingID, "t-9")},
		step{do: "a year later", after: 365 * day, call: complete(w.a, id, p.TrackingID, "t-10"), then: func() {
			if d := w.details(id); d.Order.Seats != 7 {
				t.Errorf("%d seats", d.Order.Seats)
			}
		}},
	)
	var paid int
	if err := w.store.Read(w.ctx, func(tx work.Tx) error {
		all, err := tx.Payments(w.ctx, id)
		paid = len(all)
		return err
	}); err != nil || paid != 2 { // the order's own, and the cart's
		t.Errorf("%d payments, %v", paid, err)
	}
	// What is not executed is forgotten; what is, stays known.
	late, err := start(w.a, id, cart.Item{Accounts: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(7 * day)
	w.play(step{do: "late", call: complete(w.a, id, late.TrackingID, ""), fault: fault.Invalid, reason: "TRACKING_ID_INVALID"})
	w.clock.Advance(time.Millisecond)
	if err := w.s.Forget(w.ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Read(w.ctx, func(tx work.Tx) error {
		a, err := tx.Cart(w.ctx, late.TrackingID)
		if err != nil || a != nil {
			t.Errorf("%+v, %v", a, err)
		}
		b, err := tx.Cart(w.ctx, p.TrackingID)
		if err != nil || b == nil || b.ExecutedAt == nil {
			t.Errorf("%+v, %v", b, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
