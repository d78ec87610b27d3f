package provision_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
)

var (
	created       = []event.Type{event.MailOrderCreated}
	createdBoth   = []event.Type{event.MailOrderCreated, event.EmailAccountCreated}
	statusUpdated = []event.Type{event.MailOrderStatusUpdated}
)

func TestCreateMailOrder(t *testing.T) {
	w := newWorld(t)
	var out *provision.CreatedOrder
	create := func(change func(*provision.CreateMailOrder)) func() error {
		return func() (err error) {
			cmd := proOrder(" D.Example. ", "c-1")
			if change != nil {
				change(&cmd)
			}
			out, err = w.s.CreateMailOrder(w.ctx, w.a, cmd)
			return err
		}
	}
	first := func(c *provision.CreateMailOrder) {
		c.Domain, c.Customer.CustomerID, c.CustomerPassword = "f.example", "c-2", "pw-panel"
		c.FirstAccount = &provision.FirstAccount{Email: "Jane@F.example", Password: "pw-jane", FirstName: "Jane", LastName: "Doe", WantLoginToken: true}
	}
	var orderID, accountID int64
	w.play(
		step{do: "create", call: create(func(c *provision.CreateMailOrder) {
			c.Customer.Name, c.Customer.Email, c.Customer.Country = "Jane", "Jane@X.Example", "de"
			c.Metadata, c.BillingCycle = json.RawMessage(`{"cpanelUserName":"u","n":null}`), order.Yearly
		}), events: created, then: func() {
			orderID = out.OrderID
			if out.Status != order.Active || out.Existing || out.Account != nil {
				t.Errorf("%+v", out)
			}
			want := `{"titanOrderId":1,"domainName":"d.example","customerId":"c-1","customerName":"Jane","customerEmailAddress":"Jane@x.example","customerCountry":"DE","planType":"pro","expiryDate":"2027-11-22","storageLimit":5120,"noOfAccounts":5,"billingCycle":"yearly","status":"active","metadata":{"cpanelUserName":"u"}}`
			if got := w.lastEvent(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			d := w.details(orderID)
			if d.Order.Currency != "USD" || !d.Order.Serviceable || d.Order.BillingOwner != partner.BilledByPartner || len(d.Order.OwnershipToken) < 32 || d.Billable != 5 {
				t.Errorf("%+v", d.Order)
			}
		}},
		step{do: "repeat", after: time.Hour, call: create(nil), then: func() {
			if out.OrderID != orderID || !out.Existing || out.Status != order.Active {
				t.Errorf("%+v", out)
			}
		}},
		step{do: "other customer", call: create(func(c *provision.CreateMailOrder) { c.Customer.CustomerID = "c-9" }), fault: fault.Conflict, reason: "ORDER_ALREADY_EXISTS"},
		step{do: "with first account", call: create(first), events: createdBoth, then: func() {
			accountID = out.Account.AccountID
			if out.Account.Email != "jane@f.example" || !strings.HasPrefix(out.Account.LoginToken, "1:") || len(out.Account.LoginToken) != 34 {
				t.Errorf("%+v", out.Account)
			}
			a := w.accountDetails(accountID)
			if !a.Account.IsAdmin || a.Account.Name != "Jane Doe" || a.Account.PasswordHash != "hash of pw-jane" {
				t.Errorf("%+v", a.Account)
			}
			if m, ok := w.store.Mailbox(accountID); !ok || m.QuotaBytes != 5<<30 {
				t.Errorf("mailbox %+v, %v", m, ok)
			}
			if w.hash.calls.Load() != 2 {
				t.Errorf("%d hashes", w.hash.calls.Load())
			}
		}},
		step{do: "repeat with first account", call: create(first), then: func() {
			if !out.Existing || out.Account.AccountID != accountID || !out.Account.Existing || out.Account.LoginToken == "" {
				t.Errorf("%+v", out.Account)
			}
			if w.hash.calls.Load() != 2 {
				t.Errorf("a repeat hashed: %d", w.hash.calls.Load())
			}
		}},
		step{do: "admin false", call: create(func(c *provision.CreateMailOrder) {
			first(c)
			c.Domain, c.FirstAccount.Email, c.FirstAccount.IsAdmin = "g.example", "x@g.example", ptr(false)
		}), events: createdBoth, then: func() {
			if w.accountDetails(out.Account.AccountID).Account.IsAdmin {
				t.Error("is admin")
			}
		}},
		step{do: "free plan has its own seats and needs no money", call: create(func(c *provision.CreateMailOrder) {
			c.Domain, c.Plan, c.Seats, c.Expiry, c.Payment = "free.example", plan.Free, nil, nil, provision.PaymentDetails{}
		}), events: created, then: func() {
			if d := w.details(out.OrderID); d.Order.Seats != 1 || d.Billable != 0 || d.StorageLimitMB != 1024 {
				t.Errorf("%+v", d)
			}
		}},
		step{do: "trial has two seats", call: create(func(c *provision.CreateMailOrder) {
			c.Domain, c.Plan, c.Seats, c.Payment = "trial.example", plan.UltraTrial, nil, provision.PaymentDetails{Charged: amount("0")}
		}), events: created, then: func() {
			if d := w.details(out.OrderID); d.Order.Seats != 2 || d.StorageLimitMB != 51200 {
				t.Errorf("%+v", d)
			}
		}},
		step{do: "pending", call: create(func(c *provision.CreateMailOrder) {
			c.Domain, c.AwaitingPayment, c.Payment = "pending.example", true, provision.PaymentDetails{}
		}), events: created, then: func() {
			if d := w.details(out.OrderID); d.Status != order.Pending || d.Order.Serviceable {
				t.Errorf("%+v", d)
			}
		}},
	)
	if p := w.payments(orderID); len(p) != 1 || p[0].ChargedAmount != "12.50" || p[0].TxnID != "txn-1" || p[0].Action != "newPurchase" || p[0].Currency != "USD" {
		t.Errorf("%+v", p)
	}
}

func (w *world) payments(orderID int64) (out []*provision.Payment) {
	w.t.Helper()
	if err := w.store.Read(w.ctx, func(tx provision.Tx) (err error) {
		out, err = tx.Payments(w.ctx, orderID)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// TestCreateMailOrderRefuses: a refusal leaves nothing behind, first account and
// customer included.
func TestCreateMailOrderRefuses(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, c := range map[string]struct {
		change func(*provision.CreateMailOrder)
		code   fault.Code
		reason string
	}{
		"no domain":             {func(c *provision.CreateMailOrder) { c.Domain = "" }, fault.InvalidDomain, ""},
		"path":                  {func(c *provision.CreateMailOrder) { c.Domain = "../../etc" }, fault.InvalidDomain, ""},
		"idn":                   {func(c *provision.CreateMailOrder) { c.Domain = "münchen.de" }, fault.InvalidDomain, "IDN"},
		"a-label":               {func(c *provision.CreateMailOrder) { c.Domain = "xn--mnchen-3ya.de" }, fault.InvalidDomain, "IDN"},
		"address":               {func(c *provision.CreateMailOrder) { c.Domain = "192.0.2.1" }, fault.InvalidDomain, ""},
		"no customer":           {func(c *provision.CreateMailOrder) { c.Customer.CustomerID = " " }, fault.Invalid, ""},
		"long customer":         {func(c *provision.CreateMailOrder) { c.Customer.CustomerID = long }, fault.Invalid, ""},
		"nul":                   {func(c *provision.CreateMailOrder) { c.Customer.Name = "a\x00b" }, fault.Invalid, ""},
		"not utf-8":             {func(c *provision.CreateMailOrder) { c.PartnerOrderID = "\xff" }, fault.Invalid, ""},
		"customer email":        {func(c *provision.CreateMailOrder) { c.Customer.Email = "nobody" }, fault.Invalid, ""},
		"country":               {func(c *provision.CreateMailOrder) { c.Customer.Country = "Germany" }, fault.Invalid, ""},
		"plan":                  {func(c *provision.CreateMailOrder) { c.Plan = "gold" }, fault.Invalid, ""},
		"no seats":              {func(c *provision.CreateMailOrder) { c.Seats = nil }, fault.Invalid, ""},
		"zero seats":            {func(c *provision.CreateMailOrder) { c.Seats = ptr(0) }, fault.Invalid, ""},
		"negative seats":        {func(c *provision.CreateMailOrder) { c.Seats = ptr(-3) }, fault.Invalid, ""},
		"no expiry":             {func(c *provision.CreateMailOrder) { c.Expiry = nil }, fault.Invalid, ""},
		"no expiry on trial":    {func(c *provision.CreateMailOrder) { c.Plan, c.Expiry = plan.ProTrial, nil }, fault.Invalid, ""},
		"expiry in year 1":      {func(c *provision.CreateMailOrder) { c.Expiry = &time.Time{} }, fault.Invalid, ""},
		"no amount":             {func(c *provision.CreateMailOrder) { c.Payment.Charged = nil }, fault.Invalid, ""},
		"currency":              {func(c *provision.CreateMailOrder) { c.Payment.Currency = "XQZ" }, fault.Invalid, ""},
		"cycle":                 {func(c *provision.CreateMailOrder) { c.BillingCycle = "biennial" }, fault.Invalid, ""},
		"source":                {func(c *provision.CreateMailOrder) { c.Source = "shop" }, fault.Invalid, ""},
		"mail service":          {func(c *provision.CreateMailOrder) { c.MailService = "other" }, fault.Invalid, ""},
		"billing owner":         {func(c *provision.CreateMailOrder) { c.BillingOwner = ptr(partner.BillingOwner("me")) }, fault.Invalid, ""},
		"metadata":              {func(c *provision.CreateMailOrder) { c.Metadata = json.RawMessage(`[]`) }, fault.Invalid, ""},
		"first without address": {func(c *provision.CreateMailOrder) { c.FirstAccount.Email = "" }, fault.Invalid, "INVALID_EMAIL"},
		"first elsewhere":       {func(c *provision.CreateMailOrder) { c.FirstAccount.Email = "x@other.example" }, fault.Invalid, "DOMAIN_MISMATCH"},
		"first without pw":      {func(c *provision.CreateMailOrder) { c.FirstAccount.Password = "" }, fault.Invalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			cmd := proOrder("d.example", "c-1")
			cmd.FirstAccount = &provision.FirstAccount{Email: "x@d.example", Password: "pw-1"}
			c.change(&cmd)
			_, err := w.s.CreateMailOrder(w.ctx, w.a, cmd)
			if !fault.Is(err, c.code) || fault.Of(err).Reason != c.reason {
				t.Errorf("got %v, want %s [%s]", err, c.code, c.reason)
			}
			if w.hash.calls.Load() > 0 {
				t.Error("a refusal cost a hash")
			}
			if len(w.fresh()) > 0 {
				t.Error("a refusal sent events")
			}
			_, err = w.s.ListMailOrders(w.ctx, w.a, provision.ListMailOrders{CustomerID: "c-1"})
			if !fault.Is(err, fault.CustomerNotFound) {
				t.Errorf("a customer is left behind: %v", err)
			}
		})
	}
}

func TestChargedAmountCanBeOptional(t *testing.T) {
	w := newWorld(t)
	lenient := w.partner(partner.Settings{ChargedAmountOptional: true, Currency: "eur", BillingOwner: partner.BilledByPlatform})
	cmd := proOrder("d.example", "c-1")
	cmd.Payment = provision.PaymentDetails{}
	id := w.order(lenient, cmd)
	d := w.details(id)
	if d.Order.Currency != "EUR" || d.Order.BillingOwner != partner.BilledByPlatform {
		t.Errorf("%+v", d.Order)
	}
	if p := w.payments(id); len(p) != 0 {
		t.Errorf("booked %+v", p)
	}
}

func TestCustomerIsFilledNotOverwritten(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("a.example", "c-1")
	cmd.Customer.Name = "First"
	w.order(w.a, cmd)
	cmd = proOrder("b.example", "c-1")
	cmd.Customer.Name, cmd.Customer.Email, cmd.Customer.Country = "Second", "x@y.example", "FR"
	id := w.order(w.a, cmd)
	c := w.details(id).Customer
	if c.Name != "First" || c.Email != "x@y.example" || c.Country != "FR" {
		t.Errorf("%+v", c)
	}
	// The same id at another partner is somebody else.
	cmd.Domain = "c.example"
	if other := w.details(w.order(w.b, cmd)).Customer; other.ID == c.ID || other.Name != "Second" {
		t.Errorf("%+v", other)
	}
}

func TestServerScopedCustomers(t *testing.T) {
	w := newWorld(t)
	for _, collate := range []bool{false, true} {
		cp := w.partner(partner.Settings{ServerScoped: true, CollateHosts: collate})
		domain := map[bool]string{false: "x.example", true: "y.example"}[collate]
		for _, host := range []string{"h1", "h2"} {
			cmd := proOrder(host+"."+domain, "root")
			cmd.Metadata = json.RawMessage(`{"cpanelHostName":"` + host + `"}`)
			w.order(cp, cmd)
			w.order(cp, cmd) // the same customer again
		}
		list, err := w.s.ListMailOrders(w.ctx, cp, provision.ListMailOrders{CustomerID: "root"})
		if collate && (err != nil || len(list) != 2 || list[0].Customer.ServerHost != "h1" || list[1].Customer.ServerHost != "h2") {
			t.Errorf("%v, %v", list, err)
		}
		if !collate && fault.Of(err).Reason != "SEVERAL_SERVER_HOSTS" {
			t.Errorf("%v, %v", list, err)
		}
	}
}

func TestModifyMailOrder(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.Metadata = json.RawMessage(`{"a":1,"b":2}`)
	id := w.order(w.a, cmd)
	x := w.account(w.a, id, "x@d.example")
	w.account(w.a, id, "y@d.example")
	var out *provision.OrderState
	modify := func(change func(*provision.ModifyMailOrder)) func() error {
		return func() (err error) {
			cmd := provision.ModifyMailOrder{Order: provision.OrderRef{ID: id}, Payment: provision.PaymentDetails{Charged: amount("1")}}
			change(&cmd)
			out, err = w.s.ModifyMailOrder(w.ctx, w.a, cmd)
			return err
		}
	}
	suspend := func(kind string, by suspension.Role) func() error {
		return func() error {
			actor := w.a
			actor.Role = by
			_, err := w.s.SuspendMailOrder(w.ctx, actor, provision.SuspendMailOrder{Order: provision.OrderRef{ID: id}, Type: kind})
			return err
		}
	}
	expects := func(check func(*order.Order) bool) func() {
		return func() {
			t.Helper()
			if o := w.details(id).Order; !check(o) {
				t.Errorf("%+v", o)
			}
		}
	}
	w.play(
		step{do: "order id only", call: modify(func(c *provision.ModifyMailOrder) { c.PartnerOrderID = ptr("o-7") }), then: expects(func(o *order.Order) bool {
			return o.PartnerOrderID == "o-7" && o.Plan == plan.Pro && o.Seats == 5 && event.Date(o.ExpiresAt) == "2027-11-22"
		})},
		step{do: "metadata is merged", call: modify(func(c *provision.ModifyMailOrder) { c.Metadata = json.RawMessage(`{"b":3,"c":null,"d":4}`) }), then: expects(func(o *order.Order) bool {
			return string(o.Metadata) == `{"a":1,"b":3,"d":4}`
		})},
		step{do: "more seats", call: modify(func(c *provision.ModifyMailOrder) { c.Seats, c.Action = ptr(9), "addAccounts" }), then: expects(func(o *order.Order) bool { return o.Seats == 9 })},
		step{do: "seats in use", call: modify(func(c *provision.ModifyMailOrder) { c.Seats = ptr(1) }), fault: fault.Conflict, reason: "ACCOUNTS_IN_USE"},
		step{do: "down to what is used", call: modify(func(c *provision.ModifyMailOrder) { c.Seats = ptr(2) }), then: expects(func(o *order.Order) bool { return o.Seats == 2 })},
		step{do: "bigger plan", call: modify(func(c *provision.ModifyMailOrder) { c.Plan = ptr(plan.Ultra) }), then: func() {
			if m, _ := w.store.Mailbox(x); m.QuotaBytes != 51200<<20 {
				t.Errorf("quota %d", m.QuotaBytes)
			}
		}},
		step{do: "smaller plan", call: modify(func(c *provision.ModifyMailOrder) { c.Plan = ptr(plan.Pro) }), then: func() {
			if m, _ := w.store.Mailbox(x); m.QuotaBytes != 5<<30 {
				t.Errorf("quota %d", m.QuotaBytes)
			}
		}},
		step{do: "no amount on a paid plan", call: modify(func(c *provision.ModifyMailOrder) { c.Payment.Charged = nil }), fault: fault.Invalid},
		step{do: "unknown plan", call: modify(func(c *provision.ModifyMailOrder) { c.Plan = ptr(plan.Plan("x")) }), fault: fault.Invalid},
		step{do: "unknown action", call: modify(func(c *provision.ModifyMailOrder) { c.Action = "upgrade" }), fault: fault.Invalid},
		step{do: "unknown cycle", call: modify(func(c *provision.ModifyMailOrder) { c.BillingCycle = ptr(order.Cycle("x")) }), fault: fault.Invalid},
		step{do: "clearing the expiry of a paid plan", call: modify(func(c *provision.ModifyMailOrder) { c.ClearExpiry = true }), fault: fault.Invalid},
		step{do: "to free, without expiry", call: modify(func(c *provision.ModifyMailOrder) {
			c.Plan, c.ClearExpiry, c.Payment.Charged = ptr(plan.Free), true, nil
		}), then: expects(func(o *order.Order) bool {
			return o.Plan == plan.Free && o.ExpiresAt == nil
		})},
		step{do: "to paid without expiry", call: modify(func(c *provision.ModifyMailOrder) { c.Plan = ptr(plan.Pro) }), fault: fault.Invalid},
		step{do: "to paid", call: modify(func(c *provision.ModifyMailOrder) {
			c.Plan, c.Expiry, c.Payment.Currency = ptr(plan.Pro), date("2027-01-01"), "eur"
		}), then: expects(func(o *order.Order) bool { return o.Currency == "EUR" && event.Date(o.ExpiresAt) == "2027-01-01" })},

		step{do: "suspend for expiry", call: suspend("expiry", suspension.RolePartner), events: statusUpdated},
		step{do: "and by the platform", call: suspend("expiry", suspension.RoleTitan)},
		step{do: "and for another reason", call: suspend("x", suspension.RolePartner)},
		step{do: "a date that is over renews nothing", call: modify(func(c *provision.ModifyMailOrder) { c.Expiry = date("2026-11-22") }), then: func() {
			if out.Status != order.Suspended || len(out.Suspensions) != 3 {
				t.Errorf("%+v", out)
			}
		}},
		step{do: "renewal lifts expiry only", call: modify(func(c *provision.ModifyMailOrder) { c.Expiry = date("2028-01-01") }), then: func() {
			if out.Status != order.Suspended || len(out.Suspensions) != 1 {
				t.Errorf("%+v", out)
			}
		}},
		step{do: "unsuspend", call: func() error {
			_, err := w.s.UnsuspendMailOrder(w.ctx, w.a, provision.UnsuspendMailOrder{Order: provision.OrderRef{ID: id}})
			return err
		}, events: statusUpdated},
		step{do: "suspend for expiry again", call: suspend("expiry", suspension.RoleTitan), events: statusUpdated},
		step{do: "the same date renews too", call: modify(func(c *provision.ModifyMailOrder) { c.Expiry = date("2028-01-01") }), events: statusUpdated, then: func() {
			want := `{"titanOrderId":1,"domainName":"d.example","customerId":"c-1","oldStatus":"suspended","newStatus":"active","suspensions":[]}`
			if got := w.lastEvent(); got != want || out.Status != order.Active {
				t.Errorf("%s, %+v", got, out)
			}
		}},
		step{do: "delete", call: func() error {
			_, err := w.s.DeleteMailOrder(w.ctx, w.a, provision.DeleteMailOrder{Order: provision.OrderRef{ID: id}})
			return err
		}, events: statusUpdated},
		step{do: "deleted", call: modify(func(c *provision.ModifyMailOrder) { c.Seats = ptr(9) }), fault: fault.OrderNotFound, reason: "ORDER_NOT_ACTIVE"},
	)
}

func TestRepeatedModificationChangesNothing(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	cmd := provision.ModifyMailOrder{
		Order: provision.OrderRef{ID: id}, Expiry: date("2029-01-01"), Seats: ptr(7),
		Payment: provision.PaymentDetails{Charged: amount("9"), TxnID: "txn-2"},
	}
	for range 3 {
		if _, err := w.s.ModifyMailOrder(w.ctx, w.a, cmd); err != nil {
			t.Fatal(err)
		}
	}
	if p := w.payments(id); len(p) != 2 {
		t.Errorf("%d payments", len(p))
	}
	updated := w.details(id).Order.UpdatedAt
	records := len(w.store.AllRecords())
	w.clock.Advance(time.Hour)
	if _, err := w.s.ModifyMailOrder(w.ctx, w.a, cmd); err != nil {
		t.Fatal(err)
	}
	if !w.details(id).Order.UpdatedAt.Equal(updated) || len(w.store.AllRecords()) != records {
		t.Error("a repeat left a trace")
	}
	// Without a transaction id, money is booked with a change only.
	cmd.Payment.TxnID = ""
	if _, err := w.s.ModifyMailOrder(w.ctx, w.a, cmd); err != nil {
		t.Fatal(err)
	}
	if p := w.payments(id); len(p) != 2 {
		t.Errorf("%d payments, want 2", len(p))
	}
	cmd.Seats = ptr(8)
	for range 2 {
		if _, err := w.s.ModifyMailOrder(w.ctx, w.a, cmd); err != nil {
			t.Fatal(err)
		}
	}
	if p := w.payments(id); len(p) != 3 {
		t.Errorf("%d payments, want 3", len(p))
	}
}

func TestPlatformBilledEvents(t *testing.T) {
	w := newWorld(t)
	platform := w.partner(partner.Settings{BillingOwner: partner.BilledByPlatform})
	id := w.order(platform, proOrder("d.example", "c-1"))
	modify := func(change func(*provision.ModifyMailOrder)) func() error {
		return func() error {
			cmd := provision.ModifyMailOrder{Order: provision.OrderRef{ID: id}, Payment: provision.PaymentDetails{Charged: amount("3.5")}}
			change(&cmd)
			_, err := w.s.ModifyMailOrder(w.ctx, platform, cmd)
			return err
		}
	}
	w.play(
		step{do: "upgrade", call: modify(func(c *provision.ModifyMailOrder) { c.Plan = ptr(plan.Premium) }), events: []event.Type{event.PlanUpgraded}, then: func() {
			want := `{"titanOrderId":1,"domainName":"d.example","customerId":"c-1","configBeforeUpdate":{"planType":"pro","expiryDate":"2027-11-22","storageLimitInMB":5120,"noOfAccounts":5},"configAfterUpdate":{"planType":"premium","expiryDate":"2027-11-22","storageLimitInMB":10240,"noOfAccounts":5},"paymentDetails":{"amount":3.50,"currency":"USD"}}`
			if got := w.lastEvent(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}},
		step{do: "downgrade", call: modify(func(c *provision.ModifyMailOrder) { c.Plan = ptr(plan.Pro) })},
		step{do: "seats", call: modify(func(c *provision.ModifyMailOrder) { c.Seats = ptr(6) }), events: []event.Type{event.AccountsPurchased}},
		step{do: "fewer seats", call: modify(func(c *provision.ModifyMailOrder) { c.Seats = ptr(4) })},
		step{do: "renew", call: modify(func(c *provision.ModifyMailOrder) { c.Expiry = date("2028-01-01") }), events: []event.Type{event.PlanRenewed}},
		step{do: "earlier", call: modify(func(c *provision.ModifyMailOrder) { c.Expiry = date("2027-12-01") })},
		step{do: "all at once", call: modify(func(c *provision.ModifyMailOrder) {
			c.Plan, c.Seats, c.Expiry = ptr(plan.Ultra), ptr(10), date("2029-01-01")
		}), events: []event.Type{event.PlanUpgraded, event.AccountsPurchased, event.PlanRenewed}},
		step{do: "nothing", call: modify(func(c *provision.ModifyMailOrder) { c.Plan, c.Seats = ptr(plan.Ultra), ptr(10) })},
	)
}

func TestSuspendAndUnsuspendMailOrder(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	foreign := w.order(w.b, proOrder("d.example", "c-1"))
	var out *provision.OrderState
	suspend := func(kind string, by suspension.Role) func() error {
		return func() (err error) {
			actor := w.a
			actor.Role = by
			out, err = w.s.SuspendMailOrder(w.ctx, actor, provision.SuspendMailOrder{Order: provision.OrderRef{ID: id}, Type: kind, Note: "why"})
			return err
		}
	}
	unsuspend := func(kind string, by suspension.Role) func() error {
		return func() (err error) {
			actor := w.a
			actor.Role = by
			out, err = w.s.UnsuspendMailOrder(w.ctx, actor, provision.UnsuspendMailOrder{Order: provision.OrderRef{ID: id}, Type: kind})
			return err
		}
	}
	is := func(s order.Status, n int) func() {
		return func() {
			t.Helper()
			if out.Status != s || len(out.Suspensions) != n {
				t.Errorf("%+v, want %s with %d", out, s, n)
			}
			w.status(id, s)
		}
	}
	w.play(
		step{do: "nothing to lift", call: unsuspend("", suspension.RolePartner), then: is(order.Active, 0)},
		step{do: "without a type", call: suspend("", suspension.RolePartner), events: statusUpdated, then: func() {
			is(order.Suspended, 1)()
			if out.Suspensions[0].Type != "partner" || w.touched(id) != 1 {
				t.Errorf("%+v, touched %d", out.Suspensions, w.touched(id))
			}
			want := `{"titanOrderId":1,"domainName":"d.example","customerId":"c-1","oldStatus":"active","newStatus":"suspended","suspensions":[{"type":"partner","suspenderRole":"partner","suspendedOn":"2026-11-22"}]}`
			if got := w.lastEvent(); got != want {
				t.Errorf("%s", got)
			}
			w.status(foreign, order.Active)
		}},
		step{do: "again", call: suspend("partner", suspension.RolePartner), then: is(order.Suspended, 1)},
		step{do: "abuse by the platform", call: suspend("abuse", suspension.RoleTitanSupport), then: is(order.Suspended, 2)},
		step{do: "abuse by the partner", call: suspend("abuse", suspension.RolePartner), then: is(order.Suspended, 3)},
		step{do: "a type that is not there", call: unsuspend("left", suspension.RolePartner), then: is(order.Suspended, 3)},
		step{do: "the own one of a type", call: unsuspend("abuse", suspension.RolePartner), then: is(order.Suspended, 2)},
		step{do: "a higher role's", call: unsuspend("abuse", suspension.RolePartner), fault: fault.Forbidden, reason: "HIGHER_ROLE"},
		step{do: "all that the role may", call: unsuspend("", suspension.RolePartnerSupport), then: is(order.Suspended, 1)},
		step{do: "the last, by its role", call: unsuspend("abuse", suspension.RoleTitan), events: statusUpdated, then: is(order.Active, 0)},
		step{do: "long type", call: suspend(strings.Repeat("x", 65), suspension.RolePartner), fault: fault.Invalid},
		step{do: "no role", call: suspend("x", "nobody"), fault: fault.Forbidden},
	)
	if w.touched(foreign) != 0 {
		t.Error("another partner's sessions were touched")
	}
}

func TestDeleteAndReactivateMailOrder(t *testing.T) {
	w := newWorld(t)
	ref := func(id int64) provision.OrderRef { return provision.OrderRef{ID: id} }
	id := w.order(w.a, proOrder("d.example", "c-1"))
	x := w.account(w.a, id, "x@d.example")
	var second int64
	del := func(id *int64) func() error {
		return func() error {
			_, err := w.s.DeleteMailOrder(w.ctx, w.a, provision.DeleteMailOrder{Order: ref(*id), Reason: "gone"})
			return err
		}
	}
	reactivate := func(id *int64) func() error {
		return func() error { _, err := w.s.ReactivateMailOrder(w.ctx, w.a, ref(*id)); return err }
	}
	eligible := func(id int64, reason string) {
		t.Helper()
		r, err := w.s.MailOrderReactivation(w.ctx, w.a, ref(id))
		if err != nil || r.Reason != reason || r.Allowed != (reason == "") {
			t.Errorf("%+v, %v, want %q", r, err, reason)
		}
	}
	w.play(
		step{do: "reactivate a live one", call: reactivate(&id), then: func() { eligible(id, "DOMAIN_NOT_IN_DELETED_STATE") }},
		step{do: "delete", call: del(&id), events: statusUpdated, then: func() {
			w.status(id, order.Deleted)
			eligible(id, "")
			if a := w.accountDetails(x); a.Status != "active" {
				t.Errorf("the account is %s", a.Status)
			}
		}},
		step{do: "delete again", after: day, call: del(&id), then: func() {
			if o := w.details(id).Order; !o.PurgeAt.Equal(w.clock.Now().Add(29 * day)) {
				t.Errorf("the day moved to %v", o.PurgeAt)
			}
		}},
		step{do: "reactivate", call: reactivate(&id), events: statusUpdated, then: func() {
			if o := w.details(id); o.Status != order.Active || !o.Order.Serviceable || o.Counters.Active != 1 {
				t.Errorf("%+v", o)
			}
		}},
		step{do: "suspend", call: func() error {
			_, err := w.s.SuspendMailOrder(w.ctx, w.a, provision.SuspendMailOrder{Order: ref(id)})
			return err
		}, events: statusUpdated},
		step{do: "delete the suspended one", call: del(&id), events: statusUpdated},
		step{do: "comes back suspended", call: reactivate(&id), events: statusUpdated, then: func() { w.status(id, order.Suspended) }},
		step{do: "delete once more", call: del(&id), events: statusUpdated},
		step{do: "another order of the domain", call: func() error {
			out, err := w.s.CreateMailOrder(w.ctx, w.a, proOrder("d.example", "c-2"))
			if err == nil {
				second = out.OrderID
			}
			return err
		}, events: created, then: func() { eligible(id, "ANOTHER_ORDER_ALREADY_EXISTS") }},
		step{do: "in the way", call: reactivate(&id), fault: fault.Conflict, reason: "ANOTHER_ORDER_ALREADY_EXISTS"},
		step{do: "a late repeat of the deletion", call: del(&id), then: func() { w.status(second, order.Active) }},
		step{do: "delete the second", call: del(&second), events: statusUpdated},
		step{do: "purged by the clock", after: 30 * day, call: reactivate(&id), fault: fault.Conflict, reason: "ORDER_ALREADY_PURGED", then: func() { eligible(id, "ORDER_ALREADY_PURGED") }},
		step{do: "delete a purged one", call: del(&id), fault: fault.OrderNotFound},
		step{do: "read a purged one", call: func() error { _, err := w.s.FetchOrder(w.ctx, w.a, ref(id)); return err }, fault: fault.OrderNotFound},
		step{do: "its account", call: func() error {
			_, err := w.s.FetchEmailAccount(w.ctx, w.a, provision.AccountRef{AccountID: x})
			return err
		}, fault: fault.AccountNotFound},
	)
	if list, err := w.s.ListMailOrders(w.ctx, w.a, provision.ListMailOrders{CustomerID: "c-1"}); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestPendingOrderComesIntoService(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.AwaitingPayment = true
	id := w.order(w.a, cmd)
	rest := w.order(w.b, proOrder("d.example", "c-1")) // has the domain meanwhile
	w.play(
		step{do: "no account yet", call: func() error {
			_, err := w.s.CreateEmailAccount(w.ctx, w.a, provision.CreateEmailAccount{Order: provision.OrderRef{ID: id}, Email: "x@d.example"})
			return err
		}, fault: fault.OrderNotFound, reason: "ORDER_NOT_ACTIVE"},
		step{do: "suspending shows nothing yet", call: func() error {
			out, err := w.s.SuspendMailOrder(w.ctx, w.a, provision.SuspendMailOrder{Order: provision.OrderRef{ID: id}})
			if err == nil && out.Status != order.Pending {
				t.Errorf("%+v", out)
			}
			return err
		}},
		step{do: "into service", call: func() error {
			_, err := w.s.ReactivateMailOrder(w.ctx, w.a, provision.OrderRef{ID: id})
			return err
		}, events: statusUpdated, then: func() {
			w.status(id, order.Suspended)
			if w.details(id).Order.Serviceable || !w.details(rest).Order.Serviceable {
				t.Error("the domain changed hands")
			}
		}},
	)
}

func TestTransferMailOrder(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	transfer := func(to provision.CustomerProfile) func() error {
		return func() error {
			_, err := w.s.TransferMailOrder(w.ctx, w.a, provision.TransferMailOrder{Order: provision.OrderRef{ID: id}, To: to})
			return err
		}
	}
	w.play(
		step{do: "to its owner", call: transfer(provision.CustomerProfile{CustomerID: "c-1", Name: "X"})},
		step{do: "to nobody", call: transfer(provision.CustomerProfile{}), fault: fault.Invalid},
		step{do: "to a new customer", call: transfer(provision.CustomerProfile{CustomerID: "c-2", Name: "Two"}), events: []event.Type{event.MailOrderTransferred}, then: func() {
			want := `{"titanOrderId":1,"domainName":"d.example","customerId":"c-2","customerBeforeTransfer":{"customerId":"c-1"},"customerAfterTransfer":{"customerId":"c-2","customerName":"Two"}}`
			if got := w.lastEvent(); got != want {
				t.Error(got)
			}
		}},
		step{do: "delete", call: func() error {
			_, err := w.s.DeleteMailOrder(w.ctx, w.a, provision.DeleteMailOrder{Order: provision.OrderRef{ID: id}})
			return err
		}, events: statusUpdated},
		step{do: "back, deleted", call: transfer(provision.CustomerProfile{CustomerID: "c-1"}), events: []event.Type{event.MailOrderTransferred}},
		step{do: "to a suspended customer", call: func() error {
			if err := w.store.Write(w.ctx, func(tx provision.Tx) error {
				all, err := tx.CustomersByPartnerID(w.ctx, w.a.PartnerID, "c-2")
				if err != nil {
					return err
				}
				all[0].Status = customer.Suspended
				return tx.UpdateCustomer(w.ctx, all[0])
			}); err != nil {
				return err
			}
			return transfer(provision.CustomerProfile{CustomerID: "c-2"})()
		}, fault: fault.Conflict, reason: "CUSTOMER_NOT_ACTIVE"},
	)
}

func TestServiceabilityGoesFromHandToHand(t *testing.T) {
	w := newWorld(t)
	first := w.order(w.a, proOrder("d.example", "c-1"))
	second := w.order(w.b, proOrder("d.example", "c-1"))
	holds := func(id int64) {
		t.Helper()
		for _, o := range []int64{first, second} {
			if got := w.details(o).Order.Serviceable; got != (o == id) {
				t.Errorf("order %d serves: %v", o, got)
			}
		}
	}
	holds(first)
	if err := w.s.ProveOwnership(w.ctx, w.job, second); err != nil {
		t.Fatal(err)
	}
	holds(second)
	if err := w.s.ProveOwnership(w.ctx, w.job, first); err != nil {
		t.Fatal(err)
	}
	holds(second) // both proved: the holder keeps it
	if _, err := w.s.DeleteMailOrder(w.ctx, w.b, provision.DeleteMailOrder{Order: provision.OrderRef{ID: second}}); err != nil {
		t.Fatal(err)
	}
	holds(first)
	if _, err := w.s.ReactivateMailOrder(w.ctx, w.b, provision.OrderRef{ID: second}); err != nil {
		t.Fatal(err)
	}
	holds(first)
	if len(w.fresh()) != 2 {
		t.Error("serviceability is told in events")
	}
}

func TestOrderReferences(t *testing.T) {
	w := newWorld(t)
	old := w.order(w.a, proOrder("d.example", "c-1"))
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, provision.DeleteMailOrder{Order: provision.OrderRef{ID: old}}); err != nil {
		t.Fatal(err)
	}
	live := w.order(w.a, proOrder("d.example", "c-1"))
	for name, c := range map[string]struct {
		ref  provision.OrderRef
		want int64
		code fault.Code
	}{
		"id":                 {provision.OrderRef{ID: old}, old, ""},
		"pair":               {provision.OrderRef{Domain: " D.example. ", CustomerID: "c-1"}, live, ""},
		"id wins":            {provision.OrderRef{ID: old, Domain: "d.example", CustomerID: "c-1", ServiceID: live}, old, ""},
		"pair wins":          {provision.OrderRef{Domain: "d.example", CustomerID: "c-1", ServiceID: old}, live, ""},
		"service id":         {provision.OrderRef{ServiceID: old}, old, ""},
		"domain alone":       {provision.OrderRef{Domain: "d.example", ServiceID: old}, old, ""},
		"nothing":            {provision.OrderRef{}, 0, fault.Invalid},
		"half a pair":        {provision.OrderRef{Domain: "d.example"}, 0, fault.Invalid},
		"unknown id":         {provision.OrderRef{ID: 999}, 0, fault.OrderNotFound},
		"negative id":        {provision.OrderRef{ID: -1}, 0, fault.OrderNotFound},
		"other customer":     {provision.OrderRef{Domain: "d.example", CustomerID: "c-2"}, 0, fault.OrderNotFound},
		"unknown, then none": {provision.OrderRef{ID: 999, ServiceID: live}, 0, fault.OrderNotFound},
		"nul":                {provision.OrderRef{Domain: "d\x00", CustomerID: "c-1"}, 0, fault.OrderNotFound},
	} {
		d, err := w.s.FetchOrder(w.ctx, w.a, c.ref)
		if c.code != "" {
			if !fault.Is(err, c.code) {
				t.Errorf("%s: %v", name, err)
			}
		} else if err != nil || d.Order.ID != c.want {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
}

func TestListAndAvailability(t *testing.T) {
	w := newWorld(t)
	var ids []int64
	for _, d := range []string{"a.example", "b.example", "c.example"} {
		ids = append(ids, w.order(w.a, proOrder(d, "c-1")))
	}
	w.account(w.a, ids[2], "x@c.example")
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, provision.DeleteMailOrder{Order: provision.OrderRef{ID: ids[0]}}); err != nil {
		t.Fatal(err)
	}
	list, err := w.s.ListMailOrders(w.ctx, w.a, provision.ListMailOrders{CustomerID: " c-1 "})
	if err != nil || len(list) != 3 || list[0].Order.ID != ids[1] || list[1].Order.ID != ids[2] || list[2].Order.ID != ids[0] {
		t.Fatalf("%+v, %v", list, err)
	}
	if list[1].Counters != (order.Counters{Active: 1, Provisioned: 1}) {
		t.Errorf("%+v", list[1].Counters)
	}
	number := list[0].Customer.ID
	if byNumber, err := w.s.ListMailOrders(w.ctx, w.a, provision.ListMailOrders{CustomerID: "unknown", CustomerNumber: number}); err != nil || len(byNumber) != 3 {
		t.Errorf("%v, %v", byNumber, err)
	}
	for _, q := range []provision.ListMailOrders{{CustomerID: "c-2"}, {CustomerNumber: 999}, {CustomerNumber: -1}} {
		if _, err := w.s.ListMailOrders(w.ctx, w.a, q); !fault.Is(err, fault.CustomerNotFound) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if _, err := w.s.ListMailOrders(w.ctx, w.a, provision.ListMailOrders{}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	for domain, free := range map[string]bool{"a.example": true, "B.example": false, "new.example": true} {
		got, err := w.s.CheckMailOrderAvailability(w.ctx, w.a, domain)
		if err != nil || got.Available != free || (got.Existing == nil) != free {
			t.Errorf("%s: %+v, %v", domain, got, err)
		}
		if other, err := w.s.CheckMailOrderAvailability(w.ctx, w.b, domain); err != nil || !other.Available {
			t.Errorf("%s for the other partner: %+v, %v", domain, other, err)
		}
	}
	if _, err := w.s.CheckMailOrderAvailability(w.ctx, w.a, "a..b"); !fault.Is(err, fault.InvalidDomain) {
		t.Error(err)
	}
}

func TestExpireMailOrder(t *testing.T) {
	w := newWorld(t)
	platform := w.partner(partner.Settings{BillingOwner: partner.BilledByPlatform})
	cmd := proOrder("d.example", "c-1")
	cmd.Expiry = date("2026-11-25")
	id, own := w.order(platform, cmd), w.order(w.a, cmd)
	expire := func(id *int64) func() error {
		return func() error { _, err := w.s.ExpireMailOrder(w.ctx, w.job, *id); return err }
	}
	w.play(
		step{do: "before the date", after: 2*day + 18*time.Hour - time.Microsecond, call: expire(&id)},
		step{do: "on the date", after: time.Microsecond, call: expire(&id), events: statusUpdated, then: func() { w.status(id, order.Suspended) }},
		step{do: "again", call: expire(&id)},
		step{do: "not the partner's to lift", call: func() error {
			_, err := w.s.UnsuspendMailOrder(w.ctx, platform, provision.UnsuspendMailOrder{Order: provision.OrderRef{ID: id}, Type: "expiry"})
			return err
		}, fault: fault.Forbidden, reason: "HIGHER_ROLE"},
		step{do: "just before a week is over", after: 7*day - time.Microsecond, call: expire(&id)},
		step{do: "after a week", after: time.Microsecond, call: expire(&id), events: statusUpdated, then: func() {
			if o := w.details(id).Order; !o.PurgeAt.Equal(w.clock.Now().Add(30*day)) || o.DeletionReason != "expired" {
				t.Errorf("%+v", o)
			}
		}},
		step{do: "deleted", call: expire(&id)},
		step{do: "a partner's own", call: expire(&own), then: func() { w.status(own, order.Active) }},
		step{do: "by a partner", call: func() error { _, err := w.s.ExpireMailOrder(w.ctx, platform, id); return err }, fault: fault.Forbidden},
		step{do: "purged", after: 30 * day, call: expire(&id), fault: fault.OrderNotFound},
	)
	late := w.order(platform, cmd) // long over: both at once
	w.play(step{do: "both", call: expire(&late), events: []event.Type{event.MailOrderStatusUpdated, event.MailOrderStatusUpdated}, then: func() { w.status(late, order.Deleted) }})
}
