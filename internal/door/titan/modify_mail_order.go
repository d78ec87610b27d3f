package titan

import (
	"context"
	"slices"

	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
)

func modifyMailOrderFields() []Field {
	return slices.Concat(withOrder(
		Field{Name: "orderId", Kind: Text},
		planField(),
	), paymentFields(), []Field{
		cycleField(),
		{Name: "expiryDate", Kind: Date, Clearable: true, Note: "`\"\"` clears it on the free plan"},
		{Name: "noOfAccounts", Kind: Count, Note: "the new total"},
		actionField(),
		sourceField(),
		{Name: "sourceContext", Kind: Text, Metadata: "sourceContext"},
		{Name: "metadata", Kind: Object, Note: "merged key by key"},
	})
}

type mailOrderState struct {
	answered
	OrderID int64        `json:"titanOrderId"`
	Status  order.Status `json:"status"`
}

// modifyMailOrder is operation 3: only what is present changes.
func modifyMailOrder(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	st, err := c.door.core.ModifyMailOrder(ctx, c.actor, ordering.ModifyMailOrder{
		Order:          ref,
		PartnerOrderID: in.textPtr("orderId"),
		Plan:           enum[plan.Plan](in, "planType"),
		Seats:          in.count("noOfAccounts"),
		Expiry:         in.date("expiryDate"),
		ClearExpiry:    in.cleared("expiryDate"),
		Payment:        in.payment(),
		BillingCycle:   enum[order.Cycle](in, "billingCycle"),
		Source:         enum[order.Source](in, "source"),
		SourceContext:  in.textPtr("sourceContext"),
		Metadata:       in.raw("metadata"),
		Action:         order.Action(in.text("action")),
	})
	if err != nil {
		return nil, err
	}
	return &mailOrderState{OrderID: st.OrderID, Status: st.Status}, nil
}

func enum[T ~string](in *record, name string) *T {
	if !in.has(name) {
		return nil
	}
	v := T(in.text(name))
	return &v
}
