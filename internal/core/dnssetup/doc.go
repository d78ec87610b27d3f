// Package dnssetup holds a domain's DNS records: what is to be published, what was
// found, and the DKIM keys that sign its mail.
//
//	VerifyDNS(ctx, actor, work.OrderRef) (*work.DNSCheck, error)        // looks up now
//	CheckDNSCached(ctx, actor, work.OrderRef) (*work.DNSCheck, error)   // at most a minute old
//	LastDNSCheck(ctx, actor, work.OrderRef) (*work.DNSCheck, error)     // nil: there was none
//	DNSRecords(ctx, actor, work.OrderRef) (*dnsrecord.Expected, error)  // what is to be published
//	CheckDueDNS(ctx, actor, due.Item) error                             // what the calendar asks for
//	SetSandboxDNS(ctx, actor, work.SandboxDNS) (*work.SandboxDNS, error)
//	UnsetSandboxDNS(ctx, actor, partnerID) error
//	SandboxDNSRecords(ctx, actor, partnerID) (*work.SandboxDNS, error)
//	GenerateDKIMKeys(ctx, actor, work.OrderRef) (*DKIMKeyDetails, error)
//	DKIMKeys(ctx, actor, work.OrderRef) ([]DKIMKeyDetails, error)
//	RotateDKIMKeys(ctx, actor, RotateDKIMKeys) ([]DKIMKeyDetails, error)
//
//	EnsureDKIMKeys(ctx, domain) ([]DKIMSigner, error)
package dnssetup
