package resellerclub

import (
	"cmp"
	"context"
	"strconv"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

var customerSearchParams = []param{
	{"no-of-records", "Integer", true}, {"page-no", "Integer", true}, {"customer-id", "Array of Integers", false}, {"reseller-id", "Array of Integers", false},
	{"username", "String", false}, {"name", "String", false}, {"company", "String", false}, {"city", "String", false}, {"state", "String", false},
	{"status", "Array of Strings", false}, {"creation-date-start", "String", false}, {"creation-date-end", "String", false},
	{"total-receipt-start", "Float", false}, {"total-receipt-end", "Float", false},
}

// The contract's bounds.
const (
	minCustomerRows = 10
	maxCustomerRows = 500
	maxCustomerPage = 1_000_000_000
)

func customerSearch(ctx context.Context, c *call, p *params) (any, error) {
	q := customers.SearchCustomers{
		Limit: int(p.integer("no-of-records", minCustomerRows, maxCustomerRows)), Page: int(p.integer("page-no", 1, maxCustomerPage)),
		CustomerFilter: work.CustomerFilter{
			IDs: p.ids("customer-id"), Resellers: p.ids("reseller-id"), Username: p.optText("username"), Name: p.optText("name"),
			Company: p.optText("company"), City: p.optText("city"), State: p.optText("state"), CreatedAfter: p.seconds("creation-date-start"),
			CreatedBefore: p.seconds("creation-date-end"), ReceiptsFrom: p.optAmount("total-receipt-start"), ReceiptsTo: p.optAmount("total-receipt-end"),
		},
	}
	for _, s := range p.texts("status") {
		found := false
		for _, status := range []customer.Status{customer.Active, customer.Suspended, customer.Deleted} {
			if s == customerStatus(status) {
				q.Statuses, found = append(q.Statuses, status), true
			}
		}
		if !found {
			p.refuse("status", "status is invalid")
		}
	}
	if err := p.fault(); err != nil {
		return nil, err
	}
	found, err := c.door.core.SearchCustomers(ctx, c.actor, q)
	if err != nil {
		return nil, customerFault(err)
	}
	rows := make([]object, 0, len(found.Page))
	for _, d := range found.Page {
		rows = append(rows, customerRow(d, found.Live[d.ID]))
	}
	return paged(found.Total, rows), nil
}

// optAmount is amount, nil when it is missing.
func (p *params) optAmount(name string) *money.Value {
	if p.optText(name) == "" {
		return nil
	}
	v := p.amount(name)
	return &v
}

// maxWebsites fits 16 bits.
const maxWebsites = 32767

// customerRow is section 10.2.
func customerRow(d *customers.CustomerDetails, live int) object {
	var o object
	o.id("customer.customerid", d.ID)
	o.set("customer.username", d.Login())
	o.set("customer.name", d.Name)
	o.set("customer.company", d.Company)
	o.set("customer.city", d.City)
	o.set("customer.country", cmp.Or(d.Country, "US"))
	o.set("customer.telnocc", d.Contact.PhoneCC)
	o.set("customer.telno", d.Contact.Phone)
	o.id("customer.resellerid", d.Seller.ID)
	o.set("customer.customerstatus", customerStatus(d.Status))
	o.value("customer.totalreceipts", d.TotalReceipts)
	o.set("customer.websitecount", strconv.Itoa(min(live, maxWebsites)))
	return o
}
