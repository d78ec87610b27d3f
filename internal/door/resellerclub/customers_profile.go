package resellerclub

import (
	"context"
	"slices"

	"posthouse/internal/core/customers"
)

// furtherParams are kept as they come and never searched.
var furtherParams = []string{
	"alt-phone-cc", "alt-phone", "fax-cc", "fax", "mobile-cc", "mobile", "sms-consent", "vat-id", "accept-policy", "marketing-email-consent",
	"email-marketing-consent",
}

// modifyFurther are those that come with a change only.
var modifyFurther = []string{"indian-gst-id", "australia-gst-id"}

func profileParams(further ...string) []param {
	var out []param
	for _, name := range []string{
		"username", "name", "company", "address-line-1", "city", "state", "country", "zipcode", "phone-cc", "phone", "lang-pref",
	} {
		out = append(out, param{name, "String", true})
	}
	for _, name := range slices.Concat([]string{"address-line-2", "address-line-3", "other-state"}, furtherParams, further) {
		out = append(out, param{name, "String", false})
	}
	return out
}

func signupParams() []param { return append(profileParams(), param{"passwd", "String", true}) }

func modifyParams() []param { return append(profileParams(modifyFurther...), customerID1) }

// profile reads what a customer says of itself.
func (p *params) profile(further ...string) customers.CustomerData {
	d := customers.CustomerData{
		Username: p.username(), Name: p.text("name"), Company: p.text("company"), Address1: p.text("address-line-1"),
		Address2: p.optText("address-line-2"), Address3: p.optText("address-line-3"), City: p.text("city"), State: p.text("state"),
		Country: p.text("country"), Zip: p.text("zipcode"), PhoneCC: p.text("phone-cc"), Phone: p.text("phone"), Language: p.text("lang-pref"),
		Additional: map[string]string{},
	}
	if d.State == customers.NoState {
		d.OtherState = p.text("other-state")
	} else {
		d.OtherState = p.optText("other-state")
	}
	for _, name := range slices.Concat(furtherParams, further) {
		if v := p.optText(name); v != "" {
			d.Additional[name] = v
		}
	}
	return d
}

func customerSignup(ctx context.Context, c *call, p *params) (any, error) {
	cmd := customers.CreateCustomer{Data: p.profile(), Password: p.text("passwd")}
	if err := p.fault(); err != nil {
		return nil, err
	}
	d, err := c.door.core.CreateCustomer(ctx, c.actor, cmd)
	if err != nil {
		return nil, customerFault(err)
	}
	return whole(d.ID), nil
}

func customerModify(ctx context.Context, c *call, p *params) (any, error) {
	cmd := customers.ModifyCustomerProfile{CustomerID: p.customerID(), Data: p.profile(modifyFurther...)}
	c.named.username = "" // what is not found is the number
	if err := p.fault(); err != nil {
		return nil, err
	}
	if err := c.door.core.ModifyCustomerProfile(ctx, c.actor, cmd); err != nil {
		return nil, customerFault(err)
	}
	return true, nil
}
