package titan

import (
	"context"

	"posthouse/internal/core/ordering"
	"posthouse/internal/money"
)

type addonItem struct {
	Type         string       `json:"addonType"`
	Name         string       `json:"name"`
	Description  string       `json:"description"`
	Currency     string       `json:"currency"`
	BillingCycle string       `json:"billingCycle"`
	Price        money.Amount `json:"price" kind:"number"`
}

type addonProducts struct {
	answered
	BillingCycle string      `json:"domainBillingCycle"`
	Currency     string      `json:"domainCurrency"`
	Addons       []addonItem `json:"addons"`
}

// fetchAddonProducts is operation 12 (T-22).
func fetchAddonProducts(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	offer, err := c.door.core.AddonProducts(ctx, c.actor, ordering.AddonQuery{Order: ref, DefaultCurrency: in.text("defaultCurrency")})
	if err != nil {
		return nil, err
	}
	out := &addonProducts{BillingCycle: offer.BillingCycle, Currency: offer.Currency, Addons: make([]addonItem, 0, len(offer.Products))}
	for _, p := range offer.Products {
		out.Addons = append(out.Addons, addonItem{
			Type: p.Type, Name: p.Name, Description: p.Description, Currency: p.Currency, BillingCycle: string(p.BillingCycle), Price: p.Price.Amount,
		})
	}
	return out, nil
}

func completePurchaseFields() []Field {
	fields := withOrder(Field{Name: "trackingId", Kind: Text, Required: true})
	for _, f := range paymentFields() {
		if f.Name == "chargedAmount" {
			f.Required, f.Note = true, ""
		}
		fields = append(fields, f)
	}
	return fields
}

// completePurchase is operation 16 (T-24).
func completePurchase(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	if _, err := c.door.core.CompletePurchase(ctx, c.actor, ordering.CompletePurchase{
		Order: ref, TrackingID: in.text("trackingId"), Payment: in.payment(),
	}); err != nil {
		return nil, err
	}
	return &answered{}, nil
}
