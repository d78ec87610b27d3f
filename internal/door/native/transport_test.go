package native

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/partner"
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
