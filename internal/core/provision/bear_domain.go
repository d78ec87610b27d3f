package provision

import (
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/price"
	"posthouse/internal/core/product"
	"posthouse/internal/core/shop"
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
func (u *unit) bearDomain(b birth) (*order.Order, error) {
	c := b.customer
	seller, err := u.sellerOf(c)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Status != customer.Active:
		return nil, errCustomerInactive
	case !seller.Sells(domainProduct):
		return nil, errNotSignedUp
	}
	taken, err := u.liveSibling(c.PartnerID, b.domain)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return nil, errDomainTaken
	}
	k, err := u.packageFor(c)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, errNoMailPackage
	}
	end, err := u.endOfBirth(c, b.months)
	if err != nil {
		return nil, err
	}
	p, err := u.partner(c.PartnerID)
	if err != nil {
		return nil, err
	}
	o, err := u.insertOrder(&newOrder{
		CreateMailOrder: CreateMailOrder{
			Domain: b.domain, Plan: k.Plan, ResellerID: &seller.ID, Expiry: end, Payment: PaymentDetails{Currency: seller.SellingCurrency},
			BillingCycle: order.CycleOf(b.months), Locale: c.Locale, AwaitingPayment: true,
		},
		seats: k.Seats, product: domainProduct, tenure: b.months,
	}, p, c)
	if err != nil {
		return nil, err
	}
	u.unannounced = o.ID
	if err := u.record(o.PartnerID, "mail_order.create", "order", o.ID, detail{
		"domain": o.Domain, "product": o.ProductKey, "plan": o.Plan, "seats": o.Seats, "customer": c.ID, "package": k.ID, "months": b.months, "price": b.price.Cents(),
	}); err != nil {
		return nil, err
	}
	if err := u.buyBirth(b, o); err != nil {
		return nil, err
	}
	if u.unannounced == o.ID { // it waits for the funds of a reseller
		u.unannounced = 0
		if err := u.emit(o, event.MailOrderCreated, event.NewOrderCreated(o, c, u.s.catalogue[o.Plan], u.now)); err != nil {
			return nil, err
		}
	}
	return o, u.beginMailService(o)
}

// buyBirth brings the order into service as a purchase of the other dialects would.
func (u *unit) buyBirth(b birth, o *order.Order) error {
	buys := purchase{order: o, customer: b.customer, option: action.NoInvoice, change: action.Change{
		Type: action.Add, Months: b.months, Seats: o.Seats, AutoRenew: &o.AutoRenew, Basis: action.Free,
	}}
	sold, _ := product.Find(domainProduct)
	if p, ok := sold.PlanOf(o.Plan); ok {
		buys.change.PlanID = p.ID
	}
	if b.price > 0 {
		sum, err := u.taxed(b.customer, b.price)
		if err != nil {
			return err
		}
		buys.given, buys.option, buys.change.Basis = &sum, action.PayInvoice, action.ByPackage
	}
	_, err := u.buy(buys)
	return err
}

// taxed is what a customer pays for something of a price.
func (u *unit) taxed(c *customer.Customer, net money.Value) (price.Sum, error) {
	seller, err := u.sellerOf(c)
	if err != nil {
		return price.Sum{}, err
	}
	tax, err := taxRate(seller)
	if err != nil {
		return price.Sum{}, err
	}
	return price.Total(net.Decimal(), 1, 1, 0, tax)
}

// endOfBirth is when a new account domain ends: with the holder's subscription,
// else after the months that were bought, else when a package says so.
func (u *unit) endOfBirth(c *customer.Customer, months int) (*time.Time, error) {
	s, k, err := u.subscribed(c)
	if err != nil {
		return nil, err
	}
	if s != nil && k.Kind == shop.MailPackage {
		end, err := u.endOfSubscription(c, s)
		if err != nil || end != nil && end.After(u.now) {
			return end, err
		}
	}
	if months == 0 {
		return nil, nil
	}
	end := u.endOf(months)
	return &end, nil
}
