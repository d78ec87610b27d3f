package dnscheck

import (
	"context"
	"crypto/rand"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/dkim"
	"posthouse/internal/fault"
	"posthouse/internal/mail/dnsres"
	"posthouse/internal/mail/knottest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	goodMX = "@ MX 10 mx1.mail.test.\n@ MX 20 mx2.mail.test.\n"
	ns     = "@ NS ns1.hoster.test.\n@ NS NS2.hoster.test.\n"
)

func zoneOf(spf ...string) string {
	out := ns + goodMX
	for _, s := range spf {
		out += `@ TXT "` + s + "\"\n"
	}
	return out
}

// chain is a row of names, each including the next, the last one ours.
func chain(n int) string {
	out := ns
	for i := range n {
		out += "c" + string(rune('a'+i)) + ` TXT "v=spf1 include:c` + string(rune('a'+i+1)) + ".chain.test ~all\"\n"
	}
	return out + "c" + string(rune('a'+n)) + " TXT \"v=spf1 include:spf.mail.test ~all\"\n"
}

func records(t *testing.T) (key, other string) {
	t.Helper()
	var out []string
	for range 2 {
		k, err := dkim.Generate(dkim.RSA, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		text, err := dkim.Record(k.Public())
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	return out[0], out[1]
}

// split is how a TXT value over 255 octets is written.
func split(s string) string {
	out := ""
	for len(s) > 200 {
		out += `"` + s[:200] + `" `
		s = s[200:]
	}
	return out + `"` + s + `"`
}

func TestAgainstKnot(t *testing.T) {
	key, other := records(t)
	server := knottest.Start(t, map[string]string{
		"test":      "@ NS ns.test.\n", // for what does not exist
		"mail.test": ns + "spf TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n",
		"verified.test": zoneOf("v=spf1 include:spf.mail.test ~all") +
			"@ TXT \"google-site-verification=x\"\n_dmarc TXT \"v=DMARC1;p=none;sp=none;adkim=r;aspf=r;pct=100\"\n" +
			"_mail-ownership TXT \"tok123\"\ntitan._domainkey TXT (" + split(strings.Replace(key, "p=", "p= ", 1)) + ")\n" +
			"titan-ed._domainkey TXT " + split(other) + "\n",
		"case.test":         zoneOf("V=SPF1  Include:SPF.Mail.TEST  ~ALL"),
		"lenient.test":      zoneOf("v=spf1 ip4:198.51.100.7 a mx include:spf.mail.test -all"),
		"two.test":          zoneOf("v=spf1 include:spf.mail.test ~all", "v=spf1 mx -all"),
		"nospf.test":        zoneOf("v=spf10 include:spf.mail.test ~all"),
		"notours.test":      zoneOf("v=spf1 include:spf.nested.test -all"),
		"qualified.test":    zoneOf("v=spf1 ?include:spf.mail.test -all"),
		"behindall.test":    zoneOf("v=spf1 -all include:spf.mail.test"),
		"syntax.test":       zoneOf("v=spf1 includes:spf.mail.test ~all"),
		"nested.test":       zoneOf("v=spf1 include:_ours.nested.test ~all") + "_ours TXT \"v=spf1 include:spf.mail.test -all\"\nspf TXT \"v=spf1 -all\"\n",
		"redirect.test":     zoneOf("v=spf1 redirect=_ours.nested.test"),
		"redirectall.test":  zoneOf("v=spf1 -all redirect=_ours.nested.test"),
		"loop.test":         zoneOf("v=spf1 include:b.loop.test include:spf.mail.test -all") + "b TXT \"v=spf1 include:loop.test -all\"\n",
		"selfloop.test":     zoneOf("v=spf1 redirect=selfloop.test"),
		"gone.test":         zoneOf("v=spf1 include:nowhere.test include:spf.mail.test -all"),
		"chain.test":        chain(12),
		"deep.test":         zoneOf("v=spf1 include:ce.chain.test -all"), // 9 includes and ours
		"toodeep.test":      zoneOf("v=spf1 include:cd.chain.test -all"), // 10 and ours
		"voids.test":        zoneOf("v=spf1 a:n1.voids.test a:n2.voids.test mx:n3.voids.test include:spf.mail.test -all"),
		"twovoids.test":     zoneOf("v=spf1 a:n1.twovoids.test a:n2.twovoids.test include:spf.mail.test -all"),
		"broken.test":       knottest.Broken,
		"brokeninc.test":    zoneOf("v=spf1 include:x.broken.test include:spf.mail.test -all"),
		"brokenafter.test":  zoneOf("v=spf1 include:spf.mail.test include:x.broken.test -all"),
		"nomx.test":         ns + `@ TXT "v=spf1 include:spf.mail.test ~all"` + "\n",
		"nullmx.test":       ns + "@ MX 0 .\n",
		"onemx.test":        ns + "@ MX 10 mx1.mail.test.\n",
		"backupmx.test":     ns + goodMX + "@ MX 30 backup.hoster.test.\n",
		"swappedmx.test":    ns + "@ MX 10 MX2.mail.test.\n@ MX 20 mx1.mail.test.\n",
		"sharedmx.test":     ns + goodMX + "@ MX 20 other.hoster.test.\n",
		"foreignfirst.test": ns + goodMX + "@ MX 5 other.hoster.test.\n",
		"alias.test": ns + "www CNAME target\ntarget MX 10 mx1.mail.test.\ntarget MX 20 mx2.mail.test.\n" +
			"target TXT \"v=spf1 include:spf.mail.test ~all\"\n_mail-ownership.www CNAME tok\ntok TXT \"tok123\"\n" +
			"titan._domainkey.www CNAME k\nk TXT " + split(key) + "\n",
		"sub.test":      ns + "deeper.x MX 10 mx1.mail.test.\n",
		"wrongkey.test": zoneOf() + "titan._domainkey TXT " + split(other) + "\n_mail-ownership TXT \"another\"\n_dmarc TXT \"v=DMARC1; p=maybe\"\n",
		"revoked.test":  zoneOf() + "titan._domainkey TXT \"v=DKIM1; p=\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n_dmarc TXT \"v=DMARC1; p=none\"\n",
	})
	resolver, err := dnsres.New(dnsres.Config{Servers: []string{server.Address}, NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	checker := New(resolver, 0)
	check := func(t *testing.T, domain string) *dnsrecord.Found {
		t.Helper()
		f, err := checker.Check(t.Context(), dnsrecord.Expected{Domain: domain, MX: []string{"mx1.mail.test", "mx2.mail.test"}, SPFInclude: "spf.mail.test",
			OwnershipToken: "tok123", DKIM: []dnsrecord.Key{{Selector: "titan", Record: key}, {Selector: "titan-ed", Record: key}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}

	t.Run("everything", func(t *testing.T) {
		f := check(t, "verified.test")
		if !f.DomainExists || !f.MXVerified || !f.SPFVerified || f.LenientSPF || !f.Ownership || f.MXProblem != nil || f.SPFProblem != nil {
			t.Errorf("%+v", f)
		}
		if !slices.Equal(f.NS, []string{"ns1.hoster.test", "ns2.hoster.test"}) || !slices.Equal(f.MX, []string{"mx1.mail.test", "mx2.mail.test"}) ||
			!slices.Equal(f.SPF, []string{"v=spf1 include:spf.mail.test ~all"}) {
			t.Errorf("%v %v %v", f.NS, f.MX, f.SPF)
		}
		if f.DMARC != (dnsrecord.DMARC{State: dnsrecord.Published, Text: dnsrecord.DMARCText, Policy: "none"}) {
			t.Errorf("%+v", f.DMARC)
		}
		if !f.KeyPublished("titan") || f.KeyPublished("titan-ed") || f.DKIM[1].State != dnsrecord.Different {
			t.Errorf("%+v", f.DKIM)
		}
	})

	spf := map[string]struct {
		code    string
		lenient bool
	}{
		"verified.test": {}, "case.test": {}, "lenient.test": {lenient: true}, "two.test": {code: dnsrecord.SPFSeveral},
		"nospf.test": {code: dnsrecord.NoRecord}, "notours.test": {code: dnsrecord.SPFNotIncluded}, "qualified.test": {code: dnsrecord.SPFNotPassing},
		"behindall.test": {code: dnsrecord.SPFNotIncluded}, "syntax.test": {code: dnsrecord.SPFSyntax}, "nested.test": {lenient: true},
		"redirect.test": {lenient: true}, "redirectall.test": {code: dnsrecord.SPFNotIncluded}, "loop.test": {code: dnsrecord.SPFLoop},
		"selfloop.test": {code: dnsrecord.SPFLoop}, "gone.test": {code: dnsrecord.SPFBrokenInclude}, "deep.test": {lenient: true},
		"toodeep.test": {code: dnsrecord.SPFTooManyLookups}, "voids.test": {code: dnsrecord.SPFTooManyLookups}, "twovoids.test": {lenient: true},
		"brokenafter.test": {lenient: true}, "missing.test": {code: dnsrecord.NoSuchDomain},
	}
	for domain, want := range spf {
		t.Run("spf "+domain, func(t *testing.T) {
			f := check(t, domain)
			code := ""
			if f.SPFProblem != nil {
				code = f.SPFProblem.Code
			}
			if f.SPFVerified != (want.code == "") || code != want.code || f.LenientSPF != want.lenient {
				t.Errorf("verified %v, lenient %v, problem %+v", f.SPFVerified, f.LenientSPF, f.SPFProblem)
			}
		})
	}

	mx := map[string]string{
		"verified.test": "", "backupmx.test": "", "swappedmx.test": "", "nomx.test": dnsrecord.NoRecord, "nullmx.test": dnsrecord.MXMissing,
		"onemx.test": dnsrecord.MXMissing, "sharedmx.test": dnsrecord.MXForeignFirst, "foreignfirst.test": dnsrecord.MXForeignFirst,
		"missing.test": dnsrecord.NoSuchDomain,
	}
	for domain, want := range mx {
		t.Run("mx "+domain, func(t *testing.T) {
			f := check(t, domain)
			code := ""
			if f.MXProblem != nil {
				code = f.MXProblem.Code
			}
			if f.MXVerified != (want == "") || code != want {
				t.Errorf("verified %v, problem %+v", f.MXVerified, f.MXProblem)
			}
		})
	}

	t.Run("an alias", func(t *testing.T) {
		f := check(t, "www.alias.test")
		if !f.DomainExists || !f.Verified() || !f.Ownership || !f.KeyPublished("titan") || len(f.NS) != 0 {
			t.Errorf("%+v", f)
		}
	})
	t.Run("names in between exist", func(t *testing.T) {
		if f := check(t, "x.sub.test"); !f.DomainExists {
			t.Errorf("%+v", f)
		}
	})
	t.Run("does not exist", func(t *testing.T) {
		if f := check(t, "missing.test"); f.DomainExists || f.NS == nil || f.MX == nil || f.SPF == nil || f.DKIM[0].State != dnsrecord.Missing {
			t.Errorf("%+v", f)
		}
	})
	t.Run("wrong extras", func(t *testing.T) {
		f := check(t, "wrongkey.test")
		if f.Ownership || f.DKIM[0].State != dnsrecord.Different || f.DKIM[1].State != dnsrecord.Missing || f.DMARC.State != dnsrecord.Different {
			t.Errorf("%+v", f)
		}
		f = check(t, "revoked.test")
		if f.DKIM[0].State != dnsrecord.Different || f.DMARC.State != dnsrecord.Different {
			t.Errorf("%+v", f)
		}
	})
	for _, domain := range []string{"broken.test", "x.broken.test", "brokeninc.test"} {
		t.Run("servfail "+domain, func(t *testing.T) {
			_, err := checker.Check(t.Context(), dnsrecord.Expected{Domain: domain, MX: []string{"mx1.mail.test"}, SPFInclude: "spf.mail.test"}, nil)
			noAnswerFault(t, err)
		})
	}
}

func noAnswerFault(t *testing.T, err error) {
	t.Helper()
	if f := fault.Of(err); !fault.Is(err, fault.Unavailable) || f.Reason != dnsrecord.ReasonNoAnswer || !f.Temporary {
		t.Errorf("got %v", err)
	}
}

// TestTimeout asks a server that never answers.
func TestTimeout(t *testing.T) {
	mute, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	resolver, err := dnsres.New(dnsres.Config{Servers: []string{mute.LocalAddr().String()}, Timeout: time.Minute, NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(resolver, 50*time.Millisecond).Check(context.Background(), dnsrecord.Expected{Domain: "mute.test"}, nil)
	noAnswerFault(t, err)
}
