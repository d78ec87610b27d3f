// Package dnssetup holds a domain's DNS records: what is to be published, what was
// found, and the DKIM keys that sign its mail.
//
//	VerifyDNS(ctx, actor, OrderRef) (*DNSCheck, error)            // looks up now
//	CheckDNSCached(ctx, actor, OrderRef) (*DNSCheck, error)       // at most a minute old
//	LastDNSCheck(ctx, actor, OrderRef) (*DNSCheck, error)         // nil: there was none
//	DNSRecords(ctx, actor, OrderRef) (*dnsrecord.Expected, error) // what is to be published
//	CheckDueDNS(ctx, actor, due.Item) error                       // what the calendar asks for
//	SetSandboxDNS(ctx, actor, SandboxDNS) (*SandboxDNS, error)
//	UnsetSandboxDNS(ctx, actor, partnerID) error
//	SandboxDNSRecords(ctx, actor, partnerID) (*SandboxDNS, error)
//	GenerateDKIMKeys(ctx, actor, OrderRef) (*DKIMKeyDetails, error)
//	DKIMKeys(ctx, actor, OrderRef) ([]DKIMKeyDetails, error)
//	RotateDKIMKeys(ctx, actor, RotateDKIMKeys) ([]DKIMKeyDetails, error)
//	ExpireMailOrder(ctx, actor, orderID) (*OrderState, error)
//
//	EnsureDKIMKeys(ctx, domain) ([]DKIMSigner, error)
package dnssetup
