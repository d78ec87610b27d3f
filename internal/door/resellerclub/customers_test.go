package resellerclub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
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

func TestCustomerSearch(t *testing.T) {
	w := newWorld(t)
	w.goldenRead("customers/search_empty", w.child, "customers/search", "no-of-records", 10, "page-no", 1)
	var ids []int64
	for i := range 12 {
		ids = append(ids, w.customer(w.child, fmt.Sprintf("c%02d@example.org", i), "name", fmt.Sprintf("Name %d", i), "city", []string{"Rome", "Oslo"}[i%2]))
	}
	below, sibling := w.customer(w.grandchild, "below@example.org"), w.customer(w.sibling, "sibling@example.org")
	w.goldenRead("customers/search", w.child, "customers/search", "no-of-records", 10, "page-no", 2)
	find := func(s seller, pairs ...any) (all []string) {
		t.Helper()
		o := w.object(w.get(s, "customers/search.json", append([]any{"no-of-records", 500, "page-no", 1}, pairs...)...))
		n := 0
		for i := 1; ; i++ {
			row, ok := o[fmt.Sprint(i)].(map[string]any)
			if !ok {
				break
			}
			if len(row) != 12 {
				t.Errorf("a row of %d: %v", len(row), row)
			}
			n++
			all = append(all, strings.TrimSuffix(fmt.Sprint(row["customer.username"]), "@example.org"))
		}
		if len(o) != n+2 || o["recsonpage"] != fmt.Sprint(n) || o["recsindb"] != fmt.Sprint(n) {
			t.Errorf("%v: %d rows, %v of %v, %d keys", pairs, n, o["recsonpage"], o["recsindb"], len(o))
		}
		return all
	}
	unix := func(d time.Duration) int64 { return start.Add(d).Unix() }
	w.clock.Advance(time.Hour)
	late := w.customer(w.child, "late@example.org")
	if err := w.core.SuspendCustomer(t.Context(), w.actorOf(w.child), ids[3], ""); err != nil {
		t.Fatal(err)
	}
	if err := w.core.DeleteCustomer(t.Context(), w.actorOf(w.child), ids[4]); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pairs []any
		want  string
	}{
		"username":          {[]any{"username", "C05@example.org"}, "c05"},
		"usernames":         {[]any{"username", "c0%"}, "c00 c01 c02 c03 c05 c06 c07 c08 c09"},
		"no wildcards else": {[]any{"username", "c0_@example.org"}, ""},
		"name":              {[]any{"name", "name 7"}, "c07"},
		"name and city":     {[]any{"name", "name 7", "city", "Rome"}, ""},
		"city":              {[]any{"city", "oslo", "username", "c1%"}, "c11"},
		"company and state": {[]any{"company", "doe ltd", "state", "LONDON", "name", "name 1%"}, "c01 c10 c11"},
		"suspended":         {[]any{"status", "Suspended"}, "c03"},
		"deleted":           {[]any{"status", "Deleted"}, "c04"},
		"two states":        {[]any{"status", "Deleted", "status", "Suspended"}, "c03 c04"},
		"ids":               {[]any{"customer-id", ids[1], "customer-id", ids[2], "customer-id", sibling}, "c01 c02"},
		"id below":          {[]any{"customer-id", below}, "below"},
		"ids in brackets":   {[]any{"customer-id[0]", ids[1], "customer-id[]", ids[2]}, "c01 c02"},
		"reseller below":    {[]any{"reseller-id", w.grandchild.id}, "below"},
		"sibling":           {[]any{"reseller-id", w.sibling.id}, ""},
		"sibling's":         {[]any{"customer-id", sibling}, ""},
		"parent":            {[]any{"reseller-id", w.root.id}, ""},
		"nobody's reseller": {[]any{"reseller-id", 0}, ""},
		"created after":     {[]any{"creation-date-start", unix(0)}, "late"},
		"strictly":          {[]any{"creation-date-start", unix(time.Hour)}, ""},
		"created before":    {[]any{"creation-date-end", unix(time.Hour), "username", "c00%"}, "c00"},
		"receipts":          {[]any{"total-receipt-start", "0.001"}, ""},
		"receipts up to":    {[]any{"total-receipt-end", "10", "customer-id", late}, "late"},
		"SQL":               {[]any{"name", "' OR '1'='1"}, ""},
	} {
		if got := strings.Join(find(w.child, c.pairs...), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := strings.Join(find(w.root, "reseller-id", w.grandchild.id, "reseller-id", w.sibling.id), " "); got != "below sibling" {
		t.Errorf("the root finds %q", got)
	}
	for pairs, text := range map[[2]any]string{
		{"no-of-records", 9}:                     "{no-of-records=no-of-records is invalid}",
		{"no-of-records", 501}:                   "{no-of-records=no-of-records is invalid}",
		{"no-of-records", 1000000000}:            "{no-of-records=no-of-records is invalid}",
		{"no-of-records", "ten"}:                 "{no-of-records=no-of-records is invalid}",
		{"no-of-records", ""}:                    "{no-of-records=no-of-records must not be blank}",
		{"page-no", 0}:                           "{page-no=page-no is invalid}",
		{"page-no", -1}:                          "{page-no=page-no is invalid}",
		{"page-no", "99999999999999999999"}:      "{page-no=page-no is invalid}",
		{"status", "active"}:                     "{status=status is invalid}",
		{"creation-date-start", "yesterday"}:     "{creation-date-start=creation-date-start is invalid}",
		{"total-receipt-start", "lots"}:          "{total-receipt-start=total-receipt-start is invalid}",
		{"reseller-id", "1,2"}:                   "{reseller-id=reseller-id is invalid}",
		{"name", strings.Repeat("%", 300)}:       "{name=name is invalid}",
		{"creation-date-end", "253402300800000"}: "{creation-date-end=creation-date-end is invalid}",
	} {
		q := map[string]any{"no-of-records": 10, "page-no": 1}
		q[pairs[0].(string)] = pairs[1]
		var all []any
		for k, v := range q {
			all = append(all, k, v)
		}
		w.refused(w.get(w.child, "customers/search.json", all...), 500, text)
	}
	if o := w.object(w.get(w.child, "customers/search.json", "no-of-records", 500, "page-no", 1000000000)); o["recsonpage"] != "0" || o["recsindb"] != "12" {
		t.Errorf("a page beyond the last: %v", o)
	}
}

func TestCustomerPasswords(t *testing.T) {
	w := newWorld(t)
	id := w.customer(w.child, "jane@example.org")
	login := func(pw string) reply {
		return w.post(w.child, "customers/v2/authenticate.json", "username", "jane@example.org", "passwd", pw)
	}
	r := login("Pass-Word9!")
	w.hide(r, "pin", "4821")
	w.ok(r)
	w.golden("customers/authenticate", r)
	r = login("wrong")
	if r.status != http.StatusUnauthorized {
		t.Errorf("status %d", r.status)
	}
	w.golden("customers/authenticate_failed", r)
	w.compare("customers/authenticate_failed_again.xml", w.post(w.child, "customers/v2/authenticate.xml", "username", "jane@example.org", "passwd", "x").body)
	if r := w.post(w.child, "customers/change-password.json", "customer-id", id, "new-passwd", "New-Pass9!"); r.body != "true" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if login("Pass-Word9!").status != 401 || login("New-Pass9!").status != 200 {
		t.Error("the password was not changed")
	}
	w.refused(w.post(w.child, "customers/v2/change-password.json", "customer-id", id, "new-passwd", "short"), 500, "{new-passwd=new-passwd is invalid}")
	w.refused(w.post(w.child, "customers/v2/change-password.json", "customer-id", id), 500, "{new-passwd=new-passwd must not be blank}")

	var temp string
	if err := json.Unmarshal([]byte(w.ok(w.get(w.child, "customers/temp-password.json", "customer-id", id))), &temp); err != nil || len(temp) != 16 {
		t.Fatalf("%v %q", err, temp)
	}
	w.hidden[temp] = "TEMPORARYpass1!a"
	if login(temp).status != 200 || login("New-Pass9!").status != 200 {
		t.Error("the temporary password must work beside the own one")
	}
	if r := w.get(w.child, "customers/forgot-password.json", "username", "jane@example.org"); r.body != "true" {
		t.Errorf("%d %s", r.status, r.body)
	}
	d, err := w.core.NextNotice(t.Context(), 0)
	if err != nil || d == nil || d.Kind != "panel_password" || d.To != "jane@example.org" || len(d.SealedToken) == 0 {
		t.Errorf("%v %+v", err, d)
	}
	for _, secret := range []string{temp, "New-Pass9!", "Pass-Word9!"} {
		if strings.Contains(w.log.String(), secret) {
			t.Error("a password is in the log")
		}
	}
	for _, rec := range w.store.AllRecords() {
		for _, secret := range []string{temp, "New-Pass9!", "Pass-Word9!", "plain:"} {
			if strings.Contains(string(rec.Detail), secret) {
				t.Errorf("the audit log tells a password: %s", rec.Detail)
			}
		}
	}
}

func TestCustomerTokens(t *testing.T) {
	w := newWorld(t)
	id := w.customer(w.child, "jane@example.org")
	take := func(r reply) (token string) {
		t.Helper()
		if err := json.Unmarshal([]byte(w.ok(r)), &token); err != nil || !regexp.MustCompile(`^[A-Za-z0-9]{32}$`).MatchString(token) {
			t.Fatalf("%v %q", err, r.body)
		}
		return token
	}
	byPassword := func() string {
		return take(w.get(w.child, "customers/generate-token.json", "username", "jane@example.org", "passwd", "Pass-Word9!", "ip", "192.0.2.1"))
	}
	token := byPassword()
	look := w.get(w.child, "customers/authenticate-token-without-history.json", "token", token)
	w.hide(look, "pin", "4821")
	w.goldenRead("customers/authenticate_token", w.child, "customers/authenticate-token-without-history", "token", token)
	r := w.get(w.child, "customers/authenticate-token.json", "token", token)
	w.golden("customers/authenticate_token", r)
	w.refused(w.get(w.child, "customers/authenticate-token.json", "token", token), 500, "{token=token is invalid}") // replayed
	w.refused(w.get(w.child, "customers/authenticate-token-without-history.json", "token", token), 500, "{token=token is invalid}")
	token = byPassword()
	for _, s := range []seller{w.sibling, w.grandchild, w.foreign} { // others' tokens are none, and are not used up by them
		w.refused(w.get(s, "customers/authenticate-token.json", "token", token), 500, "{token=token is invalid}")
	}
	w.clock.Advance(2 * time.Minute)
	w.refused(w.get(w.child, "customers/authenticate-token.json", "token", token), 500, "{token=token is invalid}") // expired
	token = take(w.get(w.child, "customers/generate-login-token.json", "customer-id", id, "ip", "2001:db8::1"))
	w.ok(w.get(w.child, "customers/authenticate-token.json", "token", token))
	for _, ip := range []string{"localhost", "1.2.3", "192.0.2.1; x", strings.Repeat("1", 500)} {
		w.refused(w.get(w.child, "customers/generate-login-token.json", "customer-id", id, "ip", ip), 500, "{ip=ip is invalid}")
	}
	w.refused(w.get(w.child, "customers/generate-token.json", "username", "jane@example.org", "passwd", "wrong", "ip", "192.0.2.1"), 500,
		"The user name or the password is wrong")
	for _, bad := range []string{"x", strings.Repeat("A", 32), strings.Repeat("A", 5000)} {
		w.refused(w.get(w.child, "customers/authenticate-token.json", "token", bad), 500, "{token=token is invalid}")
	}
	token = byPassword()
	w.ok(w.post(w.child, "customers/suspend.json", "customer-id", id, "reason", "unpaid"))
	w.refused(w.get(w.child, "customers/authenticate-token.json", "token", token), 500, "{token=token is invalid}")
	for _, r := range []reply{
		w.get(w.child, "customers/generate-token.json", "username", "jane@example.org", "passwd", "Pass-Word9!", "ip", "192.0.2.1"),
		w.get(w.child, "customers/generate-login-token.json", "customer-id", id, "ip", "192.0.2.1"),
		w.get(w.child, "customers/temp-password.json", "customer-id", id),
		w.post(w.child, "customers/v2/authenticate.json", "username", "jane@example.org", "passwd", "Pass-Word9!"),
		w.get(w.child, "customers/forgot-password.json", "username", "jane@example.org"),
	} {
		w.refused(r, 500, "You are not allowed to perform this action")
	}
	if got := w.object(w.get(w.child, "customers/details-by-id.json", "customer-id", id))["customerstatus"]; got != "Suspended" {
		t.Errorf("status %v", got)
	}
	w.ok(w.post(w.child, "customers/unsuspend.json", "customer-id", id))
	byPassword()
	if strings.Contains(w.log.String(), token) {
		t.Error("a token is in the log")
	}
}

// Guesses are bounded, and tell nothing of who exists.
func TestCustomerBruteForce(t *testing.T) {
	w := newWorld(t)
	w.customer(w.child, "jane@example.org")
	var known, unknown []string
	for i := range 8 {
		pw := fmt.Sprint("guess", i)
		known = append(known, w.post(w.child, "customers/v2/authenticate.json", "username", "jane@example.org", "passwd", pw).body)
		unknown = append(unknown, w.post(w.child, "customers/v2/authenticate.json", "username", "nobody@example.org", "passwd", pw).body)
	}
	if !slices.Equal(known, unknown) {
		t.Errorf("known   %s\nunknown %s", known, unknown)
	}
	for i, left := range []string{"4", "3", "2", "1", "0", "0", "0", "0"} {
		if !strings.Contains(known[i], `"maxAttempts":"5","remainingLoginAttempts":"`+left+`"`) {
			t.Errorf("attempt %d: %s", i+1, known[i])
		}
	}
	asXML := w.post(w.child, "customers/v2/authenticate.xml", "username", "nobody@example.org", "passwd", "guess")
	if !strings.HasPrefix(asXML.body, "<response><status>ERROR</status><message>") || !strings.Contains(asXML.body, "</message><maxAttempts>5</maxAttempts><remainingLoginAttempts>0</remainingLoginAttempts></response>") {
		t.Errorf("XML: %s", asXML.body)
	}
	right := func(s seller) int {
		return w.post(s, "customers/v2/authenticate.json", "username", "jane@example.org", "passwd", "Pass-Word9!").status
	}
	if right(w.child) != 401 {
		t.Error("the right password works although it was guessed too often")
	}
	w.clock.Advance(15*time.Minute + time.Second)
	if right(w.child) != 200 {
		t.Error("barred for ever")
	}
	// A reseller that can't see the customer can't bar it.
	for range 10 {
		w.post(w.sibling, "customers/v2/authenticate.json", "username", "jane@example.org", "passwd", "x")
	}
	if right(w.child) != 200 {
		t.Error("a sibling barred the customer")
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
	if _, err := w.core.DeleteMailOrder(t.Context(), w.partnerActor(), provision.DeleteMailOrder{Order: provision.OrderRef{ID: order}}); err != nil {
		t.Fatal(err)
	}
	if r := w.post(w.child, "customers/delete.json", "customer-id", d.ID); r.body != "true" {
		t.Errorf("%d %s", r.status, r.body)
	}
	w.refused(w.post(w.child, "customers/delete.json", "customer-id", d.ID), 500, fmt.Sprintf("Invalid customer-id: %d", d.ID))
	w.customer(w.child, "owner@shop.example") // the name is free
	if _, err := w.core.ReactivateMailOrder(t.Context(), w.partnerActor(), provision.OrderRef{ID: order}); err == nil {
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
	o, err := w.core.CreateMailOrder(w.t.Context(), w.partnerActor(), provision.CreateMailOrder{
		Domain: id + ".example", Customer: provision.CustomerProfile{CustomerID: id, Email: email}, Plan: plan.Free, Seats: &seats,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return o.CustomerID
}
