package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/price"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
)

// PriceListRef names a price list.
type PriceListRef struct {
	// PartnerID is for the platform's list towards that partner's root, which is
	// the operator's alone.
	PartnerID int64
	// ResellerID is who asks the prices: 0 is the reseller that acts, or of a
	// partner its root, or of the operator the platform.
	ResellerID int64
	Audience   price.Audience
	PartyID    int64 // a customer or sub-reseller directly under it; 0 = the list for everyone
}

// SetPrice is one row as it was written.
type SetPrice struct {
	price.Item
	Figure string
}

// PriceList is a list with its rows in the order of the catalogue.
type PriceList struct {
	List     price.List
	Currency string
	Rows     []price.Row
}

// maxPrices bounds a list: the catalogue has fewer items.
const maxPrices = 5000

var errAudience = fault.New(fault.Invalid, "A price list is for customers or for resellers").WithReason("AUDIENCE")

// Prices gives the rows of one list.
func (s *Service) Prices(ctx context.Context, actor audit.Actor, ref PriceListRef) (*PriceList, error) {
	var out *PriceList
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, err = u.priceList(ref)
		return err
	})
	return out, err
}

// SetPrices adds rows to a list, or replaces their figures; the others stay.
func (s *Service) SetPrices(ctx context.Context, actor audit.Actor, ref PriceListRef, prices []SetPrice) (*PriceList, error) {
	rows, err := checkPrices(prices)
	if err != nil {
		return nil, err
	}
	return s.changePrices(ctx, actor, ref, "price.set", len(rows), func(u *unit, l price.List) error {
		for _, r := range rows {
			if err := u.tx.SetPrice(u.ctx, l, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemovePrices takes rows from a list. What is not there is no error.
func (s *Service) RemovePrices(ctx context.Context, actor audit.Actor, ref PriceListRef, items []price.Item) (*PriceList, error) {
	if len(items) > maxPrices {
		return nil, errManyPrices
	}
	return s.changePrices(ctx, actor, ref, "price.remove", len(items), func(u *unit, l price.List) error {
		for _, i := range items {
			if !storable(string(i.Product)) || !storable(i.Unit) || !storable(string(i.Action)) {
				continue
			}
			if err := u.tx.RemovePrice(u.ctx, l, i); err != nil {
				return err
			}
		}
		return nil
	})
}

var errManyPrices = fault.Newf(fault.Invalid, "There are more than %d prices", maxPrices)

// checkPrices reads rows as they were written.
func checkPrices(prices []SetPrice) ([]price.Row, error) {
	if len(prices) > maxPrices {
		return nil, errManyPrices
	}
	rows := make([]price.Row, 0, len(prices))
	for _, p := range prices {
		if err := p.Check(); err != nil {
			return nil, err
		}
		figure, err := price.ParseFigure(p.Figure)
		if err != nil {
			return nil, err
		}
		rows = append(rows, price.Row{Item: p.Item, Figure: figure})
	}
	return rows, nil
}

// changePrices runs fn on a list and gives what it is then.
func (s *Service) changePrices(ctx context.Context, actor audit.Actor, ref PriceListRef, action string, n int, fn func(*unit, price.List) error) (*PriceList, error) {
	var out *PriceList
	err := s.write(ctx, actor, func(u *unit) error {
		l, _, err := u.namedList(ref)
		if err != nil {
			return err
		}
		if err := fn(u, l); err != nil {
			return err
		}
		if err := u.record(l.PartnerID, action, "reseller", l.IssuerID, detail{"audience": l.Audience, "party": l.PartyID, "rows": n}); err != nil {
			return err
		}
		out, err = u.priceList(ref)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) priceList(ref PriceListRef) (*PriceList, error) {
	l, currency, err := u.namedList(ref)
	if err != nil {
		return nil, err
	}
	rows, err := u.tx.Prices(u.ctx, l)
	if err != nil {
		return nil, err
	}
	price.Sort(rows)
	return &PriceList{List: l, Currency: currency, Rows: rows}, nil
}

// namedList finds a list that the actor may write. What a reseller pays itself
// is a list of the one above, and so out of its reach.
func (u *unit) namedList(ref PriceListRef) (price.List, string, error) {
	if u.actor.PartnerID == 0 && ref.ResellerID == 0 {
		return u.platformList(ref)
	}
	r, err := u.issuer(ref.ResellerID)
	if err != nil {
		return price.List{}, "", err
	}
	l := price.List{PartnerID: r.PartnerID, IssuerID: r.ID, Audience: ref.Audience, PartyID: ref.PartyID}
	if ref.PartyID == 0 && (ref.Audience == price.Customers || ref.Audience == price.Resellers) {
		return l, r.SellingCurrency, nil
	}
	switch ref.Audience {
	case price.Customers:
		err = u.checkOwnCustomer(r, ref.PartyID)
	case price.Resellers:
		err = u.checkChild(r, ref.PartyID)
	default:
		err = errAudience
	}
	return l, r.SellingCurrency, err
}

// issuer is reseller, where a partner's own root needs no naming.
func (u *unit) issuer(id int64) (*reseller.Reseller, error) {
	if id == 0 && u.actor.Limit.None() {
		return u.rootOf(u.actor.PartnerID)
	}
	return u.reseller(id)
}

func (u *unit) platformList(ref PriceListRef) (price.List, string, error) {
	p, err := u.partner(ref.PartnerID)
	if err != nil {
		return price.List{}, "", err
	}
	root, err := u.rootOf(p.ID)
	if err != nil {
		return price.List{}, "", err
	}
	if ref.Audience != price.Resellers || ref.PartyID != 0 && ref.PartyID != root.ID {
		return price.List{}, "", errAudience
	}
	return price.List{PartnerID: p.ID, Audience: price.Resellers}, root.AccountingCurrency, u.enter(p.ID)
}

// checkOwnCustomer is for a customer directly under r.
func (u *unit) checkOwnCustomer(r *reseller.Reseller, id int64) error {
	if id <= 0 {
		return errCustomer
	}
	c, err := u.tx.Customer(u.ctx, id)
	if err != nil {
		return err
	}
	if c == nil || c.PartnerID != r.PartnerID || c.Status == customer.Deleted || c.ResellerID != r.ID && (c.ResellerID != 0 || !r.Root()) {
		return errCustomer
	}
	return nil
}

// checkChild is for a reseller directly under r.
func (u *unit) checkChild(r *reseller.Reseller, id int64) error {
	child, err := u.tx.Reseller(u.ctx, id)
	if err != nil {
		return err
	}
	if child == nil || child.ParentID != r.ID {
		return errReseller
	}
	return nil
}
