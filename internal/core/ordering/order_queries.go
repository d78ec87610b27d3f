package ordering

import (
	"context"
	"sort"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
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
	Existing  *work.OrderDetails // the partner's own order that stands in the way
}

// FetchOrder is titan.md operation 5; it works in every state until the purge.
func (s *Service) FetchOrder(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*work.OrderDetails, error) {
	var out *work.OrderDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		if out, err = u.Details(o, nil, nil); err != nil {
			return err
		}
		out.Addons, err = u.Tx.AddonCounters(u.Ctx, o.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// OrderSuspensions is titan.md operation 6.
func (s *Service) OrderSuspensions(ctx context.Context, actor audit.Actor, ref work.OrderRef) (suspension.Set, error) {
	var out suspension.Set
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		out = o.Suspensions
		return nil
	})
	return out, err
}

// ListMailOrders gives a customer's orders, the live ones first (T-17), each by ID.
func (s *Service) ListMailOrders(ctx context.Context, actor audit.Actor, q ListMailOrders) ([]*work.OrderDetails, error) {
	var out []*work.OrderDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		customers, err := ListedCustomers(u, q)
		if err != nil {
			return err
		}
		out = make([]*work.OrderDetails, 0, len(customers))
		for _, c := range customers {
			if out, err = appendOrders(u, out, c); err != nil {
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

// ListedCustomers gives the one customer named, or those of all hosts if the
// partner wants them collated.
func ListedCustomers(u *work.Unit, q ListMailOrders) ([]*customer.Customer, error) {
	if q.CustomerNumber != 0 {
		c, err := u.Tx.Customer(u.Ctx, q.CustomerNumber)
		if err != nil {
			return nil, err
		}
		if c == nil || !u.Owns(c.PartnerID) || c.Status == customer.Deleted {
			return nil, work.ErrCustomer
		}
		if err := u.AdmitCustomer(c); err != nil {
			return nil, err
		}
		return []*customer.Customer{c}, u.Enter(c.PartnerID)
	}
	var f work.Fields
	id := f.Required("customer id", q.CustomerID, work.MaxID)
	if f.Err != nil {
		return nil, f.Err
	}
	all, err := u.Tx.CustomersByPartnerID(u.Ctx, u.Actor.PartnerID, id)
	if err != nil {
		return nil, err
	}
	switch len(all) {
	case 0:
		return nil, work.ErrCustomer
	case 1:
		return all, nil
	}
	p, err := u.Partner(u.Actor.PartnerID)
	if err != nil {
		return nil, err
	}
	if !p.Settings.CollateHosts {
		return nil, work.ErrSeveralHosts
	}
	return all, nil
}

func appendOrders(u *work.Unit, out []*work.OrderDetails, c *customer.Customer) ([]*work.OrderDetails, error) {
	orders, err := u.Tx.OrdersByCustomer(u.Ctx, c.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(orders))
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	counters, err := u.Tx.CountersOf(u.Ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		if o.Status(u.Now) == order.Purged {
			continue
		}
		n := counters[o.ID]
		d, err := u.Details(o, c, &n)
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
	name, err := s.OrderDomain(domain)
	if err != nil {
		return nil, err
	}
	var out *OrderAvailability
	err = s.Read(ctx, actor, func(u *work.Unit) error {
		if u.Actor.PartnerID == 0 {
			return fault.New(fault.Invalid, "Availability is a partner's")
		}
		o, err := u.LiveSibling(u.Actor.PartnerID, name)
		if err != nil {
			return err
		}
		out = &OrderAvailability{Domain: name, Available: o == nil}
		if o != nil {
			out.Existing, err = u.Details(o, nil, nil)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
