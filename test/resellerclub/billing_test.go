package resellerclub

func billingScenarios() []scenario {
	page := "no-of-records=50&page-no=1&"
	return []scenario{
		{"Funds, invoices, debits, payment and what the ledger shows", []step{
			{call: "POST customers/signup", send: "username=jane@{tag}.example" + signup, save: "c=."},
			{call: "POST billing/add-customer-fund", send: "customer-id={c}&amount=20.5&description=Bank&transaction-type=receipt&transaction-key=k1&update-total-receipt=true", save: "r=."},
			{call: "POST billing/add-customer-fund", send: "customer-id={c}&amount=20.5&description=Bank&transaction-type=receipt&transaction-key=k1&update-total-receipt=true", want: "{r}"},
			{call: "POST billing/add-customer-fund", send: "customer-id={c}&amount=21&description=Bank&transaction-type=receipt&transaction-key=k1&update-total-receipt=true", status: 500, message: "{transaction-key=transaction-key is invalid}"},
			{call: "GET billing/customer-balance", send: "customer-id={c}", want: `{"currencysymbol":"GBP","sellingcurrencybalance":20.5}`},
			{call: "GET customers/details-by-id", send: "customer-id={c}", want: `{"totalreceipts":"20.5"}`},
			{call: "POST billing/add-customer-misc-invoice", send: "customer-id={c}&amount=5&description=Setup&transaction-key=m1", save: "i=."},
			{call: "POST billing/add-customer-debit-note", send: "customer-id={c}&amount=1.25&description=Fee&transaction-key=d1", save: "n=."},
			{call: "POST billing/customer-pay", send: "invoice-ids={i}&debit-ids={n}", want: `{"{i}":{"unutilisedsellingamount":"0.000"},"{n}":{"sellingamount":"-1.250"}}`},
			{call: "GET billing/customer-balance", send: "customer-id={c}", want: `{"sellingcurrencybalance":14.25}`},
			{call: "POST eelite/us/add", send: "domain-name=shop.{tag}.example&customer-id={c}&months=1&no-of-accounts=20&invoice-option=PayInvoice", shape: "with an invoice",
				want: `{"status":"Success","actionstatus":"PendingExecution","actionstatusdesc":"Your Order is pending payment of the invoice."}`, save: "o=entityid g=invoiceid"},
			{call: "GET eelite/us/details", send: "order-id={o}", want: `{"currentstatus":"InActive"}`},
			{call: "GET billing/customer-greedy-transactions", send: page + "customer-id={c}", want: `{"recsindb":"1","1":{"customer_transaction.transid":"{g}","greedy":"true","customer_transaction.orderid":"{o}"}}`},
			{call: "POST billing/execute-order-without-payment", send: "invoice-ids={g}&cancel-invoice=0", want: `{"{g}":{"orderid":"{o}"}}`},
			{call: "GET eelite/us/details", send: "order-id={o}", want: `{"currentstatus":"Active"}`},
			{call: "POST eelite/us/add-email-account", send: "order-id={o}&no-of-accounts=1&invoice-option=KeepInvoice", shape: "PayInvoice, KeepInvoice", save: "k=#key"},
			{call: "POST billing/customer-transactions/cancel", send: "invoice-ids={k}", want: `{"{k}":{"status":"Success"}}`},
			{call: "POST billing/customer-processdiscount", send: "customer-id={c}&amount=1&description=Sorry&transaction-key=p1"},
			{call: "GET billing/customer-transactions/search", send: page + "customer-id={c}&transaction-type=invoice&transaction-type=debit&order-by=customerid", want: `{"1":{"customer_transaction.customerid":"{c}"}}`},
			{call: "GET billing/customer-transactions/search", send: page + "order-by=customerid;DROP+TABLE+ledger_entry", status: 500, message: "{order-by=order-by is invalid}"},
			{call: "GET billing/customer-transactions/search", send: "no-of-records=1000000000&page-no=1", status: 500, message: "{no-of-records=no-of-records is invalid}"},
			{call: "GET billing/customer-transactions/search", send: page + "transaction-date-start=yesterday", status: 500, message: "{transaction-date-start=transaction-date-start is invalid}"},
			{call: "GET billing/customer-transactions", send: "transaction-ids={i}&transaction-ids={r}", want: `{"{i}":{"transid":"{i}","customerid":"{c}"},"{r}":{"type":"*"}}`},
			{call: "GET billing/customer-balanced-transactions", send: page + "customer-id={c}"},
			{as: "sibling", call: "POST billing/customer-pay", send: "invoice-ids={i}", status: 500, message: "…"},
			{advance: 181 * day, call: "GET billing/customer-archived-transactions/search", send: page + "customer-id={c}", want: `{"1":{"customer_transaction.customerid":"{c}"}}`},
		}},
		{"A reseller's own ledger", []step{
			{call: "POST billing/add-reseller-fund", send: "reseller-id={child}&amount=100&description=Bank&transaction-type=credit&transaction-key=k1&update-total-receipt=false", save: "r=."},
			{call: "GET billing/reseller-balance", send: "reseller-id={child}", want: `{"sellingcurrencysymbol":"GBP","sellingcurrencybalance":100}`},
			{call: "POST billing/add-reseller-debit-note", send: "reseller-id={child}&amount=1&description=Fee&transaction-key=d1"},
			{call: "POST billing/add-reseller-misc-invoice", send: "reseller-id={child}&amount=2&description=Setup&transaction-key=m1", save: "i=."},
			{call: "GET billing/reseller-transactions/search", send: page + "reseller-id={child}", want: `{"recsindb":"3"}`},
			{call: "GET billing/reseller-transactions", send: "transaction-ids={i}", want: `{"{i}":{"transid":"{i}"}}`},
			{call: "GET billing/reseller-greedy-transactions", send: page + "reseller-id={child}", want: `{"recsonpage":"0","recsindb":"0"}`},
			{as: "sibling", call: "GET billing/reseller-balance", send: "reseller-id={child}", status: 500, message: "Invalid reseller-id: {child}"},
		}},
	}
}

func productScenarios() []scenario {
	return []scenario{{"Prices and products", []step{
		{call: "GET products/customer-price", want: `{"eeliteus":{"email_account_ranges":{"1-5":{"add":{"1":"*"}}}}}`},
		{call: "GET products/reseller-price", send: "reseller-id={child}"},
		{as: "child", call: "GET products/reseller-cost-price", want: `{"eeliteus":{"email_account_ranges":{"1-5":{"add":{"1":"*"}}}}}`},
		{call: "GET mock/products/reseller-price", want: `{"hosting":{"email_plan":{"1":{"description":{"no_of_mail_accounts":1,"default":false}}}}}`},
		{call: "GET products/category-keys-mapping", want: `{"domorder":[]}`},
		{call: "GET products/plan-details", want: `{"titanmailglobal":{"1762":{"plan_name":"Professional"}}}`},
		{call: "GET products/details", want: `{"eeliteus":{"name":"Business Email"}}`},
	}}}
}

func resellerScenarios() []scenario {
	profile := "&name=New+One&company=New+Ltd&address-line-1=1+St&city=Leeds&state=Leeds&country=GB&zipcode=L1&phone-cc=44&phone=1132000000&lang-pref=en"
	return []scenario{{"Resellers below are made, found and changed", []step{
		{call: "GET resellers/details", want: `{"resellerid":"{root}","parentid":"0"}`},
		{call: "GET resellers/details", send: "reseller-id={child}", want: `{"resellerid":"{child}","parentid":"{root}"}`},
		{as: "sibling", call: "GET resellers/details", send: "reseller-id={child}", status: 500, message: "Invalid reseller-id: {child}"},
		{as: "child", call: "GET resellers/details", send: "reseller-id={root}", status: 500, message: "Invalid reseller-id: {root}"},
		{as: "child", call: "POST resellers/signup", send: "username=new@{tag}.example&passwd=Secret%2312345" + profile, save: "n=."},
		{call: "GET resellers/search", send: "no-of-records=10&page-no=1&username=new@{tag}.example", want: `{"recsindb":"1","1":{"reseller.resellerid":"{n}","reseller.parentid":"{child}"}}`},
		{call: "POST resellers/modify-details", send: "reseller-id={n}&city=York", want: "true"},
		{call: "GET resellers/details", send: "reseller-id={n}", want: `{"city":"York"}`},
		{call: "GET resellers/generate-login-token", send: "reseller-id={n}&ip=127.0.0.1", save: "t=."},
		{call: "GET resellers/authenticate-token", send: "token={t}", want: `{"resellerid":"{n}"}`},
		{as: "child", call: "GET resellers/generate-token", send: "username=new@{tag}.example&passwd=Secret%2312345&ip=127.0.0.1", save: "t=."},
		{as: "child", call: "GET resellers/authenticate-token", send: "token={t}", want: `{"resellerid":"{n}"}`},
		{as: "sibling", call: "GET resellers/generate-token", send: "username=new@{tag}.example&passwd=Secret%2312345&ip=127.0.0.1", status: 500, message: "The user name or the password is wrong"},
		{call: "GET resellers/temp-password", send: "reseller-id={n}"},
	}}}
}
