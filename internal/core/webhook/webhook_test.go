package webhook

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"posthouse/internal/core/event"
	"posthouse/internal/fault"
)

func TestSignAgainstTheLibrary(t *testing.T) {
	key, err := NewSecret(bytes.NewReader(bytes.Repeat([]byte{7, 255, 0, 61}, 8)))
	if err != nil {
		t.Fatal(err)
	}
	oracle, err := standardwebhooks.NewWebhook(SecretText(key))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 6, 7, 8, 9, time.UTC)
	for _, body := range []string{"", "{}", `{"ä":"\u0000"}`, strings.Repeat("x", 100_000)} {
		want, err := oracle.Sign("id-1", at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if got := Sign(key, "id-1", at, []byte(body)); got != want {
			t.Errorf("%.20q: %s, want %s", body, got, want)
		}
	}
}

func TestCheckURL(t *testing.T) {
	strict := Policy{Address: func(a netip.Addr) error {
		if a.Unmap().IsLoopback() {
			return fault.New(fault.Forbidden, "no")
		}
		return nil
	}}
	for raw, want := range map[string]string{
		" https://a.example/x?y=1 ": "https://a.example/x?y=1", "HTTPS://a.example": "https://a.example", "https://[2001:db8::1]:8443/": "https://[2001:db8::1]:8443/",
		"https://192.0.2.1/": "https://192.0.2.1/",
		"":                   "", "a.example": "", "//a.example": "", "http://a.example/": "", "ftp://a.example/": "", "file:///etc/passwd": "", "https:a.example": "",
		"https://": "", "https:///x": "", "https://user:pw@a.example/": "", "https://a.example/#x": "", "https://a.example/#": "", "https://a.example:0/": "",
		"https://a.example:99999/": "", "https://a.example:x/": "", "https://a.example:/": "", "https://a.example/\r\nX: y": "", "https://a.example/ x": "",
		"https://127.0.0.1/": "", "https://[::1]/": "", "https://[::ffff:127.0.0.1]/": "", "https://ä.example/": "", "https://a.example/" + strings.Repeat("x", 3000): "",
		"javascript:alert(1)": "", "https://a.example/%zz": "",
	} {
		got, err := strict.CheckURL(raw)
		if got != want || (err == nil) != (want != "") || (err != nil && !fault.Is(err, fault.Invalid)) {
			t.Errorf("%.40q: %q, %v", raw, got, err)
		}
	}
	if got, err := (Policy{PlainHTTP: true}).CheckURL("http://127.0.0.1:9/"); err != nil || got != "http://127.0.0.1:9/" {
		t.Error(got, err)
	}
}

func FuzzCheckURL(f *testing.F) {
	f.Add("https://a.example:1/x?y#z")
	f.Add("https://[::1%25eth0]/")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := Policy{}.CheckURL(raw)
		if err != nil {
			return
		}
		again, err := Policy{}.CheckURL(got)
		if err != nil || again != got || !strings.HasPrefix(got, "https://") || strings.ContainsAny(got, " \r\n\x00") {
			t.Errorf("%q: %q, again %q, %v", raw, got, again, err)
		}
	})
}

func TestCheckHeader(t *testing.T) {
	for _, ok := range [][2]string{{"Authorization", "Bearer x"}, {"X-API-Key", ""}, {"x_y", "~"}} {
		if err := CheckHeader(ok[0], ok[1]); err != nil {
			t.Errorf("%v: %v", ok, err)
		}
	}
	for _, bad := range [][2]string{{"Host", "x"}, {"webhook-ID", "x"}, {"CONTENT-LENGTH", "1"}, {"Transfer-Encoding", "x"}, {"Proxy-Authorization", "x"}, {"X Y", "x"},
		{"X\r\nY", "x"}, {"X:", "x"}, {"Ä", "x"}, {"X", "a\r\nb: c"}, {"X", "\x00"}, {"X", " x"}, {"X", "ä"}, {"X", strings.Repeat("x", 1025)}, {strings.Repeat("x", 65), "x"}} {
		if err := CheckHeader(bad[0], bad[1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestWants(t *testing.T) {
	e := Endpoint{Events: []event.Type{event.MailOrderCreated}, SuppressOwn: true}
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		e    Endpoint
		t    event.Type
		own  bool
		want bool
	}{
		{e, event.MailOrderCreated, false, true}, {e, event.MailOrderCreated, true, false}, {e, event.MailOrderPurged, false, false},
		{Endpoint{}, event.MailOrderPurged, true, true}, {Endpoint{DeletedAt: &now}, event.MailOrderPurged, false, false},
	} {
		if got := c.e.Wants(c.t, c.own); got != c.want {
			t.Errorf("%+v", c)
		}
	}
}
