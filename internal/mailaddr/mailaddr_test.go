package mailaddr

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/fault"
)

func TestParse(t *testing.T) {
	l64 := strings.Repeat("a", 64)
	d63 := strings.Repeat("d", 63)
	for _, c := range []struct {
		in, local, domain, out string
		utf8                   bool
	}{
		{in: "a@b", local: "a", domain: "b", out: "a@b"},
		{in: "Ann.Lee+x@Example.COM", local: "Ann.Lee+x", domain: "example.com", out: "Ann.Lee+x@example.com"},
		{in: `"a b"@example.com`, local: "a b", domain: "example.com", out: `"a b"@example.com`},
		{in: `"ann"@example.com`, local: "ann", domain: "example.com", out: `ann@example.com`},
		{in: `"a\"\\b@c>"@example.com`, local: `a"\b@c>`, domain: "example.com", out: `"a\"\\b@c>"@example.com`},
		{in: `".a"@example.com`, local: ".a", domain: "example.com", out: `".a"@example.com`},
		{in: "a@[192.0.2.1]", local: "a", domain: "[192.0.2.1]", out: "a@[192.0.2.1]"},
		{in: "a@[ipv6:2001:DB8:0:0::1]", local: "a", domain: "[IPv6:2001:db8::1]", out: "a@[IPv6:2001:db8::1]"},
		{in: l64 + "@example.com", local: l64, domain: "example.com", out: l64 + "@example.com"},
		{in: "a@" + d63 + ".com", local: "a", domain: d63 + ".com", out: "a@" + d63 + ".com"},
		{in: "jörg@example.com", local: "jörg", domain: "example.com", out: "jörg@example.com", utf8: true},
		{in: "a@bücher.example", local: "a", domain: "xn--bcher-kva.example", out: "a@xn--bcher-kva.example", utf8: true},
		{in: "a@xn--bcher-kva.example", local: "a", domain: "xn--bcher-kva.example", out: "a@xn--bcher-kva.example"},
		{in: `"ö x"@example.com`, local: "ö x", domain: "example.com", out: `"ö x"@example.com`, utf8: true},
	} {
		var opts []Option
		if c.utf8 {
			opts = append(opts, AllowUTF8)
			if _, err := Parse(c.in); !IsUTF8Required(err) {
				t.Errorf("Parse(%q) without AllowUTF8: %v, want ErrUTF8", c.in, err)
			}
		}
		a, err := Parse(c.in, opts...)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.in, err)
			continue
		}
		if a.Local != c.local || a.Domain != c.domain || a.String() != c.out {
			t.Errorf("Parse(%q) = %+v, %q", c.in, a, a)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{
		"", "@", "a", "a@", "@b", "a@@b", "a b@c", ".a@b", "a.@b", "a..b@c", `""@b`, `"a@b`, `"a"b@c`, `"a\`, "\"a\x00\"@b",
		"a@b.", "a@.b", "a@b..c", "a@-b", "a@b-", "a@b_c.com", "a@1.2.3.4", "a@123", "a@[1.2.3]", "a@[1.2.3.4", "a@[::1]", "a@[IPv6:1.2.3.4]",
		"a@[IPv6:fe80::1%eth0]", "a@[foo:bar]", "a@[]", "a@b c", "<a@b>", "a@b>", "a@b\r\n", "a\x7f@b", "a@b,c@d", "a@b\x00",
		strings.Repeat("a", 65) + "@b", `"` + strings.Repeat("a", 63) + `"@b`, "a@" + strings.Repeat("d", 64) + ".com",
		strings.Repeat("a", 64) + "@" + strings.Repeat("a.", 95) + "b", "a@" + strings.Repeat("a.", 130) + "com",
		"\xff@b.com", "a@\xff.com", "\u0085@b.com", "a@b\u00ad\u200b..com",
	} {
		if a, err := Parse(in, AllowUTF8); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", in, a)
		} else if !fault.Is(err, fault.Invalid) {
			t.Errorf("Parse(%q): %v is no fault.Invalid", in, err)
		}
	}
}

func TestParseDomain(t *testing.T) {
	for in, want := range map[string]string{
		"example.com": "example.com", "EXAMPLE.com.": "example.com", "a-b.c-d.Co": "a-b.c-d.co", "1.com": "1.com", "ab--cd.com": "ab--cd.com",
		strings.Repeat("a.", 125) + "com": strings.Repeat("a.", 125) + "com",
	} {
		if got, err := ParseDomain(in); err != nil || got != want {
			t.Errorf("ParseDomain(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", ".", "com", "com.", "a..b", "example.com..", ".example.com", "../../etc", "a/b.com", "1.2.3.4", "1.2.3.4.", "[1.2.3.4]", "::1", "2001:db8::1",
		"a_b.com", "_dmarc.example.com", "-a.com", "a-.com", "a b.com", " example.com", "example.com\n", "example.123", "a\x00.com", "*.com", "\xff.com",
		strings.Repeat("a", 64) + ".com", strings.Repeat("a.", 126) + "com", strings.Repeat("a", 262144), strings.Repeat("é", 262144),
	} {
		if got, err := ParseDomain(in); !fault.Is(err, fault.InvalidDomain) || errors.Is(err, errIDN) {
			t.Errorf("ParseDomain(%.40q) = %q, %v, want fault.InvalidDomain", in, got, err)
		}
	}
	for _, in := range []string{"bücher.example", "xn--bcher-kva.example", "XN--bcher-kva.example", "www.xn--p1ai", "例え.jp"} {
		if got, err := ParseDomain(in); !errors.Is(err, errIDN) || !fault.Is(err, fault.InvalidDomain) {
			t.Errorf("ParseDomain(%q) = %q, %v, want errIDN", in, got, err)
		}
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct {
		in, want, rest string
		reverse        bool
	}{
		{"<a@b.com>", "a@b.com", "", true},
		{"<a@b.com> SIZE=10", "a@b.com", " SIZE=10", true},
		{"<> BODY=8BITMIME", "", " BODY=8BITMIME", true},
		{"<@x.org,@y.net:a@b.com>", "a@b.com", "", true},
		{"<@x.org:a@b.com> X", "a@b.com", " X", false},
		{`<"a>b"@c.com>`, `"a>b"@c.com`, "", false},
		{"<PostMaster>", "PostMaster", "", false},
		{"<postmaster> NOTIFY=NEVER", "postmaster", " NOTIFY=NEVER", false},
		{"<postmaster@b.com>", "postmaster@b.com", "", false},
	} {
		parse := ParseForwardPath
		if c.reverse {
			parse = ParseReversePath
		}
		a, rest, err := parse(c.in)
		if err != nil || a.String() != c.want || rest != c.rest {
			t.Errorf("%q: %q, %q, %v", c.in, a, rest, err)
		}
	}
	for _, in := range []string{"", "<", ">", "a@b.com", "<a@b.com", " <a@b.com>", "<a>", "<a@b.com >", "<@x a@b.com>", "<@:a@b.com>", "<x:a@b.com>", "<@x,y:a@b.com>", "<<a@b.com>>"} {
		if a, _, err := ParseReversePath(in); err == nil {
			t.Errorf("ParseReversePath(%q) = %q", in, a)
		}
		if a, _, err := ParseForwardPath(in); err == nil {
			t.Errorf("ParseForwardPath(%q) = %q", in, a)
		}
	}
	if _, _, err := ParseForwardPath("<>"); err == nil {
		t.Error("<> is no forward-path")
	}
	if _, _, err := ParseReversePath("<postmaster>"); err == nil {
		t.Error("<postmaster> is no reverse-path")
	}
}

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"ann": "ann", "Ann": "ann", "JO\u0308RG": "j\u00f6rg", "\u212bngstrom": "\u00e5ngstrom",
	} {
		if got := (Address{Local: in, Domain: "b"}).Key(); got != want {
			t.Errorf("Key(%q) = %q, want %q", in, got, want)
		}
	}
	if got := (Address{Local: "A", Domain: "b"}).Normal(); got != (Address{"a", "b"}) {
		t.Errorf("Normal: %v", got)
	}
}

func TestLiteral(t *testing.T) {
	for in, want := range map[string]string{"a@[192.0.2.1]": "192.0.2.1", "a@[IPv6:::1]": "::1", "a@b.com": ""} {
		a, err := Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		ip, ok := a.Literal()
		if ok != (want != "") || ok && ip.String() != want {
			t.Errorf("%q: %v %v", in, ip, ok)
		}
	}
}

// TestLongInput feeds 262,144 letters in every place: a refusal must not cost
// time in proportion to what a quadratic parser would take.
func TestLongInput(t *testing.T) {
	long := strings.Repeat("a", 262144)
	began := time.Now()
	for _, in := range []string{
		long, long + "@b.com", "a@" + long, "a@" + strings.Repeat("a.", 131072), `"` + long + `"@b.com`, `"` + strings.Repeat(`\"`, 131072),
		"a@[" + long + "]", "a@" + strings.Repeat("ü", 131072), strings.Repeat("ü", 131072) + "@b.com", strings.Repeat("@", 262144), "\"\"" + long,
	} {
		for range 100 {
			if _, err := Parse(in, AllowUTF8); err == nil {
				t.Fatalf("%.20q accepted", in)
			}
			for _, path := range []string{"<" + in[:100], "<@" + in, "<@a:" + in} {
				if _, _, err := ParseForwardPath(path, AllowUTF8); err == nil {
					t.Fatalf("%.20q accepted", path)
				}
			}
		}
	}
	if d := time.Since(began); d > time.Minute {
		t.Errorf("4,400 refusals took %v", d)
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Address{
			Local:  rapid.StringMatching(`[ -~\x{a0}-\x{2ff}]{1,20}`).Draw(t, "local"),
			Domain: rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?\.[a-z]{2,6}`).Draw(t, "domain"),
		}
		got, err := Parse(a.String(), AllowUTF8)
		if err != nil || got != a {
			t.Fatalf("%+v written %q read %+v, %v", a, a, got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a@b.com", `"a\"b"@c.com`, "a@[IPv6:::1]", "jörg@bücher.example", "<@x:a@b>", "a@ß.de"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDomain(s); err == nil {
			if again, err := ParseDomain(d); err != nil || again != d {
				t.Fatalf("domain %q: %q, %v", d, again, err)
			}
		}
		ParseReversePath(s, AllowUTF8)
		ParseForwardPath(s, AllowUTF8)
		a, err := Parse(s, AllowUTF8)
		if err != nil {
			return
		}
		w := a.String()
		if len(w) > MaxAddress {
			t.Fatalf("%q is too long", w)
		}
		again, err := Parse(w, AllowUTF8)
		if err != nil || again != a {
			t.Fatalf("%q: %+v written %q read %+v, %v", s, a, w, again, err)
		}
		if n := a.Normal(); n.Normal() != n {
			t.Fatalf("%q: Normal is not stable: %q, %q", s, n, n.Normal())
		}
		p, rest, err := ParseForwardPath("<"+w+">x", AllowUTF8)
		if err != nil || p != a || rest != "x" {
			t.Fatalf("path of %q: %+v %q %v", w, p, rest, err)
		}
	})
}
