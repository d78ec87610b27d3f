package dnscheck

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/mail/dnsres"
)

// The limits of RFC 7208 section 4.6.4.
const (
	maxLookups = 10
	maxVoid    = 2
)

// spfWalk follows a record the way a receiver evaluates it for a message of
// ours, until it comes to our term: what stands after that, or after an "all",
// counts for nothing, and what stands before it uses up the limits.
type spfWalk struct {
	resolver Resolver
	domain   string
	include  string // "" = the domain's own mx
	lookups  int
	void     int
	chain    []string // names whose records are being evaluated
}

// run gives nil when the record lets our mail pass. The error is a look-up that failed.
func (w *spfWalk) run(ctx context.Context, text string) (*dnsrecord.Problem, error) {
	w.chain = []string{w.domain}
	passes, problem, err := w.record(ctx, w.domain, text)
	if err != nil || problem != nil || passes {
		return problem, err
	}
	want := "mx"
	if w.include != "" {
		want = "include:" + w.include
	}
	return &dnsrecord.Problem{Code: dnsrecord.SPFNotIncluded, Detail: want}, nil
}

func (w *spfWalk) record(ctx context.Context, domain, text string) (bool, *dnsrecord.Problem, error) {
	r, bad, ok := parseSPF(text)
	if !ok {
		return false, &dnsrecord.Problem{Code: dnsrecord.SPFSyntax, Detail: shown(bad)}, nil
	}
	for _, t := range r.terms {
		if t.name == "all" {
			return false, nil, nil
		}
		passes, problem, err := w.term(ctx, domain, t)
		if passes || problem != nil || err != nil {
			return passes, problem, err
		}
	}
	if r.redirect == "" {
		return false, nil, nil
	}
	if problem := w.count(); problem != nil {
		return false, problem, nil
	}
	return w.follow(ctx, r.redirect)
}

func (w *spfWalk) count() *dnsrecord.Problem {
	if w.lookups++; w.lookups > maxLookups {
		return &dnsrecord.Problem{Code: dnsrecord.SPFTooManyLookups}
	}
	return nil
}

// term reports whether our mail passes by t.
func (w *spfWalk) term(ctx context.Context, domain string, t spfTerm) (bool, *dnsrecord.Problem, error) {
	if t.name == "ip4" || t.name == "ip6" {
		return false, nil, nil
	}
	if problem := w.count(); problem != nil {
		return false, problem, nil
	}
	if w.ours(domain, t) {
		if t.qualifier != '+' {
			return false, &dnsrecord.Problem{Code: dnsrecord.SPFNotPassing, Detail: string(t.qualifier)}, nil
		}
		return true, nil, nil
	}
	if t.name == "include" {
		passes, problem, err := w.follow(ctx, t.spec)
		if passes && t.qualifier != '+' {
			return false, &dnsrecord.Problem{Code: dnsrecord.SPFNotPassing, Detail: string(t.qualifier)}, nil
		}
		return passes, problem, err
	}
	problem, err := w.host(ctx, domain, t)
	return false, problem, err
}

func (w *spfWalk) ours(domain string, t spfTerm) bool {
	if w.include != "" {
		return t.name == "include" && t.spec == w.include
	}
	return t.name == "mx" && (t.spec == w.domain || t.spec == "" && domain == w.domain)
}

// follow evaluates the record of another name; what a receiver can't know,
// since it depends on the message, does not pass.
func (w *spfWalk) follow(ctx context.Context, name string) (bool, *dnsrecord.Problem, error) {
	if strings.Contains(name, "%") {
		return false, nil, nil
	}
	if slices.Contains(w.chain, name) {
		return false, &dnsrecord.Problem{Code: dnsrecord.SPFLoop, Detail: shown(name)}, nil
	}
	texts, _, err := w.resolver.LookupTXT(ctx, name)
	if err != nil && !dnsres.IsNotFound(err) {
		return false, nil, err
	}
	records := spfTexts(texts)
	if len(records) != 1 {
		return false, &dnsrecord.Problem{Code: dnsrecord.SPFBrokenInclude, Detail: shown(name)}, nil
	}
	w.chain = append(w.chain, name)
	defer func() { w.chain = w.chain[:len(w.chain)-1] }()
	return w.record(ctx, name, records[0])
}

// host looks an "a" or "mx" up, for an answer without records counts (void
// look-ups). "ptr" and "exists" depend on the message.
func (w *spfWalk) host(ctx context.Context, domain string, t spfTerm) (*dnsrecord.Problem, error) {
	name := t.spec
	if name == "" {
		name = domain
	}
	if strings.Contains(name, "%") {
		return nil, nil
	}
	var err error
	switch t.name {
	case "a":
		_, _, err = w.resolver.LookupIP(ctx, name)
	case "mx":
		_, _, err = w.resolver.LookupMX(ctx, name)
	default:
		return nil, nil
	}
	if dnsres.IsNotFound(err) {
		if w.void++; w.void > maxVoid {
			return &dnsrecord.Problem{Code: dnsrecord.SPFTooManyLookups, Detail: shown(name)}, nil
		}
		return nil, nil
	}
	return nil, err
}

func spfTexts(texts []string) (out []string) {
	for _, t := range texts {
		if isSPF(t) {
			out = append(out, t)
		}
	}
	return out
}
