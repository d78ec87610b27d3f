package resellerclub

import (
	"slices"
	"strings"
)

// endpoint is one row of the contract, written down here on its own: what the
// server routes is compared with it.
type endpoint struct {
	section, verb, path string // "7.1", "POST", "/api/eelite/us/add"
	document            string // the vendor's document it is in; "" = another page of the vendor's, or live clients
	shapes              []variant
}

// variant is one shape of a reply; name is "" where there is one only.
type variant struct{ name, shape string }

func one(shape string) []variant { return []variant{{"", shape}} }

// The shapes that several endpoints share.
const (
	actionKeys  = "entityid:id,description:s,actionstatus:s,actionstatusdesc:s,actiontypedesc:s,status:s,eaqid:id,actiontype:s"
	invoiceKeys = "invoiceid:id,sellingcurrencysymbol:s,sellingamount:money,unutilisedsellingamount:money,customerid:id"
	actionMap   = "{" + actionKeys + "}"
	invoiceMap  = "{" + actionKeys + "," + invoiceKeys + "}"
	waitingMap  = "{customercost:cents,eaqid:id,customerid:id,invoiceid:id}"

	orderDetails = `{entityid:id,orderid:id,description:s,domainname:s,currentstatus:s,productcategory:s,productkey:s,creationtime:sec,endtime:sec,
		isImmediateReseller:flag,parentkey:s,customerid:id,emailaccounts:int,isOrderSuspendedUponExpiry:flag,orderSuspendedByParent:flag,allowdeletion:flag,
		eaqid:id,paused:flag,isDeletionRequest:flag,recurring:flag,customercost:s,resellercost:s,currentOrderPrice:n,orderstatus:[],jumpConditions:[],
		entitytypeid:id,actioncompleted:s,moneybackperiod:s,actiontype?:s,actionstatus?:s,actionstatusdesc?:s}`
	orderRow = `{entity.description:s,orders.orderid:id,entity.customerid:id,orders.creationdt:sec,orders.creationtime:sec,orders.endtime:sec,
		entity.currentstatus:s,entitytype.entitytypename:s,entitytype.entitytypekey:s,hosting_group_info.location:s,
		entity.entityid:id,entity.entitytypeid:id,orders.timestamp:s,orders.autorenew:flag}`
	dnsRecords = "[{type:s,host:s,value:s,class:s}]"
	mailUser   = `{emailAddress:s,domainName:s,firstName:s,lastName:s,alternateEmailAddress:s,internalForwards:s,adminForwards:s,userForwards:s,
		quotaLimit:int,quotaUsed:int,percentageQuotaUsage:n,status:s,accountType:s,countryCode:s,languageCode:s,
		accountSettings:{popSettings:s,imapSettings:s,smtpSettings:s,webmailUrl:s},createdOn:s,
		popAccessEnabled:b,imapAccessEnabled:b,webmailAccessEnabled:b,canFooterOptout:b,revertBlacklistRequestExists:b,configurationProfile:s}`
	customerKeys = `customerid:id,username:s,resellerid:id,parentid:id,name:s,company:s,useremail:s,telnocc:s,telno:s,address1:s,address2?:s,address3?:s,
		city:s,state:s,other_state:s,stateid:s,country:s,zip:s,pin:s,creationdt:sec,customerstatus:s,salescontactid:s,langpref:s,totalreceipts:s,
		ispasswdexpired:flag,twofactorauth_enabled:flag,twofactorsmsauth_enabled:flag,twofactorgoogleauth_enabled:flag,
		isDominicanTaxConfiguredByParent:b,salespersonshash:{},indiangstenabled?:s,australiagstenabled?:s,newzealandgstenabled?:s,
		singaporegstenabled?:s,russiavatenabled?:s,indianservicetaxenabled?:s`
	customerRow = `{customer.customerid:id,customer.username:s,customer.name:s,customer.company:s,customer.city:s,customer.country:s,customer.telnocc:s,
		customer.telno:s,customer.resellerid:id,customer.customerstatus:s,customer.totalreceipts:money,customer.websitecount:id}`
	tokenKeys = "salesrepresentative:s,sellingcurrencysymbol:s,accountingcurrencysymbol:s,conversionrate:s,minreceiptrequire:s,fundthreshold:s"
	actionRow = "{entityid:id,entitytypeid:id,eaqid:id,actiontype:s,actiontypedesc:s,actionadded:sec,actionstarted:s,actioncompleted:s,actionstatus:s,actionstatusdesc:s}"
	done      = "{status:s}"

	failed    = "{response:{status:s,message:s,errorCode:s}}"
	succeeded = "{response:{status:s}}"

	tenures = "{1?:n,3?:n,6?:n,12?:n}"
	payKeys = "invoiceid:id,actiontype:s,actiontypedesc:s,eaqid:id,customerid:id,actionstatus:s,actionstatusdesc:s,sellingcurrencysymbol:s,sellingamount:money,unutilisedsellingamount:money"
)

// transactionDetails is row 3 of 12.1; of a reseller's own ledger there is no customer.
func transactionDetails(ofCustomer bool) string {
	party := func(name string) string {
		out := ""
		for _, k := range strings.Fields("name company address1 address2 address3 city state country zip telnocc telno emailaddr") {
			out += "," + name + "_" + k + ":s"
		}
		return out
	}
	customer := ""
	if ofCustomer {
		customer = ",customerid:id" + party("customer")
	}
	return `{transid:id,orderid:id,transactionkey:s,transactiondate:sec,type:s,description:s,key:s,timestamp:s,totalreceiptupdated:flag,
		invoicecancellationdate:s,paymentreminderdays:s,lastreminder:s,greedy:flag,isDescriptionModifiable:flag,parentkey:s` + customer + ",resellerid:id" +
		party("reseller") + ",sellingcurrencysymbol:s,sellingamount:money,sellingtaxamount:money}"
}

// transactionRow is 12.3 with the prefix of a table, which says whose ledger it is.
func transactionRow(table string) string {
	party, _, _ := strings.Cut(table, "_")
	return strings.NewReplacer("T.customerid", table+"."+party+"id", "T.", table+".").Replace(`{T.transid:id,T.transactiondate:sec,T.orderid:id,T.key:s,T.type:s,T.description:s,greedy:flag,T.customerid:id,
		T.sellingcurrencysymbol:s,T.sellingamount:money,T.unutilisedsellingamount:money,T.accountingcurrencysymbol:s,T.accountingamount:money,
		T.unutilisedaccountingamount:money,forexdiff:money}`)
}

const (
	businessDoc   = "Business Email"
	enterpriseDoc = "Enterprise Email"
	billingDoc    = "Mailboxes, customers, billing"
)

// contract lists every endpoint of the three documents and their siblings.
func contract() []endpoint {
	return slices.Concat(orderEndpoints(), mailEndpoints(), customerEndpoints(), actionEndpoints(), billingEndpoints(), productEndpoints(), resellerEndpoints(), restEndpoints())
}

func orderEndpoints() []endpoint {
	var out []endpoint
	for _, p := range []struct{ path, document, both string }{
		{"eelite/us", businessDoc, businessDoc}, {"enterpriseemail/us", "", enterpriseDoc}, {"enterpriseemail/in", "", enterpriseDoc},
	} {
		search := p.both
		if p.document != "" {
			search = "" // on another page for this product
		}
		base := "/api/" + p.path + "/"
		bought := []variant{{"with an invoice", invoiceMap}, {"NoInvoice", actionMap}}
		out = append(out,
			endpoint{"7.1", "POST", base + "add", p.document, bought},
			endpoint{"7.2", "POST", base + "renew", p.document, bought},
			endpoint{"7.3", "POST", base + "add-email-account", p.document,
				[]variant{{"PayInvoice, KeepInvoice", "{<id>:" + invoiceMap + "}"}, {"OnlyAdd", waitingMap}, {"NoInvoice", actionMap}}},
			endpoint{"7.4", "POST", base + "delete-email-account", p.document, one(actionMap)},
			endpoint{"7.5", "POST", base + "delete", p.both, one(actionMap)},
			endpoint{"7.6", "GET", base + "orderid", p.both, one("int")},
			endpoint{"7.7", "GET", base + "details", p.both, one(orderDetails)},
			endpoint{"7.8", "GET", base + "search", search, one("paged" + orderRow)},
			endpoint{"7.9", "GET", base + "dns-record", search, one(dnsRecords)},
		)
	}
	return out
}

func mailEndpoints() []endpoint {
	row := func(verb, path, shape string) endpoint {
		return endpoint{"9", verb, "/api/mail/" + path, "", one(shape)}
	}
	out := []endpoint{
		{"9", "POST", "/api/mail/user/add", billingDoc, one("{response:{status:s,user:" + mailUser + "}}")},
		{"9", "POST", "/api/mail/user/add-forward-only-account", billingDoc, one(succeeded)},
		row("GET", "user", "{response:{status:s,user:"+mailUser+"}}"),
		row("POST", "user/modify", succeeded),
		row("POST", "user/delete", succeeded),
		row("POST", "user/suspend", succeeded),
		row("POST", "user/unsuspend", succeeded),
		row("POST", "user/change-password", succeeded),
		row("POST", "user/reset-password", "{response:{status:s,data:s}}"),
		row("GET", "user/authenticate", "{response:{status:s,user:"+mailUser+"}}"),
		row("POST", "user/update-autoresponder", succeeded),
		row("POST", "user/add-admin-forwards", succeeded),
		row("POST", "user/delete-admin-forwards", succeeded),
		row("POST", "user/add-user-forwards", succeeded),
		row("POST", "user/delete-user-forwards", succeeded),
		{"9", "GET", "/api/mail/users/search", "", []variant{{"", "{response:{status:s,users:[" + mailUser + "]}}"}, {"nothing found", "{response:{status:s,message:s,users:[]}}"}}},
		row("GET", "users/no-of-users", "{response:{status:s,noOfMailAccounts:int,noOfForwardOnlyAccounts:int}}"),
		row("POST", "users/suspend", succeeded),
		row("POST", "users/unsuspend", succeeded),
		row("POST", "users/delete", succeeded),
		row("POST", "activate", succeeded),
		row("GET", "domain/catchall", "{response:{status:s,email:s}}"),
		row("POST", "domain/active-catchall", succeeded),
		row("POST", "domain/deactivate-catchall", succeeded),
		row("GET", "domain/dns-records", "{response:{status:s,records:"+dnsRecords+"}}"),
		row("GET", "domain/is-owernship-verified", "{response:{status:s,verified:b}}"),
		row("GET", "domain/is-ownership-verified", "{response:{status:s,verified:b}}"),
		row("POST", "domain/add-alias", succeeded),
		row("POST", "domain/delete-alias", succeeded),
		row("POST", "domain/update-notification-email", succeeded),
		row("GET", "mailinglists", failed),
		row("GET", "mailinglist/subscribers", failed),
	}
	for _, name := range []string{"add", "update", "add-subscribers", "delete-subscribers", "delete", "add-moderators", "delete-moderators"} {
		out = append(out, row("POST", "mailinglist/"+name, failed))
	}
	return out
}

func customerEndpoints() []endpoint {
	row := func(verb, path, shape string) endpoint {
		return endpoint{"10", verb, "/api/customers/" + path, "", one(shape)}
	}
	customer := "{" + customerKeys + "}"
	return []endpoint{
		{"10", "GET", "/api/customers/details-by-id", billingDoc, one(customer)},
		row("GET", "details", customer),
		row("POST", "signup", "int"),
		row("POST", "v2/signup", "int"),
		row("POST", "modify", "b"),
		row("GET", "search", "paged"+customerRow),
		row("POST", "change-password", "b"),
		row("POST", "v2/change-password", "b"),
		row("GET", "forgot-password", "b"),
		row("GET", "temp-password", "s"),
		row("GET", "generate-token", "s"),
		row("GET", "generate-login-token", "s"),
		row("GET", "authenticate-token", "{"+customerKeys+","+tokenKeys+"}"),
		row("GET", "authenticate-token-without-history", "{"+customerKeys+","+tokenKeys+"}"),
		row("POST", "v2/authenticate", customer),
		row("POST", "suspend", "b"),
		row("POST", "unsuspend", "b"),
		row("POST", "delete", "b"),
		row("GET", "list-all-orders", "paged"+orderRow),
	}
}

func actionEndpoints() []endpoint {
	return []endpoint{
		{"11", "POST", "/api/orders/suspend", "", one(actionMap)},
		{"11", "POST", "/api/orders/unsuspend", "", one(actionMap)},
		{"11", "GET", "/api/actions/search-current", "", one("paged" + actionRow)},
		{"11", "GET", "/api/actions/search-archived", "", one("paged" + actionRow)},
		{"11", "POST", "/api/products/move", "", one(done)},
		{"11", "GET", "/api/domains/orderid", "", one("int")},
	}
}

func billingEndpoints() []endpoint {
	row := func(verb, path, shape string) endpoint {
		return endpoint{"12.1", verb, "/api/billing/" + path, "", one(shape)}
	}
	customerRows, resellerRows := "paged"+transactionRow("customer_transaction"), "paged"+transactionRow("reseller_transaction")
	pay := "{<id>:{" + payKeys + "}}"
	out := []endpoint{
		{"12.1", "GET", "/api/billing/customer-transactions/search", billingDoc, one(customerRows)},
		{"12.1", "GET", "/api/billing/customer-archived-transactions/search", billingDoc, one(customerRows)},
		row("GET", "customer-transactions", "{<id>:"+transactionDetails(true)+"}"),
		row("GET", "reseller-transactions", "{<id>:"+transactionDetails(false)+"}"),
		row("GET", "customer-balance", "{currencysymbol:s,sellingcurrencybalance:n,sellingcurrencylockedbalance:n,totalsellingbalance:n,accountingcurrencybalance:n,accountingcurrencylockedbalance:n}"),
		row("GET", "reseller-balance", "{sellingcurrencysymbol:s,sellingcurrencybalance:n,sellingcurrencylockedbalance:n}"),
		row("POST", "add-customer-fund", "int"),
		row("POST", "add-reseller-fund", "int"),
		row("POST", "customer-pay", pay),
		row("POST", "execute-order-without-payment", "{<id>:{"+payKeys+",orderid:id,description:s}}"),
		row("POST", "customer-transactions/cancel", "{<id>:"+done+"}"),
		row("GET", "customer-greedy-transactions", customerRows),
		row("GET", "customer-balanced-transactions", customerRows),
		row("GET", "reseller-transactions/search", resellerRows),
		row("GET", "reseller-greedy-transactions", resellerRows),
		row("POST", "add-customer-debit-note", "int"),
		row("POST", "add-reseller-debit-note", "int"),
		row("POST", "add-customer-misc-invoice", "int"),
		row("POST", "add-reseller-misc-invoice", "int"),
		row("POST", "customer-processdiscount", "int"),
	}
	return out
}

func productEndpoints() []endpoint {
	const prices = "{<name>:{email_account_ranges?:{<slab>:{add?:{<id>:n},renew?:{<id>:n}}},plans?:{<id>:{add?:{<id>:n},renew?:{<id>:n}}}}}"
	const bands = `{hosting:{<name>:{<id>:{pricing?:{add:n,renew:n,ssl?:n},
		description:{no_of_mail_accounts:int,default:b,bandwidth?:int,webspace?:int,noofpages?:int}}}}}`
	row := func(path, shape string) endpoint {
		return endpoint{"13", "GET", "/api/products/" + path, "", one(shape)}
	}
	return []endpoint{
		{"13", "GET", "/api/products/customer-price", enterpriseDoc, one(prices)},
		{"13", "GET", "/api/products/reseller-price", enterpriseDoc, one(prices)},
		row("reseller-cost-price", prices),
		{"13", "GET", "/api/mock/products/reseller-price", enterpriseDoc, one(bands)},
		row("category-keys-mapping", "{hosting:[s],domorder:[]}"),
		row("plan-details", "{<name>:{<id>:{planid:id,plan_name:s,plan_type:s,storage_mb:id,is_free:flag}}}"),
		row("details", "{<name>:{productkey:s,name:s,category:s,entitytypeid:id,active:flag}}"),
	}
}

func resellerEndpoints() []endpoint {
	const details = `{resellerid:id,parentid:id,username:s,name:s,company:s,emailaddr:s,useremail:s,address1:s,address2:s,address3:s,city:s,state:s,stateid:s,
		country:s,zip:s,telnocc:s,telno:s,pin:s,creationdt:sec,resellerstatus:s,brandname:s,brandingurl:s,parentbrandingurl:s,suffixurl:s,supersite2url:s,
		partnersiteurl:s,sellingcurrencysymbol:s,accountingcurrencysymbol:s,parentsellingcurrencysymbol:s,conversionrate:s,totalreceipts:s,langpref:s,
		supportsautorenew:flag,salescontactid:s,fundthreshold:s,minimumaddfundamount:s,salesemail:s,salesphonecc:s,salesphone:s,billingemail:s,billingphonecc:s,
		billingphone:s,abuseemail:s,abusephonecc:s,abusephone:s,supportemail:s,supportphonecc:s,supportphone:s,isDominicanTaxConfiguredByParent:b,salespersonshash:{}}`
	const row = `{reseller.resellerid:id,reseller.username:s,reseller.name:s,reseller.company:s,reseller.city:s,reseller.country:s,reseller.telnocc:s,reseller.telno:s,
		reseller.parentid:id,reseller.resellerstatus:s,reseller.totalreceipts:money,reseller.sellingcurrencysymbol:s,reseller.creationdt:sec}`
	return []endpoint{
		{"14", "GET", "/api/resellers/details", "", one(details)},
		{"14", "GET", "/api/resellers/generate-login-token", "", one("s")},
		{"14", "GET", "/api/resellers/generate-token", "", one("s")},
		{"14", "GET", "/api/resellers/search", "", one("paged" + row)},
		{"14", "POST", "/api/resellers/signup", "", one("int")},
		{"14", "POST", "/api/resellers/modify-details", "", one("b")},
		{"14", "GET", "/api/resellers/authenticate-token", "", one(details)},
		{"14", "GET", "/api/resellers/temp-password", "", one("s")},
	}
}

func restEndpoints() []endpoint {
	base := "/restapi/product/{key}"
	return []endpoint{
		{"15", "POST", base + "/order", "", []variant{{"with an invoice", "{orderid:id," + actionKeys + "," + invoiceKeys + "}"}, {"NoInvoice", "{orderid:id," + actionKeys + "}"}}},
		{"15", "GET", base, "", one(`{orderid:id,entityid:id,domainname:s,customerid:id,currentstatus:s,noofaccounts:id,used_account_count:id,planid:id,plan_name:s,
			productkey:s,creationtime:sec,endtime:sec,is_free:b}`)},
		{"15", "PATCH", base + "/order/{id}/tenure/{months}", "", one(invoiceMap)},
		{"15", "PATCH", base + "/orders/{id}/seats/{n}", "", one(invoiceMap)},
		{"15", "PATCH", base + "/order/{id}/seats/{n}", "", one(invoiceMap)},
		{"15", "PATCH", base + "/order/{id}/plan/{planid}", "", one(invoiceMap)},
		{"15", "PATCH", base + "/order/{id}/suspend", "", one(actionMap)},
		{"15", "PATCH", base + "/order/{id}/unsuspend", "", one(actionMap)},
		{"15", "DELETE", base + "/order/{id}", "", one(actionMap)},
		{"15", "GET", base + "/order/{id}/sso-url", "", one("{sso_url:s,iframe_url:s}")},
	}
}
