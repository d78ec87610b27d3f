package provision

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/autoresponder"
)

// Responder is an autoresponder in force, and whose it is.
type Responder struct {
	autoresponder.Autoresponder

	PartnerID int64
	Sandbox   bool
	Domain    string   // of the order: its keys sign
	Email     string   // the account's own address
	Name      string   // the account's
	Addresses []string // by which it is addressed: its own and its aliases, at each domain name of the order
}

// Responders gives the autoresponders of those accounts that are in force now, by account.
func (s *Service) Responders(ctx context.Context, accountIDs []int64) ([]*Responder, error) {
	var out []*Responder
	err := s.read(ctx, platform, func(u *unit) error {
		out = nil
		list, err := u.tx.AutorespondersOn(u.ctx, accountIDs)
		if err != nil {
			return err
		}
		for _, r := range list {
			a, err := u.tx.Account(u.ctx, r.AccountID)
			if err != nil {
				return err
			}
			if a == nil {
				continue
			}
			o, err := u.tx.Order(u.ctx, a.OrderID)
			if err != nil {
				return err
			}
			if err := u.enter(a.PartnerID); err != nil {
				return err
			}
			if o == nil || !r.Answers(u.now) || !o.MaySend(u.now) || a.Status(u.now) != account.Active {
				continue
			}
			aliases, err := u.aliasNames(o)
			if err != nil {
				return err
			}
			n := &Responder{Autoresponder: *r, PartnerID: a.PartnerID, Sandbox: u.clockID != 0, Domain: o.Domain, Email: a.Email(), Name: a.Name}
			own := append([]string{a.Email()}, a.HeldAliases()...)
			n.Addresses = append(n.Addresses, own...)
			for _, email := range own {
				local, _ := cutEmail(email)
				for name, active := range aliases {
					if active {
						n.Addresses = append(n.Addresses, local+"@"+name)
					}
				}
			}
			out = append(out, n)
		}
		return nil
	})
	return out, err
}

// MayForward reports whether an order forwards mail to other hosts now: in
// service and not suspended.
func (s *Service) MayForward(ctx context.Context, orderID int64) (bool, error) {
	var out bool
	err := s.read(ctx, platform, func(u *unit) error {
		out = false
		o, err := u.tx.Order(u.ctx, orderID)
		if err != nil || o == nil {
			return err
		}
		if err := u.enter(o.PartnerID); err != nil {
			return err
		}
		out = o.MaySend(u.now)
		return nil
	})
	return out, err
}
