package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/door/doortest"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
	"posthouse/internal/secret"
	"posthouse/internal/store/sqltest"
)

// openHasher keeps passwords as they are, and refuses what argon2id's would.
type openHasher struct{ doortest.Hasher }

func (h openHasher) Hash(ctx context.Context, pw string) (string, error) {
	if strings.ContainsRune(pw, 0x07) {
		return "", fault.New(fault.Invalid, "The password can't be used")
	}
	return h.Hasher.Hash(ctx, pw)
}

type links struct {
	t     *testing.T
	core  *provision.Service
	door  *Door
	clock *clock.Manual
	log   bytes.Buffer
	actor audit.Actor
	order int64
}

var linkStaff = audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}

func newLinks(t *testing.T) *links {
	t.Helper()
	w := &links{t: t, clock: clock.NewManual(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))}
	core, err := provision.New(work.Config{Store: sqltest.NewTwice(t, w.clock), Hasher: openHasher{}, SealingKey: make([]byte, secret.SealKeyLen),
		Clock: w.clock, Brand: brand.Brand{Name: "Example Mail", PanelURL: "https://panel.example", WebmailURL: "https://mail.example"}})
	if err != nil {
		t.Fatal(err)
	}
	w.core = core
	p, _, err := core.CreatePartner(t.Context(), linkStaff, tenancy.CreatePartner{Name: "Us"})
	if err != nil {
		t.Fatal(err)
	}
	w.actor = audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "key:1"}
	o, err := core.CreateMailOrder(t.Context(), w.actor, ordering.CreateMailOrder{Domain: "shop.example", Plan: plan.Free, Locale: "de",
		Customer: work.CustomerProfile{CustomerID: "c", Email: "kim@example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	w.order = o.OrderID
	if _, err := core.CreateEmailAccount(t.Context(), w.actor, mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: o.OrderID}, Email: "ann@shop.example", Locale: "en"}); err != nil {
		t.Fatal(err)
	}
	w.door, err = New(Config{Core: core, Serving: gate.Serving{Clock: w.clock, Log: slog.New(slog.NewTextHandler(&w.log, nil))}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// token gives the link of the newest notice.
func (w *links) token() string {
	w.t.Helper()
	list, err := w.core.Notices(w.t.Context(), linkStaff, work.NoticeFilter{})
	if err != nil || len(list) == 0 {
		w.t.Fatal("no notice", err)
	}
	token, err := w.core.NoticeToken(&notice.Draft{Notice: *list[len(list)-1]})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func (w *links) reset() string {
	w.t.Helper()
	if err := w.core.RequestPasswordReset(w.t.Context(), w.actor, signin.RequestPasswordReset{
		Account: work.AccountRef{Order: work.OrderRef{ID: w.order}, Email: "ann@shop.example"}, Recipient: "kim@example.org",
	}); err != nil {
		w.t.Fatal(err)
	}
	return w.token()
}

var nonces = regexp.MustCompile(`nonce="[^"]*"`)

func (w *links) do(method, path, form string, header ...string) (int, string) {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form))
	r.RemoteAddr = "192.0.2.9:4711"
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if !w.door.Handles(r) {
		w.t.Fatalf("%s %s is no page", method, path)
	}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, r)
	h := rec.Header()
	if h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") ||
		strings.Contains(h.Get("Content-Security-Policy"), "script-src") || h.Get("X-Frame-Options") != "DENY" {
		w.t.Errorf("headers %v", h)
	}
	return rec.Code, nonces.ReplaceAllString(rec.Body.String(), "")
}

func pair(a, b string) string { return url.Values{"password": {a}, "repeat": {b}}.Encode() }

func (w *links) login(password string) bool {
	w.t.Helper()
	all, err := w.core.LoginCandidates(w.t.Context(), "ann@shop.example")
	if err != nil || len(all) != 1 {
		w.t.Fatal(all, err)
	}
	return all[0].PasswordHash == "plain:"+password
}

func TestSetAPassword(t *testing.T) {
	w := newLinks(t)
	token := w.reset()
	for range 3 { // a look takes nothing away
		code, body := w.do("GET", "/password/"+token, "")
		for _, want := range []string{`lang="en-US"`, "Choose a password", "ann@shop.example", `autocomplete="new-password"`, `<label for="password">`, `autocomplete="username"`,
			`action="/password/` + token + `"`, "Example Mail"} {
			if code != http.StatusOK || !strings.Contains(body, want) {
				t.Fatalf("%d, no %s in %s", code, want, body)
			}
		}
	}
	for form, want := range map[string]string{
		pair("correct horse", "correct hors"): "The two passwords are not the same", pair("short", "short"): "too short", pair("", ""): "too short",
		pair(strings.Repeat("long ", 300), strings.Repeat("long ", 300)): "too long", pair("bell \a bell", "bell \a bell"): "characters",
	} {
		code, body := w.do("POST", "/password/"+token, form)
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, want) || !strings.Contains(body, `aria-invalid="true"`) || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%q: %d %s", form, code, body)
		}
	}
	if code, _ := w.do("POST", "/password/"+token, pair("correct horse", "correct horse"), "Sec-Fetch-Site", "cross-site"); code != http.StatusForbidden {
		t.Errorf("from another page: %d", code)
	}
	if code, _ := w.do("POST", "/password/"+token, `{"password":"correct horse"}`, "Content-Type", "application/json"); code != http.StatusBadRequest {
		t.Errorf("not a form: %d", code)
	}
	if code, _ := w.do("PUT", "/password/"+token, pair("correct horse", "correct horse")); code != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", code)
	}
	if w.login("correct horse") {
		t.Fatal("set too early")
	}
	code, body := w.do("POST", "/password/"+token, pair("correct horse", "correct horse"))
	if code != http.StatusOK || !strings.Contains(body, "The password is set") || !strings.Contains(body, `href="https://mail.example"`) || strings.Contains(body, "correct horse") {
		t.Errorf("%d %s", code, body)
	}
	if !w.login("correct horse") {
		t.Error("not set")
	}
	log := w.log.String()
	if strings.Contains(log, token) || strings.Contains(log, "correct") || !strings.Contains(log, "page=/password/") {
		t.Errorf("the log: %s", log)
	}
}

// TestDeadLinks has one page for all of them.
func TestDeadLinks(t *testing.T) {
	w := newLinks(t)
	used := w.reset()
	w.do("POST", "/password/"+used, pair("correct horse", "correct horse"))
	older := w.reset()
	expired := w.reset()
	w.clock.Advance(24 * time.Hour)
	pages := map[string]bool{}
	for _, token := range []string{used, older, expired, strings.Repeat("x", 40), "x", "x/y", "%2e%2e%2f", strings.Repeat("y", 4000)} {
		for _, m := range []string{"GET", "POST"} {
			form := ""
			if m == "POST" {
				form = pair("another horse", "another horse")
			}
			code, body := w.do(m, "/password/"+token, form)
			if code != http.StatusGone {
				t.Errorf("%s %s: %d", m, token, code)
			}
			pages[body] = true
			w.clock.Advance(10 * time.Second)
		}
	}
	if len(pages) != 1 {
		t.Errorf("%d different pages", len(pages))
	}
	if !w.login("correct horse") {
		t.Error("a dead link has set a password")
	}
	if code, body := w.do("GET", "/password/x", "", "Accept-Language", "fr-CA,fr;q=0.8"); code != http.StatusGone || !strings.Contains(body, "Ce lien ne fonctionne plus") {
		t.Errorf("%d %s", code, body)
	}
}

func TestGuessesAreLimited(t *testing.T) {
	w := newLinks(t)
	token := w.reset()
	for i := range gate.MaxFailures {
		if code, _ := w.do("GET", "/password/guess", ""); code != http.StatusGone {
			t.Fatalf("guess %d: %d", i, code)
		}
	}
	for _, p := range []string{"guess", token} {
		if code, _ := w.do("GET", "/password/"+p, ""); code != http.StatusTooManyRequests {
			t.Errorf("%s: %d", p, code)
		}
	}
	w.clock.Advance(gate.ForgiveEvery)
	if code, _ := w.do("GET", "/password/"+token, ""); code != http.StatusOK {
		t.Errorf("later: %d", code)
	}
}

func TestPanelPasswordPage(t *testing.T) {
	w := newLinks(t)
	token := w.token() // of the order's welcome
	code, body := w.do("GET", "/password/"+token+"/", "")
	if code != http.StatusOK || !strings.Contains(body, `lang="de-DE"`) || !strings.Contains(body, "Kundenbereich") || !strings.Contains(body, "kim@example.org") {
		t.Errorf("%d %s", code, body)
	}
	if code, body = w.do("POST", "/password/"+token, pair("correct horse", "correct horse")); code != http.StatusOK || !strings.Contains(body, `href="https://panel.example"`) {
		t.Errorf("%d %s", code, body)
	}
	if got, err := w.core.VerifyPanelPassword(t.Context(), signin.VerifyPanelPassword{Email: "kim@example.org", Password: "correct horse"}); err != nil || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
}

// TestSetACustomersPassword: whoever logs in by a user name follows R-18 here too.
func TestSetACustomersPassword(t *testing.T) {
	w := newLinks(t)
	r, _, err := w.core.CreateReseller(t.Context(), linkStaff, reselling.CreateReseller{PartnerID: w.actor.PartnerID, Username: "root@a.example", SellingCurrency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	seller := audit.Actor{PartnerID: r.PartnerID, Role: suspension.RolePartner, Name: "reseller", Limited: true, Limit: audit.Limit{ResellerID: r.ID}}
	if _, err := w.core.CreateCustomer(t.Context(), seller, customers.CreateCustomer{Password: "Secret-123!", Data: customers.CustomerData{
		Username: "jane@x.example", Name: "Jane Doe", Company: "Doe", Address1: "1 High St", City: "London", State: "London", Country: "GB", Zip: "N1",
		PhoneCC: "44", Phone: "201234", Language: "en"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.core.ForgotCustomerPassword(t.Context(), seller, "jane@x.example"); err != nil {
		t.Fatal(err)
	}
	path := "/password/" + w.token()
	code, body := w.do("GET", path, "")
	for _, want := range []string{"9 to 64 characters", `minlength="9" maxlength="64"`, "jane@x.example"} {
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Fatalf("%d, no %s in %s", code, want, body)
		}
	}
	if code, body := w.do("POST", path, pair("correct horse", "correct horse")); code != http.StatusUnprocessableEntity || !strings.Contains(body, "not have all that it needs") {
		t.Errorf("%d %s", code, body)
	}
	if code, body := w.do("POST", path, pair("Correct-h0rse!", "Correct-h0rse!")); code != http.StatusOK {
		t.Errorf("%d %s", code, body)
	}
	if _, err := w.core.AuthenticateCustomer(t.Context(), seller, customers.AuthenticateCustomer{Username: "jane@x.example", Password: "Correct-h0rse!"}); err != nil {
		t.Error(err)
	}
}
