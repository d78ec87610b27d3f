package native

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/webhook"
	"posthouse/internal/fault"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

func TestKeysAreTakenWithAndWithoutScheme(t *testing.T) {
	w := sqliteWorld(t)
	for value, status := range map[string]int{
		w.key: 200, "Bearer " + w.key: 200, "bearer  " + w.key: 200, " " + w.key + " ": 200,
		"Basic " + w.key: 401, "Bearer": 401, "Bearer " + w.key + " x": 401, w.key[:len(w.key)-1]: 401, strings.Repeat("x", 600): 401,
		"p_" + fmt.Sprint(w.other) + w.key[strings.Index(w.key, ":"):]: 401,
	} {
		if a := w.do("", "GET", "/v1/me", "", header{"Authorization": value}); a.status != status {
			t.Errorf("%.30q: %d", value, a.status)
		}
	}
	r := httptest.NewRequest("GET", "/v1/me", nil)
	r.Header["Authorization"] = []string{w.key, w.key}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, r)
	if rec.Code != 401 {
		t.Error("two keys", rec.Code)
	}
}

func TestSuspensionAllowListAndRate(t *testing.T) {
	w := sqliteWorld(t)
	if err := w.core.SetAllowedNetworks(t.Context(), operator, w.partner, []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}); err != nil {
		t.Fatal(err)
	}
	w.do(w.key, "GET", "/v1/me", "", header{"X-Forwarded-For": "203.0.113.7"}).want(403, "ADDRESS_NOT_ALLOWED")
	w.door.serving.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's peer
	w.do(w.key, "GET", "/v1/me", "", header{"X-Forwarded-For": "203.0.113.7"}).want(200, "")
	w.do(w.key, "GET", "/v1/me", "", header{"X-Forwarded-For": "203.0.113.7, 198.51.100.1"}).want(403, "ADDRESS_NOT_ALLOWED")
	if err := w.core.SuspendPartner(t.Context(), operator, w.other); err != nil {
		t.Fatal(err)
	}
	w.do(w.foreign, "GET", "/v1/me", "").want(403, "")
	if err := w.core.UnsuspendPartner(t.Context(), operator, w.other); err != nil {
		t.Fatal(err)
	}
	one, three := 1, 3
	if err := w.core.SetPartnerSettings(t.Context(), operator, w.other, partner.Settings{RatePerSecond: &one, RateBurst: &three}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.do(w.foreign, "GET", "/v1/me", "").want(200, "")
	}
	if a := w.do(w.foreign, "GET", "/v1/me", "").want(429, ""); a.header.Get("Retry-After") != "1" {
		t.Error(a.header)
	}
	w.clock.Advance(time.Second)
	w.do(w.foreign, "GET", "/v1/me", "").want(200, "")
}

func TestBodies(t *testing.T) {
	w := sqliteWorld(t)
	deep := strings.Repeat(`{"url":`, 5000) + "1" + strings.Repeat("}", 5000)
	for name, c := range map[string]struct {
		body   string
		status int
		reason string
	}{
		"empty":           {"", 400, "UNPARSABLE"},
		"half":            {`{"url":`, 400, "UNPARSABLE"},
		"rubbish":         {"\x00\xff", 400, "UNPARSABLE"},
		"two":             {`{"url":"https://a.example/"} {}`, 400, "UNPARSABLE"},
		"list":            {`[]`, 422, "INVALID_FIELD"},
		"null":            {`null`, 422, "INVALID_FIELD"},
		"text":            {`"https://a.example/"`, 422, "INVALID_FIELD"},
		"missing":         {`{}`, 422, "INVALID_FIELD"},
		"wrong type":      {`{"url":1}`, 422, "INVALID_FIELD"},
		"null value":      {`{"url":null}`, 422, "INVALID_FIELD"},
		"unknown key":     {`{"url":"https://a.example/","color":"red"}`, 422, "INVALID_FIELD"},
		"unknown event":   {`{"url":"https://a.example/","events":["NOTHING"]}`, 422, ""},
		"too many events": {`{"url":"https://a.example/","events":["` + strings.Repeat(`x","`, 30000) + `x"]}`, 413, "BODY_TOO_LARGE"},
		"many errors":     {`{"url":"https://a.example/","events":[` + strings.Repeat(`1,`, 30000) + `1]}`, 422, "INVALID_FIELD"},
		"deep":            {deep, 422, "INVALID_FIELD"},
		"too deep":        {strings.Repeat(`[`, 20000), 400, "UNPARSABLE"},
		"large":           {`{"url":"https://a.example/` + strings.Repeat("x", 1<<20) + `"}`, 413, "BODY_TOO_LARGE"},
	} {
		a := w.do(w.key, "POST", "/v1/webhooks", c.body)
		if a.status != c.status || a.text("reason") != c.reason {
			t.Errorf("%s: %d %.300s", name, a.status, a.raw)
		}
		if len(a.raw) > 8<<10 {
			t.Errorf("%s: an answer of %d bytes", name, len(a.raw))
		}
	}
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, header{"Content-Type": "text/plain"}).want(415, "UNSUPPORTED_MEDIA_TYPE")
	w.do(w.key, "POST", "/v1/webhooks", `url=x`, header{"Content-Type": "application/x-www-form-urlencoded"}).want(415, "UNSUPPORTED_MEDIA_TYPE")
	if a := w.do(w.key, "GET", "/v1/webhooks", ""); len(a.items()) != 0 {
		t.Error(a.raw)
	}
}

// What was sent in the wrong place does not come back, in an answer or in the log.
func TestSecretsAreNotEchoed(t *testing.T) {
	w := sqliteWorld(t)
	const hidden = "hunter2-hunter2"
	for _, c := range []struct{ method, target, body string }{
		{"POST", "/v1/webhooks", `{"url":"https://a.example/","headerValue":{"x":"` + hidden + `"}}`},
		{"POST", "/v1/webhooks", `{"url":["` + hidden + `"],"headerValue":"` + hidden + `"}`},
		{"POST", "/v1/webhooks", `{"url":"https://user:` + hidden + `@a.example/","headerValue":"` + hidden + `"}`},
		{"POST", "/v1/webhooks", `{"url":"` + hidden + `"`},
		{"POST", "/v1/webhooks", `{"url":"https://a.example/","headerValue":"` + hidden + `\n"}`},
		{"PATCH", "/v1/settings", `{"currency":"` + hidden + `"}`},
		{"POST", "/v1/clock/advance", `{"to":"` + hidden + `"}`},
		{"POST", "/v1/clock/advance", `{"by":"` + hidden + `"}`},
		{"GET", "/v1/events?from=" + hidden, ""},
		{"GET", "/v1/events?cursor=" + hidden, ""},
		{"GET", "/v1/events?limit=" + hidden, ""},
	} {
		a := w.do(w.key, c.method, c.target, c.body, header{"If-Match": "*"})
		if a.status < 400 || a.status >= 500 {
			t.Errorf("%s %s: %d", c.method, c.target, a.status)
		}
		if strings.Contains(a.raw, hidden) {
			t.Errorf("%s %s: %s", c.method, c.target, a.raw)
		}
	}
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/","headerValue":"`+hidden+`"}`).want(201, "")
	if a := w.do(w.key, "GET", "/v1/webhooks", ""); strings.Contains(a.raw, hidden) || strings.Contains(a.raw, "whsec_") {
		t.Error(a.raw)
	}
	if a := w.do(w.key, "GET", "/v1/audit", ""); strings.Contains(a.raw, hidden) || strings.Contains(a.raw, "whsec_") {
		t.Error(a.raw)
	}
	if log := w.log.String(); strings.Contains(log, hidden) || strings.Contains(log, w.key) || !strings.Contains(log, "operation=createWebhook") || !strings.Contains(log, "status=201") {
		t.Error("the log:", log)
	}
}

func TestETags(t *testing.T) {
	w := sqliteWorld(t)
	hook := w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/"}`).want(201, "")
	for _, c := range []struct{ target, method, a, b string }{
		{"/v1/settings", "PATCH", `{"currency":"EUR"}`, `{"noSetupMail":true}`},
		{"/v1/brand", "PUT", `{"name":"A"}`, `{"name":"B"}`},
		{"/v1/resellers/4/brand", "PUT", `{"name":"A"}`, `{"name":"B"}`},
		{hook.header.Get("Location"), "PATCH", `{"paused":true}`, `{"paused":false}`},
	} {
		seen := w.do(w.key, "GET", c.target, "").want(200, "").header.Get("ETag")
		if seen == "" {
			t.Fatal(c.target)
		}
		w.do(w.key, c.method, c.target, c.a).want(428, "PRECONDITION_REQUIRED")
		for _, bad := range []string{"rubbish", `W/` + seen, `"x"`, `""`, `"` + strings.Repeat("z", 100) + `"`, seen + `, "x"`} {
			if a := w.do(w.key, c.method, c.target, c.a, header{"If-Match": bad}); a.status != 412 {
				t.Errorf("%s %s: %d %s", c.target, bad, a.status, a.raw)
			}
		}
		first := w.do(w.key, c.method, c.target, c.a, header{"If-Match": seen}).want(200, "")
		if next := first.header.Get("ETag"); next == seen || next != w.do(w.key, "GET", c.target, "").header.Get("ETag") {
			t.Errorf("%s: ETag %s after %s", c.target, next, seen)
		}
		if a := w.do(w.key, c.method, c.target, c.b, header{"If-Match": seen}); a.status != 412 {
			t.Errorf("%s: a lost update: %d", c.target, a.status)
		}
		w.do(w.key, c.method, c.target, c.b, header{"If-Match": first.header.Get("ETag")}).want(200, "")
		w.do(w.key, c.method, c.target, c.a, header{"If-Match": "*"}).want(200, "")
	}
}

// What the core knows of a partner's settings is shown, so that a new one isn't forgotten.
func TestSettingsAreComplete(t *testing.T) {
	w := sqliteWorld(t)
	n := 500
	if err := w.core.SetPartnerSettings(t.Context(), operator, w.partner, partner.Settings{
		BillingOwner: partner.BilledByPlatform, Currency: "EUR", ChargedAmountOptional: true, ServerScoped: true, CollateHosts: true,
		Carts: true, NoSetupMail: true, RatePerSecond: &n, RateBurst: &n,
	}); err != nil {
		t.Fatal(err)
	}
	p, err := w.core.PartnerSettings(t.Context(), w.actor(w.partner))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(p.Settings)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != reflect.TypeFor[partner.Settings]().NumField() {
		t.Fatalf("the test leaves fields unset: %s", raw)
	}
	got := w.do(w.key, "GET", "/v1/settings", "").want(200, "")
	if !reflect.DeepEqual(got.body, want) {
		t.Errorf("%s, want %s", got.raw, raw)
	}
	for field := range want {
		body := fmt.Sprintf(`{%q: null}`, field)
		if a := w.do(w.key, "PATCH", "/v1/settings", body, header{"If-Match": "*"}); (a.status == 200) != slices.Contains([]string{"currency", "collateHosts", "carts", "noSetupMail"}, field) {
			t.Errorf("%s: %d %s", field, a.status, a.raw)
		}
	}
	a := w.do(w.key, "PATCH", "/v1/settings", `{"currency":"usd","collateHosts":false,"carts":false,"noSetupMail":false}`, header{"If-Match": "*"}).want(200, "")
	if a.body["carts"] != false || a.body["collateHosts"] != false || a.body["noSetupMail"] != false || a.body["currency"] != "USD" || a.body["ratePerSecond"] != float64(500) {
		t.Error(a.raw)
	}
}

func TestPages(t *testing.T) {
	w := sqliteWorld(t)
	for i := range 7 {
		w.order(w.partner, fmt.Sprintf("d%d.example", i))
	}
	all := w.do(w.key, "GET", "/v1/events?limit=200", "")
	want := len(all.items())
	if want < 7 || all.text("next") != "" {
		t.Fatal(all.raw)
	}
	for _, sort := range []string{"newest", "oldest"} {
		seen := map[any]bool{}
		target, pages := "/v1/events?limit=2&type=MAIL_ORDER_CREATED&sort="+sort, 0
		for target != "" {
			a := w.do(w.key, "GET", target, "").want(200, "")
			for _, i := range a.items() {
				seen[i["id"]] = true
			}
			target = a.text("next")
			if (target != "") != (a.header.Get("Link") == "<"+target+`>; rel="next"`) {
				t.Error(a.header)
			}
			pages++
		}
		if len(seen) != 7 || pages != 4 {
			t.Errorf("%s: %d events on %d pages", sort, len(seen), pages)
		}
	}
	next := w.do(w.key, "GET", "/v1/events?limit=2", "").text("next")
	cursor := strings.TrimPrefix(next, "/v1/events?cursor=")
	cursor, _, _ = strings.Cut(cursor, "&")
	flipped := []byte(cursor)
	flipped[3] ^= 1
	for name, target := range map[string]string{
		"tampered":         "/v1/events?limit=2&cursor=" + string(flipped),
		"cut":              "/v1/events?limit=2&cursor=" + cursor[:len(cursor)-1],
		"longer":           "/v1/events?limit=2&cursor=" + cursor + "A",
		"padded":           "/v1/events?limit=2&cursor=" + cursor + "%3D",
		"of another list":  "/v1/audit?limit=2&cursor=" + cursor,
		"of another view":  "/v1/events?sort=oldest&limit=2&cursor=" + cursor,
		"of another range": "/v1/events?titanOrderId=5&limit=2&cursor=" + cursor,
	} {
		if a := w.do(w.key, "GET", target, ""); a.status != 422 || a.text("reason") != "INVALID_CURSOR" {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	w.do(w.foreign, "GET", next, "").want(422, "INVALID_CURSOR")
	w.do(w.key, "GET", "/v1/events?limit=200&cursor="+cursor, "").want(200, "")
	for _, limit := range []string{"0", "201", "-1", "1.5", "99999999999999999999"} {
		w.do(w.key, "GET", "/v1/events?limit="+limit, "").want(422, "INVALID_FIELD")
	}
	// The filters.
	id := fmt.Sprintf("%.0f", all.items()[0]["titanOrderId"])
	for _, i := range w.do(w.key, "GET", "/v1/events?titanOrderId="+id, "").items() {
		if fmt.Sprintf("%.0f", i["titanOrderId"]) != id {
			t.Error(i)
		}
	}
	if got := w.do(w.key, "GET", "/v1/events?from=2026-11-22T10:00:00Z&to=2026-11-22T10:00:01Z&limit=200", "").items(); len(got) != want {
		t.Errorf("%d events in the range", len(got))
	}
	if got := w.do(w.key, "GET", "/v1/events?to=2026-11-22T10:00:00Z", "").items(); len(got) != 0 {
		t.Errorf("%d events before", len(got))
	}
	w.do(w.key, "GET", "/v1/events?type=NOTHING", "").want(422, "UNKNOWN_EVENT_TYPE")
}

var engines = []struct{ name, engine string }{{"sqlite", sqldb.SQLite}, {"postgres", sqldb.Postgres}}

// Of many equal requests at once one runs; each of the others gets its answer or is told to wait.
func TestIdempotencyUnderConcurrency(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			c := clock.NewManual(start)
			w := newWorld(t, c, sqltest.Store(t, e.engine, store.WithClock(c)))
			const n = 12
			var wg sync.WaitGroup
			answers := make([]*answer, n)
			for i := range n {
				wg.Go(func() {
					answers[i] = w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, header{"Idempotency-Key": "one"})
				})
			}
			wg.Wait()
			ran := 0
			body := ""
			for _, a := range answers {
				switch {
				case a.status == 201 && a.header.Get("Idempotency-Replayed") == "":
					ran++
					body = a.raw
				case a.status == 201, a.status == 409 && a.text("reason") == "REQUEST_UNDER_WAY" && a.header.Get("Retry-After") == "1":
				default:
					t.Errorf("%d %s", a.status, a.raw)
				}
			}
			if ran != 1 {
				t.Errorf("%d ran", ran)
			}
			if a := w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, header{"Idempotency-Key": "one"}); a.raw != body || a.header.Get("Idempotency-Replayed") != "true" ||
				a.header.Get("Location") != "/v1/webhooks/"+fmt.Sprint(a.body["id"]) {
				t.Error(a.header, a.raw)
			}
			if got := w.do(w.key, "GET", "/v1/webhooks", "").items(); len(got) != 1 {
				t.Errorf("%d webhooks", len(got))
			}
			id := "/v1/webhooks/" + fmt.Sprint(answers[0].body["id"])
			for name, c := range map[string]struct{ target, body string }{
				"body": {"/v1/webhooks", `{"url":"https://b.example/"}`}, "route": {"/v1/sandbox/webhook-failures", `{"url":"https://a.example/"}`},
				"path": {id + "/rotate-secret", ""}, "query": {"/v1/webhooks?x=1", `{"url":"https://a.example/"}`},
			} {
				if a := w.do(w.key, "POST", c.target, c.body, header{"Idempotency-Key": "one"}); a.status != 422 || a.text("reason") != "IDEMPOTENCY_KEY_REUSED" {
					t.Errorf("%s: %d %s", name, a.status, a.raw)
				}
			}
			// It is the partner's own name for the request.
			w.do(w.foreign, "POST", "/v1/webhooks", `{"url":"https://c.example/"}`, header{"Idempotency-Key": "one"}).want(201, "")
		})
	}
}

func TestIdempotencyOfFailuresAndCrashes(t *testing.T) {
	w := sqliteWorld(t)
	key := header{"Idempotency-Key": "k"}
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"no address"}`, key).want(422, w.do(w.key, "POST", "/v1/webhooks", `{"url":"no address"}`).text("reason"))
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, key).want(201, "")
	for _, bad := range []string{"", "a b", "ä", strings.Repeat("x", 256), "a\tb"} {
		w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, header{"Idempotency-Key": bad}).want(422, "INVALID_IDEMPOTENCY_KEY")
	}
	// The scope is asked before an answer is repeated.
	w.do(w.scoped(partner.ScopeEventsRead), "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, key).want(403, "SCOPE_MISSING")

	// A crash after the commit, before the answer is kept.
	w.door.core = &forgetful{Core: w.core}
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://b.example/"}`, header{"Idempotency-Key": "lost"}).want(201, "")
	w.door.core = w.core
	w.clock.Advance(time.Hour)
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://b.example/"}`, header{"Idempotency-Key": "lost"}).want(409, "ANSWER_LOST")

	// Something that this depends on fails: try again.
	w.door.core = &forgetful{Core: w.core, fails: true}
	if a := w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://c.example/"}`, header{"Idempotency-Key": "p"}).want(503, ""); a.header.Get("Retry-After") != "1" {
		t.Error(a.header)
	}

	// A panic gives 500 and frees the key.
	w.door.core = &forgetful{Core: w.core, panics: true}
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://c.example/"}`, header{"Idempotency-Key": "p"}).want(500, "")
	w.door.core = w.core
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://c.example/"}`, header{"Idempotency-Key": "p"}).want(201, "")
	if got := w.do(w.key, "GET", "/v1/webhooks", "").items(); len(got) != 3 {
		t.Errorf("%d webhooks", len(got))
	}
}

// forgetful loses answers, or panics before it begins.
type forgetful struct {
	Core
	panics, fails bool
}

func (f *forgetful) KeepAnswer(context.Context, audit.Actor, *provision.Claim, provision.Answer) error {
	return fmt.Errorf("the machine is gone")
}

func (f *forgetful) CreateWebhook(ctx context.Context, a audit.Actor, cmd provision.CreateWebhook) (*webhook.Endpoint, error) {
	if f.panics {
		panic("secret")
	}
	if f.fails {
		return nil, fault.Unavail("The database does not answer", nil)
	}
	return f.Core.CreateWebhook(ctx, a, cmd)
}

func TestClock(t *testing.T) {
	w := sqliteWorld(t)
	if a := w.do(w.key, "GET", "/v1/clock", "").want(200, ""); a.body["sandbox"] != true || a.body["target"] != nil || a.text("now") != "2026-11-22T10:00:00Z" {
		t.Error(a.raw)
	}
	a := w.do(w.key, "POST", "/v1/clock/advance", `{"by":"37d1h"}`).want(202, "")
	if a.header.Get("Location") != "/v1/clock" || a.text("target") != "2026-12-29T11:00:00Z" {
		t.Error(a.header, a.raw)
	}
	for _, bad := range []string{`{}`, `{"by":"1d","to":"2026-12-30T00:00:00Z"}`, `{"by":"-1d"}`, `{"by":"1w"}`, `{"by":"0s"}`, `{"by":"1h1d"}`, `{"by":"99999d"}`,
		`{"to":"2026-11-22T09:00:00Z"}`, `{"to":"9999-01-01T00:00:00Z"}`, `{"to":"0001-01-01T00:00:00Z"}`} {
		if a := w.do(w.key, "POST", "/v1/clock/advance", bad); a.status != 422 {
			t.Errorf("%s: %d %s", bad, a.status, a.raw)
		}
	}
	// Nobody moves it here: who waits is told after the time that it gave.
	done := make(chan *answer)
	go func() { done <- w.do(w.key, "POST", "/v1/clock/advance", `{"by":"1h"}`, header{"Prefer": "wait=2"}) }()
	for {
		select {
		case a := <-done:
			if a.want(202, "").header.Get("Preference-Applied") != "wait=2" {
				t.Error(a.header)
			}
			return
		default:
			w.clock.Advance(10 * time.Millisecond)
		}
	}
}

func TestSandboxDNS(t *testing.T) {
	w := sqliteWorld(t)
	if a := w.do(w.key, "GET", "/v1/sandbox/dns", "").want(200, ""); a.body["set"] != false {
		t.Error(a.raw)
	}
	w.do(w.key, "PUT", "/v1/sandbox/dns", `{"records":[{"name":"Shop.example.","type":"MX","preference":10,"value":"mx1.mail.example"},{"name":"x.example","type":"NS","failure":"timeout"}]}`).want(200, "")
	if a := w.do(w.key, "GET", "/v1/sandbox/dns", ""); a.body["set"] != true || !strings.Contains(a.raw, `{"name":"shop.example","type":"MX","preference":10,"value":"mx1.mail.example"}`) {
		t.Error(a.raw)
	}
	for _, bad := range []string{`{}`, `{"records":null}`, `{"records":[{"name":"a b","type":"MX","value":"x.example"}]}`, `{"records":[{"name":"a.example","type":"A","value":"192.0.2.1"}]}`,
		`{"records":[{"name":"a.example","type":"MX","preference":65536,"value":"x.example"}]}`, `{"records":[` + strings.Repeat(`{"name":"a.example","type":"TXT","value":"x"},`, 500) + `{"name":"a.example","type":"TXT","value":"x"}]}`} {
		if a := w.do(w.key, "PUT", "/v1/sandbox/dns", bad); a.status != 422 {
			t.Errorf("%.80s: %d %.200s", bad, a.status, a.raw)
		}
	}
	w.do(w.key, "PUT", "/v1/sandbox/dns", `{"records":[`+strings.Repeat(" ", 1<<20)+`]}`).want(413, "BODY_TOO_LARGE")
	w.do(w.foreign, "DELETE", "/v1/sandbox/dns", "").want(204, "") // its own, of which there are none
	if a := w.do(w.key, "GET", "/v1/sandbox/dns", ""); a.body["set"] != true {
		t.Errorf("another partner has taken it away: %s", a.raw)
	}
	defer func() {
		w.do(w.key, "DELETE", "/v1/sandbox/dns", "").want(204, "")
		if a := w.do(w.key, "GET", "/v1/sandbox/dns", "").want(200, ""); a.body["set"] != false {
			t.Errorf("still there: %s", a.raw)
		}
	}()
	if a := w.do(w.foreign, "GET", "/v1/sandbox/dns", ""); a.body["set"] != false {
		t.Error(a.raw)
	}
}

func TestSandboxMessages(t *testing.T) {
	w := sqliteWorld(t)
	for i := range 5 {
		w.mail.add(w.partner, int64(100-i))
	}
	w.mail.add(w.other, 50)
	first := w.do(w.key, "GET", "/v1/sandbox/messages?limit=3", "").want(200, "")
	second := w.do(w.key, "GET", first.text("next"), "").want(200, "")
	if len(first.items()) != 3 || len(second.items()) != 2 || second.text("next") != "" || first.items()[0]["content"] != "/v1/sandbox/messages/100/content" {
		t.Error(first.raw, second.raw)
	}
	w.do(w.key, "GET", "/v1/sandbox/messages/100", "").want(200, "")
	foreign, none := w.do(w.key, "GET", "/v1/sandbox/messages/50", ""), w.do(w.key, "GET", "/v1/sandbox/messages/51", "")
	if masked(foreign) != masked(none) || foreign.status != 404 {
		t.Error(foreign.raw, none.raw)
	}
}

func FuzzCursor(f *testing.F) {
	k := cursors{key: make([]byte, 32)}
	f.Add(k.encode(7, "s"), "s")
	f.Add("", "s")
	f.Add("AAAA", "s")
	f.Fuzz(func(t *testing.T, cursor, scope string) {
		past, err := k.decode(cursor, scope)
		if err == nil && cursor != "" && k.encode(past, scope) != cursor {
			t.Errorf("%q is taken for %d", cursor, past)
		}
	})
}

func FuzzCreateWebhook(f *testing.F) {
	w := sqliteWorld(f)
	f.Add(`{"url":"https://a.example/","headerName":"X","headerValue":"v","events":["PLAN_RENEWED"],"paused":true}`, "k", "application/json")
	f.Add(`{"url":1}`, "", "")
	f.Add(`[`, "\x00", "text/plain; +;")
	f.Fuzz(func(t *testing.T, body, key, media string) {
		r := httptest.NewRequest("POST", "/v1/webhooks", strings.NewReader(body))
		r.Header.Set("Authorization", w.key)
		r.Header["Content-Type"] = []string{media}
		if key != "" {
			r.Header[http.CanonicalHeaderKey(idempotencyHeader)] = []string{key}
		}
		rec := httptest.NewRecorder()
		w.door.ServeHTTP(rec, r)
		if rec.Code >= 500 || rec.Code < 200 {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		if rec.Code >= 400 && rec.Header().Get("Content-Type") != problemType {
			t.Fatalf("%v", rec.Header())
		}
	})
}
