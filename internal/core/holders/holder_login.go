package holders

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/order"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
)

// AuthenticateHolder checks the password of one of the brand's customers
// (basekit.md 2.1), as AuthenticateCustomer does for a reseller.
func (s *Service) AuthenticateHolder(ctx context.Context, actor audit.Actor, cmd customers.AuthenticateCustomer) (*HolderDetails, error) {
	var out *HolderDetails
	err := customers.LoginCustomer(ctx, s.Platform, actor, cmd, func(u *work.Unit, c *customer.Customer) error {
		out = nil
		if err := noteLogin(u, c); err != nil {
			return err
		}
		var err error
		if out, err = DetailsOf(u, c); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.login", "customer", c.ID, nil)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// noteLogin keeps when a customer came last.
func noteLogin(u *work.Unit, c *customer.Customer) error {
	now := u.Now
	c.Holder.LastLogin = &now
	return u.Tx.UpdateCustomer(u.Ctx, c)
}

// OpenHolder is POST /users/:ref/auto-login: a ticket on the word of an API user
// of the brand.
type OpenHolder struct {
	Ref       int64
	OrderID   int64 // 0 = all that he has
	APIUserID int64
}

// HolderTicket opens the control panel once; the session ends when the API user is revoked.
type HolderTicket struct {
	Ticket   string
	OrderID  int64
	PanelURL string // base, without a trailing slash; "" = not known
}

// OpenHolder gives a ticket into the control panel.
func (s *Service) OpenHolder(ctx context.Context, actor audit.Actor, cmd OpenHolder) (*HolderTicket, error) {
	var out *HolderTicket
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		out = nil
		c, err := u.Customer(cmd.Ref)
		if err != nil {
			return err
		}
		if err := customers.MayOrder(c); err != nil {
			return err
		}
		ok, err := ticket.APIUserVouches(u, cmd.APIUserID, c.PartnerID)
		if err != nil {
			return err
		}
		if !ok {
			return work.ErrNotYours
		}
		b, err := tenancy.Brand(u, c.PartnerID, c.ResellerID)
		if err != nil {
			return err
		}
		if cmd.OrderID != 0 {
			o, err := u.Tx.Order(u.Ctx, cmd.OrderID)
			if err != nil {
				return err
			}
			if o == nil || o.CustomerID != c.ID || o.Status(u.Now) == order.Purged {
				return work.ErrOrder
			}
			if b, err = tenancy.BrandOf(u, o); err != nil {
				return err
			}
		}
		raw, err := ticket.IssueBrandTicket(u, cmd.APIUserID, c)
		if err != nil {
			return err
		}
		out = &HolderTicket{Ticket: raw, OrderID: cmd.OrderID, PanelURL: b.PanelURL}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
