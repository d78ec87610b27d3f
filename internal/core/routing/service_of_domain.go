package routing

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
)

// isSandbox reports whether an order is a sandbox partner's.
func isSandbox(u *work.Unit, o *order.Order) (bool, error) {
	p, err := u.Partner(o.PartnerID)
	if err != nil {
		return false, err
	}
	return p.Sandbox, nil
}

// ClaimService reports whether an order that comes into service may serve its
// domain: nobody does, with an order or an alias, or only a sandbox partner's order, which must never hold
// a domain against a real one, proven or not, and yields at once (7.2).
func ClaimService(u *work.Unit, domain string, sandbox bool) (bool, error) {
	holder, err := u.Tx.ServiceableOrder(u.Ctx, domain)
	if err != nil {
		return false, err
	}
	if holder == nil {
		return aliasYields(u, domain, sandbox)
	}
	played, err := isSandbox(u, holder)
	if err != nil || sandbox || !played {
		return false, err
	}
	return true, setServiceable(u, holder, false)
}

// AssignService gives a domain that nobody serves to an order that is in
// service: a real one rather than a sandbox partner's, then the first that
// proved its ownership, else the oldest (7.2).
func AssignService(u *work.Unit, domain string) error {
	serving, err := u.Tx.ServiceableOrder(u.Ctx, domain)
	if err != nil || serving != nil {
		return err
	}
	alias, err := u.Tx.ActiveAlias(u.Ctx, domain)
	if err != nil || alias != nil {
		return err
	}
	orders, err := u.Tx.OrdersOfDomain(u.Ctx, domain)
	if err != nil {
		return err
	}
	var next *order.Order
	var nextPlayed bool
	for _, o := range orders {
		if !o.Live() || o.PendingPayment {
			continue
		}
		played, err := isSandbox(u, o)
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
	return setServiceable(u, next, true)
}

// setServiceable moves a flag that no API shows: sessions are looked at again,
// since who may send follows it.
func setServiceable(u *work.Unit, o *order.Order, on bool) error {
	return u.Within(o.PartnerID, func() error {
		o.Serviceable, o.UpdatedAt = on, u.Now
		if err := u.Tx.UpdateOrder(u.Ctx, o); err != nil {
			return err
		}
		if err := u.Tx.AccessChanged(u.Ctx, o.ID, 0); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "mail_order.serviceable", "order", o.ID, work.Detail{"serviceable": on})
	})
}

// ProveOwnership notes that the order's TXT token was found in the domain's DNS
// (T-15). It takes the domain from an order that has not proven it; when both
// have, the holder keeps it. What a sandbox partner proves, in a DNS of its own
// making, counts among sandbox partners only.
func (s *Service) ProveOwnership(ctx context.Context, actor audit.Actor, orderID int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(work.OrderRef{ID: orderID}, work.OpModifyOrder)
		if err != nil {
			return err
		}
		return Prove(u, o)
	})
}

// Prove notes that an order's token was found, and gives it the domain unless
// the order that serves it holds it.
func Prove(u *work.Unit, o *order.Order) error {
	if o.ProvenAt == nil {
		now := u.Now
		o.ProvenAt, o.UpdatedAt = &now, now
		if err := u.Tx.UpdateOrder(u.Ctx, o); err != nil {
			return err
		}
		if err := u.Record(o.PartnerID, "mail_order.prove", "order", o.ID, nil); err != nil {
			return err
		}
	}
	if o.Serviceable || o.PendingPayment {
		return nil
	}
	holder, err := u.Tx.ServiceableOrder(u.Ctx, o.Domain)
	if err != nil {
		return err
	}
	if holder != nil {
		holds, err := holdsAgainst(u, holder, o)
		if err != nil || holds {
			return err
		}
		if err := setServiceable(u, holder, false); err != nil {
			return err
		}
	} else if kept, err := aliasKeeps(u, o); err != nil || kept {
		return err
	}
	return setServiceable(u, o, true)
}

// aliasKeeps ends an alias of the domain of an order that has proven ownership,
// which no alias has; a sandbox partner's proof is none to others.
func aliasKeeps(u *work.Unit, o *order.Order) (bool, error) {
	a, err := u.Tx.ActiveAlias(u.Ctx, o.Domain)
	if err != nil || a == nil {
		return false, err
	}
	plays, err := isSandbox(u, o)
	if err != nil {
		return false, err
	}
	if plays {
		p, err := u.Partner(a.PartnerID)
		if err != nil || !p.Sandbox {
			return err == nil, err
		}
	}
	return false, endAlias(u, a)
}

// holdsAgainst reports whether the order that serves a domain keeps it against
// one that has proven ownership.
func holdsAgainst(u *work.Unit, holder, o *order.Order) (bool, error) {
	holderPlays, err := isSandbox(u, holder)
	if err != nil {
		return false, err
	}
	plays, err := isSandbox(u, o)
	if err != nil {
		return false, err
	}
	if holderPlays != plays {
		return plays, nil
	}
	return holder.ProvenAt != nil, nil
}
