package shop

import (
	"net/url"
	"strings"
	"testing"

	"posthouse/internal/fault"
)

func TestCheckLink(t *testing.T) {
	hosts := []string{"my.brand.example", "panel.brand.example"}
	for _, ok := range []string{
		"https://my.brand.example", "https://my.brand.example/", "https://my.brand.example/reset?lang=de", "https://PANEL.brand.example:8443/a/b?x=1&y=%40",
		"HTTPS://my.brand.example/a?b=c/d?e", "https://my.brand.example?x",
	} {
		if got, err := CheckLink(ok, hosts, false); got != ok || err != nil {
			t.Errorf("%s: %q, %v", ok, got, err)
		}
	}
	if _, err := CheckLink("https://anywhere.example/", nil, false); err != nil {
		t.Errorf("no host is registered: %v", err)
	}
	for _, foreign := range []string{"https://evil.example/", "https://my.brand.example.evil.example/", "https://brand.example/", "https://xmy.brand.example/"} {
		if _, err := CheckLink(foreign, hosts, false); fault.Of(err).Reason != "LINK_HOST" {
			t.Errorf("%s: %v", foreign, err)
		}
	}
	for _, bad := range []string{
		"", " ", "javascript:alert(1)", "JavaScript://my.brand.example/%0aalert(1)", "data:text/html,x", "ftp://my.brand.example/", "http://my.brand.example/",
		"//my.brand.example/", "/reset", "my.brand.example/reset", "https:my.brand.example", "https:/my.brand.example/", "https:///my.brand.example/", "https://", "https://?x",
		"https://user@my.brand.example/", "https://user:secret@my.brand.example/", "https://@my.brand.example/", "https://my.brand.example@evil.example/",
		"https://evil.example\\@my.brand.example/", "https://my.brand.example\\.evil.example/", "https://my.brand.example/@x", "https://my.brand.example/#x", "https://my.brand.example/#",
		"https://my.brand.example/\n", "https://my.brand.example/\r\nX: y", "https://my.brand.example/a b", "https://my.brand.example/\x00", "https://my.brand.example/\t", " https://my.brand.example/",
		"https://my.brand.example:/", "https://my.brand.example:0/", "https://my.brand.example:99999/", "https://my.brand.example:x/", "https://my.brand.example./", "https://my..brand.example/",
		"https://my.brand.example/" + strings.Repeat("x", maxLink), "https://" + strings.Repeat("a.", 130) + "example/",
		"https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://0x7f000001/", "https://127.1/", "https://017700000001/", "https://1.2.3.0x4/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
		"https://localhost/", "https://brand/", "https://münchen.example/", "https://xn--mnchen-3ya.example/", "https://my.brand.example\u3002evil.example/", "https://my%2ebrand.example/", "https://-a.example/",
		"https://my.brand.example/<script>", `https://my.brand.example/"onload=x`, "https://my.brand.example/%zz",
	} {
		if got, err := CheckLink(bad, nil, false); got != "" || fault.Of(err).Reason != "LINK_INVALID" {
			t.Errorf("%q: %q, %v", bad, got, err)
		}
		if got, err := CheckLink(bad, hosts, false); got != "" || err == nil {
			t.Errorf("%q: %q, %v", bad, got, err)
		}
	}
	if _, err := CheckLink("https://xn--mnchen-3ya.example/", []string{"xn--mnchen-3ya.example"}, false); err != nil {
		t.Errorf("an A-label that is registered: %v", err)
	}
	for _, ok := range []string{"http://localhost:8080/reset", "http://127.0.0.1:8080/", "http://my.brand.example/"} {
		if _, err := CheckLink(ok, nil, true); err != nil {
			t.Errorf("in development: %s: %v", ok, err)
		}
	}
}

func TestWithParameter(t *testing.T) {
	for link, want := range map[string]string{
		"https://a.example": "https://a.example?h=X", "https://a.example/": "https://a.example/?h=X", "https://a.example/?": "https://a.example/?h=X",
		"https://a.example/?a=1": "https://a.example/?a=1&h=X", "https://a.example/?a=1&": "https://a.example/?a=1&h=X", "https://a.example/?h=Y": "https://a.example/?h=Y&h=X",
		"https://a.example?b?": "https://a.example?b?&h=X",
	} {
		if got := WithParameter(link, "h", "X"); got != want {
			t.Errorf("%s: %s, want %s", link, got, want)
		}
	}
}

// FuzzLink: what is taken is one https address on a host that everybody reads
// alike, and still with the parameter.
func FuzzLink(f *testing.F) {
	for _, s := range []string{"https://my.brand.example/a?b=c", "https://a@b.example/", "https://a.example?b?", "https://0x7f.1/", "https://a.example:443/%2f?&", "https://a.example/?"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		link, err := CheckLink(raw, nil, false)
		if err != nil {
			return
		}
		if link != raw {
			t.Fatalf("%q became %q", raw, link)
		}
		before, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		whole := WithParameter(link, "h", "secret")
		after, err := url.Parse(whole)
		if err != nil || after.Scheme != "https" || after.User != nil || after.Fragment != "" || after.Host != before.Host || after.Path != before.Path {
			t.Fatalf("%q: %q, %v", raw, whole, err)
		}
		if !linkHost(strings.ToLower(after.Hostname())) || strings.ContainsAny(whole, " \r\n\x00<>\"@#\\") {
			t.Fatalf("%q: %q", raw, whole)
		}
		values, _ := url.ParseQuery(after.RawQuery)
		if got := values["h"]; len(got) == 0 || got[len(got)-1] != "secret" {
			t.Fatalf("%q: %q has %q", raw, whole, got)
		}
		if !strings.HasPrefix(after.RawQuery, before.RawQuery) {
			t.Fatalf("%q: the query has changed in %q", raw, whole)
		}
		if _, err := CheckLink(link, []string{after.Hostname()}, false); err != nil {
			t.Fatalf("%q on its own host: %v", raw, err)
		}
	})
}
