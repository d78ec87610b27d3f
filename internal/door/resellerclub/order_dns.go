package resellerclub

import (
	"context"

	"posthouse/internal/core/dnsrecord"
)

// dnsRecord is 7.9: an array for every product.
func (s productCalls) dnsRecord(ctx context.Context, c *call, p *params) (any, error) {
	ref := s.ref(p)
	if err := p.fault(); err != nil {
		return nil, err
	}
	records, err := c.door.core.SoldOrderRecords(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return recordList(records), nil
}

func recordList(records []dnsrecord.Entry) list {
	out := make(list, 0, len(records))
	for _, r := range records {
		out = append(out, object{{"type", r.Type}, {"host", r.Host}, {"value", r.Value}, {"class", "IN"}})
	}
	return out
}
