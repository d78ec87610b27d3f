// Package dnsres asks recursive DNS servers what mail needs to know: MX, TXT,
// NS and addresses, with a clear difference between a name that doesn't exist, a
// name without such records, and a look-up that failed.
package dnsres

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"posthouse/internal/fault"
)

// MX is a mail exchanger. Host is lower case without the trailing dot; "" is the
// root, which makes a lone record a null MX (RFC 7505).
type MX struct {
	Host       string
	Preference uint16
}

// Resolver answers the look-ups. authentic is whether a trusted validating server
// vouches for the answer, also for a negative one (DNSSEC). Errors are faults:
// NotFound with ReasonNXDomain or ReasonNoData, or temporary.
type Resolver interface {
	// LookupMX gives the records by ascending preference.
	LookupMX(ctx context.Context, domain string) (records []MX, authentic bool, err error)
	// LookupTXT gives the records, the strings of each joined.
	LookupTXT(ctx context.Context, name string) (texts []string, authentic bool, err error)
	// LookupIP gives a host's addresses of both families, IPv4 first.
	LookupIP(ctx context.Context, host string) (addrs []netip.Addr, authentic bool, err error)
	// LookupNS gives the names of a zone's servers.
	LookupNS(ctx context.Context, zone string) (hosts []string, authentic bool, err error)
}

// The Reasons of a NotFound fault.
const (
	ReasonNXDomain = "NXDOMAIN" // the name does not exist
	ReasonNoData   = "NODATA"   // it does, but has no such records
)

var (
	errNXDomain = fault.New(fault.NotFound, "The domain name does not exist").WithReason(ReasonNXDomain)
	errNoData   = fault.New(fault.NotFound, "The domain name has no such records").WithReason(ReasonNoData)
)

// IsNXDomain reports whether err says that the name does not exist.
func IsNXDomain(err error) bool { return err != nil && fault.Of(err).Reason == ReasonNXDomain }

// IsNoData reports whether err says that the name has no such records.
func IsNoData(err error) bool { return err != nil && fault.Of(err).Reason == ReasonNoData }

// IsNotFound reports whether err is a definite answer that there is nothing.
func IsNotFound(err error) bool { return IsNXDomain(err) || IsNoData(err) }

// LookupMX implements Resolver.
func (c *Client) LookupMX(ctx context.Context, domain string) ([]MX, bool, error) {
	a := c.lookup(ctx, domain, dns.TypeMX)
	var records []MX
	for _, rr := range a.records {
		if mx, ok := rr.(*dns.MX); ok {
			records = append(records, MX{hostName(mx.Mx), mx.Preference})
		}
	}
	slices.SortStableFunc(records, func(a, b MX) int { return cmp.Compare(a.Preference, b.Preference) })
	return records, a.authentic, a.err
}

// LookupTXT implements Resolver.
func (c *Client) LookupTXT(ctx context.Context, name string) ([]string, bool, error) {
	a := c.lookup(ctx, name, dns.TypeTXT)
	var texts []string
	for _, rr := range a.records {
		if txt, ok := rr.(*dns.TXT); ok {
			texts = append(texts, unescape(strings.Join(txt.Txt, "")))
		}
	}
	return texts, a.authentic, a.err
}

// LookupNS implements Resolver.
func (c *Client) LookupNS(ctx context.Context, zone string) ([]string, bool, error) {
	a := c.lookup(ctx, zone, dns.TypeNS)
	var hosts []string
	for _, rr := range a.records {
		if ns, ok := rr.(*dns.NS); ok {
			hosts = append(hosts, hostName(ns.Ns))
		}
	}
	return hosts, a.authentic, a.err
}

// LookupIP implements Resolver. Both families are asked for at once; addresses
// of one are enough when the other fails, and localhost is known (RFC 6761).
func (c *Client) LookupIP(ctx context.Context, host string) ([]netip.Addr, bool, error) {
	if name := hostName(strings.ToLower(host)); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, true, nil
	}
	six := make(chan answer, 1)
	go func() { six <- c.lookup(ctx, host, dns.TypeAAAA) }()
	v4 := c.lookup(ctx, host, dns.TypeA)
	v6 := <-six
	var addrs []netip.Addr
	for _, rr := range append(slices.Clip(v4.records), v6.records...) {
		var ip netip.Addr
		var ok bool
		switch rr := rr.(type) {
		case *dns.A:
			ip, ok = netip.AddrFromSlice(rr.A.To4())
		case *dns.AAAA:
			ip, ok = netip.AddrFromSlice(rr.AAAA)
		}
		if ok && !slices.Contains(addrs, ip) {
			addrs = append(addrs, ip)
		}
	}
	switch {
	case len(addrs) > 0:
		return addrs, (v4.err != nil || v4.authentic) && (v6.err != nil || v6.authentic), nil
	case v4.err != nil && !IsNotFound(v4.err):
		return nil, false, v4.err
	case v6.err != nil && !IsNotFound(v6.err):
		return nil, false, v6.err
	case IsNXDomain(v6.err):
		return nil, v6.authentic, v6.err
	}
	return nil, v4.authentic && v6.authentic, v4.err
}

func hostName(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }

// unescape undoes the presentation form in which the DNS module keeps strings.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		if i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]) {
			b = append(b, (s[i+1]-'0')*100+(s[i+2]-'0')*10+(s[i+3]-'0'))
			i += 3
			continue
		}
		i++
		b = append(b, s[i])
	}
	return string(b)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

var _ Resolver = (*Client)(nil)
