package message

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"
)

func TestDecodeHeader(t *testing.T) {
	for in, want := range map[string]string{
		"":                                   "",
		"plain":                              "plain",
		"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=":        "Grüße",
		"=?UTF-8?b?R3LDvMOfZQ==?=":           "Grüße",
		"=?utf-8?B?R3LDvMOfZQ?= !":           "Grüße !",
		"a =?iso-8859-1?q?=FC_x?= b":         "a ü x b",
		"=?utf-8?q?a?= =?utf-8?q?b?=":        "ab",
		"=?utf-8?q?a?=\t =?iso-8859-1?q?b?=": "ab",
		"=?utf-8?q?a?= x =?utf-8?q?b?=":      "a x b",
		"=?utf-8?b?4oI=?= =?utf-8?b?rA==?=":  "€",
		"=?utf-8*de?q?x?=":                   "x",
		"=?utf-8?q?a b?=":                    "a b",
		"=?utf-8?x?ab?=":                     "=?utf-8?x?ab?=",
		"=?utf-8?q?ab":                       "=?utf-8?q?ab",
		"=?utf-8?q?ab? =":                    "=?utf-8?q?ab? =",
		"=??q?ab?=":                          "=??q?ab?=",
		"=?x y?q?ab?=":                       "=?x y?q?ab?=",
		"=?=?=?utf-8?q?ok?=":                 "=?=?ok",
		"=?klingon?q?=FC?=":                  "ü",
		"=?utf-8?q?=FC?=":                    "ü",
		"\xfc \x80":                          "ü €",
		"a=?utf-8?q?b?=c":                    "abc",
		"=?utf-8?q?a=0D=0A=00b?=":            "a b",
		"=?iso-2022-jp?b?GyRCJDMkcxsoQg==?=": "こん",
		"=?utf-8?q?a?= ":                     "a ",
		"=?big5?b?pKSk5Q==?=":                "中文",
	} {
		if got := DecodeHeader(in); got != want {
			t.Errorf("DecodeHeader(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDecodeHeaderLinear(t *testing.T) {
	began := time.Now()
	for _, s := range []string{"=?", "=?a?q?", "=?a?q?x", "=?utf-8?q?=", "=?utf-8?q?x?= ", "=?utf-8?b?", "?", "=?utf-8?q?x?=\xff"} {
		DecodeHeader(strings.Repeat(s, 1<<20/len(s)))
	}
	if d := time.Since(began); d > time.Minute {
		t.Errorf("took %v", d)
	}
}

func TestParam(t *testing.T) {
	for header, want := range map[string]string{
		`filename=a.txt`:                                          "a.txt",
		`filename="a b.txt"`:                                      "a b.txt",
		`filename=a b.txt`:                                        "a b.txt",
		`filename*=utf-8'en'%C3%BC.txt`:                           "ü.txt",
		`filename*=iso-8859-1''%FC.txt`:                           "ü.txt",
		`filename*0=a; filename*1=b; filename*2=c`:                "abc",
		`filename*1=b; filename*0=a`:                              "ab",
		`filename*0*=utf-8''%C3; filename*1*=%BC; filename*2=%41`: "ü%41",
		`filename*0=a; filename*2=c`:                              "a",
		`filename*0=a; filename*0=b`:                              "a",
		`filename="=?utf-8?q?=C3=BC?=.txt"`:                       "ü.txt",
		`filename*=%C3%BC`:                                        "ü",
		`filename*1=x; filename=p`:                                "p",
		`filename*x=q; filename=p`:                                "p",
		`filename="unclosed; size=3`:                              "unclosed",
		`filename=(comment) "x" (more)`:                           "x",
		`filename=; size=1`:                                       "",
	} {
		p := mustScan(t, "Content-Disposition: attachment; "+header+"\r\n\r\n")
		if got := p.Filename(); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	many := mustScan(t, "Content-Type: a/b"+strings.Repeat("; x=y", 1000)+"\r\n\r\n")
	if len(many.Params) != maxParams {
		t.Errorf("%d parameters", len(many.Params))
	}
}

func TestParseAddressList(t *testing.T) {
	for in, want := range map[string]string{
		"":                                       "",
		" , ,, ":                                 "",
		"a@b.c":                                  "[|a|b.c]",
		"A B <a@b.c>":                            "[A B|a|b.c]",
		`"B, A" <a@b.c>, c@d`:                    "[B, A|a|b.c] [|c|d]",
		`"A \"q\" B" <a@b.c>`:                    `[A "q" B|a|b.c]`,
		`A "B" C <a@b.c>`:                        "[A B C|a|b.c]",
		`"quoted local"@b.c`:                     "[|quoted local|b.c]",
		`<"x@y"@b.c>`:                            "[|x@y|b.c]",
		"a@b.c (Full Name)":                      "[Full Name|a|b.c]",
		"Ann <a@b.c> (comment)":                  "[Ann|a|b.c]",
		"=?utf-8?q?=C3=BC?= <a@b>":               "[=?utf-8?q?=C3=BC?=|a|b]",
		"<@x.org,@y.org:a@b.c>":                  "[|a|b.c route @x.org,@y.org]",
		"Group: a@b, C <c@d>;":                   "{Group [|a|b] [C|c|d] }",
		"Group:;":                                "{Group }",
		"undisclosed-recipients:;":               "{undisclosed-recipients }",
		"x@y, Group: a@b; z@w":                   "[|x|y] {Group [|a|b] } [|z|w]",
		"Group: a@b":                             "{Group [|a|b] }",
		"a@b; c@d":                               "[|a|b] [|c|d]",
		"root":                                   "[|root|missing.invalid]",
		"A <root>":                               "[A|root|missing.invalid]",
		"<>":                                     "",
		"A <>":                                   "[A|missing|missing.invalid]",
		"@b.c":                                   "[|missing|b.c]",
		"a@":                                     "[|a|missing.invalid]",
		"A <a@b, C <c@d>":                        "[A|a|b] [C|c|d]",
		"A <a@b":                                 "[A|a|b]",
		"<a@b> <c@d>":                            "[|a|b] [|c|d]",
		`"open <a@b>, c@d`:                       `["open|a|b] [|c|d]`,
		"(open <a@b>, c@d":                       "[(open|a|b] [|c|d]",
		"a@[192.0.2.1]":                          "[|a|[192.0.2.1]]",
		"a@[IPv6:2001:db8::1], b@c":              "[|a|[IPv6:2001:db8::1]] [|b|c]",
		"a @ b . c":                              "[|a|b . c]",
		"(just a comment)":                       "",
		"jörg@bücher.de":                         "[|jörg|bücher.de]",
		"a@b@c":                                  "[|a@b|c]",
		"mailto:a@b":                             "{mailto [|a|b] }",
		"A: b: c@d; e@f":                         "{A [|b: c|d] } [|e|f]",
		`"very" (nested (comment)) "name" <a@b>`: "[very  name|a|b]",
	} {
		if got := sketchAddresses(appendAddresses(nil, in, 100)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func sketchAddresses(list []EnvelopeAddress) string {
	var b strings.Builder
	for i, a := range list {
		switch {
		case a.Host != "":
			if i > 0 && !strings.HasSuffix(b.String(), " ") {
				b.WriteByte(' ')
			}
			b.WriteString("[" + a.Name + "|" + a.Mailbox + "|" + a.Host)
			if a.Route != "" {
				b.WriteString(" route " + a.Route)
			}
			b.WriteByte(']')
		case a.Mailbox != "":
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString("{" + a.Mailbox + " ")
		default:
			if !strings.HasSuffix(b.String(), " ") {
				b.WriteByte(' ')
			}
			b.WriteByte('}')
		}
	}
	return b.String()
}

func TestParseDate(t *testing.T) {
	for in, want := range map[string]string{
		"Mon, 02 Nov 2026 10:20:30 +0130":           "2026-11-02T10:20:30+01:30",
		"2 Nov 2026 10:20 -0800":                    "2026-11-02T10:20:00-08:00",
		"Mon, 2 Nov 2026 10:20:30 GMT":              "2026-11-02T10:20:30Z",
		"Mon, 2 Nov 2026 10:20:30 EST":              "2026-11-02T10:20:30-05:00",
		"Mon,2 Nov 2026 10:20:30 +0000 (UTC)":       "2026-11-02T10:20:30Z",
		"Mon (day), 2 (x(y)) Nov 2026 10:20:30 +00": "2026-11-02T10:20:30Z",
		"2 Nov 26 10:20:30 +0000":                   "2026-11-02T10:20:30Z",
		"2 Nov 99 10:20:30 +0000":                   "1999-11-02T10:20:30Z",
		"2 Nov 126 10:20:30 +0000":                  "2026-11-02T10:20:30Z",
		"2-Nov-2026 10:20:30 +0000":                 "2026-11-02T10:20:30Z",
		"2 November 2026 10:20:30 +0000":            "2026-11-02T10:20:30Z",
		"Mon Nov  2 10:20:30 2026":                  "2026-11-02T10:20:30Z",
		"2 Nov 2026":                                "2026-11-02T00:00:00Z",
		"2 Nov 2026 10:20:60 +0000":                 "2026-11-02T10:20:59Z",
		"2 Nov 2026 10:20:30 +01:00":                "2026-11-02T10:20:30+01:00",
		"2 Nov 2026 10:20:30 MEZ":                   "2026-11-02T10:20:30Z",
		"2 Nov 2026 10:20:30.123 +0000":             "2026-11-02T10:20:30Z",
		"":                                          "",
		"yesterday":                                 "",
		"31 Feb 2026 10:20:30 +0000":                "",
		"2 Nov 2026 25:20:30 +0000":                 "",
		"2 Xyz 2026 10:20:30 +0000":                 "",
		"((((":                                      "",
		strings.Repeat("2 ", 100_000):               "",
	} {
		got := ""
		if d, ok := ParseDate(in); ok {
			got = d.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("ParseDate(%.60q) = %q, want %q", in, got, want)
		}
	}
}

func TestSelectFields(t *testing.T) {
	const header = "From: a\r\nX-Long: b\r\n c\r\nbroken line\r\nfrom : d\r\nSubject: e\r\n\r\nFrom: body\r\n"
	for _, c := range []struct {
		names string
		not   bool
		want  string
	}{
		{"FROM", false, "From: a\r\nfrom : d\r\n\r\n"},
		{"x-long subject", false, "X-Long: b\r\n c\r\nSubject: e\r\n\r\n"},
		{"none", false, "\r\n"},
		{"from x-long", true, "broken line\r\nSubject: e\r\n\r\n"},
	} {
		names := strings.Fields(c.names)
		if got := string(SelectFields(nil, []byte(header), names, c.not)); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.names, c.not, got, c.want)
		}
		var b bytes.Buffer
		n, err := FilterFields(&b, iotest.OneByteReader(strings.NewReader(header)), names, c.not)
		if err != nil || b.String() != c.want || n != int64(b.Len()) {
			t.Errorf("filtered %s %v: %q, %d, %v", c.names, c.not, b.String(), n, err)
		}
	}
	if got := string(SelectFields(nil, []byte("A: b\r\nX: y"), []string{"x"}, false)); got != "X: y\r\n\r\n" {
		t.Errorf("field without a line end: %q", got)
	}
	var cut bytes.Buffer
	if n, err := FilterFields(&cut, strings.NewReader("A: b\r\nX: y"), []string{"x"}, false); err != nil || cut.String() != "X: y\r\n\r\n" || n != 8 {
		t.Errorf("field without a line end, filtered: %q %d %v", cut.String(), n, err)
	}
	if got := FieldValues([]byte(header), "FROM"); fmt.Sprint(got) != "[a d]" {
		t.Errorf("FieldValues: %q", got)
	}
	var b bytes.Buffer
	if _, err := FilterFields(&b, strings.NewReader("X: "+strings.Repeat("y", 100_000)+"\r\nZ: z\r\n\r\n"), []string{"x"}, false); err != nil || b.Len() != 100_007 {
		t.Errorf("long field: %d, %v", b.Len(), err)
	}
}

func FuzzDecodeHeader(f *testing.F) {
	for _, s := range []string{"=?utf-8?q?=C3=BC?= x =?iso-2022-jp?b?GyRCJDMkcxsoQg==?=", "=?utf-16?b?AA?=", "\xff", "=?gb18030?q?=81=30?="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := DecodeHeader(s)
		if !utf8.ValidString(out) || strings.ContainsAny(out, "\x00\r\n") {
			t.Fatalf("%q gives %q", s, out)
		}
	})
}

func FuzzParseAddressList(f *testing.F) {
	for _, s := range []string{"A <a@b>, G: c@d;", `"q\"" <@r:"x"@[IPv6:::1]> (c)`, "a@b; <", "((\"", "a:b:c;;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list := appendAddresses(nil, s, 20)
		if len(list) > 21 {
			t.Fatalf("%d addresses", len(list))
		}
		checkGroups(t, list)
		ParseDate(s)
	})
}
