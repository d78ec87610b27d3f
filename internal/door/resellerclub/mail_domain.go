package resellerclub

import (
	"context"

	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
)

// ofOrder is a row whose only parameter is the order.
func ofOrder(do func(ctx context.Context, c *call, ref work.OrderRef) (any, error)) serveFunc {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		ref := work.OrderRef{ID: p.orderID()}
		if err := p.fault(); err != nil {
			return nil, err
		}
		return do(ctx, c, ref)
	}
}

// activateMail is row 15: an email order is active without it.
var activateMail = ofOrder(func(ctx context.Context, c *call, ref work.OrderRef) (any, error) {
	d, err := c.door.core.FetchOrder(ctx, c.actor, ref)
	if err == nil && (d.Status == order.Deleted || d.Status == order.Pending) {
		err = errOrderNotActive
	}
	return nil, err
})

// showCatchAll is row 16.
var showCatchAll = ofOrder(func(ctx context.Context, c *call, ref work.OrderRef) (any, error) {
	email, err := c.door.core.FetchCatchAll(ctx, c.actor, ref)
	return object{{"email", email}}, err
})

// setCatchAll and removeCatchAll are row 17.
func setCatchAll(ctx context.Context, c *call, p *params) (any, error) {
	ref := p.mailUserRef()
	if err := p.fault(); err != nil {
		return nil, err
	}
	return nil, c.door.core.SetMailUserCatchAll(ctx, c.actor, ref)
}

var removeCatchAll = ofOrder(func(ctx context.Context, c *call, ref work.OrderRef) (any, error) {
	return nil, c.door.core.RemoveCatchAll(ctx, c.actor, ref)
})

// showMailDNS is row 18.
var showMailDNS = ofOrder(func(ctx context.Context, c *call, ref work.OrderRef) (any, error) {
	e, err := c.door.core.DNSRecords(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return object{{"records", c.door.dnsRecords(e)}}, nil
})

// showOwnership is row 19, under both spellings.
var showOwnership = ofOrder(func(ctx context.Context, c *call, ref work.OrderRef) (any, error) {
	d, err := c.door.core.FetchOrder(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return object{{"verified", d.Order.ProvenAt != nil}}, nil
})

// updateNotificationEmail is row 21.
func updateNotificationEmail(ctx context.Context, c *call, p *params) (any, error) {
	ref, email := work.OrderRef{ID: p.orderID()}, p.text("notification-email")
	if err := p.fault(); err != nil {
		return nil, err
	}
	return nil, c.door.core.SetOrderContact(ctx, c.actor, ref, email)
}
