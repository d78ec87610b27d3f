package basekit

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/packages"
	"posthouse/internal/core/partner"
	"posthouse/internal/gate"
)

// echo makes the door's operations ones of the test's own, which give back what
// they were sent.
func (w *world) echo() {
	say := func(_ context.Context, _ *call, in *input) (any, error) {
		return object{"sent": in.sent, "path": in.path}, nil
	}
	w.door.routes = newRoutes([]*operation{
		{method: http.MethodGet, path: "/echo", serve: say},
		{method: http.MethodPost, path: "/echo", serve: say},
		{method: http.MethodPut, path: "/echo/:name", serve: say},
		{method: http.MethodDelete, path: "/echo/:name", status: http.StatusNoContent, serve: func(context.Context, *call, *input) (any, error) { return none{}, nil }},
		{method: http.MethodGet, path: "/admin", rights: partner.RightsAdministrator, serve: say},
		{method: http.MethodGet, path: "/panic", serve: func(context.Context, *call, *input) (any, error) { panic("at the door") }},
		{method: http.MethodGet, path: "/slow", serve: func(ctx context.Context, _ *call, _ *input) (any, error) { <-ctx.Done(); return nil, ctx.Err() }},
	})
}

// do sends a request as it is.
func (w *world) do(r *http.Request) reply {
	w.t.Helper()
	out := httptest.NewRecorder()
	w.door.ServeHTTP(out, r)
	raw, err := io.ReadAll(out.Result().Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply{out.Code, string(raw), out.Result().Header}
}

func (w *world) request(method, target string) *http.Request {
	return httptest.NewRequestWithContext(w.t.Context(), method, target, http.NoBody)
}

// TestUnauthenticated: whatever is wrong, the answer is one (B-02).
func TestUnauthenticated(t *testing.T) {
	w := newWorld(t)
	w.echo()
	basic := func(user, password string) string {
		r := w.request("GET", "/")
		r.SetBasicAuth(user, password)
		return r.Header.Get("Authorization")
	}
	first := ""
	for name, headers := range map[string][]string{
		"nothing": nil, "empty": {""}, "wrong password": {basic(w.ours.user, "x")}, "another's password": {basic(w.ours.user, w.foreign.password)},
		"unknown user": {basic("nobody", w.ours.password)}, "no user": {basic("", w.ours.password)}, "no password": {basic(w.ours.user, "")},
		"bad base64": {"Basic !!!"}, "no colon": {"Basic eHg="}, "another scheme": {"Bearer " + w.ours.password}, "OAuth of nothing": {"OAuth"},
		"twice the same": {basic(w.ours.user, w.ours.password), basic(w.ours.user, w.ours.password)}, "Basic and OAuth": {basic(w.ours.user, w.ours.password), "OAuth x"},
	} {
		for _, target := range []string{"/echo", "/nowhere", "/admin", "//echo", "/echo?oauth_token=x"} {
			r := w.request("GET", target)
			if headers != nil {
				r.Header["Authorization"] = headers
			}
			w.clock.Advance(gate.ForgiveEvery) // see TestTooManyFailures
			got := w.do(r)
			w.wantError(got, 401, "", "")
			if first == "" {
				first = got.body
			}
			if got.body != first || got.header.Get("WWW-Authenticate") != `Basic realm="rest"` || got.header.Get("Content-Type") != "application/json" || got.header.Get("Allow") != "" {
				t.Errorf("%s, %s: %s %v", name, target, got.body, got.header)
			}
		}
	}
	r := w.request("PATCH", "/echo") // neither does the method tell anything
	w.wantError(w.do(r), 401, "", "")
	w.want(w.call(w.ours, "GET", "/echo", nil), 200)
}

func TestPaths(t *testing.T) {
	w := newWorld(t)
	w.echo()
	for _, path := range []string{
		"/", "//echo", "/echo/", "/./echo", "/x/../echo", "/echo//", "/echo/a/", "/echo//a", "/echo%2Fa", "/ECHO", "/echo;a", "/echo/a/b", "/%65cho/", "/admin/..%2Fecho", "*",
	} {
		r := w.request("GET", "/")
		if r.URL.Path, r.RequestURI = path, path; strings.Contains(path, "%") {
			r = w.request("GET", path)
		}
		r.SetBasicAuth(w.ours.user, w.ours.password)
		got := w.do(r)
		if w.wantError(got, 404, "", ""); got.header.Get("Location") != "" || got.header.Get("Allow") != "" {
			t.Errorf("%s: %v", path, got.header)
		}
	}
	for path, allow := range map[string]string{"/echo": "GET, HEAD, POST", "/echo/a": "DELETE, PUT"} {
		if got := w.call(w.ours, "PATCH", path, nil); got.status != 405 || got.header.Get("Allow") != allow {
			t.Errorf("%s: %d %v", path, got.status, got.header)
		} else {
			w.wantError(got, 405, "", "")
		}
	}
	if got := w.want(w.call(w.ours, "PUT", "/echo/a%2Fb%20%2e%2e", nil), 200); got["path"].(map[string]any)["name"] != "a/b .." {
		t.Errorf("%v", got)
	}
	w.wantError(w.call(w.ours, "GET", "/admin", nil), 403, "", "")
	w.want(w.call(w.addUser(w.ours, partner.RightsAdministrator), "GET", "/admin", nil), 200)
	w.want(w.call(w.ours, "DELETE", "/echo/a", nil), 204)
}

// TestServer: what the HTTP server makes of replies.
func TestServer(t *testing.T) {
	w := newWorld(t)
	w.echo()
	s := httptest.NewServer(w.door)
	defer s.Close()
	call := func(method, path string) (*http.Response, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("User-Agent", "") // none is needed (B-28)
		req.SetBasicAuth(w.ours.user, w.ours.password)
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(raw)
	}
	res, body := call("DELETE", "/echo/a")
	if _, typed := res.Header["Content-Type"]; res.StatusCode != 204 || body != "" || typed || res.Header.Get("Content-Length") != "" {
		t.Errorf("%d %q %v", res.StatusCode, body, res.Header)
	}
	res, body = call("HEAD", "/echo")
	if res.StatusCode != 200 || body != "" || res.Header.Get("Content-Type") != "application/json" || res.ContentLength <= 0 {
		t.Errorf("%d %q %v", res.StatusCode, body, res.Header)
	}
	for path, status := range map[string]int{"//echo": 404, "/echo/../echo": 404, "/echo/": 404} {
		if res, body = call("GET", path); res.StatusCode != status || !json.Valid([]byte(body)) || res.Header.Get("Location") != "" {
			t.Errorf("%s: %d %q %v", path, res.StatusCode, body, res.Header)
		}
	}
}

func TestBodies(t *testing.T) {
	w := newWorld(t)
	w.echo()
	const form, asJSON = "application/x-www-form-urlencoded", "application/json"
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for _, c := range []struct {
		name, contentType, body string
		status                  int
		want                    string // of "sent", as JSON
	}{
		{"empty, no type", "", "", 200, `{}`},
		{"empty JSON", asJSON, "", 200, `{}`},
		{"white space", asJSON, " \r\n", 200, `{}`},
		{"empty object", asJSON, "{}", 200, `{}`},
		{"null in it", asJSON, `{"a":null}`, 200, `{"a":null}`},
		{"refs as texts", asJSON, `{"brandRef":"1","n":12345678901234567890}`, 200, `{"brandRef":"1","n":12345678901234567890}`},
		{"escaped slashes", asJSON, `{"u":"http:\/\/a\/b"}`, 200, `{"u":"http://a/b"}`},
		{"JSON without a type", "", `{"a":1}`, 200, `{"a":1}`},
		{"JSON of another type", "text/plain; charset=x", `{"a":1}`, 200, `{"a":1}`},
		{"doubled key", asJSON, `{"a":1,"a":2}`, 200, `{"a":2}`},
		{"form", form + "; charset=UTF-8", "a=1&b=%C3%A9+%2B&c&a=2&d[x]=1&d[y]=2", 200, `{"a":"2","b":"é +","c":"","d":{"x":"1","y":"2"}}`},
		{"form in capitals", strings.ToUpper(form), "a=1", 200, `{"a":"1"}`},
		{"as deep as it may be", asJSON, deep(maxDepth), 200, ""},
		{"too deep", asJSON, deep(maxDepth + 1), 400, ""},
		{"10,000 deep", asJSON, deep(10_000), 400, ""},
		{"10,000 open", asJSON, strings.Repeat("[", 10_000), 400, ""},
		{"array", asJSON, `[{"a":1}]`, 400, ""},
		{"null", asJSON, `null`, 400, ""},
		{"text", asJSON, `"a"`, 400, ""},
		{"two objects", asJSON, `{}{}`, 400, ""},
		{"broken", asJSON, `{"a":`, 400, ""},
		{"form as JSON", asJSON, `a=1`, 400, ""},
		{"form that is no UTF-8", form, "a=%ff", 400, ""},
		{"JSON that is no UTF-8", asJSON, "{\"a\":\"\xff\"}", 400, ""},
		{"form with a bad escape", form, "a=%zz", 400, ""},
		{"form of many fields", form, strings.Repeat("a=1&", maxFields+1), 400, ""},
		{"as large as it may be", asJSON, `{"a":"` + strings.Repeat("x", maxBody-8) + `"}`, 200, ""},
		{"too large", asJSON, `{"a":"` + strings.Repeat("x", maxBody-7) + `"}`, 400, ""},
	} {
		got := w.send(w.ours, "POST", "/echo", c.contentType, c.body)
		if c.status != 200 {
			w.wantError(got, c.status, "", "")
			continue
		}
		out := w.want(got, 200)
		if c.want == "" {
			continue
		}
		var want any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(out["sent"])
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Errorf("%s: %s, want %s", c.name, a, b)
		}
	}
	for _, method := range []string{"GET", "HEAD"} { // a type without a body is normal
		if got := w.send(w.ours, method, "/echo", asJSON, ""); got.status != 200 {
			t.Errorf("%s: %d", method, got.status)
		}
	}
	if got := w.want(w.send(w.ours, "POST", "/echo?a=1&b=2", asJSON, `{"a":"body"}`), 200); got["sent"].(map[string]any)["a"] != "body" || got["sent"].(map[string]any)["b"] != "2" {
		t.Errorf("%v", got)
	}
	w.wantError(w.call(w.ours, "GET", "/echo?a=%zz", nil), 400, "", "")
}

func TestRates(t *testing.T) {
	w := newWorld(t)
	w.echo()
	rate, burst := 1, 2
	if err := w.core.SetPartnerSettings(t.Context(), operator, w.ours.id, partner.Settings{RatePerSecond: &rate, RateBurst: &burst}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w.want(w.call(w.ours, "GET", "/echo", nil), 200)
	}
	got := w.call(w.ours, "GET", "/echo", nil)
	if w.wantError(got, 429, "", ""); got.header.Get("Retry-After") != "1" {
		t.Errorf("%v", got.header)
	}
	w.want(w.call(w.foreign, "GET", "/echo", nil), 200)
	w.want(w.call(w.addUser(w.ours, partner.RightsAdministrator), "GET", "/echo", nil), 200)
	w.clock.Advance(time.Second)
	w.want(w.call(w.ours, "GET", "/echo", nil), 200)
}

// TestTooManyFailures: who fails often waits; right credentials are never kept out.
func TestTooManyFailures(t *testing.T) {
	w := newWorld(t)
	w.echo()
	wrong := brand{user: w.ours.user, password: "x"}
	for range gate.MaxFailures {
		w.wantError(w.call(wrong, "GET", "/echo", nil), 401, "", "")
	}
	got := w.call(wrong, "GET", "/echo", nil)
	if w.wantError(got, 429, "", ""); got.header.Get("Retry-After") != "2" {
		t.Errorf("%v", got.header)
	}
	w.want(w.call(w.ours, "GET", "/echo", nil), 200)
	w.clock.Advance(gate.ForgiveEvery)
	w.wantError(w.call(wrong, "GET", "/echo", nil), 401, "", "")
}

func TestFaultsOfOurs(t *testing.T) {
	w := newWorld(t)
	w.echo()
	w.wantError(w.call(w.ours, "GET", "/panic", nil), 500, "", "")
	w.door.serving.Timeout = 50 * time.Millisecond
	got := w.call(w.ours, "GET", "/slow", nil)
	if w.wantError(got, 503, "", ""); got.header.Get("Retry-After") == "" {
		t.Errorf("%v", got.header)
	}
	if strings.Contains(got.body, "context") {
		t.Errorf("tells of the inside: %s", got.body)
	}
}

// TestNothingSecretLogged: neither credentials nor query nor body.
func TestNothingSecretLogged(t *testing.T) {
	w := newWorld(t)
	w.echo()
	w.want(w.send(w.ours, "POST", "/echo?token=in-the-query", "application/json", `{"password":"in-the-body"}`), 200)
	w.send(brand{user: "nobody", password: "wrong-password"}, "POST", "/nowhere/in-the-path?x=in-the-query", "application/json", `{"password":"in-the-body"}`)
	w.send(w.ours, "POST", "/nowhere/in-the-path?x=in-the-query", "application/json", `{"password":"in-the-body"}`)
	w.send(w.ours, strings.Repeat("M", 5000), "/echo", "", "")
	r := w.request("GET", "/echo?oauth_token=in-the-query&oauth_signature=in-the-query")
	r.Header.Set("Authorization", `OAuth oauth_token="in-the-header", oauth_signature="in-the-header"`)
	w.do(r)
	log := w.log.String()
	for _, why := range []string{"NAME_OR_PASSWORD", "OAUTH_MALFORMED"} {
		if !strings.Contains(log, why) {
			t.Errorf("the log doesn't tell %s:\n%s", why, log)
		}
	}
	for _, secret := range []string{"in-the", w.ours.password, "wrong-password", "nobody", "Authorization", "MMMM"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	if strings.Count(log, "basekit request") != 5 || !strings.Contains(log, "POST /echo") {
		t.Errorf("lines are missing:\n%s", log)
	}
}

// failing is a core whose look-up of host names fails when it is told to.
type failing struct {
	Core
	broken bool
	asked  int
}

func (f *failing) ShopHosts(ctx context.Context) (map[string]int64, error) {
	if f.asked++; f.broken {
		return nil, errors.New("no store")
	}
	return f.Core.ShopHosts(ctx)
}

func TestBrandsByHost(t *testing.T) {
	core := &failing{}
	w := newWorld(t, func(c *Config) {
		core.Core = c.Core
		c.Core, c.TrustedProxies = core, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
	w.echo()
	hosts := func(b brand, names ...string) {
		if _, err := w.core.ModifyShop(t.Context(), operator, packages.ModifyShop{PartnerID: b.id, Hosts: &names}); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(hostsFresh)
	}
	hosts(w.ours, "rest.ours.example", "api.ours.example")
	hosts(w.foreign, "rest.theirs.example")
	status := func(b brand, host, peer, forwarded string) int {
		r := w.request("GET", "/echo")
		r.Host, r.RemoteAddr = host, peer
		if forwarded != "" {
			r.Header.Set("X-Forwarded-Host", forwarded)
		}
		r.SetBasicAuth(b.user, b.password)
		w.clock.Advance(gate.ForgiveEvery)
		return w.do(r).status
	}
	const client, proxy = "192.0.2.1:1", "10.0.0.1:1"
	for _, c := range []struct {
		host, peer, forwarded string
		ours, foreign         int
		handles               bool
	}{
		{"rest.ours.example", client, "", 200, 401, true},
		{"api.ours.example", client, "", 200, 401, true},
		{"rest.theirs.example", client, "", 401, 200, true},
		{"REST.Ours.Example:8443", client, "", 200, 401, true},
		{"rest.ours.example.", client, "", 200, 401, true},
		{"rest.ours.example.:80", client, "", 200, 401, true},
		{"ours.example", client, "", 200, 200, false},
		{"x.rest.ours.example", client, "", 200, 200, false},
		{"127.0.0.1:8081", client, "", 200, 200, false},
		{"", client, "", 200, 200, false},
		{"rest.ours.example", client, "rest.theirs.example", 200, 401, true},
		{"elsewhere.example", client, "rest.theirs.example", 200, 200, false},
		{"rest.ours.example", proxy, "rest.theirs.example", 401, 200, true},
		{"inside:80", proxy, "rest.ours.example, REST.theirs.example:443", 401, 200, true},
		{"rest.ours.example", proxy, "", 200, 401, true},
	} {
		if got := [2]int{status(w.ours, c.host, c.peer, c.forwarded), status(w.foreign, c.host, c.peer, c.forwarded)}; got != [2]int{c.ours, c.foreign} {
			t.Errorf("%+v: %v", c, got)
		}
		r := w.request("GET", "/any/path/at/all")
		r.Host, r.RemoteAddr = c.host, c.peer
		r.Header.Set("X-Forwarded-Host", c.forwarded)
		if w.door.Handles(r) != c.handles {
			t.Errorf("%+v: handles %v", c, !c.handles)
		}
	}

	// Names are looked up at most every few seconds, and outlive a store that fails.
	w.clock.Advance(hostsFresh)
	core.asked = 0
	for range 10 {
		w.door.Handles(w.request("GET", "/"))
	}
	if core.asked != 1 {
		t.Errorf("asked %d times", core.asked)
	}
	core.broken = true
	w.clock.Advance(hostsFresh)
	if got := status(w.foreign, "rest.ours.example", client, ""); got != 401 {
		t.Errorf("what was known is forgotten: %d", got)
	}
	core.broken = false
	hosts(w.ours)
	if got := status(w.foreign, "rest.ours.example", client, ""); got != 200 {
		t.Errorf("a name that was given up: %d", got)
	}
}
