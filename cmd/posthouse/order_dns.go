package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/config"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/due"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/dnscheck"
	"posthouse/internal/mail/dnsres"
)

// dnsChecker asks without a cache: who checks again has just changed something.
func dnsChecker(cfg *config.Config, c clock.Clock) (work.DNSChecker, error) {
	resolver, err := dnsres.New(dnsres.Config{Servers: cfg.DNS.Servers, Clock: c, NoCache: true})
	if err != nil {
		return nil, err
	}
	return dnscheck.New(resolver, 0), nil
}

// checkDueDNS is the calendar's handler of due.DNS.
func (n *node) checkDueDNS(ctx context.Context, item due.Item) error {
	return n.core.CheckDueDNS(ctx, audit.Actor{Role: suspension.RoleTitan, Name: "job:dns"}, item)
}

type orderDNSCmd struct {
	ID   int64 `arg:"" help:"Order id (titanOrderId)."`
	JSON bool  `help:"Print JSON."`
}

func (k *orderDNSCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		want, err := p.core.DNSRecords(ctx, operator(), work.OrderRef{ID: k.ID})
		if err != nil {
			return err
		}
		records := want.Records()
		if k.JSON {
			return printJSON(out, records)
		}
		for _, r := range records {
			switch r.Type {
			case "MX":
				fmt.Fprintf(out, "%s. IN MX %d %s.\n", r.Name, r.Priority, r.Value)
			default:
				fmt.Fprintf(out, "%s. IN TXT %s\n", r.Name, txtStrings(r.Value))
			}
		}
		return nil
	})
}

// txtStrings splits a TXT value into strings of at most 255 octets (RFC 1035 section 3.3.14).
func txtStrings(s string) string {
	out := ""
	for len(s) > 255 {
		out += strconv.Quote(s[:255]) + " "
		s = s[255:]
	}
	return out + strconv.Quote(s)
}

type orderCheckCmd struct {
	ID   int64 `arg:"" help:"Order id (titanOrderId)."`
	Last bool  `help:"Show the last check instead of making one."`
	JSON bool  `help:"Print JSON."`
}

// checkView is a check as scripts see it.
type checkView struct {
	OrderID    int64            `json:"orderId"`
	Domain     string           `json:"domain"`
	CheckedAt  time.Time        `json:"checkedAt"`
	VerifiedAt *time.Time       `json:"verifiedAt,omitempty"`
	ProvenAt   *time.Time       `json:"provenAt,omitempty"`
	Found      *dnsrecord.Found `json:"found"`
}

func (k *orderCheckCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		ref := work.OrderRef{ID: k.ID}
		look := p.core.VerifyDNS
		if k.Last {
			look = p.core.LastDNSCheck
		}
		check, err := look(ctx, operator(), ref)
		if err != nil {
			return err
		}
		if check == nil {
			return fmt.Errorf("order %d was never checked", k.ID)
		}
		d, err := p.core.FetchOrder(ctx, operator(), ref)
		if err != nil {
			return err
		}
		v := checkView{OrderID: k.ID, Domain: d.Order.Domain, CheckedAt: check.CheckedAt, VerifiedAt: check.VerifiedAt, ProvenAt: d.Order.ProvenAt, Found: &check.Found}
		if k.JSON {
			return printJSON(out, v)
		}
		return printCheck(out, &v)
	})
}

func printCheck(out *output, v *checkView) error {
	f := v.Found
	state := func(ok bool, p *dnsrecord.Problem) string {
		switch {
		case ok:
			return "verified"
		case p == nil:
			return "not verified"
		}
		return strings.TrimSpace("not verified: " + p.Code + " " + p.Detail)
	}
	spf := state(f.SPFVerified, f.SPFProblem)
	if f.LenientSPF {
		spf = "verified, not the recommended text"
	}
	found := map[bool]string{true: "found", false: "not found"}
	rows := [][]string{
		{"domain", map[bool]string{true: "exists", false: "does not exist"}[f.DomainExists], v.Domain},
		{"ns", "", strings.Join(f.NS, " ")}, {"mx", state(f.MXVerified, f.MXProblem), strings.Join(f.MX, " ")},
		{"spf", spf, strings.Join(f.SPF, " | ")}, {"dmarc", string(f.DMARC.State), f.DMARC.Text},
		{"ownership", found[f.Ownership], "proven: " + date(v.ProvenAt)},
	}
	for _, k := range f.DKIM {
		rows = append(rows, []string{"dkim", string(k.State), k.Selector})
	}
	for _, r := range rows {
		r[1], r[2] = orDash(r[1]), orDash(r[2])
	}
	return table(out, []string{"WHAT", "STATE", "FOUND"}, rows)
}

type orderDKIMCmd struct {
	List   orderDKIMListCmd   `cmd:"" help:"List the keys of an order's domain and what each is for."`
	Rotate orderDKIMRotateCmd `cmd:"" help:"Make new keys. They sign once their records are seen; the old ones are destroyed a week later."`
}

type orderDKIMListCmd struct {
	ID   int64 `arg:"" help:"Order id (titanOrderId)."`
	JSON bool  `help:"Print JSON."`
}

func (k *orderDKIMListCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		keys, err := p.core.DKIMKeys(ctx, operator(), work.OrderRef{ID: k.ID})
		if err != nil {
			return err
		}
		return printKeys(out, keys, k.JSON)
	})
}

type orderDKIMRotateCmd struct {
	ID   int64 `arg:"" help:"Order id (titanOrderId)."`
	Now  bool  `help:"Sign with the new keys at once, published or not."`
	JSON bool  `help:"Print JSON."`
}

func (k *orderDKIMRotateCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		keys, err := p.core.RotateDKIMKeys(ctx, operator(), dnssetup.RotateDKIMKeys{Order: work.OrderRef{ID: k.ID}, Now: k.Now})
		if err != nil {
			return err
		}
		return printKeys(out, keys, k.JSON)
	})
}

// keyRecordView is a DKIM key as scripts see it.
type keyRecordView struct {
	Selector  string             `json:"selector"`
	Algorithm string             `json:"algorithm"`
	State     dnssetup.DKIMState `json:"state"`
	Name      string             `json:"name"`
	Record    string             `json:"record"`
	CreatedAt time.Time          `json:"createdAt"`
	ActiveAt  *time.Time         `json:"activeAt,omitempty"`
	RetiredAt *time.Time         `json:"retiredAt,omitempty"`
}

func printKeys(out *output, keys []dnssetup.DKIMKeyDetails, asJSON bool) error {
	views := []keyRecordView{}
	var rows [][]string
	for _, k := range keys {
		views = append(views, keyRecordView{Selector: k.Selector, Algorithm: string(k.Algorithm), State: k.State,
			Name: dnsrecord.Key{Selector: k.Selector}.Name(k.Domain), Record: k.TXTRecord, CreatedAt: k.CreatedAt, ActiveAt: k.ActiveAt, RetiredAt: k.RetiredAt})
		rows = append(rows, []string{k.Selector, string(k.Algorithm), string(k.State), date(&k.CreatedAt), date(k.ActiveAt), date(k.RetiredAt)})
	}
	if asJSON {
		return printJSON(out, views)
	}
	return table(out, []string{"SELECTOR", "ALGORITHM", "STATE", "CREATED", "SIGNS SINCE", "RETIRED"}, rows)
}
