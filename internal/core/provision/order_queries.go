package provision

import (
	"context"
	"sort"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
)

// ListMailOrders is titan.md operation 11. With both ids CustomerNumber wins.
type ListMailOrders struct {
	CustomerID     string
	CustomerNumber int64 // titanCustomerId
}

// OrderAvailability is titan.md operation 13.
type OrderAvailability struct {
	Domain    string // as orders have it
	Available bool
	Existing  *OrderDetails // the partner's own order that stands in the way
}

// FetchOrder is titan.md operation 5; it works in every state until the purge.
func (s *Service) FetchOrder(ctx context.Context, actor audit.Actor, ref OrderRef) (*OrderDetails, error) {
	var out *OrderDetails
	err := s.read(ctx, actor, func(u *unit) error {
		o, err := u.order(ref, opRead)
		if err != nil {
			return err
		}
		if out, err = u.details(o, nil, nil); err != nil {
			return err
		}
		out.Addons, err = u.tx.AddonCounters(u.ctx, o.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// OrderSuspensions is titan.md operation 6.
func (s *Service) OrderSuspensions(ctx context.Context, actor audit.Actor, ref OrderRef) (suspension.Set, error) {
	var out suspension.Set
	err := s.read(ctx, actor, func(u *unit) error {
		o, err := u.order(ref, opRead)
		if err != nil {
			return err
		}
		out = o.Suspensions
		return nil
	})
	return out, err
}

// ListMailOrders gives a customer's orders, the live ones first (T-17), each by ID.
func (s *Service) ListMailOrders(ctx context.Context, actor audit.Actor, q ListMailOrders) ([]*OrderDetails, error) {
	var out []*OrderDetails
	err := s.read(ctx, actor, func(u *unit) error {
		customers, err := u.listedCustomers(q)
		if err != nil {
			return err
		}
		out = make([]*OrderDetails, 0, len(customers))
		for _, c := range customers {
			if out, err = u.appendOrders(out, c); err != nil {
				return err
			}
		}
		sort.Slice(out, func(i, j int) bool {
			a, b := out[i].Order, out[j].Order
			if a.Live() != b.Live() {
				return a.Live()
			}
			return a.ID < b.ID
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// listedCustomers gives the one customer named, or those of all hosts if the
// partner wants them collated.
func (u *unit) listedCustomers(q ListMailOrders) ([]*customer.Customer, error) {
	if q.CustomerNumber != 0 {
		c, err := u.tx.Customer(u.ctx, q.CustomerNumber)
		if err != nil {
			return nil, err
		}
		if c == nil || !u.owns(c.PartnerID) || c.Status == customer.Deleted {
			return nil, errCustomer
		}
		if err := u.admitCustomer(c); err != nil {
			return nil, err
		}
		return []*customer.Customer{c}, u.enter(c.PartnerID)
	}
	var f fields
	id := f.required("customer id", q.CustomerID, maxID)
	if f.err != nil {
		return nil, f.err
	}
	all, err := u.tx.CustomersByPartnerID(u.ctx, u.actor.PartnerID, id)
	if err != nil {
		return nil, err
	}
	switch len(all) {
	case 0:
		return nil, errCustomer
	case 1:
		return all, nil
	}
	p, err := u.partner(u.actor.PartnerID)
	if err != nil {
		return nil, err
	}
	if !p.Settings.CollateHosts {
		return nil, errSeveralHosts
	}
	return all, nil
}

func (u *unit) appendOrders(out []*OrderDetails, c *customer.Customer) ([]*OrderDetails, error) {
	orders, err := u.tx.OrdersByCustomer(u.ctx, c.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(orders))
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	counters, err := u.tx.CountersOf(u.ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		if o.Status(u.now) == order.Purged {
			continue
		}
		n := counters[o.ID]
		d, err := u.details(o, c, &n)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// CheckMailOrderAvailability says whether the partner may make an order for a
// domain; other partners' orders and deleted ones do not count (7.2).
func (s *Service) CheckMailOrderAvailability(ctx context.Context, actor audit.Actor, domain string) (*OrderAvailability, error) {
	name, err := s.orderDomain(domain)
	if err != nil {
		return nil, err
	}
	var out *OrderAvailability
	err = s.read(ctx, actor, func(u *unit) error {
		if u.actor.PartnerID == 0 {
			return fault.New(fault.Invalid, "Availability is a partner's")
		}
		o, err := u.liveSibling(u.actor.PartnerID, name)
		if err != nil {
			return err
		}
		out = &OrderAvailability{Domain: name, Available: o == nil}
		if o != nil {
			out.Existing, err = u.details(o, nil, nil)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
