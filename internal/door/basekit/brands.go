package basekit

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
)

// brandCore is what section 7 has of brands.
type brandCore interface {
	ShopBrand(ctx context.Context, actor audit.Actor) (*packages.ShopBrand, error)
	ModifyShopBrand(ctx context.Context, actor audit.Actor, cmd packages.ModifyShopBrand) (*packages.ShopBrand, error)
	Languages(ctx context.Context, actor audit.Actor) ([]packages.Language, error)
	DomainEndings(ctx context.Context, actor audit.Actor) ([]*shop.Package, error)
	SetDomainEndings(ctx context.Context, actor audit.Actor, endings []string) ([]*shop.Package, error)
}

// usualEndings is the limit of domain-tlds, mostEndings what may be asked for.
const (
	usualEndings = 5
	mostEndings  = 1000
)

// brandOperations are the rows of brands of section 7.
func brandOperations() []*operation {
	return []*operation{
		{method: "GET", path: "/brands", section: "7", serve: listBrands, params: []param{{"embed", "string", false}}},
		{method: "GET", path: "/brands/:brandRef", section: "7", serve: getBrand, params: []param{{"embed", "string", false}}},
		{method: "PUT", path: "/brands/:brandRef", section: "7", rights: partner.RightsAdministrator, serve: modifyBrand, params: []param{
			{"name", "string", false}, {"displayName", "string", false}, {"domain", "string", false}, {"email", "string", false}, {"supportEmail", "string", false},
			{"defaultPackageRef", "integer", false}, {"preferredPackageRef", "integer", false}, {"logoImageURL", "string", false}, {"faviconURL", "string", false},
			{"helpURL", "string", false}, {"capabilities", "object", false}, {"active", "flag", false},
		}},
		{method: "GET", path: "/brands/:brandRef/languages", section: "7", serve: listLanguages},
		{method: "GET", path: "/brands/:brandRef/currencies", section: "7", serve: listCurrencies},
		{method: "GET", path: "/brands/:brandRef/domain-tlds", section: "7", serve: listEndings, params: []param{{"limit", "integer", false}, {"offset", "integer", false}}},
		{
			method: "PUT", path: "/brands/:brandRef/domain-tlds", section: "7", rights: partner.RightsAdministrator, serve: setEndings,
			params: []param{{"tlds", "array", true}},
		},
	}
}

func listBrands(ctx context.Context, c *call, in *input) (any, error) {
	embed := in.text("embed")
	if err := in.fault(); err != nil {
		return nil, err
	}
	b, err := c.door.core.ShopBrand(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return object{"brands": []object{brandObject(b, embed)}}, nil
}

func getBrand(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.brandInPath(); err != nil {
		return nil, err
	}
	embed := in.text("embed")
	if err := in.fault(); err != nil {
		return nil, err
	}
	b, err := c.door.core.ShopBrand(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return object{"brand": brandObject(b, embed)}, nil
}

func brandObject(b *packages.ShopBrand, embed string) object {
	o := object{
		"ref": b.Partner.ID, "name": b.Name, "displayName": b.Appearance.Name, "domain": b.Settings.Domain, "email": b.Appearance.ContactEmail,
		"supportEmail": b.Settings.SupportEmail, "defaultPackageRef": refOrNull(b.DefaultPackage), "preferredPackageRef": refOrNull(b.Settings.PreferredPackage),
		"logoImageURL": b.Appearance.LogoURL, "faviconURL": b.Settings.FaviconURL, "helpURL": b.Appearance.SupportURL, "capabilities": b.Capabilities,
		"active": digit(b.Partner.Status == partner.Active), "defaultCurrencyRef": b.Currency.Ref,
	}
	if slices.Contains(strings.Split(embed, ","), "currencies") {
		o["currencies"] = []object{currencyObject(b.Currency)}
	}
	return o
}

func modifyBrand(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.brandInPath(); err != nil {
		return nil, err
	}
	cmd := packages.ModifyShopBrand{
		Name: in.textOr("name"), DisplayName: in.textOr("displayName"), Domain: in.textOr("domain"), Email: in.textOr("email"),
		SupportEmail: in.textOr("supportEmail"), DefaultPackage: in.refOr("defaultPackageRef"), PreferredPackage: in.refOr("preferredPackageRef"),
		LogoURL: in.textOr("logoImageURL"), FaviconURL: in.textOr("faviconURL"), HelpURL: in.textOr("helpURL"),
		Capabilities: in.capabilities(in.object("capabilities")), Active: in.flag("active"),
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	b, err := c.door.core.ModifyShopBrand(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	return object{"brand": brandObject(b, "")}, nil
}

func listLanguages(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.brandInPath(); err != nil {
		return nil, err
	}
	list, err := c.door.core.Languages(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, l := range list {
		out = append(out, object{"ref": l.Ref, "code": l.Code, "name": l.Name})
	}
	return object{"languages": out}, nil
}

func listCurrencies(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.brandInPath(); err != nil {
		return nil, err
	}
	b, err := c.door.core.ShopBrand(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return object{"currencies": []object{currencyObject(b.Currency)}}, nil
}

func listEndings(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.brandInPath(); err != nil {
		return nil, err
	}
	limit, offset := in.page(usualEndings, mostEndings)
	if err := in.fault(); err != nil {
		return nil, err
	}
	list, err := c.door.core.DomainEndings(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	list = list[min(offset, len(list)):]
	return object{"domainTlds": endingObjects(list[:min(limit, len(list))])}, nil
}

func endingObjects(list []*shop.Package) []object {
	out := []object{}
	for _, k := range list {
		out = append(out, object{"tld": k.Ending, "packageRef": refOrNull(k.ID)})
	}
	return out
}

func setEndings(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.brandInPath(); err != nil {
		return nil, err
	}
	in.need("tlds")
	var endings []string
	for _, v := range in.list("tlds") {
		s, ok := v.(string)
		if !ok {
			in.fail("tlds", ruleInvalid, "tlds is a list of texts")
			break
		}
		endings = append(endings, s)
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	list, err := c.door.core.SetDomainEndings(ctx, c.actor, endings)
	if err != nil {
		return nil, err
	}
	return object{"domainTlds": endingObjects(list)}, nil
}
