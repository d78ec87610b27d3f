package basekit

import (
	"cmp"
	"context"
	"net/http"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/retail"
)

// domainCore is 5.1, 5.2 and section 8 but for mail services: account domains,
// which are mail orders.
type domainCore interface {
	AccountDomain(ctx context.Context, actor audit.Actor, ref int64) (*retail.AccountDomain, error)
	AccountDomains(ctx context.Context, actor audit.Actor, customerID int64) ([]*retail.AccountDomain, error)
	SetDomainAutoRenew(ctx context.Context, actor audit.Actor, customerID, ref int64, on bool) (*retail.AccountDomain, error)
	DeleteAccountDomain(ctx context.Context, actor audit.Actor, customerID, ref int64) error
	CheckMailOrderAvailability(ctx context.Context, actor audit.Actor, domain string) (*ordering.OrderAvailability, error)
}

func domainOperations() []*operation {
	return []*operation{
		{method: http.MethodGet, path: "/account-domains/:accountDomainRef", section: "5.1", serve: getAccountDomain},
		{method: http.MethodGet, path: "/users/:accountHolderRef/account-domains", section: "5.2", serve: listAccountDomains},
		{method: http.MethodGet, path: "/users/:ref/domains", section: "8", serve: listDomains, params: []param{{name: "domainType", kind: "string"}}},
		{method: http.MethodPut, path: "/users/:ref/domains/:accountDomainRef", section: "8", serve: putDomain, params: []param{{name: "autoRenew", kind: "flag", required: true}}},
		{method: http.MethodDelete, path: "/users/:ref/domains/:accountDomainRef", section: "8", status: http.StatusNoContent, serve: deleteDomain},
		{method: http.MethodGet, path: "/domains/:domain", section: "8", serve: getAvailability, params: []param{
			{name: "brandRef", kind: "integer"}, {name: "limit", kind: "integer"},
		}},
	}
}

func getAccountDomain(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("accountDomainRef")
	if err != nil {
		return nil, err
	}
	d, err := c.door.core.AccountDomain(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return object{"accountDomain": singleDomain(c, d)}, nil
}

func listAccountDomains(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("accountHolderRef")
	if err != nil {
		return nil, err
	}
	list, err := c.domains(ctx, ref)
	if err != nil {
		return nil, err
	}
	return object{"accountDomains": list}, nil
}

// listDomains is the older sibling of 5.2. Nothing is mapped here.
func listDomains(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	kind := in.text("domainType")
	if kind != "" && kind != "purchased" && kind != "mapped" {
		in.fail("domainType", ruleInvalid, "domainType is purchased or mapped")
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	list, err := c.domains(ctx, ref)
	if err != nil {
		return nil, err
	}
	if kind == "mapped" {
		list = []object{}
	}
	return object{"domains": list}, nil
}

func (c *call) domains(ctx context.Context, holder int64) ([]object, error) {
	all, err := c.door.core.AccountDomains(ctx, c.actor, holder)
	if err != nil {
		return nil, err
	}
	out := make([]object, 0, len(all))
	for _, d := range all {
		out = append(out, listedDomain(c, d))
	}
	return out, nil
}

// holderDomain reads the two refs of a path.
func (in *input) holderDomain() (holder, domain int64, err error) {
	if holder, err = in.pathRef("ref"); err == nil {
		domain, err = in.pathRef("accountDomainRef")
	}
	return holder, domain, err
}

func putDomain(ctx context.Context, c *call, in *input) (any, error) {
	holder, ref, err := in.holderDomain()
	if err != nil {
		return nil, err
	}
	in.need("autoRenew")
	on := in.flag("autoRenew")
	if err := in.fault(); err != nil {
		return nil, err
	}
	d, err := c.door.core.SetDomainAutoRenew(ctx, c.actor, holder, ref, *on)
	if err != nil {
		return nil, err
	}
	return object{"accountDomain": singleDomain(c, d)}, nil
}

func deleteDomain(ctx context.Context, c *call, in *input) (any, error) {
	holder, ref, err := in.holderDomain()
	if err != nil {
		return nil, err
	}
	return none{}, c.door.core.DeleteAccountDomain(ctx, c.actor, holder, ref)
}

func getAvailability(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.ownBrand(); err != nil {
		return nil, err
	}
	in.number("limit") // of suggestions, which there are none of
	if err := in.fault(); err != nil {
		return nil, err
	}
	name := in.path["domain"]
	a, err := c.door.core.CheckMailOrderAvailability(ctx, c.actor, name)
	if err != nil {
		return nil, refused(err, faultsOfDomain("domain"))
	}
	return object{"domain": object{"name": a.Domain, "available": a.Available}}, nil
}

// singleDomain is 4.3 alone, which has its holder.
func singleDomain(c *call, d *retail.AccountDomain) object {
	out := bothDomain(c, d)
	out["domainName"] = d.Order.Domain
	out["accountHolder"] = accountHolderObject(c, d.Holder)
	out["dnsProvider"] = object{"ref": cmp.Or(c.caller.Shop.DNSProviderRef, 1)} // B-08
	return out
}

// listedDomain is 4.3 in lists, where the name is called otherwise.
func listedDomain(c *call, d *retail.AccountDomain) object {
	out := bothDomain(c, d)
	out["name"] = d.Order.Domain
	out["renewalDate"] = date(d.Order.ExpiresAt, c.zone())
	out["isFree"] = d.Free
	out["accountPackage"] = accountPackageObject(c, d.Package)
	return out
}

func bothDomain(c *call, d *retail.AccountDomain) object {
	o, zone := d.Order, c.zone()
	return object{
		"ref": o.ID, "domainRegistered": date(&o.CreatedAt, zone), "expiryDate": date(o.ExpiresAt, zone), "active": digit(d.Active), "autoRenew": digit(o.AutoRenew),
		"domainProduct": object{"ref": d.Product.Ref, "name": d.Product.Name, "tld": d.Product.Ending},
	}
}
