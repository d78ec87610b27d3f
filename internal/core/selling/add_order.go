package selling

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/product"
	"posthouse/internal/core/work"
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
	ordering.NewOrder
	change action.Change
}

func (s *Service) checkAddOrder(cmd AddOrder) (*sale, error) {
	domain, err := s.OrderDomain(cmd.Domain)
	if err != nil {
		return nil, err
	}
	sold, known := product.Find(cmd.Product)
	if !known {
		return nil, work.ErrNotSignedUp
	}
	level := sold.Plan
	if len(sold.Plans) > 0 {
		p, found := sold.PlanByID(cmd.PlanID)
		if !found {
			return nil, work.ErrPlanID
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
		ordering.NewOrder{
			CreateMailOrder: ordering.CreateMailOrder{
				Domain: domain, Plan: level, BillingCycle: order.CycleOf(cmd.Months), BillingOwner: &owner, AwaitingPayment: true,
			},
			SeatCount: cmd.Seats, Product: cmd.Product, Tenure: cmd.Months, AutoRenew: cmd.AutoRenew,
		},
		action.Change{Type: action.Add, Months: cmd.Months, Seats: cmd.Seats, PlanID: cmd.PlanID, AutoRenew: &cmd.AutoRenew},
	}, nil
}

// AddOrder makes an order, which waits, and buys what brings it into service.
// A domain has one live order under a partner, whoever of its resellers sold it.
func (s *Service) AddOrder(ctx context.Context, actor audit.Actor, cmd AddOrder) (*Purchased, error) {
	n, wrong := s.checkAddOrder(cmd)
	if wrong != nil {
		if err := s.Read(ctx, actor, func(u *work.Unit) error { return mayCheck(u, cmd.Product) }); err != nil {
			return nil, err
		}
		return nil, wrong
	}
	var out *Purchased
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		if err := mayCheck(u, cmd.Product); err != nil {
			return err
		}
		c, err := u.Customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		o, err := insertSold(u, n, c)
		if err != nil {
			return err
		}
		u.Unannounced = o.ID
		if err := u.Record(o.PartnerID, "mail_order.create", "order", o.ID, work.Detail{
			"domain": o.Domain, "product": o.ProductKey, "plan": o.Plan, "seats": o.Seats, "customer": c.ID, "months": o.Tenure, "option": cmd.Option,
		}); err != nil {
			return err
		}
		if out, err = Buy(u, Purchase{Order: o, Customer: c, Change: n.change, Option: cmd.Option, discount: cmd.Discount}); err != nil {
			return err
		}
		if u.Unannounced != o.ID {
			return nil
		}
		return u.Emit(o, event.MailOrderCreated, event.NewOrderCreated(o, c, u.Platform.Catalogue[o.Plan], u.Now))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// insertSold makes the pending order. Its end is the one that it would have now;
// the time begins when it comes into service.
func insertSold(u *work.Unit, n *sale, c *customer.Customer) (*order.Order, error) {
	if err := sells(u, n.Product); err != nil {
		return nil, err
	}
	seller, err := u.SellerOf(c)
	if err != nil {
		return nil, err
	}
	switch {
	case !seller.Sells(n.Product):
		return nil, work.ErrNotSignedUp
	case c.Status != customer.Active:
		return nil, work.ErrCustomerInactive
	}
	taken, err := u.LiveSibling(c.PartnerID, n.Domain)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return nil, ErrDomainTaken
	}
	p, err := u.Partner(c.PartnerID)
	if err != nil {
		return nil, err
	}
	made := n.NewOrder
	end := EndOf(u, n.Tenure)
	made.Expiry, made.ResellerID, made.Locale, made.Payment.Currency = &end, &seller.ID, c.Locale, seller.SellingCurrency
	return ordering.InsertOrder(u, &made, p, c)
}

// mayCheck answers who may not sell a product before anything that is wrong with
// its parameters.
func mayCheck(u *work.Unit, k product.Key) error {
	if _, err := u.Reseller(0); err != nil {
		return err
	}
	return sells(u, k)
}
