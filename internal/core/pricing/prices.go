package pricing

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/price"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
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
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = priceList(u, ref)
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
	return s.changePrices(ctx, actor, ref, "price.set", len(rows), func(u *work.Unit, l price.List) error {
		for _, r := range rows {
			if err := u.Tx.SetPrice(u.Ctx, l, r); err != nil {
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
	return s.changePrices(ctx, actor, ref, "price.remove", len(items), func(u *work.Unit, l price.List) error {
		for _, i := range items {
			if !work.Storable(string(i.Product)) || !work.Storable(i.Unit) || !work.Storable(string(i.Action)) {
				continue
			}
			if err := u.Tx.RemovePrice(u.Ctx, l, i); err != nil {
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
func (s *Service) changePrices(ctx context.Context, actor audit.Actor, ref PriceListRef, action string, n int, fn func(*work.Unit, price.List) error) (*PriceList, error) {
	var out *PriceList
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		l, _, err := namedList(u, ref)
		if err != nil {
			return err
		}
		if err := fn(u, l); err != nil {
			return err
		}
		if err := u.Record(l.PartnerID, action, "reseller", l.IssuerID, work.Detail{"audience": l.Audience, "party": l.PartyID, "rows": n}); err != nil {
			return err
		}
		out, err = priceList(u, ref)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func priceList(u *work.Unit, ref PriceListRef) (*PriceList, error) {
	l, currency, err := namedList(u, ref)
	if err != nil {
		return nil, err
	}
	rows, err := u.Tx.Prices(u.Ctx, l)
	if err != nil {
		return nil, err
	}
	price.Sort(rows)
	return &PriceList{List: l, Currency: currency, Rows: rows}, nil
}

// namedList finds a list that the actor may write. What a reseller pays itself
// is a list of the one above, and so out of its reach.
func namedList(u *work.Unit, ref PriceListRef) (price.List, string, error) {
	if u.Actor.PartnerID == 0 && ref.ResellerID == 0 {
		return platformList(u, ref)
	}
	r, err := Issuer(u, ref.ResellerID)
	if err != nil {
		return price.List{}, "", err
	}
	l := price.List{PartnerID: r.PartnerID, IssuerID: r.ID, Audience: ref.Audience, PartyID: ref.PartyID}
	if ref.PartyID == 0 && (ref.Audience == price.Customers || ref.Audience == price.Resellers) {
		return l, r.SellingCurrency, nil
	}
	switch ref.Audience {
	case price.Customers:
		err = checkOwnCustomer(u, r, ref.PartyID)
	case price.Resellers:
		err = checkChild(u, r, ref.PartyID)
	default:
		err = errAudience
	}
	return l, r.SellingCurrency, err
}

// Issuer is Unit.Reseller, where a partner's own root needs no naming.
func Issuer(u *work.Unit, id int64) (*reseller.Reseller, error) {
	if id == 0 && u.Actor.Limit.None() {
		return u.RootOf(u.Actor.PartnerID)
	}
	return u.Reseller(id)
}

func platformList(u *work.Unit, ref PriceListRef) (price.List, string, error) {
	p, err := u.Partner(ref.PartnerID)
	if err != nil {
		return price.List{}, "", err
	}
	root, err := u.RootOf(p.ID)
	if err != nil {
		return price.List{}, "", err
	}
	if ref.Audience != price.Resellers || ref.PartyID != 0 && ref.PartyID != root.ID {
		return price.List{}, "", errAudience
	}
	return price.List{PartnerID: p.ID, Audience: price.Resellers}, root.AccountingCurrency, u.Enter(p.ID)
}

// checkOwnCustomer is for a customer directly under r.
func checkOwnCustomer(u *work.Unit, r *reseller.Reseller, id int64) error {
	if id <= 0 {
		return work.ErrCustomer
	}
	c, err := u.Tx.Customer(u.Ctx, id)
	if err != nil {
		return err
	}
	if c == nil || c.PartnerID != r.PartnerID || c.Status == customer.Deleted || c.ResellerID != r.ID && (c.ResellerID != 0 || !r.Root()) {
		return work.ErrCustomer
	}
	return nil
}

// checkChild is for a reseller directly under r.
func checkChild(u *work.Unit, r *reseller.Reseller, id int64) error {
	child, err := u.Tx.Reseller(u.Ctx, id)
	if err != nil {
		return err
	}
	if child == nil || child.ParentID != r.ID {
		return work.ErrReseller
	}
	return nil
}
