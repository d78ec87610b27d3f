package resellerclub

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/customers"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
)

// keysOf14 are the keys that a typed client knows.
var keysOf14 = strings.Fields(`resellerid parentid username name company emailaddr useremail address1 city state stateid country zip telnocc telno pin creationdt
	resellerstatus brandname brandingurl parentbrandingurl suffixurl supersite2url partnersiteurl sellingcurrencysymbol accountingcurrencysymbol
	parentsellingcurrencysymbol conversionrate totalreceipts langpref supportsautorenew salescontactid fundthreshold minimumaddfundamount
	salesemail billingemail abuseemail supportemail salesphone billingphone abusephone supportphone`)

func TestResellerDetails(t *testing.T) {
	w := newWorld(t)
	if _, err := w.core.ModifyReseller(t.Context(), operator, reselling.ModifyReseller{ResellerID: w.child.id, Profile: &reseller.Profile{
		Name: "Ünï <b>", Company: "Child & Co", Country: "GB", City: "Leeds", Phone: "201", PhoneCC: "44", Brand: "Brand", BrandURL: "https://panel.child.example",
		Additional: map[string]string{"supportemail": "help@child.example"},
	}}); err != nil {
		t.Fatal(err)
	}
	r := w.goldenRead("resellers/details", w.child, "resellers/details")
	o := w.object(r)
	for _, k := range keysOf14 {
		if _, ok := o[k].(string); !ok {
			t.Errorf("%s is %v", k, o[k])
		}
	}
	if _, ok := o["isDominicanTaxConfiguredByParent"].(bool); !ok {
		t.Error(o["isDominicanTaxConfiguredByParent"])
	}
	if m, ok := o["salespersonshash"].(map[string]any); !ok || len(m) != 0 {
		t.Error(o["salespersonshash"])
	}
	if o["resellerid"] != strconv.FormatInt(w.child.id, 10) || o["brandingurl"] != "panel.child.example" {
		t.Error(r.body)
	}
	w.goldenRead("resellers/details_root", w.root, "resellers/details", "reseller-id", w.root.id)
	if got := w.object(w.get(w.root, "resellers/details.json", "reseller-id", w.grandchild.id)); got["parentid"] != strconv.FormatInt(w.child.id, 10) || got["parentbrandingurl"] != "panel.child.example" {
		t.Error(got)
	}
	for _, c := range []struct {
		s  seller
		id any
	}{{w.child, w.root.id}, {w.child, w.sibling.id}, {w.child, w.foreign.id}, {w.grandchild, w.child.id}, {w.foreign, w.child.id}, {w.child, 424242}, {w.child, -1}} {
		for _, path := range []string{"resellers/details.json", "resellers/temp-password.json"} {
			w.refused(w.get(c.s, path, "reseller-id", c.id), 500, fmt.Sprintf("Invalid reseller-id: %v", c.id))
		}
		w.refused(w.get(c.s, "resellers/generate-login-token.json", "reseller-id", c.id, "ip", "192.0.2.1"), 500, fmt.Sprintf("Invalid reseller-id: %v", c.id))
		w.refused(w.post(c.s, "resellers/modify-details.json", "reseller-id", c.id, "name", "Mine"), 500, fmt.Sprintf("Invalid reseller-id: %v", c.id))
	}
	if found := w.object(w.get(w.child, "resellers/details.json")); found["name"] != "Ünï <b>" {
		t.Error(found["name"])
	}
}

// TestResellerTokens: who knows the password of the caller's reseller, or of one
// below it, gets a token; everything else is one answer, which may be had five times.
func TestResellerTokens(t *testing.T) {
	w := newWorld(t)
	signUp := func(s seller, name string) string {
		var id json.Number
		if err := json.Unmarshal([]byte(w.ok(w.post(s, "resellers/signup.json", "username", name, "passwd", "Pass-Word9!", "name", "New", "company", "New Ltd", "address-line-1", "1 St",
			"city", "Leeds", "state", "Leeds", "country", "GB", "zipcode", "L1", "phone-cc", "44", "phone", "1132000000", "lang-pref", "en"))), &id); err != nil {
			t.Fatal(err)
		}
		return id.String()
	}
	mine := signUp(w.child, "Mine@example.org")
	signUp(w.sibling, "theirs@example.org")
	signUp(w.foreign, "foreign@example.org")
	try := func(s seller, name, password string) reply {
		return w.get(s, "resellers/generate-token.json", "username", name, "passwd", password, "ip", "192.0.2.1")
	}
	take := func(r reply) string {
		t.Helper()
		var raw string
		if err := json.Unmarshal([]byte(w.ok(r)), &raw); err != nil || len(raw) != 32 {
			t.Fatal(r.body, err)
		}
		return raw
	}
	token := take(try(w.child, "mine@example.org", "Pass-Word9!"))
	if got := w.object(w.get(w.child, "resellers/authenticate-token.json", "token", token)); got["resellerid"] != mine {
		t.Error(got)
	}
	token = take(try(w.root, "MINE@example.org", "Pass-Word9!")) // from above too
	w.clock.Advance(120 * time.Second)
	w.refused(w.get(w.root, "resellers/authenticate-token.json", "token", token), 500, "{token=token is invalid}")
	const wrong = "The user name or the password is wrong"
	for _, name := range []string{"theirs@example.org", "foreign@example.org", "nobody@example.org", "no address"} {
		w.refused(try(w.child, name, "Pass-Word9!"), 500, wrong)
	}
	w.refused(w.get(w.child, "resellers/generate-token.json", "username", "mine@example.org"), 500, "{passwd=passwd must not be blank, ip=ip must not be blank}")
	w.refused(w.get(w.child, "resellers/generate-token.json", "username", "mine@example.org", "passwd", "Pass-Word9!", "ip", "nowhere"), 500, "{ip=ip is invalid}")
	for range customers.MaxLoginAttempts {
		w.refused(try(w.child, "mine@example.org", "Pass-Word8!"), 500, wrong)
	}
	w.refused(try(w.child, "mine@example.org", "Pass-Word9!"), 500, wrong) // barred
	w.clock.Advance(16 * time.Minute)
	token = take(try(w.child, "mine@example.org", "Pass-Word9!"))
	if strings.Contains(w.log.String(), token) || strings.Contains(w.log.String(), "Pass-Word") {
		t.Error("the log has a secret")
	}
}

func TestResellerLogins(t *testing.T) {
	w := newWorld(t)
	token := w.get(w.child, "resellers/generate-login-token.json", "reseller-id", w.grandchild.id, "ip", "192.0.2.1")
	var raw string
	if err := json.Unmarshal([]byte(w.ok(token)), &raw); err != nil || len(raw) != 32 {
		t.Fatal(token.body, err)
	}
	w.hidden[raw] = "TOKEN"
	w.golden("resellers/token", token)
	w.refused(w.get(w.sibling, "resellers/authenticate-token.json", "token", raw), 500, "{token=token is invalid}")
	if got := w.object(w.get(w.child, "resellers/authenticate-token.json", "token", raw)); got["resellerid"] != strconv.FormatInt(w.grandchild.id, 10) {
		t.Error(got)
	}
	w.refused(w.get(w.child, "resellers/authenticate-token.json", "token", raw), 500, "{token=token is invalid}")
	w.refused(w.get(w.child, "resellers/generate-login-token.json"), 500, "{reseller-id=reseller-id must not be blank, ip=ip must not be blank}")
	w.refused(w.get(w.child, "resellers/generate-login-token.json", "reseller-id", w.child.id, "ip", "nowhere"), 500, "{ip=ip is invalid}")

	var password string
	if err := json.Unmarshal([]byte(w.ok(w.get(w.child, "resellers/temp-password.json", "reseller-id", w.grandchild.id))), &password); err != nil {
		t.Fatal(err)
	}
	r := w.send("GET", fmt.Sprintf("/api/resellers/details.json?auth-userid=%d&auth-password=%s", w.grandchild.id, strings.ReplaceAll(password, "!", "%21")), "", "")
	if w.object(r)["resellerid"] != strconv.FormatInt(w.grandchild.id, 10) {
		t.Error(r)
	}
	if strings.Contains(w.log.String(), password) || strings.Contains(w.log.String(), raw) {
		t.Error("the log has a secret")
	}
}

func TestResellerSearch(t *testing.T) {
	w := newWorld(t)
	w.goldenRead("resellers/search", w.child, "resellers/search", "no-of-records", 10, "page-no", 1)
	w.goldenRead("resellers/search_empty", w.child, "resellers/search", "no-of-records", 10, "page-no", 1, "username", "none@x.example")
	counts := func(s seller, recs, total string, pairs ...any) {
		t.Helper()
		o := w.object(w.get(s, "resellers/search.json", append([]any{"no-of-records", 2, "page-no", 1}, pairs...)...))
		if o["recsonpage"] != recs || o["recsindb"] != total {
			t.Errorf("%v: %v", pairs, o)
		}
	}
	counts(w.root, "2", "4")
	counts(w.root, "2", "4", "page-no", 2)
	counts(w.root, "0", "4", "page-no", 3)
	counts(w.root, "1", "1", "reseller-id", w.sibling.id, "reseller-id", w.foreign.id)
	counts(w.root, "2", "2", "parent-id", w.root.id)
	counts(w.root, "1", "1", "company", "SIBLING%")
	counts(w.root, "0", "0", "status", "Suspended")
	counts(w.grandchild, "1", "1")
	counts(w.child, "0", "0", "reseller-id", w.root.id)
	for _, bad := range []struct{ name, value, text string }{
		{"page-no", "0", "{page-no=page-no is invalid}"}, {"no-of-records", "1000000000", "{no-of-records=no-of-records is invalid}"},
		{"status", "active; DROP TABLE reseller", "{status=status is invalid}"}, {"creation-date-start", "yesterday", "{creation-date-start=creation-date-start is invalid}"},
		{"reseller-id", "x", "{reseller-id=reseller-id is invalid}"},
	} {
		pairs := map[string]string{"no-of-records": "10", "page-no": "1"}
		pairs[bad.name] = bad.value
		var list []any
		for k, v := range pairs {
			list = append(list, k, v)
		}
		w.refused(w.get(w.root, "resellers/search.json", list...), 500, bad.text)
	}
}

func TestResellerSignup(t *testing.T) {
	w := newWorld(t)
	r := w.post(w.child, "resellers/signup.json", signup("New@Sub.example", "selling-currency-symbol", "INR", "supportemail", "help@sub.example")...)
	id := w.bare(r)
	w.golden("resellers/signup", r)
	w.goldenRead("resellers/details_signed_up", w.child, "resellers/details", "reseller-id", id)
	c, err := w.core.AuthenticateResellerPassword(t.Context(), id, "Pass-Word9!", netip.MustParseAddr("192.0.2.1"))
	if err != nil || c.Reseller.ParentID != w.child.id || c.Reseller.Username != "new@sub.example" {
		t.Fatal(c, err)
	}
	if d, err := w.core.ShowReseller(t.Context(), operator, id); err != nil || len(d.Keys) != 0 {
		t.Errorf("a key that nobody was told: %+v, %v", d, err)
	}
	w.refused(w.post(w.sibling, "resellers/signup.json", signup("new@sub.example")...), 500, "{username=username already exists}")
	w.refused(w.post(w.child, "resellers/signup.json", signup("no address")...), 500, "{username=username is invalid}")
	w.refused(w.post(w.child, "resellers/signup.json", signup("b@sub.example", "passwd", "short")...), 500, "{passwd=passwd is invalid}")
	w.refused(w.post(w.child, "resellers/signup.json", signup("b@sub.example", "country", "Atlantis")...), 500, "{country=country is invalid}")
	w.refused(w.post(w.child, "resellers/signup.json", signup("b@sub.example", "accounting-currency-symbol", "USD")...), 500, "{conversion-rate=conversion-rate is invalid}")
	w.refused(w.post(w.child, "resellers/signup.json", without(signup("b@sub.example"), "company")...), 500, "{company=company must not be blank}")
	w.refused(w.get(w.child, "resellers/signup.json", signup("b@sub.example")...), 500, "Invalid HTTP method. Use POST.")

	sub := seller{id: id}
	change := w.post(w.child, "resellers/modify-details.json", "reseller-id", id, "city", "Pune", "phone", "999")
	w.golden("resellers/true", change)
	got := w.object(w.get(w.child, "resellers/details.json", "reseller-id", sub.id))
	if got["city"] != "Pune" || got["telno"] != "999" || got["name"] != "Jane Doe" || got["supportemail"] != "help@sub.example" {
		t.Error(got)
	}
	if w.ok(w.post(w.child, "resellers/modify-details.json", "city", "York")) != "true" || w.object(w.get(w.child, "resellers/details.json"))["city"] != "York" {
		t.Error("its own")
	}
	w.refused(w.post(w.child, "resellers/modify-details.json", "username", "sibling@resellers.example"), 500, "{username=username already exists}")
}
