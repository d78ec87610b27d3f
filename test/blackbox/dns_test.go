package blackbox

import (
	"fmt"
	"strings"
	"testing"

	"posthouse/internal/mail/knottest"
)

// TestDNS publishes, in a real authoritative server, exactly what `order dns`
// prints, and lets the real binary look at it.
func TestDNS(t *testing.T) {
	t.Parallel()
	const others = "@ NS ns.hoster.test.\n"
	dns := knottest.Start(t, map[string]string{
		"test": "@ NS ns.test.\n", "mail.test": others + "spf TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n",
		"shop.test": others, "lenient.test": others + "@ MX 10 mx1.mail.test.\n@ MX 20 mx2.mail.test.\n@ TXT \"v=spf1 a include:spf.mail.test -all\"\n",
		"broken.test": knottest.Broken,
	})
	env := []string{"POSTHOUSE_DNS_SERVERS=" + dns.Address, "POSTHOUSE_BRAND_MX=mx1.mail.test,mx2.mail.test", "POSTHOUSE_BRAND_SPF_INCLUDE=spf.mail.test"}
	for _, engine := range []struct {
		name string
		env  func() []string
	}{{"sqlite", func() []string { return env }}, {"postgres", func() []string { return append(postgres(t), env...) }}} {
		t.Run(engine.name, func(t *testing.T) {
			dns.SetZone(t, "shop.test", others)
			dnsJourney(t, start(t, engine.env()), dns, others)
		})
	}
}

func dnsJourney(t *testing.T, s *server, dns *knottest.Server, others string) {
	order, _ := s.order("shop.test", "anna@shop.test")
	o := fmt.Sprint(order)
	verify := func(want string) {
		t.Helper()
		r := s.call("verifyDns", map[string]any{"titanOrderId": order})
		got := fmt.Sprint(r["domainExists"], r["nsRecords"], r["mxRecords"], r["mxVerified"], r["spfVerified"], r["lenientSPF"], len(r["spfRecords"].([]any)))
		if got != want {
			t.Fatalf("got  %s\nwant %s\n%v", got, want, r)
		}
	}
	// publish puts what `order dns` prints into the zone as it is.
	publish := func() {
		t.Helper()
		records, _ := s.cli(0, "order", "dns", o)
		dns.SetZone(t, "shop.test", others+records)
	}
	states := func(want string) {
		t.Helper()
		var got []string
		for _, k := range s.json("order", "dkim", "list", o).([]any) {
			m := k.(map[string]any)
			got = append(got, fmt.Sprint(m["selector"], "=", m["state"]))
		}
		if strings.Join(got, " ") != want {
			t.Fatalf("got %v, want %s", got, want)
		}
	}
	verify("true [ns.hoster.test] [] false false false 0")
	publish()
	verify("true [ns.hoster.test] [mx1.mail.test mx2.mail.test] true true false 1")
	verify("true [ns.hoster.test] [mx1.mail.test mx2.mail.test] true true false 1")
	out, _ := s.cli(0, "order", "show", o)
	if n := strings.Count(out, "MAIL_ORDER_SETUP_COMPLETED"); n != 1 {
		t.Errorf("the set-up was completed %d times:\n%s", n, out)
	}
	out, _ = s.cli(0, "order", "check", o)
	contains(t, out, "published", "proven", "mx1.mail.test")
	check := s.json("order", "check", o, "--last").(map[string]any)
	if found := check["found"].(map[string]any); check["provenAt"] == nil || found["ownership"] != true || fmt.Sprint(found["dkim"]) != "[map[selector:titan state:published] map[selector:titan-ed state:published]]" {
		t.Errorf("%v", check)
	}

	// New keys sign once they are published, and the old ones' records stay.
	key := s.call("generateDkimKeys", map[string]any{"titanOrderId": order})
	if key["selector"] != "titan" || !strings.HasPrefix(fmt.Sprint(key["txtRecord"]), "v=DKIM1; k=rsa; p=") {
		t.Errorf("%v", key)
	}
	s.cli(0, "order", "dkim", "rotate", o)
	verify("true [ns.hoster.test] [mx1.mail.test mx2.mail.test] true true false 1")
	states("titan=signing titan-ed=signing titan2=waiting titan-ed2=waiting")
	publish()
	verify("true [ns.hoster.test] [mx1.mail.test mx2.mail.test] true true false 1")
	states("titan=retired titan-ed=retired titan2=signing titan-ed2=signing")
	if key := s.call("generateDkimKeys", map[string]any{"titanOrderId": order}); key["selector"] != "titan2" {
		t.Errorf("%v", key)
	}

	lenient, _ := s.order("lenient.test", "bob@lenient.test")
	out, _ = s.cli(0, "order", "check", fmt.Sprint(lenient))
	contains(t, out, "not the recommended text", "missing", "not found")
	missing, _ := s.order("missing.test", "bob@missing.test")
	out, _ = s.cli(0, "order", "check", fmt.Sprint(missing))
	contains(t, out, "does not exist", "NO_SUCH_DOMAIN")
	broken, _ := s.order("broken.test", "bob@broken.test")
	if r, err := s.Titan(s.ctx, "verifyDns", map[string]any{"titanOrderId": broken}); err != nil || r.Status != 504 || r.Body["code"] != "EXTERNAL_ERROR" {
		t.Errorf("%+v, %v", r, err)
	}
	_, errs := s.cli(1, "order", "check", fmt.Sprint(broken))
	contains(t, errs, "The DNS of broken.test does not answer")
	_, errs = s.cli(1, "order", "check", fmt.Sprint(broken), "--last")
	contains(t, errs, "never checked")
}
