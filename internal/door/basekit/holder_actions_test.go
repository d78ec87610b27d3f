package basekit

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"posthouse/internal/core/audit"
	looks "posthouse/internal/core/brand"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

func (w *world) siteOfHolder(path, domain string) int64 {
	for _, s := range w.want(w.call(w.ours, http.MethodGet, path+"/sites", nil), 200)["sites"].([]any) {
		if d := s.(map[string]any)["primaryDomain"].(map[string]any); d["domainName"] == domain {
			return int64(d["ref"].(float64))
		}
	}
	w.t.Fatalf("no site %s", domain)
	return 0
}

func TestSuspendHolder(t *testing.T) {
	w := newWorld(t)
	ref := w.newHolder(w.ours, nil)
	path := fmt.Sprint("/users/", ref)
	w.want(w.call(w.ours, http.MethodPost, "/sites", map[string]any{"accountHolderRef": ref, "domain": "one.example"}), 201)
	id := w.siteOfHolder(path, "one.example")
	actor := audit.Actor{PartnerID: w.ours.id, Role: suspension.RolePartner, Name: "key:1"}
	set := func() suspension.Set {
		s, err := w.core.OrderSuspensions(t.Context(), actor, work.OrderRef{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	w.want(w.send(w.ours, http.MethodPost, path+"/suspend", "", ""), 204)
	w.want(w.send(w.ours, http.MethodPost, path+"/suspend", "", ""), 204)
	if s := set(); len(s) != 1 || s[0].Type != suspension.TypePartner || s[0].Role != suspension.RolePartner || w.showHolder(w.ours, ref)["suspended"] != 1.0 {
		t.Errorf("got %v", s)
	}
	if _, err := w.core.SuspendMailOrder(t.Context(), operator, ordering.SuspendMailOrder{Order: work.OrderRef{ID: id}, Type: "abuse"}); err != nil {
		t.Fatal(err)
	}
	w.want(w.send(w.ours, http.MethodPost, path+"/unsuspend", "", ""), 204)
	w.want(w.send(w.ours, http.MethodPost, path+"/unsuspend", "", ""), 204)
	if s := set(); len(s) != 1 || s[0].Type != "abuse" || w.showHolder(w.ours, ref)["suspended"] != 1.0 { // all he has is suspended
		t.Errorf("got %v", s)
	}
}

func TestHolderExtras(t *testing.T) {
	w := newWorld(t)
	ref := w.newHolder(w.ours, nil)
	path := fmt.Sprint("/users/", ref)
	caps := w.call(w.ours, http.MethodGet, path+"/capabilities", nil)
	w.golden("user-capabilities", caps)
	for key, v := range w.want(caps, 200)["capabilities"].(map[string]any) {
		if one := w.want(w.call(w.ours, http.MethodGet, path+"/capability/"+key, nil), 200); one["capability"] != v || len(one) != 1 {
			t.Errorf("%s: %v, want %v", key, one, v)
		}
	}
	w.wantError(w.call(w.ours, http.MethodGet, path+"/capability/nothing", nil), 404, "", "")

	if out := w.want(w.call(w.ours, http.MethodGet, path+"/notes", nil), 200); len(out["notes"].([]any)) != 0 {
		t.Errorf("got %v", out)
	}
	w.golden("user-notes", w.call(w.ours, http.MethodPost, path+"/notes", map[string]any{"note": "called <b>\nä"}))
	w.want(w.call(w.ours, http.MethodPost, path+"/notes", map[string]any{"note": 5}), 201)
	if out := w.want(w.call(w.ours, http.MethodGet, path+"/notes", nil), 200); len(out["notes"].([]any)) != 2 {
		t.Errorf("got %v", out)
	}
	w.wantError(w.call(w.ours, http.MethodPost, path+"/notes", nil), 400, "note", ruleRequired)
	w.wantError(w.call(w.ours, http.MethodPost, path+"/notes", map[string]any{"note": strings.Repeat("x", 5000)}), 400, "note", ruleInvalid)

	w.want(w.call(w.ours, http.MethodPost, "/sites", map[string]any{"accountHolderRef": ref, "domain": "one.example"}), 201)
	w.newHolder(w.foreign, nil)
	w.golden("search", w.call(w.ours, http.MethodGet, "/search?token=hle", nil))
	for token, n := range map[string]int{"HARRY": 1, "lee": 1, "h@b": 1, "one.example": 1, fmt.Sprint(ref): 1, "%25": 0, "_": 0, "nobody": 0, "%00": 0, strings.Repeat("x", 5000): 0} {
		out := w.want(w.call(w.ours, http.MethodGet, "/search?token="+token, nil), 200)
		users := out["users"].([]any)
		if len(users) != n {
			t.Errorf("%.20s finds %v", token, users)
		}
		for _, u := range users {
			h := u.(map[string]any)
			if sites := h["sites"].([]any); len(sites) != 1 {
				t.Errorf("got %v", sites)
			}
			delete(h, "sites")
			wantHolder(t, h)
		}
	}
	w.wantError(w.call(w.ours, http.MethodGet, "/search", nil), 400, "token", ruleRequired)
}

func TestLogin(t *testing.T) {
	w := newWorld(t)
	ref := w.newHolder(w.ours, nil)
	w.newHolder(w.foreign, map[string]any{"username": "other", "password": "foreign password"})
	login := func(username, password, kind string) reply {
		return w.call(w.ours, http.MethodPost, "/login", map[string]any{"username": username, "password": password, "userType": kind})
	}
	good := strings.Repeat("p9", 20)
	w.golden("login", login("HLee88", good, "accountHolder"))
	if h := w.showHolder(w.ours, ref); jsonTypeOf(h["lastLogin"]) != "d" {
		t.Errorf("got %v", h["lastLogin"])
	}
	for _, c := range [][2]string{{"hlee88", "wrong password"}, {"nobody", good}, {"other", "foreign password"}, {"hlee88", ""}, {strings.Repeat("x", 5000), good}} {
		if c[1] == "" {
			w.wantError(login(c[0], c[1], "accountHolder"), 400, "password", ruleRequired)
			continue
		}
		w.wantError(login(c[0], c[1], "accountHolder"), 401, "", "")
	}
	for _, kind := range []string{"controlPanel", "API", "reseller", "x"} {
		w.wantError(login("hlee88", good, kind), 400, "userType", ruleInvalid)
	}
	w.want(w.send(w.ours, http.MethodPost, fmt.Sprint("/users/", ref, "/suspend"), "", ""), 204)
	w.wantError(login("hlee88", good, "accountHolder"), 401, "", "")
	w.want(w.send(w.ours, http.MethodPost, fmt.Sprint("/users/", ref, "/unsuspend"), "", ""), 204)
	for range customers.MaxLoginAttempts {
		w.wantError(login("hlee88", "wrong password", "accountHolder"), 401, "", "")
	}
	w.wantError(login("hlee88", good, "accountHolder"), 401, "", "") // too often
	if strings.Contains(w.log.String(), good) {
		t.Error("the log has a password")
	}
}

func TestAutoLogin(t *testing.T) {
	w := newWorld(t)
	if _, err := w.core.SetBrand(t.Context(), operator, tenancy.SetBrand{PartnerID: w.ours.id, Brand: looks.Brand{PanelURL: "https://panel.us.example"}}); err != nil {
		t.Fatal(err)
	}
	ref := w.newHolder(w.ours, nil)
	path := fmt.Sprint("/users/", ref)
	r := w.send(w.ours, http.MethodPost, path+"/auto-login", "", "")
	out := w.want(r, 200)
	hash, flow := out["hash"].(string), out["flowUrl"].(string)
	if len(out) != 2 || len(hash) != 32 || flow != "https://panel.us.example/account/login?hash="+hash+"&" {
		t.Errorf("got %v", out)
	}
	w.hidden[hash] = "HASH"
	w.golden("auto-login", r)
	w.want(w.call(w.ours, http.MethodPost, "/sites", map[string]any{"accountHolderRef": ref, "domain": "one.example"}), 201)
	id := w.siteOfHolder(path, "one.example")
	out = w.want(w.call(w.ours, http.MethodPost, path+"/auto-login", map[string]any{"siteRef": fmt.Sprint(id)}), 200)
	if flow := out["flowUrl"].(string); !strings.HasSuffix(flow, fmt.Sprintf("&siteRef=%d&", id)) {
		t.Errorf("got %s", flow)
	}
	other := w.newHolder(w.ours, map[string]any{"username": "second", "email": "second@b.test"})
	w.wantError(w.call(w.ours, http.MethodPost, fmt.Sprint("/users/", other, "/auto-login"), map[string]any{"siteRef": id}), 404, "", "")
	w.wantError(w.call(w.ours, http.MethodPost, path+"/auto-login", map[string]any{"siteRef": "x"}), 400, "siteRef", ruleInvalid)
	w.want(w.send(w.ours, http.MethodPost, path+"/suspend", "", ""), 204)
	w.wantError(w.send(w.ours, http.MethodPost, path+"/auto-login", "", ""), 403, "", "")
	if strings.Contains(w.log.String(), hash) {
		t.Error("the log has a hash")
	}
}
