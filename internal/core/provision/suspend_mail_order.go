package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
)

// SuspendMailOrder is titan.md operation 4.
type SuspendMailOrder struct {
	Order OrderRef
	Type  string // "" = partner (T-08)
	Note  string
}

// SuspendMailOrder suspends every live order that the partner has under the
// domain name (7.3). Neither accounts nor their events are touched (T-16).
func (s *Service) SuspendMailOrder(ctx context.Context, actor audit.Actor, cmd SuspendMailOrder) (*OrderState, error) {
	n, err := newSuspension(actor, cmd.Type, cmd.Note)
	if err != nil {
		return nil, err
	}
	var out *OrderState
	err = s.write(ctx, actor, func(u *unit) error {
		named, err := u.order(cmd.Order, opSuspendOrder)
		if err != nil {
			return err
		}
		named, err = u.suspendOrders(named, n)
		if err != nil {
			return err
		}
		out = u.orderState(named)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// suspendOrders adds a suspension to every live order that the partner of one
// has under its domain name, and gives that one as it is then.
func (u *unit) suspendOrders(named *order.Order, m suspension.Suspension) (*order.Order, error) {
	orders, err := u.tx.OrdersByDomain(u.ctx, named.PartnerID, named.Domain)
	if err != nil {
		return nil, err
	}
	m.On = u.now
	if m.ResellerID, err = u.suspender(); err != nil {
		return nil, err
	}
	for _, o := range orders {
		if !o.Live() {
			continue
		}
		if o.ID == named.ID {
			o = named
		}
		before := o.Status(u.now)
		left, changed := o.Suspensions.Add(m)
		if !changed {
			continue
		}
		o.Suspensions = left
		if err := u.saveOrder(o, before); err != nil {
			return nil, err
		}
		if err := u.record(o.PartnerID, "mail_order.suspend", "order", o.ID, detail{"type": m.Type, "role": m.Role, "note": m.Note}); err != nil {
			return nil, err
		}
	}
	return named, nil
}

// newSuspension checks what the actor asks for; the time and the reseller are
// the transaction's.
func newSuspension(actor audit.Actor, kind, note string) (suspension.Suspension, error) {
	var f fields
	kind = f.line("suspension type", kind, suspension.MaxType)
	note = f.text("note", note, suspension.MaxNote)
	if f.err != nil {
		return suspension.Suspension{}, f.err
	}
	if kind == "" {
		kind = suspension.TypePartner
	}
	return suspension.Suspension{Type: kind, Role: actor.Role, Note: note}, nil
}

// checkLift checks what an unsuspension names.
func checkLift(kind, note string) (string, string, error) {
	var f fields
	kind = f.line("suspension type", kind, suspension.MaxType)
	note = f.text("note", note, suspension.MaxNote)
	return kind, note, f.err
}
