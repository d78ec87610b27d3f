package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
)

// isSandbox reports whether an order is a sandbox partner's.
func (u *unit) isSandbox(o *order.Order) (bool, error) {
	p, err := u.partner(o.PartnerID)
	if err != nil {
		return false, err
	}
	return p.Sandbox, nil
}

// claimService reports whether an order that comes into service may serve its
// domain: nobody does, with an order or an alias, or only a sandbox partner's order, which must never hold
// a domain against a real one, proven or not, and yields at once (7.2).
func (u *unit) claimService(domain string, sandbox bool) (bool, error) {
	holder, err := u.tx.ServiceableOrder(u.ctx, domain)
	if err != nil {
		return false, err
	}
	if holder == nil {
		return u.aliasYields(domain, sandbox)
	}
	played, err := u.isSandbox(holder)
	if err != nil || sandbox || !played {
		return false, err
	}
	return true, u.setServiceable(holder, false)
}

// assignService gives a domain that nobody serves to an order that is in
// service: a real one rather than a sandbox partner's, then the first that
// proved its ownership, else the oldest (7.2).
func (u *unit) assignService(domain string) error {
	serving, err := u.tx.ServiceableOrder(u.ctx, domain)
	if err != nil || serving != nil {
		return err
	}
	alias, err := u.tx.ActiveAlias(u.ctx, domain)
	if err != nil || alias != nil {
		return err
	}
	orders, err := u.tx.OrdersOfDomain(u.ctx, domain)
	if err != nil {
		return err
	}
	var next *order.Order
	var nextPlayed bool
	for _, o := range orders {
		if !o.Live() || o.PendingPayment {
			continue
		}
		played, err := u.isSandbox(o)
		if err != nil {
			return err
		}
		better := next == nil || nextPlayed && !played
		if !better && played == nextPlayed {
			better = o.ProvenAt != nil && (next.ProvenAt == nil || o.ProvenAt.Before(*next.ProvenAt))
		}
		if better {
			next, nextPlayed = o, played
		}
	}
	if next == nil {
		return nil
	}
	return u.setServiceable(next, true)
}

// setServiceable moves a flag that no API shows: sessions are looked at again,
// since who may send follows it.
func (u *unit) setServiceable(o *order.Order, on bool) error {
	return u.within(o.PartnerID, func() error {
		o.Serviceable, o.UpdatedAt = on, u.now
		if err := u.tx.UpdateOrder(u.ctx, o); err != nil {
			return err
		}
		if err := u.tx.AccessChanged(u.ctx, o.ID, 0); err != nil {
			return err
		}
		return u.record(o.PartnerID, "mail_order.serviceable", "order", o.ID, detail{"serviceable": on})
	})
}

// ProveOwnership notes that the order's TXT token was found in the domain's DNS
// (T-15). It takes the domain from an order that has not proven it; when both
// have, the holder keeps it. What a sandbox partner proves, in a DNS of its own
// making, counts among sandbox partners only.
func (s *Service) ProveOwnership(ctx context.Context, actor audit.Actor, orderID int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(OrderRef{ID: orderID}, opModifyOrder)
		if err != nil {
			return err
		}
		return u.prove(o)
	})
}

// prove notes that an order's token was found, and gives it the domain unless
// the order that serves it holds it.
func (u *unit) prove(o *order.Order) error {
	if o.ProvenAt == nil {
		now := u.now
		o.ProvenAt, o.UpdatedAt = &now, now
		if err := u.tx.UpdateOrder(u.ctx, o); err != nil {
			return err
		}
		if err := u.record(o.PartnerID, "mail_order.prove", "order", o.ID, nil); err != nil {
			return err
		}
	}
	if o.Serviceable || o.PendingPayment {
		return nil
	}
	holder, err := u.tx.ServiceableOrder(u.ctx, o.Domain)
	if err != nil {
		return err
	}
	if holder != nil {
		holds, err := u.holdsAgainst(holder, o)
		if err != nil || holds {
			return err
		}
		if err := u.setServiceable(holder, false); err != nil {
			return err
		}
	} else if kept, err := u.aliasKeeps(o); err != nil || kept {
		return err
	}
	return u.setServiceable(o, true)
}

// aliasKeeps ends an alias of the domain of an order that has proven ownership,
// which no alias has; a sandbox partner's proof is none to others.
func (u *unit) aliasKeeps(o *order.Order) (bool, error) {
	a, err := u.tx.ActiveAlias(u.ctx, o.Domain)
	if err != nil || a == nil {
		return false, err
	}
	plays, err := u.isSandbox(o)
	if err != nil {
		return false, err
	}
	if plays {
		p, err := u.partner(a.PartnerID)
		if err != nil || !p.Sandbox {
			return err == nil, err
		}
	}
	return false, u.endAlias(a)
}

// holdsAgainst reports whether the order that serves a domain keeps it against
// one that has proven ownership.
func (u *unit) holdsAgainst(holder, o *order.Order) (bool, error) {
	holderPlays, err := u.isSandbox(holder)
	if err != nil {
		return false, err
	}
	plays, err := u.isSandbox(o)
	if err != nil {
		return false, err
	}
	if holderPlays != plays {
		return plays, nil
	}
	return holder.ProvenAt != nil, nil
}
