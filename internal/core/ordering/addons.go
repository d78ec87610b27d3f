package ordering

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/cart"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// AddonQuery is titan.md operation 12.
type AddonQuery struct {
	Order           work.OrderRef
	DefaultCurrency string
}

// AddonOffer is what can be bought for an order, in its currency.
type AddonOffer struct {
	BillingCycle string
	Currency     string
	Products     []cart.Product
}

var errCurrencyUnknown = fault.New(fault.Invalid, "The currency of the order is unknown").WithReason("CURRENCY_UNKNOWN")

// AddonProducts gives the add-ons that the partner sells in the order's currency.
func (s *Service) AddonProducts(ctx context.Context, actor audit.Actor, q AddonQuery) (*AddonOffer, error) {
	var f work.Fields
	otherwise := f.Currency(q.DefaultCurrency)
	if f.Err != nil {
		return nil, f.Err
	}
	var out *AddonOffer
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(q.Order, work.OpRead)
		if err != nil {
			return err
		}
		out = &AddonOffer{BillingCycle: o.BillingCycle, Currency: o.Currency, Products: []cart.Product{}}
		if out.Currency == "" {
			out.Currency = otherwise
		}
		if out.Currency == "" {
			return errCurrencyUnknown
		}
		all, err := u.Tx.AddonCatalogue(u.Ctx, o.PartnerID)
		if err != nil {
			return err
		}
		for _, p := range all {
			if p.Currency == out.Currency {
				out.Products = append(out.Products, p)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AddonCatalogue gives everything that a partner sells.
func (s *Service) AddonCatalogue(ctx context.Context, actor audit.Actor, partnerID int64) ([]cart.Product, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out []cart.Product
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		if _, err := u.Partner(partnerID); err != nil {
			return err
		}
		var err error
		out, err = u.Tx.AddonCatalogue(u.Ctx, partnerID)
		return err
	})
	return out, err
}

// SetAddonCatalogue replaces what a partner sells. Add-ons that orders have stay.
func (s *Service) SetAddonCatalogue(ctx context.Context, actor audit.Actor, partnerID int64, products []cart.Product) error {
	if err := work.CheckOperator(actor); err != nil {
		return err
	}
	list, err := checkProducts(products)
	if err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		if _, err := u.Partner(partnerID); err != nil {
			return err
		}
		if err := u.Tx.PutAddonCatalogue(u.Ctx, partnerID, list, u.Real); err != nil {
			return err
		}
		return u.Record(partnerID, "addon_catalogue.set", "partner", partnerID, work.Detail{"products": len(list)})
	})
}

func checkProducts(in []cart.Product) ([]cart.Product, error) {
	if len(in) > cart.MaxProducts {
		return nil, fault.Newf(fault.Invalid, "A catalogue has at most %d products", cart.MaxProducts)
	}
	type key struct {
		name, currency string
		cycle          order.Cycle
	}
	seen := map[key]bool{}
	out := make([]cart.Product, 0, len(in))
	for _, p := range in {
		var f work.Fields
		p.Type = f.Required("addonType", p.Type, work.MaxID)
		p.Name = f.Required("name", p.Name, work.MaxName)
		p.Description = f.Text("description", p.Description, work.MaxReason)
		p.Currency = f.Currency(p.Currency)
		if p.Currency == "" {
			f.Failf("The currency is missing")
		}
		if p.BillingCycle != "" {
			cycle(&f, p.BillingCycle)
		}
		if f.Err != nil {
			return nil, f.Err
		}
		k := key{p.Type, p.Currency, p.BillingCycle}
		if seen[k] {
			return nil, fault.Newf(fault.Invalid, "The product %s is there twice for one currency and cycle", p.Type)
		}
		seen[k] = true
		out = append(out, p)
	}
	return out, nil
}
