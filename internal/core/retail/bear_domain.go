package retail

import (
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/price"
	"posthouse/internal/core/product"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// birth is how an account domain comes into being: by a paid item of a purchase,
// or as a site (B-15).
type birth struct {
	customer *customer.Customer
	domain   string // checked
	months   int    // that it is bought for; 0 = not told
	price    money.Value
}

// domainProduct is what account domains are orders of.
const domainProduct = product.TitanGlobal

// ReasonNoMailPackage says that a brand has nothing that a domain's plan could be of.
const ReasonNoMailPackage = "NO_MAIL_PACKAGE"

var errNoMailPackage = fault.New(fault.Conflict, "The brand has no mail package on offer").WithReason(ReasonNoMailPackage)

// bearDomain makes the mail order of an account domain, with plan and seats of
// its holder's package. What has a price is booked as paid; what has none is not
// booked, and nobody is charged for it.
func bearDomain(u *work.Unit, b birth) (*order.Order, error) {
	c := b.customer
	seller, err := u.SellerOf(c)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Status != customer.Active:
		return nil, work.ErrCustomerInactive
	case !seller.Sells(domainProduct):
		return nil, work.ErrNotSignedUp
	}
	taken, err := u.LiveSibling(c.PartnerID, b.domain)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return nil, selling.ErrDomainTaken
	}
	k, err := packages.PackageFor(u, c)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, errNoMailPackage
	}
	end, err := endOfBirth(u, c, b.months)
	if err != nil {
		return nil, err
	}
	p, err := u.Partner(c.PartnerID)
	if err != nil {
		return nil, err
	}
	o, err := ordering.InsertOrder(u, &ordering.NewOrder{
		CreateMailOrder: ordering.CreateMailOrder{
			Domain: b.domain, Plan: k.Plan, ResellerID: &seller.ID, Expiry: end, Payment: billing.PaymentDetails{Currency: seller.SellingCurrency},
			BillingCycle: order.CycleOf(b.months), Locale: c.Locale, AwaitingPayment: true,
		},
		SeatCount: k.Seats, Product: domainProduct, Tenure: b.months,
	}, p, c)
	if err != nil {
		return nil, err
	}
	u.Unannounced = o.ID
	if err := u.Record(o.PartnerID, "mail_order.create", "order", o.ID, work.Detail{
		"domain": o.Domain, "product": o.ProductKey, "plan": o.Plan, "seats": o.Seats, "customer": c.ID, "package": k.ID, "months": b.months, "price": b.price.Cents(),
	}); err != nil {
		return nil, err
	}
	if err := buyBirth(u, b, o); err != nil {
		return nil, err
	}
	if u.Unannounced == o.ID { // it waits for the funds of a reseller
		u.Unannounced = 0
		if err := u.Emit(o, event.MailOrderCreated, event.NewOrderCreated(o, c, u.Platform.Catalogue[o.Plan], u.Now)); err != nil {
			return nil, err
		}
	}
	return o, mailboxes.BeginMailService(u, o)
}

// buyBirth brings the order into service as a purchase of the other dialects would.
func buyBirth(u *work.Unit, b birth, o *order.Order) error {
	buys := selling.Purchase{Order: o, Customer: b.customer, Option: action.NoInvoice, Change: action.Change{
		Type: action.Add, Months: b.months, Seats: o.Seats, AutoRenew: &o.AutoRenew, Basis: action.Free,
	}}
	sold, _ := product.Find(domainProduct)
	if p, ok := sold.PlanOf(o.Plan); ok {
		buys.Change.PlanID = p.ID
	}
	if b.price > 0 {
		sum, err := taxed(u, b.customer, b.price)
		if err != nil {
			return err
		}
		buys.Given, buys.Option, buys.Change.Basis = &sum, action.PayInvoice, action.ByPackage
	}
	_, err := selling.Buy(u, buys)
	return err
}

// taxed is what a customer pays for something of a price.
func taxed(u *work.Unit, c *customer.Customer, net money.Value) (price.Sum, error) {
	seller, err := u.SellerOf(c)
	if err != nil {
		return price.Sum{}, err
	}
	tax, err := selling.TaxRate(seller)
	if err != nil {
		return price.Sum{}, err
	}
	return price.Total(net.Decimal(), 1, 1, 0, tax)
}

// endOfBirth is when a new account domain ends: with the holder's subscription,
// else after the months that were bought, else when a package says so.
func endOfBirth(u *work.Unit, c *customer.Customer, months int) (*time.Time, error) {
	s, k, err := packages.Subscribed(u, c)
	if err != nil {
		return nil, err
	}
	if s != nil && k.Kind == shop.MailPackage {
		end, err := packages.EndOfSubscription(u, c, s)
		if err != nil || end != nil && end.After(u.Now) {
			return end, err
		}
	}
	if months == 0 {
		return nil, nil
	}
	end := selling.EndOf(u, months)
	return &end, nil
}
