package resellerclub

import (
	"context"

	"posthouse/internal/core/work"
)

// dnsRecord is 7.9: an array for every product.
func (s productCalls) dnsRecord(ctx context.Context, c *call, p *params) (any, error) {
	ref := s.ref(p)
	if err := p.fault(); err != nil {
		return nil, err
	}
	if _, err := c.door.core.FetchSoldOrder(ctx, c.actor, ref); err != nil { // it is the product's
		return nil, err
	}
	records, err := c.door.core.DNSRecords(ctx, c.actor, work.OrderRef{ID: ref.ID})
	if err != nil {
		return nil, err
	}
	return c.door.dnsRecords(records), nil
}
