package dnscheck

import (
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/fault"
	"posthouse/internal/mail/dnsres"
)

func TestParseSPF(t *testing.T) {
	for _, good := range []string{
		"v=spf1", "V=SPF1 ", "v=spf1 -all", "v=spf1 a mx ptr ~all", "v=spf1 a/24 mx//64 a:example.com/24//64 ?all",
		"v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:::1/0 -all", "v=spf1 include:_spf.example.com. redirect=x.example",
		"v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all", "v=spf1 a:%{d}/24 -all", "v=spf1 exp=explain._spf.%{d} -all", "v=spf1 unknown=any-%{s} -all",
		"v=spf1   a    mx", "v=spf1 include:%{d1r+-}.example.com",
	} {
		if _, bad, ok := parseSPF(good); !ok {
			t.Errorf("%q is refused over %q", good, bad)
		}
	}
	for _, bad := range []string{
		"", "v=spf2 -all", "v=spf1-all", "v=spf1 all:x.example", "v=spf1 include", "v=spf1 include:", "v=spf1 include:localhost", "v=spf1 ip4:2001:db8::1",
		"v=spf1 ip6:192.0.2.1", "v=spf1 ip4:192.0.2.1/33", "v=spf1 ip4:192.0.2.1/+8", "v=spf1 ip4:192.0.2.1/08", "v=spf1 ip4", "v=spf1 a/33", "v=spf1 a/", "v=spf1 mx//129",
		"v=spf1 foo", "v=spf1 foo:bar.example", "v=spf1 +", "v=spf1 redirect=a.example redirect=b.example", "v=spf1 exp=a.example exp=a.example",
		"v=spf1 redirect=", "v=spf1 a:%x.example", "v=spf1 a:%{z}.example", "v=spf1 a:%{d.example", "v=spf1 a:\xff.example", "v=spf1\tmx", "v=spf1 mx\tall",
		"v=spf1 include:1.2.3.4", "v=spf1 " + strings.Repeat("a ", maxSPF),
	} {
		if _, _, ok := parseSPF(bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestSandboxAnswers(t *testing.T) {
	c := New(nil, 0)
	want := dnsrecord.Expected{Domain: "d.example", MX: []string{"mx.example"}, OwnershipToken: "tok"} // no include: the domain's own mx
	answers := []dnsrecord.Answer{
		{Name: "d.example", Type: "NS", Value: "ns.example"}, {Name: "d.example", Type: "MX", Value: "backup.example", Preference: 20},
		{Name: "d.example", Type: "MX", Value: "mx.example", Preference: 10}, {Name: "d.example", Type: "TXT", Value: "v=spf1 a mx ~all"},
		{Name: "_mail-ownership.d.example", Type: "TXT", Value: "tok"},
	}
	f, err := c.Check(t.Context(), want, answers)
	if err != nil || !f.Verified() || !f.LenientSPF || !f.Ownership || !slices.Equal(f.MX, []string{"mx.example", "backup.example"}) {
		t.Fatalf("%+v, %v", f, err)
	}
	f, err = c.Check(t.Context(), want, []dnsrecord.Answer{})
	if err != nil || f.DomainExists {
		t.Errorf("no answers: %+v, %v", f, err)
	}
	for i := range 4 {
		failing := slices.Clone(answers)
		failing[i].Failure = dnsrecord.FailTimeout
		_, err = c.Check(t.Context(), want, failing)
		noAnswerFault(t, err)
	}
	answers[4].Failure = dnsrecord.FailTimeout
	if f, err = c.Check(t.Context(), want, answers); err != nil || f.Ownership {
		t.Errorf("the token's name does not answer: %+v, %v", f, err)
	}
}

func FuzzSPF(f *testing.F) {
	for _, s := range []string{"v=spf1 a mx include:x.example ~all", "v=spf1 a:%{d}/24//64 redirect=y.example", "v=spf1 ip6:::1/128 exists:%{ir}.x.example", "v=spf1 include:f.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, _, ok := parseSPF(text)
		if ok && (len(r.terms) > len(text) || r.redirect != strings.ToLower(r.redirect)) {
			t.Errorf("%+v", r)
		}
		// The record is that of every name there is: limits must end the walk.
		calls := 0
		w := spfWalk{resolver: everywhere{text, &calls}, domain: "f.example", include: "ours.example"}
		problem, err := w.run(context.Background(), text)
		if err != nil || calls > maxLookups+1 {
			t.Errorf("%d look-ups, %v", calls, err)
		}
		if problem == nil && !strings.Contains(strings.ToLower(text), "include:ours.example") {
			t.Errorf("passes without ours: %q", text)
		}
		if problem != nil {
			checkShown(t, problem.Detail)
		}
	})
}

// everywhere gives one text for every name.
type everywhere struct {
	text  string
	calls *int
}

func (e everywhere) LookupTXT(context.Context, string) ([]string, bool, error) {
	*e.calls++
	return []string{e.text}, false, nil
}

func (e everywhere) LookupNS(context.Context, string) ([]string, bool, error) {
	return nil, false, nil
}

func (e everywhere) LookupMX(context.Context, string) ([]dnsres.MX, bool, error) {
	*e.calls++
	return nil, false, nil
}

func (e everywhere) LookupIP(context.Context, string) ([]netip.Addr, bool, error) {
	*e.calls++
	return nil, false, nil
}

func FuzzDMARC(f *testing.F) {
	for _, s := range []string{dnsrecord.DMARCText, "v=DMARC1; p=reject; rua=mailto:a@b.example", "v=DMARC1;p=none;p=none", "v = DMARC1 ; p = none", "v=DMARC1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := dmarcOf([]string{text})
		if (d.State == dnsrecord.Published) != (d.Policy != "") {
			t.Errorf("%+v", d)
		}
		checkShown(t, d.Text)
		dkimOf([]string{text}, "v=DKIM1; k=rsa; p=AAAA")
	})
}

func checkShown(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) || len(s) > 3*maxShown || strings.ContainsAny(s, "\x00\n\r") {
		t.Errorf("not fit to be shown: %q", s)
	}
	if _, err := json.Marshal(s); err != nil {
		t.Error(err)
	}
}

func TestParseDMARC(t *testing.T) {
	for text, want := range map[string]string{
		dnsrecord.DMARCText: "none", "v=DMARC1; p=Reject; rua=mailto:a@b.example;": "reject", "v = DMARC1 ; p = quarantine": "quarantine",
		"v=DMARC1": "", "p=none; v=DMARC1": "", "v=DMARC1; p=none; p=reject": "", "v=DMARC1; p=none; sp=whatever": "", "v=DMARC10; p=none": "", "v=DMARC1; =x; p=none": "",
	} {
		if got, ok := parseDMARC(text); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	var many []dnsrecord.Answer
	many = append(many, dnsrecord.Answer{Name: "d.example", Type: "NS", Value: "ns.example"})
	for range 300 {
		many = append(many, dnsrecord.Answer{Name: "d.example", Type: "TXT", Value: "v=spf1 \x00\xff" + strings.Repeat("x", 60000)},
			dnsrecord.Answer{Name: "d.example", Type: "MX", Value: strings.Repeat("m", 3000)})
	}
	f, err := New(nil, 0).Check(t.Context(), dnsrecord.Expected{Domain: "d.example", MX: []string{"mx.example"}}, many)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(f)
	if err != nil || len(b) > 64<<10 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if fault.Of(err) != nil {
		t.Error(err)
	}
}
