package basekit

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/core/tenancy"
	"posthouse/internal/gate"
	"posthouse/internal/oauth1"
	"posthouse/internal/oauth1/oauth1test"
)

// signer signs requests of a user of ours.
type signer struct {
	w      *world
	made   *tenancy.CreatedOAuth
	nonces int
	age    time.Duration // of what it signs
}

func (w *world) signer(b brand) *signer {
	w.t.Helper()
	made, err := w.core.CreateOAuthCredentials(w.t.Context(), operator, b.userID)
	if err != nil {
		w.t.Fatal(err)
	}
	return &signer{w: w, made: made}
}

const formType = "application/x-www-form-urlencoded"

// protocol are the parameters but the signature.
func (s *signer) protocol(at time.Time) [][2]string {
	s.nonces++
	return [][2]string{
		{"oauth_consumer_key", s.made.Credentials.ConsumerKey}, {"oauth_token", s.made.Credentials.Token}, {"oauth_nonce", fmt.Sprintf("%040x", s.nonces)},
		{"oauth_timestamp", fmt.Sprint(at.Unix())}, {"oauth_signature_method", "HMAC-SHA1"}, {"oauth_version", "1.0"},
	}
}

// header gives the header of a request that a client sends to a URL.
func (s *signer) header(method, scheme, host, path, query, contentType, body string, further ...[2]string) string {
	var pairs []string
	for _, p := range append(s.protocol(s.w.clock.Now().Add(-s.age)), further...) {
		pairs = append(pairs, p[0]+`="`+oauth1.Escape(p[1])+`"`)
	}
	r := &oauth1.Request{Method: method, Scheme: scheme, Host: host, Path: path, Query: query, Body: []byte(body), Form: contentType == formType, Authorization: "OAuth " + strings.Join(pairs, ", ")}
	oauth1test.SignHeader(s.w.t, r, s.made.ConsumerSecret, s.made.TokenSecret)
	return r.Authorization
}

// sent is a request on its way.
type sent struct {
	method, host, target, contentType, body, authorization, peer string
	headers                                                      map[string]string
	tls                                                          bool
}

func (w *world) sendAs(s sent) int {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), s.method, s.target, strings.NewReader(s.body))
	r.Host = s.host
	if s.peer != "" {
		r.RemoteAddr = s.peer
	}
	if s.tls {
		r.TLS = &tls.ConnectionState{}
	} else {
		r.TLS = nil
	}
	for name, v := range map[string]string{"Content-Type": s.contentType, "Authorization": s.authorization} {
		if v != "" {
			r.Header.Set(name, v)
		}
	}
	for name, v := range s.headers {
		r.Header.Set(name, v)
	}
	w.clock.Advance(gate.ForgiveEvery)
	return w.do(r).status
}

// TestOAuthTampering: a request that was changed in any one part is refused, and
// as it was it is taken after all that, once.
func TestOAuthTampering(t *testing.T) {
	w := newWorld(t)
	w.echo()
	s := w.signer(w.ours)
	other := w.signer(w.foreign)
	post := func(contentType, body string) sent {
		return sent{method: "POST", host: "rest.example", target: "/echo?q=a%20b&flag=1", contentType: contentType, body: body,
			authorization: s.header("POST", "http", "rest.example", "/echo", "q=a%20b&flag=1", contentType, body)}
	}
	for _, original := range []sent{
		post(formType, "name=%C3%A9+x&sum=1%2B1"), post("application/json", `{"name":"x"}`), post("", ""),
		{method: "GET", host: "rest.example", target: "/echo?q=a%20b&flag=1", authorization: s.header("GET", "http", "rest.example", "/echo", "q=a%20b&flag=1", "", "")},
	} {
		for name, change := range map[string]func(*sent){
			"method":             func(s *sent) { s.method = "PUT" },
			"HEAD":               func(s *sent) { s.method = "HEAD" },
			"TLS":                func(s *sent) { s.tls = true },
			"host":               func(s *sent) { s.host = "rest.examples" },
			"port":               func(s *sent) { s.host += ":8080" },
			"trailing dot":       func(s *sent) { s.host += "." },
			"path":               func(s *sent) { s.target = strings.Replace(s.target, "/echo", "/echo/x", 1) },
			"path, encoded":      func(s *sent) { s.target = strings.Replace(s.target, "/echo", "/%65cho", 1) },
			"path, slash":        func(s *sent) { s.target = strings.Replace(s.target, "/echo", "//echo", 1) },
			"query":              func(s *sent) { s.target = strings.Replace(s.target, "flag=1", "flag=0", 1) },
			"query, more":        func(s *sent) { s.target += "&x" },
			"query, less":        func(s *sent) { s.target = "/echo?q=a%20b" },
			"query, again":       func(s *sent) { s.target += "&flag=1" },
			"query, as an array": func(s *sent) { s.target = strings.Replace(s.target, "flag=1", "flag[]=1", 1) },
			"key":                func(s *sent) { s.authorization = change1(s.authorization, "oauth_consumer_key") },
			"token":              func(s *sent) { s.authorization = change1(s.authorization, "oauth_token") },
			"nonce":              func(s *sent) { s.authorization = change1(s.authorization, "oauth_nonce") },
			"timestamp":          func(s *sent) { s.authorization = change1(s.authorization, "oauth_timestamp") },
			"method of signing":  func(s *sent) { s.authorization = strings.Replace(s.authorization, "SHA1", "SHA256", 1) },
			"PLAINTEXT":          func(s *sent) { s.authorization = strings.Replace(s.authorization, "HMAC-SHA1", "PLAINTEXT", 1) },
			"signature":          func(s *sent) { s.authorization = change1(s.authorization, "oauth_signature") },
			"version":            func(s *sent) { s.authorization = strings.Replace(s.authorization, `"1.0"`, `"1.1"`, 1) },
			"no version":         func(s *sent) { s.authorization = strings.Replace(s.authorization, `, oauth_version="1.0"`, "", 1) },
			"doubled":            func(s *sent) { s.authorization += `, oauth_nonce="x"` },
			"in the query too":   func(s *sent) { s.target += "&oauth_nonce=x" },
			"wrong realm": func(s *sent) {
				s.authorization = strings.Replace(s.authorization, "OAuth ", `OAuth realm="elsewhere", `, 1)
			},
			"doubled realm": func(s *sent) {
				s.authorization = strings.Replace(s.authorization, "OAuth ", `OAuth realm="rest", realm="rest", `, 1)
			},
			"another's key": func(s *sent) {
				s.authorization = strings.Replace(s.authorization, s0(w, s.authorization), other.made.Credentials.ConsumerKey, 1)
			},
			"forwarded proto": func(s *sent) { s.headers = map[string]string{"X-Forwarded-Proto": "https"}; s.tls = true },
		} {
			changed := original
			if change(&changed); w.sendAs(changed) != 401 {
				t.Errorf("%s of %s %q: taken", name, original.method, original.contentType)
			}
		}
		if original.contentType == formType {
			for name, change := range map[string]func(*sent){
				"form":             func(s *sent) { s.body = "name=%C3%A9+x&sum=1%2B2" },
				"form, more":       func(s *sent) { s.body += "&a" },
				"form, a value":    func(s *sent) { s.body = "name=%C3%A9%2Bx&sum=1%2B1" },
				"form as JSON":     func(s *sent) { s.contentType = "application/json"; s.body = `{"name":"x"}` },
				"form, doubled":    func(s *sent) { s.body += "&oauth_token=x" },
				"form of no type":  func(s *sent) { s.contentType = "text/plain" },
				"form in the JSON": func(s *sent) { s.contentType = "application/json" },
			} {
				changed := original
				if change(&changed); w.sendAs(changed) != 401 {
					t.Errorf("%s: taken", name)
				}
			}
		}
		same := original // in other words
		same.host, same.headers = "REST.example:80", map[string]string{"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
		if got := w.sendAs(same); got != 200 {
			t.Errorf("%s %q: %d", original.method, original.contentType, got)
		}
		if got := w.sendAs(original); got != 401 {
			t.Errorf("%s %q, replayed: %d", original.method, original.contentType, got)
		}
	}
}

// s0 gives the consumer key of a header.
func s0(w *world, header string) string {
	_, rest, _ := strings.Cut(header, `oauth_consumer_key="`)
	key, _, ok := strings.Cut(rest, `"`)
	if !ok {
		w.t.Fatal(header)
	}
	return key
}

// change1 changes the first character of a parameter's value.
func change1(header, name string) string {
	before, value, ok := strings.Cut(header, name+`="`)
	if !ok {
		return header
	}
	first := "1"
	if value[0] == '1' {
		first = "2"
	}
	return before + name + `="` + first + value[1:]
}

// TestOAuthPlaces: the parameters may stand in the header, the query or the form.
func TestOAuthPlaces(t *testing.T) {
	w := newWorld(t)
	w.echo()
	s := w.signer(w.ours)
	pairs := func() string {
		var out []string
		for _, p := range s.protocol(w.clock.Now()) {
			out = append(out, p[0]+"="+oauth1.Escape(p[1]))
		}
		return strings.Join(out, "&")
	}
	sign := func(r *oauth1.Request) {
		oauth1test.SignQuery(t, r, s.made.ConsumerSecret, s.made.TokenSecret)
	}
	inQuery := &oauth1.Request{Method: "GET", Scheme: "http", Host: "h.example", Path: "/echo", Query: "a=1&" + pairs()}
	sign(inQuery)
	for i, want := range []int{200, 401} {
		if got := w.sendAs(sent{method: "GET", host: "h.example", target: "/echo?" + inQuery.Query}); got != want {
			t.Errorf("query, time %d: %d", i+1, got)
		}
	}
	// What a form holds is signed as what a query holds.
	asQuery := &oauth1.Request{Method: "POST", Scheme: "http", Host: "h.example", Path: "/echo", Query: "a=1&" + pairs()}
	sign(asQuery)
	for i, want := range []int{200, 401} {
		if got := w.sendAs(sent{method: "POST", host: "h.example", target: "/echo", contentType: formType + "; charset=utf-8", body: asQuery.Query}); got != want {
			t.Errorf("form, time %d: %d", i+1, got)
		}
	}
	// Parameters in a body that is no form are none.
	asQuery.Query = "a=1&" + pairs()
	sign(asQuery)
	for _, c := range []sent{
		{method: "POST", host: "h.example", target: "/echo", contentType: "text/plain", body: asQuery.Query},
		{method: "POST", host: "h.example", target: "/echo", body: asQuery.Query},
		{method: "DELETE", host: "h.example", target: "/echo/a", contentType: formType, body: asQuery.Query},
	} {
		if got := w.sendAs(c); got != 401 {
			t.Errorf("%+v: %d", c, got)
		}
	}
	// What comes twice could be put in another order on the way, or elsewhere.
	for query, want := range map[string]int{"a=1&a=2": 401, "a=1&a=1": 200} {
		if got := w.sendAs(sent{method: "GET", host: "h.example", target: "/echo?" + query, authorization: s.header("GET", "http", "h.example", "/echo", query, "", "")}); got != want {
			t.Errorf("%s: %d", query, got)
		}
	}
	// JSON, which is not signed, may not stand in for what is.
	moved := sent{method: "POST", host: "h.example", target: "/echo?password=signed", contentType: "application/json", body: `{"password":"forged"}`,
		authorization: s.header("POST", "http", "h.example", "/echo", "", formType, "password=signed")}
	if got := w.sendAs(moved); got != 400 {
		t.Errorf("a form's field becomes JSON: %d", got)
	}
	hashed := sent{method: "POST", host: "h.example", target: "/echo", contentType: "application/json", body: "Hello World!",
		authorization: s.header("POST", "http", "h.example", "/echo", "", "application/json", "Hello World!", [2]string{"oauth_body_hash", "Lve95gjOVATpfV8EL5X4nxwjKHE="})}
	if hashed.body = "Hello World?"; w.sendAs(hashed) != 401 {
		t.Error("another body than the one that was hashed is taken")
	}
	if hashed.body = "Hello World!"; w.sendAs(hashed) != 400 { // it is no JSON
		t.Error("the body that was hashed is refused")
	}
	// Basic counts where there is a header; what the query says then is nothing.
	r := w.request("GET", "/echo?oauth_signature=x&oauth_token=y")
	r.SetBasicAuth(w.ours.user, w.ours.password)
	w.want(w.do(r), 200)
}

func TestOAuthTime(t *testing.T) {
	w := newWorld(t)
	w.echo()
	s := w.signer(w.ours)
	for _, c := range []struct {
		age  time.Duration
		want int
	}{{0, 200}, {290 * time.Second, 200}, {-300 * time.Second, 200}, {303 * time.Second, 401}, {-305 * time.Second, 401}, {24 * time.Hour, 401}} {
		s.age = c.age
		header := s.header("GET", "http", "h", "/echo", "", "", "")
		if got := w.sendAs(sent{method: "GET", host: "h", target: "/echo", authorization: header}); got != c.want {
			t.Errorf("%v old: %d", c.age, got)
		}
	}
}

// TestOAuthBehindProxy: the URL is the one that the client used, as a trusted
// proxy tells it.
func TestOAuthBehindProxy(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	w.echo()
	s := w.signer(w.ours)
	forwarded := map[string]string{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "rest.brand.example"}
	for _, c := range []struct {
		name, scheme, host, peer string
		headers                  map[string]string
		want                     int
	}{
		{"through the proxy", "https", "rest.brand.example", "10.0.0.1:1", forwarded, 200},
		{"from elsewhere", "https", "rest.brand.example", "192.0.2.1:1", forwarded, 401},
		{"from elsewhere, by what it is", "http", "inside:8081", "192.0.2.1:1", forwarded, 200},
		{"inside's name", "http", "inside:8081", "10.0.0.1:1", forwarded, 401},
		{"a proxy that tells nothing", "http", "inside:8081", "10.0.0.1:1", nil, 200},
		{"on another port", "https", "rest.brand.example:8443", "10.0.0.1:1", map[string]string{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "rest.brand.example:8443"}, 200},
	} {
		header := s.header("GET", c.scheme, c.host, "/echo", "a=1", "", "")
		if got := w.sendAs(sent{method: "GET", host: "inside:8081", target: "/echo?a=1", authorization: header, peer: c.peer, headers: c.headers}); got != c.want {
			t.Errorf("%s: %d", c.name, got)
		}
	}
}

// TestOAuthReplayInParallel: of many that are the same exactly one is taken.
func TestOAuthReplayInParallel(t *testing.T) {
	w := newWorld(t)
	w.echo()
	header := w.signer(w.ours).header("POST", "http", "h", "/echo", "", "", "")
	results := make([]int, 16)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			r := httptest.NewRequest(http.MethodPost, "/echo", nil)
			r.Host = "h"
			r.Header.Set("Authorization", header)
			out := httptest.NewRecorder()
			w.door.ServeHTTP(out, r)
			results[i] = out.Code
		})
	}
	all.Wait()
	taken := 0
	for _, status := range results {
		if status == 200 {
			taken++
		} else if status != 401 {
			t.Errorf("status %d", status)
		}
	}
	if taken != 1 {
		t.Errorf("%d are taken", taken)
	}
}
