package basekit

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/suspension"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/work"
)

const theirLink = "https://my.brand.example/reset?lang=de"

// user makes an account holder.
func (w *world) user(b brand, name string) int64 {
	w.t.Helper()
	out := w.want(w.call(b, http.MethodPost, "/users", map[string]any{"brandRef": b.id, "firstName": "Harry", "lastName": "Lee", "username": name,
		"password": "password", "email": name + "@b.test", "languageCode": "en"}), http.StatusCreated)
	h, _ := out["accountHolder"].(map[string]any)
	ref, _ := h["ref"].(float64)
	return int64(ref)
}

// answered does what is due of forgotten passwords.
func (w *world) answered() {
	w.t.Helper()
	job := audit.Actor{Role: suspension.RoleTitan, Name: "job:test"}
	items, err := w.core.DueItems(w.t.Context(), operator, work.DueFilter{Kind: due.HolderRequest}, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, i := range items {
		if err := w.core.RunDue(w.t.Context(), job, *i, nil); err != nil {
			w.t.Fatal(err)
		}
		if err := w.store.EndDue(w.t.Context(), "", *i); err != nil {
			w.t.Fatal(err)
		}
	}
}

// mailed gives the link of the next mail of a kind, and drops those before it; ""
// when there is none.
func (w *world) mailed(k notice.Kind) string {
	w.t.Helper()
	for {
		d, err := w.core.NextNotice(w.t.Context(), 0)
		if err != nil {
			w.t.Fatal(err)
		}
		if d == nil {
			return ""
		}
		if err := w.core.DropNotice(w.t.Context(), operator, d.ID); err != nil {
			w.t.Fatal(err)
		}
		if d.Kind != k {
			continue
		}
		token, err := w.core.NoticeToken(d)
		if err != nil {
			w.t.Fatal(err)
		}
		return shop.WithParameter(d.Link, d.LinkName, token)
	}
}

func TestForgottenAndResetPassword(t *testing.T) {
	w := newWorld(t)
	ref := w.user(w.ours, "hlee88")
	w.user(w.foreign, "hlee88")
	const forgotten, reset = "/users/forgotten-password", "/users/reset-password"
	for _, in := range []map[string]any{
		{"username": "hlee88", "loginLink": theirLink}, {"username": "nobody", "loginLink": theirLink}, {"email": "HLEE88@b.test", "loginLink": theirLink},
		{"email": "nobody@b.test", "loginLink": theirLink}, {"username": "hlee88", "email": nil, "loginLink": theirLink, "beta": 0},
	} {
		w.want(w.call(w.ours, http.MethodPost, forgotten, in), http.StatusNoContent)
	}
	w.want(w.send(w.ours, http.MethodPost, forgotten, "application/x-www-form-urlencoded", "username=hlee88&loginLink=https%3A%2F%2Fmy.brand.example%2Freset"), http.StatusNoContent)
	w.want(w.send(w.ours, http.MethodPost, forgotten, "application/json", `{"username":"hlee88","loginLink":"https:\/\/my.brand.example\/reset?lang=de"}`), http.StatusNoContent)
	w.answered()
	var links []string
	for link := w.mailed(notice.HolderPassword); link != ""; link = w.mailed(notice.HolderPassword) {
		links = append(links, link)
	}
	if len(links) != 5 {
		t.Fatalf("%d mails", len(links))
	}
	last := links[len(links)-1]
	hash, ok := strings.CutPrefix(last, theirLink+"&h=")
	if !ok || len(hash) != 40 || !strings.HasPrefix(links[3], "https://my.brand.example/reset?h=") {
		t.Fatalf("%q", links)
	}
	for name, c := range map[string]struct {
		in          map[string]any
		field, rule string
	}{
		"no link":        {map[string]any{"username": "hlee88"}, "loginLink", ruleRequired},
		"neither":        {map[string]any{"loginLink": theirLink}, "username", ruleRequired},
		"no address":     {map[string]any{"email": "x", "loginLink": theirLink}, "email", ruleInvalid},
		"a list as name": {map[string]any{"username": []string{"x"}, "loginLink": theirLink}, "username", ruleInvalid},
		"a script":       {map[string]any{"username": "x", "loginLink": "javascript:alert(1)"}, "loginLink", ruleInvalid},
		"credentials":    {map[string]any{"username": "x", "loginLink": "https://u:p@my.brand.example/"}, "loginLink", ruleInvalid},
		"an @":           {map[string]any{"username": "x", "loginLink": "https://my.brand.example@evil.example/"}, "loginLink", ruleInvalid},
		"no https":       {map[string]any{"username": "x", "loginLink": "http://my.brand.example/"}, "loginLink", ruleInvalid},
		"an address":     {map[string]any{"username": "x", "loginLink": "https://127.0.0.1/"}, "loginLink", ruleInvalid},
		"Unicode":        {map[string]any{"username": "x", "loginLink": "https://bücher.example/"}, "loginLink", ruleInvalid},
		"a line":         {map[string]any{"username": "x", "loginLink": "https://my.brand.example/\r\nX: y"}, "loginLink", ruleInvalid},
		"an object":      {map[string]any{"username": "x", "loginLink": map[string]any{}}, "loginLink", ruleInvalid},
	} {
		r := w.call(w.ours, http.MethodPost, forgotten, c.in)
		w.wantError(r, http.StatusBadRequest, c.field, c.rule)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	if _, err := w.core.ModifyShop(t.Context(), operator, packages.ModifyShop{PartnerID: w.ours.id, LinkHosts: &[]string{"my.brand.example"}}); err != nil {
		t.Fatal(err)
	}
	foreign := w.call(w.ours, http.MethodPost, forgotten, map[string]any{"username": "x", "loginLink": "https://evil.example/"})
	w.wantError(foreign, http.StatusBadRequest, "loginLink", ruleNotAllow)
	w.golden("error-link-host", foreign)

	for name, c := range map[string]struct {
		in          map[string]any
		field, rule string
	}{
		"no hash":     {map[string]any{"password": "password"}, "hash", ruleRequired},
		"no password": {map[string]any{"hash": hash}, "password", ruleRequired},
		"too short":   {map[string]any{"hash": hash, "password": "123456"}, "password", ruleTooShort},
		"unknown":     {map[string]any{"hash": strings.Repeat("x", 40), "password": "password"}, "hash", ruleInvalid},
		"a number":    {map[string]any{"hash": 7, "password": "password"}, "hash", ruleInvalid},
	} {
		w.wantError(w.call(w.ours, http.MethodPost, reset, c.in), http.StatusBadRequest, c.field, c.rule)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	in := map[string]any{"hash": hash, "password": "another"}
	w.wantError(w.call(w.foreign, http.MethodPost, reset, in), http.StatusBadRequest, "hash", ruleInvalid)
	w.want(w.call(w.ours, http.MethodPost, reset, in), http.StatusNoContent)
	used := w.call(w.ours, http.MethodPost, reset, in)
	w.wantError(used, http.StatusBadRequest, "hash", ruleInvalid)
	w.golden("error-hash", used)
	login := func(password string) map[string]any {
		return map[string]any{"username": "hlee88", "password": password, "userType": "accountHolder"}
	}
	out := w.want(w.call(w.ours, http.MethodPost, "/login", login("another")), http.StatusOK)
	if h, _ := out["accountHolder"].(map[string]any); h["ref"] != float64(ref) {
		t.Errorf("%v", out)
	}
	w.want(w.call(w.ours, http.MethodPost, "/login", login("password")), http.StatusUnauthorized)
	// The literal paths take no other method, and are no user's.
	for _, path := range []string{forgotten, reset} {
		if r := w.call(w.ours, http.MethodGet, path, nil); r.status != http.StatusNotFound && r.status != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %d", path, r.status)
		}
	}
	for _, secret := range append(links, hash) {
		if _, h, _ := strings.Cut(secret, "h="); h != "" && strings.Contains(w.log.String(), h) || strings.Contains(w.log.String(), hash) {
			t.Error("the log tells a hash")
		}
	}
}

func TestEmailVerification(t *testing.T) {
	w := newWorld(t)
	ref, other := w.user(w.ours, "hlee88"), w.user(w.ours, "other1")
	send, validate := fmt.Sprintf("/users/%d/send-verification-email", ref), fmt.Sprintf("/users/%d/validate-email-verification-token", ref)
	token := func() string {
		t.Helper()
		w.want(w.call(w.ours, http.MethodPost, send, map[string]any{"verificationUrl": theirLink}), http.StatusNoContent)
		raw, ok := strings.CutPrefix(w.mailed(notice.HolderVerification), theirLink+"&token=")
		if !ok || len(raw) != 32 {
			t.Fatalf("%q", raw)
		}
		return raw
	}
	verified := func(want bool) {
		t.Helper()
		out := w.want(w.call(w.ours, http.MethodGet, fmt.Sprintf("/users/%d", ref), nil), http.StatusOK)
		if h, _ := out["accountHolder"].(map[string]any); h["emailVerified"] != want {
			t.Errorf("emailVerified %v", h["emailVerified"])
		}
	}
	first := token()
	verified(false)
	for field, r := range map[string]reply{
		"verificationUrl": w.call(w.ours, http.MethodPost, send, map[string]any{"verificationUrl": "javascript:x"}),
		"token":           w.call(w.ours, http.MethodPost, validate, map[string]any{"token": strings.Repeat("x", 32)}),
	} {
		w.wantError(r, http.StatusBadRequest, field, ruleInvalid)
	}
	w.wantError(w.send(w.ours, http.MethodPost, send, "", ""), http.StatusBadRequest, "verificationUrl", ruleRequired)
	w.wantError(w.send(w.ours, http.MethodPost, validate, "", ""), http.StatusBadRequest, "token", ruleRequired)
	w.wantError(w.call(w.ours, http.MethodPost, fmt.Sprintf("/users/%d/validate-email-verification-token", other), map[string]any{"token": first}), http.StatusBadRequest, "token", ruleInvalid)
	for _, b := range []brand{w.foreign, w.ours} {
		path := send
		if b == w.ours {
			path = "/users/99999999999999999999/send-verification-email"
		}
		w.wantError(w.call(b, http.MethodPost, path, map[string]any{"verificationUrl": theirLink}), http.StatusNotFound, "", "")
	}
	w.wantError(w.call(w.foreign, http.MethodPost, validate, map[string]any{"token": first}), http.StatusNotFound, "", "")
	w.want(w.call(w.ours, http.MethodPost, validate, map[string]any{"token": first}), http.StatusNoContent)
	verified(true)
	used := w.call(w.ours, http.MethodPost, validate, map[string]any{"token": first})
	w.wantError(used, http.StatusBadRequest, "token", ruleInvalid)
	w.golden("error-verification-token", used)
	// PUT changes the address: not verified any more, and the token is void (B-13).
	second := token()
	w.want(w.call(w.ours, http.MethodPut, fmt.Sprintf("/users/%d", ref), map[string]any{"email": "new@b.test"}), http.StatusOK)
	verified(false)
	w.wantError(w.call(w.ours, http.MethodPost, validate, map[string]any{"token": second}), http.StatusBadRequest, "token", ruleInvalid)
	third := token()
	w.clock.Advance(24 * time.Hour)
	w.wantError(w.call(w.ours, http.MethodPost, validate, map[string]any{"token": third}), http.StatusBadRequest, "token", ruleInvalid)
	verified(false)
}

func TestProfiles(t *testing.T) {
	w := newWorld(t)
	ref := w.user(w.ours, "hlee88")
	all := fmt.Sprintf("/users/%d/profiles", ref)
	w.golden("profiles-first", w.call(w.ours, http.MethodGet, all, nil)) // there is always one to change
	field := func(name string, value any) map[string]any { return map[string]any{"name": name, "value": value} }
	fields := func(list ...any) map[string]any { return map[string]any{"fields": append([]any{}, list...)} }
	made := w.call(w.ours, http.MethodPost, all, fields(field("business", "Lee & Sons"), field("strapline", "Bread/Butter")))
	out := w.want(made, http.StatusCreated)
	w.golden("profile-created", made)
	p, _ := out["profile"].(map[string]any)
	n, ok := p["ref"].(float64)
	if list, isList := p["fields"].([]any); !ok || n <= 0 || !isList || len(list) != 2 || len(p) != 2 {
		t.Fatalf("%v", p)
	}
	one := fmt.Sprintf("%s/%d", all, int64(n))
	put := w.call(w.ours, http.MethodPut, one, fields(field("email", "office@lee.test"), field("strapline", nil), field("open", true), field("since", 1979)))
	w.want(put, http.StatusOK)
	w.golden("profile", put)
	if got := w.call(w.ours, http.MethodGet, one, nil); got.body != put.body {
		t.Errorf("%s", got.body)
	}
	w.golden("profiles", w.call(w.ours, http.MethodGet, all, nil))
	w.want(w.send(w.ours, http.MethodPut, one, "application/x-www-form-urlencoded", "fields[0][name]=business&fields[0][value]=Form"), http.StatusOK)
	for name, in := range map[string]any{
		"an object": map[string]any{"fields": map[string]any{"business": "x"}}, "a text": map[string]any{"fields": "x"}, "texts": fields("x"), "no name": fields(map[string]any{"value": "x"}),
		"no value": fields(map[string]any{"name": "x"}), "a list as value": fields(field("x", []string{"y"})), "an empty name": fields(field("", "x")),
		"a long value": fields(field("x", strings.Repeat("x", 1001))),
	} {
		w.wantError(w.call(w.ours, http.MethodPut, one, in), http.StatusBadRequest, "fields", ruleInvalid)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	w.wantError(w.call(w.ours, http.MethodPut, one, map[string]any{"fields": nil}), http.StatusBadRequest, "fields", ruleRequired)
	w.want(w.call(w.ours, http.MethodPut, one, fields()), http.StatusOK)
	other := w.user(w.ours, "other1")
	for _, path := range []string{fmt.Sprintf("/users/%d/profiles/%d", other, int64(n)), all + "/999", all + "/x", all + "/99999999999999999999"} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
			w.wantError(w.call(w.ours, method, path, fields()), http.StatusNotFound, "", "")
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		w.wantError(w.call(w.foreign, method, one, fields()), http.StatusNotFound, "", "")
	}
	w.wantError(w.call(w.foreign, http.MethodPost, all, fields()), http.StatusNotFound, "", "")
	for range 18 {
		w.want(w.call(w.ours, http.MethodPost, all, fields()), http.StatusCreated)
	}
	w.wantError(w.call(w.ours, http.MethodPost, all, fields()), http.StatusBadRequest, "fields", ruleLimit)
	w.want(w.call(w.ours, http.MethodDelete, one, nil), http.StatusNoContent)
	w.wantError(w.call(w.ours, http.MethodGet, one, nil), http.StatusNotFound, "", "")
}
