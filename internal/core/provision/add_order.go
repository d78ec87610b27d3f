package provision

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/product"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// AddOrder is resellerclub.md 7.1 and the first call of section 15.
type AddOrder struct {
	Domain     string
	CustomerID int64
	Product    product.Key
	PlanID     int // of products sold by plans
	Months     int
	Seats      int
	AutoRenew  bool
	Option     action.InvoiceOption
	Discount   money.Value
}

// What a free trial is: so many accounts for so long (section 15).
const (
	trialSeats  = 2
	trialMonths = 3
)

var (
	errTrialTerms = fault.New(fault.Invalid, "A free trial has two accounts for three months").WithReason("TRIAL_TERMS")
)

// sale is a checked AddOrder.
type sale struct {
	newOrder
	change action.Change
}

func (s *Service) checkAddOrder(cmd AddOrder) (*sale, error) {
	domain, err := s.orderDomain(cmd.Domain)
	if err != nil {
		return nil, err
	}
	sold, known := product.Find(cmd.Product)
	if !known {
		return nil, errNotSignedUp
	}
	level := sold.Plan
	if len(sold.Plans) > 0 {
		p, found := sold.PlanByID(cmd.PlanID)
		if !found {
			return nil, errPlanID
		}
		if level = p.Plan; p.Trial && (cmd.Seats != trialSeats || cmd.Months != trialMonths) {
			return nil, errTrialTerms
		}
	}
	if err := seatsFit(sold, cmd.Seats); err != nil {
		return nil, err
	}
	if err := tenureFits(cmd.Months); err != nil {
		return nil, err
	}
	if err := checkOption(cmd.Option); err != nil {
		return nil, err
	}
	owner := partner.BilledByPlatform
	return &sale{
		newOrder{
			CreateMailOrder: CreateMailOrder{
				Domain: domain, Plan: level, BillingCycle: order.CycleOf(cmd.Months), BillingOwner: &owner, AwaitingPayment: true,
			},
			seats: cmd.Seats, product: cmd.Product, tenure: cmd.Months, autoRenew: cmd.AutoRenew,
		},
		action.Change{Type: action.Add, Months: cmd.Months, Seats: cmd.Seats, PlanID: cmd.PlanID, AutoRenew: &cmd.AutoRenew},
	}, nil
}

// AddOrder makes an order, which waits, and buys what brings it into service.
// A domain has one live order under a partner, whoever of its resellers sold it.
func (s *Service) AddOrder(ctx context.Context, actor audit.Actor, cmd AddOrder) (*Purchased, error) {
	n, wrong := s.checkAddOrder(cmd)
	if wrong != nil {
		if err := s.read(ctx, actor, func(u *unit) error { return u.mayCheck(cmd.Product) }); err != nil {
			return nil, err
		}
		return nil, wrong
	}
	var out *Purchased
	err := s.write(ctx, actor, func(u *unit) error {
		if err := u.mayCheck(cmd.Product); err != nil {
			return err
		}
		c, err := u.customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		o, err := u.insertSold(n, c)
		if err != nil {
			return err
		}
		u.unannounced = o.ID
		if err := u.record(o.PartnerID, "mail_order.create", "order", o.ID, detail{
			"domain": o.Domain, "product": o.ProductKey, "plan": o.Plan, "seats": o.Seats, "customer": c.ID, "months": o.Tenure, "option": cmd.Option,
		}); err != nil {
			return err
		}
		if out, err = u.buy(purchase{order: o, customer: c, change: n.change, option: cmd.Option, discount: cmd.Discount}); err != nil {
			return err
		}
		if u.unannounced != o.ID {
			return nil
		}
		return u.emit(o, event.MailOrderCreated, event.NewOrderCreated(o, c, u.s.catalogue[o.Plan], u.now))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// insertSold makes the pending order. Its end is the one that it would have now;
// the time begins when it comes into service.
func (u *unit) insertSold(n *sale, c *customer.Customer) (*order.Order, error) {
	if err := u.sells(n.product); err != nil {
		return nil, err
	}
	seller, err := u.sellerOf(c)
	if err != nil {
		return nil, err
	}
	switch {
	case !seller.Sells(n.product):
		return nil, errNotSignedUp
	case c.Status != customer.Active:
		return nil, errCustomerInactive
	}
	taken, err := u.liveSibling(c.PartnerID, n.Domain)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return nil, errDomainTaken
	}
	p, err := u.partner(c.PartnerID)
	if err != nil {
		return nil, err
	}
	made := n.newOrder
	end := u.endOf(n.tenure)
	made.Expiry, made.ResellerID, made.Locale, made.Payment.Currency = &end, &seller.ID, c.Locale, seller.SellingCurrency
	return u.insertOrder(&made, p, c)
}

// mayCheck answers who may not sell a product before anything that is wrong with
// its parameters.
func (u *unit) mayCheck(k product.Key) error {
	if _, err := u.reseller(0); err != nil {
		return err
	}
	return u.sells(k)
}
