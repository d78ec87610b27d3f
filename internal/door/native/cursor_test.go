package native

import (
	"fmt"
	"strings"
	"testing"
)

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
