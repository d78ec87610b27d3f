package resellerclub

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// resellersCore is what section 14 asks of the core.
type resellersCore interface {
	ShowReseller(ctx context.Context, actor audit.Actor, id int64) (*reselling.ResellerDetails, error)
	Resellers(ctx context.Context, actor audit.Actor, f work.ResellerFilter) (*reselling.FoundResellers, error)
	CreateReseller(ctx context.Context, actor audit.Actor, cmd reselling.CreateReseller) (*reseller.Reseller, string, error)
	ModifyReseller(ctx context.Context, actor audit.Actor, cmd reselling.ModifyReseller) (*reseller.Reseller, error)
	GenerateResellerLogin(ctx context.Context, actor audit.Actor, cmd reselling.GenerateResellerLogin) (string, error)
	GenerateResellerToken(ctx context.Context, actor audit.Actor, cmd reselling.GenerateResellerToken) (string, error)
	AuthenticateResellerToken(ctx context.Context, actor audit.Actor, token string) (*reselling.ResellerDetails, error)
	TempResellerPassword(ctx context.Context, actor audit.Actor, id int64) (string, error)
}

func resellerOperations() []*operation {
	token := []param{{"token", "String", true}}
	return []*operation{
		{path: "resellers/details", methods: get, tier: "B", section: "14", params: []param{optReseller}, serve: resellerDetails},
		{path: "resellers/generate-login-token", methods: get, tier: "B", section: "14", params: []param{{"reseller-id", "Integer", true}, {"ip", "String", true}}, serve: resellerLogin},
		{path: "resellers/generate-token", methods: get, tier: "C", section: "14",
			params: []param{{"username", "String", true}, {"passwd", "String", true}, {"ip", "String", true}}, serve: resellerGenerateToken},
		{path: "resellers/search", methods: get, tier: "C", section: "14", params: resellerSearchParams, serve: resellerSearch},
		{path: "resellers/signup", methods: post, tier: "C", section: "14", params: resellerSignupParams(), serve: resellerSignup},
		{path: "resellers/modify-details", methods: post, tier: "C", section: "14", params: resellerModifyParams(), serve: resellerModify},
		{path: "resellers/authenticate-token", methods: get, tier: "C", section: "14", params: token, serve: resellerToken},
		{path: "resellers/temp-password", methods: get, tier: "C", section: "14", params: []param{optReseller}, serve: resellerTempPassword},
	}
}

// resellerFault writes what is wrong with a reseller's id, or a field of it.
func resellerFault(id int64, err error) error {
	f := fault.Of(err)
	switch {
	case err == nil:
		return nil
	case f.Code == fault.NotFound && f.Reason == "NO_SUCH_RESELLER":
		return &wireFault{status: http.StatusInternalServerError, text: "Invalid reseller-id: " + strconv.FormatInt(id, 10), cause: err}
	case f.Reason == "USERNAME_TAKEN":
		return &wireFault{status: http.StatusInternalServerError, text: "{username=username already exists}", cause: err}
	case f.Reason == "RATE":
		return resellerRefused("conversion-rate", err)
	}
	if field, ok := strings.CutPrefix(f.Reason, work.FieldPrefix); ok {
		return resellerRefused(cmp.Or(resellerFields[field], field), err)
	}
	return err
}

func resellerRefused(name string, err error) error {
	return &wireFault{status: http.StatusInternalServerError, text: "{" + name + "=" + name + " is invalid}", cause: err}
}

// resellerFields are parameters by the core's name of the field.
var resellerFields = map[string]string{
	"password": "passwd", "address1": "address-line-1", "address2": "address-line-2", "address3": "address-line-3", "zip": "zipcode",
	"phoneCc": "phone-cc", "language": "lang-pref", "brandUrl": "brand-url", "taxId": "vat-id",
}

func resellerDetails(ctx context.Context, c *call, p *params) (any, error) {
	id, err := p.reseller()
	if err != nil {
		return nil, err
	}
	d, err := c.door.core.ShowReseller(ctx, c.actor, id)
	if err != nil {
		return nil, resellerFault(id, err)
	}
	return c.door.resellerObject(d), nil
}

// resellerStatus is a reseller's state as section 16 writes a customer's.
func resellerStatus(s reseller.Status) string {
	switch s {
	case reseller.Suspended:
		return "Suspended"
	case reseller.Deleted:
		return "Deleted"
	case reseller.Active:
	}
	return "Active"
}

// departments have an e-mail address and a phone of their own, which are kept
// under these names and fall back to the reseller's.
var departments = []string{"sales", "billing", "abuse", "support"}

func departmentKeys() []string {
	var out []string
	for _, d := range departments {
		out = append(out, d+"email", d+"phonecc", d+"phone")
	}
	return out
}

// resellerObject is the object of section 14. What is unknown is "".
func (d *Door) resellerObject(details *reselling.ResellerDetails) object {
	r := details.Reseller
	p := r.Profile
	var o object
	o.id("resellerid", r.ID)
	o.id("parentid", r.ParentID)
	o.set("username", r.Username)
	o.set("name", p.Name)
	o.set("company", p.Company)
	o.set("emailaddr", cmp.Or(p.Email, r.Username))
	o.set("useremail", cmp.Or(p.Email, r.Username))
	o.set("address1", p.Address1)
	o.set("address2", p.Address2)
	o.set("address3", p.Address3)
	o.set("city", p.City)
	o.set("state", p.State)
	o.set("stateid", "0")
	o.set("country", p.Country)
	o.set("zip", p.Zip)
	o.set("telnocc", p.PhoneCC)
	o.set("telno", p.Phone)
	o.set("pin", "")
	o.time("creationdt", r.CreatedAt)
	o.set("resellerstatus", resellerStatus(r.Status))
	o.set("brandname", cmp.Or(p.Brand, p.Company, p.Name))
	o.set("brandingurl", hostOf(cmp.Or(details.BrandURL, d.baseURL())))
	o.set("parentbrandingurl", hostOf(details.ParentBrandURL))
	o.set("suffixurl", "")
	o.set("supersite2url", "")
	o.set("partnersiteurl", "")
	o.set("sellingcurrencysymbol", r.SellingCurrency)
	o.set("accountingcurrencysymbol", r.AccountingCurrency)
	o.set("parentsellingcurrencysymbol", details.ParentCurrency)
	o.set("conversionrate", r.ConversionRate)
	o.set("totalreceipts", shortAmount(money.Value(r.TotalReceipts)))
	o.set("langpref", cmp.Or(p.Language, "en"))
	o.flag("supportsautorenew", true)
	o.set("salescontactid", "0")
	o.set("fundthreshold", "0.0")
	o.set("minimumaddfundamount", "0.0")
	for _, department := range departments {
		o.set(department+"email", cmp.Or(p.Additional[department+"email"], p.Email, r.Username))
		o.set(department+"phonecc", cmp.Or(p.Additional[department+"phonecc"], p.PhoneCC))
		o.set(department+"phone", cmp.Or(p.Additional[department+"phone"], p.Phone))
	}
	o.set("isDominicanTaxConfiguredByParent", false)
	o.set("salespersonshash", object{})
	return o
}

// hostOf leaves a panel's address without its scheme: clients put "http://" before
// it themselves (section 10).
func hostOf(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	}
	return strings.TrimSuffix(address, "/")
}

func resellerLogin(ctx context.Context, c *call, p *params) (any, error) {
	cmd := reselling.GenerateResellerLogin{ResellerID: p.id("reseller-id"), IP: p.text("ip")}
	if err := p.fault(); err != nil {
		return nil, err
	}
	raw, err := c.door.core.GenerateResellerLogin(ctx, c.actor, cmd)
	if err != nil {
		return nil, resellerFault(cmd.ResellerID, err)
	}
	return raw, nil
}

func resellerGenerateToken(ctx context.Context, c *call, p *params) (any, error) {
	cmd := reselling.GenerateResellerToken{Username: p.username(), Password: p.text("passwd"), IP: p.text("ip")}
	if err := p.fault(); err != nil {
		return nil, err
	}
	raw, err := c.door.core.GenerateResellerToken(ctx, c.actor, cmd)
	if err != nil {
		return nil, resellerFault(0, err)
	}
	return raw, nil
}

func resellerToken(ctx context.Context, c *call, p *params) (any, error) {
	token := p.text("token")
	if err := p.fault(); err != nil {
		return nil, err
	}
	d, err := c.door.core.AuthenticateResellerToken(ctx, c.actor, token)
	if err != nil {
		return nil, resellerFault(0, err)
	}
	return c.door.resellerObject(d), nil
}

func resellerTempPassword(ctx context.Context, c *call, p *params) (any, error) {
	id, err := p.reseller()
	if err != nil {
		return nil, err
	}
	raw, err := c.door.core.TempResellerPassword(ctx, c.actor, id)
	if err != nil {
		return nil, resellerFault(id, err)
	}
	return raw, nil
}

var resellerSearchParams = []param{
	{"no-of-records", "Integer", true}, {"page-no", "Integer", true}, {"reseller-id", "Array of Integers", false}, {"parent-id", "Array of Integers", false},
	{"username", "String", false}, {"name", "String", false}, {"company", "String", false}, {"status", "Array of Strings", false},
	{"creation-date-start", "String", false}, {"creation-date-end", "String", false},
}

// The bounds of a page, ours, and how far a search goes.
const (
	maxResellerRows = 500
	maxResellerPage = 1_000_000
)

// resellerSearch finds the caller and those below it.
func resellerSearch(ctx context.Context, c *call, p *params) (any, error) {
	rows, page := int(p.integer("no-of-records", 1, maxResellerRows)), int(p.integer("page-no", 1, maxResellerPage))
	f := work.ResellerFilter{
		IDs: p.ids("reseller-id"), ParentIDs: p.ids("parent-id"), Username: p.optText("username"), Name: p.optText("name"), Company: p.optText("company"),
		CreatedAfter: p.seconds("creation-date-start"), CreatedBefore: p.seconds("creation-date-end"), Limit: rows, Offset: (page - 1) * rows,
	}
	for _, s := range p.texts("status") {
		i := slices.IndexFunc([]reseller.Status{reseller.Active, reseller.Suspended, reseller.Deleted}, func(st reseller.Status) bool { return resellerStatus(st) == s })
		if i < 0 {
			p.refuse("status", "status is invalid")
			continue
		}
		f.Statuses = append(f.Statuses, []reseller.Status{reseller.Active, reseller.Suspended, reseller.Deleted}[i])
	}
	if err := p.fault(); err != nil {
		return nil, err
	}
	found, err := c.door.core.Resellers(ctx, c.actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]object, 0, len(found.Resellers))
	for _, r := range found.Resellers {
		out = append(out, resellerRow(r))
	}
	return paged(found.Total, out), nil
}

// resellerRow has the columns of a customer's row, under a reseller's names.
func resellerRow(r *reseller.Reseller) object {
	var o object
	o.id("reseller.resellerid", r.ID)
	o.set("reseller.username", r.Username)
	o.set("reseller.name", r.Profile.Name)
	o.set("reseller.company", r.Profile.Company)
	o.set("reseller.city", r.Profile.City)
	o.set("reseller.country", r.Profile.Country)
	o.set("reseller.telnocc", r.Profile.PhoneCC)
	o.set("reseller.telno", r.Profile.Phone)
	o.id("reseller.parentid", r.ParentID)
	o.set("reseller.resellerstatus", resellerStatus(r.Status))
	o.value("reseller.totalreceipts", money.Value(r.TotalReceipts))
	o.set("reseller.sellingcurrencysymbol", r.SellingCurrency)
	o.time("reseller.creationdt", r.CreatedAt)
	return o
}
