package native

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

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
