package retail

import (
	"context"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
)

// AccountDomain is a mail order as its account holder has it (basekit.md 4.3).
type AccountDomain struct {
	Order   *order.Order
	Active  bool // in service, and its mail service is set up (B-21)
	Free    bool // of the free plan or a trial
	Product DomainProduct
	Holder  *holders.HolderDetails   // of a single one
	Package *packages.AccountPackage // in lists; nil = the holder has none
}

// DomainProduct is what a domain was sold as: the domain package of its ending (B-07).
type DomainProduct struct {
	Ref    int64 // 0 = the brand has none for it
	Name   string
	Ending string
}

// AccountDomain gives one of the calling brand's, deleted ones until their purge.
func (s *Service) AccountDomain(ctx context.Context, actor audit.Actor, ref int64) (*AccountDomain, error) {
	var out *AccountDomain
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := accountDomain(u, 0, ref)
		if err != nil {
			return err
		}
		out, err = singleDomain(u, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AccountDomains gives a holder's, by ref; deleted ones not.
func (s *Service) AccountDomains(ctx context.Context, actor audit.Actor, customerID int64) ([]*AccountDomain, error) {
	var out []*AccountDomain
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(customerID)
		if err != nil {
			return err
		}
		orders, err := packages.LiveOrders(u, c)
		if err != nil {
			return err
		}
		if out, err = showDomains(u, orders); err != nil {
			return err
		}
		sub, _, err := packages.SubscriptionOf(u, c)
		if err != nil || sub == nil || len(out) == 0 {
			return err
		}
		k, err := packages.ShowAccountPackage(u, c, sub)
		for _, d := range out {
			d.Package = k
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// accountDomain finds an order by its ref: 0 = of any holder of the actor's.
// What is another holder's does not exist.
func accountDomain(u *work.Unit, customerID, ref int64) (*order.Order, error) {
	if customerID != 0 {
		if _, err := u.Customer(customerID); err != nil {
			return nil, err
		}
	}
	if ref <= 0 {
		return nil, work.ErrOrder
	}
	o, err := u.Order(work.OrderRef{ID: ref}, work.OpRead)
	if err == nil && customerID != 0 && o.CustomerID != customerID {
		err = work.ErrOrder
	}
	if err != nil {
		return nil, err
	}
	return o, nil
}

// liveDomain is accountDomain of an order that is not deleted.
func liveDomain(u *work.Unit, customerID, ref int64) (*order.Order, error) {
	o, err := accountDomain(u, customerID, ref)
	if err == nil && !o.Live() {
		err = work.ErrOrderState
	}
	return o, err
}

func singleDomain(u *work.Unit, o *order.Order) (*AccountDomain, error) {
	all, err := showDomains(u, []*order.Order{o})
	if err != nil {
		return nil, err
	}
	c, err := u.CustomerOf(o)
	if err != nil {
		return nil, err
	}
	all[0].Holder, err = holders.DetailsOf(u, c)
	return all[0], err
}

// showDomains completes orders of one partner but for whose they are.
func showDomains(u *work.Unit, orders []*order.Order) ([]*AccountDomain, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	ids := make([]int64, 0, len(orders))
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	services, err := u.Tx.MailServicesOf(u.Ctx, ids)
	if err != nil {
		return nil, err
	}
	packages, err := u.Tx.Packages(u.Ctx, orders[0].PartnerID)
	if err != nil {
		return nil, err
	}
	out := make([]*AccountDomain, 0, len(orders))
	for _, o := range orders {
		out = append(out, &AccountDomain{
			Order: o, Active: o.Status(u.Now) == order.Active && services[o.ID].Ready(), Free: !u.Platform.Catalogue[o.Plan].Paid, Product: productOf(packages, o.Domain),
		})
	}
	return out, nil
}

// productOf gives the package of a domain's longest ending.
func productOf(packages []*shop.Package, domain string) DomainProduct {
	ending := endingOf(domain)
	var found *shop.Package
	for _, k := range packages {
		if k.OnOffer() && k.TakesDomain(domain) && (found == nil || len(k.Ending) > len(found.Ending)) {
			found = k
		}
	}
	switch {
	case found == nil:
		return DomainProduct{Name: "." + ending, Ending: ending}
	case found.Ending == "":
		return DomainProduct{Ref: found.ID, Name: found.Name, Ending: ending}
	}
	return DomainProduct{Ref: found.ID, Name: found.Name, Ending: found.Ending}
}

// endingOf guesses a name's ending: its last label, or the last two where a
// country's begins with a short one, as "co.uk".
func endingOf(domain string) string {
	labels := strings.Split(domain, ".")
	n := len(labels)
	if n > 2 && len(labels[n-1]) == 2 && len(labels[n-2]) <= 3 {
		return labels[n-2] + "." + labels[n-1]
	}
	return labels[n-1]
}

// SetDomainAutoRenew turns the auto-renewal of an account domain on or off. Who
// turns it on takes a cancellation back.
func (s *Service) SetDomainAutoRenew(ctx context.Context, actor audit.Actor, customerID, ref int64, on bool) (*AccountDomain, error) {
	var out *AccountDomain
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := liveDomain(u, customerID, ref)
		if err != nil {
			return err
		}
		cancelled := o.Cancelled && !on
		if o.AutoRenew != on || o.Cancelled != cancelled {
			o.AutoRenew, o.Cancelled = on, cancelled
			if err := u.SaveOrder(o, o.Status(u.Now)); err != nil {
				return err
			}
			if err := u.Record(o.PartnerID, "mail_order.auto_renew", "order", o.ID, work.Detail{"on": on}); err != nil {
				return err
			}
		}
		out, err = singleDomain(u, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteAccountDomain deletes the order of an account domain; customerID 0 is
// whoever holds it. A deleted one is no longer there.
func (s *Service) DeleteAccountDomain(ctx context.Context, actor audit.Actor, customerID, ref int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := liveDomain(u, customerID, ref)
		if err != nil {
			return err
		}
		_, err = ordering.DeleteOrders(u, o, "", false)
		return err
	})
}

// CreateSite makes an account domain in one step (basekit.md section 9).
type CreateSite struct {
	CustomerID int64
	Domain     string
}

// CreateSite gives the holder's account domain of that name, made if there is
// none. Nothing is booked: neither a payment nor a period is told.
func (s *Service) CreateSite(ctx context.Context, actor audit.Actor, cmd CreateSite) (*order.Order, error) {
	domain, err := s.OrderDomain(cmd.Domain)
	if err != nil {
		return nil, err
	}
	var out *order.Order
	err = selling.WriteMoney(ctx, s.Platform, actor, func(u *work.Unit) error {
		c, err := u.Customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		if out, err = u.LiveSibling(c.PartnerID, domain); err != nil {
			return err
		}
		if out != nil {
			if out.CustomerID != c.ID {
				return selling.ErrDomainTaken
			}
			return nil
		}
		if c.Status != customer.Active {
			return work.ErrCustomerInactive
		}
		months := 0
		if sub, _, err := packages.Subscribed(u, c); err != nil {
			return err
		} else if sub != nil {
			months = sub.Months
		}
		out, err = bearDomain(u, birth{customer: c, domain: domain, months: months})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Sites gives a page of a holder's live account domains, by ref.
func (s *Service) Sites(ctx context.Context, actor audit.Actor, customerID int64, offset, limit int) ([]*order.Order, error) {
	var out []*order.Order
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(customerID)
		if err != nil {
			return err
		}
		all, err := packages.LiveOrders(u, c)
		out = all[min(offset, len(all)):]
		out = out[:min(limit, len(out))]
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Site gives one that is not deleted.
func (s *Service) Site(ctx context.Context, actor audit.Actor, ref int64) (*order.Order, error) {
	var out *order.Order
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = liveDomain(u, 0, ref)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
