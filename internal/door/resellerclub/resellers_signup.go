package resellerclub

import (
	"context"

	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
)

// Parameters of what a reseller says of itself.
var (
	resellerRequired = []string{"username", "name", "company", "address-line-1", "city", "state", "country", "zipcode", "phone-cc", "phone", "lang-pref"}
	resellerOptional = []string{"address-line-2", "address-line-3", "email", "brand-name", "brand-url", "vat-id"}
)

func resellerProfileParams(required bool) []param {
	var out []param
	for _, name := range resellerRequired {
		out = append(out, param{name, "String", required})
	}
	for _, name := range append(resellerOptional, departmentKeys()...) {
		out = append(out, param{name, "String", false})
	}
	return out
}

func resellerSignupParams() []param {
	return append(resellerProfileParams(true), param{"passwd", "String", true}, param{"selling-currency-symbol", "String", false},
		param{"accounting-currency-symbol", "String", false}, param{"conversion-rate", "Float", false})
}

func resellerModifyParams() []param {
	return append(resellerProfileParams(false), optReseller, param{"conversion-rate", "Float", false})
}

// resellerProfile writes the parameters that were sent into a profile.
func (p *params) resellerProfile(to *reseller.Profile) {
	for name, v := range map[string]*string{
		"name": &to.Name, "company": &to.Company, "address-line-1": &to.Address1, "address-line-2": &to.Address2, "address-line-3": &to.Address3,
		"city": &to.City, "state": &to.State, "country": &to.Country, "zipcode": &to.Zip, "phone-cc": &to.PhoneCC, "phone": &to.Phone,
		"lang-pref": &to.Language, "email": &to.Email, "brand-name": &to.Brand, "brand-url": &to.BrandURL, "vat-id": &to.TaxID,
	} {
		if s := p.optText(name); s != "" {
			*v = s
		}
	}
	additional := map[string]string{}
	for k, v := range to.Additional {
		additional[k] = v
	}
	for _, name := range departmentKeys() {
		if s := p.optText(name); s != "" {
			additional[name] = s
		}
	}
	to.Additional = additional
}

// resellerSignup makes a reseller below the caller. It calls with its password,
// until somebody above makes it a key.
func resellerSignup(ctx context.Context, c *call, p *params) (any, error) {
	for _, name := range resellerRequired {
		p.text(name)
	}
	cmd := reselling.CreateReseller{
		Username: p.optText("username"), Password: p.text("passwd"), SellingCurrency: p.optText("selling-currency-symbol"),
		AccountingCurrency: p.optText("accounting-currency-symbol"), ConversionRate: p.optText("conversion-rate"), NoKey: true,
	}
	p.resellerProfile(&cmd.Profile)
	if err := p.fault(); err != nil {
		return nil, err
	}
	r, _, err := c.door.core.CreateReseller(ctx, c.actor, cmd)
	if err != nil {
		return nil, resellerFault(0, err)
	}
	return whole(r.ID), nil
}

// resellerModify changes what is sent, of the caller or one below it.
func resellerModify(ctx context.Context, c *call, p *params) (any, error) {
	cmd := reselling.ModifyReseller{ResellerID: p.optID("reseller-id")}
	var sent reseller.Profile
	p.resellerProfile(&sent) // what is wrong with it, before anything is looked up
	for name, to := range map[string]**string{"username": &cmd.Username, "conversion-rate": &cmd.ConversionRate} {
		if s := p.optText(name); s != "" {
			*to = &s
		}
	}
	if err := p.fault(); err != nil {
		return nil, err
	}
	d, err := c.door.core.ShowReseller(ctx, c.actor, cmd.ResellerID)
	if err == nil {
		profile := d.Reseller.Profile
		p.resellerProfile(&profile)
		cmd.Profile = &profile
		_, err = c.door.core.ModifyReseller(ctx, c.actor, cmd)
	}
	if err != nil {
		return nil, resellerFault(cmd.ResellerID, err)
	}
	return true, nil
}
