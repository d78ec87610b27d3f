package provision_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/billing"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

var (
	created       = []event.Type{event.MailOrderCreated}
	createdBoth   = []event.Type{event.MailOrderCreated, event.EmailAccountCreated}
	statusUpdated = []event.Type{event.MailOrderStatusUpdated}
)

func TestCreateMailOrder(t *testing.T) {
	w := newWorld(t)
	var out *ordering.CreatedOrder
	create := func(change func(*ordering.CreateMailOrder)) func() error {
		return func() (err error) {
			cmd := proOrder(" D.Example. ", "c-1")
			if change != nil {
				change(&cmd)
			}
			out, err = w.s.CreateMailOrder(w.ctx, w.a, cmd)
			return err
		}
	}
	first := func(c *ordering.CreateMailOrder) {
		c.Domain, c.Customer.CustomerID, c.CustomerPassword = "f.example", "c-2", "pw-panel"
		c.FirstAccount = &ordering.FirstAccount{Email: "Jane@F.example", Password: "pw-jane", FirstName: "Jane", LastName: "Doe", WantLoginToken: true}
	}
	var orderID, accountID int64
	w.play(
		step{do: "create", call: create(func(c *ordering.CreateMailOrder) {
			c.Customer.Name, c.Customer.Email, c.Customer.Country = "Jane", "Jane@X.Example", "de"
			c.Metadata, c.BillingCycle = json.RawMessage(`{"cpanelUserName":"u","n":null}`), order.Yearly
		}), events: created, then: func() {
			orderID = out.OrderID
			if out.Status != order.Active || out.Existing || out.Account != nil {
				t.Errorf("%+v", out)
			}
			want := `{"titanOrderId":70000000,"domainName":"d.example","customerId":"c-1","customerName":"Jane","customerEmailAddress":"Jane@x.example","customerCountry":"DE","planType":"pro","expiryDate":"2027-11-22","storageLimit":5120,"noOfAccounts":5,"billingCycle":"yearly","status":"active","metadata":{"cpanelUserName":"u"}}`
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
		step{do: "other customer", call: create(func(c *ordering.CreateMailOrder) { c.Customer.CustomerID = "c-9" }), fault: fault.Conflict, reason: "ORDER_ALREADY_EXISTS"},
		step{do: "with first account", call: create(first), events: createdBoth, then: func() {
			accountID = out.Account.AccountID
			if out.Account.Email != "jane@f.example" || !strings.HasPrefix(out.Account.LoginToken, "1:") || len(out.Account.LoginToken) != 34 {
				t.Errorf("%+v", out.Account)
			}
			a := w.accountDetails(accountID)
			if !a.Account.IsAdmin || a.Account.Name != "Jane Doe" || a.Account.PasswordHash != "hash of pw-jane" {
				t.Errorf("%+v", a.Account)
			}
			if q, ok := w.store.Quota(accountID); !ok || q != 5<<30 {
				t.Errorf("quota %d, %v", q, ok)
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
		step{do: "admin false", call: create(func(c *ordering.CreateMailOrder) {
			first(c)
			c.Domain, c.FirstAccount.Email, c.FirstAccount.IsAdmin = "g.example", "x@g.example", ptr(false)
		}), events: createdBoth, then: func() {
			if w.accountDetails(out.Account.AccountID).Account.IsAdmin {
				t.Error("is admin")
			}
		}},
		step{do: "free plan has its own seats and needs no money", call: create(func(c *ordering.CreateMailOrder) {
			c.Domain, c.Plan, c.Seats, c.Expiry, c.Payment = "free.example", plan.Free, nil, nil, billing.PaymentDetails{}
		}), events: created, then: func() {
			if d := w.details(out.OrderID); d.Order.Seats != 1 || d.Billable != 0 || d.StorageLimitMB != 1024 {
				t.Errorf("%+v", d)
			}
		}},
		step{do: "trial has two seats", call: create(func(c *ordering.CreateMailOrder) {
			c.Domain, c.Plan, c.Seats, c.Payment = "trial.example", plan.UltraTrial, nil, billing.PaymentDetails{Charged: amount("0")}
		}), events: created, then: func() {
			if d := w.details(out.OrderID); d.Order.Seats != 2 || d.StorageLimitMB != 51200 {
				t.Errorf("%+v", d)
			}
		}},
		step{do: "pending", call: create(func(c *ordering.CreateMailOrder) {
			c.Domain, c.AwaitingPayment, c.Payment = "pending.example", true, billing.PaymentDetails{}
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

func (w *world) payments(orderID int64) (out []*work.Payment) {
	w.t.Helper()
	if err := w.store.Read(w.ctx, func(tx work.Tx) (err error) {
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
		change func(*ordering.CreateMailOrder)
		code   fault.Code
		reason string
	}{
		"no domain":             {func(c *ordering.CreateMailOrder) { c.Domain = "" }, fault.InvalidDomain, ""},
		"path":                  {func(c *ordering.CreateMailOrder) { c.Domain = "../../etc" }, fault.InvalidDomain, ""},
		"idn":                   {func(c *ordering.CreateMailOrder) { c.Domain = "münchen.de" }, fault.InvalidDomain, "IDN"},
		"a-label":               {func(c *ordering.CreateMailOrder) { c.Domain = "xn--mnchen-3ya.de" }, fault.InvalidDomain, "IDN"},
		"address":               {func(c *ordering.CreateMailOrder) { c.Domain = "192.0.2.1" }, fault.InvalidDomain, ""},
		"no customer":           {func(c *ordering.CreateMailOrder) { c.Customer.CustomerID = " " }, fault.Invalid, ""},
		"long customer":         {func(c *ordering.CreateMailOrder) { c.Customer.CustomerID = long }, fault.Invalid, ""},
		"nul":                   {func(c *ordering.CreateMailOrder) { c.Customer.Name = "a\x00b" }, fault.Invalid, ""},
		"not utf-8":             {func(c *ordering.CreateMailOrder) { c.PartnerOrderID = "\xff" }, fault.Invalid, ""},
		"customer email":        {func(c *ordering.CreateMailOrder) { c.Customer.Email = "nobody" }, fault.Invalid, ""},
		"country":               {func(c *ordering.CreateMailOrder) { c.Customer.Country = "Germany" }, fault.Invalid, ""},
		"plan":                  {func(c *ordering.CreateMailOrder) { c.Plan = "gold" }, fault.Invalid, ""},
		"no seats":              {func(c *ordering.CreateMailOrder) { c.Seats = nil }, fault.Invalid, ""},
		"zero seats":            {func(c *ordering.CreateMailOrder) { c.Seats = ptr(0) }, fault.Invalid, order.ReasonNoAccounts},
		"negative seats":        {func(c *ordering.CreateMailOrder) { c.Seats = ptr(-3) }, fault.Invalid, order.ReasonNoAccounts},
		"no expiry":             {func(c *ordering.CreateMailOrder) { c.Expiry = nil }, fault.Invalid, ""},
		"no expiry on trial":    {func(c *ordering.CreateMailOrder) { c.Plan, c.Expiry = plan.ProTrial, nil }, fault.Invalid, ""},
		"expiry in year 1":      {func(c *ordering.CreateMailOrder) { c.Expiry = &time.Time{} }, fault.Invalid, ""},
		"no amount":             {func(c *ordering.CreateMailOrder) { c.Payment.Charged = nil }, fault.Invalid, ""},
		"currency":              {func(c *ordering.CreateMailOrder) { c.Payment.Currency = "XQZ" }, fault.Invalid, ""},
		"cycle":                 {func(c *ordering.CreateMailOrder) { c.BillingCycle = "biennial" }, fault.Invalid, ""},
		"source":                {func(c *ordering.CreateMailOrder) { c.Source = "shop" }, fault.Invalid, ""},
		"mail service":          {func(c *ordering.CreateMailOrder) { c.MailService = "other" }, fault.Invalid, ""},
		"billing owner":         {func(c *ordering.CreateMailOrder) { c.BillingOwner = ptr(partner.BillingOwner("me")) }, fault.Invalid, ""},
		"metadata":              {func(c *ordering.CreateMailOrder) { c.Metadata = json.RawMessage(`[]`) }, fault.Invalid, ""},
		"first without address": {func(c *ordering.CreateMailOrder) { c.FirstAccount.Email = "" }, fault.Invalid, "INVALID_EMAIL"},
		"first elsewhere":       {func(c *ordering.CreateMailOrder) { c.FirstAccount.Email = "x@other.example" }, fault.Invalid, "DOMAIN_MISMATCH"},
		"first without pw":      {func(c *ordering.CreateMailOrder) { c.FirstAccount.Password = "" }, fault.Invalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			cmd := proOrder("d.example", "c-1")
			cmd.FirstAccount = &ordering.FirstAccount{Email: "x@d.example", Password: "pw-1"}
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
			_, err = w.s.ListMailOrders(w.ctx, w.a, ordering.ListMailOrders{CustomerID: "c-1"})
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
	cmd.Payment = billing.PaymentDetails{}
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
		list, err := w.s.ListMailOrders(w.ctx, cp, ordering.ListMailOrders{CustomerID: "root"})
		if collate && (err != nil || len(list) != 2 || list[0].Customer.ServerHost != "h1" || list[1].Customer.ServerHost != "h2") {
			t.Errorf("%v, %v", list, err)
		}
		if !collate && fault.Of(err).Reason != "SEVERAL_SERVER_HOSTS" {
			t.Errorf("%v, %v", list, err)
		}
	}
}
