package titan

import (
	"context"
)

type verifiedDNS struct {
	answered
	DomainExists bool     `json:"domainExists"`
	NS           []string `json:"nsRecords"`
	SPF          []string `json:"spfRecords"`
	MX           []string `json:"mxRecords"`
	MXVerified   bool     `json:"mxVerified"`
	SPFVerified  bool     `json:"spfVerified"`
	LenientSPF   bool     `json:"lenientSPF"`
}

func verifyDNSResponse() []Field {
	return []Field{
		{Name: "domainExists", Kind: Bool}, {Name: "nsRecords", Kind: Names}, {Name: "spfRecords", Kind: Names, Note: "text of each v=spf1 record"},
		{Name: "mxRecords", Kind: Names, Note: "in order of preference"}, {Name: "mxVerified", Kind: Bool}, {Name: "spfVerified", Kind: Bool},
		{Name: "lenientSPF", Kind: Bool, Note: "verified although the record is not the recommended one"},
	}
}

// verifyDNS is operation 17.
func verifyDNS(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	check, err := c.door.core.VerifyDNS(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	f := check.Found
	return &verifiedDNS{
		DomainExists: f.DomainExists, NS: list(f.NS), SPF: list(f.SPF), MX: list(f.MX),
		MXVerified: f.MXVerified, SPFVerified: f.SPFVerified, LenientSPF: f.LenientSPF,
	}, nil
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

type dkimKey struct {
	answered
	Record   string `json:"txtRecord"`
	Selector string `json:"selector"`
}

// generateDKIMKeys is operation 18.
func generateDKIMKeys(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	k, err := c.door.core.GenerateDKIMKeys(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return &dkimKey{Record: k.TXTRecord, Selector: k.Selector}, nil
}
