package signin

import (
	"context"
	"slices"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/order"
	"posthouse/internal/core/panel"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
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
	actor := work.AsPlatform
	actor.Address, actor.RequestID = cmd.Address, cmd.RequestID
	// Judged on a snapshot first: who has no right costs no write.
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		_, err := admitPanel(u, &cmd)
		return err
	})
	if err != nil {
		return nil, "", refusedLink(err)
	}
	var out *Session
	var raw string
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		row, err := admitPanel(u, &cmd)
		if err != nil {
			return err
		}
		out, raw, err = beginSession(u, row)
		return err
	})
	if err != nil {
		return nil, "", refusedLink(err)
	}
	return out, raw, nil
}

// admitPanel says whom a redirect lets in.
func admitPanel(u *work.Unit, cmd *OpenPanel) (*work.WebSession, error) {
	p, err := u.Tx.Partner(u.Ctx, cmd.PartnerID)
	if err != nil {
		return nil, err
	}
	if p == nil || p.Status != partner.Active {
		return nil, work.ErrPartner
	}
	if err := u.Enter(p.ID); err != nil {
		return nil, err
	}
	row := &work.WebSession{Kind: work.PanelSession, PartnerID: p.ID}
	if cmd.JWT != "" {
		err = admitJWT(u, cmd.JWT, row)
	} else {
		err = admitToken(u, cmd.Token, row)
	}
	if err != nil {
		return nil, err
	}
	c, err := u.Tx.Customer(u.Ctx, row.CustomerID)
	if err != nil {
		return nil, err
	}
	if c == nil || c.PartnerID != p.ID || c.Status != customer.Active {
		return nil, work.ErrCustomer
	}
	row.Stamp = panelStamp(c)
	b, err := tenancy.Brand(u, p.ID, c.ResellerID)
	if row.OrderID != 0 && err == nil {
		o, oerr := u.Tx.Order(u.Ctx, row.OrderID)
		if oerr != nil {
			return nil, oerr
		}
		b, err = tenancy.BrandOf(u, o)
	}
	row.Asked = cmd.Asked.Heed(b.Themes)
	return row, err
}

// admitJWT opens the one order that the token names. It is checked against the
// platform's time, whatever the clock of a sandbox says.
func admitJWT(u *work.Unit, token string, row *work.WebSession) error {
	keys, err := u.Tx.Keys(u.Ctx, row.PartnerID)
	if err != nil {
		return err
	}
	slices.SortFunc(keys, tenancy.NewestKeyFirst)
	var valid []*partner.Key
	var raw [][]byte
	for _, k := range keys {
		if !k.ValidAt(u.Real) || !k.Signs() {
			continue
		}
		b, err := u.Platform.Sealer.Open(k.Sealed, tenancy.KeyContext(row.PartnerID))
		if err != nil {
			return err
		}
		valid, raw = append(valid, k), append(raw, b)
	}
	claims, err := jwt.Verify(token, raw, u.Real)
	if err != nil {
		return err
	}
	if claims.OrderID == 0 {
		return work.ErrOrderUnnamed
	}
	o, err := u.Tx.Order(u.Ctx, claims.OrderID)
	if err != nil {
		return err
	}
	if o == nil || o.PartnerID != row.PartnerID || o.Status(u.Now) == order.Purged {
		return work.ErrOrder
	}
	row.KeyID, row.OrderID, row.CustomerID = valid[claims.Key].ID, o.ID, o.CustomerID
	return nil
}

// admitToken opens all orders of the customer that the token is for (T-36).
func admitToken(u *work.Unit, raw string, row *work.WebSession) error {
	if len(raw) > secret.MaxAPIKeyLen {
		return work.ErrToken
	}
	t, err := u.Tx.PartnerToken(u.Ctx, secret.Hash(raw))
	if err != nil {
		return err
	}
	if t == nil || t.PartnerID != row.PartnerID || t.CustomerID == 0 || !u.Now.Before(t.ExpiresAt) {
		return work.ErrToken
	}
	k, err := validKey(u, t.PartnerID, t.KeyID)
	if err != nil {
		return err
	}
	if k == nil {
		return work.ErrKeyInvalid
	}
	row.KeyID, row.CustomerID = k.ID, t.CustomerID
	return nil
}
