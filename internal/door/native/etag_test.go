package native

import (
	"strings"
	"testing"
)

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
