package pricing

import (
	"context"
	"slices"

	"github.com/govalues/decimal"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/price"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
)

// EffectivePrices is what somebody pays: everyone's figures with the party's own
// in their place. Rows are of products that may be sold only.
type EffectivePrices struct {
	Currency string
	Rows     []price.Row
}

// CustomerPrices gives what a customer pays its reseller; of 0 what the acting
// reseller asks all its customers.
func (s *Service) CustomerPrices(ctx context.Context, actor audit.Actor, customerID int64) (*EffectivePrices, error) {
	return s.effective(ctx, actor, func(u *work.Unit) (price.List, string, *reseller.Reseller, error) {
		if customerID == 0 {
			r, err := Issuer(u, 0)
			if err != nil {
				return price.List{}, "", nil, err
			}
			return price.List{PartnerID: r.PartnerID, IssuerID: r.ID, Audience: price.Customers}, r.SellingCurrency, r, nil
		}
		c, err := u.Customer(customerID)
		if err != nil {
			return price.List{}, "", nil, err
		}
		r, err := u.SellerOf(c)
		if err != nil {
			return price.List{}, "", nil, err
		}
		return price.List{PartnerID: c.PartnerID, IssuerID: r.ID, Audience: price.Customers, PartyID: c.ID}, r.SellingCurrency, r, nil
	})
}

// ResellerPrices gives what a reseller below the acting one pays the one above
// it; of 0, or of the acting one, what that asks all those below it.
func (s *Service) ResellerPrices(ctx context.Context, actor audit.Actor, resellerID int64) (*EffectivePrices, error) {
	return s.effective(ctx, actor, func(u *work.Unit) (price.List, string, *reseller.Reseller, error) {
		r, err := Issuer(u, resellerID)
		if err != nil {
			return price.List{}, "", nil, err
		}
		if resellerID == 0 || r.ID == u.Actor.Limit.ResellerID {
			return price.List{PartnerID: r.PartnerID, IssuerID: r.ID, Audience: price.Resellers}, r.SellingCurrency, r, nil
		}
		l, currency, err := CostList(u, r)
		return l, currency, r, err
	})
}

// CostPrices gives what a reseller pays, 0 = the acting one.
func (s *Service) CostPrices(ctx context.Context, actor audit.Actor, resellerID int64) (*EffectivePrices, error) {
	return s.effective(ctx, actor, func(u *work.Unit) (price.List, string, *reseller.Reseller, error) {
		r, err := Issuer(u, resellerID)
		if err != nil {
			return price.List{}, "", nil, err
		}
		l, currency, err := CostList(u, r)
		return l, currency, r, err
	})
}

// effective gives the rows of the list that find names, of products that the
// reseller it gives has signed up for.
func (s *Service) effective(ctx context.Context, actor audit.Actor, find func(*work.Unit) (price.List, string, *reseller.Reseller, error)) (*EffectivePrices, error) {
	var out *EffectivePrices
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		l, currency, r, err := find(u)
		if err != nil {
			return err
		}
		everyone := l
		everyone.PartyID = 0
		rows, err := u.Tx.Prices(u.Ctx, everyone)
		if err != nil {
			return err
		}
		if l.IssuerID == 0 && len(rows) == 0 {
			rows = free()
		}
		if l.PartyID != 0 {
			own, err := u.Tx.Prices(u.Ctx, l)
			if err != nil {
				return err
			}
			rows = price.Override(rows, own)
		}
		rows = slices.DeleteFunc(rows, func(p price.Row) bool { return !r.Sells(p.Product) })
		price.Sort(rows)
		out = &EffectivePrices{Currency: currency, Rows: rows}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// free is the list of a root without one of the platform.
func free() (rows []price.Row) {
	for _, p := range product.All() {
		for _, unit := range price.Units(p) {
			for _, a := range price.Actions {
				for _, m := range product.Tenures {
					rows = append(rows, price.Row{Item: price.Item{Product: p.Key, Unit: unit, Action: a, Months: m}, Figure: decimal.Zero})
				}
			}
		}
	}
	return rows
}

// Product is a product as a reseller sees it.
type Product struct {
	product.Product
	SignedUp  bool
	StorageMB map[plan.Plan]int64 // of one account, by plan level
}

// Products gives all products; the acting reseller may sell those it has signed
// up for.
func (s *Service) Products(ctx context.Context, actor audit.Actor) ([]Product, error) {
	var out []Product
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		r, err := Issuer(u, 0)
		if err != nil {
			return err
		}
		storage := make(map[plan.Plan]int64, len(u.Platform.Catalogue))
		for level, l := range u.Platform.Catalogue {
			storage[level] = l.StorageMB
		}
		out = nil
		for _, p := range product.All() {
			out = append(out, Product{Product: p, SignedUp: r.Sells(p.Key), StorageMB: storage})
		}
		return nil
	})
	return out, err
}
