package basekit

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/shop"
)

// packageCore is 5.12 and what section 7 has of packages.
type packageCore interface {
	Packages(ctx context.Context, actor audit.Actor, f packages.PackageFilter) ([]*packages.PackageDetails, error)
	Package(ctx context.Context, actor audit.Actor, id int64) (*packages.PackageDetails, error)
	CreatePackage(ctx context.Context, actor audit.Actor, cmd packages.CreatePackage) (*packages.PackageDetails, error)
	ModifyPackage(ctx context.Context, actor audit.Actor, id int64, cmd packages.PackageChange) (*packages.PackageDetails, error)
	ClonePackage(ctx context.Context, actor audit.Actor, id int64, name string) (*packages.PackageDetails, error)
	DeletePackage(ctx context.Context, actor audit.Actor, id int64) error
}

// packageFields are what a package may be told of.
var packageFields = []param{
	{"name", "string", false},
	{"plan", "string", false},
	{"tld", "string", false},
	{"isFree", "flag", false},
	{"active", "flag", false},
	{"prices", "array", false},
	{"capabilities", "object", false},
	{"type", "string", false},
	{"urlId", "string", false},
	{"imageURL", "string", false},
	{"bannerHTML", "string", false},
	{"affiliateLink", "string", false},
	{"displayOrder", "integer", false},
	{"trialDays", "integer", false},
	{"requirePurchasedDomain", "flag", false},
	{"allowMultiplePurchase", "flag", false},
	{"showInStore", "flag", false},
	{"brandRef", "integer", false},
}

// packageOperations are 5.12 and the rows of packages of section 7.
func packageOperations() []*operation {
	made := append([]param{{"name", "string", true}, {"productType", "string", false}, {"contentType", "string", false}}, packageFields[1:]...)
	return []*operation{
		{method: "GET", path: "/packages/:ref", section: "5.12", params: []param{{"locale", "string", false}}, serve: getPackage},
		{method: "GET", path: "/packages/:ref/prices", section: "5.12", serve: getPackagePrices},
		{method: "GET", path: "/brands/:brandRef/packages", section: "7", serve: listPackages, params: []param{
			{"active", "flag", false}, {"contentType", "string", false}, {"productType", "string", false}, {"type", "string", false}, {"currencyRef", "integer", false},
			{"billingPeriodMonths", "integer", false}, {"locale", "string", false}, {"showInStore", "flag", false},
		}},
		{method: "POST", path: "/packages", section: "7", status: 201, rights: partner.RightsAdministrator, params: made, serve: createPackage},
		{method: "PUT", path: "/packages/:ref", section: "7", rights: partner.RightsAdministrator, params: packageFields, serve: modifyPackage},
		{method: "DELETE", path: "/packages/:ref", section: "7", status: 204, rights: partner.RightsAdministrator, serve: deletePackage},
		{
			method: "PUT", path: "/packages/:ref/capabilities", section: "7", rights: partner.RightsAdministrator,
			params: []param{{"capabilities", "object", false}}, serve: setPackageCapabilities,
		},
		{
			method: "POST", path: "/packages/:ref/clone", section: "7", status: 201, rights: partner.RightsAdministrator,
			params: []param{{"name", "string", false}}, serve: clonePackage,
		},
	}
}

func getPackage(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	return onePackage(c)(c.door.core.Package(ctx, c.actor, ref))
}

// onePackage is the reply that tells a package.
func onePackage(c *call) func(*packages.PackageDetails, error) (any, error) {
	return func(p *packages.PackageDetails, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return object{"package": packageObject(c, p)}, nil
	}
}

func getPackagePrices(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	p, err := c.door.core.Package(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return object{"prices": priceObjects(p)}, nil
}

func listPackages(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.brandInPath(); err != nil {
		return nil, err
	}
	f := packages.PackageFilter{
		Active: in.flag("active"), ShowInStore: in.flag("showInStore"), ContentType: in.text("contentType"), ProductType: in.text("productType"),
		Type: in.text("type"), CurrencyRef: in.ref("currencyRef"), Months: in.whole("billingPeriodMonths"),
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	list, err := c.door.core.Packages(ctx, c.actor, f)
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, p := range list {
		out = append(out, packageObject(c, p))
	}
	return object{"packages": out}, nil
}

// brandInPath refuses another brand's ref as ownBrand does (2.1).
func (in *input) brandInPath() error {
	ref, err := in.pathRef("brandRef")
	if err == nil && ref != in.call.brandRef() {
		err = errOtherBrand
	}
	return err
}

// whole is number of a field that may keep its value: nil when it was not sent.
func (in *input) whole(name string) *int {
	if !in.has(name) || in.sent[name] == "" {
		return nil
	}
	n := in.number(name)
	if n < 0 || n > 1<<31-1 {
		in.fail(name, ruleInvalid, name+" is out of range")
		n = 0
	}
	out := int(n)
	return &out
}

// notNull is textOr of a field that is never empty: null is as not sent.
func (in *input) notNull(name string) *string {
	if !in.has(name) {
		return nil
	}
	return in.textOr(name)
}

// refOr is ref of a field that may keep its value; null is 0, for none.
func (in *input) refOr(name string) *int64 {
	if _, sent := in.sent[name]; !sent {
		return nil
	}
	n := in.number(name)
	if n < 0 {
		in.fail(name, ruleInvalid, name+" is not a ref")
	}
	return &n
}

func createPackage(ctx context.Context, c *call, in *input) (any, error) {
	in.need("name")
	cmd := packages.CreatePackage{Kind: in.packageKind(), PackageChange: in.packageChange()}
	if err := in.ownBrand(); err != nil {
		return nil, err
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	return onePackage(c)(c.door.core.CreatePackage(ctx, c.actor, cmd))
}

// packageKind reads what is sold; mail unless something else is said.
func (in *input) packageKind() shop.Kind {
	product, content := strings.ToLower(in.text("productType")), strings.ToLower(in.text("contentType"))
	kind := shop.MailPackage
	if product == "domain" || product == "" && content == "domain" {
		kind = shop.DomainPackage
	} else if product != "" && product != "subscription" {
		in.fail("productType", ruleInvalid, "productType is subscription or domain")
	}
	if content != "" && content != map[shop.Kind]string{shop.MailPackage: "mail", shop.DomainPackage: "domain"}[kind] {
		in.fail("contentType", ruleInvalid, "contentType is mail, or domain of a domain package")
	}
	return kind
}

func (in *input) packageChange() packages.PackageChange {
	out := packages.PackageChange{
		Name: in.notNull("name"), Active: in.flag("active"), Free: in.flag("isFree"), Ending: in.notNull("tld"), Prices: in.prices(),
		Capabilities: in.capabilities(in.object("capabilities")), Type: in.notNull("type"), URLID: in.textOr("urlId"), ImageURL: in.textOr("imageURL"),
		BannerHTML: in.textOr("bannerHTML"), AffiliateLink: in.textOr("affiliateLink"), DisplayOrder: in.whole("displayOrder"), TrialDays: in.whole("trialDays"),
		RequireDomain: in.flag("requirePurchasedDomain"), AllowMultiple: in.flag("allowMultiplePurchase"), ShowInStore: in.flag("showInStore"),
	}
	if v := in.notNull("plan"); v != nil {
		p := plan.Plan(*v)
		out.Plan = &p
	}
	return out
}

// maxPrices bounds what a package is told to cost.
const maxPrices = 50

// prices reads [{billingPeriodMonths, price}]; nil when it was not sent.
func (in *input) prices() *[]packages.PriceText {
	if !in.has("prices") {
		return nil
	}
	list := in.list("prices")
	if len(list) > maxPrices {
		in.fail("prices", ruleInvalid, "There are too many prices")
		return nil
	}
	out := []packages.PriceText{}
	for _, v := range list {
		row, _ := v.(map[string]any)
		one := &input{sent: row}
		months := one.whole("billingPeriodMonths")
		if months == nil || !one.has("price") || len(one.wrong) > 0 {
			in.fail("prices", ruleInvalid, "A price has billingPeriodMonths and price")
			return nil
		}
		out = append(out, packages.PriceText{Months: *months, Amount: one.text("price")})
		if len(one.wrong) > 0 {
			in.fail("prices", ruleInvalid, "A price is a text such as 8.00")
		}
	}
	return &out
}

// capabilities reads integers by name; null is left out.
func (in *input) capabilities(sent map[string]any) shop.Capabilities {
	out := shop.Capabilities{}
	for name, v := range sent {
		var text string
		switch v := v.(type) {
		case nil:
			continue
		case string:
			text = v
		case json.Number:
			text = v.String()
		}
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			in.fail("capabilities", ruleInvalid, "A capability is an integer")
			return nil
		}
		out[name] = n
	}
	return out
}

func modifyPackage(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	cmd := in.packageChange()
	if err := in.ownBrand(); err != nil {
		return nil, err
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	return onePackage(c)(c.door.core.ModifyPackage(ctx, c.actor, ref, cmd))
}

// setPackageCapabilities takes them as one object or as fields of their own.
func setPackageCapabilities(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	sent := in.object("capabilities")
	if !in.has("capabilities") {
		sent = map[string]any{}
		for _, name := range shop.CapabilityNames() {
			if v, ok := in.sent[name]; ok {
				sent[name] = v
			}
		}
	}
	cmd := packages.PackageChange{Capabilities: in.capabilities(sent)}
	if len(cmd.Capabilities) == 0 && len(in.wrong) == 0 {
		in.fail("capabilities", ruleRequired, "capabilities is required")
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	return onePackage(c)(c.door.core.ModifyPackage(ctx, c.actor, ref, cmd))
}

func clonePackage(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	name := in.text("name")
	if err := in.fault(); err != nil {
		return nil, err
	}
	return onePackage(c)(c.door.core.ClonePackage(ctx, c.actor, ref, name))
}

func deletePackage(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	return none{}, c.door.core.DeletePackage(ctx, c.actor, ref)
}
