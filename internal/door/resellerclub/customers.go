package resellerclub

import (
	"cmp"
	"context"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// customersCore is what section 10 asks of the core.
type customersCore interface {
	CreateCustomer(context.Context, audit.Actor, customers.CreateCustomer) (*customers.CustomerDetails, error)
	ModifyCustomerProfile(context.Context, audit.Actor, customers.ModifyCustomerProfile) error
	CustomerByID(ctx context.Context, actor audit.Actor, id int64) (*customers.CustomerDetails, error)
	CustomerByUsername(ctx context.Context, actor audit.Actor, username string) (*customers.CustomerDetails, error)
	SearchCustomers(context.Context, audit.Actor, customers.SearchCustomers) (*customers.FoundCustomers, error)
	ChangeCustomerPassword(ctx context.Context, actor audit.Actor, id int64, password string) error
	ForgotCustomerPassword(ctx context.Context, actor audit.Actor, username string) error
	TempCustomerPassword(ctx context.Context, actor audit.Actor, id int64) (string, error)
	AuthenticateCustomer(context.Context, audit.Actor, customers.AuthenticateCustomer) (*customers.CustomerDetails, error)
	GenerateCustomerToken(context.Context, audit.Actor, customers.GenerateCustomerToken) (string, error)
	GenerateCustomerLogin(context.Context, audit.Actor, customers.GenerateCustomerLogin) (string, error)
	AuthenticateCustomerToken(ctx context.Context, actor audit.Actor, token string, look bool) (*customers.CustomerDetails, error)
	SuspendCustomer(ctx context.Context, actor audit.Actor, id int64, reason string) error
	UnsuspendCustomer(ctx context.Context, actor audit.Actor, id int64) error
	DeleteCustomer(ctx context.Context, actor audit.Actor, id int64) error
}

// customerID1 and username1 are the only parameter of many rows.
var (
	customerID1 = param{"customer-id", "Integer", true}
	username1   = param{"username", "String", true}
)

func customerOperations() []*operation {
	return []*operation{
		{path: "customers/details-by-id", methods: get, tier: "A", section: "10 row 1", params: []param{customerID1}, serve: customerDetailsByID},
		{path: "customers/details", methods: get, tier: "B", section: "10 row 2", params: []param{username1}, serve: customerDetails},
		{path: "customers/signup", methods: post, tier: "B", section: "10 row 3", params: signupParams(), serve: customerSignup},
		{path: "customers/v2/signup", methods: post, tier: "B", section: "10 row 3", params: signupParams(), serve: customerSignup},
		{path: "customers/modify", methods: post, tier: "B", section: "10 row 4", params: modifyParams(), serve: customerModify},
		{path: "customers/search", methods: get, tier: "B", section: "10 row 5", params: customerSearchParams, serve: customerSearch},
		{path: "customers/change-password", methods: post, tier: "B", section: "10 row 6", params: customerPasswordParams, serve: customerChangePassword},
		{path: "customers/v2/change-password", methods: post, tier: "B", section: "10 row 6", params: customerPasswordParams, serve: customerChangePassword},
		{path: "customers/forgot-password", methods: get, tier: "B", section: "10 row 7", params: []param{username1}, serve: customerForgotPassword},
		{path: "customers/temp-password", methods: get, tier: "B", section: "10 row 8", params: []param{customerID1}, serve: customerTempPassword},
		{path: "customers/generate-token", methods: get, tier: "B", section: "10 row 9",
			params: []param{username1, {"passwd", "String", true}, {"ip", "String", true}}, serve: customerGenerateToken},
		{path: "customers/generate-login-token", methods: get, tier: "B", section: "10 row 10",
			params: []param{customerID1, {"ip", "String", true}}, serve: customerGenerateLogin},
		{path: "customers/authenticate-token", methods: get, tier: "B", section: "10 row 11", params: []param{{"token", "String", true}}, serve: customerToken(false)},
		{path: "customers/authenticate-token-without-history", methods: get, tier: "B", section: "10 row 11",
			params: []param{{"token", "String", true}}, serve: customerToken(true)},
		{path: "customers/v2/authenticate", methods: post, tier: "B", section: "10 row 12",
			params: []param{username1, {"passwd", "String", true}}, serve: customerAuthenticate},
		{path: "customers/suspend", methods: post, tier: "B", section: "10 row 13", params: []param{customerID1, {"reason", "String", false}}, serve: customerSuspend},
		{path: "customers/unsuspend", methods: post, tier: "B", section: "10 row 13", params: []param{customerID1, {"reason", "String", false}}, serve: customerUnsuspend},
		{path: "customers/delete", methods: post, tier: "B", section: "10 row 14", params: []param{customerID1}, serve: customerDelete},
		{path: "customers/list-all-orders", methods: get, tier: "C", section: "10 row 15", params: customerOrdersParams, serve: customerOrders},
	}
}

// customerParams are the parameters of what a customer says of itself, by the
// core's name of the field.
var customerParams = map[string]string{
	"username": "username", "password": "passwd", "name": "name", "company": "company", "address1": "address-line-1", "address2": "address-line-2",
	"address3": "address-line-3", "city": "city", "state": "state", "otherState": "other-state", "country": "country", "zip": "zipcode",
	"phoneCc": "phone-cc", "phone": "phone", "language": "lang-pref", "ip": "ip", "token": "token", "reason": "reason",
	"limit": "no-of-records", "page": "page-no", "customerId": "customer-id", "resellerId": "reseller-id", "status": "status",
}

// customerFault writes a fault about one field as validation.
func customerFault(err error) error {
	f := fault.Of(err)
	if f == nil {
		return nil
	}
	refused := func(text string) error { return &wireFault{status: 500, text: "{" + text + "}", cause: err} }
	if f.Reason == "USERNAME_TAKEN" {
		return refused("username=username already exists")
	}
	field, ok := strings.CutPrefix(f.Reason, work.FieldPrefix)
	if !ok {
		return err
	}
	name, ok := customerParams[field]
	if !ok {
		name = field // one of the further parameters
	}
	return refused(name + "=" + name + " is invalid")
}

// maxUsername bounds what errors repeat.
const maxUsername = 255

// username also notes what the request is about.
func (p *params) username() string {
	v := strings.TrimSpace(p.text("username"))
	if len(v) > maxUsername {
		p.refuse("username", "username is invalid")
	}
	p.call.named.username = v
	return v
}

func customerDetailsByID(ctx context.Context, c *call, p *params) (any, error) {
	id := p.customerID()
	if err := p.fault(); err != nil {
		return nil, err
	}
	d, err := c.door.core.CustomerByID(ctx, c.actor, id)
	if err != nil {
		return nil, err
	}
	return customerObject(d), nil
}

func customerDetails(ctx context.Context, c *call, p *params) (any, error) {
	name := p.username()
	if err := p.fault(); err != nil {
		return nil, err
	}
	d, err := c.door.core.CustomerByUsername(ctx, c.actor, name)
	if err != nil {
		return nil, err
	}
	return customerObject(d), nil
}

// customerStatus is a customer's state as section 16 writes it.
func customerStatus(s customer.Status) string {
	switch s {
	case customer.Suspended:
		return "Suspended"
	case customer.Deleted:
		return "Deleted"
	}
	return "Active"
}

// customerObject is section 10.1. What a customer of another dialect has not is
//
func customerObject(d *customers.CustomerDetails) object {
	var o object
	o.id("customerid", d.ID)
	o.set("username", d.Login())
	o.id("resellerid", d.Seller.ID)
	o.id("parentid", d.Seller.ID)
	o.set("name", d.Name)
	o.set("company", d.Company)
	o.set("useremail", cmp.Or(d.Email, d.Login()))
	o.set("telnocc", d.Contact.PhoneCC)
	o.set("telno", d.Contact.Phone)
	o.set("address1", d.Contact.Address1)
	if d.Contact.Address2 != "" {
		o.set("address2", d.Contact.Address2)
	}
	if d.Contact.Address3 != "" {
		o.set("address3", d.Contact.Address3)
	}
	o.set("city", d.City)
	o.set("state", d.State)
	o.set("other_state", d.Contact.OtherState)
	o.set("stateid", "0")
	o.set("country", cmp.Or(d.Country, "US"))
	o.set("zip", d.Contact.Zip)
	o.set("pin", d.PIN)
	o.time("creationdt", d.CreatedAt)
	o.set("customerstatus", customerStatus(d.Status))
	o.set("salescontactid", cmp.Or(d.Contact.SalesContact, "0"))
	o.set("langpref", languageOf(d.Customer))
	o.set("totalreceipts", shortAmount(d.TotalReceipts))
	for _, key := range []string{"ispasswdexpired", "twofactorauth_enabled", "twofactorsmsauth_enabled", "twofactorgoogleauth_enabled"} {
		o.flag(key, false)
	}
	o.set("isDominicanTaxConfiguredByParent", false)
	o.set("salespersonshash", object{})
	for _, key := range []string{
		"indiangstenabled", "australiagstenabled", "newzealandgstenabled", "singaporegstenabled", "russiavatenabled", "indianservicetaxenabled",
	} {
		o.flag(key, false)
	}
	return o
}

// languageOf is the language as it was given, else that of the locale.
func languageOf(c *customer.Customer) string {
	if c.Contact.Language != "" {
		return c.Contact.Language
	}
	language, _, _ := strings.Cut(c.Locale, "-")
	return strings.ToLower(language)
}

// shortAmount is an amount with as few decimals as it needs, but one: "0.0", "12.5".
func shortAmount(v money.Value) string {
	s := v.String()
	whole, decimals, ok := strings.Cut(s, ".")
	if !ok {
		return s + ".0"
	}
	decimals = strings.TrimRight(decimals, "0")
	return whole + "." + cmp.Or(decimals, "0")
}
