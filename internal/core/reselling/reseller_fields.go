package reselling

import (
	"strings"

	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// Limits of what a reseller says of itself.
const (
	maxTaxName    = 64
	maxAdditional = 64
)

// errOwnAccount is for what is done to a reseller from above only.
var errOwnAccount = fault.New(fault.Forbidden, "Only those above a reseller may do this").WithReason("OWN_ACCOUNT")

// subordinate is Unit.Reseller for what one doesn't do to oneself: keys, networks,
// products, funds, status. Who has less than the partner's key may not do it at all.
func subordinate(u *work.Unit, id int64) (*reseller.Reseller, error) {
	r, err := u.Reseller(id)
	if err != nil {
		return nil, err
	}
	if r.ID == u.Actor.Limit.ResellerID || work.Borrowed(u.Actor) && u.Actor.Limit.ResellerID == 0 {
		return nil, errOwnAccount
	}
	return r, nil
}

// itself is Unit.Reseller for what a reseller does to itself too.
func itself(u *work.Unit, id int64) (*reseller.Reseller, error) {
	r, err := u.Reseller(id)
	if err == nil && work.Borrowed(u.Actor) && u.Actor.Limit.ResellerID == 0 {
		return nil, errOwnAccount
	}
	return r, err
}

// ResellerName is a user name: an e-mail address, in lower case.
func ResellerName(f *work.Fields, v string) string {
	f.Username(&v)
	return strings.ToLower(v)
}

func resellerProfile(f *work.Fields, p reseller.Profile) reseller.Profile {
	for _, v := range []struct {
		name  string
		value *string
	}{
		{"name", &p.Name}, {"company", &p.Company}, {"address1", &p.Address1}, {"address2", &p.Address2}, {"address3", &p.Address3}, {"city", &p.City},
		{"state", &p.State}, {"zip", &p.Zip}, {"phoneCc", &p.PhoneCC}, {"phone", &p.Phone}, {"brand", &p.Brand}, {"brandUrl", &p.BrandURL},
		{"language", &p.Language}, {"taxId", &p.TaxID},
	} {
		f.Field(v.name, func(f *work.Fields) { *v.value = f.Line(v.name, *v.value, work.MaxFreeText) })
	}
	f.Field("email", func(f *work.Fields) { p.Email = f.Contact("email address", p.Email) })
	f.Field("country", func(f *work.Fields) { p.Country = f.Country(p.Country) })
	f.Field("phoneCc", func(f *work.Fields) {
		f.Matches("phone's country code", p.PhoneCC, work.CodePattern)
		p.PhoneCC = strings.TrimPrefix(p.PhoneCC, "+")
	})
	f.Field("phone", func(f *work.Fields) { f.Matches("phone number", p.Phone, work.PhonePattern) })
	f.Field("language", func(f *work.Fields) { f.Matches("language", p.Language, work.LangPattern) })
	if len(p.Additional) > maxAdditional {
		f.Failf("There are more than %d further entries", maxAdditional)
	}
	kept := map[string]string{}
	for name, v := range p.Additional {
		if name = f.Line("name of an entry", name, work.MaxName); name != "" {
			if v = f.Line(name, v, work.MaxFreeText); v != "" {
				kept[name] = v
			}
		}
	}
	if p.Additional = kept; len(kept) == 0 {
		p.Additional = nil
	}
	return p
}
