// Package storetest is the conformance suite of work.Store: every engine
// must pass it.
package storetest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// Open makes an empty store that ends with the test.
type Open func(t *testing.T) work.Store

// Run runs the suite; every test gets a store of its own.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, *bench)
	}{
		{"Partner", testPartner},
		{"Key", testKey},
		{"Customer", testCustomer},
		{"ResellerCustomer", testResellerCustomer},
		{"FindCustomers", testFindCustomers},
		{"Holder", testHolder},
		{"FindHolders", testFindHolders},
		{"SearchHolders", testSearchHolders},
		{"HolderFigures", testHolderFigures},
		{"FirstOrdersOf", testFirstOrdersOf},
		{"LoginTicket", testLoginTicket},
		{"LoginAttempt", testLoginAttempt},
		{"Order", testOrder},
		{"OrderLookups", testOrderLookups},
		{"OrderSuspensions", testOrderSuspensions},
		{"ServiceableOrder", testServiceableOrder},
		{"FindOrders", testFindOrders},
		{"Account", testAccount},
		{"AccountLookups", testAccountLookups},
		{"Counters", testCounters},
		{"Address", testAddress},
		{"Forwarder", testForwarder},
		{"CatchAll", testCatchAll},
		{"MailboxForward", testMailboxForward},
		{"Autoresponder", testAutoresponder},
		{"DomainAlias", testDomainAlias},
		{"MailUser", testMailUser},
		{"APIUser", testAPIUser},
		{"OAuthCredentials", testOAuthCredentials},
		{"OAuthNonce", testOAuthNonce},
		{"ShopSettings", testShopSettings},
		{"MailService", testMailService},
		{"MailboxesOf", testMailboxesOf},
		{"AccountsByID", testAccountsByID},
		{"Mailbox", testMailbox},
		{"Payment", testPayment},
		{"Hosting", testHosting},
		{"ServerSync", testServerSync},
		{"Notification", testNotification},
		{"OrderSetup", testOrderSetup},
		{"Event", testEvent},
		{"Webhook", testWebhook},
		{"WebhookDelivery", testWebhookDelivery},
		{"WebhookReplay", testWebhookReplay},
		{"Audit", testAudit},
		{"EventSelection", testEventSelection},
		{"AuditSelection", testAuditSelection},
		{"IdempotentRequest", testIdempotentRequest},
		{"AccessChange", testAccessChange},
		{"LoginToken", testLoginToken},
		{"WebSession", testWebSession},
		{"PartnerToken", testPartnerToken},
		{"Cart", testCart},
		{"Addons", testAddons},
		{"DKIMKey", testDKIMKey},
		{"DNSCheck", testDNSCheck},
		{"SandboxDNS", testSandboxDNS},
		{"LegalExport", testLegalExport},
		{"Notice", testNotice},
		{"HolderRequest", testHolderRequest},
		{"HolderToken", testHolderToken},
		{"HolderProfile", testHolderProfile},
		{"HolderEvent", testHolderEvent},
		{"PasswordToken", testPasswordToken},
		{"CustomersByEmail", testCustomersByEmail},
		{"QuotaNotice", testQuotaNotice},
		{"Price", testPrice},
		{"Package", testPackage},
		{"Subscription", testSubscription},
		{"Reseller", testReseller},
		{"ResellerTree", testResellerTree},
		{"Due", testDue},
		{"PartnerClock", testPartnerClock},
		{"Sweep", testSweep},
		{"Ledger", testLedger},
		{"Action", testAction},
		{"PurgeRows", testPurgeRows},
		{"TransactionSearch", testTransactionSearch},
		{"OrderSearch", testOrderSearch},
		{"ShopOrder", testShopOrder},
		{"HolderInvoices", testHolderInvoices},
		{"RollbackOnError", testRollback},
		{"PanicIsContained", testPanic},
		{"CancelledIsNotRun", testCancelled},
		{"NeighbourFailure", testNeighbours},
		{"RaceForOneKey", testRace},
		{"Serialisable", testSerialisable},
		{"Snapshot", testSnapshot},
		{"ReadsOwnWrites", testOwnWrites},
		{"EventsInCommitOrder", testEventOrder},
		{"AccessChangesInCommitOrder", testAccessOrder},
		{"Unicode", testUnicode},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, &bench{t, open(t)})
		})
	}
}

// bench is a store under test.
type bench struct {
	t *testing.T
	s work.Store
}

func (b *bench) ctx() context.Context { return b.t.Context() }

func (b *bench) write(fn func(work.Tx) error) {
	b.t.Helper()
	if err := b.s.Write(b.ctx(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) read(fn func(work.Tx) error) {
	b.t.Helper()
	if err := b.s.Read(b.ctx(), fn); err != nil {
		b.t.Fatal(err)
	}
}

// refused expects that fn's write fails with code.
func (b *bench) refused(code fault.Code, fn func(work.Tx) error) {
	b.t.Helper()
	if err := b.s.Write(b.ctx(), fn); !fault.Is(err, code) {
		b.t.Errorf("got %v, want a fault %q", err, code)
	}
}

// get reads one value.
func get[T any](b *bench, fn func(work.Tx) (T, error)) (v T) {
	b.t.Helper()
	b.read(func(tx work.Tx) (err error) {
		v, err = fn(tx)
		return err
	})
	return v
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\ngot  %s\nwant %s", show(got), show(want))
	}
}

// absent expects that fn finds nothing: (nil, nil).
func absent[T any](b *bench, what string, fn func(work.Tx) (*T, error)) {
	b.t.Helper()
	if v := get(b, fn); v != nil {
		b.t.Errorf("%s: got %s, want nothing", what, show(v))
	}
}

// epoch is a time with microseconds, which is what a store keeps.
var epoch = time.Date(2026, 11, 22, 6, 7, 8, 123456000, time.UTC)

func when(n int) time.Time   { return epoch.Add(time.Duration(n) * 1234567 * time.Microsecond) }
func maybe(n int) *time.Time { t := when(n); return &t }

func (b *bench) partner() *partner.Partner {
	b.t.Helper()
	p := &partner.Partner{Name: "A partner", Status: partner.Active, CreatedAt: when(1), UpdatedAt: when(2)}
	b.write(func(tx work.Tx) error { return tx.InsertPartner(b.ctx(), p) })
	return p
}

func (b *bench) customer(p *partner.Partner, id string) *customer.Customer {
	b.t.Helper()
	c := &customer.Customer{PartnerID: p.ID, CustomerID: id, Status: customer.Active, CreatedAt: when(1), UpdatedAt: when(2)}
	b.write(func(tx work.Tx) error { return tx.InsertCustomer(b.ctx(), c) })
	return c
}

func newOrder(c *customer.Customer, domain string) *order.Order {
	return &order.Order{PartnerID: c.PartnerID, CustomerID: c.ID, Domain: domain, Plan: plan.Pro, Seats: 5,
		BillingOwner: partner.BilledByPartner, MailService: order.ServiceTitan, CreatedAt: when(1), UpdatedAt: when(2)}
}

func (b *bench) order(c *customer.Customer, domain string) *order.Order {
	b.t.Helper()
	o := newOrder(c, domain)
	b.write(func(tx work.Tx) error { return tx.InsertOrder(b.ctx(), o) })
	return o
}

// aOrder is an order with all that it needs.
func (b *bench) anOrder(domain string) *order.Order {
	b.t.Helper()
	return b.order(b.customer(b.partner(), "c-"+domain), domain)
}

func ids[T any](list []*T, id func(*T) int64) []int64 {
	out := make([]int64, len(list))
	for i, v := range list {
		out[i] = id(v)
	}
	return out
}

func orderIDs(list []*order.Order) []int64 {
	return ids(list, func(o *order.Order) int64 { return o.ID })
}
