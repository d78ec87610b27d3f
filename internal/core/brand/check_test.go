package brand

import (
	"reflect"
	"strings"
	"testing"

	"posthouse/internal/fault"
)

func TestChecked(t *testing.T) {
	in := Brand{
		Name: " Acme Mail ", SupportURL: "https://help.acme.example/mail?x=1", Colour: "#1A2B3C", SenderName: "Acme",
		SenderEmail: "No-Reply@Acme.example", PanelURL: "https://panel.acme.example/", WebmailURL: "https://mail.acme.example:8443",
		PaymentURL:   "https://pay.acme.example/{locale}/cart?order={order_id}&d={domain_name}",
		FrameOrigins: []string{"https://My.Acme.example/", "", "https://my.acme.example"}, Themes: []string{"dark", "light_2"},
		MX: []string{"MX1.acme.example.", "mx2.acme.example"}, SPFInclude: "SPF.acme.example",
	}
	got, err := in.Checked(false)
	if err != nil {
		t.Fatal(err)
	}
	want := in
	want.Name, want.Colour, want.PanelURL = "Acme Mail", "#1a2b3c", "https://panel.acme.example"
	want.SenderEmail = "No-Reply@acme.example"
	want.FrameOrigins = []string{"https://my.acme.example"}
	want.MX, want.SPFInclude = []string{"mx1.acme.example", "mx2.acme.example"}, "spf.acme.example"
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	again, err := got.Checked(false)
	if err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("not stable: %+v, %v", again, err)
	}
}

func TestCheckedRefuses(t *testing.T) {
	for name, b := range map[string]Brand{
		"two lines":                 {Name: "a\nBcc: x@y.example"},
		"a long name":               {Name: strings.Repeat("x", 256)},
		"no UTF-8":                  {Name: "\xff"},
		"http":                      {PanelURL: "http://panel.acme.example"},
		"javascript":                {SupportURL: "javascript:alert(1)"},
		"no host":                   {SupportURL: "https:///x"},
		"a relative address":        {LogoURL: "//acme.example/l.png"},
		"a user in the address":     {LogoURL: "https://u:p@acme.example/l.png"},
		"a quote in the address":    {LogoURL: `https://acme.example/"onload=x`},
		"a line in the address":     {LogoURL: "https://acme.example/\n"[:21] + "\r\nx"},
		"a space in the address":    {LogoURL: "https://acme.example/a b"},
		"a fragment":                {PanelURL: "https://acme.example/#x"},
		"a base with a query":       {WebmailURL: "https://acme.example/?x"},
		"an unknown placeholder":    {PaymentURL: "https://pay.acme.example/{secret}"},
		"a placeholder as host":     {PaymentURL: "https://{domain_name}/pay"},
		"a placeholder in the host": {PaymentURL: "https://{domain_name}.pay.acme.example"},
		"a host in capitals":        {PaymentURL: "HTTPS://{domain_name}/pay"},
		"a host before a query":     {PaymentURL: "https://pay.{locale}?order={order_id}"},
		"a placeholder as port":     {PaymentURL: "https://pay.acme.example:{order_id}/"},
		"a colour by name":          {Colour: "red"},
		"a colour that ends CSS":    {Colour: "#12345}"},
		"an address":                {SenderEmail: "nobody"},
		"an origin with a path":     {FrameOrigins: []string{"https://a.example/x"}},
		"any origin":                {FrameOrigins: []string{"*"}},
		"any host as origin":        {FrameOrigins: []string{"https://*.a.example"}},
		"an origin that ends":       {FrameOrigins: []string{"https://a.example;script-src *"}},
		"a theme with a path":       {Themes: []string{"../x"}},
		"an MX that is an IP":       {MX: []string{"192.0.2.1"}},
		"an MX with a space":        {MX: []string{"mx acme.example"}},
		"an include with a term":    {SPFInclude: "acme.example +all"},
		"too many":                  {MX: strings.Split(strings.Repeat("a.example,", 21), ",")[:21]},
	} {
		if got, err := b.Checked(false); err == nil {
			t.Errorf("%s is taken: %+v", name, got)
		}
	}
	_, err := (Brand{PaymentURL: "https://{domain_name}.acme.example/pay"}).Checked(false)
	if f := fault.Of(err); f == nil || f.Text != "paymentUrl is not an address with a fixed host: placeholders go into its path or query" {
		t.Errorf("%v", err)
	}
	for _, ok := range []string{"https://pay.acme.example?d={domain_name}", "https://pay.acme.example/{locale}?o={order_id}"} {
		if got, err := (Brand{PaymentURL: ok}).Checked(false); err != nil || got.PaymentURL != ok {
			t.Errorf("%s: %v", ok, err)
		}
	}
	if _, err := (Brand{PanelURL: "http://localhost:8080", FrameOrigins: []string{"http://localhost:3000"}}).Checked(true); err != nil {
		t.Errorf("on one machine http is enough: %v", err)
	}
}
