package basekit

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/due"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/mailservice"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

// titan is a brand's key of the Titan dialect.
func titan(b brand) audit.Actor {
	return audit.Actor{PartnerID: b.id, Role: suspension.RolePartner, Name: "key:1"}
}

// domain is a mail order of a brand's, made in another dialect.
type domain struct {
	brand    brand
	name     string
	holder   int64
	order    int64
	ref      work.OrderRef
	mailbox  string // the path of its mailboxes
	services string // of its mail service
}

func (w *world) domain(b brand, name, customer string, seats int, pending bool) domain {
	w.t.Helper()
	var charged money.Amount
	expiry := start.AddDate(1, 0, 0).Truncate(24 * time.Hour)
	o, err := w.core.CreateMailOrder(w.t.Context(), titan(b), ordering.CreateMailOrder{Domain: name, Customer: work.CustomerProfile{CustomerID: customer},
		Plan: plan.Pro, Seats: &seats, Expiry: &expiry, Payment: billing.PaymentDetails{Charged: &charged}, AwaitingPayment: pending})
	if err != nil {
		w.t.Fatal(err)
	}
	return domain{brand: b, name: name, holder: o.CustomerID, order: o.OrderID, ref: work.OrderRef{ID: o.OrderID},
		mailbox: fmt.Sprintf("/users/%d/domains/%d/mailboxes", o.CustomerID, o.OrderID), services: fmt.Sprintf("/account-domains/mail-services/%d", o.OrderID)}
}

// begun gives a domain a mail service that is to be set up.
func (w *world) begun(d domain) {
	w.t.Helper()
	err := w.store.Write(w.t.Context(), func(tx work.Tx) error {
		return tx.PutMailService(w.t.Context(), mailservice.Started(d.order, d.brand.id, start))
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) setUp(d domain) {
	w.t.Helper()
	if err := w.core.RunDue(w.t.Context(), operator, due.Item{Kind: due.MailService, ObjectID: d.order}, nil); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) put(d domain, user, password string) reply {
	w.t.Helper()
	return w.call(d.brand, http.MethodPut, d.mailbox+"/"+user, object{"password": password})
}

// emails of a domain's list, with their status.
func (w *world) emails(d domain) []string {
	w.t.Helper()
	list, _ := w.want(w.call(d.brand, http.MethodGet, d.mailbox, nil), 200)["mailboxes"].([]any)
	out := []string{}
	for _, m := range list {
		row, _ := m.(map[string]any)
		out = append(out, fmt.Sprint(row["user"], " ", row["status"]))
	}
	return out
}

func (w *world) lists(d domain, want ...string) {
	w.t.Helper()
	if got := w.emails(d); !slices.Equal(got, want) {
		w.t.Errorf("%q, want %q", got, want)
	}
}

func TestMailboxes(t *testing.T) {
	w := newWorld(t)
	d := w.domain(w.ours, "example.com", "c-1", 5, false)
	other := w.domain(w.ours, "other.example", "c-1", 5, false)
	w.begun(other)
	w.golden("mailboxes-none", w.call(w.ours, http.MethodGet, d.mailbox, nil))
	r := w.put(d, "newuser", "password")
	w.want(r, 200)
	w.golden("mailbox-put", r)
	w.lists(d, "newuser@example.com active")
	if r := w.put(d, "NEWUSER", "password"); r.body != `{"mailbox":{"user":"newuser@example.com","status":"active"}}` {
		t.Errorf("%d %s", r.status, r.body)
	}
	w.want(w.put(d, "ann%40Example.com", "password"), 200) // a full address
	w.want(w.put(other, "zoe", "password"), 200)
	w.lists(other, "zoe@other.example pending")
	w.setUp(other)
	w.lists(other, "zoe@other.example active")
	w.hidden[fmt.Sprint(d.order)], w.hidden[fmt.Sprint(other.order)] = "1000001", "1000002"
	r = w.call(w.ours, http.MethodGet, fmt.Sprintf("/users/%d/domains/mailboxes", d.holder), nil)
	w.golden("domain-mailboxes", r)
	rows, _ := w.want(r, 200)["domainMailboxes"].([]any)
	for _, row := range rows {
		w.shape(row, map[string]string{"user": "string", "status": "string", "accountDomainRef": "integer", "domainName": "string"})
	}
	if len(rows) != 3 {
		t.Errorf("%d rows", len(rows))
	}
	r = w.call(w.ours, http.MethodGet, d.mailbox, nil)
	w.golden("mailboxes", r)
	rows, _ = w.want(r, 200)["mailboxes"].([]any)
	w.shape(rows[0], map[string]string{"user": "string", "status": "string"})

	w.want(w.send(w.ours, http.MethodDelete, d.mailbox+"/newuser", "application/json", ""), 204)
	w.wantError(w.call(w.ours, http.MethodDelete, d.mailbox+"/newuser", nil), 404, "", "")
	w.lists(d, "ann@example.com active")
	w.want(w.put(d, "newuser", "password"), 200) // its address was free at once
	w.lists(d, "ann@example.com active", "newuser@example.com active")

	r = w.send(w.ours, http.MethodPost, d.mailbox+"/newuser/login-tokens", "", "")
	token, _ := w.want(r, 200)["loginToken"].(string)
	if len(token) != 32 || strings.Trim(token, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
		t.Errorf("%q", token)
	}
	w.hidden[token] = "TOKEN"
	w.golden("login-token", r)
	w.wantError(w.call(w.ours, http.MethodPost, d.mailbox+"/nobody/login-tokens", nil), 404, "", "")
	if s, _, err := w.core.OpenMailboxSession(t.Context(), signin.OpenMailbox{Token: token}); err != nil || s.Account.Email() != "newuser@example.com" {
		t.Errorf("%+v, %v", s, err)
	}
	if strings.Contains(w.log.String(), token) {
		t.Error("the log has the token in it")
	}

	// By brand switch (B-04).
	on := true
	if _, err := w.core.ModifyShop(t.Context(), operator, packages.ModifyShop{PartnerID: w.ours.id, MailboxArray: &on}); err != nil {
		t.Fatal(err)
	}
	r = w.put(d, "array", "password")
	w.want(r, 200)
	w.golden("mailbox-put-array", r)
}

// shape wants exactly these keys, each of its JSON type.
func (w *world) shape(v any, want map[string]string) {
	w.t.Helper()
	row, _ := v.(map[string]any)
	if len(row) != len(want) {
		w.t.Errorf("%v has not the keys %v", row, want)
	}
	for key, kind := range want {
		is := "null"
		switch n := row[key].(type) {
		case string:
			is = "string"
		case float64:
			if n == float64(int64(n)) {
				is = "integer"
			}
		case bool:
			is = "boolean"
		}
		if _, sent := row[key]; !sent || is != kind {
			w.t.Errorf("%s is %s, want %s", key, is, kind)
		}
	}
}

func TestMailboxRules(t *testing.T) {
	w := newWorld(t)
	d := w.domain(w.ours, "example.com", "c-1", 2, false)
	w.want(w.put(d, "jane", "password"), 200)
	path := d.mailbox + "/new"
	for body, rule := range map[string]string{
		`{}`: ruleRequired, `{"password":null}`: ruleRequired, `{"password":""}`: ruleRequired, ``: ruleRequired, `{"Password":"password"}`: ruleRequired,
		`{"password":"123456"}`: ruleTooShort, `{"password":123456}`: ruleTooShort, `{"password":["password"]}`: ruleInvalid, `{"password":{"a":"password"}}`: ruleInvalid,
		`{"password":"pass\nword"}`: ruleInvalid, `{"password":"pass\u0000word"}`: ruleInvalid, `{"password":"` + strings.Repeat("a", 1025) + `"}`: ruleInvalid,
	} {
		w.wantError(w.send(w.ours, http.MethodPut, path, "application/json", body), 400, "password", rule)
	}
	for _, body := range []string{`[]`, `"password"`, `{"password":"password"`, `{"password":"password"}x`, "\xff"} {
		w.wantError(w.send(w.ours, http.MethodPut, path, "application/json", body), 400, "", "")
	}
	for _, user := range []string{
		"a%2Fb", "a%00b", "%C3%BCnal", "%22a%20b%22", "a%20b", "%20jane", strings.Repeat("a", 65), ".jane", "jane.", "ja..ne", "%2e", "%2e%2e", "@", "jane@", "@example.com",
		"jane@other.example", "jane@example.com@example.com", "a%25b", "a%FFb", "%3Cjane%3E", "a%0d%0ab", "jane@%5B1.2.3.4%5D", strings.Repeat("a", 4096),
	} {
		w.wantError(w.put(d, user, "password"), 400, "user", ruleInvalid)
		w.wantError(w.call(w.ours, http.MethodDelete, d.mailbox+"/"+user, nil), 404, "", "")
		w.wantError(w.call(w.ours, http.MethodPost, d.mailbox+"/"+user+"/login-tokens", nil), 404, "", "")
	}
	w.wantError(w.put(d, "a/b", "password"), 404, "", "")
	w.wantError(w.put(d, "", "password"), 404, "", "")
	w.lists(d, "jane@example.com active")

	// Sent as an old client does, with keys that nobody knows.
	w.want(w.send(w.ours, http.MethodPut, d.mailbox+"/jane", "application/x-www-form-urlencoded", "password=pass+word&beta=1"), 200)
	w.want(w.send(w.ours, http.MethodPut, d.mailbox+"/"+strings.Repeat("a", 64), "", `{"password":1234567,"metricsSource":"x"}`), 200)
	w.wantError(w.put(d, "third", "password"), 400, "user", ruleLimit)
	w.want(w.call(w.ours, http.MethodDelete, d.mailbox+"/"+strings.Repeat("A", 64), nil), 204)

	ctx := t.Context()
	jane := work.AccountRef{Order: d.ref, Email: "jane@example.com"}
	if err := w.core.AddEmailAlias(ctx, titan(w.ours), mailboxes.AddEmailAlias{Account: jane, Alias: "alias@example.com"}); err != nil {
		t.Fatal(err)
	}
	if err := w.core.CreateForwarder(ctx, titan(w.ours), routing.ForwarderMembers{Forwarder: work.ForwarderRef{Order: d.ref, Email: "team@example.com"}, Recipients: []string{"jane@example.com"}}); err != nil {
		t.Fatal(err)
	}
	w.wantError(w.put(d, "alias", "password"), 400, "user", ruleExists)
	w.wantError(w.put(d, "team", "password"), 400, "user", ruleExists)

	if _, err := w.core.SuspendEmailAccount(ctx, titan(w.ours), mailboxes.SuspendEmailAccount{Account: jane, Type: "x"}); err != nil {
		t.Fatal(err)
	}
	w.lists(d, "jane@example.com suspended")
	w.wantError(w.call(w.ours, http.MethodPost, d.mailbox+"/jane/login-tokens", nil), 403, "", "")
	if r := w.put(d, "jane", "another one"); !strings.Contains(r.body, `"status":"suspended"`) {
		t.Errorf("%s", r.body)
	}
	if _, err := w.core.SuspendMailOrder(ctx, titan(w.ours), ordering.SuspendMailOrder{Order: d.ref, Type: "x"}); err != nil {
		t.Fatal(err)
	}
	w.wantError(w.put(d, "jane", "password"), 400, "accountDomainRef", ruleNotAllow)
	w.wantError(w.call(w.ours, http.MethodPost, d.mailbox+"/jane/login-tokens", nil), 403, "", "")
	if _, err := w.core.DeleteMailOrder(ctx, titan(w.ours), ordering.DeleteMailOrder{Order: d.ref}); err != nil {
		t.Fatal(err)
	}
	w.wantError(w.put(d, "jane", "password"), 400, "accountDomainRef", ruleNotAllow)
	w.wantError(w.call(w.ours, http.MethodDelete, d.mailbox+"/jane", nil), 404, "", "")
	w.lists(d)
}

// TestMailboxesOfPendingDomain: those that are made meanwhile are Titan's accounts
// too, and work once the domain does.
func TestMailboxesOfPendingDomain(t *testing.T) {
	w := newWorld(t)
	d := w.domain(w.ours, "example.com", "c-1", 2, true)
	w.begun(d)
	w.want(w.put(d, "jane", "password"), 200)
	if r := w.put(d, "jane", "password"); !strings.Contains(r.body, `"status":"pending"`) {
		t.Errorf("%s", r.body)
	}
	w.lists(d, "jane@example.com pending")
	w.wantError(w.call(w.ours, http.MethodPost, d.mailbox+"/jane/login-tokens", nil), 400, "accountDomainRef", ruleNotAllow)
	if _, err := w.core.CreateEmailAccount(t.Context(), titan(w.ours), mailboxes.CreateEmailAccount{Order: d.ref, Email: "x@example.com"}); err == nil {
		t.Error("Titan takes accounts of pending orders")
	}
	if _, err := w.core.ReactivateMailOrder(t.Context(), titan(w.ours), d.ref); err != nil {
		t.Fatal(err)
	}
	w.lists(d, "jane@example.com pending")
	w.setUp(d)
	w.lists(d, "jane@example.com active")
	a, err := w.core.FetchEmailAccount(t.Context(), titan(w.ours), work.AccountRef{Order: d.ref, Email: "jane@example.com"})
	if err != nil || a.Status != "active" {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestMailboxTenants: what is another brand's, another holder's or of another
// domain answers as what nobody has.
func TestMailboxTenants(t *testing.T) {
	w := newWorld(t)
	d, mate, foreign := w.domain(w.ours, "example.com", "c-1", 5, false), w.domain(w.ours, "mate.example", "c-2", 5, false), w.domain(w.foreign, "foreign.example", "c-1", 5, false)
	sibling := w.domain(w.ours, "sibling.example", "c-1", 5, false)
	for _, one := range []domain{d, mate, foreign, sibling} {
		w.want(w.put(one, "jane", "password"), 200)
	}
	w.want(w.put(sibling, "only-there", "password"), 200)
	unknown := w.call(w.ours, http.MethodGet, fmt.Sprintf("/users/%d/domains/99/mailboxes", d.holder), nil)
	w.want(unknown, 404)
	refs := []string{}
	for _, holder := range []string{fmt.Sprint(d.holder), fmt.Sprint(mate.holder), fmt.Sprint(foreign.holder), "0", "-1", "x", "9223372036854775807", "99999999999999999999", "1.0", "01", "%2B1", "mailboxes"} {
		for _, domain := range []string{fmt.Sprint(d.order), fmt.Sprint(mate.order), fmt.Sprint(foreign.order), "0", "-1", "x", "9223372036854775807", "99999999999999999999", "%00", "mailboxes"} {
			if holder == fmt.Sprint(d.holder) && domain == fmt.Sprint(d.order) || holder == fmt.Sprint(mate.holder) && domain == fmt.Sprint(mate.order) {
				continue
			}
			refs = append(refs, "/users/"+holder+"/domains/"+domain+"/mailboxes")
		}
	}
	for _, path := range refs {
		for _, r := range []reply{
			w.call(w.ours, http.MethodGet, path, nil), w.call(w.ours, http.MethodPut, path+"/jane", object{"password": "password"}), w.call(w.ours, http.MethodDelete, path+"/jane", nil),
			w.call(w.ours, http.MethodPost, path+"/jane/login-tokens", nil),
		} {
			if r.status != 404 || r.body != unknown.body {
				t.Errorf("%s: %d %s", path, r.status, r.body)
			}
		}
	}
	for _, holder := range []string{fmt.Sprint(foreign.holder), "0", "x", "99"} {
		w.wantError(w.call(w.ours, http.MethodGet, "/users/"+holder+"/domains/mailboxes", nil), 404, "", "")
	}
	for _, m := range []string{http.MethodDelete, http.MethodPost} {
		path := d.mailbox + "/only-there"
		if m == http.MethodPost {
			path += "/login-tokens"
		}
		w.wantError(w.call(w.ours, m, path, nil), 404, "", "")
	}
	w.lists(mate, "jane@mate.example active")
	w.lists(foreign, "jane@foreign.example active")
	w.lists(sibling, "jane@sibling.example active", "only-there@sibling.example active")
	w.wantError(w.call(brand{}, http.MethodGet, d.mailbox, nil), 401, "", "")
	w.wantError(w.call(w.ours, http.MethodPost, d.mailbox, nil), 405, "", "")
}

func TestMailServices(t *testing.T) {
	w := newWorld(t)
	d, done, foreign := w.domain(w.ours, "example.com", "c-1", 5, false), w.domain(w.ours, "another.example", "c-2", 5, false), w.domain(w.foreign, "foreign.example", "c-1", 5, false)
	w.begun(d)
	w.hidden[fmt.Sprint(d.order)], w.hidden[fmt.Sprint(done.order)] = "1000001", "1000002"
	const all = "/account-domains/mail-services"
	worker := w.addUser(w.ours, partner.RightsOperator)
	r := w.call(w.ours, http.MethodGet, all, nil)
	w.golden("mail-services", r)
	rows, _ := w.want(r, 200)["mailServices"].([]any)
	w.shape(rows[0], map[string]string{"ref": "integer", "accountDomainRef": "integer", "domain": "string", "state": "string", "completionStatus": "string",
		"failureState": "null", "failureMessage": "null", "active": "string"})
	w.golden("mail-service", w.call(w.ours, http.MethodGet, d.services, nil))
	find := func(query string) string {
		t.Helper()
		var found struct{ MailServices []struct{ Domain string } }
		r := w.call(w.ours, http.MethodGet, all+query, nil)
		w.want(r, 200)
		if err := json.Unmarshal([]byte(r.body), &found); err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, m := range found.MailServices {
			out += m.Domain + " "
		}
		return out
	}
	for query, want := range map[string]string{
		"": "example.com another.example ", "?sortBy=domain": "another.example example.com ", "?sortBy=domain&sortOrder=desc": "example.com another.example ",
		"?state=new": "example.com ", "?completionStatus=success": "another.example ", "?completionStatus=failed": "", "?domain=EXAMPLE.com": "example.com ",
		"?domain=foreign.example": "", "?domain=%00": "", "?limit=1": "example.com ", "?limit=1&offset=1": "another.example ", "?offset=5": "",
	} {
		if got := find(query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for query, field := range map[string]string{
		"?state=x": "state", "?completionStatus=x": "completionStatus", "?sortBy=x": "sortBy", "?sortOrder=x": "sortOrder", "?limit=0": "limit", "?limit=x": "limit", "?offset=-1": "offset",
	} {
		w.wantError(w.call(w.ours, http.MethodGet, all+query, nil), 400, field, ruleInvalid)
	}

	report := object{"state": "dns", "completionStatus": "failed", "failureMessage": "No zone", "active": "0"}
	w.wantError(w.call(w.ours, http.MethodPut, d.services, report), 403, "", "")
	w.wantError(w.call(w.addUser(w.ours, partner.RightsAdministrator), http.MethodPut, d.services, report), 403, "", "")
	w.want(w.put(d, "jane", "password"), 200)
	r = w.call(worker, http.MethodPut, d.services, report)
	w.golden("mail-service-failed", r)
	rows, _ = w.want(r, 200)["mailServices"].([]any)
	w.shape(rows[0], map[string]string{"ref": "integer", "accountDomainRef": "integer", "domain": "string", "state": "string", "completionStatus": "string",
		"failureState": "string", "failureMessage": "string", "active": "string"})
	w.lists(d, "jane@example.com failed")
	for body, field := range map[string]string{
		`{"state":"x"}`: "state", `{"completionStatus":1}`: "completionStatus", `{"failureState":"x"}`: "failureState", `{"failureMessage":"a\u0000"}`: "failureMessage",
		`{"failureMessage":{}}`: "failureMessage", `{"active":"2"}`: "active", `{"active":1}`: "active", `{"state":[]}`: "state", `{"state":"new","completionStatus":"success"}`: "completionStatus",
	} {
		w.wantError(w.send(worker, http.MethodPut, d.services, "application/json", body), 400, field, ruleInvalid)
	}
	w.want(w.send(worker, http.MethodPut, d.services, "", ""), 200) // says nothing
	w.lists(d, "jane@example.com failed")
	w.want(w.call(worker, http.MethodPut, d.services, object{"completionStatus": "success", "failureMessage": nil, "active": 1}), 200)
	w.lists(d, "jane@example.com active")
	for _, path := range []string{foreign.services, all + "/0", all + "/x", all + "/99999999999999999999", all + "/99"} {
		w.wantError(w.call(w.ours, http.MethodGet, path, nil), 404, "", "")
		w.wantError(w.call(worker, http.MethodPut, path, report), 404, "", "")
	}
}
