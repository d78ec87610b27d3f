package native

import (
	"testing"
	"time"
)

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
