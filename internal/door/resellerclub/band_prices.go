package resellerclub

import "context"

// bandPrices is the mock of section 13, which answers every caller the same.
func bandPrices(context.Context, *call, *params) (any, error) {
	unlimited, none := number("-1"), number("0")
	band := func(pricing object, description ...member) object {
		if pricing == nil {
			return object{{"description", object(description)}}
		}
		return object{{"pricing", pricing}, {"description", object(description)}}
	}
	free := func(actions ...string) object {
		var o object
		for _, a := range actions {
			o.set(a, number("0.0"))
		}
		return o
	}
	bands := func(zero, one object) object { return object{{"0", zero}, {"1", one}} }
	hosting := func(one number) object {
		return bands(
			band(free("renew", "ssl", "add"), member{"no_of_mail_accounts", unlimited}, member{"default", true}, member{"bandwidth", unlimited}, member{"webspace", unlimited}),
			band(nil, member{"no_of_mail_accounts", one}, member{"default", false}, member{"bandwidth", one}, member{"webspace", one}),
		)
	}
	return object{{"hosting", object{
		{"email_plan", bands(
			band(free("renew", "add"), member{"no_of_mail_accounts", unlimited}, member{"default", true}),
			band(nil, member{"no_of_mail_accounts", number("1")}, member{"default", false}),
		)},
		{"websitebuilder_plan", bands(
			band(free("renew", "ssl", "add"), member{"no_of_mail_accounts", unlimited}, member{"default", true}, member{"bandwidth", unlimited},
				member{"noofpages", number("50")}, member{"webspace", unlimited}),
			band(nil, member{"no_of_mail_accounts", none}, member{"default", false}, member{"bandwidth", none}, member{"noofpages", none}, member{"webspace", none}),
		)},
		{"windows_hosting_plan", hosting(none)},
		{"linux_hosting_plan", hosting(number("1"))},
	}}}, nil
}
