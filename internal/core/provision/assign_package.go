package provision

import (
	"cmp"
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/product"
	"posthouse/internal/core/shop"
	"posthouse/internal/fault"
)

// AssignPackage subscribes a customer to a package (basekit.md section 7).
type AssignPackage struct {
	CustomerID int64
	PackageID  int64
	Months     *int // nil = the end stays
	Billed     bool // addToBC: an open invoice of the price is posted
}

// AssignedPackage is what became of it.
type AssignedPackage struct {
	AccountPackage
	Capabilities shop.Capabilities // of the customer
}

// Reasons why a package is refused.
const (
	ReasonPackageKind   = "PACKAGE_KIND"
	ReasonPackageOff    = "PACKAGE_OFF"
	ReasonPeriod        = "BILLING_PERIOD"
	ReasonNoPeriod      = "BILLING_PERIOD_NEEDED"
	ReasonSubscriptions = "SUBSCRIPTION_OVERTAKEN"
)

var (
	errPackageKind = fault.New(fault.Invalid, "A domain package is bought by an order").WithReason(ReasonPackageKind)
	errPackageOff  = fault.New(fault.Invalid, "The package is not on offer").WithReason(ReasonPackageOff)
	errNoPeriod    = fault.New(fault.Invalid, "An order without an end needs a billing period for this package").WithReason(ReasonNoPeriod)
)

// AssignPackage gives all live orders of a customer the package's plan, seats
// and end, all or nothing. The suspension package suspends them instead (B-33).
func (s *Service) AssignPackage(ctx context.Context, actor audit.Actor, cmd AssignPackage) (*AssignedPackage, error) {
	for attempt := 1; ; attempt++ {
		out, err := s.assignPackage(ctx, actor, cmd)
		if fault.Is(err, fault.Conflict) && fault.Of(err).Reason == ReasonSubscriptions && attempt < maxAttempts {
			continue // another one came first: this is the later one
		}
		return out, err
	}
}

func (s *Service) assignPackage(ctx context.Context, actor audit.Actor, cmd AssignPackage) (*AssignedPackage, error) {
	var out *AssignedPackage
	err := s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		live, have, err := u.subscriptionOf(c)
		if err != nil {
			return err
		}
		k, err := u.tx.Package(u.ctx, cmd.PackageID)
		switch {
		case err != nil:
			return err
		case k == nil || k.PartnerID != c.PartnerID:
			return errPackage
		case k.Kind == shop.DomainPackage:
			return errPackageKind
		}
		if k.Kind == shop.SuspensionPackage {
			live, err = u.suspendByPackage(c, live, have, k)
		} else {
			live, err = u.subscribe(c, live, have, k, cmd)
		}
		if err != nil {
			return err
		}
		a, err := u.accountPackage(c, live)
		if err != nil {
			return err
		}
		out = &AssignedPackage{AccountPackage: *a}
		out.Capabilities, err = u.capabilitiesOf(c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// term is what a subscription comes to run for.
type term struct {
	end    *time.Time // nil = none
	months int
	bought bool // a period that is to be paid for
	sets   bool // the orders' ends follow
}

// subscribe makes k the customer's package. live is what he has now, of have.
func (u *unit) subscribe(c *customer.Customer, live *shop.Subscription, have, k *shop.Package, cmd AssignPackage) (*shop.Subscription, error) {
	base := live // whose period runs
	suspended := live != nil && have.Kind == shop.SuspensionPackage
	if suspended {
		var err error
		if base, err = u.formerOf(live); err != nil {
			return nil, err
		}
	}
	same := base != nil && base.PackageID == k.ID
	if !k.OnOffer() && !same { // who has it keeps it
		return nil, errPackageOff
	}
	if cmd.Months != nil {
		if err := u.sellsFor(k, c, *cmd.Months); err != nil {
			return nil, err
		}
	}
	orders, err := u.liveOrders(c)
	if err != nil {
		return nil, err
	}
	t, err := u.termOf(k, base, orders, cmd.Months, suspended)
	if err != nil {
		return nil, err
	}
	next, err := u.replaceSubscription(c, live, base, k, t, cmd.Billed)
	if err != nil {
		return nil, err
	}
	if suspended {
		if err := u.liftBySuspension(c); err != nil {
			return nil, err
		}
		if orders, err = u.liveOrders(c); err != nil {
			return nil, err
		}
	}
	for _, o := range orders {
		mod := &ModifyMailOrder{Plan: &k.Plan, Seats: &k.Seats, ledgered: true}
		switch {
		case t.end != nil && (t.sets || o.ExpiresAt == nil):
			mod.Expiry, mod.tenure = t.end, t.months
		case o.ExpiresAt == nil && needsExpiry(u.s.catalogue[k.Plan]):
			return nil, errNoPeriod
		}
		if _, err := u.modify(o, mod, false); err != nil {
			return nil, err
		}
	}
	if cmd.Billed && t.bought {
		if err := u.billPackage(c, k, t.months); err != nil {
			return nil, err
		}
	}
	if live == nil || live.PackageID != k.ID {
		if err := u.emitHolder(c, event.AccountHolderPackageChange); err != nil {
			return nil, err
		}
	}
	return next, u.record(c.PartnerID, "account_package.assign", "customer", c.ID, detail{
		"package": k.ID, "subscription": next.ID, "months": t.months, "end": event.Date(next.EndsAt), "orders": len(orders), "billed": cmd.Billed,
	})
}

// termOf says how long a subscription runs. The same package again goes on from
// its end, another one begins now. Who comes back from a suspension to a period
// that still runs gets just that.
func (u *unit) termOf(k *shop.Package, base *shop.Subscription, orders []*order.Order, months *int, suspended bool) (term, error) {
	var end *time.Time
	if base != nil {
		end = endAmong(base, orders)
	}
	same := base != nil && base.PackageID == k.ID
	runs := same && end != nil && end.After(u.now)
	if months == nil {
		t := term{end: end}
		if base != nil {
			t.months = base.Months
		}
		return t, nil
	}
	t := term{months: *months, bought: true, sets: true}
	if trial := u.s.catalogue[k.Plan]; trial.Trial { // it has the length that it has, once
		t.months, t.bought = trial.TrialMonths, false
		if same && end != nil {
			t.end = end
			return t, nil
		}
	}
	switch {
	case runs && suspended:
		t.end, t.months, t.bought = end, cmp.Or(base.Months, *months), false
	case runs:
		to := order.AddMonths(*end, t.months)
		t.end = &to
	default:
		to := u.endOf(t.months)
		t.end = &to
	}
	if t.end.Year() > lastYear {
		return t, fault.New(fault.Invalid, "The package can't be renewed that far").WithReason(ReasonPeriod)
	}
	return t, nil
}

// replaceSubscription keeps that the customer has k. The same package goes on in
// its row, also when the suspension package stood in for it.
func (u *unit) replaceSubscription(c *customer.Customer, live, base *shop.Subscription, k *shop.Package, t term, billed bool) (*shop.Subscription, error) {
	same := base != nil && base.PackageID == k.ID
	if live != nil && (live != base || !same) {
		if err := u.expireSubscription(live); err != nil {
			return nil, err
		}
	}
	if same {
		base.Months, base.EndsAt, base.ExpiredAt, base.Billed, base.UpdatedAt = t.months, t.end, nil, base.Billed || billed, u.now
		return base, u.tx.UpdateSubscription(u.ctx, base)
	}
	next := &shop.Subscription{
		PartnerID: c.PartnerID, CustomerID: c.ID, PackageID: k.ID, Months: t.months, Billed: billed, StartsAt: u.now, EndsAt: t.end, CreatedAt: u.now, UpdatedAt: u.now,
	}
	return next, u.insertSubscription(next)
}

// insertSubscription keeps one; that another lives since this unit has looked is
// for AssignPackage to see.
func (u *unit) insertSubscription(s *shop.Subscription) error {
	err := u.tx.InsertSubscription(u.ctx, s)
	if fault.Is(err, fault.Conflict) {
		err = fault.New(fault.Conflict, "The account package was changed meanwhile").WithReason(ReasonSubscriptions)
	}
	return err
}

func (u *unit) expireSubscription(s *shop.Subscription) error {
	now := u.now
	s.ExpiredAt, s.UpdatedAt = &now, now
	return u.tx.UpdateSubscription(u.ctx, s)
}

// billPackage posts an open invoice of a package's price to the customer's ledger.
func (u *unit) billPackage(c *customer.Customer, k *shop.Package, n int) error {
	net, err := u.periodPrice(k, c, n)
	if err != nil || net == 0 {
		return err
	}
	sum, err := u.taxed(c, net)
	if err != nil {
		return err
	}
	seller, err := u.sellerOf(c)
	if err != nil {
		return err
	}
	return u.post(&ledger.Transaction{
		Party: ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}, Type: ledger.Invoice, ProductKey: product.TitanGlobal,
		Description: k.Name + " for " + months(n), Amount: -sum.Total, Net: sum.Net, Tax: sum.Tax, TaxName: seller.TaxName,
	})
}
