package signin

import (
	"context"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/order"
	"posthouse/internal/core/panel"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
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
	actor := work.AsPlatform
	actor.Address, actor.RequestID = cmd.Address, cmd.RequestID
	// Looked up on a snapshot first: guesses cost no write.
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		t, err := ticket.LiveTicket(u, cmd.Ticket, true)
		if err == nil && t == nil {
			err = work.ErrToken
		}
		return err
	})
	if err != nil {
		return nil, "", refusedLink(err)
	}
	var out *Session
	var raw string
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		out, raw = nil, ""
		t, err := ticket.LiveTicket(u, cmd.Ticket, false)
		if err != nil || t == nil || t.CustomerID == 0 {
			return err
		}
		row, err := admitTicket(u, t, cmd)
		if err != nil || row == nil {
			return err // the ticket is used up
		}
		out, raw, err = beginSession(u, row)
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
func admitTicket(u *work.Unit, t *work.LoginTicket, cmd OpenTicket) (*work.WebSession, error) {
	if err := u.Enter(t.PartnerID); err != nil {
		return nil, err
	}
	c, err := u.Tx.Customer(u.Ctx, t.CustomerID)
	if err != nil || c == nil || c.Status != customer.Active {
		return nil, err
	}
	row := &work.WebSession{Kind: work.PanelSession, PartnerID: t.PartnerID, CustomerID: c.ID, ResellerID: t.IssuerID, APIUserID: t.APIUserID, Stamp: panelStamp(c)}
	if row.ResellerID == 0 && row.APIUserID == 0 {
		return nil, nil
	}
	if ok, err := vouched(u, row); err != nil || !ok {
		return nil, err
	}
	p, err := activePartner(u, t.PartnerID)
	if err != nil || p == nil {
		return nil, err
	}
	b, err := tenancy.Brand(u, p.ID, c.ResellerID)
	if cmd.OrderID != 0 && err == nil {
		o, oerr := u.Tx.Order(u.Ctx, cmd.OrderID)
		if oerr != nil || o == nil || o.CustomerID != c.ID || o.Status(u.Now) == order.Purged {
			return nil, oerr
		}
		row.OrderID = o.ID
		b, err = tenancy.BrandOf(u, o)
	}
	row.Asked = cmd.Asked.Heed(b.Themes)
	return row, err
}
