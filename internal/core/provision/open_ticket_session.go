package provision

import (
	"context"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/order"
	"posthouse/internal/core/panel"
)

// OpenTicket is a redirect into the control panel with a ticket
// (resellerclub.md section 10): to all orders of its customer, or to one.
type OpenTicket struct {
	Ticket    string
	OrderID   int64 // 0 = all
	Asked     panel.Asked
	Address   string // the browser's
	RequestID string
}

// OpenTicketSession uses a ticket up, also when it is tried with an order that is
// not the customer's, and gives the secret for the browser's cookie. Whatever is
// wrong is the same fault.Unauthenticated.
func (s *Service) OpenTicketSession(ctx context.Context, cmd OpenTicket) (*Session, string, error) {
	cmd.Asked.Locale = locale.Match(cmd.Asked.Locale).Tag
	actor := platform
	actor.Address, actor.RequestID = cmd.Address, cmd.RequestID
	// Looked up on a snapshot first: guesses cost no write.
	err := s.read(ctx, actor, func(u *unit) error {
		t, err := u.liveTicket(cmd.Ticket, true)
		if err == nil && t == nil {
			err = errToken
		}
		return err
	})
	if err != nil {
		return nil, "", refusedLink(err)
	}
	var out *Session
	var raw string
	err = s.write(ctx, actor, func(u *unit) error {
		out, raw = nil, ""
		t, err := u.liveTicket(cmd.Ticket, false)
		if err != nil || t == nil || t.CustomerID == 0 {
			return err
		}
		row, err := u.admitTicket(t, cmd)
		if err != nil || row == nil {
			return err // the ticket is used up
		}
		out, raw, err = u.beginSession(row)
		return err
	})
	if err != nil {
		return nil, "", refusedLink(err)
	}
	if out == nil {
		return nil, "", errLink
	}
	return out, raw, nil
}

// admitTicket says whom a ticket lets in, nil for nobody.
func (u *unit) admitTicket(t *LoginTicket, cmd OpenTicket) (*WebSession, error) {
	if err := u.enter(t.PartnerID); err != nil {
		return nil, err
	}
	c, err := u.tx.Customer(u.ctx, t.CustomerID)
	if err != nil || c == nil || c.Status != customer.Active {
		return nil, err
	}
	row := &WebSession{Kind: PanelSession, PartnerID: t.PartnerID, CustomerID: c.ID, ResellerID: t.IssuerID, APIUserID: t.APIUserID, Stamp: panelStamp(c)}
	if row.ResellerID == 0 && row.APIUserID == 0 {
		return nil, nil
	}
	if ok, err := u.vouched(row); err != nil || !ok {
		return nil, err
	}
	p, err := u.activePartner(t.PartnerID)
	if err != nil || p == nil {
		return nil, err
	}
	b, err := u.brand(p.ID, c.ResellerID)
	if cmd.OrderID != 0 && err == nil {
		o, oerr := u.tx.Order(u.ctx, cmd.OrderID)
		if oerr != nil || o == nil || o.CustomerID != c.ID || o.Status(u.now) == order.Purged {
			return nil, oerr
		}
		row.OrderID = o.ID
		b, err = u.brandOf(o)
	}
	row.Asked = cmd.Asked.Heed(b.Themes)
	return row, err
}
