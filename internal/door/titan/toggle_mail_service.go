package titan

import (
	"context"

	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
)

const modeSingle = "single_domain"

func toggleMailServiceFields() []Field {
	return withOrder(
		Field{Name: "mailService", Kind: Enum, Required: true, Values: texts(order.ServiceTitan, order.ServiceLocal)},
		Field{Name: "mode", Kind: Enum, Values: []string{modeSingle, "all_domains"}, Note: "default `all_domains`"},
	)
}

// toggleMailService is operation 10.
func toggleMailService(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	_, err = c.door.core.ToggleMailService(ctx, c.actor, ordering.ToggleMailService{
		Order: ref, MailService: order.MailService(in.text("mailService")), SingleOrder: in.text("mode") == modeSingle,
	})
	if err != nil {
		return nil, err
	}
	return &answered{}, nil
}
