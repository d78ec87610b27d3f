// Package dnscheck looks up what a domain publishes and compares it with what
// its mail service needs (titan.md sections 7.2 and 7.7, operation 17).
package dnscheck

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/fault"
	"posthouse/internal/mail/dnsres"
)

// Resolver is what a check asks; *dnsres.Client is one. Its answers are to be
// fresh: a customer who presses "check again" has just changed them.
type Resolver interface {
	LookupNS(ctx context.Context, zone string) (hosts []string, authentic bool, err error)
	LookupMX(ctx context.Context, domain string) (records []dnsres.MX, authentic bool, err error)
	LookupTXT(ctx context.Context, name string) (texts []string, authentic bool, err error)
	LookupIP(ctx context.Context, host string) (addrs []netip.Addr, authentic bool, err error)
}

// Bounds of what is kept of answers; how many look-ups a check makes is bounded
// by the number of keys and the limits of SPF.
const (
	maxKept  = 20
	maxShown = 1024
)

// Checker checks domains. It is safe for concurrent use.
type Checker struct {
	resolver Resolver
	timeout  time.Duration
}

// New makes a Checker whose checks end after timeout; 0 = 10 s.
func New(r Resolver, timeout time.Duration) *Checker {
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	return &Checker{resolver: r, timeout: timeout}
}

// Check looks everything up. Given answers, when not nil, are the whole DNS: a
// sandbox. A domain whose NS, MX or SPF records could not be looked up is a
// temporary fault with dnsrecord.ReasonNoAnswer; what is extra is Unknown then.
func (c *Checker) Check(ctx context.Context, want dnsrecord.Expected, given []dnsrecord.Answer) (*dnsrecord.Found, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	k := check{ctx: ctx, resolver: c.resolver, want: want, found: &dnsrecord.Found{
		NS: []string{}, MX: []string{}, SPF: []string{}, DKIM: []dnsrecord.KeyFound{}, DMARC: dnsrecord.DMARC{State: dnsrecord.Missing},
	}}
	if given != nil {
		k.resolver = newSandbox(given)
	}
	if err := k.run(); err != nil {
		return nil, noAnswer(want.Domain, err)
	}
	return k.found, nil
}

func noAnswer(domain string, cause error) error {
	return fault.Unavail("The DNS of "+domain+" does not answer", cause).WithReason(dnsrecord.ReasonNoAnswer)
}

// check is one run.
type check struct {
	ctx      context.Context
	resolver Resolver
	want     dnsrecord.Expected
	found    *dnsrecord.Found
}

func (k *check) run() error {
	hosts, _, err := k.resolver.LookupNS(k.ctx, k.want.Domain)
	if err != nil && !dnsres.IsNotFound(err) {
		return err
	}
	if dnsres.IsNXDomain(err) {
		k.missing()
		return nil
	}
	k.found.DomainExists = true
	for _, h := range kept(hosts) {
		k.found.NS = append(k.found.NS, shown(h))
	}
	slices.Sort(k.found.NS)
	// Each writes fields of its own.
	var wg sync.WaitGroup
	var mxErr, spfErr error
	wg.Go(func() { mxErr = k.mx() })
	wg.Go(func() { spfErr = k.spf() })
	wg.Go(k.dmarc)
	wg.Go(k.ownership)
	k.found.DKIM = make([]dnsrecord.KeyFound, len(k.want.DKIM))
	for i := range k.want.DKIM {
		wg.Go(func() { k.dkim(i) })
	}
	wg.Wait()
	if mxErr != nil {
		return mxErr
	}
	return spfErr
}

// missing is a domain that does not exist: nothing of it can.
func (k *check) missing() {
	problem := &dnsrecord.Problem{Code: dnsrecord.NoSuchDomain}
	k.found.MXProblem, k.found.SPFProblem = problem, problem
	for _, key := range k.want.DKIM {
		k.found.DKIM = append(k.found.DKIM, dnsrecord.KeyFound{Selector: key.Selector, State: dnsrecord.Missing})
	}
}

func (k *check) mx() error {
	records, _, err := k.resolver.LookupMX(k.ctx, k.want.Domain)
	if err != nil && !dnsres.IsNotFound(err) {
		return err
	}
	for _, r := range kept(records) {
		k.found.MX = append(k.found.MX, hostOf(r))
	}
	k.found.MXProblem = judgeMX(records, k.want.MX)
	k.found.MXVerified = k.found.MXProblem == nil
	return nil
}

// judgeMX is mxVerified of T-25: every expected host is there, and each with a
// better preference than every other host. So a sender tries ours, all of them,
// before any other; a backup of the customer's own may stand behind them. A
// foreign host with the same preference would get a share of the mail.
func judgeMX(records []dnsres.MX, expected []string) *dnsrecord.Problem {
	if len(records) == 0 {
		return &dnsrecord.Problem{Code: dnsrecord.NoRecord}
	}
	best := map[string]uint16{}
	var foreign *dnsres.MX
	for _, r := range records {
		if p, ok := best[r.Host]; !ok || r.Preference < p {
			best[r.Host] = r.Preference
		}
		if !slices.Contains(expected, r.Host) && (foreign == nil || r.Preference < foreign.Preference) {
			foreign = &r
		}
	}
	for _, host := range expected {
		p, ok := best[host]
		if !ok {
			return &dnsrecord.Problem{Code: dnsrecord.MXMissing, Detail: host}
		}
		if foreign != nil && foreign.Preference <= p {
			return &dnsrecord.Problem{Code: dnsrecord.MXForeignFirst, Detail: hostOf(*foreign)}
		}
	}
	return nil
}

func hostOf(r dnsres.MX) string {
	if r.Host == "" {
		return "." // a null MX (RFC 7505)
	}
	return shown(r.Host)
}

func (k *check) spf() error {
	texts, _, err := k.resolver.LookupTXT(k.ctx, k.want.Domain)
	if err != nil && !dnsres.IsNotFound(err) {
		return err
	}
	records := spfTexts(texts)
	for _, t := range kept(records) {
		k.found.SPF = append(k.found.SPF, shown(t))
	}
	switch len(records) {
	case 0:
		k.found.SPFProblem = &dnsrecord.Problem{Code: dnsrecord.NoRecord}
		return nil
	case 1:
	default:
		k.found.SPFProblem = &dnsrecord.Problem{Code: dnsrecord.SPFSeveral}
		return nil
	}
	w := spfWalk{resolver: k.resolver, domain: k.want.Domain, include: k.want.SPFInclude}
	if k.found.SPFProblem, err = w.run(k.ctx, records[0]); err != nil {
		return err
	}
	k.found.SPFVerified = k.found.SPFProblem == nil
	k.found.LenientSPF = k.found.SPFVerified && !dnsrecord.SameText(records[0], k.want.SPF())
	return nil
}

func (k *check) dmarc() {
	texts, _, err := k.resolver.LookupTXT(k.ctx, "_dmarc."+k.want.Domain)
	if err != nil && !dnsres.IsNotFound(err) {
		k.found.DMARC.State = dnsrecord.Unknown
		return
	}
	k.found.DMARC = dmarcOf(texts)
}

func (k *check) ownership() {
	if k.want.OwnershipToken == "" {
		return
	}
	texts, _, _ := k.resolver.LookupTXT(k.ctx, dnsrecord.OwnershipLabel+"."+k.want.Domain)
	k.found.Ownership = slices.ContainsFunc(texts, func(t string) bool { return strings.TrimSpace(t) == k.want.OwnershipToken })
}

func (k *check) dkim(i int) {
	key := k.want.DKIM[i]
	f := dnsrecord.KeyFound{Selector: key.Selector, State: dnsrecord.Unknown}
	texts, _, err := k.resolver.LookupTXT(k.ctx, key.Name(k.want.Domain))
	if err == nil || dnsres.IsNotFound(err) {
		f.State = dkimOf(texts, key.Record)
	}
	k.found.DKIM[i] = f
}

func kept[T any](list []T) []T { return list[:min(len(list), maxKept)] }

// shown makes foreign bytes fit for JSON, rows and eyes.
func shown(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), maxShown)], "\uFFFD")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
