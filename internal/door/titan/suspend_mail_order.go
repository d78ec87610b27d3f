package titan

import (
	"context"

	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/suspension"
)

func suspensionFields() []Field {
	return []Field{
		{Name: "suspensionType", Kind: Text, Note: "default: suspending `partner`, lifting all that the role may lift (T-08)"},
		{Name: "note", Kind: Text},
	}
}

// suspensionItem is one member of a set (operation 6).
type suspensionItem struct {
	Type string          `json:"type"`
	Role suspension.Role `json:"suspenderRole"`
	On   string          `json:"suspendedOn" kind:"date"`
	Note string          `json:"note"`
}

// suspensionItems is never null: live clients index the list without a check.
func suspensionItems(s suspension.Set) []suspensionItem {
	out := make([]suspensionItem, 0, len(s))
	for _, m := range s.Distinct() {
		out = append(out, suspensionItem{Type: m.Type, Role: m.Role, On: day(m.On), Note: m.Note})
	}
	return out
}

type suspendedMailOrder struct {
	answered
	Status order.Status `json:"status"`
}

// suspendMailOrder is operation 4.
func suspendMailOrder(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	st, err := c.door.core.SuspendMailOrder(ctx, c.actor, ordering.SuspendMailOrder{
		Order: ref, Type: in.text("suspensionType"), Note: in.text("note"),
	})
	if err != nil {
		return nil, err
	}
	return &suspendedMailOrder{Status: st.Status}, nil
}

type unsuspendedMailOrder struct {
	answered
	NewStatus order.Status     `json:"newStatus"`
	Remaining []suspensionItem `json:"remainingSuspensions"`
}

// unsuspendMailOrder is operation 7.
func unsuspendMailOrder(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	st, err := c.door.core.UnsuspendMailOrder(ctx, c.actor, ordering.UnsuspendMailOrder{
		Order: ref, Type: in.text("suspensionType"), Note: in.text("note"),
	})
	if err != nil {
		return nil, err
	}
	return &unsuspendedMailOrder{NewStatus: st.Status, Remaining: suspensionItems(st.Suspensions)}, nil
}

type orderSuspensions struct {
	answered
	Suspensions []suspensionItem `json:"suspensions"`
}

// fetchOrderSuspensions is operation 6.
func fetchOrderSuspensions(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	set, err := c.door.core.OrderSuspensions(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return &orderSuspensions{Suspensions: suspensionItems(set)}, nil
}
