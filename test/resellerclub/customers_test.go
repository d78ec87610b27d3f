package resellerclub

func customerScenarios() []scenario {
	profile := "&name=Ann+Ash&company=Ash&address-line-1=2+Low+St&city=York&state=York&country=GB&zipcode=Y1&phone-cc=44&phone=1904123456&lang-pref=en"
	return []scenario{
		{"A customer signs up, changes, logs in, is suspended and deleted", []step{
			{call: "POST customers/signup", send: "username=jane@{tag}.example" + signup, save: "c=."},
			{call: "POST customers/signup", send: "username=jane@{tag}.example" + signup, status: 500, message: "{username=username already exists}"},
			{call: "POST customers/signup", send: "username=x@{tag}.example", status: 500, message: "{name=name must not be blank, …"},
			{call: "POST customers/v2/signup", send: "username=kim@{tag}.example" + signup + "&vat-id=GB1&mobile-cc=44&mobile=7700900000&sms-consent=true", save: "d=."},
			{call: "GET customers/details-by-id", send: "customer-id={c}", want: `{"customerid":"{c}","username":"jane@{tag}.example","resellerid":"{root}","company":"Doe & Sons","customerstatus":"Active","isDominicanTaxConfiguredByParent":false}`},
			{call: "GET customers/details", send: "username=jane@{tag}.example", want: `{"customerid":"{c}"}`},
			{call: "GET customers/details", send: "username=none@{tag}.example", status: 500, message: "Customer none@{tag}.example not found"},
			{call: "GET customers/details-by-id", send: "customer-id=19999999", status: 500, message: "Invalid customer-id…"},
			{as: "sibling", call: "GET customers/details-by-id", send: "customer-id={c}", status: 500, message: "Invalid customer-id…"},
			{call: "POST customers/modify", send: "customer-id={c}&username=jane@{tag}.example" + profile, want: "true"},
			{call: "GET customers/details-by-id", send: "customer-id={c}", want: `{"name":"Ann Ash","city":"York"}`},
			{call: "GET customers/search", send: "no-of-records=10&page-no=1&username=kim@{tag}.example", want: `{"recsonpage":"1","recsindb":"1","1":{"customer.customerid":"{d}"}}`},
			{call: "GET customers/search", send: "no-of-records=10&page-no=0", status: 500, message: "{page-no=page-no is invalid}"},
			{call: "POST customers/change-password", send: "customer-id={c}&new-passwd=Other%2312345", want: "true"},
			{call: "POST customers/v2/change-password", send: "customer-id={c}&new-passwd=Other%2312346", want: "true"},
			{call: "POST customers/change-password", send: "customer-id={c}&new-passwd=short", status: 500, message: "{new-passwd=new-passwd is invalid}"},
			{call: "GET customers/forgot-password", send: "username=jane@{tag}.example", want: "true"},
			{call: "POST customers/v2/authenticate", send: "username=jane@{tag}.example&passwd=Other%2312346", want: `{"customerid":"{c}"}`},
			{call: "GET customers/temp-password", send: "customer-id={c}"},
			{call: "GET customers/generate-token", send: "username=jane@{tag}.example&passwd=Other%2312346&ip=127.0.0.1", save: "t=."},
			{call: "GET customers/authenticate-token", send: "token={t}", want: `{"customerid":"{c}","sellingcurrencysymbol":"GBP"}`},
			{call: "GET customers/generate-login-token", send: "customer-id={c}&ip=127.0.0.1", save: "t=."},
			{call: "GET customers/authenticate-token-without-history", send: "token={t}", want: `{"customerid":"{c}"}`},
			{call: "POST customers/suspend", send: "customer-id={c}&reason=late", want: "true"},
			{call: "GET customers/details-by-id", send: "customer-id={c}", want: `{"customerstatus":"Suspended"}`},
			{call: "POST customers/unsuspend", send: "customer-id={c}", want: "true"},
			{call: "GET customers/list-all-orders", send: "customer-id={c}&no-of-records=10&page-no=1", want: `{"recsonpage":"0","recsindb":"0"}`},
			{call: "POST customers/delete", send: "customer-id={c}", want: "true"},
			{call: "GET customers/search", send: "no-of-records=10&page-no=1&status=Deleted", want: `{"1":{"customer.customerid":"{c}","customer.customerstatus":"Deleted"}}`},
		}},
	}
}
