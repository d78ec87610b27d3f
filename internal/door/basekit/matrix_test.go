package basekit

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"posthouse/internal/core/partner"
)

// The matrices are made of the route table: a route that is added is tested for
// what every route must hold (basekit.md B-02, 2, 10).

// tenant is what one brand has: each by the kind that parameters name.
type tenant map[string]string

// nobodys is what nobody has.
var nobodys = tenant{"holder": "79999999", "domain": "79999998", "order": "79999997", "item": "79999996", "package": "79999995", "account-package": "79999994",
	"reseller": "79999993", "profile": "79999992", "invoice": "79999991", "brand": "79999990"}

// kindOf is what a parameter names; "" = nothing of a brand's.
func kindOf(op *operation, name string) string {
	segments := strings.Split(op.path, "/")
	if i := slices.Index(segments, ":"+name); i > 0 {
		switch segments[i-1] {
		case "users":
			return "holder"
		case "account-domains", "sites", "mail-services":
			return "domain"
		case "domains":
			if name == "accountDomainRef" {
				return "domain"
			}
		case "orders":
			return "order"
		case "items":
			return "item"
		case "packages":
			return "package"
		case "account-packages", "billing-cycles":
			return "account-package"
		case "resellers":
			return "reseller"
		case "profiles":
			return "profile"
		case "invoices":
			return "invoice"
		case "brands":
			return "brand"
		}
		return ""
	}
	switch name {
	case "accountHolderRef":
		return "holder"
	case "packageRef", "defaultPackageRef", "preferredPackageRef":
		return "package"
	case "resellerRef":
		return "reseller"
	case "siteRef":
		return "domain"
	case "brandRef":
		return "brand"
	}
	return ""
}

// stock gives a brand something of everything, by the calls that make it.
func (w *world) stock(b brand, tag string) tenant {
	w.t.Helper()
	w.stocks++
	tag = fmt.Sprintf("%s%d", tag, w.stocks)
	admin := w.as(b, partner.RightsAdministrator)
	must := func(as brand, method, path string, in any, status int) any {
		w.t.Helper()
		r := w.call(as, method, path, in)
		if r.status != status {
			w.t.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
		}
		var out any
		if r.body != "" {
			if err := json.Unmarshal([]byte(r.body), &out); err != nil {
				w.t.Fatal(err)
			}
		}
		return out
	}
	ref := func(v any, keys ...any) string {
		w.t.Helper()
		whole := v
		for _, k := range keys {
			switch k := k.(type) {
			case string:
				o, _ := v.(map[string]any)
				v = o[k]
			case int:
				l, _ := v.([]any)
				if k >= len(l) {
					w.t.Fatalf("no %v in %v", keys, whole)
				}
				v = l[k]
			}
		}
		n, ok := v.(float64)
		if !ok {
			w.t.Fatalf("no %v in %v", keys, whole)
		}
		return strconv.FormatInt(int64(n), 10)
	}
	t := tenant{"brand": strconv.FormatInt(b.id, 10), "tag": tag, "domain-name": tag + ".example", "user": "kim", "name": "mailboxes"}
	t["holder"] = ref(must(b, "POST", "/users", object{"brandRef": b.id, "firstName": "Ann", "lastName": "Ash", "username": "ann-" + tag, "password": goodPassword,
		"email": "ann@" + tag + ".example", "languageCode": "en"}, 201), "accountHolder", "ref")
	user := "/users/" + t["holder"]
	t["package"] = ref(must(admin, "POST", "/packages", object{"name": "Own " + tag, "contentType": "mail", "productType": "subscription", "capabilities": object{"mailboxes": 5},
		"prices": []any{object{"price": "8.00", "billingPeriodMonths": 1}, object{"price": "80.00", "billingPeriodMonths": 12}}}, 201), "package", "ref")
	must(b, "POST", user+"/account-packages", object{"packageRef": t["package"], "billingFrequency": 12, "addToBC": 1}, 200)
	t["account-package"] = ref(must(b, "GET", user+"/account-packages", nil, 200), "accountPackages", 0, "ref")
	t["domain-package"] = ref(must(admin, "POST", "/packages", object{"name": "Domain " + tag, "contentType": "domain", "productType": "domain",
		"prices": []any{object{"price": "8.00", "billingPeriodMonths": 12}}}, 201), "package", "ref")
	paid := ref(must(b, "POST", "/orders", object{"accountHolderRef": t["holder"]}, 201), "order", "ref")
	must(b, "POST", "/orders/"+paid+"/items", object{"packageRef": t["domain-package"], "billingPeriodMonths": 12, "domainName": t["domain-name"]}, 201)
	must(b, "PUT", "/orders/"+paid, object{"paymentStatus": "success"}, 200)
	t["domain"] = ref(must(b, "GET", user+"/account-domains", nil, 200), "accountDomains", 0, "ref")
	t["invoice"] = ref(must(b, "GET", user+"/invoices", nil, 200), "invoices", 0, "ref")
	t["order"] = ref(must(b, "POST", "/orders", object{"accountHolderRef": t["holder"]}, 201), "order", "ref")
	t["item"] = ref(must(b, "POST", "/orders/"+t["order"]+"/items", object{"packageRef": t["domain-package"], "billingPeriodMonths": 12, "domainName": "next-" + t["domain-name"]}, 201), "orderItem", "ref")
	must(b, "PUT", user+"/domains/"+t["domain"]+"/mailboxes/kim", object{"password": goodPassword}, 200)
	t["profile"] = ref(must(b, "POST", user+"/profiles", object{"fields": []any{object{"name": "business", "value": "Ash"}}}, 201), "profile", "ref")
	t["reseller"] = ref(must(b, "POST", "/brands/"+t["brand"]+"/resellers", object{"name": "reseller " + tag, "displayName": "Reseller", "defaultCurrencyRef": 826, "defaultLanguageRef": 1}, 201), "reseller", "ref")
	return t
}

const goodPassword = "Correct-Horse-7"

// newMatrix is a world whose brands call as often as they like.
func newMatrix(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for _, b := range []brand{w.ours, w.foreign} {
		if err := w.core.SetPartnerSettings(t.Context(), operator, b.id, partner.Settings{RatePerSecond: new(int)}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// as gives an API user of a brand with some rights.
func (w *world) as(b brand, rights partner.Rights) brand {
	w.t.Helper()
	if rights == "" || rights == partner.RightsBrand {
		return b
	}
	key := fmt.Sprint(b.id, rights)
	if w.others == nil {
		w.others = map[string]brand{}
	}
	if _, ok := w.others[key]; !ok {
		w.others[key] = w.addUser(b, rights)
	}
	return w.others[key]
}

// plausible are values of parameters that name nothing: with them a call gets as
// far as the object it is about.
func plausible(op *operation, name string, t tenant) any {
	switch op.method + " " + op.path + " " + name {
	case "GET /users username":
		return "ann-" + t["tag"]
	case "POST /login username":
		return "ann-" + t["tag"]
	case "POST /users/forgotten-password username":
		return "ann-" + t["tag"]
	case "POST /users/forgotten-password email":
		return "ann@" + t["tag"] + ".example"
	case "POST /sites domain":
		return "site-" + t["domain-name"]
	case "POST /packages contentType", "POST /packages/:ref/clone contentType":
		return "mail"
	case "PUT /orders/:ref/items/:itemRef status":
		return "cancelled"
	}
	if v, ok := plain[name]; ok {
		return v
	}
	switch name {
	case "packageRef":
		if strings.HasPrefix(op.path, "/orders/") {
			return t["domain-package"]
		}
	case "username":
		return "new-" + t["tag"]
	case "email":
		return "new@" + t["tag"] + ".example"
	case "domainName", "domain":
		return "new-" + t["domain-name"]
	case "name":
		return "Name " + t["tag"]
	}
	return nil
}

var plain = map[string]any{
	"firstName": "Bob", "lastName": "Birch", "password": goodPassword, "languageCode": "en", "loginLink": "https://shop.example/reset", "verificationUrl": "https://shop.example/verify",
	"billingFrequency": 1, "billingPeriodMonths": 12, "userType": "accountHolder", "hash": "0123456789abcdef", "token": "J4kawdtfj2FcLcHq9SFyANBVz2BW5ECn", "note": "A note",
	"displayName": "A name", "defaultCurrencyRef": 826, "defaultLanguageRef": 1, "fields": []any{object{"name": "business", "value": "Ash"}}, "tlds": []any{"example"},
	"contentType": "mail", "productType": "subscription", "capabilities": object{"mailboxes": 6}, "mailboxes": 6, "autoRenew": 1, "state": "complete", "completionStatus": "success",
	"prices": []any{object{"price": "9.00", "billingPeriodMonths": 1}},
}

// asked is a request of an operation.
type asked struct {
	as     brand
	method string
	path   string
	query  url.Values
	body   object
}

// ask fills an operation with what t has and what is plausible: path and required
// parameters, and those of names.
func (w *world) ask(op *operation, t tenant, names ...string) *asked {
	w.t.Helper()
	out := &asked{as: w.as(w.ours, op.rights), method: op.method, path: op.path, query: url.Values{}, body: object{}}
	for _, name := range pathNames(op) {
		value := t[kindOf(op, name)]
		if kindOf(op, name) == "" {
			switch name {
			case "user", "name":
				value = t[name]
			default:
				value = t["domain-name"]
			}
		}
		out.setPath(name, value)
	}
	for _, p := range op.params {
		if !p.required && !slices.Contains(names, p.name) && !needed(op, p.name) {
			continue
		}
		var v any
		if kind := kindOf(op, p.name); kind != "" && t[kind] != "" && !(kind == "package" && strings.HasPrefix(op.path, "/orders/")) {
			v = json.Number(t[kind])
		} else {
			v = plausible(op, p.name, t)
		}
		out.set(p.name, v)
	}
	return out
}

// needed are parameters one of which there must be, though none is required.
func needed(op *operation, name string) bool {
	switch op.method + " " + op.path {
	case "POST /users/forgotten-password":
		return name == "username"
	case "POST /orders/:ref/items":
		return name == "domainName"
	case "PUT /packages/:ref/capabilities":
		return name == "capabilities"
	case "POST /packages":
		return name == "contentType" || name == "productType"
	}
	return false
}

func pathNames(op *operation) (out []string) {
	for segment := range strings.SplitSeq(op.path, "/") {
		if parameter(segment) {
			out = append(out, segment[1:])
		}
	}
	return out
}

// setPath puts a value in the place of a parameter; an escaped one stays.
func (a *asked) setPath(name, value string) {
	segments := strings.Split(a.path, "/")
	for i, s := range segments {
		if s == ":"+name {
			segments[i] = value
		}
	}
	a.path = strings.Join(segments, "/")
}

// set puts a field into the body, or the query where there is none.
func (a *asked) set(name string, v any) {
	if a.method == http.MethodGet || a.method == http.MethodDelete {
		if v == nil {
			a.query.Set(name, "")
			return
		}
		a.query.Set(name, fmt.Sprint(v))
		return
	}
	a.body[name] = v
}

// get sends it, and checks what holds for every reply.
func (w *world) get(a *asked) reply {
	w.t.Helper()
	path := a.path
	if len(a.query) > 0 {
		path += "?" + a.query.Encode()
	}
	var r reply
	if len(a.body) > 0 {
		r = w.call(a.as, a.method, path, a.body)
	} else {
		r = w.call(a.as, a.method, path, nil)
	}
	w.sound(r, a)
	return r
}

// sound checks a reply: no fault of ours, and an error is one by its form (B-03).
func (w *world) sound(r reply, a *asked) {
	w.t.Helper()
	if r.status >= 500 {
		w.t.Errorf("%s %s %v: %d %s\n%s", a.method, a.path, a.body, r.status, r.body, w.log)
	}
	if r.status < 400 {
		return
	}
	var out struct {
		Message string
		Status  *int
		Errors  map[string]map[string]string
	}
	if err := json.Unmarshal([]byte(r.body), &out); err != nil || out.Message == "" || out.Status == nil || *out.Status != r.status || r.header.Get("Content-Type") != "application/json" {
		w.t.Errorf("%s %s: %d is no error by its form: %s %v", a.method, a.path, r.status, r.body, err)
	}
	if !slices.Contains([]int{400, 401, 403, 404, 405, 429}, r.status) { // 409 and 422 are not known (section 10)
		w.t.Errorf("%s %s: %d %s", a.method, a.path, r.status, r.body)
	}
}

func label(op *operation) string {
	return strings.ReplaceAll(op.method+op.path, "/", ".")
}

// views is what a brand sees of its own.
func (w *world) views(b brand, t tenant) string {
	w.t.Helper()
	var out strings.Builder
	for _, path := range []string{"/users?showDeleted=1", "/users/H/account-domains", "/users/H/domains/mailboxes", "/users/H/account-packages", "/users/H/profiles", "/users/H/invoices",
		"/orders/O", "/packages/P", "/resellers/R", "/brands/B", "/users/H/notes"} {
		path = strings.NewReplacer("H", t["holder"], "O", t["order"], "P", t["package"], "R", t["reseller"], "B", t["brand"]).Replace(path)
		r := w.call(b, http.MethodGet, path, nil)
		if r.status != 200 {
			w.t.Fatalf("%s: %d %s", path, r.status, r.body)
		}
		out.WriteString(path + " " + r.body + "\n")
	}
	return out.String()
}

// naming are the parameters of an operation that name something of a brand's.
func naming(op *operation) []string {
	names := pathNames(op)
	for _, p := range op.params {
		names = append(names, p.name)
	}
	return slices.DeleteFunc(names, func(name string) bool { return kindOf(op, name) == "" })
}

// put replaces what one parameter names.
func (w *world) askWith(op *operation, mine tenant, name, value string) *asked {
	w.t.Helper()
	t := maps.Clone(mine)
	if slices.Contains(pathNames(op), name) {
		// Parameters of one kind twice in a path would change together: there are none.
		t[kindOf(op, name)] = value
		return w.ask(op, t)
	}
	a := w.ask(op, mine, name)
	a.set(name, json.Number(value))
	return a
}

// TestTenants calls every operation with what another brand has: the answer is
// that for what nobody has, and the other brand's things stay as they are.
func TestTenants(t *testing.T) {
	w := newMatrix(t)
	mine, theirs := w.stock(w.ours, "mine"), w.stock(w.foreign, "theirs")
	before := w.views(w.foreign, theirs)
	tested := 0
	for _, op := range operations() {
		for _, name := range naming(op) {
			kind := kindOf(op, name)
			tested++
			t.Run(label(op)+" "+name, func(t *testing.T) {
				w.t = t
				unknown, foreign := w.get(w.askWith(op, mine, name, nobodys[kind])), w.get(w.askWith(op, mine, name, theirs[kind]))
				if want := strings.ReplaceAll(unknown.body, nobodys[kind], theirs[kind]); foreign.status != unknown.status || foreign.body != want {
					t.Errorf("another brand's is answered\n%d %s\nwhat nobody has\n%d %s", foreign.status, foreign.body, unknown.status, unknown.body)
				}
				want := http.StatusNotFound
				if kind == "brand" {
					want = http.StatusForbidden
				}
				if slices.Contains(pathNames(op), name) && foreign.status != want {
					t.Errorf("another brand's is answered %d %s", foreign.status, foreign.body)
				}
				if after := w.views(w.foreign, theirs); after != before {
					t.Errorf("the other brand's things were\n%sand are\n%s", before, after)
					before = after
				}
			})
		}
	}
	w.t = t
	if tested < len(operations()) {
		t.Errorf("only %d parameters of %d operations name something", tested, len(operations()))
	}
}

// TestOtherHolders puts another holder of the same brand before what is one's own.
func TestOtherHolders(t *testing.T) {
	w := newMatrix(t)
	mine, other := w.stock(w.ours, "mine"), w.stock(w.ours, "other")
	before := w.views(w.ours, other)
	for _, op := range operations() {
		names := naming(op)
		if len(names) < 2 || kindOf(op, names[0]) != "holder" {
			continue
		}
		for _, name := range pathNames(op)[1:] {
			kind := kindOf(op, name)
			if kind == "" {
				continue
			}
			t.Run(label(op)+" "+name, func(t *testing.T) {
				w.t = t
				unknown, others := w.get(w.askWith(op, mine, name, nobodys[kind])), w.get(w.askWith(op, mine, name, other[kind]))
				if want := strings.ReplaceAll(unknown.body, nobodys[kind], other[kind]); others.status != http.StatusNotFound || others.body != want {
					t.Errorf("another user's is answered\n%d %s\nwhat nobody has\n%d %s", others.status, others.body, unknown.status, unknown.body)
				}
				if after := w.views(w.ours, other); after != before {
					t.Errorf("the other user's things were\n%sand are\n%s", before, after)
					before = after
				}
			})
		}
	}
	w.t = t
}

// notThrough are operations that a plausible call doesn't come through, and how it
// is answered: their secrets can't be guessed.
var notThrough = map[string]int{"POST /users/reset-password": 400, "POST /users/:ref/validate-email-verification-token": 400}

// TestOwnIsKnown is the other half: a plausible call succeeds as the table says,
// with what one has oneself.
func TestOwnIsKnown(t *testing.T) {
	w := newMatrix(t)
	for _, op := range operations() {
		t.Run(label(op), func(t *testing.T) {
			w.t = t
			mine := w.stock(w.ours, "own")
			r := w.get(w.ask(op, mine))
			want := max(op.status, http.StatusOK)
			if status, ok := notThrough[op.method+" "+op.path]; ok {
				want = status
			}
			if r.status != want {
				t.Errorf("%d %s, want %d", r.status, r.body, want)
			}
		})
	}
	w.t = t
}

// TestBadRefs puts into the path what can't be a ref: it names nothing.
func TestBadRefs(t *testing.T) {
	w := newMatrix(t)
	mine := w.stock(w.ours, "mine")
	for _, op := range operations() {
		for _, name := range pathNames(op) {
			if kindOf(op, name) == "" {
				continue
			}
			t.Run(label(op)+" "+name, func(t *testing.T) {
				w.t = t
				for _, v := range []string{"0", "-1", "01", "1.5", "0x10", "1e3", "seven", "9223372036854775808", "99999999999999999999", "%00", "%2F", "%FF", "%20", "1%20", "%C3%BC", "%EF%BC%91", "1;2", "'1'", "null"} {
					if r := w.get(w.askWith(op, mine, name, v)); r.status != http.StatusNotFound && !(kindOf(op, name) == "brand" && r.status == http.StatusForbidden) {
						t.Errorf("%q is answered %d %s", v, r.status, r.body)
					}
				}
			})
		}
	}
	w.t = t
}

// TestLooseBodies writes what every operation takes in the ways that live clients
// do: refs and flags as texts, keys that nobody knows, null for what is not
// required, a form.
func TestLooseBodies(t *testing.T) {
	w := newMatrix(t)
	for _, op := range operations() {
		if op.method == http.MethodGet || op.method == http.MethodDelete {
			continue
		}
		want := max(op.status, http.StatusOK)
		if status, ok := notThrough[op.method+" "+op.path]; ok {
			want = status
		}
		for _, way := range []string{"texts", "unknown keys", "nulls", "form"} {
			t.Run(label(op)+" "+way, func(t *testing.T) {
				w.t = t
				mine := w.stock(w.ours, "loose")
				a := w.ask(op, mine)
				r := reply{}
				switch way {
				case "texts":
					for k, v := range a.body {
						switch v.(type) {
						case json.Number, int:
							a.body[k] = fmt.Sprint(v)
						}
					}
					r = w.get(a)
				case "unknown keys":
					for _, k := range []string{"beta", "newsletter", "cpfCompany", "metricsSource", "metricsPath", "x", ""} {
						if _, ok := a.body[k]; !ok && !slices.ContainsFunc(op.params, func(p param) bool { return p.name == k }) {
							a.body[k] = []any{object{"deep": nil}}
						}
					}
					r = w.get(a)
				case "nulls":
					for _, p := range op.params {
						if !p.required && !needed(op, p.name) {
							a.body[p.name] = nil
						}
					}
					r = w.get(a)
				case "form":
					form := url.Values{}
					for k, v := range a.body {
						if _, deep := v.([]any); deep {
							return // a form can't say it
						}
						if o, ok := v.(object); ok {
							for inner, x := range o {
								form.Set(k+"["+inner+"]", fmt.Sprint(x))
							}
							continue
						}
						form.Set(k, fmt.Sprint(v))
					}
					r = w.send(a.as, a.method, a.path, "application/x-www-form-urlencoded", form.Encode())
					w.sound(r, a)
				}
				if r.status != want {
					t.Errorf("%d %s, want %d", r.status, r.body, want)
				}
			})
		}
	}
	w.t = t
}

// TestRequired leaves out what is required, and sends it as null and empty.
func TestRequired(t *testing.T) {
	w := newMatrix(t)
	mine := w.stock(w.ours, "mine")
	for _, op := range operations() {
		for _, p := range op.params {
			if !p.required || nullable[op.method+" "+op.path+" "+p.name] {
				continue
			}
			t.Run(label(op)+" "+p.name, func(t *testing.T) {
				w.t = t
				for _, v := range []any{nil, "", "absent"} {
					if v == "" && (p.kind == "array" || p.kind == "object") {
						continue
					}
					a := w.ask(op, mine)
					if a.set(p.name, v); v == "absent" {
						delete(a.body, p.name)
						a.query.Del(p.name)
					}
					w.wantError(w.get(a), http.StatusBadRequest, p.name, ruleRequired)
				}
			})
		}
	}
	w.t = t
}

// nullable are required parameters that may be null.
var nullable = map[string]bool{"POST /users/:ref/account-packages billingFrequency": true}

// badValues are what a parameter of a kind can't be.
func badValues(kind string) []any {
	deep := []any{object{"a": []any{}}}
	switch kind {
	case "integer":
		return []any{"seven", 1.5, "0x10", json.Number("99999999999999999999"), "1;DROP TABLE customer", "1 OR 1=1", deep, object{"a": 1}}
	case "flag":
		return []any{"maybe", 2, -1, deep, object{"a": 1}}
	case "string":
		return []any{deep, object{"a": 1}, []any{}}
	case "object":
		return []any{"x", 5, deep}
	case "array":
		return []any{"x", 5, object{"a": 1}}
	case "date":
		return []any{"yesterday", "2026-13-45", object{"date": 5}, deep}
	}
	return nil
}

// ignored are parameters whose value is for nothing here.
var ignored = []string{"metricsSource", "metricsPath", "boltOnCancelData", "source"}

// TestBadValues gives every parameter of every operation what it can't be: a
// refusal that names it.
func TestBadValues(t *testing.T) {
	w := newMatrix(t)
	mine := w.stock(w.ours, "mine")
	for _, op := range operations() {
		for _, p := range op.params {
			if slices.Contains(ignored, p.name) {
				continue
			}
			t.Run(label(op)+" "+p.name, func(t *testing.T) {
				w.t = t
				for _, v := range badValues(p.kind) {
					a := w.ask(op, mine, p.name)
					if _, flat := v.(string); !flat && len(a.query) > 0 && a.query.Has(p.name) {
						switch v.(type) {
						case []any, object:
							continue // a query can't say it
						}
					}
					a.set(p.name, v)
					w.wantError(w.get(a), http.StatusBadRequest, p.name, ruleInvalid)
				}
			})
		}
	}
	w.t = t
}

// TestBrokenBodies sends what is no JSON object and no form to every operation
// that has a body.
func TestBrokenBodies(t *testing.T) {
	w := newMatrix(t)
	mine := w.stock(w.ours, "mine")
	for _, op := range operations() {
		if op.method == http.MethodGet || op.method == http.MethodDelete {
			continue
		}
		t.Run(label(op), func(t *testing.T) {
			w.t = t
			a := w.ask(op, mine)
			for _, body := range []string{"{", "[]", "5", `"x"`, "null", "{}{}", "<html>", "\xff\xfe", `{"a":` + strings.Repeat("[", 100_000)} {
				r := w.send(a.as, a.method, a.path, "application/json", body)
				w.sound(r, a)
				if r.status != http.StatusBadRequest {
					t.Errorf("%.20q is answered %d %s", body, r.status, r.body)
				}
			}
		})
	}
	w.t = t
}
