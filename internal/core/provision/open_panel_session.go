package provision

import (
	"context"
	"slices"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/order"
	"posthouse/internal/core/panel"
	"posthouse/internal/core/partner"
	"posthouse/internal/jwt"
	"posthouse/internal/secret"
)

// OpenPanel is a redirect into the control panel (titan.md 9.3): R2, or R3 when
// it is framed. Either JWT or Token is given.
type OpenPanel struct {
	PartnerID int64
	JWT       string
	Token     string // of GeneratePanelToken
	Asked     panel.Asked
	Address   string // the browser's
	RequestID string
}

// OpenPanelSession lets a partner's customer into the control panel and gives
// the secret for the browser's cookie. A token is not used up: a frame reloads.
// Whatever is wrong is the same fault.Unauthenticated.
func (s *Service) OpenPanelSession(ctx context.Context, cmd OpenPanel) (*Session, string, error) {
	if (cmd.JWT == "") == (cmd.Token == "") || cmd.PartnerID <= 0 {
		return nil, "", errLink
	}
	cmd.Asked.Locale = locale.Match(cmd.Asked.Locale).Tag
	actor := platform
	actor.Address, actor.RequestID = cmd.Address, cmd.RequestID
	// Judged on a snapshot first: who has no right costs no write.
	err := s.read(ctx, actor, func(u *unit) error {
		_, err := u.admitPanel(&cmd)
		return err
	})
	if err != nil {
		return nil, "", refusedLink(err)
	}
	var out *Session
	var raw string
	err = s.write(ctx, actor, func(u *unit) error {
		row, err := u.admitPanel(&cmd)
		if err != nil {
			return err
		}
		out, raw, err = u.beginSession(row)
		return err
	})
	if err != nil {
		return nil, "", refusedLink(err)
	}
	return out, raw, nil
}

// admitPanel says whom a redirect lets in.
func (u *unit) admitPanel(cmd *OpenPanel) (*WebSession, error) {
	p, err := u.tx.Partner(u.ctx, cmd.PartnerID)
	if err != nil {
		return nil, err
	}
	if p == nil || p.Status != partner.Active {
		return nil, errPartner
	}
	if err := u.enter(p.ID); err != nil {
		return nil, err
	}
	row := &WebSession{Kind: PanelSession, PartnerID: p.ID}
	if cmd.JWT != "" {
		err = u.admitJWT(cmd.JWT, row)
	} else {
		err = u.admitToken(cmd.Token, row)
	}
	if err != nil {
		return nil, err
	}
	c, err := u.tx.Customer(u.ctx, row.CustomerID)
	if err != nil {
		return nil, err
	}
	if c == nil || c.PartnerID != p.ID || c.Status != customer.Active {
		return nil, errCustomer
	}
	row.Stamp = panelStamp(c)
	b, err := u.brand(p.ID, c.ResellerID)
	if row.OrderID != 0 && err == nil {
		o, oerr := u.tx.Order(u.ctx, row.OrderID)
		if oerr != nil {
			return nil, oerr
		}
		b, err = u.brandOf(o)
	}
	row.Asked = cmd.Asked.Heed(b.Themes)
	return row, err
}

// admitJWT opens the one order that the token names. It is checked against the
// platform's time, whatever the clock of a sandbox says.
func (u *unit) admitJWT(token string, row *WebSession) error {
	keys, err := u.tx.Keys(u.ctx, row.PartnerID)
	if err != nil {
		return err
	}
	slices.SortFunc(keys, newestKeyFirst)
	var valid []*partner.Key
	var raw [][]byte
	for _, k := range keys {
		if !k.ValidAt(u.real) || !k.Signs() {
			continue
		}
		b, err := u.s.sealer.Open(k.Sealed, keyContext(row.PartnerID))
		if err != nil {
			return err
		}
		valid, raw = append(valid, k), append(raw, b)
	}
	claims, err := jwt.Verify(token, raw, u.real)
	if err != nil {
		return err
	}
	if claims.OrderID == 0 {
		return errOrderUnnamed
	}
	o, err := u.tx.Order(u.ctx, claims.OrderID)
	if err != nil {
		return err
	}
	if o == nil || o.PartnerID != row.PartnerID || o.Status(u.now) == order.Purged {
		return errOrder
	}
	row.KeyID, row.OrderID, row.CustomerID = valid[claims.Key].ID, o.ID, o.CustomerID
	return nil
}

// admitToken opens all orders of the customer that the token is for (T-36).
func (u *unit) admitToken(raw string, row *WebSession) error {
	if len(raw) > secret.MaxAPIKeyLen {
		return errToken
	}
	t, err := u.tx.PartnerToken(u.ctx, secret.Hash(raw))
	if err != nil {
		return err
	}
	if t == nil || t.PartnerID != row.PartnerID || t.CustomerID == 0 || !u.now.Before(t.ExpiresAt) {
		return errToken
	}
	k, err := u.validKey(t.PartnerID, t.KeyID)
	if err != nil {
		return err
	}
	if k == nil {
		return errKeyInvalid
	}
	row.KeyID, row.CustomerID = k.ID, t.CustomerID
	return nil
}
