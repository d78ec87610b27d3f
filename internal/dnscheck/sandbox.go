package dnscheck

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/fault"
	"posthouse/internal/mail/dnsres"
)

// sandbox is a DNS that consists of given answers.
type sandbox struct{ answers []dnsrecord.Answer }

func newSandbox(answers []dnsrecord.Answer) sandbox { return sandbox{answers} }

// find gives the answers of a name and type, or what a server would say.
func (s sandbox) find(name, kind string) ([]dnsrecord.Answer, error) {
	var out []dnsrecord.Answer
	exists := false
	for _, a := range s.answers {
		if a.Name == name || strings.HasSuffix(a.Name, "."+name) {
			exists = true
		}
		if a.Name != name || a.Type != kind {
			continue
		}
		if a.Failure != "" {
			return nil, fault.Unavail("The sandbox's DNS does not answer, as was asked for", nil)
		}
		out = append(out, a)
	}
	switch {
	case len(out) > 0:
		return out, nil
	case exists:
		return nil, fault.New(fault.NotFound, "The domain name has no such records").WithReason(dnsres.ReasonNoData)
	}
	return nil, fault.New(fault.NotFound, "The domain name does not exist").WithReason(dnsres.ReasonNXDomain)
}

func (s sandbox) values(name, kind string) ([]string, bool, error) {
	found, err := s.find(name, kind)
	var out []string
	for _, a := range found {
		out = append(out, a.Value)
	}
	return out, false, err
}

func (s sandbox) LookupNS(_ context.Context, zone string) ([]string, bool, error) {
	return s.values(zone, "NS")
}

func (s sandbox) LookupTXT(_ context.Context, name string) ([]string, bool, error) {
	return s.values(name, "TXT")
}

func (s sandbox) LookupMX(_ context.Context, domain string) ([]dnsres.MX, bool, error) {
	found, err := s.find(domain, "MX")
	var out []dnsres.MX
	for _, a := range found {
		out = append(out, dnsres.MX{Host: a.Value, Preference: a.Preference})
	}
	slices.SortStableFunc(out, func(a, b dnsres.MX) int { return cmp.Compare(a.Preference, b.Preference) })
	return out, false, err
}

// LookupIP always finds something: addresses can't be given.
func (s sandbox) LookupIP(context.Context, string) ([]netip.Addr, bool, error) {
	return []netip.Addr{netip.IPv6Loopback()}, false, nil
}

var (
	_ Resolver = sandbox{}
	_ Resolver = (*dnsres.Client)(nil)
)
