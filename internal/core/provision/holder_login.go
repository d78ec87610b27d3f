package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
)

// AuthenticateHolder checks the password of one of the brand's customers
// (basekit.md 2.1), as AuthenticateCustomer does for a reseller.
func (s *Service) AuthenticateHolder(ctx context.Context, actor audit.Actor, cmd AuthenticateCustomer) (*HolderDetails, error) {
	var out *HolderDetails
	err := s.loginCustomer(ctx, actor, cmd, func(u *unit, c *customer.Customer) error {
		out = nil
		if err := u.noteLogin(c); err != nil {
			return err
		}
		var err error
		if out, err = u.holderDetails(c); err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.login", "customer", c.ID, nil)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// noteLogin keeps when a customer came last.
func (u *unit) noteLogin(c *customer.Customer) error {
	now := u.now
	c.Holder.LastLogin = &now
	return u.tx.UpdateCustomer(u.ctx, c)
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
	err := s.write(ctx, actor, func(u *unit) error {
		out = nil
		c, err := u.customer(cmd.Ref)
		if err != nil {
			return err
		}
		if err := mayOrder(c); err != nil {
			return err
		}
		ok, err := u.apiUserVouches(cmd.APIUserID, c.PartnerID)
		if err != nil {
			return err
		}
		if !ok {
			return errNotYours
		}
		b, err := u.brand(c.PartnerID, c.ResellerID)
		if err != nil {
			return err
		}
		if cmd.OrderID != 0 {
			o, err := u.tx.Order(u.ctx, cmd.OrderID)
			if err != nil {
				return err
			}
			if o == nil || o.CustomerID != c.ID || o.Status(u.now) == order.Purged {
				return errOrder
			}
			if b, err = u.brandOf(o); err != nil {
				return err
			}
		}
		raw, err := u.issueBrandTicket(cmd.APIUserID, c)
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
