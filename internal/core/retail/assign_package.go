package retail

import (
	"cmp"
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/product"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
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
	packages.AccountPackage
	Capabilities shop.Capabilities // of the customer
}

// Reasons why a package is refused.
const (
	ReasonPackageKind = "PACKAGE_KIND"

	ReasonNoPeriod = "BILLING_PERIOD_NEEDED"
)

var (
	errPackageKind = fault.New(fault.Invalid, "A domain package is bought by an order").WithReason(ReasonPackageKind)

	errNoPeriod = fault.New(fault.Invalid, "An order without an end needs a billing period for this package").WithReason(ReasonNoPeriod)
)

// AssignPackage gives all live orders of a customer the package's plan, seats
// and end, all or nothing. The suspension package suspends them instead (B-33).
func (s *Service) AssignPackage(ctx context.Context, actor audit.Actor, cmd AssignPackage) (*AssignedPackage, error) {
	for attempt := 1; ; attempt++ {
		out, err := s.assignPackage(ctx, actor, cmd)
		if fault.Is(err, fault.Conflict) && fault.Of(err).Reason == packages.ReasonSubscriptions && attempt < mailboxes.MaxAttempts {
			continue // another one came first: this is the later one
		}
		return out, err
	}
}

func (s *Service) assignPackage(ctx context.Context, actor audit.Actor, cmd AssignPackage) (*AssignedPackage, error) {
	var out *AssignedPackage
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		live, have, err := packages.SubscriptionOf(u, c)
		if err != nil {
			return err
		}
		k, err := u.Tx.Package(u.Ctx, cmd.PackageID)
		switch {
		case err != nil:
			return err
		case k == nil || k.PartnerID != c.PartnerID:
			return packages.ErrPackage
		case k.Kind == shop.DomainPackage:
			return errPackageKind
		}
		if k.Kind == shop.SuspensionPackage {
			live, err = holders.SuspendByPackage(u, c, live, have, k)
		} else {
			live, err = subscribe(u, c, live, have, k, cmd)
		}
		if err != nil {
			return err
		}
		a, err := packages.ShowAccountPackage(u, c, live)
		if err != nil {
			return err
		}
		out = &AssignedPackage{AccountPackage: *a}
		out.Capabilities, err = holders.CapabilitiesOf(u, c)
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
func subscribe(u *work.Unit, c *customer.Customer, live *shop.Subscription, have, k *shop.Package, cmd AssignPackage) (*shop.Subscription, error) {
	base := live // whose period runs
	suspended := live != nil && have.Kind == shop.SuspensionPackage
	if suspended {
		var err error
		if base, err = packages.FormerOf(u, live); err != nil {
			return nil, err
		}
	}
	same := base != nil && base.PackageID == k.ID
	if !k.OnOffer() && !same { // who has it keeps it
		return nil, packages.ErrPackageOff
	}
	if cmd.Months != nil {
		if err := packages.SellsFor(u, k, c, *cmd.Months); err != nil {
			return nil, err
		}
	}
	orders, err := packages.LiveOrders(u, c)
	if err != nil {
		return nil, err
	}
	t, err := termOf(u, k, base, orders, cmd.Months, suspended)
	if err != nil {
		return nil, err
	}
	next, err := replaceSubscription(u, c, live, base, k, t, cmd.Billed)
	if err != nil {
		return nil, err
	}
	if suspended {
		if err := holders.LiftBySuspension(u, c); err != nil {
			return nil, err
		}
		if orders, err = packages.LiveOrders(u, c); err != nil {
			return nil, err
		}
	}
	for _, o := range orders {
		mod := &ordering.Modification{Ledgered: true}
		mod.Plan, mod.Seats = &k.Plan, &k.Seats
		switch {
		case t.end != nil && (t.sets || o.ExpiresAt == nil):
			mod.Expiry, mod.Tenure = t.end, t.months
		case o.ExpiresAt == nil && ordering.NeedsExpiry(u.Platform.Catalogue[k.Plan]):
			return nil, errNoPeriod
		}
		if _, err := ordering.Modify(u, o, mod, false); err != nil {
			return nil, err
		}
	}
	if cmd.Billed && t.bought {
		if err := billPackage(u, c, k, t.months); err != nil {
			return nil, err
		}
	}
	if live == nil || live.PackageID != k.ID {
		if err := packages.EmitHolder(u, c, event.AccountHolderPackageChange); err != nil {
			return nil, err
		}
	}
	return next, u.Record(c.PartnerID, "account_package.assign", "customer", c.ID, work.Detail{
		"package": k.ID, "subscription": next.ID, "months": t.months, "end": event.Date(next.EndsAt), "orders": len(orders), "billed": cmd.Billed,
	})
}

// termOf says how long a subscription runs. The same package again goes on from
// its end, another one begins now. Who comes back from a suspension to a period
// that still runs gets just that.
func termOf(u *work.Unit, k *shop.Package, base *shop.Subscription, orders []*order.Order, months *int, suspended bool) (term, error) {
	var end *time.Time
	if base != nil {
		end = packages.EndAmong(base, orders)
	}
	same := base != nil && base.PackageID == k.ID
	runs := same && end != nil && end.After(u.Now)
	if months == nil {
		t := term{end: end}
		if base != nil {
			t.months = base.Months
		}
		return t, nil
	}
	t := term{months: *months, bought: true, sets: true}
	if trial := u.Platform.Catalogue[k.Plan]; trial.Trial { // it has the length that it has, once
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
		to := selling.EndOf(u, t.months)
		t.end = &to
	}
	if t.end.Year() > ordering.LastYear {
		return t, fault.New(fault.Invalid, "The package can't be renewed that far").WithReason(packages.ReasonPeriod)
	}
	return t, nil
}

// replaceSubscription keeps that the customer has k. The same package goes on in
// its row, also when the suspension package stood in for it.
func replaceSubscription(u *work.Unit, c *customer.Customer, live, base *shop.Subscription, k *shop.Package, t term, billed bool) (*shop.Subscription, error) {
	same := base != nil && base.PackageID == k.ID
	if live != nil && (live != base || !same) {
		if err := packages.ExpireSubscription(u, live); err != nil {
			return nil, err
		}
	}
	if same {
		base.Months, base.EndsAt, base.ExpiredAt, base.Billed, base.UpdatedAt = t.months, t.end, nil, base.Billed || billed, u.Now
		return base, u.Tx.UpdateSubscription(u.Ctx, base)
	}
	next := &shop.Subscription{
		PartnerID: c.PartnerID, CustomerID: c.ID, PackageID: k.ID, Months: t.months, Billed: billed, StartsAt: u.Now, EndsAt: t.end, CreatedAt: u.Now, UpdatedAt: u.Now,
	}
	return next, packages.InsertSubscription(u, next)
}

// billPackage posts an open invoice of a package's price to the customer's ledger.
func billPackage(u *work.Unit, c *customer.Customer, k *shop.Package, n int) error {
	net, err := packages.PeriodPrice(u, k, c, n)
	if err != nil || net == 0 {
		return err
	}
	sum, err := taxed(u, c, net)
	if err != nil {
		return err
	}
	seller, err := u.SellerOf(c)
	if err != nil {
		return err
	}
	return selling.Post(u, &ledger.Transaction{
		Party: ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}, Type: ledger.Invoice, ProductKey: product.TitanGlobal,
		Description: k.Name + " for " + work.Months(n), Amount: -sum.Total, Net: sum.Net, Tax: sum.Tax, TaxName: seller.TaxName,
	})
}
