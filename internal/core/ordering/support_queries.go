package ordering

import (
	"context"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/mailaddr"
)

// FindOrders looks orders up for support staff: by domain prefix or the
// partner's order id, newest first. A partner's staff sees its own only.
func (s *Service) FindOrders(ctx context.Context, actor audit.Actor, f work.OrderFilter, limit int) ([]*work.OrderDetails, error) {
	f.DomainPrefix = strings.ToLower(strings.TrimSpace(f.DomainPrefix))
	f.PartnerOrderID = strings.TrimSpace(f.PartnerOrderID)
	if actor.PartnerID != 0 {
		f.PartnerID = actor.PartnerID
	}
	if !work.Storable(f.DomainPrefix) || !work.Storable(f.PartnerOrderID) {
		return nil, nil
	}
	var out []*work.OrderDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		orders, err := u.Tx.FindOrders(u.Ctx, f, max(1, min(limit, work.MaxFound)))
		if err != nil {
			return err
		}
		out = make([]*work.OrderDetails, 0, len(orders))
		for _, o := range orders {
			if err := u.Enter(o.PartnerID); err != nil {
				return err
			}
			if o.Status(u.Now) == order.Purged {
				continue
			}
			d, err := u.Details(o, nil, nil)
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
func (s *Service) FindAccounts(ctx context.Context, actor audit.Actor, email string) ([]*work.AccountDetails, error) {
	addr, err := mailaddr.Parse(strings.ToLower(strings.TrimSpace(email)))
	if err != nil {
		return nil, err
	}
	var out []*work.AccountDetails
	err = s.Read(ctx, actor, func(u *work.Unit) error {
		out = nil
		accounts, err := u.Tx.AccountsByEmail(u.Ctx, addr.Key(), addr.Domain)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if !u.Owns(a.PartnerID) {
				continue
			}
			if err := u.Enter(a.PartnerID); err != nil {
				return err
			}
			o, err := u.Tx.Order(u.Ctx, a.OrderID)
			if err != nil {
				return err
			}
			if o == nil || o.Status(u.Now) == order.Purged {
				continue
			}
			d, err := mailboxes.AccountDetails(u, o, []*account.Account{a})
			if err != nil {
				return err
			}
			out = append(out, d...)
		}
		return nil
	})
	return out, err
}
