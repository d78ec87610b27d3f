package customers

import (
	"strings"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/work"
)

// CustomerData is what a customer says of itself when it signs up or changes
// (resellerclub.md section 10). All but the Optional ones, Address2, Address3,
// OtherState and Additional, must be there.
type CustomerData struct {
	Username   string // an e-mail address
	Name       string
	Company    string
	Address1   string
	Address2   string
	Address3   string
	City       string
	State      string // NoState: OtherState counts
	OtherState string
	Country    string
	Zip        string
	PhoneCC    string
	Phone      string
	Language   string
	Additional map[string]string // by the contract's parameter
}

// NoState is the state of those who live in none of a list.
const NoState = "Not Applicable"

// Limits of what a customer says, in bytes.
const (
	MaxAddressLine = 255
	MaxShort       = 64
)

// customerData reads d, all but its user name, in place.
func customerData(f *work.Fields, d *CustomerData) {
	for _, v := range []struct {
		name     string
		value    *string
		limit    int
		required bool
	}{
		{"name", &d.Name, work.MaxName, true}, {"company", &d.Company, work.MaxName, true}, {"address1", &d.Address1, MaxAddressLine, true},
		{"address2", &d.Address2, MaxAddressLine, false}, {"address3", &d.Address3, MaxAddressLine, false}, {"city", &d.City, work.MaxName, true},
		{"state", &d.State, work.MaxName, true}, {"otherState", &d.OtherState, work.MaxName, d.State == NoState}, {"zip", &d.Zip, MaxShort, true},
		{"phoneCc", &d.PhoneCC, MaxShort, true}, {"phone", &d.Phone, MaxShort, true}, {"language", &d.Language, MaxShort, true},
	} {
		f.Field(v.name, func(f *work.Fields) {
			if v.required {
				*v.value = f.Required(v.name, *v.value, v.limit)
			} else {
				*v.value = f.Line(v.name, *v.value, v.limit)
			}
		})
	}
	f.Field("phoneCc", func(f *work.Fields) {
		f.Matches("phone's country code", d.PhoneCC, work.CodePattern)
		d.PhoneCC = strings.TrimPrefix(d.PhoneCC, "+")
	})
	f.Field("phone", func(f *work.Fields) { f.Matches("phone number", d.Phone, work.PhonePattern) })
	f.Field("language", func(f *work.Fields) { f.Matches("language", d.Language, work.LangPattern) })
	f.Field("country", func(f *work.Fields) {
		if d.Country = f.Country(d.Country); d.Country == "" {
			f.Failf("The country is missing")
		}
	})
	kept := map[string]string{}
	for name, v := range d.Additional {
		f.Field(name, func(f *work.Fields) {
			if v = f.Line(name, v, work.MaxFreeText); v != "" {
				kept[name] = v
			}
		})
	}
	d.Additional = kept
}

// apply writes checked data into a customer; what it has besides stays.
func (d *CustomerData) apply(c *customer.Customer) {
	c.Name, c.Company, c.City, c.State, c.Country = d.Name, d.Company, d.City, d.State, d.Country
	c.Locale = locale.Match(d.Language).Tag
	additional := map[string]string{}
	for k, v := range c.Contact.Additional {
		additional[k] = v
	}
	for k, v := range d.Additional {
		additional[k] = v
	}
	if len(additional) == 0 {
		additional = nil
	}
	c.Contact = customer.Contact{
		Address1: d.Address1, Address2: d.Address2, Address3: d.Address3, OtherState: d.OtherState, Zip: d.Zip, PhoneCC: d.PhoneCC, Phone: d.Phone,
		Language: d.Language, SalesContact: c.Contact.SalesContact, VATID: additional["vat-id"], Additional: additional,
	}
}
