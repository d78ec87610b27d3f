package resellerclub

import (
	"context"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
)

// productsCore is what section 13 asks of the core.
type productsCore interface {
	CustomerPrices(ctx context.Context, actor audit.Actor, customerID int64) (*pricing.EffectivePrices, error)
	ResellerPrices(ctx context.Context, actor audit.Actor, resellerID int64) (*pricing.EffectivePrices, error)
	CostPrices(ctx context.Context, actor audit.Actor, resellerID int64) (*pricing.EffectivePrices, error)
	Products(ctx context.Context, actor audit.Actor) ([]pricing.Product, error)
}

var optReseller = param{"reseller-id", "Integer", false}

func productOperations() []*operation {
	return []*operation{
		{path: "products/customer-price", methods: get, tier: "A", section: "13", params: []param{{"customer-id", "Integer", false}}, serve: customerPrice},
		{path: "products/reseller-price", methods: get, tier: "A", section: "13", params: []param{optReseller}, serve: resellerPrice},
		{path: "products/reseller-cost-price", methods: get, tier: "B", section: "13", params: []param{optReseller}, serve: resellerCostPrice},
		{path: "mock/products/reseller-price", methods: get, tier: "A", section: "13", serve: bandPrices},
		{path: "products/category-keys-mapping", methods: get, tier: "B", section: "13", serve: categoryKeys},
		{path: "products/plan-details", methods: get, tier: "B", section: "13", serve: planDetails},
		{path: "products/details", methods: get, tier: "C", section: "13", serve: productDetails},
	}
}

// customerPrice is what a customer pays; without one, what all of the caller's
// customers pay.
func customerPrice(ctx context.Context, c *call, p *params) (any, error) {
	id := p.optID("customer-id")
	c.named.customer = id
	if err := p.fault(); err != nil {
		return nil, err
	}
	return priceMap(c.door.core.CustomerPrices(ctx, c.actor, id))
}

// resellerPrice is what a sub-reseller pays; without one, or of the caller, what
// all below the caller pay.
func resellerPrice(ctx context.Context, c *call, p *params) (any, error) {
	id, err := p.reseller()
	if err != nil {
		return nil, err
	}
	out, err := priceMap(c.door.core.ResellerPrices(ctx, c.actor, id))
	return out, resellerFault(id, err)
}

func resellerCostPrice(ctx context.Context, c *call, p *params) (any, error) {
	id, err := p.reseller()
	if err != nil {
		return nil, err
	}
	out, err := priceMap(c.door.core.CostPrices(ctx, c.actor, id))
	return out, resellerFault(id, err)
}

// reseller reads reseller-id; 0 = the caller.
func (p *params) reseller() (int64, error) {
	id := p.optID("reseller-id")
	return id, p.fault()
}

// priceMap is product key -> email_account_ranges or plans -> unit -> action ->
// tenure -> price. What has no price is not there.
func priceMap(prices *pricing.EffectivePrices, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	out := object{}
	for rows := prices.Rows; len(rows) > 0; {
		n := run(rows, func(a, b price.Row) bool { return a.Product == b.Product })
		kind := "plans"
		if p, _ := product.Find(rows[0].Product); len(p.Slabs) > 0 {
			kind = "email_account_ranges"
		}
		out.set(string(rows[0].Product), object{{kind, unitPrices(rows[:n])}})
		rows = rows[n:]
	}
	return out, nil
}

// unitPrices writes the rows of one product.
func unitPrices(rows []price.Row) object {
	out := object{}
	for len(rows) > 0 {
		n := run(rows, func(a, b price.Row) bool { return a.Unit == b.Unit })
		add, renew := object{}, object{}
		for _, r := range rows[:n] {
			to := &add
			if r.Action == price.Renew {
				to = &renew
			}
			to.set(strconv.Itoa(r.Months), figure(r.Figure))
		}
		out.set(rows[0].Unit, object{{"add", add}, {"renew", renew}})
		rows = rows[n:]
	}
	return out
}

// run is how many of the first rows are like the first one.
func run(rows []price.Row, like func(a, b price.Row) bool) int {
	n := 1
	for n < len(rows) && like(rows[0], rows[n]) {
		n++
	}
	return n
}

// figure is a native number with one decimal place at least.
func figure(d decimal.Decimal) number {
	s := d.String()
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return number(s)
}

// categoryKeys is what the caller has signed up for, by category.
func categoryKeys(ctx context.Context, c *call, _ *params) (any, error) {
	products, err := c.door.core.Products(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	hosting := list{}
	for _, p := range products {
		if p.SignedUp {
			hosting = append(hosting, string(p.Key))
		}
	}
	return object{{"hosting", hosting}, {"domorder", list{}}}, nil
}

// planDetails are the plans of products sold by plans that the caller has signed up for.
func planDetails(ctx context.Context, c *call, _ *params) (any, error) {
	products, err := c.door.core.Products(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	out := object{}
	for _, p := range products {
		if !p.SignedUp || len(p.Plans) == 0 {
			continue
		}
		plans := object{}
		for _, l := range p.Plans {
			var o object
			o.id("planid", int64(l.ID))
			o.set("plan_name", l.Name)
			o.set("plan_type", string(l.Plan))
			o.id("storage_mb", p.StorageMB[l.Plan])
			o.flag("is_free", l.Trial)
			plans.set(strconv.Itoa(l.ID), o)
		}
		out.set(string(p.Key), plans)
	}
	return out, nil
}

func productDetails(ctx context.Context, c *call, _ *params) (any, error) {
	products, err := c.door.core.Products(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	out := object{}
	for _, p := range products {
		var o object
		o.set("productkey", string(p.Key))
		o.set("name", p.Name)
		o.set("category", p.Category)
		o.id("entitytypeid", int64(p.EntityTypeID))
		o.flag("active", p.SignedUp)
		out.set(string(p.Key), o)
	}
	return out, nil
}
