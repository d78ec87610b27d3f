package resellerclub

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"posthouse/internal/core/reseller"
)

// echo is an operation of the tests: it gives back what it read.
func (w *world) echo() {
	w.serveAlso(&operation{path: "test/echo", methods: get, params: []param{{"text", "String", false}, {"all", "Array of Strings", false}}, serve: func(_ context.Context, _ *call, p *params) (any, error) {
		text, all := p.optText("text"), list{}
		for _, v := range p.texts("all") {
			all = append(all, v)
		}
		return object{{"text", text}, {"all", all}}, p.fault()
	}}, &operation{path: "test/change", methods: post, serve: func(context.Context, *call, *params) (any, error) { return true, nil }})
}

// serveAlso adds operations to a world's door.
func (w *world) serveAlso(ops ...*operation) { w.door.routes = newRoutes(append(operations(), ops...)) }

func TestVerbs(t *testing.T) {
	w := newWorld(t)
	w.echo()
	for _, r := range []reply{w.get(w.root, "test/echo.json", "text", "x"), w.post(w.root, "test/echo.json", "text", "x"), w.postQuery(w.root, "test/echo.json", "text", "x")} {
		if got := w.ok(r); got != `{"text":"x","all":[]}` {
			t.Error(got)
		}
	}
	if got := w.ok(w.post(w.root, "test/change.json")); got != "true" {
		t.Error(got)
	}
	w.refused(w.get(w.root, "test/change.json"), 500, "Invalid HTTP method. Use POST.")
	w.refused(w.send(http.MethodPut, "/api/test/echo.json?"+w.root.with(nil), "", ""), 500, "Invalid HTTP method. Use GET.")
}

// a reseller that is flagged as test may change things with GET; another verb it may not use either.
func TestVerbsOfTestResellers(t *testing.T) {
	w := newWorld(t)
	w.echo()
	w.changeSeller(w.child, func(r *reseller.Reseller) { r.Test = true })
	if got := w.ok(w.get(w.child, "test/change.json")); got != "true" {
		t.Error(got)
	}
	w.refused(w.send(http.MethodDelete, "/api/test/change.json?"+w.child.with(nil), "", ""), 500, "Invalid HTTP method. Use POST.")
	w.refused(w.get(w.grandchild, "test/change.json"), 500, "Invalid HTTP method. Use POST.")
	w.refused(w.get(seller{w.root.id, "wrong"}, "test/change.json"), 403, denied) // who may not call is told nothing of verbs
}

func TestUnknownPath(t *testing.T) {
	w := newWorld(t)
	w.echo()
	for _, path := range []string{"/api/", "/api/test/echo", "/api/test/echo.php", "/api/test/echo.JSON", "/api/none.json", "/api/none.xml", "/api//test/echo.json", "/restapi/", "/restapi/none", "/api/.json"} {
		r := w.send(http.MethodGet, path+"?"+w.root.with(nil), "", "")
		if r.status != 404 || !strings.Contains(r.body, "Action not Found") {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	w.refused(w.send(http.MethodGet, "/api/none.json", "", ""), 404, "Action not Found")
}

// Every way in which live clients send parameters (section 2).
func TestWhereParametersTravel(t *testing.T) {
	w := newWorld(t)
	w.echo()
	const path, formType = "/api/test/echo.json", "application/x-www-form-urlencoded"
	auth := w.root.with(nil)
	id, key := fmt.Sprint("auth-userid=", w.root.id), "api-key="+w.root.key
	var parts bytes.Buffer
	mp := multipart.NewWriter(&parts)
	for _, kv := range [][2]string{{"text", "x y"}, {"all", "1"}, {"all", "2"}} {
		if err := mp.WriteField(kv[0], kv[1]); err != nil {
			t.Fatal(err)
		}
	}
	if f, err := mp.CreateFormFile("text", "a.txt"); err != nil {
		t.Fatal(err)
	} else if _, err := f.Write([]byte("of a file")); err != nil {
		t.Fatal(err)
	}
	if err := mp.Close(); err != nil {
		t.Fatal(err)
	}
	const sent, want = "text=x+y&all=1&all=2", `{"text":"x y","all":["1","2"]}`
	for name, c := range map[string]struct{ method, query, contentType, body, want string }{
		"all in the query of a GET":           {"GET", auth + "&" + sent, "", "", want},
		"all in the body":                     {"POST", "", formType, auth + "&" + sent, want},
		"with a charset":                      {"POST", "", formType + "; charset=UTF-8", auth + "&" + sent, want},
		"a type in capitals":                  {"POST", "", "Application/X-WWW-Form-URLEncoded", auth + "&" + sent, want},
		"a type with a broken parameter":      {"POST", "", formType + "; charset", auth + "&" + sent, want},
		"an untyped body":                     {"POST", "", "", auth + "&" + sent, want},
		"an untyped empty body":               {"POST", auth + "&" + sent, "", "", want},
		"text/plain and empty":                {"POST", auth + "&" + sent, "text/plain", "", want},
		"text/plain with something":           {"POST", auth + "&" + sent, "text/plain", "text=z", want},
		"JSON":                                {"POST", auth + "&" + sent, "application/json", `{"text":"z"}`, want},
		"multipart without a boundary":        {"POST", auth + "&" + sent, "multipart/form-data", "", want},
		"multipart with a boundary and empty": {"POST", auth + "&" + sent, "multipart/form-data; boundary=x", "", want},
		"multipart":                           {"POST", auth, mp.FormDataContentType(), parts.String(), want},
		"multipart, bare, with a form in it":  {"POST", auth, "multipart/form-data", sent, want},
		"authentication in the query":         {"POST", auth, formType, sent, want},
		"authentication in both":              {"POST", auth, formType, auth + "&" + sent, want},
		"user in the query, key in the body":  {"POST", id, formType, key + "&" + sent, want},
		"the body wins":                       {"POST", auth + "&text=query", formType, "text=x+y&all=1&all=2", want},
		"but not when it is empty there":      {"POST", auth + "&text=query", formType, "text=", `{"text":"query","all":[]}`},
		"the key of the body wins":            {"POST", id + "&api-key=wrong&" + sent, formType, key, want},
		"lists of both":                       {"POST", auth + "&all=1&text=x+y", formType, "all=2&all=1", want},
		"brackets":                            {"POST", auth, formType, "text=x+y&all[]=1&all[]=2", want},
		"encoded brackets":                    {"POST", auth, formType, "text=x+y&all%5B%5D=1&all%5B%5D=2", want},
		"numbered":                            {"POST", auth, formType, "text=x+y&all[1]=2&all[0]=1", want},
		"numbered, not from 0":                {"POST", auth, formType, "text=x+y&all[10]=2&all[9]=1&all[x]=3&all[=4", want},
		"unknown and empty ones":              {"GET", auth + "&" + sent + "&lang-pref=en&sales-contact-id=&utm_source=a&&=&", "", "", want},
		"several: the last one":               {"GET", auth + "&text=a&text=b", "", "", `{"text":"b","all":[]}`},
		"a semicolon":                         {"GET", auth + "&text=a;b&x=y", "", "", `{"text":"a;b","all":[]}`},
		"broken percent-encoding":             {"GET", auth + "&text=100%25+%zz+%4", "", "", `{"text":"100% %zz %4","all":[]}`},
		"broken where nobody looks":           {"GET", auth + "&" + sent + "&note=%FF%00&%FF=%", "", "", want},
		"not ASCII":                           {"GET", auth + "&text=J%C3%B6rg", "", "", `{"text":"Jörg","all":[]}`},
		"a name in other letters":             {"GET", auth + "&Text=x", "", "", `{"text":"","all":[]}`},
	} {
		target := path
		if c.query != "" {
			target += "?" + c.query
		}
		if got := w.send(c.method, target, c.contentType, c.body); got.status != 200 || got.body != c.want {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestBadParameters(t *testing.T) {
	w := newWorld(t)
	w.echo()
	const formType = "application/x-www-form-urlencoded"
	auth := w.root.with(nil)
	for name, c := range map[string]struct{ query, contentType, body, want string }{
		"no UTF-8":              {auth + "&text=%FF", "", "", "{text=text is invalid}"},
		"NUL":                   {auth + "&text=a%00b", "", "", "{text=text is invalid}"},
		"both":                  {auth + "&text=%00&all=%FF", "", "", "{text=text is invalid, all=all is invalid}"},
		"10,000 in the query":   {auth + strings.Repeat("&all=1", 10_000), "", "", "The request has more than 2000 parameters"},
		"10,000 in the body":    {auth, formType, strings.Repeat("all=1&", 10_000), "The request has more than 2000 parameters"},
		"10,000 names":          {auth, formType, names(10_000), "The request has more than 2000 parameters"},
		"2,000 and some more":   {auth + strings.Repeat("&all=1", 1990), formType, strings.Repeat("all=1&", 20), "The request has more than 2000 parameters"},
		"10,000 of nothing":     {auth, formType, strings.Repeat("&", 10_000), "The request has more than 2000 parameters"},
		"10,000 parts":          {auth, "multipart/form-data; boundary=b", strings.Repeat("--b\r\nContent-Disposition: form-data; name=all\r\n\r\n1\r\n", 10_000) + "--b--", "The request has more than 2000 parameters"},
		"10,000 nameless parts": {auth, "multipart/form-data; boundary=b", strings.Repeat("--b\r\n\r\n\r\n", 10_000) + "--b--", "The request has more than 2000 parameters"},
		"a megabyte":            {auth, formType, "text=" + strings.Repeat("x", maxBody), "The request is too large"},
		"a megabyte in parts":   {auth, "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=text\r\n\r\n" + strings.Repeat("x", maxBody), "The request is too large"},
		"a part that ends":      {auth, "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=text\r\n\r\nx", "The body is no multipart/form-data"},
	} {
		w.refused(w.send(http.MethodPost, "/api/test/echo.json?"+c.query, c.contentType, c.body), 500, c.want)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	if got := w.ok(w.post(w.root, "test/echo.json", many("all", 1990)...)); !strings.Contains(got, `"1989"]`) {
		t.Errorf("1,990 values: %.100s", got)
	}
}

func names(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "n%d=1&", i)
	}
	return b.String()
}

func many(name string, n int) (pairs []any) {
	for i := range n {
		pairs = append(pairs, name, i)
	}
	return pairs
}

// What a parameter may be, by kind (section 2, R-03).
func TestKindsOfParameters(t *testing.T) {
	w := newWorld(t)
	var read []any
	var in url.Values
	w.serveAlso(&operation{path: "test/kinds", methods: get, params: []param{{"t", "String", true}, {"n", "Integer", true}, {"c", "Integer", true}, {"o", "Integer", false},
		{"b", "Boolean", false}, {"s", "String", false}, {"a", "Float", false}, {"ns", "Array of Integers", false}},
		serve: func(_ context.Context, _ *call, p *params) (any, error) {
			read = []any{p.text("t"), p.id("n"), p.integer("c", 1, 500), p.optID("o"), p.flag("b") != nil && *p.flag("b"), p.seconds("s") != nil, p.amount("a").String(), p.ids("ns")}
			return true, p.fault()
		}})
	good := url.Values{"t": {"x"}, "n": {"7"}, "c": {"500"}, "o": {"-1"}, "b": {"1"}, "s": {"1767225600"}, "a": {"1.500000"}, "ns": {"1", "2"}}
	for name, c := range map[string]struct{ change, want string }{
		"all good":        {"", ""},
		"optional ones":   {"o=&b=&s=&a=&ns=", ""},
		"blanks around":   {"n=+7+&ns=+1", ""},
		"blank":           {"t=+", "{t=t must not be blank}"},
		"missing":         {"t=&n=&c=", "{t=t must not be blank, n=n must not be blank, c=c must not be blank}"},
		"text":            {"n=seven&c=x&o=1.0&b=yes&s=2026-01-01&a=ten&ns=x", "{n=n is invalid, c=c is invalid, o=o is invalid, b=b is invalid, s=s is invalid, a=a is invalid, ns=ns is invalid}"},
		"other Booleans":  {"b=TRUE", "{b=b is invalid}"},
		"0":               {"c=0", "{c=c is invalid}"},
		"negative":        {"c=-1&s=-1", "{c=c is invalid, s=s is invalid}"},
		"10^9":            {"c=1000000000", "{c=c is invalid}"},
		"10^30":           {"n=1000000000000000000000000000000&a=1000000000000000000000000000000", "{n=n is invalid, a=a is invalid}"},
		"hexadecimal":     {"n=0x10", "{n=n is invalid}"},
		"four places":     {"a=0.0001", "{a=a is invalid}"},
		"no number":       {"a=NaN", "{a=a is invalid}"},
		"SQL":             {"n=1+OR+1%3D1", "{n=n is invalid}"},
		"the year 100000": {"s=3093527980800", "{s=s is invalid}"},
	} {
		in = url.Values{}
		for k, v := range good {
			in[k] = v
		}
		change, err := url.ParseQuery(c.change)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range change {
			in[k] = v
		}
		r := w.send(http.MethodGet, "/api/test/kinds.json?"+w.root.with(nil)+"&"+in.Encode(), "", "")
		if c.want == "" && w.ok(r) != "true" || c.want != "" && !strings.Contains(r.body, `"message":"`+c.want+`"`) {
			t.Errorf("%s: %d %s, read %v", name, r.status, r.body, read)
		}
	}
}
