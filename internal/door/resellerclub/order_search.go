package resellerclub

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/order"
	"posthouse/internal/core/product"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/work"
)

var orderSearchParams = []param{
	paramRecords, paramPage,
	{"order-id", "Array of Integers", false},
	{"reseller-id", "Array of Integers", false},
	{"customer-id", "Array of Integers", false},
	{"show-child-orders", "Boolean", false},
	{"status", "Array of Strings", false},
	{"domain-name", "String", false},
	{"creation-date-start", "String", false},
	{"creation-date-end", "String", false},
	{"expiry-date-start", "String", false},
	{"expiry-date-end", "String", false},
	{"order-by", "Array of Strings", false},
}

// orderColumns are the columns of order-by; a table's name may stand before them.
var orderColumns = map[string]work.OrderColumn{
	"orderid": work.ByOrderID, "entityid": work.ByOrderID, "customerid": work.ByCustomerID,
	"description": work.ByDomain, "domainname": work.ByDomain,
	"creationdt": work.ByCreation, "creationtime": work.ByCreation, "endtime": work.ByExpiry,
}

// pages reads where a search is to begin and how much it gives.
func (p *params) pages() (page, perPage int) {
	return int(p.integer("page-no", 1, 1_000_000_000)), int(p.integer("no-of-records", 1, 500))
}

// few is ids for a filter, which has a bound.
func (p *params) few(name string) []int64 {
	ids := p.ids(name)
	if len(ids) > 500 {
		p.refuse(name, name+" is invalid")
		return nil
	}
	return ids
}

// orderBy reads columns with an optional direction.
func (p *params) orderBy() []work.OrderBy {
	var out []work.OrderBy
	for _, v := range p.texts("order-by") {
		column, direction, _ := strings.Cut(strings.TrimSpace(v), " ")
		if _, bare, ok := strings.Cut(column, "."); ok {
			column = bare
		}
		by, known := orderColumns[column]
		direction = strings.ToLower(strings.TrimSpace(direction))
		if !known || direction != "" && direction != "asc" && direction != "desc" || len(out) == len(orderColumns) {
			p.refuse("order-by", "order-by is invalid")
			return nil
		}
		out = append(out, work.OrderBy{Column: by, Desc: direction == "desc"})
	}
	return out
}

// states reads statuses as they are shown.
func (p *params) states(name string) []order.Shown {
	var out []order.Shown
	for _, v := range p.texts(name) {
		s := order.Shown(v)
		if !slices.Contains(order.AllShown, s) {
			p.refuse(name, name+" is invalid")
			return nil
		}
		out = append(out, s)
	}
	return out
}

func (s productCalls) search(ctx context.Context, c *call, p *params) (any, error) {
	children := p.flag("show-child-orders")
	q := selling.SearchOrders{
		Product: s.product, OrderIDs: p.few("order-id"), ResellerIDs: p.few("reseller-id"), CustomerIDs: p.few("customer-id"),
		Children: children != nil && *children, States: p.states("status"), Domain: p.optText("domain-name"),
		CreatedAfter: p.seconds("creation-date-start"), CreatedBefore: p.seconds("creation-date-end"),
		ExpiresAfter: p.seconds("expiry-date-start"), ExpiresBefore: p.seconds("expiry-date-end"), OrderBy: p.orderBy(),
	}
	q.Page, q.PerPage = p.pages()
	if err := p.fault(); err != nil {
		return nil, err
	}
	found, err := c.door.core.SearchOrders(ctx, c.actor, q)
	if err != nil {
		return nil, err
	}
	return orderRows(found), nil
}

// orderRows is the paged map of 7.8.
func orderRows(found *selling.FoundOrders) object {
	rows := make([]object, 0, len(found.Orders))
	for _, o := range found.Orders {
		sold, _ := product.Find(product.OrDefault(o.ProductKey))
		var r object
		r.set("entity.description", o.Domain)
		r.id("orders.orderid", o.ID)
		r.id("entity.customerid", o.CustomerID)
		r.time("orders.creationdt", o.CreatedAt)
		r.time("orders.creationtime", o.CreatedAt)
		r.set("orders.endtime", unixText(o.ExpiresAt))
		r.set("entity.currentstatus", string(o.Shown(found.At)))
		r.set("entitytype.entitytypename", sold.Name)
		r.set("entitytype.entitytypekey", string(sold.Key))
		r.set("hosting_group_info.location", sold.Location)
		r.id("entity.entityid", o.ID)
		r.set("entity.entitytypeid", strconv.Itoa(sold.EntityTypeID))
		r.set("orders.timestamp", o.UpdatedAt.UTC().Format("2006-01-02 15:04:05.999999-07"))
		r.flag("orders.autorenew", o.AutoRenew)
		rows = append(rows, r)
	}
	return paged(found.Total, rows)
}

// unixText is a time in UNIX seconds, "0" for none.
func unixText(t *time.Time) string {
	if t == nil {
		return "0"
	}
	return strconv.FormatInt(t.Unix(), 10)
}
