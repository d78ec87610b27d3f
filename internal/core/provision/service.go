package provision

import (
	"posthouse/internal/core/billing"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/schedule"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

// The names under which the parts are embedded.
type (
	tenancyPart   = tenancy.Service
	pricingPart   = pricing.Service
	billingPart   = billing.Service
	outboxPart    = outbox.Service
	customersPart = customers.Service
	resellingPart = reselling.Service
	routingPart   = routing.Service
	dnssetupPart  = dnssetup.Service
	mailboxesPart = mailboxes.Service
	packagesPart  = packages.Service
	orderingPart  = ordering.Service
	sellingPart   = selling.Service
	holdersPart   = holders.Service
	retailPart    = retail.Service
	signinPart    = signin.Service
	schedulePart  = schedule.Service
)

// Service runs the commands and queries of all parts on one platform. It holds
// nothing that a transaction could change and is safe for use by many goroutines.
type Service struct {
	*tenancyPart
	*pricingPart
	*billingPart
	*outboxPart
	*customersPart
	*resellingPart
	*routingPart
	*dnssetupPart
	*mailboxesPart
	*packagesPart
	*orderingPart
	*sellingPart
	*holdersPart
	*retailPart
	*signinPart
	*schedulePart
}

// New makes a Service.
func New(cfg work.Config) (*Service, error) {
	p, err := work.NewPlatform(cfg)
	if err != nil {
		return nil, err
	}
	return &Service{
		tenancyPart:   tenancy.New(p),
		pricingPart:   pricing.New(p),
		billingPart:   billing.New(p),
		outboxPart:    outbox.New(p),
		customersPart: customers.New(p),
		resellingPart: reselling.New(p),
		routingPart:   routing.New(p),
		dnssetupPart:  dnssetup.New(p),
		mailboxesPart: mailboxes.New(p),
		packagesPart:  packages.New(p),
		orderingPart:  ordering.New(p),
		sellingPart:   selling.New(p),
		holdersPart:   holders.New(p),
		retailPart:    retail.New(p),
		signinPart:    signin.New(p),
		schedulePart:  schedule.New(p),
	}, nil
}
