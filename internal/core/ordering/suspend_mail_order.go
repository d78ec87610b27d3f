package ordering

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

// SuspendMailOrder is titan.md operation 4.
type SuspendMailOrder struct {
	Order work.OrderRef
	Type  string // "" = partner (T-08)
	Note  string
}

// SuspendMailOrder suspends every live order that the partner has under the
// domain name (7.3). Neither accounts nor their events are touched (T-16).
func (s *Service) SuspendMailOrder(ctx context.Context, actor audit.Actor, cmd SuspendMailOrder) (*work.OrderState, error) {
	n, err := work.NewSuspension(actor, cmd.Type, cmd.Note)
	if err != nil {
		return nil, err
	}
	var out *work.OrderState
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		named, err := u.Order(cmd.Order, work.OpSuspendOrder)
		if err != nil {
			return err
		}
		named, err = SuspendOrders(u, named, n)
		if err != nil {
			return err
		}
		out = u.OrderState(named)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SuspendOrders adds a suspension to every live order that the partner of one
// has under its domain name, and gives that one as it is then.
func SuspendOrders(u *work.Unit, named *order.Order, m suspension.Suspension) (*order.Order, error) {
	orders, err := u.Tx.OrdersByDomain(u.Ctx, named.PartnerID, named.Domain)
	if err != nil {
		return nil, err
	}
	m.On = u.Now
	if m.ResellerID, err = u.Suspender(); err != nil {
		return nil, err
	}
	for _, o := range orders {
		if !o.Live() {
			continue
		}
		if o.ID == named.ID {
			o = named
		}
		before := o.Status(u.Now)
		left, changed := o.Suspensions.Add(m)
		if !changed {
			continue
		}
		o.Suspensions = left
		if err := u.SaveOrder(o, before); err != nil {
			return nil, err
		}
		if err := u.Record(o.PartnerID, "mail_order.suspend", "order", o.ID, work.Detail{"type": m.Type, "role": m.Role, "note": m.Note}); err != nil {
			return nil, err
		}
	}
	return named, nil
}
