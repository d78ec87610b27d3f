package shop

import (
	"slices"
	"strings"

	"posthouse/internal/core/plan"
)

// Origins name what the platform makes packages for (B-20). A package that was
// made for one is found by it again, whatever an administrator made of it.

// OriginSuspension is that of the suspension package.
const OriginSuspension = "suspension"

// OriginOfPlan is that of a plan's package.
func OriginOfPlan(p plan.Plan) string { return "plan:" + string(p) }

// OriginOfEnding is that of an ending's package; "" is any ending.
func OriginOfEnding(ending string) string { return "domain:" + ending }

// seatsOfPaid are the seats that a paid plan's package begins with.
const seatsOfPaid = 5

var planNames = []struct {
	plan plan.Plan
	name string
}{
	{plan.Free, "Free"},
	{plan.Pro, "Professional"},
	{plan.Premium, "Business"},
	{plan.Ultra, "Enterprise"},
	{plan.ProTrial, "Professional trial"},
	{plan.PremiumTrial, "Business trial"},
	{plan.UltraTrial, "Enterprise trial"},
}

// Made gives the packages that a brand has by itself, in the order of their
// refs: one per plan, one for domain names of any ending and one per ending that
// it sells, and the one that suspends.
func Made(c plan.Catalogue, endings []string) []Package {
	var out []Package
	for _, n := range planNames {
		terms, ok := c[n.plan]
		if !ok {
			continue
		}
		seats := terms.DefaultSeats
		if seats == 0 {
			seats = seatsOfPaid
		}
		p := Package{Origin: OriginOfPlan(n.plan), Kind: MailPackage, Name: n.name, Active: true, Plan: n.plan, Seats: seats, Free: !terms.Paid}
		if terms.Trial {
			p.Details.Type, p.Details.TrialDays = "demo", terms.TrialMonths*30
		}
		out = append(out, p)
	}
	out = append(out,
		Package{Origin: OriginOfEnding(""), Kind: DomainPackage, Name: "Domain", Active: true},
		Package{Origin: OriginSuspension, Kind: SuspensionPackage, Name: "Suspension", Active: true, Free: true, Details: Details{Hidden: true}},
	)
	for _, ending := range endings {
		out = append(out, Package{Origin: OriginOfEnding(ending), Kind: DomainPackage, Name: "." + ending, Active: true, Ending: ending})
	}
	return out
}

// TakesDomain reports whether a domain package is for a name.
func (p *Package) TakesDomain(domain string) bool {
	return p.Kind == DomainPackage && (p.Ending == "" || strings.HasSuffix(domain, "."+p.Ending))
}

// OnOffer reports whether a package can be chosen now.
func (p *Package) OnOffer() bool { return p.Active && p.DeletedAt == nil }

// PriceOf gives the package's own price of a period.
func (p *Package) PriceOf(months int) (Price, bool) {
	if i := slices.IndexFunc(p.Prices, func(x Price) bool { return x.Months == months }); i >= 0 {
		return p.Prices[i], true
	}
	return Price{}, false
}

// ProductType is that of 4.5.
func (p *Package) ProductType() string {
	if p.Kind == DomainPackage {
		return "domain"
	}
	return "subscription"
}

// ContentType is that of 4.5.
func (p *Package) ContentType() string {
	switch p.Kind {
	case DomainPackage:
		return "domain"
	case SuspensionPackage:
		return "capability"
	case MailPackage:
	}
	return "mail"
}

// Type is that of 4.5.
func (p *Package) Type() string {
	if p.Details.Type == "" {
		return "standard"
	}
	return p.Details.Type
}
