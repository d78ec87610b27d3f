package basekit

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/core/work"
)

// leeOf is the create call of section 12's first line.
func (w *world) leeOf(b brand) map[string]any {
	return map[string]any{"brandRef": fmt.Sprint(b.id), "username": "hlee88", "email": "h@b.test", "password": strings.Repeat("p9", 20),
		"firstName": "Harry", "lastName": "Lee", "languageCode": "en", "metadata": map[string]any{"its_client_id": "c1"}}
}

// newHolder makes an account holder and gives his ref.
func (w *world) newHolder(b brand, change map[string]any) int64 {
	w.t.Helper()
	in := w.leeOf(b)
	for k, v := range change {
		in[k] = v
	}
	out := w.want(w.call(b, http.MethodPost, "/users", in), 201)
	return int64(out["accountHolder"].(map[string]any)["ref"].(float64))
}

func (w *world) showHolder(b brand, ref int64) map[string]any {
	w.t.Helper()
	return w.want(w.call(b, http.MethodGet, fmt.Sprint("/users/", ref), nil), 200)["accountHolder"].(map[string]any)
}

func (w *world) holderWith(in map[string]any, pairs ...any) map[string]any {
	for i := 0; i < len(pairs); i += 2 {
		in[pairs[i].(string)] = pairs[i+1]
	}
	return in
}

func TestCreateHolderBadInput(t *testing.T) {
	w := newWorld(t)
	w.newHolder(w.ours, nil)
	var many = map[string]any{}
	for i := range 51 {
		many[fmt.Sprint(i)] = "x"
	}
	for i, c := range []struct {
		field string
		value any
		at    string // "" = field
		rule  string // "" = taken
	}{
		{"brandRef", nil, "", ruleRequired}, {"brandRef", "x", "", ruleInvalid}, {"brandRef", map[string]any{}, "", ruleInvalid},
		{"firstName", nil, "", ruleRequired}, {"firstName", "", "", ruleRequired}, {"firstName", strings.Repeat("ä", 10_000), "", ruleInvalid}, {"firstName", "a\nb", "", ruleInvalid},
		{"firstName", []any{"a"}, "", ruleInvalid}, {"lastName", strings.Repeat("x", 10_000), "", ruleInvalid}, {"firstName", "Ælfgifu 漢字 🙂", "", ""},
		{"username", "HLEE88", "", ruleExists}, {"username", " ", "", ruleInvalid}, {"username", "x@unset.invalid", "", ruleInvalid}, {"username", "u", "", ""}, {"username", "a\x00b", "", ruleInvalid},
		{"email", "H@B.TEST", "", ruleExists}, {"email", "H@b.test", "username", ruleExists}, {"email", "nobody", "", ruleInvalid}, {"email", "a@b@c", "", ruleInvalid}, {"email", nil, "", ruleRequired},
		{"password", "123456", "", ruleTooShort}, {"password", "1234567", "", ""}, {"password", strings.Repeat("x", 2000), "", ruleInvalid}, {"password", nil, "", ruleRequired},
		{"languageCode", nil, "", ""}, {"languageCode", "pt-BR", "", ""}, {"languageCode", "<b>", "", ruleInvalid},
		{"country", "United Kingdom", "", ""}, {"phoneNumber", "call me", "", ruleInvalid}, {"newsletter", "maybe", "", ruleInvalid},
		{"metadata", []any{}, "", ""}, {"metadata", map[string]any{"a": 1, "b": true, "c": nil}, "", ""}, {"metadata", map[string]any{"a": map[string]any{"b": 1}}, "", ruleInvalid},
		{"metadata", []any{"x"}, "", ruleInvalid}, {"metadata", "x", "", ruleInvalid}, {"metadata", map[string]any{"a": strings.Repeat("x", 2000)}, "", ruleInvalid}, {"metadata", many, "", ruleInvalid},
		{"resellerRef", 999999, "", ruleInvalid}, {"resellerRef", w.foreign.root, "", ruleInvalid}, {"resellerRef", nil, "", ""}, {"currencyRef", "x", "", ruleInvalid}, {"currencyRef", -1, "", ruleInvalid},
		{"currencyRef", "", "", ""}, {"deleted", 0, "", ""}, {"metricsPath", "x", "", ""}, {"nobodyKnows", map[string]any{"x": []any{1}}, "", ""},
	} {
		in := w.leeOf(w.ours)
		in["username"], in["email"] = fmt.Sprintf("user%d", i), fmt.Sprintf("user%d@x.example", i)
		in[c.field] = c.value
		r := w.call(w.ours, http.MethodPost, "/users", in)
		if c.rule == "" {
			wantHolder(t, w.want(r, 201)["accountHolder"].(map[string]any))
			continue
		}
		at := c.at
		if at == "" {
			at = c.field
		}
		w.wantError(r, 400, at, c.rule)
	}
	w.wantError(w.call(w.ours, http.MethodPost, "/users", w.holderWith(w.leeOf(w.ours), "brandRef", w.foreign.id)), 403, "", "")
	w.wantError(w.send(w.ours, http.MethodPost, "/users", "application/json", "[]"), 400, "", "")
	w.wantError(w.send(w.ours, http.MethodPost, "/users", "", ""), 400, "username", ruleRequired)
	form := "brandRef=" + fmt.Sprint(w.ours.id) + "&username=formed&email=f%40b.test&password=1234567&firstName=F&lastName=M&metadata[a]=b"
	if h := w.want(w.send(w.ours, http.MethodPost, "/users", "application/x-www-form-urlencoded", form), 201)["accountHolder"].(map[string]any); h["metadata"].(map[string]any)["a"] != "b" {
		t.Errorf("got %v", h)
	}
	if log := w.log.String(); strings.Contains(log, "1234567") || strings.Contains(log, "p9p9") || strings.Contains(log, "b.test") {
		t.Error("the log tells a secret or an address")
	}
	records, err := w.core.AuditLog(t.Context(), operator, work.AuditFilter{PartnerID: w.ours.id}, 200)
	if err != nil || len(records) == 0 {
		t.Fatal(err)
	}
	for _, r := range records {
		if raw, _ := json.Marshal(r); strings.Contains(string(raw), "p9p9") || strings.Contains(string(raw), "1234567") || strings.Contains(string(raw), "b.test") {
			t.Errorf("the audit log tells %s", raw)
		}
	}
}

func TestModifyHolderBadInput(t *testing.T) {
	w := newWorld(t)
	w.newHolder(w.ours, nil)
	ref := w.newHolder(w.ours, map[string]any{"username": "short", "email": "s@b.test"})
	path := fmt.Sprint("/users/", ref)
	put := func(field string, value any) reply {
		return w.call(w.ours, http.MethodPut, path, map[string]any{field: value})
	}
	w.wantError(put("username", "sixsix"), 400, "username", ruleTooShort)
	w.wantError(put("username", "hlee88"), 400, "username", ruleTooShort)
	w.wantError(put("username", ""), 400, "username", ruleInvalid)
	w.wantError(put("email", "h@b.test"), 400, "email", ruleExists)
	w.wantError(put("email", "h@b.test"), 400, "username", ruleExists)
	w.wantError(put("email", ""), 400, "email", ruleInvalid)
	w.wantError(put("password", "123456"), 400, "password", ruleTooShort)
	w.wantError(put("password", ""), 400, "password", ruleTooShort)
	w.wantError(put("deleted", 1), 400, "deleted", ruleNotAllow)
	w.wantError(put("brandRef", w.foreign.id), 403, "", "")
	w.wantError(put("countryCode", "United Kingdom"), 400, "countryCode", ruleInvalid)
	for field, value := range map[string]any{"username": "SHORT", "email": "S@b.test", "deleted": 0, "brandRef": fmt.Sprint(w.ours.id), "password": nil, "country": nil} {
		w.want(put(field, value), 200)
	}
	if h := w.want(put("username", "LongEnough"), 200)["accountHolder"].(map[string]any); h["username"] != "LongEnough" {
		t.Errorf("got %v", h["username"])
	}
	w.want(w.call(w.ours, http.MethodPut, path, nil), 200) // nothing to change
	w.wantError(w.call(w.ours, http.MethodPut, fmt.Sprint("/users/", w.newHolder(w.ours, map[string]any{"username": "third", "email": "t@b.test"})), map[string]any{"username": "longenough"}), 400, "username", ruleExists)
}

func TestListHolders(t *testing.T) {
	w := newWorld(t)
	var refs []int64
	for i := range 25 {
		refs = append(refs, w.newHolder(w.ours, map[string]any{"username": fmt.Sprint("u", i), "email": fmt.Sprintf("u%d@b.test", i)}))
		w.clock.Advance(24 * time.Hour)
	}
	w.newHolder(w.foreign, nil)
	list := func(query string) (string, []any) {
		t.Helper()
		out := w.want(w.call(w.ours, http.MethodGet, "/users"+query, nil), 200)
		if len(out) != 2 {
			t.Errorf("got the keys of %v", out)
		}
		return out["count"].(string), out["accountHolders"].([]any)
	}
	refsOf := func(list []any) (out []int64) {
		for _, h := range list {
			wantHolder(t, h.(map[string]any))
			out = append(out, int64(h.(map[string]any)["ref"].(float64)))
		}
		return out
	}
	for query, want := range map[string]struct {
		count string
		refs  []int64
	}{
		"": {"25", refs[:20]}, "?limit=2&offset=3": {"25", refs[3:5]}, "?limit=1000": {"25", refs}, "?offset=24": {"25", refs[24:]}, "?offset=99999999999999": {"25", nil},
		"?limit=9223372036854775807": {"25", refs}, "?username=U7": {"1", refs[7:8]}, "?username=nobody": {"0", nil}, "?username=u1%25": {"0", nil},
		"?dateFrom=2026-11-25&dateTo=2026-11-26": {"2", refs[3:5]}, "?dateFrom=2026-12-15%2010:00:00": {"2", refs[23:]}, "?dateTo=2026-11-22T09:59:59Z": {"0", nil},
		// As PHP serialises dates: with a name, or with an offset.
		"?dateFrom[date]=2026-11-25%2000:00:00.000000&dateFrom[timezone_type]=3&dateFrom[timezone]=UTC&dateTo[date]=2026-11-26%2023:00:00.000000&dateTo[timezone]=UTC":  {"2", refs[3:5]},
		"?dateFrom[date]=2026-11-25%2012:00:00.000000&dateFrom[timezone_type]=1&dateFrom[timezone]=%2B03:00&dateTo[date]=2026-11-26%2023:00:00&dateTo[timezone]=-01:00": {"2", refs[3:5]},
		"?resellerRef=" + fmt.Sprint(w.ours.root): {"25", refs[:20]}, "?resellerRef=" + fmt.Sprint(w.foreign.root): {"0", nil}, "?resellerRef=999999": {"0", nil}, "?resellerRef=": {"25", refs[:20]},
	} {
		count, got := list(query)
		if count != want.count || fmt.Sprint(refsOf(got)) != fmt.Sprint(want.refs) {
			t.Errorf("%s: %s %v, want %s %v", query, count, refsOf(got), want.count, want.refs)
		}
	}
	for query, field := range map[string]string{"?limit=0": "limit", "?limit=-1": "limit", "?limit=x": "limit", "?offset=-1": "offset", "?dateFrom=yesterday": "dateFrom", "?dateTo[date]=2026-11-26%2000:00:00&dateTo[timezone]=Nowhere/There": "dateTo", "?showDeleted=perhaps": "showDeleted", "?resellerRef=x": "resellerRef"} {
		w.wantError(w.call(w.ours, http.MethodGet, "/users"+query, nil), 400, field, ruleInvalid)
	}
	w.want(w.call(w.ours, http.MethodDelete, fmt.Sprint("/users/", refs[0]), nil), 204)
	if count, got := list("?limit=1"); count != "24" || refsOf(got)[0] != refs[1] {
		t.Errorf("a deleted one counts: %s %v", count, refsOf(got))
	}
	if count, got := list("?limit=1&showDeleted=1"); count != "25" || refsOf(got)[0] != refs[0] {
		t.Errorf("a deleted one is hidden: %s %v", count, refsOf(got))
	}
	w.golden("users", w.call(w.ours, http.MethodGet, "/users?limit=1&offset=5", nil))
}

func TestDeleteHolder(t *testing.T) {
	w := newWorld(t)
	ref := w.newHolder(w.ours, nil)
	path := fmt.Sprint("/users/", ref)
	site := func(domain string) {
		w.want(w.call(w.ours, http.MethodPost, "/sites", map[string]any{"brandRef": w.ours.id, "accountHolderRef": ref, "domain": domain}), 201)
	}
	site("one.example")
	site("two.example")
	domains := func() string {
		out := w.want(w.call(w.ours, http.MethodGet, path+"/sites", nil), 200)
		names := ""
		for _, s := range out["sites"].([]any) {
			names += s.(map[string]any)["primaryDomain"].(map[string]any)["domainName"].(string) + " "
		}
		return names
	}
	w.wantError(w.call(w.ours, http.MethodDelete, path+"?hard=1", nil), 400, "hard", ruleNotAllow)
	w.want(w.call(w.ours, http.MethodDelete, fmt.Sprint("/sites/", w.siteOfHolder(path, "one.example")), nil), 204)
	w.clock.Advance(time.Hour)
	w.want(w.call(w.ours, http.MethodDelete, path+"?source=panel", nil), 204)
	w.want(w.call(w.ours, http.MethodDelete, path, nil), 204)
	h := w.showHolder(w.ours, ref)
	wantHolder(t, h)
	if h["deleted"] != true {
		t.Errorf("got %v", h)
	}
	w.golden("user-deleted", w.call(w.ours, http.MethodGet, path, nil))
	for _, action := range []string{"suspend", "auto-login", "cancel"} {
		w.wantError(w.send(w.ours, http.MethodPost, path+"/"+action, "", ""), 404, "", "")
	}
	w.wantError(w.call(w.ours, http.MethodPut, path, map[string]any{"firstName": "X"}), 400, "deleted", ruleNotAllow)
	// The names are free, and who has taken them keeps them.
	taker := w.newHolder(w.ours, nil)
	w.wantError(w.call(w.ours, http.MethodPut, path, map[string]any{"deleted": 0}), 400, "username", ruleExists)
	w.want(w.call(w.ours, http.MethodDelete, fmt.Sprint("/users/", taker, "?hard=1"), nil), 204)
	w.wantError(w.call(w.ours, http.MethodGet, fmt.Sprint("/users/", taker), nil), 404, "", "")
	w.wantError(w.call(w.ours, http.MethodDelete, fmt.Sprint("/users/", taker), nil), 404, "", "")
	// The library's plain PUT brings him back, and what went with him.
	back := w.want(w.call(w.ours, http.MethodPut, path, map[string]any{"deleted": 0, "beta": 0, "cpfCompany": 0, "firstName": "Harold"}), 200)["accountHolder"].(map[string]any)
	if back["deleted"] != false || back["firstName"] != "Harold" {
		t.Errorf("got %v", back)
	}
	if got := domains(); got != "two.example " {
		t.Errorf("he has %q", got)
	}
	w.want(w.call(w.ours, http.MethodDelete, path, nil), 204)
	w.clock.Advance(31 * 24 * time.Hour)
	w.wantError(w.call(w.ours, http.MethodPut, path, map[string]any{"deleted": "0"}), 400, "deleted", ruleNotAllow)
	w.want(w.call(w.ours, http.MethodDelete, path+"?hard=true", nil), 204)
	w.wantError(w.call(w.ours, http.MethodGet, path, nil), 404, "", "")
	if out := w.want(w.call(w.ours, http.MethodGet, "/users?showDeleted=1", nil), 200); out["count"] != "0" {
		t.Errorf("got %v", out)
	}
}

// TestHolderTenants: another brand's refs, and what is no ref, are nobody's.
func TestHolderTenants(t *testing.T) {
	w := newWorld(t)
	theirs := w.newHolder(w.foreign, nil)
	before := w.send(w.foreign, http.MethodGet, fmt.Sprint("/users/", theirs), "", "").body
	for _, op := range holderOperations() {
		if !strings.Contains(op.path, ":ref") {
			continue
		}
		for _, ref := range []string{fmt.Sprint(theirs), "999999", "0", "-1", "01", "x", "1e3", "9223372036854775807", "99999999999999999999", "%31%2F"} {
			path := strings.NewReplacer(":ref", ref, ":name", "mailboxes").Replace(op.path)
			r := w.send(w.ours, op.method, path, "application/json", `{"note":"n","firstName":"X"}`)
			if r.status != 404 || !strings.Contains(r.body, `"message":"Not found"`) {
				t.Errorf("%s %s: %d %s", op.method, path, r.status, r.body)
			}
		}
	}
	if after := w.send(w.foreign, http.MethodGet, fmt.Sprint("/users/", theirs), "", "").body; after != before {
		t.Errorf("%s became %s", before, after)
	}
}

// TestCreateHolderAtOnce: of many that ask for one name, or one address, one gets it.
func TestCreateHolderAtOnce(t *testing.T) {
	for _, field := range []string{"username", "email"} {
		w := newWorld(t)
		replies := make([]reply, 8)
		var wg sync.WaitGroup
		for i := range replies {
			in := w.leeOf(w.ours)
			if field == "email" {
				in["username"] = fmt.Sprint("name", i)
			} else {
				in["email"] = fmt.Sprintf("n%d@b.test", i)
			}
			wg.Go(func() { replies[i] = w.call(w.ours, http.MethodPost, "/users", in) })
		}
		wg.Wait()
		made := 0
		for _, r := range replies {
			if r.status == 201 {
				made++
				continue
			}
			w.wantError(r, 400, field, ruleExists)
			w.wantError(r, 400, "username", ruleExists)
		}
		if out := w.want(w.call(w.ours, http.MethodGet, "/users", nil), 200); made != 1 || out["count"] != "1" {
			t.Errorf("%s: %d were made, the list has %v", field, made, out["count"])
		}
	}
}
