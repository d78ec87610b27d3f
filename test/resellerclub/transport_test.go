package resellerclub

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// What no HTTP server takes is refused without a trace of what it held; so is
// what this one takes and can't read.
func TestNotHTTP(t *testing.T) {
	t.Parallel()
	p := start(t)
	w := p.world(t, ".json")
	w.newCustomer("jane")
	for name, c := range map[string]struct {
		lines  []string
		status int
	}{
		"a header without a colon":    {[]string{"GET /api/resellers/details.json?{auth}" + version, "broken {auth}"}, 400},
		"a version that is none":      {[]string{"GET /api/resellers/details.json?{auth} HTTP/9.9"}, 505},
		"a blank in the query":        {[]string{"GET /api/resellers/details.json?{auth}&a=b c" + version}, 400},
		"percent-encoding in a path":  {[]string{"GET /api/%zz{auth}.json" + version}, 400},
		"percent-encoding in a query": {[]string{"GET /api/resellers/details.json?{auth}&x=%zz;%" + version}, 200},
		"a long query":                {[]string{"GET /api/resellers/details.json?{auth}&x=" + strings.Repeat("x", 300_000) + version}, 431},
		"10,000 parameters":           {[]string{"GET /api/customers/search.json?{auth}" + strings.Repeat("&customer-id=1", 10_000) + version}, 500},
		"10,000 in a body":            {[]string{"POST /api/customers/search.json?{auth}" + version, form, "", strings.Repeat("customer-id=1&", 10_000)}, 500},
		"multipart without a part":    {[]string{"POST /api/resellers/details.json?{auth}" + version, "Content-Type: multipart/form-data; boundary=b", "", "{auth}"}, 200},
		"entities in XML":             {[]string{"GET /api/customers/details.xml?{auth}&username=%3C!ENTITY%20x%3E%26x;" + version}, 500},
		"two slashes":                 {[]string{"GET /api//resellers/details.json?{auth}" + version}, 404},
		"a way up":                    {[]string{"GET /restapi/../api/resellers/details.json?{auth}" + version}, 404},
		"two slashes in front":        {[]string{"GET //api/resellers/details.json?{auth}" + version}, 404},
		"a HEAD":                      {[]string{"HEAD /api/resellers/details.json?{auth}" + version}, 500},
	} {
		r := w.raw(c.lines...)
		if r.status != c.status || strings.Contains(r.body, w.sellers["root"].Key) {
			t.Errorf("%s: %d %.300s", name, r.status, r.body)
		}
	}
	// The server's own lines of a connection that ends in the middle.
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.Addr("http"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, w.fill("POST /api/resellers/details.json?{auth} HTTP/1.1\r\nHost: x\r\n"+form+"\r\nContent-Length: 100\r\n\r\n{auth}")); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	w.get("resellers/details.json", "")
}

// The API answers where it is configured to, and nowhere else.
func TestWhereItIsServed(t *testing.T) {
	t.Parallel()
	t.Run("behind a prefix", func(t *testing.T) {
		t.Parallel()
		w := start(t, "POSTHOUSE_RESELLERCLUB_PREFIX=/rc/").world(t, ".json")
		if r := w.raw("GET /rc/api/resellers/details.json?{auth}" + version); r.status != 200 {
			t.Errorf("%d %s", r.status, r.body)
		}
		w.message(w.raw("GET /rc/api/resellers/none.json?{auth}"+version), 404, "Action not Found")
		if r := w.raw("GET /api/resellers/details.json?{auth}" + version); r.status != 404 || strings.Contains(r.body, "Action not Found") {
			t.Errorf("%d %s", r.status, r.body)
		}
		if r := w.raw("GET /metrics" + version); !strings.Contains(r.body, `posthouse_resellerclub_requests_total{operation="resellers/details",status="200"} 1`) {
			t.Error("not in the metrics")
		}
	})
	t.Run("not at all", func(t *testing.T) {
		t.Parallel()
		p := start(t, "POSTHOUSE_RESELLERCLUB_ENABLED=false")
		res, err := http.Get("http://" + p.Addr("http") + "/api/resellers/details.json")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if b, err := io.ReadAll(res.Body); err != nil || res.StatusCode != 404 || strings.Contains(string(b), "authentication parameter") {
			t.Errorf("%d %s %v", res.StatusCode, b, err)
		}
	})
}
