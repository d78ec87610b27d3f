package resellerclub

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRequest reads any request: raw query, content type and body. Nothing
// panics, nothing grows beyond its bounds, and what a form holds is what was read.
func FuzzRequest(f *testing.F) {
	const formType = "application/x-www-form-urlencoded"
	f.Add("auth-userid=1&api-key=k", "", "")
	f.Add("a=1&a=2&a[]=3&a[0]=4&a[x=5", formType, "a=%zz&b=+%41")
	f.Add("", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n")
	f.Add("&&=&%", "multipart/form-data", "a=1")
	f.Add("a=1;b=2", "text/plain", "x")
	f.Add("a=\xff%00", ";;;", "a=1")
	f.Fuzz(func(t *testing.T, query, contentType, body string) {
		r := httptest.NewRequest(http.MethodPost, "/api/x.json", strings.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", contentType)
		sent, err := readParams(httptest.NewRecorder(), r)
		if err != nil {
			return
		}
		n := 0
		for _, v := range sent {
			n += len(v)
		}
		if n > maxParams {
			t.Fatalf("%d parameters", n)
		}
		p := &params{call: &call{door: &Door{}, op: &operation{}}, sent: sent}
		for name := range sent {
			for _, v := range append(p.texts(name), p.optText(name)) {
				if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
					t.Fatalf("%q is read as %q", name, v)
				}
			}
			p.optID(name)
			p.flag(name)
			p.seconds(name)
			p.amount(name)
			p.ids(name)
		}
		if kind, _ := bodyKind(contentType); kind != "text/plain" {
			return
		}
		want, err := url.ParseQuery(query) // of the same mind where it has no objection
		if err != nil {
			return
		}
		for name, v := range want {
			if strings.Join(v, "\x00") != strings.Join(sent[name], "\x00") {
				t.Errorf("%q: %q, want %q", name, sent[name], v)
			}
		}
	})
}
