package basekit

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
)

// FuzzRoutes: whatever the path, what is found is what the path says.
func FuzzRoutes(f *testing.F) {
	all := newRoutes(operations())
	for _, p := range []string{"/users/1/domains/mailboxes", "/users/1/domains/2/mailboxes/a%2Fb", "/users//", "//users", "/users/%zz", "/users/../users", "*", "", "/users/%00"} {
		f.Add("GET", p)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		op, named, allow := all.find(method, path)
		if op == nil {
			if len(named) > 0 || len(allow) > 0 && strings.Contains(path, "//") {
				t.Fatalf("%q names %v, allows %v", path, named, allow)
			}
			return
		}
		want, got := strings.Split(op.path, "/"), strings.Split(path, "/")
		if len(want) != len(got) || op.method != method && method != http.MethodHead {
			t.Fatalf("%s %q is %s %s", method, path, op.method, op.path)
		}
		for name, v := range named {
			if v == "" {
				t.Fatalf("%q: %s is empty", path, name)
			}
		}
	})
}

// FuzzInput: no body and no query breaks the readers, and what is wrong is told.
func FuzzInput(f *testing.F) {
	f.Add("a=1&b[c]=2&limit=x", []byte(`{"a":[1,{"b":null}],"d":{"date":"2015-11-16 15:16:42.000000","timezone_type":3,"timezone":"Europe/London"}}`), true, false)
	f.Add("d=2015-11-16T15:16:42%2B01:00", []byte("ref=9223372036854775808&flag=yes&o[]=1"), false, true)
	f.Add("offset=-1&ref=1e400", []byte(`{"ref":1e400,"flag":"2","n":-0.5}`), true, true)
	zone, err := loadZone("Europe/London")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string, raw []byte, asJSON, form bool) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.URL.RawQuery = query
		c := &call{caller: &tenancy.APICaller{Partner: &partner.Partner{ID: 1}, Shop: &shop.Settings{}}}
		in, err := newInput(c, map[string]string{"ref": query}, r, body{raw: raw, form: form && !asJSON})
		if err != nil {
			if wireOf(err).status != http.StatusBadRequest {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, name := range []string{"a", "d", "ref", "flag", "o", "n"} {
			in.text(name)
			in.textOr(name)
			in.flag(name)
			in.object(name)
			in.list(name)
			if n := in.ref(name); n < 0 && in.wrong[name] == nil {
				t.Fatalf("ref %d", n)
			}
			if d := in.date(name, zone); d != nil && d.Location() != time.UTC {
				t.Fatalf("%v", d)
			}
		}
		if limit, offset := in.page(20, 100); in.wrong["limit"] == nil && (limit < 1 || limit > 100) || offset < 0 {
			t.Fatalf("%d, %d", limit, offset)
		}
		if _, err := in.pathRef("ref"); err != nil && wireOf(err).status != http.StatusNotFound {
			t.Fatal(err)
		}
		if f := in.fault(); f != nil && wireOf(f).status != http.StatusBadRequest {
			t.Fatal(f)
		}
	})
}

// FuzzDate: a date that was read is written so that it is read as the same.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"2015-11-16 15:16:42", "2026-10-25 01:30:00", "2015-11-16", "2015-11-16T15:16:42.5Z", "0000-00-00 00:00:00", "9999-12-31 23:59:59.999999"} {
		f.Add(s, "Europe/London")
	}
	f.Add("2015-11-16 15:16:42", "Local")
	f.Fuzz(func(t *testing.T, text, name string) {
		zone, err := loadZone(name)
		if err != nil {
			zone = time.UTC
		}
		if zone == time.Local && name != "" && !strings.EqualFold(name, "utc") {
			t.Fatalf("%q is the machine's own zone", name)
		}
		in := &input{sent: map[string]any{"d": map[string]any{"date": text, "timezone": name}, "s": text}}
		for _, field := range []string{"d", "s"} {
			d := in.date(field, zone)
			if d == nil || d.Year() < 1 || d.Year() > 9998 {
				continue
			}
			again := &input{sent: map[string]any{"d": date(d, time.UTC)}}
			if back := again.date("d", zone); back == nil || !back.Equal(d.Truncate(time.Microsecond)) {
				t.Fatalf("%q of %q is %v, then %v", text, name, d, back)
			}
		}
	})
}
