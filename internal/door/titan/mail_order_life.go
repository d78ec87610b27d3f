package titan

import (
	"context"

	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
)

// deleteMailOrder is operation 8.
func deleteMailOrder(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	if _, err := c.door.core.DeleteMailOrder(ctx, c.actor, ordering.DeleteMailOrder{Order: ref, Reason: in.text("reason")}); err != nil {
		return nil, err
	}
	return &answered{}, nil
}

func transferMailOrderFields() []Field {
	return withOrder(Field{Name: "transferTo", Kind: Nested, Required: true, Fields: []Field{
		{Name: "customerId", Kind: Text, Required: true},
		{Name: "customerName", Kind: Text},
		{Name: "customerEmailAddress", Kind: Name},
		{Name: "customerCountry", Kind: Text},
		{Name: "serverHostName", Kind: Name, Also: []string{"serverHostname"}},
	}})
}

// transferMailOrder is operation 9.
func transferMailOrder(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	to := in.nested("transferTo")
	_, err = c.door.core.TransferMailOrder(ctx, c.actor, ordering.TransferMailOrder{Order: ref, To: work.CustomerProfile{
		CustomerID: to.text("customerId"), Name: to.text("customerName"), Email: to.text("customerEmailAddress"),
		Country: to.text("customerCountry"), ServerHost: to.text("serverHostName"),
	}})
	if err != nil {
		return nil, err
	}
	return &answered{}, nil
}

type orderAvailability struct {
	answered
	Available bool              `json:"isAvailable"`
	OrderID   int64             `json:"titanOrderId,omitempty" note:"this and the following only when not available"`
	Customer  *availabilityUser `json:"customerDetails,omitempty"`
	Order     *availabilityItem `json:"orderDetails,omitempty"`
}

type availabilityUser struct {
	CustomerID string  `json:"customerId"`
	CustomerNo int64   `json:"titanCustomerId"`
	Name       *string `json:"customerName"`
	Email      *string `json:"customerEmailAddress"`
	Country    *string `json:"customerCountry"`
}

type availabilityItem struct {
	PartnerID *string      `json:"orderId"`
	Plan      plan.Plan    `json:"planType"`
	Status    order.Status `json:"status"`
	Seats     int          `json:"noOfAccounts"`
	Expiry    *string      `json:"expiryDate" kind:"date"`
}

// checkMailOrderAvailability is operation 13.
func checkMailOrderAvailability(ctx context.Context, c *call, in *record) (reply, error) {
	a, err := c.door.core.CheckMailOrderAvailability(ctx, c.actor, in.text("domainName"))
	if err != nil {
		return nil, err
	}
	out := &orderAvailability{Available: a.Available}
	if d := a.Existing; !a.Available && d != nil {
		o, k := d.Order, d.Customer
		out.OrderID = o.ID
		out.Customer = &availabilityUser{
			CustomerID: k.CustomerID, CustomerNo: k.ID, Name: orNull(k.Name), Email: orNull(k.Email), Country: orNull(k.Country),
		}
		out.Order = &availabilityItem{
			PartnerID: orNull(o.PartnerOrderID), Plan: o.Plan, Status: d.Status, Seats: o.Seats, Expiry: dayOrNull(o.ExpiresAt),
		}
	}
	return out, nil
}

type orderReactivation struct {
	answered
	Allowed bool   `json:"reactivationAllowed"`
	Reason  string `json:"reason,omitempty" note:"only when not allowed"`
}

// checkMailOrderReactivation is operation 14.
func checkMailOrderReactivation(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	r, err := c.door.core.MailOrderReactivation(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return &orderReactivation{Allowed: r.Allowed, Reason: r.Reason}, nil
}

// reactivateMailOrder is operation 15.
func reactivateMailOrder(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	if _, err := c.door.core.ReactivateMailOrder(ctx, c.actor, ref); err != nil {
		return nil, err
	}
	return &answered{}, nil
}
