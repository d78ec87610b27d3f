// Package product is what a reseller can sign up for and sell: product keys,
// seat slabs, tenures and the plans behind them (resellerclub.md sections 6, 15).
package product

import (
	"slices"
	"strconv"

	"posthouse/internal/core/plan"
)

// Key names a product; it is a wire name.
type Key string

// The products.
const (
	BusinessEmail   Key = "eeliteus"
	EnterpriseUS    Key = "enterpriseemailus"
	EnterpriseIndia Key = "enterpriseemailin"
	TitanGlobal     Key = "titanmailglobal"
	TitanIndia      Key = "titanmailindia"
)

// Slab is a range of seats with a price of its own, both ends included.
type Slab struct{ From, To int }

// String is the wire form, such as "1-5".
func (s Slab) String() string { return strconv.Itoa(s.From) + "-" + strconv.Itoa(s.To) }

// Contains reports whether a number of seats lies in the slab.
func (s Slab) Contains(seats int) bool { return seats >= s.From && seats <= s.To }

// Plan is one plan of a product that is sold by plans.
type Plan struct {
	ID    int
	Name  string
	Plan  plan.Plan
	Trial bool
}

// Product is one row of the table of section 6.
type Product struct {
	Key          Key
	Name         string
	Category     string // productcategory
	EntityTypeID int
	Location     string // "us" or "in"
	Plan         plan.Plan
	Slabs        []Slab // sold by seats; none = sold by Plans
	Plans        []Plan
	Profile      string // configurationProfile of its mailboxes
}

// Tenures are the lengths in months that a price may be set for.
var Tenures = []int{1, 3, 6, 12}

func slabs(ends ...int) []Slab {
	out := make([]Slab, len(ends))
	from := 1
	for i, to := range ends {
		out[i] = Slab{from, to}
		from = to + 1
	}
	return out
}

// all is every product, in a fixed order. Entity type ids but 283 are our own.
var all = func() []Product {
	enterprise := slabs(5, 10, 15, 25, 35, 55, 65, 75, 85, 100, 10000)
	return []Product{
		{Key: BusinessEmail, Name: "Business Email", Category: "hosting", EntityTypeID: 283, Location: "us", Plan: plan.Pro,
			Slabs: slabs(5, 25, 49, 200000), Profile: "EELITE"},
		{Key: EnterpriseUS, Name: "Enterprise Email", Category: "hosting", EntityTypeID: 284, Location: "us", Plan: plan.Ultra,
			Slabs: enterprise, Profile: "ENTERPRISE"},
		{Key: EnterpriseIndia, Name: "Enterprise Email", Category: "hosting", EntityTypeID: 285, Location: "in", Plan: plan.Ultra,
			Slabs: enterprise, Profile: "ENTERPRISE"},
		{Key: TitanGlobal, Name: "Titan Email", Category: "hosting", EntityTypeID: 286, Location: "us", Plan: plan.Pro, Profile: "TITAN",
			Plans: titanPlans(1762, 1756, 1757, 1755)},
		{Key: TitanIndia, Name: "Titan Email", Category: "hosting", EntityTypeID: 287, Location: "in", Plan: plan.Pro, Profile: "TITAN",
			Plans: titanPlans(1761, 1758, 1759, 1760)},
	}
}()

// All gives every product, in a fixed order. Their slabs and plans are not to be changed.
func All() []Product { return slices.Clone(all) }

func titanPlans(professional, business, enterprise, trial int) []Plan {
	return []Plan{
		{professional, "Professional", plan.Pro, false}, {business, "Business", plan.Premium, false},
		{enterprise, "Enterprise", plan.Ultra, false}, {trial, "Free Trial", plan.ProTrial, true},
	}
}

// Find gives a product by its key.
func Find(k Key) (Product, bool) {
	for _, p := range all {
		if p.Key == k {
			return p, true
		}
	}
	return Product{}, false
}

// OrDefault is the key under which an order appears: one made in another dialect
// has none of its own.
func OrDefault(k Key) Key {
	if k == "" {
		return TitanGlobal
	}
	return k
}

// Slab gives the slab of a number of seats.
func (p Product) Slab(seats int) (Slab, bool) {
	i := slices.IndexFunc(p.Slabs, func(s Slab) bool { return s.Contains(seats) })
	if i < 0 {
		return Slab{}, false
	}
	return p.Slabs[i], true
}

// PlanByID gives one of the product's plans.
func (p Product) PlanByID(id int) (Plan, bool) {
	i := slices.IndexFunc(p.Plans, func(x Plan) bool { return x.ID == id })
	if i < 0 {
		return Plan{}, false
	}
	return p.Plans[i], true
}

// PlanOf gives the product's plan behind a plan of the catalogue. The other
// trials and the free plan appear as the plan that is next to them.
func (p Product) PlanOf(level plan.Plan) (Plan, bool) {
	switch level {
	case plan.Free, plan.PremiumTrial, plan.UltraTrial:
		level = plan.ProTrial
	case plan.Pro, plan.Premium, plan.Ultra, plan.ProTrial:
	}
	i := slices.IndexFunc(p.Plans, func(x Plan) bool { return x.Plan == level })
	if i < 0 {
		return Plan{}, false
	}
	return p.Plans[i], true
}
