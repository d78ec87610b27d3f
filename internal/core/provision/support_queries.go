package provision

import (
	"context"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/mailaddr"
)

// maxFound bounds what a support look-up gives.
const maxFound = 1000

// FindOrders looks orders up for support staff: by domain prefix or the
// partner's order id, newest first. A partner's staff sees its own only.
func (s *Service) FindOrders(ctx context.Context, actor audit.Actor, f OrderFilter, limit int) ([]*OrderDetails, error) {
	f.DomainPrefix = strings.ToLower(strings.TrimSpace(f.DomainPrefix))
	f.PartnerOrderID = strings.TrimSpace(f.PartnerOrderID)
	if actor.PartnerID != 0 {
		f.PartnerID = actor.PartnerID
	}
	if !storable(f.DomainPrefix) || !storable(f.PartnerOrderID) {
		return nil, nil
	}
	var out []*OrderDetails
	err := s.read(ctx, actor, func(u *unit) error {
		orders, err := u.tx.FindOrders(u.ctx, f, max(1, min(limit, maxFound)))
		if err != nil {
			return err
		}
		out = make([]*OrderDetails, 0, len(orders))
		for _, o := range orders {
			if err := u.enter(o.PartnerID); err != nil {
				return err
			}
			if o.Status(u.now) == order.Purged {
				continue
			}
			d, err := u.details(o, nil, nil)
			if err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// FindAccounts looks accounts up by address: live ones first, deleted ones too.
func (s *Service) FindAccounts(ctx context.Context, actor audit.Actor, email string) ([]*AccountDetails, error) {
	addr, err := mailaddr.Parse(strings.ToLower(strings.TrimSpace(email)))
	if err != nil {
		return nil, err
	}
	var out []*AccountDetails
	err = s.read(ctx, actor, func(u *unit) error {
		out = nil
		accounts, err := u.tx.AccountsByEmail(u.ctx, addr.Key(), addr.Domain)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if !u.owns(a.PartnerID) {
				continue
			}
			if err := u.enter(a.PartnerID); err != nil {
				return err
			}
			o, err := u.tx.Order(u.ctx, a.OrderID)
			if err != nil {
				return err
			}
			if o == nil || o.Status(u.now) == order.Purged {
				continue
			}
			d, err := u.accountDetails(o, []*account.Account{a})
			if err != nil {
				return err
			}
			out = append(out, d...)
		}
		return nil
	})
	return out, err
}
