package queue

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"posthouse/internal/core/routing"
	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

func TestRoute(t *testing.T) {
	b := newBench(t, sqldb.SQLite, func(c *Config) {
		c.Port, c.LocalNames = 2525, []string{"MX2.here.test."}
	})
	b.mx("plain.test", "a.plain.test", "b.plain.test")
	b.dns.add("a.plain.test. 60 IN A 198.51.100.1")
	b.dns.add("b.plain.test. 60 IN A 198.51.100.2")
	b.dns.add("b.plain.test. 60 IN AAAA 2001:db8::2")
	b.dns.add("null.test. 60 IN MX 0 .")
	b.dns.add("implicit.test. 60 IN A 198.51.100.3")
	b.dns.add("nothing.test. 60 IN TXT x")
	b.mx("noaddress.test", "gone.noaddress.test")
	b.dns.fail("broken.test")
	b.mx("brokenmx.test", "broken.test")
	b.mx("us.test", "mail.here.test")
	b.mx("usbyname.test", "mx2.here.test")
	b.mx("usbyaddress.test", "mx.usbyaddress.test")
	b.dns.add("mx.usbyaddress.test. 60 IN A 192.0.2.1")
	b.mx("backup.test", "a.plain.test", "mail.here.test", "b.plain.test")
	b.dns.add("equal.test. 60 IN MX 10 mail.here.test.")
	b.dns.add("equal.test. 60 IN MX 10 a.plain.test.")
	b.dns.add("usdown.test. 60 IN MX 5 broken.test.")
	b.dns.add("usdown.test. 60 IN MX 10 mail.here.test.")
	for _, d := range []string{"unproven.test", "pointed.test", "down.test"} {
		b.dir.domain(d, routing.Routing{Served: true, PartnerID: 10})
	}
	b.mx("unproven.test", "a.plain.test")
	b.mx("pointed.test", "mail.here.test", "a.plain.test")
	b.dns.fail("down.test")

	production := &message{partnerID: 10, kind: kindMail}
	sandbox := &message{partnerID: 20, sandbox: true, kind: kindMail}
	other := &message{partnerID: 30, sandbox: true, kind: kindMail}
	for _, tc := range []struct {
		name   string
		from   *message
		domain string
		want   string
	}{
		{"proven", production, "here.test", "local"},
		{"MX in order", production, "plain.test", "a.plain.test b.plain.test"},
		{"null MX", production, "null.test", "failed 5.1.10"},
		{"implicit MX", production, "implicit.test", "implicit.test"},
		{"no such domain", production, "absent.test", "failed 5.1.2"},
		{"neither MX nor address", production, "nothing.test", "failed 5.1.2"},
		{"MX without address", production, "noaddress.test", "failed 5.4.4"},
		{"DNS fails", production, "broken.test", "deferred 4.4.3"},
		{"DNS of the host fails", production, "brokenmx.test", "deferred 4.4.3"},
		{"loop", production, "us.test", "failed 5.4.6"},
		{"loop by another name", production, "usbyname.test", "failed 5.4.6"},
		{"loop by address", production, "usbyaddress.test", "failed 5.4.6"},
		{"we are a backup: the better ones only", production, "backup.test", "a.plain.test"},
		{"we are among equals", production, "equal.test", "failed 5.4.6"},
		{"a better one can't be looked up", production, "usdown.test", "deferred 4.4.3"},
		{"T-51: served, unproven, MX elsewhere", production, "unproven.test", "a.plain.test"},
		{"T-51: served, unproven, MX here", production, "pointed.test", "local"},
		{"T-51: served, unproven, DNS down", production, "down.test", "deferred 4.4.3"},
		{"another's sandbox from outside of it", production, "play.test", "failed 5.1.2"},
		{"own sandbox", sandbox, "play.test", "local"},
		{"sandbox to proven", sandbox, "here.test", "local"},
		{"sandbox to foreign", sandbox, "plain.test", "delivered 2.0.0"},
		{"sandbox to literal", sandbox, "[198.51.100.9]", "delivered 2.0.0"},
		{"sandbox to another's sandbox", other, "play.test", "delivered 2.0.0"},
		{"literal", production, "[198.51.100.9]", "198.51.100.9"},
		{"IPv6 literal", production, "[IPv6:2001:db8::9]", "2001:db8::9"},
		{"our literal", production, "[192.0.2.1]", "failed 5.4.6"},
	} {
		w := b.route(context.Background(), tc.from, tc.domain)
		var got []string
		for _, h := range w.hops {
			got = append(got, h.host)
			if h.port != 2525 || len(h.addrs) == 0 {
				t.Errorf("%s: %+v", tc.name, h)
			}
		}
		text := strings.Join(got, " ")
		switch {
		case w.local:
			text = "local"
		case w.verdict != nil:
			text = string(w.verdict.outcome) + " " + w.verdict.status
		}
		if text != tc.want {
			t.Errorf("%s: %q, not %q", tc.name, text, tc.want)
		}
	}

	// Loopback is ours in production.
	b.cfg.Loopback = false
	q := b.another()
	b.dns.add("looper.test. 60 IN A 127.0.0.1")
	if w := q.route(context.Background(), production, "looper.test"); w.verdict == nil || w.verdict.status != "5.4.6" {
		t.Errorf("loopback: %+v", w)
	}
	b.dir.down = fault.Unavail("down", nil)
	if w := b.route(context.Background(), production, "plain.test"); w.verdict == nil || w.verdict.outcome != outDeferred {
		t.Errorf("directory down: %+v", w)
	}
}

func TestEqualPreferencesAreShuffled(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	for _, h := range []string{"a", "b", "c"} {
		b.dns.add("many.test. 60 IN MX 10 %s.many.test.", h)
		b.dns.add("%s.many.test. 60 IN A 198.51.100.1", h)
	}
	b.dns.add("many.test. 60 IN MX 5 first.many.test.")
	b.dns.add("first.many.test. 60 IN A 198.51.100.1")
	seen := map[string]bool{}
	for range 200 {
		w := b.route(context.Background(), &message{partnerID: 10}, "many.test")
		if w.hops[0].host != "first.many.test" {
			t.Fatalf("%+v", w.hops)
		}
		seen[w.hops[1].host] = true
	}
	if len(seen) != 3 {
		t.Errorf("always the same: %v", seen)
	}
}

func TestConfiguredRoutes(t *testing.T) {
	b := newBench(t, sqldb.SQLite, func(c *Config) {
		c.Routes = map[string]string{"Relay.test": "127.0.0.1:2525 none", "*": "smart.test:465 tls"}
		c.SandboxSink = "localhost:2626"
	})
	b.dir.domain("unproven.test", routing.Routing{Served: true, PartnerID: 10})
	b.dir.domain("pointed.test", routing.Routing{Served: true, PartnerID: 10})
	b.mx("unproven.test", "a.test")
	b.mx("pointed.test", "mail.here.test")
	for domain, want := range map[string]string{
		"relay.test": "127.0.0.1:2525", "other.test": "smart.test:465", "unproven.test": "smart.test:465", "pointed.test": "local", "here.test": "local",
	} {
		w := b.route(context.Background(), &message{partnerID: 10}, domain)
		got := "local"
		if !w.local {
			got = w.hops[0].host + ":" + itoa(w.hops[0].port)
		}
		if got != want {
			t.Errorf("%s: %s, not %s", domain, got, want)
		}
	}
	w := b.route(context.Background(), &message{partnerID: 20, sandbox: true}, "relay.test")
	if len(w.hops) != 1 || w.hops[0].port != 2626 || w.hops[0].addrs[0] != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("sandbox: %+v", w)
	}
	for _, bad := range []string{"", "x", "x:0", "x:99999", ":25", "x:25 maybe", "x:25 tls y"} {
		if _, err := ParseRoute(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
