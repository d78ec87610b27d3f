package basekit

import (
	"context"
	"net/http"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/shop"
	"posthouse/internal/money"
)

// billingCore is what an account holder has paid and pays for (section 6).
type billingCore interface {
	HolderInvoices(ctx context.Context, actor audit.Actor, q retail.HolderInvoices) ([]*ledger.Transaction, error)
	HolderInvoice(ctx context.Context, actor audit.Actor, customerID, id int64, open bool) (*ledger.Transaction, error)
	BillingCycle(ctx context.Context, actor audit.Actor, customerID, id int64) (*retail.BillingCycle, error)
}

func billingOperations() []*operation {
	return []*operation{
		{method: http.MethodGet, path: "/users/:ref/invoices", section: "6", serve: listInvoices, params: []param{
			{name: "status", kind: "string"}, {name: "limit", kind: "integer"}, {name: "offset", kind: "integer"},
		}},
		{method: http.MethodGet, path: "/users/:ref/invoices/:invoiceRef", section: "6", serve: getInvoice, params: []param{{name: "status", kind: "string"}}},
		{method: http.MethodGet, path: "/users/:ref/billing-cycles/primary", section: "6", serve: getBillingCycle},
		{method: http.MethodGet, path: "/users/:ref/billing-cycles/:billingCycleRef", section: "6", serve: getBillingCycle},
	}
}

func listInvoices(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	q := retail.HolderInvoices{CustomerID: ref, Open: in.openInvoices()}
	q.Limit, q.Offset = in.page(usualOrders, mostOrders)
	if err := in.fault(); err != nil {
		return nil, err
	}
	all, err := c.door.core.HolderInvoices(ctx, c.actor, q)
	if err != nil {
		return nil, err
	}
	return object{"invoices": invoiceObjects(c, all)}, nil
}

// openInvoices reports whether open ones are asked for: without a word it is the
// paid ones, as the contract has it.
func (in *input) openInvoices() bool {
	switch in.text("status") {
	case "", "paid":
	case "open":
		return true
	default:
		in.fail("status", ruleInvalid, "status is paid or open")
	}
	return false
}

func getInvoice(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	id, err := in.pathRef("invoiceRef")
	if err != nil {
		return nil, err
	}
	open := in.openInvoices()
	if err := in.fault(); err != nil {
		return nil, err
	}
	t, err := c.door.core.HolderInvoice(ctx, c.actor, ref, id, open)
	if err != nil {
		return nil, err
	}
	return object{"invoice": invoiceObject(c, t)}, nil
}

func invoiceObjects(c *call, all []*ledger.Transaction) []object {
	out := make([]object, 0, len(all))
	for _, t := range all {
		out = append(out, invoiceObject(c, t))
	}
	return out
}

// invoiceObject has amounts as texts with two decimals, positive ones.
func invoiceObject(c *call, t *ledger.Transaction) object {
	zone, status := c.zone(), "paid"
	if !t.Balanced() {
		status = "open"
	}
	return object{
		"ref": t.ID, "description": t.Description, "status": status, "date": date(&t.At, zone), "paidDate": date(t.BalancedAt, zone),
		"currencyRef": shop.FindCurrency(t.Currency).Ref, "currencyCode": t.Currency, "netAmount": cents(t.Net), "discountAmount": cents(t.Discount),
		"taxAmount": cents(t.Tax), "totalAmount": cents(-t.Amount), "dueAmount": cents(-t.Unutilised), "accountDomainRef": refOrNull(t.OrderID),
	}
}

// cents writes an amount with two decimals.
func cents(v money.Value) string {
	if r, err := money.RoundCents(v.Decimal()); err == nil {
		v = r
	}
	return v.Cents()
}

func getBillingCycle(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	id := int64(0)
	if _, named := in.path["billingCycleRef"]; named {
		if id, err = in.pathRef("billingCycleRef"); err != nil {
			return nil, err
		}
	}
	a, err := c.door.core.BillingCycle(ctx, c.actor, ref, id)
	if err != nil {
		return nil, err
	}
	s, zone := a.Subscription, c.zone()
	return object{"billingCycle": object{
		"ref": s.ID, "primary": 1, "packageRef": s.PackageID, "billingPeriodMonths": s.Months, "startDateTime": date(&s.StartsAt, zone), "endDateTime": date(a.EndsAt, zone),
		"price": cents(a.Package.PriceOf(s.Months)), "currencyRef": a.Package.Currency.Ref, "currencyCode": a.Package.Currency.Code,
		"amountDue": cents(a.Due), "openInvoices": invoiceObjects(c, a.Open),
	}}, nil
}
