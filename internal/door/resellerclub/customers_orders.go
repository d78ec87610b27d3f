package resellerclub

import (
	"context"

	"posthouse/internal/core/selling"
)

var customerOrdersParams = []param{
	customerID1, {"status", "Array of Strings", false}, {"no-of-records", "Integer", false}, {"page-no", "Integer", false},
}

// customerOrders is section 10 row 15: the orders of one customer as 7.8 shows
// them, all of one page unless it is asked otherwise.
func customerOrders(ctx context.Context, c *call, p *params) (any, error) {
	id := p.customerID()
	q := selling.SearchOrders{CustomerIDs: []int64{id}, States: p.states("status"), Page: 1, PerPage: 500}
	if p.optText("page-no") != "" {
		q.Page = int(p.integer("page-no", 1, maxCustomerPage))
	}
	if p.optText("no-of-records") != "" {
		q.PerPage = int(p.integer("no-of-records", 1, maxCustomerRows))
	}
	if err := p.fault(); err != nil {
		return nil, err
	}
	d, err := c.door.core.CustomerByID(ctx, c.actor, id)
	if err != nil {
		return nil, err
	}
	q.ResellerIDs = []int64{d.Seller.ID}
	found, err := c.door.core.SearchOrders(ctx, c.actor, q)
	if err != nil {
		return nil, err
	}
	return orderRows(found), nil
}
