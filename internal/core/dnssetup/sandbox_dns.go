package dnssetup

import (
	"context"
	"strings"
	"unicode/utf8"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// Bounds of what a sandbox partner may make up.
const (
	maxSandboxRecords = 500
	maxSandboxValue   = 4096
)

var errNoSandbox = fault.New(fault.Forbidden, "The partner is no sandbox").WithReason("NOT_A_SANDBOX")

// SetSandboxDNS sets the whole DNS that the orders of a sandbox partner see, in
// place of the real one; PartnerID and Records count. An empty list is a DNS
// without any domain. What it proves counts within the sandbox only.
func (s *Service) SetSandboxDNS(ctx context.Context, actor audit.Actor, cmd work.SandboxDNS) (*work.SandboxDNS, error) {
	records, err := checkAnswers(cmd.Records)
	if err != nil {
		return nil, err
	}
	var out *work.SandboxDNS
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		if err := sandboxPartner(u, cmd.PartnerID); err != nil {
			return err
		}
		out = &work.SandboxDNS{PartnerID: cmd.PartnerID, Records: records, UpdatedAt: u.Now}
		if err := u.Tx.PutSandboxDNS(u.Ctx, out); err != nil {
			return err
		}
		return u.Record(cmd.PartnerID, "sandbox_dns.set", "partner", cmd.PartnerID, work.Detail{"records": len(records)})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UnsetSandboxDNS takes the answers away: checks go to the real DNS as before
// any were set. It is no error when there are none.
func (s *Service) UnsetSandboxDNS(ctx context.Context, actor audit.Actor, partnerID int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		if err := sandboxPartner(u, partnerID); err != nil {
			return err
		}
		removed, err := u.Tx.DeleteSandboxDNS(u.Ctx, partnerID)
		if err != nil || !removed {
			return err
		}
		return u.Record(partnerID, "sandbox_dns.unset", "partner", partnerID, nil)
	})
}

// SandboxDNSRecords gives what was set, nil when nothing was: then a check that
// somebody asks for goes to the real DNS, and none is made unasked.
func (s *Service) SandboxDNSRecords(ctx context.Context, actor audit.Actor, partnerID int64) (*work.SandboxDNS, error) {
	var out *work.SandboxDNS
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		if err := sandboxPartner(u, partnerID); err != nil {
			return err
		}
		out, err = u.Tx.SandboxDNS(u.Ctx, partnerID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func sandboxPartner(u *work.Unit, id int64) error {
	if !u.Owns(id) {
		return work.ErrPartner
	}
	p, err := u.Partner(id)
	if err != nil {
		return err
	}
	if !p.Sandbox {
		return errNoSandbox
	}
	return u.Enter(id)
}

func checkAnswers(in []dnsrecord.Answer) ([]dnsrecord.Answer, error) {
	if len(in) > maxSandboxRecords {
		return nil, fault.Newf(fault.Invalid, "At most %d records can be given", maxSandboxRecords)
	}
	out := make([]dnsrecord.Answer, 0, len(in))
	for i, a := range in {
		bad := func(what string) error { return fault.Newf(fault.Invalid, "Record %d: %s", i+1, what) }
		name, ok := dnsName(a.Name)
		if !ok {
			return nil, bad("the name is not a domain name")
		}
		a.Name, a.Type, a.Failure = name, strings.ToUpper(strings.TrimSpace(a.Type)), strings.ToLower(strings.TrimSpace(a.Failure))
		if a.Type != "NS" && a.Type != "MX" && a.Type != "TXT" {
			return nil, bad("the type is not NS, MX or TXT")
		}
		switch a.Failure {
		case "":
			if a.Type == "TXT" {
				if a.Value == "" || len(a.Value) > maxSandboxValue || !utf8.ValidString(a.Value) || strings.ContainsRune(a.Value, 0) {
					return nil, bad("the value is not a text")
				}
			} else if a.Value, ok = dnsName(a.Value); !ok {
				return nil, bad("the value is not a host name")
			}
		case dnsrecord.FailTimeout:
			a.Value, a.Preference = "", 0
		default:
			return nil, bad("the failure is unknown")
		}
		out = append(out, a)
	}
	return out, nil
}

// dnsName is a domain name whose labels may begin with an underscore.
func dnsName(s string) (string, bool) {
	s = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), ".")
	if len(s) > 253 {
		return "", false
	}
	plain := strings.ReplaceAll("."+s, "._", ".x")[1:]
	_, err := mailaddr.ParseDomain(plain)
	return s, err == nil
}
