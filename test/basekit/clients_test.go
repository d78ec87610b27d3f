package basekit

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"posthouse/test/harness/harnesstest"
)

// What live clients depend on (section 12), request by request as they send it:
// over a socket, since a library would put right what they don't.

// raw sends a request as it is written, but for {names}, who signs it and the
// length of its body. Lines after an empty one are the body. GET requests have no
// length, though they may have a type.
func (w *world) raw(lines ...string) reply {
	w.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(w.t.Context(), "tcp", w.Addr("basekit"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	head, body := lines, ""
	if i := slices.Index(lines, ""); i >= 0 {
		head, body = lines[:i], w.fill(strings.Join(lines[i+1:], "\r\n"))
	}
	first := strings.Fields(w.fill(head[0]))
	verb, target := first[0], first[1]
	text := verb + " " + target + " HTTP/1.1\r\nHost: " + w.Addr("basekit") + "\r\nConnection: close\r\n"
	text += w.authorization(verb, target, slices.Contains(head, formType), body)
	for _, line := range head[1:] {
		text += line + "\r\n"
	}
	if verb != http.MethodGet && verb != http.MethodDelete || body != "" {
		text += "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	if _, err := io.WriteString(conn, text+"\r\n"+body); err != nil {
		w.t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: verb})
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	r := reply{status: res.StatusCode, header: res.Header, text: string(b)}
	if err := r.read(); err != nil {
		w.t.Fatalf("%s %s: %v", verb, target, err)
	}
	return r
}

const (
	jsonType = "Content-Type: application/json"
	formType = "Content-Type: application/x-www-form-urlencoded"
)

// authorization is the header's line, of the way that the world signs.
func (w *world) authorization(verb, target string, form bool, body string) string {
	w.t.Helper()
	u := w.caller("")
	req, err := http.NewRequestWithContext(w.t.Context(), verb, w.base()+target, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.way.oauth {
		var fields url.Values
		if form {
			if fields, err = url.ParseQuery(body); err != nil {
				w.t.Fatal(err)
			}
		}
		return "Authorization: " + w.sign(u, req, fields) + "\r\n"
	}
	req.SetBasicAuth(u.Username, u.Password)
	return "Authorization: " + req.Header.Get("Authorization") + "\r\n"
}

// wants checks a reply as a client does: its status and what it reads of it.
func (w *world) wants(r reply, status int, template, save string) {
	w.t.Helper()
	if r.status != status {
		w.t.Fatalf("%d %.1000s, want %d", r.status, r.text, status)
	}
	if template != "" {
		want, err := harnesstest.ParseJSON(w.fill(template))
		if err != nil {
			w.t.Fatal(err)
		}
		if err := harnesstest.Holds("reply", want, r.value); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.save(save, r.value); err != nil {
		w.t.Fatal(err)
	}
}

// fits checks a reply's shape, as a strictly typed client does.
func (w *world) fits(r reply, status int, text string) {
	w.t.Helper()
	s, err := parseShape(text)
	if err != nil {
		w.t.Fatal(err)
	}
	if r.status != status {
		w.t.Fatalf("%d %.1000s, want %d", r.status, r.text, status)
	}
	if err := s.fits("reply", r.value); err != nil {
		w.t.Fatal(err)
	}
}

// TestLiveClients plays each client of section 12 in a world of its own.
func TestLiveClients(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, c := range []struct {
		name string
		ways []way
		run  func(*world)
	}{
		{"the billing panel's module", ways[:1], panelModule},
		{"a strictly typed PHP client", ways[:1], typedClient},
		{"the vendor's library", ways[:2], vendorLibrary},
		{"an old client with forms", ways[1:2], formClient},
		{"a client of a mistyped host", ways[:1], mistypedHost},
	} {
		for _, how := range c.ways {
			t.Run(c.name+" "+how.name, func(t *testing.T) { c.run(p.world(t, how)) })
		}
	}
}

// panelModule is rows 1 to 6 of section 12.
func panelModule(w *world) {
	password := strings.Repeat("Aa1-Bb2-", 5) // 40 characters
	info := func(pkg string) {
		w.t.Helper()
		w.wants(w.raw("GET /users/{u} HTTP/1.1", jsonType), 200, `{"accountHolder":{"ref":{u},"deleted":false,"subscriptionPackageRef":`+pkg+`,"storageBytesUsed":0}}`, "")
		w.wants(w.raw("GET /users/{u}/sites HTTP/1.1", jsonType), 200, `{"sites":[{"primaryDomain":{"domainName":"shop.{tag}.example"}}]}`, "s=sites.0.ref")
	}
	// create
	w.wants(w.raw("POST /users HTTP/1.1", jsonType, "", `{"brandRef":"{brand}","username":"hlee88","email":"h@b.test","password":"`+password+`","firstName":"Harry","lastName":"Lee","languageCode":"en","metadata":{"panel_client_id":"c1"}}`),
		201, `{"accountHolder":{"username":"hlee88","metadata":{"panel_client_id":"c1"}}}`, "u=accountHolder.ref")
	w.wants(w.raw("POST /sites HTTP/1.1", jsonType, "", `{"brandRef":"{brand}","accountHolderRef":{u},"domain":"shop.{tag}.example"}`), 201, `{"site":{"primaryDomain":{"domainName":"shop.{tag}.example"}}}`, "s=site.ref")
	w.wants(w.raw("POST /users/{u}/account-packages HTTP/1.1", jsonType, "", `{"packageRef":"{mail}","billingFrequency":12}`), 200, `{"capabilities":{"mailboxes":"{seats}"}}`, "")
	// A second create tells in errors why not; the module joins the texts.
	again := w.raw("POST /users HTTP/1.1", jsonType, "", `{"brandRef":"{brand}","username":"hlee88","email":"h2@b.test","password":"`+password+`","firstName":"Harry","lastName":"Lee","languageCode":"en","metadata":{"panel_client_id":"c1"}}`)
	w.wants(again, 400, `{"status":400,"message":"*","errors":{"username":{"alreadyExists":"*"}}}`, "")
	// get info
	info("{mail}")
	// log in
	w.wants(w.raw("POST /users/{u}/auto-login HTTP/1.1", jsonType, "", `{"siteRef":{s}}`), 200, `{"hash":"*","flowUrl":"*"}`, "flow=flowUrl hash=hash")
	if link := w.names["flow"]; !strings.Contains(link, "://") || !strings.ContainsAny(link[len(link)-1:], "?&") && !strings.Contains(link, "?") {
		w.t.Errorf("r=<url> can't be appended to %s", link)
	}
	panelOpens(w)
	// change package
	w.wants(w.raw("POST /users/{u}/account-packages HTTP/1.1", jsonType, "", `{"packageRef":"{mail2}","billingFrequency":1}`), 200, `{"capabilities":{"mailboxes":"{seats2}"}}`, "")
	info("{mail2}")
	// suspend, unsuspend
	w.wants(w.raw("POST /users/{u}/account-packages HTTP/1.1", jsonType, "", `{"packageRef":"{suspension}","billingFrequency":null}`), 200, `{"capabilities":{}}`, "")
	info("{suspension}")
	w.wants(w.raw("GET /users/{u} HTTP/1.1", jsonType), 200, `{"accountHolder":{"suspended":1}}`, "")
	w.wants(w.raw("POST /users/{u}/account-packages HTTP/1.1", jsonType, "", `{"packageRef":"{mail2}","billingFrequency":1}`), 200, "", "")
	info("{mail2}")
	w.wants(w.raw("GET /users/{u} HTTP/1.1", jsonType), 200, `{"accountHolder":{"suspended":0}}`, "")
	// terminate
	w.wants(w.raw("POST /users/{u}/account-packages HTTP/1.1", jsonType, "", `{"packageRef":"{suspension}","billingFrequency":null}`), 200, "", "")
	w.wants(w.raw("GET /users/{u}/sites HTTP/1.1", jsonType), 200, `{"sites":[{"ref":{s}}]}`, "")
	w.wants(w.raw("DELETE /sites/{s} HTTP/1.1"), 204, "", "")
	w.wants(w.raw("DELETE /users/{u} HTTP/1.1"), 204, "", "")
	w.wants(w.raw("GET /users/{u} HTTP/1.1", jsonType), 200, `{"accountHolder":{"deleted":true}}`, "")
	// Nothing that the module can meet is empty or HTML: it crashes on that.
	for _, line := range []string{"GET / HTTP/1.1", "GET /nowhere HTTP/1.1", "GET /users/0 HTTP/1.1", "DELETE /users HTTP/1.1", "GET //users HTTP/1.1", "GET /users/../brands HTTP/1.1", "GET /users/%zz HTTP/1.1", "GET /api/users HTTP/1.1", "GET /v1/users HTTP/1.1"} {
		if strings.Contains(line, "%zz") {
			continue // no client can write it, and the server's own answer is as bare as the request
		}
		if r := w.raw(line, jsonType); r.status < 400 || r.status >= 500 {
			w.t.Errorf("%s: %d %s", line, r.status, r.text)
		}
	}
}

// typedClient is a strictly typed PHP client: every type of 4.1 exactly.
func typedClient(w *world) {
	const holder = "{accountHolder:@accountHolder}"
	// It escapes slashes and sends flags as Booleans.
	r := w.raw("POST /users HTTP/1.1", "User-Agent: GuzzleHttp/7", jsonType, "", `{"brandRef":{brand},"firstName":"Ann","lastName":"Ash","username":"a","password":"Correct-Horse-7","email":"ann@{tag}.example","languageCode":"en","newsletter":false,"beta":false,"metadata":{"url":"http:\/\/shop.example\/1"}}`)
	w.fits(r, 201, holder)
	w.wants(r, 201, `{"accountHolder":{"username":"a","metadata":{"url":"http://shop.example/1"}}}`, "u=accountHolder.ref")
	w.fits(w.raw("GET /users/{u} HTTP/1.1", "Accept: application/json"), 200, holder)
	w.fits(w.raw("PUT /users/{u} HTTP/1.1", jsonType, "", `{"company":null,"phoneNumber":"+44.2012345678x12"}`), 200, holder)
	w.fits(w.raw("GET /users?limit=20&offset=0&showDeleted=1 HTTP/1.1"), 200, "{count:id,accountHolders:[@accountHolder]}")
	w.fits(w.raw("GET /brands/{brand}/packages?active=1&billingPeriodMonths=1 HTTP/1.1"), 200, "{packages:[@package]}")
	w.fits(w.raw("POST /users/{u}/account-packages HTTP/1.1", jsonType, "", `{"packageRef":{mail},"billingFrequency":1,"addToBC":0}`), 200, "{capabilities:@capabilities}")
	w.fits(w.raw("GET /users/{u}/account-packages HTTP/1.1"), 200, "{accountPackages:[@accountPackage]}")
	w.fits(w.raw("POST /sites HTTP/1.1", jsonType, "", `{"brandRef":{brand},"accountHolderRef":{u},"domain":"typed.{tag}.example"}`), 201, "{site:@site}")
	w.fits(w.raw("GET /users/{u}/sites HTTP/1.1"), 200, "{sites:[@site]}")
	w.fits(w.raw("GET /users/{u} HTTP/1.1"), 200, holder)
	w.fits(w.raw("POST /users/{u}/auto-login HTTP/1.1"), 200, "{hash:s,flowUrl:s}")
	for _, call := range []string{"suspend", "unsuspend", "cancel", "anonymise"} {
		w.wants(w.raw("POST /users/{u}/"+call+" HTTP/1.1"), 204, "", "")
		w.fits(w.raw("GET /users/{u} HTTP/1.1"), 200, holder)
	}
	w.wants(w.raw("DELETE /users/{u}?source=module HTTP/1.1"), 204, "", "")
	w.fits(w.raw("GET /users/{u} HTTP/1.1"), 200, holder)
}

// vendorLibrary is the vendor's own: paths from the root of the host, empty POSTs,
// keys that nobody asked for.
func vendorLibrary(w *world) {
	w.wants(w.raw("POST /users HTTP/1.1", jsonType, "", `{"brandRef":{brand},"firstName":"Ann","lastName":"Ash","username":"lib-{tag}","password":"Correct-Horse-7","email":"ann@{tag}.example","languageCode":"en","beta":0,"newsletter":0,"entryFlowComplete":0,"cpfCompany":0,"deleted":0,"metricsSource":"","metricsPath":""}`),
		201, "", "u=accountHolder.ref")
	w.wants(w.raw("PUT /users/{u} HTTP/1.1", jsonType, "", `{"lastName":"Birch","deleted":0,"beta":0,"cpfCompany":0}`), 200, `{"accountHolder":{"lastName":"Birch","firstName":"Ann"}}`, "")
	w.wants(w.raw("GET /brands/{brand}/packages HTTP/1.1", jsonType), 200, "", "")
	w.wants(w.raw("GET /brands/{brand}/resellers HTTP/1.1", jsonType), 200, `{"resellers":[]}`, "")
	w.wants(w.raw("POST /sites HTTP/1.1", jsonType, "", `{"brandRef":{brand},"accountHolderRef":{u},"domain":"lib.{tag}.example"}`), 201, "", "d=site.ref")
	w.wants(w.raw("POST /users/{u}/account-packages HTTP/1.1", jsonType, "", `{"packageRef":{mail},"billingFrequency":12,"addToBC":0,"metricsSource":"","metricsPath":""}`), 200, "", "")
	w.wants(w.raw("GET /users/{u}/domains/mailboxes HTTP/1.1", jsonType), 200, `{"domainMailboxes":[]}`, "")
	w.wants(w.raw("PUT /users/{u}/domains/{d}/mailboxes/12345 HTTP/1.1", jsonType, "", `{"password":"Mail-Box-Pass-9"}`), 200, `{"mailbox":{"user":"12345@lib.{tag}.example","status":"pending"}}`, "")
	w.wants(w.raw("PUT /users/{u}/domains/{d}/mailboxes/newuser HTTP/1.1", jsonType, "", `{"password":"Mail-Box-Pass-9"}`), 200, `{"mailbox":{"user":"newuser@lib.{tag}.example","status":"pending"}}`, "")
	w.wants(w.raw("POST /users/{u}/domains/{d}/mailboxes/12345/login-tokens HTTP/1.1"), 200, `{"loginToken":"*"}`, "loginToken=loginToken")
	webmailOpens(w)
	w.wants(w.raw("POST /users/{u}/domains/{d}/mailboxes/newuser/login-tokens HTTP/1.1"), 200, `{"loginToken":"*"}`, "loginToken=loginToken")
	w.wants(w.raw("DELETE /users/{u}/domains/{d}/mailboxes/12345 HTTP/1.1", jsonType), 204, "", "")
	w.wants(w.raw("GET /users/{u}/domains/mailboxes HTTP/1.1", jsonType), 200, `{"domainMailboxes":[{"user":"newuser@lib.{tag}.example"}]}`, "")
	w.wants(w.raw("POST /users/forgotten-password HTTP/1.1", jsonType, "", `{"username":"lib-{tag}","loginLink":"https:\/\/shop.{tag}.example\/reset"}`), 204, "", "")
	w.link("ann@{tag}.example", "https://shop.{tag}.example/reset?h=", "hash")
	w.wants(w.raw("POST /users/reset-password HTTP/1.1", jsonType, "", `{"hash":"{hash}","password":"Other-Horse-8"}`), 204, "", "")
	for _, call := range []string{"auto-login", "suspend", "unsuspend", "cancel", "anonymise"} { // empty POSTs
		if r := w.raw("POST /users/{u}/" + call + " HTTP/1.1"); r.status != 200 && r.status != 204 {
			w.t.Errorf("%s: %d %s", call, r.status, r.text)
		}
	}
	w.wants(w.raw("DELETE /users/{u} HTTP/1.1", jsonType), 204, "", "")
}

// formClient signs by OAuth and sends POST fields form-encoded, so that they are
// signed too.
func formClient(w *world) {
	w.wants(w.raw("POST /users HTTP/1.1", formType, "", "brandRef={brand}&firstName=Ann+Mary&lastName=%C3%96st&username=form-{tag}&password=Correct-Horse-7&email=ann%40{tag}.example&languageCode=en&metadata%5Bclient%5D=c1&newsletter=0"),
		201, `{"accountHolder":{"firstName":"Ann Mary","lastName":"Öst","metadata":{"client":"c1"},"newsletter":0}}`, "u=accountHolder.ref")
	w.wants(w.raw("POST /sites HTTP/1.1", formType, "", "brandRef={brand}&accountHolderRef={u}&domain=form.{tag}.example"), 201, "", "d=site.ref")
	w.wants(w.raw("PUT /users/{u}/domains/{d}/mailboxes/kim HTTP/1.1", formType, "", "password=Mail-Box-Pass-9"), 200, `{"mailbox":{"user":"kim@form.{tag}.example"}}`, "")
	w.wants(w.raw("POST /users/{u}/account-packages HTTP/1.1", formType, "", "packageRef={mail}&billingFrequency=12&addToBC=0"), 200, "", "")
	w.wants(w.raw("POST /users/{u}/auto-login HTTP/1.1", formType), 200, "", "hash=hash")
}

// TestBrandHosts calls by the brand's own host name: it selects the brand (B-01).
func TestBrandHosts(t *testing.T) {
	t.Parallel()
	p := start(t)
	w := p.world(t, ways[0])
	ask := func(listener, host string, u *apiUser) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.Addr(listener)+"/users", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		req.SetBasicAuth(u.Username, u.Password)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var out struct{ Status json.Number }
		if err := json.NewDecoder(res.Body).Decode(&out); res.StatusCode >= 400 && listener == "basekit" && (err != nil || out.Status != json.Number(fmt.Sprint(res.StatusCode))) {
			t.Errorf("%s at %s: %d is no error by its form", host, listener, res.StatusCode)
		}
		return res.StatusCode
	}
	us, them := w.caller(""), w.caller(foreign)
	for _, c := range []struct {
		listener, host string
		user           *apiUser
		want           int
	}{
		{"basekit", w.names["host"], us, 200}, {"basekit", w.names["host"], them, 401}, {"basekit", strings.ToUpper(w.names["host"]), us, 200}, {"basekit", w.names["host"] + ":8443", us, 200},
		{"basekit", "anything.example", us, 200}, {"basekit", "anything.example", them, 200},
		{"http", w.names["host"], us, 200}, {"http", w.names["host"], them, 401}, {"http", "anything.example", us, 404},
	} {
		if got := ask(c.listener, c.host, c.user); got != c.want {
			t.Errorf("%s at %s as %s: %d, want %d", c.host, c.listener, c.user.Username, got, c.want)
		}
	}
}

// mistypedHost: on the addresses of the other APIs a call at a host name that is
// no brand's is answered in this API's form, whatever else they serve in theirs.
func mistypedHost(w *world) {
	req, err := http.NewRequestWithContext(w.t.Context(), "GET", "http://"+w.Addr("http")+"/users", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Host = "rest.mistyped.example"
	r, err := w.do(req)
	if err != nil || r.status != http.StatusNotFound || !strings.Contains(r.text, `"unknown_host"`) || strings.Contains(r.text, w.names["host"]) {
		w.t.Errorf("%v: %d %s", err, r.status, r.text)
	}
}
