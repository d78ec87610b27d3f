package resellerclub

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/product"
	"posthouse/internal/core/selling"
)

// restOrderOperations are section 15.
func restOrderOperations() []*operation {
	months := param{"noOfMonths", "Integer", true}
	ops := []*operation{
		{path: "product/{key}/order", methods: post, serve: restAdd, params: []param{
			paramDomain, paramCustomer, {"plan-id", "Integer", true}, months, paramInvoice,
			{"additional-param-json", "JSON", true}, paramDiscount, paramAutoRenew}},
		{path: "product/{key}", methods: []string{http.MethodGet}, serve: restDetails, params: []param{paramOrderID}},
		{path: "product/{key}/order/{id}/tenure/{months}", methods: patch, serve: restRenew, params: []param{
			paramInvoice, {"additional-info", "JSON", false}, paramAutoRenew, paramDiscount}},
		{path: "product/{key}/orders/{id}/seats/{seats}", methods: patch, serve: restSeats, params: []param{paramInvoice, paramDiscount}},
		{path: "product/{key}/order/{id}/seats/{seats}", methods: patch, serve: restSeats, params: []param{paramInvoice, paramDiscount}},
		{path: "product/{key}/order/{id}/plan/{planid}", methods: patch, serve: restPlan, params: []param{
			{"noOfMonths", "Integer", false}, paramInvoice, paramDiscount}},
		{path: "product/{key}/order/{id}/suspend", methods: patch, serve: restSuspend, params: []param{{"reason", "String", false}}},
		{path: "product/{key}/order/{id}/unsuspend", methods: patch, serve: restUnsuspend},
		{path: "product/{key}/order/{id}", methods: del, serve: restDelete},
		{path: "product/{key}/order/{id}/sso-url", methods: []string{http.MethodGet}, serve: restSSO},
	}
	for _, op := range ops {
		op.tier, op.section, op.style = "B", "15", restful
	}
	return ops
}

// restKey gives the product of a path; only those sold by plans are served here.
func restKey(p *params) (product.Key, error) {
	k := product.Key(p.optText("key"))
	if sold, known := product.Find(k); !known || len(sold.Plans) == 0 {
		return "", &wireFault{status: http.StatusNotFound, text: "Action not Found"}
	}
	return k, nil
}

// restRef gives the order of a path.
func restRef(p *params) (selling.SoldOrderRef, error) {
	k, err := restKey(p)
	if err != nil {
		return selling.SoldOrderRef{}, err
	}
	id := p.id("id")
	p.call.named.order = id
	return selling.SoldOrderRef{ID: id, Product: k}, nil
}

// accounts reads {"no_of_accounts":"5"}; the number may be a JSON number too.
func (p *params) accounts(name string, required bool) int {
	v := strings.TrimSpace(p.optText(name))
	if v == "" {
		if required {
			p.text(name)
		}
		return 0
	}
	n, ok := accountsOf(v)
	if !ok || required && n == nil {
		p.refuse(name, name+" is invalid")
	}
	if n == nil {
		return 0
	}
	return *n
}

// accountsOf gives nil when the document says nothing of accounts.
func accountsOf(text string) (*int, bool) {
	var doc struct {
		Accounts *json.RawMessage `json:"no_of_accounts"`
	}
	if json.Unmarshal([]byte(text), &doc) != nil {
		return nil, false
	}
	if doc.Accounts == nil {
		return nil, true
	}
	raw := string(*doc.Accounts)
	if s := ""; json.Unmarshal(*doc.Accounts, &s) == nil {
		raw = s
	}
	n, err := strconv.Atoi(strings.TrimSpace(raw))
	if err != nil || n < -maxCount || n > maxCount {
		return nil, false
	}
	return &n, true
}

func restAdd(ctx context.Context, c *call, p *params) (any, error) {
	k, err := restKey(p)
	if err != nil {
		return nil, err
	}
	auto := p.flag("auto-renew")
	cmd := selling.AddOrder{
		Product: k, Domain: p.text("domain-name"), CustomerID: p.customerID(), PlanID: int(p.integer("plan-id", 1, maxCount)), Months: p.tenure("noOfMonths"),
		Option: p.invoiceOption(), Seats: p.accounts("additional-param-json", true), AutoRenew: auto != nil && *auto, Discount: p.amount("discount-amount"),
	}
	if err := p.fault(); err != nil {
		return nil, err
	}
	done, err := c.door.core.AddOrder(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	out := actionReply(done)
	out.id("orderid", done.Action.OrderID)
	return out, nil
}

func restDetails(ctx context.Context, c *call, p *params) (any, error) {
	k, err := restKey(p)
	if err != nil {
		return nil, err
	}
	ref := selling.SoldOrderRef{ID: p.orderID(), Product: k}
	if err := p.fault(); err != nil {
		return nil, err
	}
	d, err := c.door.core.FetchSoldOrder(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	o := d.Order
	var out object
	out.id("orderid", o.ID)
	out.id("entityid", o.ID)
	out.set("domainname", o.Domain)
	out.id("customerid", o.CustomerID)
	out.set("currentstatus", string(d.Shown))
	out.set("noofaccounts", strconv.Itoa(o.Seats))
	out.set("used_account_count", strconv.Itoa(d.Counters.Provisioned))
	out.set("planid", strconv.Itoa(d.Plan.ID))
	out.set("plan_name", d.Plan.Name)
	out.set("productkey", string(d.Product.Key))
	out.time("creationtime", o.CreatedAt)
	out.set("endtime", unixText(o.ExpiresAt))
	out.set("is_free", d.Plan.Trial)
	return out, nil
}

func restRenew(ctx context.Context, c *call, p *params) (any, error) {
	ref, err := restRef(p)
	if err != nil {
		return nil, err
	}
	extra := p.accounts("additional-info", false)
	if extra < 0 {
		p.refuse("additional-info", "additional-info is invalid")
	}
	cmd := selling.RenewOrder{Order: ref, Months: p.tenure("months"), ExtraSeats: extra, AutoRenew: p.flag("auto-renew"),
		Option: p.invoiceOption(), Discount: p.amount("discount-amount")}
	return carryOut(ctx, c, p, cmd, c.door.core.RenewOrder)
}

// restSeats adds seats and answers flat, whatever the invoice option.
func restSeats(ctx context.Context, c *call, p *params) (any, error) {
	ref, err := restRef(p)
	if err != nil {
		return nil, err
	}
	cmd := selling.AddSeats{Order: ref, Seats: int(p.integer("seats", 1, maxCount)), Option: p.invoiceOption(), Discount: p.amount("discount-amount")}
	return carryOut(ctx, c, p, cmd, c.door.core.AddSeats)
}

func restPlan(ctx context.Context, c *call, p *params) (any, error) {
	ref, err := restRef(p)
	if err != nil {
		return nil, err
	}
	cmd := selling.ChangeOrderPlan{Order: ref, PlanID: int(p.integer("planid", 1, maxCount)), Option: p.invoiceOption(), Discount: p.amount("discount-amount")}
	if p.optText("noOfMonths") != "" {
		cmd.Months = p.tenure("noOfMonths")
	}
	return carryOut(ctx, c, p, cmd, c.door.core.ChangeOrderPlan)
}

func restSuspend(ctx context.Context, c *call, p *params) (any, error) {
	ref, err := restRef(p)
	if err != nil {
		return nil, err
	}
	return suspend(ctx, c, p, ref)
}

func restUnsuspend(ctx context.Context, c *call, p *params) (any, error) {
	return restFree(ctx, c, p, c.door.core.UnsuspendOrder)
}

func restDelete(ctx context.Context, c *call, p *params) (any, error) {
	return restFree(ctx, c, p, c.door.core.DeleteOrder)
}

// restFree is a change of an order that nobody is charged for.
func restFree(ctx context.Context, c *call, p *params, do func(context.Context, audit.Actor, selling.SoldOrderRef) (*selling.Purchased, error)) (any, error) {
	ref, err := restRef(p)
	if err != nil {
		return nil, err
	}
	return carryOut(ctx, c, p, ref, do)
}

// absolute completes a link into the panel of a brand that has no address of its own.
func (d *Door) absolute(link string) string {
	if strings.HasPrefix(link, "/") {
		return strings.TrimSuffix(d.baseURL(), "/") + link
	}
	return link
}

// restSSO gives the two ways into an order's control panel.
func restSSO(ctx context.Context, c *call, p *params) (any, error) {
	ref, err := restRef(p)
	if err != nil {
		return nil, err
	}
	if err := p.fault(); err != nil {
		return nil, err
	}
	links, err := c.door.core.PanelLinks(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return object{{"sso_url", c.door.absolute(links.AutoLogin)}, {"iframe_url", c.door.absolute(links.Widget)}}, nil
}
