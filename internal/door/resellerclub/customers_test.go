package resellerclub

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
)

// signup are the parameters of a sign-up; further pairs replace or add.
func signup(username string, further ...any) []any {
	pairs := []any{
		"username", username, "passwd", "Pass-Word9!", "name", "Jane Doe", "company", "Doe Ltd", "address-line-1", "1 High St", "city", "London",
		"state", "London", "country", "GB", "zipcode", "N1 1AA", "phone-cc", "44", "phone", "2012345678", "lang-pref", "en",
	}
	for i := 0; i+1 < len(further); i += 2 {
		at := slices.Index(pairs, further[i])
		if at < 0 {
			pairs = append(pairs, further[i], further[i+1])
		} else {
			pairs[at+1] = further[i+1]
		}
	}
	return pairs
}

// without drops a parameter.
func without(pairs []any, name string) []any {
	at := slices.Index(pairs, any(name))
	return slices.Delete(slices.Clone(pairs), at, at+2)
}

// customer signs one up.
func (w *world) customer(s seller, username string, further ...any) int64 {
	w.t.Helper()
	return w.bare(w.post(s, "customers/signup.json", signup(username, further...)...))
}

func (w *world) hide(r reply, key, name string) {
	w.t.Helper()
	if v, ok := w.object(r)[key].(string); ok && v != "" {
		w.hidden[`"`+v+`"`] = `"` + name + `"`
		w.hidden["<string>"+v+"</string>"] = "<string>" + name + "</string>"
	}
}

// live10_1 are the keys that a live client fails without.
var live10_1 = strings.Fields(`address1 city state country zip other_state twofactorauth_enabled twofactorsmsauth_enabled twofactorgoogleauth_enabled
	telnocc telno customerid username resellerid name company totalreceipts customerstatus langpref pin ispasswdexpired useremail creationdt salescontactid`)

func TestCustomerDetails(t *testing.T) {
	w := newWorld(t)
	id := w.customer(w.child, "Jane@Example.org")
	if id < 10000000 || id > 99999999 {
		t.Errorf("customer id %d", id)
	}
	r := w.get(w.child, "customers/details-by-id.json", "customer-id", id)
	w.hide(r, "pin", "4821")
	w.goldenRead("customers/details_by_id", w.child, "customers/details-by-id", "customer-id", id)
	w.goldenRead("customers/details", w.child, "customers/details", "username", "JANE@example.org")
	o := w.object(r)
	for _, key := range live10_1 {
		if _, ok := o[key].(string); !ok {
			t.Errorf("%s is %v", key, o[key])
		}
	}
	for _, key := range []string{"address2", "address3"} {
		if _, ok := o[key]; ok {
			t.Errorf("%s is sent though it is empty", key)
		}
	}
	if !regexp.MustCompile(`^[0-9]{4}$`).MatchString(fmt.Sprint(o["pin"])) {
		t.Errorf("pin %v", o["pin"])
	}
	full := w.customer(w.child, "full@example.org", "address-line-2", "Floor 2", "address-line-3", "Door <3> & \"4\"", "state", "Not Applicable",
		"other-state", "Elsewhere", "phone-cc", "+44", "mobile", "1", "sms-consent", "true", "sales-contact-id", "", "lang-pref", "de", "unknown", "x")
	w.hide(w.get(w.child, "customers/details-by-id.json", "customer-id", full), "pin", "4821")
	w.goldenRead("customers/details_full", w.child, "customers/details-by-id", "customer-id", full)
}

func TestSignup(t *testing.T) {
	w := newWorld(t)
	for i, send := range []func(seller, string, ...any) reply{w.post, w.postQuery} {
		for j, path := range []string{"customers/signup", "customers/v2/signup"} {
			name := fmt.Sprintf("c%d%d@example.org", i, j)
			r := send(w.child, path+".json", signup(name)...)
			if !regexp.MustCompile(`^[0-9]{8}$`).MatchString(r.body) {
				t.Errorf("%s: %d %q", path, r.status, r.body)
			}
			w.refused(send(w.child, path+".json", signup(strings.ToUpper(name))...), 500, "{username=username already exists}")
		}
	}
	w.golden("customers/signup", reply{200, "10004822", nil})
	w.refused(w.get(w.child, "customers/signup.json", signup("x@example.org")...), 500, "Invalid HTTP method. Use POST.")
	w.refused(w.post(w.sibling, "customers/signup.json", signup("c00@example.org")...), 500, "{username=username already exists}")
	w.bare(w.post(w.foreign, "customers/signup.json", signup("c00@example.org")...)) // another partner's names are its own
	for _, p := range signupParams() {
		if !p.required {
			continue
		}
		for _, pairs := range [][]any{without(signup("new@example.org"), p.name), signup("new@example.org", p.name, " ")} {
			w.refused(w.post(w.child, "customers/signup.json", pairs...), 500, fmt.Sprintf("{%s=%s must not be blank}", p.name, p.name))
		}
	}
	w.refused(w.post(w.child, "customers/signup.json", signup("new@example.org", "name", "", "city", "")...), 500,
		"{name=name must not be blank, city=city must not be blank}")
	w.refused(w.post(w.child, "customers/signup.json", signup("new@example.org", "state", "Not Applicable")...), 500,
		"{other-state=other-state must not be blank}")
}

func TestSignupBadInput(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("x", 300)
	for name, c := range map[string]struct{ param, value string }{
		"no address":            {"username", "jane"},
		"two addresses":         {"username", "a@example.org,b@example.org"},
		"no domain":             {"username", "jane@"},
		"header injection":      {"username", "jane@example.org\r\nBcc: x@example.org"},
		"the platform's names":  {"username", "customer-10000001@unset.invalid"},
		"NUL":                   {"name", "a\x00b"},
		"no UTF-8":              {"name", "a\xffb"},
		"long name":             {"name", long},
		"long company":          {"company", long},
		"long address":          {"address-line-1", long},
		"long second line":      {"address-line-2", long},
		"line break":            {"city", "Lon\ndon"},
		"country of three":      {"country", "GBR"},
		"country by number":     {"country", "44"},
		"phone of letters":      {"phone", "call me"},
		"country code":          {"phone-cc", "abc"},
		"language":              {"lang-pref", "../../etc/passwd"},
		"long zip":              {"zipcode", long},
		"long VAT id":           {"vat-id", long},
		"password without four": {"passwd", "passwordpassword"},
		"password too short":    {"passwd", "Pass9!aa"},
		"password too long":     {"passwd", "Pass9!" + strings.Repeat("a", 59)},
		"password with NUL":     {"passwd", "Pass9!\x00aaaaa"},
		"password with a tab":   {"passwd", "Pass9!\taaaaa"},
	} {
		r := w.post(w.child, "customers/signup.json", signup("new@example.org", c.param, c.value)...)
		if want := fmt.Sprintf("{%s=%s is invalid}", c.param, c.param); r.status != 500 || !strings.Contains(r.body, want) {
			t.Errorf("%s: %d %s, want %s", name, r.status, r.body, want)
		}
	}
	for _, pw := range []string{"Pass9!aaa", "Pass9!" + strings.Repeat("a", 58), "Ünter-Pass9!", "a b C 1 {} &<>\"'"} {
		w.customer(w.child, fmt.Sprintf("ok%d@example.org", len(pw)), "passwd", pw)
	}
	if n := strings.Count(w.log.String(), "Pass9"); n > 0 {
		t.Errorf("%d passwords in the log", n)
	}
	// Entities and markup are text, in XML as well.
	id := w.customer(w.child, "xml@example.org", "name", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;`, "company", "]]> customer. & Co")
	w.hide(w.get(w.child, "customers/details-by-id.json", "customer-id", id), "pin", "4821")
	w.goldenRead("customers/details_markup", w.child, "customers/details-by-id", "customer-id", id)
	// A search takes 500 customers, whatever was sent.
	many := []any{"no-of-records", 10, "page-no", 1}
	for i := range 10000 {
		many = append(many, "customer-id", 10000000+i)
	}
	if r := w.post(w.child, "customers/search.json", many...); r.status == 200 {
		t.Errorf("10,000 customer-ids: %d", r.status)
	}
}

func TestCustomerUnknown(t *testing.T) {
	w := newWorld(t)
	own := w.customer(w.child, "own@example.org")
	w.core.DeleteCustomer(t.Context(), w.actorOf(w.child), w.customer(w.child, "gone@example.org"))
	others := []int64{w.customer(w.root, "parent@example.org"), w.customer(w.sibling, "sibling@example.org"), w.customer(w.foreign, "foreign@example.org"),
		own + 1, 10000099, 0, -1, 9223372036854775807}
	names := []string{"parent@example.org", "sibling@example.org", "foreign@example.org", "gone@example.org", "nobody@example.org", "'; DROP TABLE customer; --"}
	calls := map[string]func(id int64) reply{
		"details-by-id": func(id int64) reply { return w.get(w.child, "customers/details-by-id.json", "customer-id", id) },
		"modify": func(id int64) reply {
			return w.post(w.child, "customers/modify.json", signup("n@example.org", "customer-id", id)...)
		},
		"change-password": func(id int64) reply {
			return w.post(w.child, "customers/change-password.json", "customer-id", id, "new-passwd", "New-Pass9!")
		},
		"v2/change-password": func(id int64) reply {
			return w.post(w.child, "customers/v2/change-password.json", "customer-id", id, "new-passwd", "New-Pass9!")
		},
		"temp-password": func(id int64) reply { return w.get(w.child, "customers/temp-password.json", "customer-id", id) },
		"generate-login-token": func(id int64) reply {
			return w.get(w.child, "customers/generate-login-token.json", "customer-id", id, "ip", "192.0.2.1")
		},
		"suspend":   func(id int64) reply { return w.post(w.child, "customers/suspend.json", "customer-id", id) },
		"unsuspend": func(id int64) reply { return w.post(w.child, "customers/unsuspend.json", "customer-id", id) },
		"delete":    func(id int64) reply { return w.post(w.child, "customers/delete.json", "customer-id", id) },
	}
	for name, call := range calls {
		for _, id := range others {
			if r := call(id); r.status != 500 || !strings.Contains(r.body, fmt.Sprintf(`"message":"Invalid customer-id: %d"`, id)) {
				t.Errorf("%s of %d: %d %s", name, id, r.status, r.body)
			}
		}
	}
	for _, name := range names {
		for _, path := range []string{"customers/details.json", "customers/forgot-password.json"} {
			w.refused(w.get(w.child, path, "username", name), 500, "Customer "+name+" not found")
		}
	}
	// Those above see those below.
	if got := w.object(w.get(w.root, "customers/details-by-id.json", "customer-id", own))["resellerid"]; got != fmt.Sprint(w.child.id) {
		t.Errorf("the parent sees %v", got)
	}
	w.refused(w.get(w.grandchild, "customers/details-by-id.json", "customer-id", own), 500, fmt.Sprintf("Invalid customer-id: %d", own))
	w.refused(w.get(w.child, "customers/details-by-id.json", "customer-id", "1 OR 1=1"), 500, "{customer-id=customer-id is invalid}")
	w.refused(w.get(w.child, "customers/details.json", "username", strings.Repeat("x", 1000)), 500, "{username=username is invalid}")
}

func TestCustomerModify(t *testing.T) {
	w := newWorld(t)
	id, other := w.customer(w.child, "a@example.org", "vat-id", "GB1"), w.customer(w.child, "b@example.org")
	r := w.post(w.child, "customers/modify.json", signup("c@example.org", "customer-id", id, "name", "New", "indian-gst-id", "22AAAAA", "address-line-2", "x")...)
	if r.body != "true" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	w.golden("customers/true", r)
	d, err := w.core.CustomerByID(t.Context(), w.actorOf(w.child), id)
	if err != nil || d.Username != "c@example.org" || d.Email != "c@example.org" || d.Name != "New" || d.Contact.VATID != "GB1" || d.Contact.Additional["indian-gst-id"] != "22AAAAA" {
		t.Errorf("%v %+v", err, d.Customer)
	}
	w.refused(w.post(w.child, "customers/modify.json", signup("b@example.org", "customer-id", id)...), 500, "{username=username already exists}")
	w.refused(w.post(w.child, "customers/modify.json", without(signup("b@example.org", "customer-id", other), "city")...), 500, "{city=city must not be blank}")
	w.refused(w.post(w.child, "customers/modify.json", signup("b@example.org", "customer-id", other, "country", "?")...), 500, "{country=country is invalid}")
	if r := w.post(w.child, "customers/modify.xml", signup("b@example.org", "customer-id", other)...); r.body != "<boolean>true</boolean>" {
		t.Errorf("%s", r.body)
	}
}

func TestCustomerDelete(t *testing.T) {
	w := newWorld(t)
	order := w.mailOrder(w.child, "shop.example", 1)
	d, err := w.core.CustomerByUsername(t.Context(), w.actorOf(w.child), "owner@shop.example")
	if err != nil {
		t.Fatal(err)
	}
	w.refused(w.post(w.child, "customers/delete.json", "customer-id", d.ID), 500, "You are not allowed to perform this action")
	if _, err := w.core.DeleteMailOrder(t.Context(), w.partnerActor(), ordering.DeleteMailOrder{Order: work.OrderRef{ID: order}}); err != nil {
		t.Fatal(err)
	}
	if r := w.post(w.child, "customers/delete.json", "customer-id", d.ID); r.body != "true" {
		t.Errorf("%d %s", r.status, r.body)
	}
	w.refused(w.post(w.child, "customers/delete.json", "customer-id", d.ID), 500, fmt.Sprintf("Invalid customer-id: %d", d.ID))
	w.customer(w.child, "owner@shop.example") // the name is free
	if _, err := w.core.ReactivateMailOrder(t.Context(), w.partnerActor(), work.OrderRef{ID: order}); err == nil {
		t.Error("an order of a customer that is no more came back")
	}
}

func TestCustomerOrders(t *testing.T) {
	w := newWorld(t)
	order := w.mailOrder(w.grandchild, "shop.example", 1)
	d, err := w.core.CustomerByUsername(t.Context(), w.actorOf(w.root), "owner@shop.example")
	if err != nil {
		t.Fatal(err)
	}
	w.mailOrder(w.grandchild, "other.example", 1) // another customer's
	w.goldenRead("customers/orders", w.grandchild, "customers/list-all-orders", "customer-id", d.ID)
	for pairs, want := range map[[2]any]string{
		{"status", "Active"}: "1", {"status", "Deleted"}: "0", {"page-no", 2}: "0", {"no-of-records", 1}: "1", {"sub", "x"}: "1",
	} {
		o := w.object(w.get(w.root, "customers/list-all-orders.json", "customer-id", d.ID, pairs[0], pairs[1])) // reached from above
		if o["recsonpage"] != want {
			t.Errorf("%v: %v", pairs, o)
		}
	}
	if o := w.object(w.get(w.child, "customers/list-all-orders.json", "customer-id", d.ID)); o["1"].(map[string]any)["orders.orderid"] != fmt.Sprint(order) {
		t.Errorf("%v", o)
	}
	for pairs, text := range map[[2]any]string{
		{"no-of-records", 501}: "{no-of-records=no-of-records is invalid}", {"page-no", 0}: "{page-no=page-no is invalid}", {"status", "x"}: "{status=status is invalid}",
	} {
		w.refused(w.get(w.child, "customers/list-all-orders.json", "customer-id", d.ID, pairs[0], pairs[1]), 500, text)
	}
	w.refused(w.get(w.sibling, "customers/list-all-orders.json", "customer-id", d.ID), 500, fmt.Sprintf("Invalid customer-id: %d", d.ID))
}

// A customer made in the Titan dialect has every key, and what is changed
// here shows there.
func TestCustomerOfTitan(t *testing.T) {
	w := newWorld(t)
	bare := w.titanCustomer("bare", "")
	mailed := w.titanCustomer("mailed", "Kim@Example.org")
	w.goldenRead("customers/details_titan", w.root, "customers/details-by-id", "customer-id", bare)
	w.goldenRead("customers/details_titan_named", w.root, "customers/details", "username", "kim@example.ORG")
	unset := fmt.Sprintf("customer-%d@unset.invalid", bare)
	if got := w.object(w.get(w.root, "customers/details.json", "username", unset))["customerid"]; got != fmt.Sprint(bare) {
		t.Errorf("found %v", got)
	}
	w.refused(w.get(w.child, "customers/details.json", "username", unset), 500, "Customer "+unset+" not found") // it is the root's
	w.refused(w.post(w.root, "customers/signup.json", signup("kim@example.org")...), 500, "{username=username already exists}")
	w.ok(w.post(w.root, "customers/modify.json", signup(unset, "customer-id", bare, "name", "Named")...))
	w.ok(w.post(w.root, "customers/modify.json", signup("kim@example.org", "customer-id", mailed)...))
	for id, want := range map[int64]string{bare: unset, mailed: "kim@example.org"} {
		if got := w.object(w.get(w.root, "customers/details-by-id.json", "customer-id", id))["username"]; got != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
	w.refused(w.post(w.root, "customers/modify.json", signup(unset, "customer-id", mailed)...), 500, "{username=username is invalid}")
	o := w.object(w.get(w.root, "customers/search.json", "no-of-records", 10, "page-no", 1))
	if o["recsindb"] != "2" {
		t.Errorf("%v", o)
	}
}

// Whatever is sent as a user name is a fault of section 4.
func FuzzCustomerName(f *testing.F) {
	w := newWorld(f)
	w.customer(w.child, "jane@example.org")
	f.Add("jane@example.org")
	f.Add("customer-10000001@unset.invalid")
	f.Add("customer-99999999999999999999@unset.invalid")
	f.Add("%\x00'\"\\")
	f.Fuzz(func(t *testing.T, name string) {
		inner := *w
		inner.t = t
		r := inner.send(http.MethodGet, "/api/customers/details.json?"+w.child.with(nil)+"&username="+url.QueryEscape(name), "", "")
		if r.status != 200 && r.status != 500 {
			t.Errorf("%d %s", r.status, r.body)
		}
		if strings.Contains(r.body, textUnexpected) {
			t.Errorf("%q: %s", name, r.body)
		}
	})
}

func (w *world) actorOf(s seller) audit.Actor {
	w.t.Helper()
	c, err := w.core.AuthenticateReseller(w.t.Context(), s.id, s.key, netip.MustParseAddr("192.0.2.9"))
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Actor
}

// titanCustomer is one that came with an order of the Titan dialect, and gives its number.
func (w *world) titanCustomer(id, email string) int64 {
	w.t.Helper()
	seats := 1
	o, err := w.core.CreateMailOrder(w.t.Context(), w.partnerActor(), ordering.CreateMailOrder{
		Domain: id + ".example", Customer: work.CustomerProfile{CustomerID: id, Email: email}, Plan: plan.Free, Seats: &seats,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return o.CustomerID
}
