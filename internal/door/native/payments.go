package native

import (
	"context"
	"net/http"

	"posthouse/internal/core/cart"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
)

type purchaseItem struct {
	Accounts int    `json:"accounts,omitempty" minimum:"1" maximum:"10000" doc:"This many more"`
	Plan     string `json:"plan,omitempty" maxLength:"32" doc:"A change to this plan"`
	Renew    string `json:"renew,omitempty" maxLength:"32" doc:"One more cycle: monthly, yearly, ..."`
	Addon    string `json:"addon,omitempty" maxLength:"100" doc:"An addonType that you sell"`
	Quantity int    `json:"quantity,omitempty" minimum:"1" maximum:"10000" doc:"Of the add-on"`
}

type paymentInput struct {
	OrderPath
	Body struct {
		Action string         `json:"action" enum:"upgradePlan,buyMoreAccounts,renewOrder,billing"`
		Items  []purchaseItem `json:"items,omitempty" maxItems:"20" nullable:"false" doc:"Each is one thing. They become a cart if your settings say that you take carts"`
		Locale string         `json:"locale,omitempty" maxLength:"35" example:"de"`
	}
}

type paymentView struct {
	URL        string `json:"url" doc:"Your payment page with a token that is valid for 15 minutes"`
	TrackingID string `json:"trackingId,omitempty" doc:"Of the cart; name it in completePurchase"`
}

type paymentOutput struct{ Body paymentView }

func (d *Door) servePayments() {
	serve(d, operation{
		id: "startPayment", method: http.MethodPost, path: "/v1/orders/{titanOrderId}/payment", tag: "Orders", scope: partner.ScopeOrdersWrite,
		summary: "Where a customer pays (redirect R4)", doc: "409 NO_PAYMENT_URL when your brand has no payment page.",
		request:  map[string]any{"action": "buyMoreAccounts", "items": []purchaseItem{{Accounts: 2}}, "locale": "de"},
		response: paymentView{URL: "https://pay.partner.example/upgrade?jwt=eyJhbGciOiJIUzI1NiJ9...", TrackingID: "m3yJpX0c9QkTqVb2hLwRz8Nd5FsGaE1u"},
	}, func(ctx context.Context, c *call, in *paymentInput) (*paymentOutput, error) {
		cmd := ordering.StartPurchase{Order: work.OrderRef{ID: in.Order}, Action: cart.Action(in.Body.Action), Locale: in.Body.Locale}
		for _, i := range in.Body.Items {
			cmd.Items = append(cmd.Items, cart.Item{
				Accounts: i.Accounts, Plan: plan.Plan(i.Plan), Renew: order.Cycle(i.Renew), Addon: i.Addon, Quantity: i.Quantity,
			})
		}
		p, err := d.core.StartPurchase(ctx, c.actor, cmd)
		if err != nil {
			return nil, err
		}
		return &paymentOutput{Body: paymentView{URL: p.URL, TrackingID: p.TrackingID}}, nil
	})
}
