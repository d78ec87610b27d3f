package routing

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/autoresponder"
	"posthouse/internal/core/work"
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
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		out = nil
		list, err := u.Tx.AutorespondersOn(u.Ctx, accountIDs)
		if err != nil {
			return err
		}
		for _, r := range list {
			a, err := u.Tx.Account(u.Ctx, r.AccountID)
			if err != nil {
				return err
			}
			if a == nil {
				continue
			}
			o, err := u.Tx.Order(u.Ctx, a.OrderID)
			if err != nil {
				return err
			}
			if err := u.Enter(a.PartnerID); err != nil {
				return err
			}
			if o == nil || !r.Answers(u.Now) || !o.MaySend(u.Now) || a.Status(u.Now) != account.Active {
				continue
			}
			aliases, err := aliasNames(u, o)
			if err != nil {
				return err
			}
			n := &Responder{Autoresponder: *r, PartnerID: a.PartnerID, Sandbox: u.ClockID != 0, Domain: o.Domain, Email: a.Email(), Name: a.Name}
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
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		out = false
		o, err := u.Tx.Order(u.Ctx, orderID)
		if err != nil || o == nil {
			return err
		}
		if err := u.Enter(o.PartnerID); err != nil {
			return err
		}
		out = o.MaySend(u.Now)
		return nil
	})
	return out, err
}
