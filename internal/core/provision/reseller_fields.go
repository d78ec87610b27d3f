package provision

import (
	"strings"

	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
)

// Limits of what a reseller says of itself.
const (
	maxTaxName    = 64
	maxAdditional = 64
)

// errOwnAccount is for what is done to a reseller from above only.
var errOwnAccount = fault.New(fault.Forbidden, "Only those above a reseller may do this").WithReason("OWN_ACCOUNT")

// subordinate is reseller for what one doesn't do to oneself: keys, networks,
// products, funds, status. Who has less than the partner's key may not do it at all.
func (u *unit) subordinate(id int64) (*reseller.Reseller, error) {
	r, err := u.reseller(id)
	if err != nil {
		return nil, err
	}
	if r.ID == u.actor.Limit.ResellerID || borrowed(u.actor) && u.actor.Limit.ResellerID == 0 {
		return nil, errOwnAccount
	}
	return r, nil
}

// itself is reseller for what a reseller does to itself too.
func (u *unit) itself(id int64) (*reseller.Reseller, error) {
	r, err := u.reseller(id)
	if err == nil && borrowed(u.actor) && u.actor.Limit.ResellerID == 0 {
		return nil, errOwnAccount
	}
	return r, err
}

// resellerName is a user name: an e-mail address, in lower case.
func (f *fields) resellerName(v string) string {
	f.username(&v)
	return strings.ToLower(v)
}

func (f *fields) resellerProfile(p reseller.Profile) reseller.Profile {
	for _, v := range []struct {
		name  string
		value *string
	}{
		{"name", &p.Name}, {"company", &p.Company}, {"address1", &p.Address1}, {"address2", &p.Address2}, {"address3", &p.Address3}, {"city", &p.City},
		{"state", &p.State}, {"zip", &p.Zip}, {"phoneCc", &p.PhoneCC}, {"phone", &p.Phone}, {"brand", &p.Brand}, {"brandUrl", &p.BrandURL},
		{"language", &p.Language}, {"taxId", &p.TaxID},
	} {
		f.field(v.name, func(f *fields) { *v.value = f.line(v.name, *v.value, maxFreeText) })
	}
	f.field("email", func(f *fields) { p.Email = f.contact("email address", p.Email) })
	f.field("country", func(f *fields) { p.Country = f.country(p.Country) })
	f.field("phoneCc", func(f *fields) {
		f.matches("phone's country code", p.PhoneCC, codePattern)
		p.PhoneCC = strings.TrimPrefix(p.PhoneCC, "+")
	})
	f.field("phone", func(f *fields) { f.matches("phone number", p.Phone, phonePattern) })
	f.field("language", func(f *fields) { f.matches("language", p.Language, langPattern) })
	if len(p.Additional) > maxAdditional {
		f.failf("There are more than %d further entries", maxAdditional)
	}
	kept := map[string]string{}
	for name, v := range p.Additional {
		if name = f.line("name of an entry", name, maxName); name != "" {
			if v = f.line(name, v, maxFreeText); v != "" {
				kept[name] = v
			}
		}
	}
	if p.Additional = kept; len(kept) == 0 {
		p.Additional = nil
	}
	return p
}
