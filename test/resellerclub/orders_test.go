package resellerclub

// signup are the parameters of a new customer, but for its user name.
const signup = "&passwd=Secret%2312345&name=Jane+Doe&company=Doe+%26+Sons&address-line-1=1+High+St&city=London&state=London&country=GB&zipcode=N1&phone-cc=44&phone=2012345678&lang-pref=en"

// aCustomer makes one of the root's with funds, as {c}.
func aCustomer() []step {
	return []step{
		{call: "POST customers/signup", send: "username=jane@{tag}.example" + signup, save: "c=."},
		{call: "POST billing/add-customer-fund", send: "customer-id={c}&amount=100000&description=Bank&transaction-type=receipt&transaction-key=first&update-total-receipt=true"},
	}
}

func orderScenarios() []scenario {
	var out []scenario
	for _, p := range []struct{ path, name, key, level string }{
		{"eelite/us", "Business Email", "eeliteus", "283"}, {"enterpriseemail/us", "Enterprise Email", "enterpriseemailus", "284"}, {"enterpriseemail/in", "Enterprise Email India", "enterpriseemailin", "285"},
	} {
		order := "order-id={o}"
		out = append(out, scenario{p.name + " is bought, grows, shrinks, is renewed and deleted", append(aCustomer(), []step{
			{call: "POST " + p.path + "/add", send: "domain-name=shop.{tag}.example&customer-id={c}&months=1&no-of-accounts=5&invoice-option=PayInvoice", shape: "with an invoice",
				want: `{"description":"shop.{tag}.example","status":"Success","actionstatus":"InvoicePaid","actiontype":"Add","customerid":"{c}","unutilisedsellingamount":"0.000"}`, save: "o=entityid i=invoiceid"},
			{call: "POST " + p.path + "/add", send: "domain-name=shop.{tag}.example&customer-id={c}&months=1&no-of-accounts=5&invoice-option=PayInvoice", status: 500, message: "You are not allowed to perform this action"},
			{call: "POST " + p.path + "/add", send: "domain-name=second.{tag}.example&customer-id={c}&months=12&no-of-accounts=1&auto-renew=true&invoice-option=NoInvoice", shape: "NoInvoice",
				want: `{"actionstatus":"InvoicePaid"}`, save: "n=entityid"},
			{call: "GET " + p.path + "/orderid", send: "domain-name=shop.{tag}.example", want: "{o}"},
			{call: "GET " + p.path + "/orderid", send: "domain-name=none.{tag}.example", status: 500, message: "Website doesn't exist for none.{tag}.example"},
			{call: "GET " + p.path + "/details", send: order,
				want: `{"orderid":"{o}","domainname":"shop.{tag}.example","currentstatus":"Active","productkey":"` + p.key + `","entitytypeid":"` + p.level + `","emailaccounts":5,"recurring":"false","isImmediateReseller":"true","parentkey":"999999999_999999998_{root}","eaqid":"0"}`},
			{call: "GET " + p.path + "/details", send: "order-id={n}", want: `{"recurring":"true","emailaccounts":1}`},
			{call: "GET " + p.path + "/details", send: "order-id=79999999", status: 500, message: "No Entity found for Entityid…"},
			{call: "GET " + p.path + "/search", send: "no-of-records=10&page-no=1&order-by=orderid+desc&status=Active&customer-id={c}", want: `{"recsonpage":"2","recsindb":"2","2":{"orders.orderid":"{o}","entitytype.entitytypekey":"` + p.key + `"}}`},
			{call: "GET " + p.path + "/search", send: "no-of-records=10&page-no=1&status=Suspended", want: `{"recsonpage":"0","recsindb":"0"}`},
			{call: "GET " + p.path + "/dns-record", send: order},
			{call: "POST " + p.path + "/add-email-account", send: order + "&no-of-accounts=1&invoice-option=KeepInvoice", shape: "PayInvoice, KeepInvoice", save: "k=#key"},
			{call: "POST " + p.path + "/add-email-account", send: order + "&no-of-accounts=2&invoice-option=NoInvoice", shape: "NoInvoice",
				want: `{"actiontypedesc":"Addition of 2 email accounts for shop.{tag}.example"}`},
			{call: "POST " + p.path + "/add-email-account", send: order + "&no-of-accounts=1&invoice-option=OnlyAdd", shape: "OnlyAdd", want: `{"customerid":"{c}"}`, save: "w=invoiceid q=eaqid"},
			{call: "POST " + p.path + "/add-email-account", send: order + "&no-of-accounts=1&invoice-option=NoInvoice", status: 500, message: "There is already an action pending on this Order."},
			{call: "GET " + p.path + "/details", send: order, want: `{"emailaccounts":8,"eaqid":"{q}","actiontype":"AddEmailAccount","actionstatus":"*"}`},
			{call: "POST billing/customer-transactions/cancel", send: "invoice-ids={w}", want: `{"{w}":{"status":"Success"}}`},
			{call: "POST " + p.path + "/delete-email-account", send: order + "&no-of-accounts=1",
				want: `{"actiontypedesc":"Deletion of 1 email accounts for shop.{tag}.example","actionstatus":"ExecutionStarted","actiontype":"DeleteEmailAccount"}`},
			{call: "POST " + p.path + "/delete-email-account", send: order + "&no-of-accounts=7", status: 500, message: "You must have atleast ONE email account."},
			{call: "POST " + p.path + "/renew", send: order + "&months=1&no-of-accounts=0&invoice-option=PayInvoice", shape: "with an invoice", want: `{"actiontype":"Renew","actionstatus":"InvoicePaid"}`},
			{call: "POST " + p.path + "/renew", send: order + "&months=1&no-of-accounts=0&invoice-option=PayInvoice", status: 500, message: "Domain already renewed."},
			{call: "POST " + p.path + "/renew", send: "order-id={n}&months=12&invoice-option=NoInvoice", shape: "NoInvoice"},
			{call: "POST " + p.path + "/renew", send: "order-id={n}&months=0&invoice-option=NoInvoice", status: 500, message: "{months=months is invalid}"},
			{call: "POST " + p.path + "/delete", send: order, want: `{"actiontype":"Delete","actionstatus":"ExecutionStarted"}`},
			{call: "POST " + p.path + "/delete", send: order, want: `{"actiontype":"Delete"}`},
			{call: "GET " + p.path + "/details", send: order, want: `{"currentstatus":"Deleted"}`},
		}...)})
	}
	return append(out, scenario{"Orders are suspended, released, moved and expire", append(aCustomer(), []step{
		{call: "POST eelite/us/add", send: "domain-name=shop.{tag}.example&customer-id={c}&months=1&no-of-accounts=5&invoice-option=NoInvoice", shape: "NoInvoice", save: "o=entityid"},
		{call: "GET domains/orderid", send: "domain-name=shop.{tag}.example", want: "{o}"},
		{call: "POST orders/suspend", send: "order-id={o}&reason=100%zz+late", want: `{"actiontype":"Suspend","status":"Success"}`},
		{call: "POST orders/suspend", send: "order-id={o}", want: `{"status":"Success"}`},
		{call: "GET eelite/us/details", send: "order-id={o}", want: `{"currentstatus":"Suspended","orderSuspendedByParent":"false","isOrderSuspendedUponExpiry":"false"}`},
		{call: "POST orders/unsuspend", send: "order-id={o}", want: `{"actiontype":"Unsuspend","status":"Success"}`},
		{call: "POST orders/unsuspend", send: "order-id={o}", want: `{"status":"Success"}`},
		{call: "GET actions/search-archived", send: "order-id={o}&no-of-records=10&page-no=1&action-type=Suspend", want: `{"1":{"actionstatus":"Success","entityid":"{o}"}}`},
		{call: "POST eelite/us/add-email-account", send: "order-id={o}&no-of-accounts=1&invoice-option=OnlyAdd", shape: "OnlyAdd", save: "i=invoiceid q=eaqid"},
		{call: "GET actions/search-current", send: "no-of-records=10&page-no=1", want: `{"recsindb":"1","1":{"eaqid":"{q}","actionstatus":"PendingExecution"}}`},
		{call: "POST billing/customer-pay", send: "invoice-ids={i}", want: `{"{i}":{"actionstatus":"InvoicePaid"}}`},
		{call: "GET eelite/us/details", send: "order-id={o}", want: `{"emailaccounts":6}`},
		{call: "POST customers/signup", send: "username=kim@{tag}.example" + signup, save: "d=."},
		{call: "POST products/move", send: "domain-name=shop.{tag}.example&existing-customer-id={c}&new-customer-id={d}&default-contact=0", want: `{"status":"Success"}`},
		{call: "GET eelite/us/details", send: "order-id={o}", want: `{"customerid":"{d}"}`},
		{call: "GET customers/list-all-orders", send: "customer-id={d}&no-of-records=10&page-no=1", want: `{"recsindb":"1","1":{"orders.orderid":"{o}"}}`},
		{advance: 32 * day, call: "GET eelite/us/details", send: "order-id={o}", want: `{"currentstatus":"Suspended","isOrderSuspendedUponExpiry":"true"}`},
		{call: "POST orders/unsuspend", send: "order-id={o}", status: 500, message: "You are not allowed to perform this action"},
		{advance: 8 * day, call: "GET eelite/us/details", send: "order-id={o}", want: `{"currentstatus":"Pending Delete Restorable"}`},
		{call: "POST eelite/us/renew", send: "order-id={o}&months=3&invoice-option=NoInvoice", shape: "NoInvoice"},
		{call: "GET eelite/us/details", send: "order-id={o}", want: `{"currentstatus":"Active"}`},
		{call: "POST eelite/us/delete", send: "order-id={o}"},
		{advance: 31 * day, call: "GET eelite/us/details", send: "order-id={o}", want: `{"currentstatus":"Archived"}`},
	}...)}, scenario{"An order renews itself while there are funds", []step{
		{call: "POST customers/signup", send: "username=jane@{tag}.example" + signup, save: "c=."},
		{call: "POST billing/add-customer-fund", send: "customer-id={c}&amount=2.5&description=Bank&transaction-type=receipt&transaction-key=k1&update-total-receipt=true"},
		{call: "POST eelite/us/add", send: "domain-name=shop.{tag}.example&customer-id={c}&months=1&no-of-accounts=1&auto-renew=true&invoice-option=PayInvoice", shape: "with an invoice", save: "o=entityid"},
		{advance: 31 * day, call: "GET eelite/us/details", send: "order-id={o}", want: `{"currentstatus":"Active","eaqid":"0"}`},
		{call: "GET billing/customer-balance", send: "customer-id={c}", want: `{"sellingcurrencybalance":0}`},
		{advance: 32 * day, call: "GET eelite/us/details", send: "order-id={o}", want: `{"currentstatus":"Suspended","actionstatus":"PendingExecution"}`},
		{call: "GET billing/customer-greedy-transactions", send: "no-of-records=10&page-no=1&customer-id={c}", want: `{"recsindb":"1"}`},
		{call: "POST billing/add-customer-fund", send: "customer-id={c}&amount=1.25&description=Bank&transaction-type=receipt&transaction-key=k2&update-total-receipt=true"},
		{call: "GET eelite/us/details", send: "order-id={o}", want: `{"currentstatus":"Active","eaqid":"0"}`},
		{call: "GET billing/customer-balance", send: "customer-id={c}", want: `{"sellingcurrencybalance":0}`},
	}})
}

func refusedScenarios() []scenario {
	const notAllowed, anything = "You are not allowed to perform this action", "…"
	add := "domain-name=shop.{tag}.example&customer-id={c}&months=1&no-of-accounts=5&invoice-option=PayInvoice"
	refuse := func(call, send, message string) step {
		return step{call: call, send: send, status: 500, message: message}
	}
	return []scenario{{"What is refused changes nothing", append(aCustomer(), []step{
		{call: "POST customers/signup", send: "username=poor@{tag}.example" + signup, save: "p=."},
		{as: "child", call: "POST customers/signup", send: "username=below@{tag}.example" + signup, save: "b=."},
		{as: "sibling", call: "POST customers/signup", send: "username=beside@{tag}.example" + signup, save: "s=."},
		{call: "POST eelite/us/add", send: add, shape: "with an invoice", save: "o=entityid"},
		refuse("POST eelite/us/add", "domain-name=a.{tag}.example&customer-id={c}&months=1&no-of-accounts=0&invoice-option=PayInvoice", anything),
		refuse("POST eelite/us/add", "domain-name=a.{tag}.example&customer-id={c}&months=1&no-of-accounts=-1&invoice-option=PayInvoice", anything),
		refuse("POST eelite/us/add", "domain-name=a.{tag}.example&customer-id={c}&months=1&no-of-accounts=200001&invoice-option=PayInvoice", anything),
		refuse("POST eelite/us/add", "domain-name=a.{tag}.example&customer-id={c}&months=2&no-of-accounts=1&invoice-option=PayInvoice", "{months=months is invalid}"),
		refuse("POST eelite/us/add", "domain-name=a.{tag}.example&customer-id={c}&months=1&no-of-accounts=1&invoice-option=PayInvoice&discount-amount=1000", anything),
		refuse("POST eelite/us/add", "domain-name=a.{tag}.example", "{customer-id=customer-id must not be blank, months=months must not be blank, …"),
		refuse("POST eelite/us/add", "domain-name=&customer-id={c}&months=1&no-of-accounts=1&invoice-option=PayInvoice", "{domain-name=domain-name must not be blank}"),
		refuse("POST eelite/us/delete-email-account", "order-id={o}&no-of-accounts=0", anything),
		refuse("POST eelite/us/delete-email-account", "order-id={o}&no-of-accounts=-1", anything),
		refuse("POST eelite/us/delete-email-account", "order-id={o}&no-of-accounts=5", "You must have atleast ONE email account."),
		refuse("POST eelite/us/delete-email-account", "order-id={o}&no-of-accounts=500", "You must have atleast ONE email account."),
		refuse("POST enterpriseemail/us/delete", "order-id={o}", "No Entity found for Entityid…"), // another product's
		refuse("GET eelite/us/search", "no-of-records=10&page-no=0", "{page-no=page-no is invalid}"),
		refuse("GET eelite/us/search", "no-of-records=10&page-no=1&order-by=orderid;DROP+TABLE+customer", "{order-by=order-by is invalid}"),
		refuse("GET eelite/us/search", "no-of-records=10&page-no=1&creation-date-start=yesterday", "{creation-date-start=creation-date-start is invalid}"),
		{as: "child", call: "GET eelite/us/details", send: "order-id={o}", status: 500, message: "No Entity found for Entityid…"}, // up the tree
		{as: "child", call: "POST eelite/us/add", send: "domain-name=up.{tag}.example&customer-id={c}&months=1&no-of-accounts=1&invoice-option=NoInvoice", status: 500, message: "Invalid customer-id…"},
		{as: "child", call: "POST eelite/us/add", send: "domain-name=beside.{tag}.example&customer-id={s}&months=1&no-of-accounts=1&invoice-option=NoInvoice", status: 500, message: "Invalid customer-id…"},
		{as: "sibling", call: "POST eelite/us/add", send: "domain-name=unpriced.{tag}.example&customer-id={s}&months=1&no-of-accounts=1&invoice-option=KeepInvoice", status: 500, message: anything},
		{as: "child", call: "POST eelite/us/add", send: "domain-name=below.{tag}.example&customer-id={b}&months=1&no-of-accounts=1&invoice-option=KeepInvoice", shape: "with an invoice", save: "q=entityid i=invoiceid"},
		{call: "GET eelite/us/details", send: "order-id={q}", want: `{"isImmediateReseller":"false","parentkey":"999999999_999999998_{root}_{child}"}`},
		{call: "GET eelite/us/search", send: "no-of-records=10&page-no=1&show-child-orders=true", want: `{"recsindb":"2"}`},
		{call: "GET eelite/us/search", send: "no-of-records=10&page-no=1", want: `{"recsindb":"1"}`},
		{as: "sibling", call: "POST billing/customer-pay", send: "invoice-ids={i}", status: 500, message: anything},
		{call: "POST orders/suspend", send: "order-id={q}&reason=by+the+parent", want: `{"status":"Success"}`},
		{as: "child", call: "GET eelite/us/details", send: "order-id={q}", want: `{"currentstatus":"Suspended","orderSuspendedByParent":"true","allowdeletion":"false"}`},
		{as: "child", call: "POST orders/unsuspend", send: "order-id={q}", status: 500, message: notAllowed},
		{as: "child", call: "POST eelite/us/delete", send: "order-id={q}", status: 500, message: notAllowed},
		{call: "GET eelite/us/details", send: "order-id={o}", want: `{"emailaccounts":5,"currentstatus":"Active"}`},
		{call: "GET billing/customer-balance", send: "customer-id={p}", want: `{"sellingcurrencybalance":0,"totalsellingbalance":0}`},
		{call: "GET billing/customer-transactions/search", send: "no-of-records=10&page-no=1&customer-id={c}", want: `{"recsindb":"2"}`},
	}...)}}
}

func restScenarios() []scenario {
	var out []scenario
	for _, p := range []struct{ key, pro, business, trial string }{{"titanmailglobal", "1762", "1756", "1755"}, {"titanmailindia", "1761", "1758", "1760"}} {
		base := "rest:product/" + p.key
		out = append(out, scenario{"Titan Email by " + p.key, append(aCustomer(), []step{
			{call: "POST " + base + "/order", send: "domain-name=shop.{tag}.example&customer-id={c}&plan-id=" + p.pro + "&noOfMonths=1&invoice-option=PayInvoice&additional-param-json=%7B%22no_of_accounts%22%3A%225%22%7D",
				shape: "with an invoice", want: `{"status":"Success","actionstatus":"InvoicePaid"}`, save: "o=orderid"},
			{call: "POST " + base + "/order", send: "domain-name=trial.{tag}.example&customer-id={c}&plan-id=" + p.trial + "&noOfMonths=3&invoice-option=NoInvoice&additional-param-json=%7B%22no_of_accounts%22%3A%222%22%7D",
				shape: "NoInvoice", save: "f=orderid"},
			{call: "GET " + base, send: "order-id={o}", want: `{"domainname":"shop.{tag}.example","noofaccounts":"5","used_account_count":"0","planid":"` + p.pro + `","productkey":"` + p.key + `","is_free":false,"currentstatus":"Active"}`},
			{call: "GET " + base, send: "order-id={f}", want: `{"is_free":true}`},
			{call: "GET " + base, send: "order-id=79999999", status: 500, message: "No Entity found for Entityid…"},
			{call: "PATCH " + base + "/order/{o}/tenure/12", send: "invoice-option=PayInvoice&additional-info=%7B%22no_of_accounts%22%3A%222%22%7D", want: `{"actiontype":"Renew"}`},
			{call: "PATCH " + base + "/orders/{o}/seats/2", send: "invoice-option=PayInvoice", want: `{"actiontype":"AddEmailAccount"}`},
			{call: "PATCH " + base + "/order/{o}/seats/1", send: "invoice-option=KeepInvoice", want: `{"actiontype":"AddEmailAccount"}`},
			{call: "GET " + base, send: "order-id={o}", want: `{"noofaccounts":"10"}`},
			{call: "PATCH " + base + "/order/{o}/plan/" + p.business, send: "noOfMonths=12&invoice-option=PayInvoice", want: `{"actiontype":"ChangePlan"}`},
			{call: "PATCH " + base + "/order/{o}/plan/" + p.pro, send: "noOfMonths=12&invoice-option=PayInvoice", status: 500, message: "You are not allowed to perform this action"},
			{call: "PATCH " + base + "/order/{o}/suspend", send: "reason=late", want: `{"status":"Success"}`},
			{call: "PATCH " + base + "/order/{o}/unsuspend", want: `{"status":"Success"}`},
			{call: "GET " + base + "/order/{o}/sso-url", want: `{"sso_url":"*partnerId=*","iframe_url":"*partnerId=*"}`},
			{call: "DELETE " + base + "/order/{o}", want: `{"actiontype":"Delete","status":"Success"}`},
		}...)})
	}
	return out
}
