package resellerclub

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What live clients depend on (section 18), request by request as they send it:
// over a socket, since a library would put right what they don't.

const actionNames = "eaqid actiontype actiontypedesc actionstatus actionstatusdesc entityid description status"

// libraries are the clients of section 18, each with a world of its own.
func libraries() map[string]func(*testing.T, *world) {
	return map[string]func(*testing.T, *world){
		"a PHP library": clientPHPLibrary, "the billing panel module": clientPanelModule, "typed Go clients": clientTyped, "a Python client": clientPython,
		"Node and Perl clients": clientNode, "PHP billing clients": clientBilling, "a mail add-on": clientMail, "a dashboard": clientDashboard,
	}
}

func TestLiveClients(t *testing.T) {
	t.Parallel()
	p := start(t)
	for name, run := range libraries() {
		t.Run(name, func(t *testing.T) { run(t, p.world(t, ".json")) })
	}
}

func clientPHPLibrary(t *testing.T, w *world) {
	w.newCustomer("jane")
	const invoice = " invoiceid sellingcurrencysymbol sellingamount unutilisedsellingamount customerid"
	o := w.keyed(w.php("eelite/us/add.json", "domain-name=shop.{tag}.example&customer-id={c}&months=1&no-of-accounts=2&invoice-option=PayInvoice"), actionNames+invoice)
	w.names["o"] = fmt.Sprint(o["entityid"])
	w.keyed(w.php("eelite/us/renew.json", "order-id={o}&months=1&no-of-accounts=0&invoice-option=PayInvoice"), actionNames+invoice)
	w.message(w.php("eelite/us/renew.json", "order-id={o}&months=1&no-of-accounts=0&invoice-option=PayInvoice"), 500, "Domain already renewed.")
	// One more level by the invoice's id, but for NoInvoice.
	for _, option := range []string{"PayInvoice", "KeepInvoice"} {
		var deep map[string]object
		w.decoded(w.php("eelite/us/add-email-account.json", "order-id={o}&no-of-accounts=1&invoice-option="+option), &deep)
		for id, in := range deep {
			if in["invoiceid"] != id {
				t.Errorf("%s: %v", id, in)
			}
		}
		if len(deep) != 1 {
			t.Errorf("%v", deep)
		}
	}
	w.keyed(w.php("eelite/us/add-email-account.json", "order-id={o}&no-of-accounts=1&invoice-option=NoInvoice"), actionNames)
	w.keyed(w.php("eelite/us/delete-email-account.json", "order-id={o}&no-of-accounts=1"), actionNames)
	w.message(w.php("eelite/us/delete-email-account.json", "order-id={o}&no-of-accounts=500"), 500, "You must have atleast ONE email account.")
	w.keyed(w.php("eelite/us/details.json", "order-id={o}"), `entityid orderid description domainname currentstatus productcategory productkey creationtime endtime isImmediateReseller
		parentkey customerid emailaccounts isOrderSuspendedUponExpiry orderSuspendedByParent allowdeletion eaqid paused isDeletionRequest recurring customercost resellercost
		currentOrderPrice orderstatus jumpConditions entitytypeid actioncompleted moneybackperiod`)

	box := "order-id={o}&email=john@shop.{tag}.example"
	var reply struct {
		Response struct {
			Status, ErrorCode, Data string
			User                    object
		}
	}
	mail := func(call, params, status, code string) {
		t.Helper()
		reply.Response.Status, reply.Response.ErrorCode = "", ""
		w.decoded(w.php("mail/user/"+call+".json", params), &reply)
		if reply.Response.Status != status || reply.Response.ErrorCode != code {
			t.Errorf("%s: %+v", call, reply.Response)
		}
	}
	add := box + "&passwd=Mail%21Box9word&notification-email=j@elsewhere.example&first-name=John&last-name=Doe&country-code=US&language-code=en"
	mail("add", add, "SUCCESS", "")
	mail("add", add, "FAILURE", "emailaddress_unique_key_voilation")
	mail("add-forward-only-account", "order-id={o}&email=sales@shop.{tag}.example&forwards=a@elsewhere.example", "SUCCESS", "")
	mail("modify", box+"&first-name=Jack", "SUCCESS", "")
	mail("reset-password", box, "SUCCESS", "")
	if reply.Response.Data == "" {
		t.Error("no new password")
	}
	mail("delete", box, "SUCCESS", "")
	mail("delete", box, "FAILURE", "emailaddress_does_not_exist")
	w.keyed(w.php("eelite/us/add-email-account.json", "order-id={o}&no-of-accounts=1&invoice-option=OnlyAdd"), "customercost eaqid customerid invoiceid")
	w.message(w.php("eelite/us/add-email-account.json", "order-id={o}&no-of-accounts=1&invoice-option=PayInvoice"), 500, "There is already an action pending on this Order.")
	w.message(w.php("eelite/us/delete.json", "order-id={o}"), 500, "There is already an action pending on this Order.")
}

func clientPanelModule(t *testing.T, w *world) {
	succeeded := func(r wire) {
		t.Helper()
		if o := w.keyed(r, "status"); strings.ToLower(fmt.Sprint(o["status"])) != "success" {
			t.Errorf("%s", r.body)
		}
	}
	me := w.keyed(w.get("resellers/details.json", ""), "resellerid brandingurl")
	if me["resellerid"] != w.names["root"] {
		t.Errorf("resellerid %v", me["resellerid"])
	}
	w.message(w.get("customers/details.json", "username=jane@{tag}.example"), 500, w.fill("Customer jane@{tag}.example not found"))
	w.newCustomer("jane")
	temp := ""
	w.decoded(w.get("customers/temp-password.json", "customer-id={c}"), &temp)
	w.names["temp"] = strings.NewReplacer("%", "%25", "&", "%26", "+", "%2B", "#", "%23").Replace(temp)
	token := ""
	if w.decoded(w.get("customers/generate-token.json", "username=jane@{tag}.example&passwd={temp}&ip=127.0.0.1"), &token); token == "" {
		t.Error("no token")
	}
	w.buy("shop")
	if id := w.bare(w.get("eelite/us/orderid.json", "domain-name=shop.{tag}.example")); id != w.names["o"] {
		t.Errorf("orderid %s", id)
	}
	succeeded(w.bodiless("eelite/us/renew.json", "order-id={o}&months=1&invoice-option=NoInvoice"))
	w.keyed(w.get("eelite/us/details.json", "order-id={o}"), "currentstatus endtime")
	var records []struct{ Type, Host, Value, Class string }
	if w.decoded(w.get("eelite/us/dns-record.json", "order-id={o}"), &records); len(records) < 5 || records[0].Value == "" {
		t.Errorf("%v", records)
	}
	succeeded(w.bodiless("orders/suspend.json", "order-id={o}&reason=late"))
	succeeded(w.bodiless("orders/unsuspend.json", "order-id={o}"))
	succeeded(w.bodiless("eelite/us/delete.json", "order-id={o}"))
}

func clientTyped(t *testing.T, w *world) {
	// A POST has an empty body and no content type.
	var id int64
	w.decoded(w.bodiless("customers/signup.json", "username=jane@{tag}.example"+signup), &id)
	w.names["c"] = strconv.FormatInt(id, 10)
	var c struct {
		CustomerID, Username, ResellerID, ParentID, Name, Company, UserEmail, TelNoCC, TelNo, Address1, Address2, City, State, Country, Zip, PIN, CreationDT,
		CustomerStatus, SalesContactID, LangPref, TotalReceipts, StateID, IsPasswdExpired string
		Other             string `json:"other_state"`
		TwoFactor         string `json:"twofactorauth_enabled"`
		TwoFactorSMS      string `json:"twofactorsmsauth_enabled"`
		TwoFactorGoogle   string `json:"twofactorgoogleauth_enabled"`
		Tax               bool   `json:"isDominicanTaxConfiguredByParent"`
		SalesPersonsHash  map[string]any
		IndianGSTEnabled  string
		RussiaVATEnabled  string
		AustraliaGST      string `json:"australiagstenabled"`
		IndianServiceTaxE string `json:"indianservicetaxenabled"`
	}
	w.decoded(w.get("customers/details-by-id.json", "customer-id={c}"), &c)
	if c.CustomerID != w.names["c"] || c.SalesPersonsHash == nil {
		t.Errorf("%+v", c)
	}
	var me map[string]json.RawMessage
	w.decoded(w.get("resellers/details.json", ""), &me)
	for k, v := range me {
		var s string
		var b bool
		var m map[string]any
		switch k {
		case "isDominicanTaxConfiguredByParent":
			w.decodes(k, v, &b)
		case "salespersonshash":
			w.decodes(k, v, &m)
		default:
			w.decodes(k, v, &s)
		}
	}
	w.decoded(w.bodiless("billing/add-reseller-fund.json", "reseller-id={child}&amount=5&description=Bank&transaction-type=credit&transaction-key=k&update-total-receipt=false"), &id)
	w.decoded(w.bodiless("billing/add-customer-fund.json", "customer-id={c}&amount=5&description=Bank&transaction-type=receipt&transaction-key=k&update-total-receipt=false"), &id)
	var balance struct {
		SellingCurrencySymbol                                string
		SellingCurrencyBalance, SellingCurrencyLockedBalance float64
	}
	if w.decoded(w.get("billing/reseller-balance.json", "reseller-id={child}"), &balance); balance.SellingCurrencyBalance != 5 || balance.SellingCurrencySymbol != "GBP" {
		t.Errorf("%+v", balance)
	}
	done := false
	if w.decoded(w.bodiless("customers/modify.json", "customer-id={c}&username=jane@{tag}.example&name=Ann&company=A&address-line-1=1&city=York&state=York&country=GB&zipcode=Y&phone-cc=44&phone=1904123456&lang-pref=en"), &done); !done {
		t.Error("not modified")
	}
	token := ""
	if w.decoded(w.get("customers/generate-login-token.json", "customer-id={c}&ip=127.0.0.1"), &token); token == "" {
		t.Error("no token")
	}
	r := w.get("customers/details-by-id.json", "customer-id=19999999")
	var e struct {
		Code    int
		Message string
	}
	if err := json.Unmarshal([]byte(r.body), &e); err != nil || r.status < 400 || !strings.HasPrefix(e.Message, "Invalid customer-id") {
		t.Errorf("%d %s %v", r.status, r.body, err)
	}
}

func (w *world) decodes(key string, v json.RawMessage, into any) {
	w.t.Helper()
	if err := json.Unmarshal(v, into); err != nil {
		w.t.Errorf("%s is %s: %v", key, v, err)
	}
}

func clientPython(t *testing.T, w *world) {
	w.newCustomer("jane")
	w.keyed(w.get("customers/details.json", "username=jane@{tag}.example"), `address1 city state country zip other_state twofactorauth_enabled twofactorsmsauth_enabled
		twofactorgoogleauth_enabled telnocc telno customerid username resellerid name company totalreceipts customerstatus langpref pin ispasswdexpired useremail
		creationdt salescontactid`)
	var page map[string]json.RawMessage
	w.decoded(w.get("customers/search.json", "no-of-records=10&page-no=1&username=jane@{tag}.example"), &page)
	for k, row := range page {
		if k == "recsonpage" || k == "recsindb" {
			continue
		}
		var o map[string]string
		w.decodes(k, row, &o)
		if len(o) != 12 || o["customer.customerid"] != w.names["c"] || o["customer.websitecount"] != "0" {
			t.Errorf("%s: %v", k, o)
		}
	}
	if len(page) != 3 {
		t.Errorf("%v", page)
	}
	r := w.get("customers/details.json", "username=none@{tag}.example")
	w.message(r, 500, w.fill("Customer none@{tag}.example not found"))
}

func clientNode(t *testing.T, w *world) {
	// Everything in the query of a POST without a content type, or with one that means nothing.
	w.newCustomer("jane")
	w.bare(w.bodiless("customers/signup.json", "username=kim@{tag}.example"+signup))
	w.bare(w.raw("POST /api/customers/signup.json?{auth}&username=lee@{tag}.example"+signup+version, "Content-Type: text/plain"))
	w.bare(w.raw("POST /api/customers/signup.json?{auth}&username=max@{tag}.example"+signup+version, "Content-Type: multipart/form-data"))
	w.bare(w.raw("POST /api/customers/signup.json?{auth}"+version, form, "", "username=eve@{tag}.example"+signup))
	w.bare(w.raw("POST /api/customers/signup.json?{auth}"+version, form, "", "{auth}&username=bob@{tag}.example"+signup))
	if r := w.bodiless("customers/change-password.json", "customer-id={c}&new-passwd=Secret%2312346"); r.status != 200 || !regexp.MustCompile(`^(true|false)$`).MatchString(r.body) {
		t.Errorf("%d %q", r.status, r.body)
	}
	w.buy("shop")
	w.bare(w.get("eelite/us/orderid.json", "domain-name=shop.{tag}.example"))
	if r := w.get("customers/details-by-id.json", "customer-id=19999999"); r.header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", r.header)
	}
	// The auth-password of old, and a wrong one.
	w.message(w.raw("GET /api/customers/details-by-id.json?auth-userid={root}&auth-password=wrong&customer-id={c}"+version), 403, "Access Denied: You are not authorized to perform this action")
	w.message(w.raw("GET /api/customers/details-by-id.json"+version), 500, "Required authentication parameter missing")
	w.message(w.raw("GET /api/customers/none.json"+version), 404, "Action not Found")
	w.message(w.get("customers/signup.json", "username=x@{tag}.example"), 500, "Invalid HTTP method. Use POST.")
}

func clientBilling(t *testing.T, w *world) {
	w.newCustomer("jane")
	w.buy("shop")
	for _, k := range []string{"i", "j", "d"} {
		call := "billing/add-customer-misc-invoice.json"
		if k == "d" {
			call = "billing/add-customer-debit-note.json"
		}
		w.names[k] = w.bare(w.php(call, "customer-id={c}&amount=5&description=Setup&transaction-key="+k))
	}
	var paid map[string]object
	w.decoded(w.php("billing/customer-pay.json", "invoice-ids={i}&invoice-ids={j}&debit-ids={d}"), &paid)
	for _, k := range []string{"i", "j", "d"} {
		if paid[w.names[k]]["unutilisedsellingamount"] != "0.000" {
			t.Errorf("%s of %v", w.names[k], paid)
		}
	}
	o := w.keyed(w.php("eelite/us/add-email-account.json", "order-id={o}&no-of-accounts=1&invoice-option=OnlyAdd"), "invoiceid")
	w.names["w"] = fmt.Sprint(o["invoiceid"])
	w.decoded(w.php("billing/execute-order-without-payment.json", "invoice-ids={w}&cancel-invoice=1"), &paid)
	if paid[w.names["w"]]["orderid"] != w.names["o"] {
		t.Errorf("%v", paid)
	}
	w.keyed(w.raw("POST /api/orders/suspend.json?{auth}&order-id={o}&reason=%E2%28%A1+100%;<b>"+version), "status")
	w.keyed(w.bodiless("orders/unsuspend.json", "order-id={o}"), "status")
}

func clientMail(t *testing.T, w *world) {
	w.newCustomer("jane")
	w.buy("shop")
	box := "order-id={o}&email=john@shop.{tag}.example"
	for _, c := range []struct {
		r    wire
		want string
	}{
		{w.bodiless("mail/activate.json", "order-id={o}"), "SUCCESS"},
		{w.bodiless("mail/user/add.json", box+"&passwd=Mail%21Box9word&notification-email=j@elsewhere.example&first-name=John&last-name=Doe&country-code=US&language-code=en"), "SUCCESS"},
		{w.get("mail/user.json", box), "SUCCESS"},
		{w.get("mail/users/search.json", "order-id={o}"), "SUCCESS"},
		{w.bodiless("mail/user/add-forward-only-account.json", "order-id={o}&email=sales@shop.{tag}.example&forwards=a@elsewhere.example,b@elsewhere.example"), "SUCCESS"},
		{w.bodiless("mail/user/delete.json", box), "SUCCESS"},
		{w.get("mail/user.json", box), "FAILURE"},
	} {
		var reply struct{ Response struct{ Status string } }
		if w.decoded(c.r, &reply); reply.Response.Status != c.want {
			t.Errorf("%s", c.r.body)
		}
	}
}

func clientDashboard(t *testing.T, w *world) {
	w.newCustomer("jane")
	headers := []string{form, "type: text", "enabled: true"}
	call := func(method, path, params string) object {
		t.Helper()
		r := w.raw(append([]string{method + " /restapi/product/titanmailglobal" + path + "?{auth}&" + params + version}, headers...)...)
		o := w.keyed(r, "")
		if _, failed := o["error"]; failed || o["status"] == "error" {
			t.Errorf("%s", r.body)
		}
		return o
	}
	number := func(v any) int {
		t.Helper()
		n, err := strconv.Atoi(fmt.Sprint(v))
		if err != nil {
			t.Error(err)
		}
		return n
	}
	made := call("POST", "/order", "domain-name=shop.{tag}.example&customer-id={c}&plan-id=1762&noOfMonths=1&invoice-option=PayInvoice&additional-param-json=%7B%22no_of_accounts%22%3A%225%22%7D")
	w.names["o"] = fmt.Sprint(made["orderid"])
	d := call("GET", "", "order-id={o}")
	if number(d["noofaccounts"]) != 5 || number(d["used_account_count"]) != 0 || d["is_free"] != false || number(d["endtime"]) < number(d["creationtime"]) {
		t.Errorf("%v", d)
	}
	call("PATCH", "/order/{o}/tenure/1", "invoice-option=PayInvoice&additional-info=%7B%22no_of_accounts%22%3A%222%22%7D")
	call("PATCH", "/orders/{o}/seats/2", "invoice-option=PayInvoice")
	call("PATCH", "/order/{o}/suspend", "reason=late")
	call("PATCH", "/order/{o}/unsuspend", "")
	// Form bodies are sent too.
	r := w.raw("PATCH /restapi/product/titanmailglobal/order/{o}/plan/1756?{auth}"+version, form, "", "noOfMonths=12&invoice-option=PayInvoice")
	if o := w.keyed(r, actionNames); o["actiontype"] != "ChangePlan" {
		t.Errorf("%s", r.body)
	}
	call("DELETE", "/order/{o}", "")
	r = w.raw("GET /restapi/product/titanmailglobal?{auth}&order-id=79999999" + version)
	var e struct{ Status, Error, Message string }
	if err := json.Unmarshal([]byte(r.body), &e); err != nil || r.status < 400 || e.Status != "error" || e.Error == "" || e.Error != e.Message {
		t.Errorf("%d %s %v", r.status, r.body, err)
	}
}
