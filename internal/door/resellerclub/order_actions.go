package resellerclub

import (
	"context"
	"slices"
	"strconv"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/product"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
)

// orderLifeOperations are section 11.
func orderLifeOperations() []*operation {
	searched := []param{
		{"eaq-id", "Array of Integers", false}, {"order-id", "Array of Integers", false}, {"entity-type-id", "Array of Integers", false},
		{"action-status", "Array of Strings", false}, {"action-type", "Array of Strings", false}, paramRecords, paramPage,
	}
	return []*operation{
		{path: "orders/suspend", methods: post, tier: "B", section: "11", serve: suspendOrder, params: []param{paramOrderID, {"reason", "String", false}}},
		{path: "orders/unsuspend", methods: post, tier: "B", section: "11", serve: unsuspendOrder, params: []param{paramOrderID}},
		{path: "actions/search-current", methods: get, tier: "B", section: "11", serve: searchActions(true), params: searched},
		{path: "actions/search-archived", methods: get, tier: "B", section: "11", serve: searchActions(false), params: searched},
		{path: "products/move", methods: post, tier: "B", section: "11", serve: moveOrder, params: []param{
			paramDomain, {"existing-customer-id", "Integer", true}, {"new-customer-id", "Integer", true}, {"default-contact", "String", false}}},
		// A domain's mail is asked for by its domain order, which here is the email order.
		{path: "domains/orderid", methods: get, tier: "B", section: "11", serve: productCalls{}.orderID, params: []param{paramDomain}},
	}
}

// reason is why something is suspended. It may be missing, and one client garbles
// it; only what can't be kept is refused.
func (p *params) reason() string {
	v := p.looseText("reason")
	if len(v) > suspension.MaxNote {
		p.refuse("reason", "reason is invalid")
	}
	return v
}

func suspendOrder(ctx context.Context, c *call, p *params) (any, error) {
	return suspend(ctx, c, p, selling.SoldOrderRef{ID: p.orderID()})
}

// suspend suspends an order for the reason that is sent.
func suspend(ctx context.Context, c *call, p *params, ref selling.SoldOrderRef) (any, error) {
	reason := p.reason()
	return carryOut(ctx, c, p, ref, func(ctx context.Context, by audit.Actor, ref selling.SoldOrderRef) (*selling.Purchased, error) {
		return c.door.core.SuspendOrder(ctx, by, ref, reason)
	})
}

func unsuspendOrder(ctx context.Context, c *call, p *params) (any, error) {
	return carryOut(ctx, c, p, selling.SoldOrderRef{ID: p.orderID()}, c.door.core.UnsuspendOrder)
}

func moveOrder(ctx context.Context, c *call, p *params) (any, error) {
	cmd := selling.MoveOrder{Domain: p.text("domain-name"), From: p.id("existing-customer-id"), To: p.id("new-customer-id")}
	if err := p.fault(); err != nil {
		return nil, err
	}
	c.named.domain, c.named.customer = cmd.Domain, cmd.From
	if err := c.door.core.MoveOrder(ctx, c.actor, cmd); err != nil {
		if fault.Of(err).Reason == selling.ReasonNewCustomer {
			c.named.customer = cmd.To
		}
		return nil, err
	}
	return object{{"status", "Success"}}, nil
}

var (
	actionStatuses = []string{"Success", "InvoicePaid", "PendingExecution", "ExecutionStarted", "AdminApproved", "Failed", "Cancelled"}
	actionTypes    = []string{"Add", "Renew", "AddEmailAccount", "DeleteEmailAccount", "Suspend", "Unsuspend", "Delete", "ChangePlan"}
)

// names reads values that must be among those known.
func (p *params) names(name string, known []string) []string {
	all := p.texts(name)
	if slices.ContainsFunc(all, func(s string) bool { return !slices.Contains(known, s) }) {
		p.refuse(name, name+" is invalid")
	}
	return all
}

func searchActions(pending bool) func(context.Context, *call, *params) (any, error) {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		q := selling.SearchActions{Pending: pending, IDs: p.few("eaq-id"), OrderIDs: p.few("order-id"), EntityTypes: p.few("entity-type-id")}
		for _, s := range p.names("action-status", actionStatuses) {
			q.Statuses = append(q.Statuses, action.Status(s))
		}
		for _, s := range p.names("action-type", actionTypes) {
			q.Types = append(q.Types, action.Type(s))
		}
		q.Page, q.PerPage = p.pages()
		if err := p.fault(); err != nil {
			return nil, err
		}
		found, err := c.door.core.SearchActions(ctx, c.actor, q)
		if err != nil {
			return nil, err
		}
		rows := make([]object, 0, len(found.Actions))
		for _, a := range found.Actions {
			rows = append(rows, actionRow(a))
		}
		return paged(found.Total, rows), nil
	}
}

// actionRow shows what an action is now, unlike a reply to the call that made it.
func actionRow(a *action.Action) object {
	sold, _ := product.Find(a.ProductKey)
	text := a.StatusText
	switch {
	case a.Status == action.PendingExecution:
		text = descPendingPayment
	case a.Status == action.InvoicePaid:
		text = descLocked
	case text == "":
		text = string(a.Status)
	}
	var r object
	r.id("entityid", a.OrderID)
	r.set("entitytypeid", strconv.Itoa(sold.EntityTypeID))
	r.id("eaqid", a.ID)
	r.set("actiontype", string(a.Type))
	r.set("actiontypedesc", a.Description)
	r.time("actionadded", a.AddedAt)
	r.set("actionstarted", unixText(a.StartedAt))
	r.set("actioncompleted", unixText(a.CompletedAt))
	r.set("actionstatus", string(a.Status))
	r.set("actionstatusdesc", text)
	return r
}
