package packages

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// ModifyShop changes what is not nil.
type ModifyShop struct {
	PartnerID        int64     // a partner's own call may leave it out
	Hosts            *[]string // the operator's alone
	LinkHosts        *[]string // not of an API user
	TimeZone         *string
	DNSProviderRef   *int64 // 0 = the default
	MailboxArray     *bool
	DefaultPackage   *int64 // 0 = the default
	PreferredPackage *int64 // 0 = none
	Endings          *[]string
	Languages        *[]string
}

// maxShopList bounds each list of a brand's settings.
const maxShopList = 100

var (
	errShopRouted = fault.New(fault.Forbidden, "Only the operator may change host names, and no API user may change where links lead").WithReason("KEY_NEEDED")
	errPackageRef = fault.New(fault.Invalid, "The brand has no such package").WithReason("NO_SUCH_PACKAGE")
	errTimeZone   = fault.New(fault.Invalid, "The time zone is unknown").WithReason("TIME_ZONE")
)

// ShopSettings gives a brand's settings.
func (s *Service) ShopSettings(ctx context.Context, actor audit.Actor, partnerID int64) (*tenancy.ShopDetails, error) {
	var out *tenancy.ShopDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		p, err := u.OwnPartner(partnerID)
		if err != nil {
			return err
		}
		out, err = tenancy.ShowShop(u, p)
		return err
	})
	return out, err
}

// ModifyShop changes a brand's settings.
func (s *Service) ModifyShop(ctx context.Context, actor audit.Actor, cmd ModifyShop) (*tenancy.ShopDetails, error) {
	if err := cmd.Check(s); err != nil {
		return nil, err
	}
	var out *tenancy.ShopDetails
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := u.OwnPartner(cmd.PartnerID)
		if err != nil {
			return err
		}
		if out, err = tenancy.ShowShop(u, p); err != nil {
			return err
		}
		return ChangeSettings(u, out, cmd)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Check reads the command in place.
func (cmd *ModifyShop) Check(s *Service) error {
	for _, l := range []struct {
		list *[]string
		read func(string) (string, error)
	}{{cmd.Hosts, s.shopHost}, {cmd.LinkHosts, linkHost}, {cmd.Endings, ending}, {cmd.Languages, languageCode}} {
		if l.list == nil {
			continue
		}
		out := make([]string, 0, len(*l.list))
		for _, v := range *l.list {
			v, err := l.read(strings.ToLower(strings.TrimSpace(v)))
			if err != nil {
				return err
			}
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
		if len(out) > maxShopList {
			return fault.Newf(fault.Invalid, "A list has more than %d entries", maxShopList)
		}
		*l.list = out
	}
	if cmd.TimeZone != nil {
		zone := strings.TrimSpace(*cmd.TimeZone)
		if zone != "" {
			if _, err := s.Zone(zone); err != nil || zone == "Local" {
				return errTimeZone
			}
		}
		cmd.TimeZone = &zone
	}
	for _, n := range []*int64{cmd.DNSProviderRef, cmd.DefaultPackage, cmd.PreferredPackage} {
		if n != nil && *n < 0 {
			return fault.New(fault.Invalid, "A ref is negative")
		}
	}
	return nil
}

// shopHost reads the name of a brand's API: none of the platform's own, where
// other pages and APIs are.
func (s *Service) shopHost(v string) (string, error) {
	host, err := order.ParseDomain(v)
	if err == nil && s.OwnHosts[host] {
		err = fault.New(fault.InvalidDomain, "The host name is the platform's").WithReason(work.ReasonOwnHost)
	}
	return host, err
}

// linkHost reads where links may lead; a name of one label or an address will do.
func linkHost(v string) (string, error) {
	v = strings.TrimSuffix(v, ".")
	if v == "" || len(v) > 253 || strings.Trim(v, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		return "", fault.Newf(fault.Invalid, "%q is no host name: a host of links is the name alone", v).WithReason("LINK_HOST")
	}
	return v, nil
}

// ending reads that of domain names: "com", "co.uk".
func ending(v string) (string, error) {
	v = strings.TrimPrefix(v, ".")
	if _, err := mailaddr.ParseDomain("x." + v); err != nil {
		return "", fault.New(fault.Invalid, "An ending of domain names is not valid").WithReason("ENDING")
	}
	return v, nil
}

func languageCode(v string) (string, error) {
	if !work.LangPattern.MatchString(v) {
		return "", fault.New(fault.Invalid, "A language is no code").WithReason("LANGUAGE")
	}
	return v, nil
}

// ChangeSettings carries the change out; d follows.
func ChangeSettings(u *work.Unit, d *tenancy.ShopDetails, cmd ModifyShop) error {
	if cmd.Hosts != nil && u.Actor.PartnerID != 0 || cmd.LinkHosts != nil && work.Borrowed(u.Actor) {
		return errShopRouted
	}
	before, err := tenancy.VersionOf(d.Settings)
	if err != nil {
		return err
	}
	s := d.Settings
	change := work.Detail{}
	if cmd.Hosts != nil {
		s.Hosts, change["hosts"] = *cmd.Hosts, *cmd.Hosts
		taken, err := u.Tx.SetShopHosts(u.Ctx, d.Partner.ID, s.Hosts)
		if err != nil {
			return err
		}
		if taken != "" {
			return fault.Newf(fault.Conflict, "The host name %s is another brand's", taken).WithReason("HOST_TAKEN")
		}
	}
	for _, l := range []struct {
		name string
		to   *[]string
		v    *[]string
	}{{"linkHosts", &s.LinkHosts, cmd.LinkHosts}, {"endings", &s.Endings, cmd.Endings}, {"languages", &s.Languages, cmd.Languages}} {
		if l.v != nil {
			*l.to, change[l.name] = *l.v, *l.v
		}
	}
	if cmd.TimeZone != nil {
		s.TimeZone, change["timeZone"] = *cmd.TimeZone, *cmd.TimeZone
	}
	if cmd.DNSProviderRef != nil {
		s.DNSProviderRef, change["dnsProviderRef"] = *cmd.DNSProviderRef, *cmd.DNSProviderRef
	}
	if cmd.MailboxArray != nil {
		s.MailboxArray, change["mailboxArray"] = *cmd.MailboxArray, *cmd.MailboxArray
	}
	if cmd.DefaultPackage != nil {
		s.DefaultPackage, change["defaultPackage"] = *cmd.DefaultPackage, *cmd.DefaultPackage
		if err := checkPackage(u, d.Partner, s.DefaultPackage, shop.MailPackage); err != nil {
			return err
		}
	}
	if cmd.PreferredPackage != nil {
		s.PreferredPackage, change["preferredPackage"] = *cmd.PreferredPackage, *cmd.PreferredPackage
		if err := checkPackage(u, d.Partner, s.PreferredPackage, shop.MailPackage, shop.DomainPackage); err != nil {
			return err
		}
	}
	if after, err := tenancy.VersionOf(s); err != nil || after == before {
		return err
	}
	if err := u.Tx.PutShopSettings(u.Ctx, d.Partner.ID, s, u.Real); err != nil {
		return err
	}
	if err := u.Record(d.Partner.ID, "shop.modify", "partner", d.Partner.ID, change); err != nil || cmd.Endings == nil {
		return err
	}
	return MakePackages(u, d.Partner)
}

// checkPackage refuses a ref that is no package on offer of the brand's; 0 is none.
func checkPackage(u *work.Unit, p *partner.Partner, ref int64, kinds ...shop.Kind) error {
	if ref == 0 {
		return nil
	}
	k, err := u.Tx.Package(u.Ctx, ref)
	if err != nil {
		return err
	}
	if k == nil || k.PartnerID != p.ID || !k.OnOffer() || !slices.Contains(kinds, k.Kind) {
		return errPackageRef
	}
	return nil
}
