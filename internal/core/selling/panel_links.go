package selling

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/jwt"
)

// PanelLinks are the two ways into the control panel of one order (titan.md
// 9.3), in the order's brand and with the same token.
type PanelLinks struct {
	AutoLogin string // R2
	Widget    string // R3, to be framed
}

// panelLinkLife is how long the token of such a link opens a session.
const panelLinkLife = 5 * time.Minute

var errNoSigningKey = fault.New(fault.Conflict, "The partner has no API key to sign links with").WithReason("NO_SIGNING_KEY")

// PanelLinks signs a token for an order, as its partner would (resellerclub.md
// section 15). It dies with the partner's key.
func (s *Service) PanelLinks(ctx context.Context, actor audit.Actor, ref SoldOrderRef) (*PanelLinks, error) {
	var out *PanelLinks
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, _, err := soldOrder(u, ref)
		if err != nil {
			return err
		}
		token, err := signForPanel(u, o)
		if err != nil {
			return err
		}
		b, err := tenancy.BrandOf(u, o)
		if err != nil {
			return err
		}
		query := url.Values{"partnerId": {strconv.FormatInt(o.PartnerID, 10)}, "jwt": {token}}.Encode()
		out = &PanelLinks{b.PanelURL + "/partner/autoLogin?" + query, b.PanelURL + "/partner/cpWidget?" + query}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// signForPanel goes by the platform's time, by which the token is judged.
func signForPanel(u *work.Unit, o *order.Order) (string, error) {
	keys, err := u.Tx.Keys(u.Ctx, o.PartnerID)
	if err != nil {
		return "", err
	}
	slices.SortFunc(keys, tenancy.NewestKeyFirst)
	for _, k := range keys {
		if !k.ValidAt(u.Real) || !k.Signs() {
			continue
		}
		raw, err := u.Platform.Sealer.Open(k.Sealed, tenancy.KeyContext(o.PartnerID))
		if err != nil {
			return "", err
		}
		return jwt.Sign(map[string]any{"titanOrderId": strconv.FormatInt(o.ID, 10), "exp": u.Real.Add(panelLinkLife).Unix()}, raw)
	}
	return "", errNoSigningKey
}
