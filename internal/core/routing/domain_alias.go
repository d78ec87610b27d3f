package routing

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// DomainAlias names a domain that is an alias of an order's (resellerclub.md
// section 9 row 20).
type DomainAlias struct {
	Order  work.OrderRef
	Domain string
}

// AddDomainAlias makes every address of a domain mean the same local part at the
// order's domain. It claims the domain as an order would: nobody else may serve
// it, but for who proves to own it (7.2). Mail from inside follows the domain's
// MX records as for any unproven domain (T-51), so that a claim takes nobody's
// mail away. Nobody sends as an address of an alias: its DKIM keys would be
// needed. A repeat does nothing.
func (s *Service) AddDomainAlias(ctx context.Context, actor audit.Actor, cmd DomainAlias) error {
	domain, err := s.OrderDomain(cmd.Domain)
	if err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, work.OpAddDomainAlias)
		if err != nil {
			return err
		}
		if domain == o.Domain {
			return fault.New(fault.Conflict, "The domain is the order's own").WithReason(order.ReasonAliasOfItself)
		}
		if !o.Serviceable {
			return fault.New(fault.Conflict, "The order does not serve its domain").WithReason(order.ReasonAliasUnservice)
		}
		have, err := u.Tx.DomainAliases(u.Ctx, o.ID)
		if err != nil {
			return err
		}
		for _, a := range have {
			if a.Domain == domain && a.Active {
				return nil
			}
		}
		if len(have) >= order.MaxDomainAliases {
			return fault.Newf(fault.Conflict, "An order has at most %d domain aliases", order.MaxDomainAliases).WithReason(order.ReasonAliasLimit)
		}
		sibling, err := u.LiveSibling(o.PartnerID, domain)
		if err != nil {
			return err
		}
		if sibling != nil {
			return errAliasIsOrder
		}
		sandbox, err := isSandbox(u, o)
		if err != nil {
			return err
		}
		if free, err := ClaimService(u, domain, sandbox); err != nil || !free {
			if err == nil {
				err = errAliasIsOrder
			}
			return err
		}
		if err := u.Tx.PutDomainAlias(u.Ctx, &order.DomainAlias{OrderID: o.ID, PartnerID: o.PartnerID, Domain: domain, Active: true, CreatedAt: u.Now}); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "domain_alias.add", "order", o.ID, work.Detail{"domain": domain})
	})
}

// errAliasIsOrder refuses an alias whose domain is served already.
var errAliasIsOrder = fault.New(fault.Conflict, "The domain is served for another order").WithReason(order.ReasonAliasIsOrder)

// RemoveDomainAlias takes an alias away; orders that wait for its domain may serve it then.
func (s *Service) RemoveDomainAlias(ctx context.Context, actor audit.Actor, cmd DomainAlias) error {
	domain, err := order.ParseDomain(cmd.Domain)
	if err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, work.OpRemoveDomainAlias)
		if err != nil {
			return err
		}
		have, err := u.Tx.DomainAliases(u.Ctx, o.ID)
		if err != nil {
			return err
		}
		for _, a := range have {
			if a.Domain != domain {
				continue
			}
			if err := u.Tx.DeleteDomainAlias(u.Ctx, o.ID, domain); err != nil {
				return err
			}
			if err := AssignService(u, domain); err != nil {
				return err
			}
			return u.Record(o.PartnerID, "domain_alias.remove", "order", o.ID, work.Detail{"domain": domain})
		}
		return fault.New(fault.NotFound, "The order has no such domain alias").WithReason(order.ReasonAliasUnknown)
	})
}

// DomainAliases gives the domain names that are aliases of an order's, sorted.
func (s *Service) DomainAliases(ctx context.Context, actor audit.Actor, ref work.OrderRef) ([]string, error) {
	var out []string
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = nil
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		list, err := u.Tx.DomainAliases(u.Ctx, o.ID)
		for _, a := range list {
			out = append(out, a.Domain)
		}
		return err
	})
	return out, err
}

// aliasNames are the domains that mean the order's own.
func aliasNames(u *work.Unit, o *order.Order) (map[string]bool, error) {
	list, err := u.Tx.DomainAliases(u.Ctx, o.ID)
	out := make(map[string]bool, len(list))
	for _, a := range list {
		out[a.Domain] = a.Active
	}
	return out, err
}

// aliasYields reports whether the alias that has a domain, if any, gives way to
// an order of a sandbox partner or not, or to another alias: as ClaimService.
func aliasYields(u *work.Unit, domain string, sandbox bool) (bool, error) {
	a, err := u.Tx.ActiveAlias(u.Ctx, domain)
	if err != nil || a == nil {
		return err == nil, err
	}
	p, err := u.Partner(a.PartnerID)
	if err != nil || sandbox || !p.Sandbox {
		return false, err
	}
	return true, endAlias(u, a)
}

// endAlias takes a domain from an alias for good.
func endAlias(u *work.Unit, a *order.DomainAlias) error {
	return u.Within(a.PartnerID, func() error {
		if err := u.Tx.DeleteDomainAlias(u.Ctx, a.OrderID, a.Domain); err != nil {
			return err
		}
		return u.Record(a.PartnerID, "domain_alias.lost", "order", a.OrderID, work.Detail{"domain": a.Domain})
	})
}

// RestAliases lets go of the domains of an order that is deleted.
func RestAliases(u *work.Unit, o *order.Order) error {
	list, err := u.Tx.DomainAliases(u.Ctx, o.ID)
	if err != nil {
		return err
	}
	for _, a := range list {
		if !a.Active {
			continue
		}
		a.Active = false
		if err := u.Tx.PutDomainAlias(u.Ctx, a); err != nil {
			return err
		}
		if err := AssignService(u, a.Domain); err != nil {
			return err
		}
	}
	return nil
}

// WakeAliases takes the domains of an order that comes back, as far as they are
// free; the others are no aliases of it any more.
func WakeAliases(u *work.Unit, o *order.Order) error {
	list, err := u.Tx.DomainAliases(u.Ctx, o.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	sandbox, err := isSandbox(u, o)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.Active {
			continue
		}
		free, err := ClaimService(u, a.Domain, sandbox)
		if err != nil {
			return err
		}
		if !free {
			if err := endAlias(u, a); err != nil {
				return err
			}
			continue
		}
		a.Active = true
		if err := u.Tx.PutDomainAlias(u.Ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// MoveAliases gives an order's aliases to the one that takes its place.
func MoveAliases(u *work.Unit, from, to *order.Order) error {
	list, err := u.Tx.DomainAliases(u.Ctx, from.ID)
	if err != nil {
		return err
	}
	for _, a := range list {
		if err := u.Tx.DeleteDomainAlias(u.Ctx, from.ID, a.Domain); err != nil {
			return err
		}
		a.OrderID = to.ID
		if err := u.Tx.PutDomainAlias(u.Ctx, a); err != nil {
			return err
		}
	}
	return nil
}
