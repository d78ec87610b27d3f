package provision

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/locale"
	"posthouse/internal/fault"
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
	maxAddressLine = 255
	maxShort       = 64
)

// FieldPrefix begins the reason of a fault about one field of a command; its
// name follows: "FIELD_username".
const FieldPrefix = "FIELD_"

// field runs the checks of one field and names it in the fault.
func (f *fields) field(name string, check func(*fields)) {
	var one fields
	check(&one)
	if one.err != nil {
		f.fail(fault.Of(one.err).WithReason(FieldPrefix + name))
	}
}

var (
	phonePattern = regexp.MustCompile(`^[0-9+()./ -]*[0-9][0-9+()./ x-]*$`)
	codePattern  = regexp.MustCompile(`^\+?[0-9]{1,4}$`)
	langPattern  = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$`)
)

func (f *fields) matches(what, v string, p *regexp.Regexp) {
	if v != "" && !p.MatchString(v) {
		f.failf("The %s is not valid", what)
	}
}

// username reads a name that somebody may have: names that the platform shows of
// customers without one are nobody's.
func (f *fields) username(v *string) {
	f.field("username", func(f *fields) {
		if *v = f.contact("user name", *v); *v == "" {
			f.failf("The user name is missing")
		}
		if strings.HasSuffix(strings.ToLower(*v), ".invalid") {
			f.failf("The user name is not a valid email address")
		}
	})
}

// customerData reads d, all but its user name, in place.
func (f *fields) customerData(d *CustomerData) {
	for _, v := range []struct {
		name     string
		value    *string
		limit    int
		required bool
	}{
		{"name", &d.Name, maxName, true}, {"company", &d.Company, maxName, true}, {"address1", &d.Address1, maxAddressLine, true},
		{"address2", &d.Address2, maxAddressLine, false}, {"address3", &d.Address3, maxAddressLine, false}, {"city", &d.City, maxName, true},
		{"state", &d.State, maxName, true}, {"otherState", &d.OtherState, maxName, d.State == NoState}, {"zip", &d.Zip, maxShort, true},
		{"phoneCc", &d.PhoneCC, maxShort, true}, {"phone", &d.Phone, maxShort, true}, {"language", &d.Language, maxShort, true},
	} {
		f.field(v.name, func(f *fields) {
			if v.required {
				*v.value = f.required(v.name, *v.value, v.limit)
			} else {
				*v.value = f.line(v.name, *v.value, v.limit)
			}
		})
	}
	f.field("phoneCc", func(f *fields) {
		f.matches("phone's country code", d.PhoneCC, codePattern)
		d.PhoneCC = strings.TrimPrefix(d.PhoneCC, "+")
	})
	f.field("phone", func(f *fields) { f.matches("phone number", d.Phone, phonePattern) })
	f.field("language", func(f *fields) { f.matches("language", d.Language, langPattern) })
	f.field("country", func(f *fields) {
		if d.Country = f.country(d.Country); d.Country == "" {
			f.failf("The country is missing")
		}
	})
	kept := map[string]string{}
	for name, v := range d.Additional {
		f.field(name, func(f *fields) {
			if v = f.line(name, v, maxFreeText); v != "" {
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

// The rule of R-18. Other characters than these specials are allowed, but do not
// make up for one.
const (
	minCustomerPassword = 9
	maxCustomerPassword = 64
	passwordSpecials    = "~*!@$#%_+.?:,{}"
)

// customerPassword checks a customer's password in characters.
func (f *fields) customerPassword(pw string) {
	f.field("password", func(f *fields) {
		n := utf8.RuneCountInString(pw)
		var lower, upper, digit, special, bad bool
		for _, r := range pw {
			lower = lower || r >= 'a' && r <= 'z'
			upper = upper || r >= 'A' && r <= 'Z'
			digit = digit || r >= '0' && r <= '9'
			special = special || strings.ContainsRune(passwordSpecials, r)
			bad = bad || unicode.IsControl(r)
		}
		switch {
		case !utf8.ValidString(pw) || bad:
			f.failf("The password holds characters that are not allowed")
		case n < minCustomerPassword || n > maxCustomerPassword:
			f.failf("The password must have %d to %d characters", minCustomerPassword, maxCustomerPassword)
		case !lower || !upper || !digit || !special:
			f.fail(fault.New(fault.Invalid, fmt.Sprintf("The password needs a lower-case and an upper-case letter, a digit and one of %s", passwordSpecials)))
		}
	})
}
