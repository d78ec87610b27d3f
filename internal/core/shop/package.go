package shop

import (
	"time"

	"posthouse/internal/core/plan"
	"posthouse/internal/money"
)

// Kind says what a package is for (B-20).
type Kind string

// The kinds.
const (
	MailPackage       Kind = "mail"       // a plan with seats; productType subscription
	DomainPackage     Kind = "domain"     // a domain name's mail service, by ending; productType domain
	SuspensionPackage Kind = "suspension" // assigning it suspends (B-33); one a brand
)

// Package is what a brand has on offer. Its ID is packageRef.
type Package struct {
	ID           int64
	PartnerID    int64
	Origin       string // what the platform made it for, see Origin*; "" = an administrator made it
	Kind         Kind
	Name         string
	Active       bool
	Plan         plan.Plan    // of a mail package
	Seats        int          // per account domain (B-19); of a mail package
	Ending       string       // of a domain package: "com"; "" = any
	Free         bool         // costs nothing, whatever Prices say
	Prices       []Price      // for the whole period; none = by the price list of the partner's root reseller
	Capabilities Capabilities // what it says besides its seats and its plan's storage
	Details      Details
	CreatedAt    time.Time
	UpdatedAt    time.Time
	DeletedAt    *time.Time // no longer on offer; subscriptions go on
}

// Price is of one period.
type Price struct {
	Months int         `json:"months"`
	Amount money.Value `json:"amount"`
}

// Details are the texts and flags of basekit.md 4.5 that nothing here depends on.
type Details struct {
	URLID                 string `json:"urlId,omitempty"`
	ImageURL              string `json:"imageUrl,omitempty"`
	BannerHTML            string `json:"bannerHtml,omitempty"`
	AffiliateLink         string `json:"affiliateLink,omitempty"`
	Type                  string `json:"type,omitempty"` // standard, offer, demo; "" = standard
	DisplayOrder          int    `json:"displayOrder,omitempty"`
	TrialDays             int    `json:"trialDays,omitempty"`
	RequireDomain         bool   `json:"requirePurchasedDomain,omitempty"`
	AllowMultiplePurchase bool   `json:"allowMultiplePurchase,omitempty"`
	Hidden                bool   `json:"hidden,omitempty"` // showInStore 0
}

// Subscription is one customer's account package. Its ID is accountPackageRef.
type Subscription struct {
	ID         int64
	PartnerID  int64
	CustomerID int64
	PackageID  int64
	FormerID   int64 // the subscription that a suspension stands in for; 0 = none
	Months     int   // billingPeriodMonths; 0 = none
	Billed     bool  // addToBC: it is in the customer's billing cycle
	StartsAt   time.Time
	EndsAt     *time.Time // nil = until another takes its place
	CreatedAt  time.Time
	UpdatedAt  time.Time
	ExpiredAt  *time.Time // another took its place, or it was deleted
}

// Live reports whether s is the customer's one.
func (s *Subscription) Live() bool { return s.ExpiredAt == nil }
