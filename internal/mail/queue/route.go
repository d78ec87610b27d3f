package queue

import (
	"cmp"
	"context"
	"net/netip"
	"slices"

	"posthouse/internal/mail/dnsres"
	"posthouse/internal/mailaddr"
)

// Resolver is how the queue asks the DNS; *dnsres.Client is one.
type Resolver interface {
	LookupMX(ctx context.Context, domain string) (records []dnsres.MX, authentic bool, err error)
	LookupIP(ctx context.Context, host string) (addrs []netip.Addr, authentic bool, err error)
}

// way is where a batch goes.
type way struct {
	local   bool
	sandbox bool  // foreign mail of a sandbox partner: captured when it is delivered
	hops    []hop // in the order of trying
	// verdict, when set, is the end of it without any hop.
	verdict *verdict
}

func ends(o outcome, status, reply string) way {
	return way{verdict: &verdict{outcome: o, status: status, reply: reply, stage: "routing"}}
}

// route finds the way to a domain (titan.md 7.2, T-51; RFC 5321 section 5.1).
func (q *Queue) route(ctx context.Context, m *message, domain string) way {
	if ip, ok := (mailaddr.Address{Domain: domain}).Literal(); ok {
		return q.literal(m, ip)
	}
	serving, err := q.dir.DomainRouting(ctx, domain)
	if err != nil {
		return ends(outDeferred, "4.3.0", "the routing of "+domain+" can't be looked up now")
	}
	// Proven ownership decides; what a sandbox partner proves, in a DNS of its own
	// making, does not for others' mail. Within one partner's sandbox nothing needs
	// proof: whoever plays there plays with own domains only.
	proven := serving.Proven && (m.sandbox || !serving.Sandbox)
	if serving.Served && (proven || m.sandbox && serving.Sandbox && serving.PartnerID == m.partnerID) {
		return way{local: true}
	}
	if m.sandbox {
		return q.sandboxed()
	}
	configured, ok := q.routes[domain]
	if !ok {
		configured, ok = q.routes["*"]
	}
	if ok && !serving.Served {
		return way{hops: []hop{configured}}
	}
	w, here := q.exchangers(ctx, domain)
	switch {
	case serving.Served && here:
		return way{local: true}
	case ok:
		return way{hops: []hop{configured}}
	}
	return w
}

// sandboxed is the way of a sandbox partner's mail to foreign domains: it is
// captured, and handed to the sink if there is one.
func (q *Queue) sandboxed() way {
	if q.sink != nil {
		return way{sandbox: true, hops: []hop{*q.sink}}
	}
	w := ends(outDelivered, "2.0.0", "250 2.0.0 captured: a sandbox partner's mail does not leave this machine")
	w.sandbox = true
	return w
}

func (q *Queue) literal(m *message, ip netip.Addr) way {
	if m.sandbox {
		return q.sandboxed()
	}
	if q.ours(ip) {
		return ends(outFailed, "5.4.6", "mail to this host by its address is not served")
	}
	if r, ok := q.routes["*"]; ok {
		return way{hops: []hop{r}}
	}
	return way{hops: []hop{{host: ip.String(), addrs: []netip.Addr{ip.Unmap()}, port: q.cfg.Port}}}
}

// exchangers finds the hosts that take a domain's mail. here says that the
// most preferred of them, among which the choice is free, includes this
// installation; then w is what holds if the domain is not served: nothing, or
// the hosts that are preferred to us (RFC 5321 section 5.1: no host of our own
// or lesser preference is used, lest mail goes round).
func (q *Queue) exchangers(ctx context.Context, domain string) (w way, here bool) {
	records, _, err := q.cfg.Resolver.LookupMX(ctx, domain)
	if dnsres.IsNXDomain(err) {
		return ends(outFailed, "5.1.2", "the domain "+domain+" does not exist"), false
	}
	if err != nil && !dnsres.IsNoData(err) {
		return ends(outDeferred, "4.4.3", "the MX records of "+domain+" can't be looked up now"), false
	}
	if len(records) == 1 && records[0].Host == "" { // RFC 7505
		return ends(outFailed, "5.1.10", "the domain "+domain+" accepts no mail (null MX)"), false
	}
	implicit := len(records) == 0
	if implicit { // RFC 5321 section 5.1: the domain itself
		records = []dnsres.MX{{Host: domain}}
	}
	records = slices.Clone(records[:min(len(records), maxRecords)]) // the resolver's are shared
	q.order(records)

	var unknown bool
	for i := 0; i < len(records); {
		n := i // records[i:n] have one preference
		var level []hop
		var us bool
		for ; n < len(records) && records[n].Preference == records[i].Preference; n++ {
			if records[n].Host == "" {
				continue
			}
			if q.names[records[n].Host] {
				us = true
				continue
			}
			addrs, _, err := q.cfg.Resolver.LookupIP(ctx, records[n].Host)
			unknown = unknown || err != nil && !dnsres.IsNotFound(err)
			if slices.ContainsFunc(addrs, q.ours) {
				us = true
				continue
			}
			if len(addrs) > 0 {
				level = append(level, hop{host: records[n].Host, addrs: addrs, port: q.cfg.Port})
			}
		}
		if us {
			here = len(w.hops) == 0
			if here && !unknown {
				w = ends(outFailed, "5.4.6", "the MX records of "+domain+" point here, but the domain is not served here")
			}
			break
		}
		w.hops = append(w.hops, level...)
		i = n
	}
	switch {
	case len(w.hops) > 0 || w.verdict != nil:
	case unknown:
		w = ends(outDeferred, "4.4.3", "the addresses of the mail hosts of "+domain+" can't be looked up now")
	case implicit:
		w = ends(outFailed, "5.1.2", "the domain "+domain+" has neither MX nor address records")
	default:
		w = ends(outFailed, "5.4.4", "none of the mail hosts of "+domain+" has an address")
	}
	return w, here
}

// maxRecords bounds the mail hosts that are looked at, the most preferred first.
const maxRecords = 20

// order sorts by preference, equals in random order (RFC 5321 section 5.1).
func (q *Queue) order(records []dnsres.MX) {
	chance := make(map[dnsres.MX]float64, len(records))
	for _, r := range records {
		chance[r] = q.fraction()
	}
	slices.SortStableFunc(records, func(a, b dnsres.MX) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), cmp.Compare(chance[a], chance[b]))
	})
}

// ours reports an address of this installation.
func (q *Queue) ours(a netip.Addr) bool {
	a = a.Unmap()
	return q.addrs[a] || !q.cfg.Loopback && (a.IsLoopback() || a.IsUnspecified())
}
