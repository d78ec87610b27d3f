package titan

import (
	"context"

	"posthouse/internal/core/ordering"
)

func modifyMailCustomerFields() []Field {
	return withOrder(
		Field{Name: "customerName", Kind: Text},
		Field{Name: "customerEmailAddress", Kind: Name},
		Field{Name: "customerCountry", Kind: Text},
		Field{Name: "newCustomerId", Kind: Text, Note: "renames the customer (T-28)"},
	)
}

// modifyMailCustomer is operation 19: only what is present changes.
func modifyMailCustomer(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	err = c.door.core.ModifyMailCustomer(ctx, c.actor, ordering.ModifyMailCustomer{
		Order: ref, Name: in.textPtr("customerName"), Email: in.text("customerEmailAddress"),
		Country: in.textPtr("customerCountry"), NewCustomerID: in.text("newCustomerId"),
	})
	if err != nil {
		return nil, err
	}
	return &answered{}, nil
}

func syncMailCustomerFields() []Field {
	return []Field{
		{Name: "username", Kind: Text, Required: true, Note: "the customer's on the server"},
		{Name: "serverHostname", Kind: Name, Required: true, Also: []string{"serverHostName"}},
	}
}

// syncMailCustomer is operation 20.
func syncMailCustomer(ctx context.Context, c *call, in *record) (reply, error) {
	err := c.door.core.SyncMailCustomer(ctx, c.actor, ordering.SyncMailCustomer{
		UserName: in.text("username"), ServerHost: in.text("serverHostname"),
	})
	if err != nil {
		return nil, err
	}
	return &answered{}, nil
}
