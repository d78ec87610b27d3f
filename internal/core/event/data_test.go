package event

import (
	"encoding/json"
	"testing"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/suspension"
	"posthouse/internal/money"
)

// TestData holds the wire form of every event of titan.md section 10.2, full and
// with everything optional left out.
func TestData(t *testing.T) {
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	expiry := time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	o := &order.Order{
		ID: 1001, Domain: "d.example", Plan: plan.Pro, Seats: 5, ExpiresAt: &expiry, BillingCycle: "yearly", MailService: order.ServiceTitan,
		Metadata: json.RawMessage(`{"cpanelHostName":"h","cpanelUserName":"u","autoRenew":true}`),
	}
	bare := &order.Order{ID: 1002, Domain: "b.example", PendingPayment: true}
	c := &customer.Customer{CustomerID: "c-1", Name: "Jane", Email: "jane@x.example", Country: "DE"}
	c2 := &customer.Customer{CustomerID: "c-2"}
	terms := plan.DefaultCatalogue()[plan.Pro]
	set := suspension.Set{{Type: "expiry", Role: suspension.RoleTitan, On: now, Note: "never shown"}}
	a := &account.Account{
		ID: 7, Local: "jane", Domain: "d.example", Name: "Jane Doe", AlternateEmail: "j@x.example", IsAdmin: true, PasswordHash: "never shown",
		Aliases: []account.Alias{{Local: "j", Held: true}, {Local: "gone"}},
	}
	amount, err := money.Parse("12.5")
	if err != nil {
		t.Fatal(err)
	}
	subject, other := SubjectOf(o, c), SubjectOf(bare, c2)
	const s1 = `"titanOrderId":1001,"domainName":"d.example","customerId":"c-1"`
	const s2 = `"titanOrderId":1002,"domainName":"b.example","customerId":"c-2"`
	for name, x := range map[string]struct {
		data any
		want string
	}{
		"MAIL_ORDER_CREATED": {
			NewOrderCreated(o, c, terms, now),
			`{` + s1 + `,"customerName":"Jane","customerEmailAddress":"jane@x.example","customerCountry":"DE","planType":"pro","expiryDate":"2027-01-02","storageLimit":5120,"noOfAccounts":5,"billingCycle":"yearly","status":"active","metadata":{"cpanelHostName":"h","cpanelUserName":"u"}}`,
		},
		"MAIL_ORDER_CREATED bare":   {NewOrderCreated(bare, c2, plan.Terms{}, now), `{` + s2 + `,"status":"pending","metadata":{}}`},
		"MAIL_ORDER_STATUS_UPDATED": {OrderStatusUpdated{subject, order.Active, order.Suspended, Suspensions(set)}, `{` + s1 + `,"oldStatus":"active","newStatus":"suspended","suspensions":[{"type":"expiry","suspenderRole":"titan","suspendedOn":"2026-11-22"}]}`},
		"MAIL_ORDER_STATUS_UPDATED lifted": {
			OrderStatusUpdated{subject, order.Suspended, order.Active, Suspensions(nil)},
			`{` + s1 + `,"oldStatus":"suspended","newStatus":"active","suspensions":[]}`,
		},
		"MAIL_ORDER_PURGED": {OrderPurged{subject}, `{` + s1 + `}`},
		"PLAN_RENEWED": {
			PlanChanged{subject, PlanConfigOf(bare, plan.Terms{}), PlanConfigOf(o, terms), PaymentDetails{amount, "EUR"}},
			`{` + s1 + `,"configBeforeUpdate":{},"configAfterUpdate":{"planType":"pro","expiryDate":"2027-01-02","storageLimitInMB":5120,"noOfAccounts":5,"billingCycle":"yearly"},"paymentDetails":{"amount":12.50,"currency":"EUR"}}`,
		},
		"MAIL_ORDER_TRANSFERRED": {
			OrderTransferred{other, CustomerOf(c), CustomerOf(c2)},
			`{` + s2 + `,"customerBeforeTransfer":{"customerId":"c-1","customerName":"Jane","customerEmailAddress":"jane@x.example","customerCountry":"DE"},"customerAfterTransfer":{"customerId":"c-2"}}`,
		},
		"MAIL_ORDER_SETUP_COMPLETED": {
			NewSetupCompleted(o, c),
			`{` + s1 + `,"customerName":"Jane","customerEmailAddress":"jane@x.example","mailService":"titan","metadata":{"cpanelHostName":"h","cpanelUserName":"u"}}`,
		},
		"MAIL_CUSTOMER_UPDATED": {
			NewCustomerUpdated(c, &customer.Customer{CustomerID: "c-1", Name: "Joan"}),
			`{"customerId":"c-1","customerBeforeUpdate":{"customerName":"Jane","customerEmailAddress":"jane@x.example","customerCountry":"DE"},"customerAfterUpdate":{"customerName":"Joan"}}`,
		},
		"MAIL_CUSTOMER_UPDATED rename": {
			NewCustomerUpdated(&customer.Customer{CustomerID: "c-1"}, &customer.Customer{CustomerID: "c-9"}),
			`{"customerId":"c-9","customerBeforeUpdate":{"customerId":"c-1"},"customerAfterUpdate":{"customerId":"c-9"}}`,
		},
		"EMAIL_ACCOUNT_CREATED": {
			AccountOf(o, c, a),
			`{` + s1 + `,"email":"jane@d.example","name":"Jane Doe","alternateEmailAddress":"j@x.example","isAdmin":true,"aliases":["j@d.example"]}`,
		},
		"EMAIL_ACCOUNT_MODIFIED bare": {AccountOf(bare, c2, &account.Account{Local: "x", Domain: "b.example"}), `{` + s2 + `,"email":"x@b.example","isAdmin":false,"aliases":[]}`},
		"EMAIL_ACCOUNT_STATUS_UPDATED": {
			AccountStatusUpdated{subject, a.Email(), account.Deleted, account.Active, Suspensions(nil)},
			`{` + s1 + `,"email":"jane@d.example","oldStatus":"deleted","newStatus":"active","suspensions":[]}`,
		},
		"EMAIL_ACCOUNT_PURGED": {Address{subject, "x@d.example"}, `{` + s1 + `,"email":"x@d.example"}`},
		"INTERNAL_FORWARDING_ACCOUNT_CREATED": {
			Forwarding{subject, "f@d.example", []string{"jane@d.example"}},
			`{` + s1 + `,"email":"f@d.example","recipients":["jane@d.example"]}`,
		},
		"INTERNAL_FORWARDING_ACCOUNT_DELETED": {Address{other, "f@b.example"}, `{` + s2 + `,"email":"f@b.example"}`},
	} {
		got, err := json.Marshal(x.data)
		if err != nil || string(got) != x.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", name, err, got, x.want)
		}
	}
}
