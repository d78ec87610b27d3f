package titan

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

const notRegistered = `{"code":"UnRegisteredEndpoint","error":"UnRegisteredEndpoint","desc":"Endpoint not Registered","attrs":{"detail":"Endpoint not Registered"},"statusCode":404,"reqID":"R"}`

// The table is the contract's, all 46 rows and the two that are not in the document.
func TestRouteTable(t *testing.T) {
	paths, numbers := map[string]string{}, 0
	for _, op := range Operations() {
		numbers++
		if op.Served != (op.serve != nil) {
			t.Errorf("operation %s served: %v", op.Number, op.Served)
		}
		for _, p := range append([]string{op.Path}, op.Aliases...) {
			// Two aliases may differ in case alone only within one operation.
			if other, twice := paths[strings.ToLower(p)]; twice && other != op.Number {
				t.Errorf("%s belongs to %s and %s", p, other, op.Number)
			}
			paths[strings.ToLower(p)] = op.Number
			if !strings.HasPrefix(p, "/partner/") || strings.HasSuffix(p, "/") {
				t.Errorf("path %s", p)
			}
		}
	}
	if numbers != 48 {
		t.Errorf("%d operations", numbers)
	}
}

// Every path and alias is answered as T-01 and T-02 say, under every base path.
func TestEveryRoute(t *testing.T) {
	w := sqliteWorld(t, func(c *Config) { c.BasePaths = []string{"", "/titan/"} })
	for _, op := range Operations() {
		for _, p := range append([]string{op.Path}, op.Aliases...) {
			for _, path := range []string{p, p + "/", strings.ToUpper(p), "/titan" + p, "/Titan" + strings.ToLower(p)} {
				rec := w.roundTrip("", http.MethodDelete, path, "")
				switch {
				case !op.Served:
					if rec.Code != 404 || masked(rec.Body.String()) != notRegistered {
						t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
					}
				case rec.Code != 405 || rec.Header().Get("Allow") != op.Method.allow():
					t.Errorf("DELETE %s: %d, Allow %q", path, rec.Code, rec.Header().Get("Allow"))
				case masked(rec.Body.String()) != fails(405, "MethodNotAllowed", "", "HTTP method not allowed"):
					t.Errorf("DELETE %s: %s", path, rec.Body)
				}
				code, _ := w.do("", http.MethodGet, path, "")
				want := map[bool]int{true: http.StatusUnauthorized, false: http.StatusMethodNotAllowed}[op.Method != Write]
				if op.open {
					want = http.StatusOK
				}
				if op.Served && code != want {
					t.Errorf("GET %s: %d, want %d", path, code, want)
				}
			}
		}
	}
	for _, path := range []string{"/", "/partner", "/partner/", "/partner/nothing", "/titan/titan/partner/healthCheck", "/createMailOrder"} {
		if code, body := w.do(w.key, http.MethodPost, path, "{}"); code != 404 || masked(body) != notRegistered {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
}

func TestAuthentication(t *testing.T) {
	w := sqliteWorld(t, nil)
	const path = "/partner/listMailOrders?customerId=x"
	none := `{"code":"UNAUTHENTICATED","error":"UNAUTHENTICATED","desc":"No auth header found","attrs":{"detail":"Auth header missing"},"statusCode":401,"reqID":"R"}`
	invalid := fails(401, "UNAUTHENTICATED", "", "Invalid API key")
	for name, c := range map[string]struct{ key, want string }{
		"none":          {"", none},
		"blank":         {"  ", none},
		"Bearer":        {"Bearer " + w.key, invalid},
		"unknown":       {"p_1:" + strings.Repeat("x", 40), invalid},
		"other partner": {strings.Replace(w.key, "p_1:", "p_2:", 1), invalid},
		"long":          {w.key + strings.Repeat("x", 1<<16), invalid},
	} {
		if code, body := w.do(c.key, "GET", path, ""); code != 401 || masked(body) != c.want {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	req := httptest.NewRequest("GET", path, nil)
	req.Header["Authorization"] = []string{w.key, w.key}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, req)
	if rec.Code != 401 {
		t.Errorf("two headers: %d", rec.Code)
	}
	if log := w.log.String(); strings.Contains(log, w.key) || strings.Contains(log, w.key[4:]) {
		t.Error("the log holds a key")
	}
	if err := w.core.SuspendPartner(t.Context(), operator, w.partner); err != nil {
		t.Fatal(err)
	}
	if code, body := w.do(w.key, "GET", path, ""); code != 404 || masked(body) != fails(404, "PartnerNotFound", "", "No such partner") {
		t.Errorf("inactive: %d %s", code, body)
	}
}

// Route, method, authentication, address, body, validation: the first that
// fails is what is told.
func TestOrderOfChecks(t *testing.T) {
	w := sqliteWorld(t, nil)
	if err := w.core.SetAllowedNetworks(t.Context(), operator, w.partner, []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key, method, path, body string
		want                    int
	}{
		{"", "PUT", "/partner/nothing", "{", 404},
		{"", "PUT", "/partner/createMailOrder", "{", 405},
		{"", "POST", "/partner/createMailOrder", "{", 401},
		{w.key, "POST", "/partner/createMailOrder", "{", 403},
		{w.foreign, "POST", "/partner/createMailOrder", "{", 400},
		{w.foreign, "POST", "/partner/createMailOrder", "{}", 400},
	} {
		if code, body := w.do(c.key, c.method, c.path, c.body); code != c.want {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, code, body, c.want)
		}
	}
	_, body := w.do(w.key, "POST", "/partner/createMailOrder", "{")
	if masked(body) != fails(403, "FORBIDDEN", "ADDRESS_NOT_ALLOWED", "Unauthorized Access: Non-Whitelisted Ip") {
		t.Error(body)
	}
}

func TestRateLimit(t *testing.T) {
	w := sqliteWorld(t, nil)
	const path = "/partner/checkMailOrderAvailability?domainName=a.example"
	for i := range 500 {
		if code, body := w.do(w.key, "GET", path, ""); code != 200 {
			t.Fatalf("request %d: %d %s", i+1, code, body)
		}
	}
	rec := w.roundTrip(w.key, "GET", path, "")
	if rec.Code != 429 || rec.Header().Get("Retry-After") != "1" || masked(rec.Body.String()) != fails(429, "TooManyRequests", "", "Too many requests") {
		t.Errorf("%d, Retry-After %q, %s", rec.Code, rec.Header().Get("Retry-After"), rec.Body)
	}
	if code, _ := w.do(w.foreign, "GET", path, ""); code != 200 {
		t.Errorf("another key: %d", code)
	}
	w.clock.Advance(10 * time.Millisecond)
	if code, _ := w.do(w.key, "GET", path, ""); code != 200 {
		t.Errorf("a hundredth of a second later: %d", code)
	}
	if code, _ := w.do(w.key, "GET", path, ""); code != 429 {
		t.Errorf("and at once again: %d", code)
	}
	slow, burst, none := 1, 2, 0
	for _, s := range []partner.Settings{{RatePerSecond: &slow, RateBurst: &burst}, {RatePerSecond: &none}} {
		if err := w.core.SetPartnerSettings(t.Context(), operator, w.partner, s); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Minute)
		var codes []int
		for range 4 {
			code, _ := w.do(w.key, "GET", path, "")
			codes = append(codes, code)
		}
		want := []int{200, 200, 429, 429}
		if *s.RatePerSecond == 0 {
			want = []int{200, 200, 200, 200}
		}
		for i := range want {
			if codes[i] != want[i] {
				t.Errorf("%d per second: %v, want %v", *s.RatePerSecond, codes, want)
				break
			}
		}
	}
}

func TestHealthCheck(t *testing.T) {
	var asked int
	var down error
	w := sqliteWorld(t, func(c *Config) {
		c.Ready = func(context.Context) error { asked++; return down }
	})
	for _, key := range []string{"", w.key, "nonsense"} {
		for _, path := range []string{"/partner/healthCheck", "/partner/health", "/partner/ping"} {
			if code, body := w.do(key, "GET", path, ""); code != 200 || masked(body) != done {
				t.Errorf("%q %s: %d %s", key, path, code, body)
			}
		}
	}
	if asked != 1 {
		t.Errorf("the database was asked %d times in one second", asked)
	}
	down = errors.New("no route to host 10.1.2.3")
	w.clock.Advance(time.Second)
	code, body := w.do("", "GET", "/partner/healthCheck", "")
	if code != 503 || masked(body) != fails(503, "EXTERNAL_ERROR", "", "The database is not reachable") {
		t.Errorf("%d %s", code, body)
	}
}

// brokenCore panics, hangs or fails.
type brokenCore struct {
	*provision.Service
	do func(context.Context) error
}

func (b brokenCore) FetchOrder(ctx context.Context, _ audit.Actor, _ work.OrderRef) (*work.OrderDetails, error) {
	return nil, b.do(ctx)
}

func TestFaultsOfOurs(t *testing.T) {
	w := sqliteWorld(t, nil)
	internal := fails(500, "INTERNAL_SERVER_ERROR", "", "An internal error")
	for name, c := range map[string]struct {
		do   func(context.Context) error
		want string
	}{
		"panic":       {func(context.Context) error { panic("secret 4711") }, internal},
		"plain error": {func(context.Context) error { return errors.New("SELECT secret 4711") }, internal},
		"unavailable": {
			func(context.Context) error { return fault.Unavail("The database is busy", errors.New("secret")) },
			fails(503, "EXTERNAL_ERROR", "", "The database is busy"),
		},
		"too slow for the database": {
			func(ctx context.Context) error {
				<-ctx.Done()
				return fault.Unavail("Cancelled", errors.New("interrupted (9)"))
			},
			fails(504, "EXTERNAL_ERROR", "", "The request took too long"),
		},
		"too slow": {
			func(ctx context.Context) error { <-ctx.Done(); return fault.Wrap(ctx.Err()) },
			fails(504, "EXTERNAL_ERROR", "", "The request took too long"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.door.core = brokenCore{w.core, c.do}
			w.door.serving.Timeout = time.Minute
			if strings.HasPrefix(name, "too slow") { // wherever it is when time is up
				w.door.serving.Timeout = 50 * time.Millisecond
			}
			_, body := w.do(w.key, "GET", "/partner/fetchOrderDetails?titanOrderId=1", "")
			if masked(body) != c.want {
				t.Errorf("%s\nwant %s", body, c.want)
			}
		})
	}
	if !strings.Contains(w.log.String(), "level=ERROR") || strings.Contains(w.log.String(), "panic=") || !strings.Contains(w.log.String(), "brokenCore") {
		t.Error("the log has no error with the panic's stack")
	}
}

// Every code of a fault has one form on the wire.
func TestEveryFaultHasAWireForm(t *testing.T) {
	for _, code := range []fault.Code{
		fault.Invalid, fault.InvalidDomain, fault.Conflict, fault.Unauthenticated, fault.Forbidden, fault.PartnerNotFound,
		fault.OrderNotFound, fault.CustomerNotFound, fault.AccountNotFound, fault.NotFound, fault.AlreadyExists,
		fault.TooMany, fault.TooLarge, fault.OverQuota, fault.Unavailable, fault.Internal,
	} {
		if _, ok := wireCodes[code]; !ok {
			t.Errorf("%s has none", code)
		}
	}
	if f := wireOf(fault.New("new code", "x")); f.status != 500 {
		t.Errorf("an unknown code is %d", f.status)
	}
}

// A key that is for something else gets no answer about anything.
func TestScopes(t *testing.T) {
	w := sqliteWorld(t, nil)
	for _, c := range []struct {
		scope  partner.Scope
		status int
	}{{partner.ScopeEventsRead, 403}, {partner.ScopeTitan, 200}} {
		_, key, err := w.core.CreateKey(t.Context(), operator, tenancy.CreateKey{PartnerID: w.partner, Scopes: []partner.Scope{c.scope}})
		if err != nil {
			t.Fatal(err)
		}
		if code, body := w.do(key, "GET", "/partner/checkMailOrderAvailability?domainName=a.example", ""); code != c.status || code == 403 && !strings.Contains(body, `"SCOPE_MISSING"`) {
			t.Errorf("%s: %d %s", c.scope, code, body)
		}
	}
}
