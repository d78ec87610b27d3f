package basekit

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/retail"
)

// resellerCore is what section 7 has of resellers.
type resellerCore interface {
	BrandResellers(ctx context.Context, actor audit.Actor, offset, limit int) ([]*retail.BrandReseller, error)
	BrandReseller(ctx context.Context, actor audit.Actor, id int64) (*retail.BrandReseller, error)
	CreateBrandReseller(ctx context.Context, actor audit.Actor, cmd retail.BrandResellerChange) (*retail.BrandReseller, error)
	ModifyBrandReseller(ctx context.Context, actor audit.Actor, id int64, cmd retail.BrandResellerChange) (*retail.BrandReseller, error)
	DeleteBrandReseller(ctx context.Context, actor audit.Actor, id int64) error
}

// mostResellers bounds a list; without a limit it is as long.
const mostResellers = 1000

// resellerOperations are the rows of resellers of section 7.
func resellerOperations() []*operation {
	fields := func(required bool, more ...param) []param {
		return append([]param{
			{"name", "string", required}, {"displayName", "string", required}, {"defaultCurrencyRef", "integer", required},
			{"defaultLanguageRef", "integer", required}, {"accountCreateLimit", "integer", false}, {"loginURL", "string", false},
		}, more...)
	}
	return []*operation{
		{method: "GET", path: "/brands/:brandRef/resellers", section: "7", serve: listResellers, params: []param{{"limit", "integer", false}, {"offset", "integer", false}}},
		{method: "POST", path: "/brands/:brandRef/resellers", section: "7", status: 201, serve: createReseller, params: fields(true)},
		{method: "GET", path: "/resellers/:ref", section: "7", serve: getReseller},
		{method: "PUT", path: "/resellers/:ref", section: "7", serve: modifyReseller, params: fields(false, param{"enabled", "flag", false})},
		{method: "DELETE", path: "/resellers/:ref", section: "7", status: 204, serve: deleteReseller},
	}
}

func resellerObject(c *call, b *retail.BrandReseller) object {
	r, zone := b.Reseller, c.zone()
	return object{
		"ref": r.ID, "parentResellerRef": nil, "brandRef": r.PartnerID, "resellerName": r.Profile.Name, "displayName": r.Profile.Brand,
		"accountCreateLimit": refOrNull(int64(r.Profile.AccountLimit)), "defaultCurrencyRef": b.Currency.Ref, "defaultLanguageRef": refOrNull(b.Language),
		"enabled": digit(r.Status == reseller.Active), "created": date(&r.CreatedAt, zone), "updated": date(&r.UpdatedAt, zone), "loginURL": r.Profile.BrandURL,
		"externalAccountURL": "", "externalPaymentURL": "", "externalPaymentCancellationURL": "", "externalSubscriptionURL": "", "resellerHelpURL": "",
		"resellerSupportEmail": r.Profile.Email,
	}
}

func listResellers(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.brandInPath(); err != nil {
		return nil, err
	}
	limit, offset := in.page(mostResellers, mostResellers)
	if err := in.fault(); err != nil {
		return nil, err
	}
	list, err := c.door.core.BrandResellers(ctx, c.actor, offset, limit)
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, r := range list {
		out = append(out, resellerObject(c, r))
	}
	return object{"resellers": out}, nil
}

// resellerChange reads what is said of one.
func (in *input) resellerChange() retail.BrandResellerChange {
	out := retail.BrandResellerChange{
		Name: in.notNull("name"), DisplayName: in.notNull("displayName"), LoginURL: in.textOr("loginURL"), Limit: in.limit("accountCreateLimit"), Enabled: in.flag("enabled"),
	}
	if in.has("defaultCurrencyRef") {
		out.CurrencyRef = in.refOr("defaultCurrencyRef")
	}
	if in.has("defaultLanguageRef") {
		out.LanguageRef = in.refOr("defaultLanguageRef")
	}
	return out
}

// limit is whole, where null takes a limit away.
func (in *input) limit(name string) *int {
	if v, sent := in.sent[name]; sent && v == nil {
		return new(int)
	}
	return in.whole(name)
}

func createReseller(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.brandInPath(); err != nil {
		return nil, err
	}
	for _, name := range []string{"name", "displayName", "defaultCurrencyRef", "defaultLanguageRef"} {
		in.need(name)
	}
	cmd := in.resellerChange()
	cmd.Enabled = nil
	if err := in.fault(); err != nil {
		return nil, err
	}
	return oneReseller(c)(c.door.core.CreateBrandReseller(ctx, c.actor, cmd))
}

// oneReseller is the reply that tells a reseller.
func oneReseller(c *call) func(*retail.BrandReseller, error) (any, error) {
	return func(r *retail.BrandReseller, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return object{"reseller": resellerObject(c, r)}, nil
	}
}

func getReseller(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	return oneReseller(c)(c.door.core.BrandReseller(ctx, c.actor, ref))
}

func modifyReseller(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	cmd := in.resellerChange()
	if err := in.fault(); err != nil {
		return nil, err
	}
	return oneReseller(c)(c.door.core.ModifyBrandReseller(ctx, c.actor, ref, cmd))
}

func deleteReseller(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	return none{}, c.door.core.DeleteBrandReseller(ctx, c.actor, ref)
}
