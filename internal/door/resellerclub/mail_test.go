package resellerclub

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/product"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

// partnerActor is how the other dialects act for the partner.
func (w *world) partnerActor() audit.Actor {
	return audit.Actor{PartnerID: w.partner, Role: suspension.RolePartner, Name: "key:1", RequestID: "titan"}
}

// mailOrder makes an order of a reseller's customer without billing.
func (w *world) mailOrder(s seller, domain string, seats int) int64 {
	w.t.Helper()
	customerID := w.newCustomer(s, "owner@"+domain)
	partner := w.partner
	if s == w.foreign {
		partner = w.otherPartner
	}
	charged, _ := money.Parse("1.00")
	expiry := start.AddDate(1, 0, 0)
	o, err := w.core.CreateMailOrder(w.t.Context(), audit.Actor{PartnerID: partner, Role: suspension.RolePartner, Name: "key:1"}, ordering.CreateMailOrder{
		Domain: domain, Customer: work.CustomerProfile{CustomerID: "rc owner@" + domain}, Plan: plan.Pro, Seats: &seats, Expiry: &expiry,
		Payment: billing.PaymentDetails{Charged: &charged, TxnID: "txn " + domain},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.store.Write(w.t.Context(), func(tx work.Tx) error {
		row, err := tx.Order(w.t.Context(), o.OrderID)
		if err != nil {
			return err
		}
		if row.CustomerID != customerID {
			return fmt.Errorf("the order is customer %d's, not %d's", row.CustomerID, customerID)
		}
		row.ProductKey = product.BusinessEmail
		return tx.UpdateOrder(w.t.Context(), row)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return o.OrderID
}

// mailbox makes one through the API.
func (w *world) mailbox(s seller, order int64, email string) reply {
	w.t.Helper()
	r := w.post(s, "mail/user/add.json", "order-id", order, "email", email, "passwd", "pw-secret-1", "notification-email", "jane@elsewhere.example",
		"first-name", "Jane", "last-name", "Doe", "country-code", "GB", "language-code", "en")
	w.ok(r)
	return r
}

// branded gives the partner hosts and pages.
func (w *world) branded() {
	w.t.Helper()
	b := brand.Brand{Name: "Us", PanelURL: "https://panel.us.example", WebmailURL: "https://webmail.us.example", MX: []string{"mx1.us.example", "mx2.us.example"}, SPFInclude: "spf.us.example"}
	if _, err := w.core.SetBrand(w.t.Context(), operator, tenancy.SetBrand{PartnerID: w.partner, Brand: b}); err != nil {
		w.t.Fatal(err)
	}
}

// events counts the events of each type.
func (w *world) events() map[string]int {
	out := map[string]int{}
	for _, e := range w.store.AllEvents() {
		out[string(e.Type)]++
	}
	return out
}

func TestMailUserShapes(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.MailHost = "mail.platform.example" })
	o := w.mailOrder(w.child, "d.example", 5)
	w.branded()
	w.clock.Advance(1230 * time.Millisecond)
	w.golden("mail/user_add", w.mailbox(w.child, o, "Jane.Doe@d.example"))
	r := w.goldenRead("mail/user", w.child, "mail/user", "order-id", o, "email", "jane.doe@d.example")
	var got struct {
		Response struct {
			Status string
			User   map[string]any
		}
	}
	if err := json.Unmarshal([]byte(r.body), &got); err != nil {
		t.Fatal(err)
	}
	// Section 9.1: the type of every value.
	kinds := map[string]string{}
	for k, v := range got.Response.User {
		kinds[k] = fmt.Sprintf("%T", v)
	}
	for _, k := range strings.Fields(`emailAddress domainName firstName lastName alternateEmailAddress internalForwards adminForwards userForwards status
		accountType countryCode languageCode createdOn configurationProfile`) {
		if kinds[k] != "string" {
			t.Errorf("%s is %s", k, kinds[k])
		}
		delete(kinds, k)
	}
	for _, k := range strings.Fields("quotaLimit quotaUsed percentageQuotaUsage") {
		if kinds[k] != "float64" {
			t.Errorf("%s is %s", k, kinds[k])
		}
		delete(kinds, k)
	}
	for _, k := range strings.Fields("popAccessEnabled imapAccessEnabled webmailAccessEnabled canFooterOptout revertBlacklistRequestExists") {
		if kinds[k] != "bool" {
			t.Errorf("%s is %s", k, kinds[k])
		}
		delete(kinds, k)
	}
	if len(kinds) != 1 || kinds["accountSettings"] != "map[string]interface {}" {
		t.Errorf("besides: %v", kinds)
	}
	if created := got.Response.User["createdOn"]; created != "2026-11-22 10:00:01.230 GMT" {
		t.Error(created)
	}

	w.golden("mail/success", w.post(w.child, "mail/user/modify.json", "order-id", o, "email", "jane.doe@d.example", "first-name", "Janet", "notification-email", "",
		"last-name", "", "tracking", "x"))
	w.golden("mail/user_modified", w.get(w.child, "mail/user.json", "order-id", o, "email", "jane.doe@d.example"))
	w.ok(w.post(w.child, "mail/user/suspend.json", "order-id", o, "email", "jane.doe@d.example"))
	w.ok(w.post(w.child, "mail/user/suspend.json", "order-id", o, "email", "jane.doe@d.example")) // again
	w.golden("mail/user_suspended", w.get(w.child, "mail/user.json", "order-id", o, "email", "jane.doe@d.example"))
	w.ok(w.post(w.child, "mail/user/unsuspend.json", "order-id", o, "email", "jane.doe@d.example"))

	w.mailbox(w.child, o, "kim@d.example")
	w.goldenRead("mail/users_search", w.child, "mail/users/search", "order-id", o)
	w.goldenRead("mail/users_search_nobody", w.child, "mail/users/search", "order-id", o, "email", "nobody@d.example")
	w.goldenRead("mail/no_of_users", w.child, "mail/users/no-of-users", "order-id", o)
	w.goldenRead("mail/authenticate", w.child, "mail/user/authenticate", "order-id", o, "email", "kim@d.example", "passwd", "pw-secret-1")
	reset := w.post(w.child, "mail/user/reset-password.json", "order-id", o, "email", "kim@d.example")
	password := w.object(reset)["response"].(map[string]any)["data"].(string)
	w.hidden[password] = "<password>"
	w.golden("mail/reset_password", reset)
	if len(password) < 12 {
		t.Error(password)
	}
	w.ok(w.post(w.child, "mail/user/change-password.json", "order-id", o, "email", "kim@d.example", "old-passwd", password, "new-passwd", "pw-secret-2"))
	w.failure(w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", "kim@d.example", "passwd", password), "incorrect_password", "The password is incorrect")
	w.ok(w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", "kim@d.example", "passwd", "pw-secret-2"))

	w.goldenRead("mail/catchall_off", w.child, "mail/domain/catchall", "order-id", o)
	w.ok(w.post(w.child, "mail/domain/active-catchall.json", "order-id", o, "email", "kim@d.example"))
	w.goldenRead("mail/catchall", w.child, "mail/domain/catchall", "order-id", o)
	w.ok(w.post(w.child, "mail/domain/deactivate-catchall.json", "order-id", o))
	w.goldenRead("mail/catchall_off", w.child, "mail/domain/catchall", "order-id", o)
	w.ok(w.post(w.child, "mail/activate.json", "order-id", o))
	w.ok(w.post(w.child, "mail/domain/update-notification-email.json", "order-id", o, "notification-email", "ops@elsewhere.example"))
	w.goldenRead("mail/ownership", w.child, "mail/domain/is-owernship-verified", "order-id", o)
	w.goldenRead("mail/ownership", w.child, "mail/domain/is-ownership-verified", "order-id", o)

	w.ok(w.post(w.child, "mail/user/delete.json", "order-id", o, "email", "kim@d.example"))
	gone := w.get(w.child, "mail/user.json", "order-id", o, "email", "kim@d.example")
	w.failure(gone, "emailaddress_does_not_exist", "Email address kim@d.example does not exist")
	w.golden("mail/failure", gone)
	w.compare("mail/failure.xml", w.get(w.child, "mail/user.xml", "order-id", o, "email", "kim@d.example").body)

	for _, secret := range []string{"pw-secret", password} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log has a password:\n%s", w.log)
		}
		for _, e := range w.store.AllEvents() {
			if strings.Contains(string(e.Data), secret) {
				t.Errorf("an event has a password: %s", e.Data)
			}
		}
		for _, r := range w.store.AllRecords() {
			if strings.Contains(string(r.Detail), secret) {
				t.Errorf("the audit log has a password: %s", r.Detail)
			}
		}
	}
}

func TestMailDNSRecords(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.MailHost = "mail.platform.example" })
	o := w.mailOrder(w.child, "d.example", 5)
	w.branded()
	r := w.get(w.child, "mail/domain/dns-records.json", "order-id", o)
	records := w.object(r)["response"].(map[string]any)["records"].([]any)
	kinds := map[string]int{}
	for _, x := range records {
		x := x.(map[string]any)
		if len(x) != 4 || x["class"] != "IN" || !strings.HasSuffix(x["host"].(string), "d.example") || x["value"] == "" {
			t.Errorf("%v", x)
		}
		kinds[x["type"].(string)]++
		if strings.Contains(x["host"].(string), "_domainkey") {
			w.hidden[x["value"].(string)] = "key of " + x["host"].(string)
		}
	}
	if kinds["CNAME"] != 4 || kinds["TXT"] < 2 {
		t.Errorf("%v", kinds)
	}
	w.goldenRead("mail/dns_records", w.child, "mail/domain/dns-records", "order-id", o)
}

// Every refusal with a code of its own, and what is a platform error instead.
func TestMailFailures(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 2)
	w.mailbox(w.child, o, "jane@d.example")
	add := func(pairs ...any) reply {
		all := map[string]any{"order-id": o, "email": "new@d.example", "passwd": "pw-secret-1", "notification-email": "x@elsewhere.example", "first-name": "A",
			"last-name": "B", "country-code": "GB", "language-code": "en"}
		for i := 0; i < len(pairs); i += 2 {
			all[pairs[i].(string)] = pairs[i+1]
		}
		var sent []any
		for k, v := range all {
			sent = append(sent, k, v)
		}
		return w.post(w.child, "mail/user/add.json", sent...)
	}
	w.failure(add("email", "jane@d.example"), "emailaddress_unique_key_voilation", "Email address is already registered with us")
	w.failure(add("email", "JANE@D.example", "first-name", "Jane", "last-name", "Doe"), "emailaddress_unique_key_voilation", "Email address is already registered with us")
	w.failure(add("email", "jane@other.example"), "domain_mismatch", "Email address jane@other.example is not of the domain of this order")
	w.failure(add("email", "a b@d.example"), "invalid_email_address", "Email address a b@d.example is not valid")
	w.failure(add("email", "jane"), "invalid_email_address", "Email address jane is not valid")
	w.failure(add("email", "jane@münchen.example"), "domain_mismatch", "Email address jane@münchen.example is not of the domain of this order")
	w.failure(add("email", "jané@d.example"), "invalid_email_address", "Email address jané@d.example is not valid")
	w.failure(add("notification-email", "nowhere"), "invalid_email_address", "Email address nowhere is not valid")
	w.failure(add("passwd", "short"), "invalid_password", "The password is shorter than 8 characters")
	w.failure(add("passwd", strings.Repeat("x", 2000)), "invalid_password", "The password is too long")
	w.refused(add("passwd", ""), 500, "{passwd=passwd must not be blank}")
	w.refused(add("passwd", "      "), 500, "{passwd=passwd must not be blank}")
	w.refused(add("passwd", "pw\x00secret"), 500, "{passwd=passwd is invalid}")
	w.refused(add("country-code", "GBR"), 500, "{country-code=The country is not a two-letter code}")
	w.refused(add("language-code", "klingon!"), 500, "{language-code=The language is not a known code}")
	w.refused(add("first-name", strings.Repeat("x", 300)), 500, "{first-name=The first name is longer than 255 bytes}")
	w.refused(add("order-id", 99), 500, "No Entity found for Entityid: 99")
	w.refused(add("order-id", "x"), 500, "{order-id=order-id is invalid}")
	w.refused(add("order-id", "", "email", ""), 500, "{order-id=order-id must not be blank, email=email must not be blank}")

	w.ok(add("email", "plus+tag@d.example"))
	w.failure(add("email", "third@d.example"), "max_users_limit_exceeded", "The number of email accounts of this order is used up")

	auth := func(email, password string) reply {
		return w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", email, "passwd", password)
	}
	w.failure(auth("jane@d.example", "wrong"), "incorrect_password", "The password is incorrect")
	w.failure(auth("nobody@d.example", "wrong"), "incorrect_password", "The password is incorrect")
	change := func(old, fresh string) reply {
		return w.post(w.child, "mail/user/change-password.json", "order-id", o, "email", "jane@d.example", "old-passwd", old, "new-passwd", fresh)
	}
	w.failure(change("wrong", "pw-secret-2"), "incorrect_password", "The password is incorrect")
	w.failure(change("pw-secret-1", "short"), "invalid_password", "The password is shorter than 8 characters")
	for _, path := range []string{"mail/user/modify", "mail/user/delete", "mail/user/suspend", "mail/user/unsuspend", "mail/user/reset-password", "mail/domain/active-catchall"} {
		w.failure(w.post(w.child, path+".json", "order-id", o, "email", "nobody@d.example"), "emailaddress_does_not_exist", "Email address nobody@d.example does not exist")
		w.failure(w.post(w.child, path+".json", "order-id", o, "email", "nobody@other.example"), "domain_mismatch",
			"Email address nobody@other.example is not of the domain of this order")
	}
	for _, path := range []string{"mail/mailinglists", "mail/mailinglist/subscribers", "mail/mailinglist/add", "mail/mailinglist/update", "mail/mailinglist/add-subscribers",
		"mail/mailinglist/delete-subscribers", "mail/mailinglist/delete", "mail/mailinglist/add-moderators", "mail/mailinglist/delete-moderators"} {
		w.failure(w.post(w.child, path+".json", "order-id", o, "list-address", "list@d.example"), "feature_not_available", "Mailing lists are not available")
		w.refused(w.post(w.child, path+".json", "order-id", 99), 500, "No Entity found for Entityid: 99")
	}
}
