package selling

import (
	"context"
	"slices"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// SoldOrderRef names an order as a reseller does: by its number, and where the
// call is one product's, by that too. An order of another product is unknown there.
type SoldOrderRef struct {
	ID      int64
	Product product.Key // "" = any
}

// SoldOrder is an order as its resellers see it (resellerclub.md 7.7).
type SoldOrder struct {
	work.OrderDetails
	Shown             order.Shown
	Product           product.Product
	Plan              product.Plan       // of a product sold by plans
	Seller            *reseller.Reseller // of the customer; its path is the chain
	Immediate         bool               // the customer is the caller's own
	SuspendedByExpiry bool
	SuspendedByParent bool
	Pending           *action.Action // nil = none
}

// Reasons why a reseller's command is refused.
const (
	ReasonDomainTaken     = "DOMAIN_TAKEN"
	ReasonByParent        = "SUSPENDED_BY_PARENT"
	ReasonTooManyAccounts = "TOO_MANY_ACCOUNTS" // no slab has as many
)

var (
	// ErrDomainTaken refuses a second order for a domain.
	ErrDomainTaken = fault.New(fault.Forbidden, "The domain has an order already").WithReason(ReasonDomainTaken)
	errByParent    = fault.New(fault.Forbidden, "The order is suspended by somebody above").WithReason(ReasonByParent)
)

// sells refuses a product that the calling reseller has not signed up for.
func sells(u *work.Unit, k product.Key) error {
	if k == "" || u.Actor.Limit.ResellerID == 0 {
		return nil
	}
	me, err := u.Self()
	if err == nil && !me.Sells(k) {
		err = work.ErrNotSignedUp
	}
	return err
}

// soldOrder finds an order of the actor's that is not purged.
func soldOrder(u *work.Unit, ref SoldOrderRef) (*order.Order, *customer.Customer, error) {
	o, c, err := everSold(u, ref)
	if err == nil && o.Status(u.Now) == order.Purged {
		err = work.ErrOrder
	}
	return o, c, err
}

// everSold finds a purged one too.
func everSold(u *work.Unit, ref SoldOrderRef) (*order.Order, *customer.Customer, error) {
	if err := sells(u, ref.Product); err != nil {
		return nil, nil, err
	}
	o, err := u.OrderByID(ref.ID)
	if err != nil {
		return nil, nil, err
	}
	if ref.Product != "" && ref.Product != product.OrDefault(o.ProductKey) {
		return nil, nil, work.ErrOrder
	}
	if err := u.AdmitOrder(work.OpRead); err != nil {
		return nil, nil, err
	}
	c, err := u.CustomerOf(o)
	return o, c, err
}

// changing finds an order for a change, which a pending action refuses.
func changing(u *work.Unit, ref SoldOrderRef) (*order.Order, *customer.Customer, error) {
	o, c, err := soldOrder(u, ref)
	if err == nil {
		err = u.NoPendingAction(o)
	}
	return o, c, err
}

// FetchSoldOrder gives an order to its reseller, also when it is purged.
func (s *Service) FetchSoldOrder(ctx context.Context, actor audit.Actor, ref SoldOrderRef) (*SoldOrder, error) {
	var out *SoldOrder
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, c, err := everSold(u, ref)
		if err != nil {
			return err
		}
		out, err = showSold(u, o, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func showSold(u *work.Unit, o *order.Order, c *customer.Customer) (*SoldOrder, error) {
	d, err := u.Details(o, c, nil)
	if err != nil {
		return nil, err
	}
	out := &SoldOrder{OrderDetails: *d, Shown: o.Shown(u.Now)}
	out.Product, _ = product.Find(product.OrDefault(o.ProductKey))
	out.Plan, _ = out.Product.PlanOf(o.Plan)
	if out.Seller, err = u.SellerOf(c); err != nil {
		return nil, err
	}
	out.Immediate = out.Seller.ID == u.Actor.Limit.ResellerID
	out.SuspendedByExpiry = slices.ContainsFunc(o.Suspensions, func(m suspension.Suspension) bool { return m.Type == suspension.TypeExpiry })
	if out.SuspendedByParent, err = u.SuspendedByParent(o); err != nil {
		return nil, err
	}
	out.Pending, err = u.Tx.PendingAction(u.Ctx, o.ID)
	return out, err
}

// SoldOrderID gives the number of a domain's order: of the live one, else of the
// newest that is not purged (section 7.6).
func (s *Service) SoldOrderID(ctx context.Context, actor audit.Actor, k product.Key, domain string) (int64, error) {
	var out int64
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := soldForDomain(u, k, domain, 0)
		if err != nil {
			return err
		}
		out = o.ID
		return nil
	})
	return out, err
}

// soldForDomain finds the order that a domain's name stands for, of one customer
// or with 0 of any.
func soldForDomain(u *work.Unit, k product.Key, domain string, customerID int64) (*order.Order, error) {
	if err := sells(u, k); err != nil {
		return nil, err
	}
	name, err := order.ParseDomain(domain)
	if err != nil {
		return nil, work.ErrOrder // what can't be a domain has no order
	}
	orders, err := u.Tx.OrdersByDomain(u.Ctx, u.Actor.PartnerID, name)
	if err != nil {
		return nil, err
	}
	var found *order.Order
	for _, o := range orders { // by ID
		if k != "" && k != product.OrDefault(o.ProductKey) || customerID != 0 && customerID != o.CustomerID ||
			o.Status(u.Now) == order.Purged || found != nil && found.Live() {
			continue
		}
		ours, err := u.Reaches(o)
		if err != nil {
			return nil, err
		}
		if ours {
			found = o
		}
	}
	if found == nil {
		return nil, work.ErrOrder
	}
	return found, u.AdmitOrder(work.OpRead)
}

// finished keeps the action of a change that costs nothing and is carried out
// already. text is its description from before the change.
func finished(u *work.Unit, o *order.Order, c *customer.Customer, ch action.Change, text string) (*Purchased, error) {
	seller, err := u.SellerOf(c)
	if err != nil {
		return nil, err
	}
	now := u.Now
	a := &action.Action{
		PartnerID: o.PartnerID, ResellerID: seller.ID, CustomerID: c.ID, OrderID: o.ID, ProductKey: product.OrDefault(o.ProductKey), Type: ch.Type,
		Description: text, Status: action.Success, Change: ch, Actor: u.Actor.String(),
		AddedAt: now, StartedAt: &now, CompletedAt: &now,
	}
	if err := u.Tx.InsertAction(u.Ctx, a); err != nil {
		return nil, err
	}
	return &Purchased{Action: a, Order: o, Customer: c}, nil
}

// seatsFit refuses a total that the product is not sold with.
func seatsFit(p product.Product, seats int) error {
	if err := order.CheckSeats(seats); err != nil {
		return err
	}
	if len(p.Slabs) == 0 {
		return nil
	}
	if _, ok := p.Slab(seats); !ok {
		return fault.New(fault.Invalid, "The product is not sold with that many accounts").WithReason(ReasonTooManyAccounts)
	}
	return nil
}

// tenureFits refuses a number of months that nothing is sold for. Which
// of them are priced is seen when the price is asked for.
func tenureFits(n int) error {
	if !slices.Contains(product.Tenures, n) {
		return pricing.ErrUnpriced
	}
	return nil
}

// checkOption refuses what is none of the four.
func checkOption(o action.InvoiceOption) error {
	if !o.Valid() {
		return fault.New(fault.Invalid, "The invoice option is unknown").WithReason("INVOICE_OPTION")
	}
	return nil
}

// EndOf is the end of as many months that begin now.
func EndOf(u *work.Unit, n int) time.Time { return order.AddMonths(u.Now.Truncate(time.Second), n) }
