package titan

import (
	"context"
	"time"

	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
)

type orderDetails struct {
	answered
	OrderID       int64            `json:"titanOrderId"`
	Domain        string           `json:"domainName"`
	PartnerID     *string          `json:"orderId"`
	Plan          plan.Plan        `json:"planType"`
	Seats         int              `json:"noOfAccounts"`
	Billable      int              `json:"noOfBillableAccounts"`
	Active        int              `json:"noOfActiveAccounts"`
	Provisioned   int              `json:"noOfProvisionedAccounts"`
	Expiry        *string          `json:"expiryDate" kind:"date"`
	Status        order.Status     `json:"status"`
	CustomerEmail string           `json:"customerEmailAddress"`
	ServerHost    *string          `json:"serverHostName"`
	Source        string           `json:"source"`
	CustomerNo    int64            `json:"titanCustomerId"`
	CustomerID    string           `json:"customerId"`
	Addons        map[string]int64 `json:"addonSubscriptionCounters"`
}

// fetchOrderDetails is operation 5.
func fetchOrderDetails(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	d, err := c.door.core.FetchOrder(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	o, k := d.Order, d.Customer
	return &orderDetails{
		OrderID: o.ID, Domain: o.Domain, PartnerID: orNull(o.PartnerOrderID), Plan: o.Plan, Seats: o.Seats,
		Billable: d.Billable, Active: d.Counters.Active, Provisioned: d.Counters.Provisioned,
		Expiry: dayOrNull(o.ExpiresAt), Status: d.Status, CustomerEmail: k.Email, ServerHost: orNull(k.ServerHost),
		Source: string(o.Source), CustomerNo: k.ID, CustomerID: k.CustomerID, Addons: d.Addons,
	}, nil
}

type listedOrder struct {
	OrderID       int64        `json:"titanOrderId"`
	Domain        string       `json:"domainName"`
	Plan          plan.Plan    `json:"planType"`
	Status        order.Status `json:"status"`
	Seats         int          `json:"noOfAccounts"`
	Active        int          `json:"noOfActiveAccounts"`
	Expiry        *string      `json:"expiryDate" kind:"date"`
	PartnerID     *string      `json:"orderId"`
	CustomerEmail *string      `json:"customerEmailAddress"`
	ServerHost    *string      `json:"serverHostName"`
	CustomerID    string       `json:"customerId"`
	CustomerNo    int64        `json:"titanCustomerId"`
	Billable      int          `json:"noOfBillableAccounts"`
	Provisioned   int          `json:"noOfProvisionedAccounts"`
	Source        string       `json:"source"`
}

func listMailOrdersFields() []Field {
	return []Field{
		{Name: "customerId", Kind: Text, Note: "this or titanCustomerId"},
		{Name: "titanCustomerId", Kind: ID, Note: "wins over customerId"},
	}
}

type mailOrders struct {
	answered
	Orders []listedOrder `json:"orders"`
}

// listMailOrders is operation 11.
func listMailOrders(ctx context.Context, c *call, in *record) (reply, error) {
	q := ordering.ListMailOrders{CustomerID: in.text("customerId"), CustomerNumber: in.id("titanCustomerId")}
	if q.CustomerID == "" && q.CustomerNumber == 0 {
		return nil, missing("customerId")
	}
	all, err := c.door.core.ListMailOrders(ctx, c.actor, q)
	if err != nil {
		return nil, err
	}
	out := &mailOrders{Orders: make([]listedOrder, 0, len(all))}
	for _, d := range all {
		o, k := d.Order, d.Customer
		out.Orders = append(out.Orders, listedOrder{
			OrderID: o.ID, Domain: o.Domain, Plan: o.Plan, Status: d.Status, Seats: o.Seats, Active: d.Counters.Active,
			Expiry: dayOrNull(o.ExpiresAt), PartnerID: orNull(o.PartnerOrderID), CustomerEmail: orNull(k.Email),
			ServerHost: orNull(k.ServerHost), CustomerID: k.CustomerID, CustomerNo: k.ID,
			Billable: d.Billable, Provisioned: d.Counters.Provisioned, Source: string(o.Source),
		})
	}
	return out, nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func day(t time.Time) string { return t.UTC().Format(dateForm) }

func dayOrNull(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := day(*t)
	return &s
}
