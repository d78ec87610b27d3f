package smtpd

import (
	"strings"
	"testing"

	"posthouse/internal/mailaddr"
)

func TestParseMail(t *testing.T) {
	all := extensions{dsn: true, auth: true}
	for _, c := range []struct {
		args string
		code int // 0 = good
	}{
		{" FROM:<>", 0}, {" from:<a@b.example>", 0}, {" FROM: <a@b.example>", 0}, {" FROM :<a@b.example> ", 0}, {" FROM:<@x.example:a@b.example>", 0},
		{" FROM:<a@b.example> RET=FULL ENVID=x SIZE=0 BODY=7bit SMTPUTF8 AUTH=<>", 0}, {" FROM:<a@b.example>  SIZE=1", 0},
		{" FROM:<a@b.example> AUTH=a+40b", 0}, {` FROM:<"a b\"c"@b.example>`, 0},
		{"", 501}, {" FROM", 501}, {" FROM:", 501}, {" FROM:a@b.example", 501}, {" FROM:<a@b.example", 501}, {" FROM:<a@b.example> SIZE=1\t", 501},
		{" FROM:<postmaster>", 501}, {" FROM:<a@b.example> =x", 501}, {" FROM:<a@b.example> X=", 501}, {" FROM:<a@b.example> X=y", 555},
		{" FROM:<a@b.example> RET=BOTH", 501}, {" FROM:<a@b.example> ENVID=+zz", 501}, {" FROM:<a@b.example> ENVID=" + strings.Repeat("x", 101), 501},
		{" FROM:<a@b.example> AUTH=+0A", 501}, {" FROM:<a@b.example> AUTH", 501}, {" FROM:<a@b.example> BODY", 501}, {" FROM:<a@b.example>" + strings.Repeat(" A=b", 20), 555},
		{" FROM:<a..b@b.example>", 501}, {" FROM:<ä@b.example>", 553},
	} {
		_, bad := parseMail(c.args, all)
		if got := codeOf(bad); got != c.code {
			t.Errorf("MAIL%s: %d, want %d", c.args, got, c.code)
		}
	}
}

func TestParseRcpt(t *testing.T) {
	all := extensions{dsn: true}
	for _, c := range []struct {
		args string
		utf8 bool
		code int
	}{
		{" TO:<a@b.example>", false, 0}, {" to:<POSTMASTER>", false, 0}, {" TO:<a@b.example> NOTIFY=never", false, 0}, {" TO:<ä@b.example>", true, 0},
		{" TO:<a@b.example> NOTIFY=FAILURE,DELAY,SUCCESS ORCPT=rfc822;a@b", false, 0},
		{" TO:<>", false, 501}, {" TO:<a@b.example> NOTIFY=NEVER,DELAY", false, 501}, {" TO:<a@b.example> NOTIFY=DELAY,DELAY", false, 501},
		{" TO:<a@b.example> NOTIFY", false, 501}, {" TO:<a@b.example> ORCPT=a@b", false, 501}, {" TO:<a@b.example> ORCPT=;a", false, 501},
		{" TO:<a@b.example> ORCPT=rfc822;+0D", false, 501}, {" TO:<a@b.example> SIZE=1", false, 555}, {" TO:<ä@b.example>", false, 553}, {" FROM:<a@b.example>", false, 501},
	} {
		_, bad := parseRcpt(c.args, c.utf8, all)
		if got := codeOf(bad); got != c.code {
			t.Errorf("RCPT%s: %d, want %d", c.args, got, c.code)
		}
	}
}

func codeOf(r *reply) int {
	if r == nil {
		return 0
	}
	return r.code
}

func TestVerbs(t *testing.T) {
	for in, want := range map[string]verb{"mail from:<>": "MAIL", "QuIt": "QUIT", "NOOP\tx": "NOOP", "STARTTLS": "STARTTLS", "MAILFROM:<>": "", "": "", " MAIL": "", "HE\u212aP": "", "helo": "HELO"} {
		if got, _ := splitVerb([]byte(in)); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// FuzzCommands feeds any octets to a session's command phase by way of the
// parsers and holds them to what must always be true.
func FuzzCommands(f *testing.F) {
	for _, s := range []string{
		"MAIL FROM:<a@b.example> SIZE=1 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=x AUTH=<>", "RCPT TO:<@a:b@c.example> NOTIFY=NEVER ORCPT=rfc822;a+40b",
		"BDAT 86 LAST", "BDAT 99999999999999999999", "EHLO [IPv6:::1]", "AUTH PLAIN =", "GET / HTTP/1.1", "MAIL FROM:<\"\\\"\"@b.example>", "RCPT TO:<Postmaster>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		v, args := splitVerb(line)
		foreignTalk(line)
		control(line)
		for _, ext := range []extensions{{}, {dsn: true, auth: true}} {
			if m, bad := parseMail(args, ext); bad == nil {
				if again, rest, err := mailaddr.ParseReversePath("<"+m.from.String()+">", mailaddr.AllowUTF8); err != nil || rest != "" || again != m.from {
					t.Fatalf("%q does not parse again: %v", m.from.String(), err)
				}
				if m.size < 0 || (!m.smtpUTF8 && !m.from.ASCII()) || strings.ContainsAny(m.envID+m.ret, "\r\n") {
					t.Fatalf("%+v", m)
				}
				if !ext.dsn && m.ret+m.envID != "" {
					t.Fatalf("not offered: %+v", m)
				}
			} else {
				wellFormed(t, bad)
			}
			if r, bad := parseRcpt(args, true, ext); bad == nil {
				if r.to.IsZero() || strings.ContainsAny(r.orcpt+r.notify, "\r\n") {
					t.Fatalf("%+v", r)
				}
			} else {
				wellFormed(t, bad)
			}
		}
		if size, _, ok := parseBdat(args); ok && size < 0 {
			t.Fatal(size)
		}
		if clientName(args) && strings.ContainsAny(args, " \t\r\n()<>;") {
			t.Fatalf("%q", args)
		}
		if v != "" && !strings.EqualFold(string(v), string(line[:len(v)])) {
			t.Fatalf("%q is not %q", v, line)
		}
	})
}

// wellFormed: a refusal says why in one line of printable ASCII.
func wellFormed(t *testing.T, r *reply) {
	if r.code < 500 || r.code > 599 || r.enhanced == "" || len(r.text) > 400 {
		t.Fatalf("%+v", r)
	}
	for _, c := range r.text {
		if c < ' ' || c > '~' {
			t.Fatalf("%q", r.text)
		}
	}
}
