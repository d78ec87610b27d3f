package resellerclub

import (
	"context"
	"slices"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/product"
	"posthouse/internal/core/selling"
)

// ordersCore is what orders ask of the core.
type ordersCore interface {
	AddOrder(ctx context.Context, actor audit.Actor, cmd selling.AddOrder) (*selling.Purchased, error)
	RenewOrder(ctx context.Context, actor audit.Actor, cmd selling.RenewOrder) (*selling.Purchased, error)
	AddSeats(ctx context.Context, actor audit.Actor, cmd selling.AddSeats) (*selling.Purchased, error)
	RemoveSeats(ctx context.Context, actor audit.Actor, cmd selling.RemoveSeats) (*selling.Purchased, error)
	ChangeOrderPlan(ctx context.Context, actor audit.Actor, cmd selling.ChangeOrderPlan) (*selling.Purchased, error)
	DeleteOrder(ctx context.Context, actor audit.Actor, ref selling.SoldOrderRef) (*selling.Purchased, error)
	SuspendOrder(ctx context.Context, actor audit.Actor, ref selling.SoldOrderRef, reason string) (*selling.Purchased, error)
	UnsuspendOrder(ctx context.Context, actor audit.Actor, ref selling.SoldOrderRef) (*selling.Purchased, error)
	MoveOrder(ctx context.Context, actor audit.Actor, cmd selling.MoveOrder) error
	FetchSoldOrder(ctx context.Context, actor audit.Actor, ref selling.SoldOrderRef) (*selling.SoldOrder, error)
	SoldOrderID(ctx context.Context, actor audit.Actor, k product.Key, domain string) (int64, error)
	SearchOrders(ctx context.Context, actor audit.Actor, q selling.SearchOrders) (*selling.FoundOrders, error)
	SearchActions(ctx context.Context, actor audit.Actor, q selling.SearchActions) (*selling.FoundActions, error)
	PanelLinks(ctx context.Context, actor audit.Actor, ref selling.SoldOrderRef) (*selling.PanelLinks, error)
}

// productPaths are the products that have methods of their own below /api/
// (section 6). Other regions are no paths.
var productPaths = []struct {
	path    string
	product product.Key
}{
	{"eelite/us", product.BusinessEmail},
	{"enterpriseemail/us", product.EnterpriseUS},
	{"enterpriseemail/in", product.EnterpriseIndia},
}

var (
	paramOrderID   = param{"order-id", "Integer", true}
	paramDomain    = param{"domain-name", "String", true}
	paramCustomer  = param{"customer-id", "Integer", true}
	paramMonths    = param{"months", "Integer", true}
	paramAccounts  = param{"no-of-accounts", "Integer", true}
	paramAutoRenew = param{"auto-renew", "Boolean", false} // required in the document, but its own samples leave it out
	paramInvoice   = param{"invoice-option", "String", true}
	paramDiscount  = param{"discount-amount", "Float", false}
	paramRecords   = param{"no-of-records", "Integer", true}
	paramPage      = param{"page-no", "Integer", true}
)

// emailOrderOperations are section 7, once for each product.
func emailOrderOperations() []*operation {
	var out []*operation
	for _, p := range productPaths {
		sold := productCalls{p.product}
		out = append(out,
			&operation{path: p.path + "/add", methods: post, tier: "A", section: "7.1", serve: sold.add,
				params: []param{paramDomain, paramCustomer, paramMonths, paramAccounts, paramAutoRenew, paramInvoice, paramDiscount}},
			&operation{path: p.path + "/renew", methods: post, tier: "A", section: "7.2", serve: sold.renew,
				params: []param{paramOrderID, paramMonths, {"no-of-accounts", "Integer", false}, paramAutoRenew, paramInvoice, paramDiscount}},
			&operation{path: p.path + "/add-email-account", methods: post, tier: "A", section: "7.3", serve: sold.addEmailAccount,
				params: []param{paramOrderID, paramAccounts, paramInvoice, paramDiscount}},
			&operation{path: p.path + "/delete-email-account", methods: post, tier: "A", section: "7.4", serve: sold.deleteEmailAccount,
				params: []param{paramOrderID, paramAccounts}},
			&operation{path: p.path + "/delete", methods: post, tier: "A", section: "7.5", serve: sold.delete, params: []param{paramOrderID}},
			&operation{path: p.path + "/orderid", methods: get, tier: "A", section: "7.6", serve: sold.orderID, params: []param{paramDomain}},
			&operation{path: p.path + "/details", methods: get, tier: "A", section: "7.7", serve: sold.details, params: []param{paramOrderID}},
			&operation{path: p.path + "/search", methods: get, tier: "A", section: "7.8", serve: sold.search, params: orderSearchParams},
			&operation{path: p.path + "/dns-record", methods: get, tier: "A", section: "7.9", serve: sold.dnsRecord, params: []param{paramOrderID}},
		)
	}
	return out
}

// productCalls are the methods of one product.
type productCalls struct{ product product.Key }

// ref reads the order that a call is about.
func (s productCalls) ref(p *params) selling.SoldOrderRef {
	return selling.SoldOrderRef{ID: p.orderID(), Product: s.product}
}

// invoiceOption reads one of the four.
func (p *params) invoiceOption() action.InvoiceOption {
	o := action.InvoiceOption(p.text("invoice-option"))
	if o != "" && !o.Valid() {
		p.refuse("invoice-option", "invoice-option is invalid")
	}
	return o
}

// tenure reads a number of months that a product may be sold for.
func (p *params) tenure(name string) int {
	n := p.id(name)
	if p.optText(name) != "" && !slices.Contains(product.Tenures, int(n)) {
		p.refuse(name, name+" is invalid")
	}
	return int(n)
}

// maxCount bounds a number of accounts before it is looked at: it fits any int.
const maxCount = 1_000_000_000

func (s productCalls) add(ctx context.Context, c *call, p *params) (any, error) {
	auto := p.flag("auto-renew")
	cmd := selling.AddOrder{
		Domain: p.text("domain-name"), CustomerID: p.customerID(), Product: s.product, Months: p.tenure("months"),
		Seats: int(p.integer("no-of-accounts", -maxCount, maxCount)), AutoRenew: auto != nil && *auto, Option: p.invoiceOption(), Discount: p.amount("discount-amount"),
	}
	return carryOut(ctx, c, p, cmd, c.door.core.AddOrder)
}

func (s productCalls) renew(ctx context.Context, c *call, p *params) (any, error) {
	cmd := selling.RenewOrder{
		Order: s.ref(p), Months: p.tenure("months"), ExtraSeats: int(p.optInteger("no-of-accounts", 0, maxCount)),
		AutoRenew: p.flag("auto-renew"), Option: p.invoiceOption(), Discount: p.amount("discount-amount"),
	}
	return carryOut(ctx, c, p, cmd, c.door.core.RenewOrder)
}

func (s productCalls) addEmailAccount(ctx context.Context, c *call, p *params) (any, error) {
	cmd := selling.AddSeats{Order: s.ref(p), Seats: int(p.integer("no-of-accounts", 1, maxCount)), Option: p.invoiceOption(), Discount: p.amount("discount-amount")}
	if err := p.fault(); err != nil {
		return nil, err
	}
	done, err := c.door.core.AddSeats(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	return seatsReply(done), nil
}

func (s productCalls) deleteEmailAccount(ctx context.Context, c *call, p *params) (any, error) {
	cmd := selling.RemoveSeats{Order: s.ref(p), Seats: int(p.integer("no-of-accounts", 1, maxCount))}
	return carryOut(ctx, c, p, cmd, c.door.core.RemoveSeats)
}

func (s productCalls) delete(ctx context.Context, c *call, p *params) (any, error) {
	return carryOut(ctx, c, p, s.ref(p), c.door.core.DeleteOrder)
}

func (s productCalls) orderID(ctx context.Context, c *call, p *params) (any, error) {
	domain := p.text("domain-name")
	c.named.domain = domain
	if err := p.fault(); err != nil {
		return nil, err
	}
	id, err := c.door.core.SoldOrderID(ctx, c.actor, s.product, domain)
	if err != nil {
		return nil, err
	}
	return whole(id), nil
}

// optInteger is integer for a count that may be left out.
func (p *params) optInteger(name string, low, high int64) int64 {
	if p.optText(name) == "" {
		return 0
	}
	return p.integer(name, low, high)
}
