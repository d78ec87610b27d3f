package queue

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/mail/smtpclient"
	"posthouse/internal/mail/smtptest"
	"posthouse/internal/mailaddr"
	"posthouse/internal/store/sqldb"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestLocalDelivery(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.dir.boxes["alias@here.test"] = 2
		id := b.submit(1, "bob@here.test", "BOB@here.test", "alias@here.test", "nobody@here.test", "ann@here.test")
		b.check()
		b.drain()
		b.expect(id, "bob@here.test=delivered alias@here.test=delivered nobody@here.test=bounced ann@here.test=delivered")
		if got := b.inbox(2); len(got) != 1 || got[0] != returnPath("ann@here.test")+text {
			t.Errorf("%q", got)
		}
		if b.show(id).Finished == nil {
			t.Error("not finished")
		}
		b.check()
	})
}

func TestMailboxFull(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.account(9, 10, "full@here.test", 10)
		id := b.submit(1, "full@here.test", "bob@here.test")
		b.drain()
		b.expect(id, "full@here.test=ready bob@here.test=delivered")
		ctx := context.Background()
		must(t, b.db.Write(ctx, func(tx *sqldb.Tx) error { return b.store.SetQuotaTx(ctx, tx, []int64{9}, 1<<20) }))
		b.until(2 * time.Minute)
		b.expect(id, "full@here.test=delivered bob@here.test=delivered")
		if n := len(b.inbox(2)); n != 1 {
			t.Errorf("%d copies", n)
		}
		b.check()
	})
}

func TestRemoteDelivery(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		sink := smtptest.Start(t, smtptest.Config{})
		b.foreign("far.test", sink.Addr)
		id := b.submit(1, "x@far.test", "y@far.test", "bob@here.test")
		b.drain()
		b.expect(id, "x@far.test=delivered y@far.test=delivered bob@here.test=delivered")
		got := sink.Messages()
		if len(got) != 1 || len(got[0].Recipients) != 2 || !strings.HasSuffix(got[0].Content, text) || strings.Contains(got[0].Content, "Return-Path") || !strings.HasPrefix(got[0].From, "<ann@here.test>") ||
			got[0].Helo != "mail.here.test" {
			t.Errorf("%+v", got)
		}
		if b.held() != 0 {
			t.Error("still held")
		}
		b.check()
	})
}

// TestStages refuses at each stage, for now and for good.
func TestStages(t *testing.T) {
	for _, tc := range []struct{ verb, reply, state string }{
		{"CONNECT", "421 4.3.2 busy", "ready"}, {"CONNECT", "554 5.7.1 go away", "bounced"},
		{"EHLO", "450 4.3.2 busy", "ready"}, {"EHLO", "550 5.7.1 go away", "bounced"},
		{"MAIL", "451 4.3.0 later", "ready"}, {"MAIL", "550 5.7.1 never", "bounced"},
		{"RCPT", "450 4.2.1 later", "ready"}, {"RCPT", "550 5.1.1 never", "bounced"}, {"RCPT", "421 4.3.2 bye", "ready"},
		{"DATA", "451 4.3.0 later", "ready"}, {"DATA", "554 5.3.0 never", "bounced"},
		{".", "452 4.3.1 full", "ready"}, {".", "554 5.6.0 spam", "bounced"}, {".", "250 2.0.0 ok", "delivered"},
	} {
		b := newBench(t, sqldb.SQLite, nil)
		sink := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
			if v == tc.verb || tc.verb == "EHLO" && v == "HELO" {
				return smtptest.Reply(tc.reply)
			}
			return nil
		}})
		b.foreign("far.test", sink.Addr)
		id := b.submit(1, "x@far.test")
		b.drain()
		b.expect(id, "x@far.test="+tc.state)
		r := b.show(id).Recipients[0]
		if r.Reply != tc.reply || r.Attempts != 1 || len(r.Log) != 1 || r.Status != strings.Fields(tc.reply)[1] {
			t.Errorf("%s %s: %+v", tc.verb, tc.reply, r)
		}
		b.check()
	}
}

// TestBreaks has servers that break the session.
func TestBreaks(t *testing.T) {
	// Only what waits for the broken step is short: a slow machine is no broken server.
	const short = 500 * time.Millisecond
	timeouts := func(verb string) smtpclient.Timeouts {
		t := smtpclient.Timeouts{Quit: 100 * time.Millisecond}
		switch verb {
		case "CONNECT":
			t.Greeting = short
		case "DATA":
			t.Data = short
		case ".":
			t.Final = short
		default:
			t.Command = short
		}
		return t
	}
	drip := func(c net.Conn) {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if _, err := io.WriteString(c, "2"); err != nil {
				return
			}
		}
	}
	endless := func(c net.Conn) {
		for {
			if _, err := io.WriteString(c, "250-and so on\r\n"); err != nil {
				return
			}
		}
	}
	for name, a := range map[string]*smtptest.Action{
		"hang up": smtptest.HangUp(), "drip": {Do: drip, Close: true}, "endless": {Do: endless, Close: true}, "garbage": {Raw: "hello?\r\n"},
	} {
		for _, verb := range []string{"CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."} {
			t.Run(name+" at "+verb, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, sqldb.SQLite, func(c *Config) { c.Timeouts = timeouts(verb) })
				var once atomic.Bool
				sink := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
					if v == verb && once.CompareAndSwap(false, true) {
						return a
					}
					return nil
				}})
				b.foreign("far.test", sink.Addr)
				id := b.submit(1, "x@far.test")
				b.drain()
				b.expect(id, "x@far.test=ready")
				b.cfg.Timeouts = smtpclient.Timeouts{}
				b.Queue = b.another()
				b.until(2 * time.Minute) // the server has come to its senses
				b.expect(id, "x@far.test=delivered")
				b.check()
			})
		}
	}
}

func TestPartialAcceptance(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	sink := smtptest.Start(t, smtptest.Config{On: func(v, line string) *smtptest.Action {
		switch {
		case v == "RCPT" && strings.Contains(line, "no@"):
			return smtptest.Reply("550 5.1.1 no")
		case v == "RCPT" && strings.Contains(line, "later@"):
			return smtptest.Reply("451 4.7.1 greylisted")
		}
		return nil
	}})
	b.foreign("far.test", sink.Addr)
	id := b.submit(1, "yes@far.test", "no@far.test", "later@far.test")
	b.drain()
	b.expect(id, "yes@far.test=delivered no@far.test=bounced later@far.test=ready")
	b.check()
}

// The next host is tried when the first one can't or won't now; a refusal for
// good ends it.
func TestSecondHost(t *testing.T) {
	for reply, want := range map[string]string{"450 4.2.1 later": "delivered", "550 5.1.1 no": "bounced", "": "delivered"} {
		b := newBench(t, sqldb.SQLite, nil)
		second := smtptest.Start(t, smtptest.Config{Listen: "127.0.0.2:0"})
		port := second.Addr[strings.LastIndex(second.Addr, ":"):]
		if reply != "" {
			smtptest.Start(t, smtptest.Config{Listen: "127.0.0.1" + port, On: func(v, _ string) *smtptest.Action {
				if v == "RCPT" {
					return smtptest.Reply(reply)
				}
				return nil
			}})
		}
		b.mx("far.test", "one.far.test", "two.far.test")
		b.dns.add("one.far.test. 60 IN A 127.0.0.1")
		b.dns.add("two.far.test. 60 IN A 127.0.0.2")
		b.port(second.Addr)
		id := b.submit(1, "x@far.test")
		b.drain()
		b.expect(id, "x@far.test="+want)
	}
}

func TestAmbiguousEndIsTriedLater(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	lost := true
	on := func(v, _ string) *smtptest.Action {
		if v == "." && lost {
			lost = false
			return smtptest.HangUp()
		}
		return nil
	}
	first := smtptest.Start(t, smtptest.Config{On: on})
	port := first.Addr[strings.LastIndex(first.Addr, ":"):]
	second := smtptest.Start(t, smtptest.Config{Listen: "127.0.0.2" + port})
	b.mx("far.test", "one.far.test", "two.far.test")
	b.dns.add("one.far.test. 60 IN A 127.0.0.1")
	b.dns.add("two.far.test. 60 IN A 127.0.0.2")
	b.port(first.Addr)
	id := b.submit(1, "x@far.test")
	b.drain()
	b.expect(id, "x@far.test=ready")
	if n, _ := second.Sessions(); n != 0 {
		t.Error("the second host was tried after an ambiguous end")
	}
	b.until(2 * time.Minute)
	b.expect(id, "x@far.test=delivered")
}

func TestOpportunisticTLS(t *testing.T) {
	conf, _ := smtptest.Certificate(t, "someone-else.test")
	for name, tc := range map[string]struct {
		action *smtptest.Action
		tls    bool
	}{
		"works":   {nil, true},
		"hang up": {smtptest.HangUp(), false},
		"garbage": {&smtptest.Action{Raw: "220 go on\r\n", Do: func(c net.Conn) { _, _ = io.WriteString(c, "garbage garbage\r\n") }, Close: true}, false},
		"refused": {smtptest.Reply("454 4.7.0 no"), false},
	} {
		b := newBench(t, sqldb.SQLite, nil)
		sink := smtptest.Start(t, smtptest.Config{TLS: conf, On: func(v, _ string) *smtptest.Action {
			if v == "STARTTLS" {
				return tc.action
			}
			return nil
		}})
		b.foreign("far.test", sink.Addr)
		id := b.submit(1, "x@far.test")
		b.drain()
		b.expect(id, "x@far.test=delivered")
		if m := <-sink.Got(); m.TLS != tc.tls || (b.show(id).Recipients[0].Log[0].TLS != "") != tc.tls {
			t.Errorf("%s: TLS %v", name, m.TLS)
		}
		// A route that wants verified TLS takes nothing less.
		b.cfg.Routes = map[string]string{"far.test": sink.Addr + " starttls"}
		b.Queue = b.another()
		id = b.submit(1, "x@far.test")
		b.drain()
		b.expect(id, "x@far.test=ready")
	}
}

func TestCapabilities(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	full := smtptest.Start(t, smtptest.Config{})
	bare := smtptest.Start(t, smtptest.Config{Extensions: []string{"SIZE 100"}})
	b.cfg.Routes = map[string]string{"full.test": full.Addr, "bare.test": bare.Addr}
	b.Queue = b.another()
	send := func(s Submission, content string) string {
		s.Content = strings.NewReader(content)
		return b.submitted(s)
	}
	small := "From: a\r\n\r\nx\r\n"
	big := send(b.submission(1, "x@bare.test", "x@full.test"), text+strings.Repeat("x", 100))
	eight := send(b.submission(1, "x@bare.test", "x@full.test"), "From: a\r\n\r\nü\r\n")
	s := b.submission(1, "ü@bare.test", "x@bare.test", "ü@full.test")
	s.SMTPUTF8 = true
	utf8Address := send(s, small)
	s = b.submission(1, "x@bare.test", "x@full.test")
	s.SMTPUTF8 = true
	utf8Header := send(s, "From: a\r\nSubject: ü\r\n\r\nx\r\n")
	s = b.submission(1, "x@bare.test", "x@full.test")
	s.SMTPUTF8 = true
	declared := send(s, small)
	b.drain()
	b.expect(big, "x@bare.test=bounced x@full.test=delivered")
	b.expect(eight, "x@bare.test=delivered x@full.test=delivered")
	b.expect(utf8Address, "ü@bare.test=bounced x@bare.test=delivered ü@full.test=delivered")
	b.expect(utf8Header, "x@bare.test=bounced x@full.test=delivered")
	b.expect(declared, "x@bare.test=delivered x@full.test=delivered")
	if st := b.show(big).Recipients[0].Status; st != "5.3.4" {
		t.Errorf("too big: %s", st)
	}
	if st := b.show(utf8Header).Recipients[0].Status; st != "5.6.7" {
		t.Errorf("UTF-8: %s", st)
	}
	cmds := strings.Join(full.Commands(), "\n")
	if strings.Count(cmds, " BODY=8BITMIME") != 3 || strings.Count(cmds, " SMTPUTF8") != 2 {
		t.Errorf("%s", cmds)
	}
	b.check()
}

func TestSuspendedSenderWaits(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	sink := smtptest.Start(t, smtptest.Config{})
	b.foreign("far.test", sink.Addr)
	id := b.submit(1, "x@far.test")
	b.dir.senders[1].MaySend = false
	b.drain()
	b.expect(id, "x@far.test=ready")
	if n, _ := sink.Sessions(); n != 0 {
		t.Error("sent")
	}
	if err := b.Submit(context.Background(), b.submission(1, "x@far.test")); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	b.dir.senders[1].MaySend = true
	b.until(2 * time.Minute)
	b.expect(id, "x@far.test=delivered")
}

func TestPostmaster(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	ctx := context.Background()
	stored, err := b.store.Put(ctx, strings.NewReader(text))
	must(t, err)
	must(t, b.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		return b.PostmasterTx(ctx, tx, Postmaster{ID: "pm1", ReversePath: addr(t, "x@far.test"), Stored: stored})
	}))
	b.drain()
	b.expect("pm1", "postmaster=held")
	_, err = b.Release(ctx, "pm1", "")
	must(t, err)
	b.drain()
	b.expect("pm1", "postmaster=held")
	b.cfg.Postmaster = addr(t, "bob@here.test")
	b.Queue = b.another()
	if _, err := b.Release(ctx, "pm1", ""); err != nil {
		t.Error(err)
	}
	b.drain()
	b.expect("pm1", "bob@here.test=delivered")
	if len(b.inbox(2)) != 1 {
		t.Error("not there")
	}
	id := b.submitted(func() Submission {
		s := b.submission(1)
		s.Recipients = []Recipient{{Address: mailaddr.Address{Local: "Postmaster"}}}
		return s
	}())
	b.drain()
	b.expect(id, "bob@here.test=delivered")
	// What the postmaster can't get is kept, and the outside is told nothing.
	b.cfg.Postmaster = addr(t, "nobody@here.test")
	b.Queue = b.another()
	stored, err = b.store.Put(ctx, strings.NewReader(text))
	must(t, err)
	must(t, b.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		return b.PostmasterTx(ctx, tx, Postmaster{ID: "pm2", ReversePath: addr(t, "x@far.test"), Stored: stored})
	}))
	b.drain()
	b.expect("pm2", "nobody@here.test=held")
	_, err = b.Fail(ctx, "pm2", "", "") // dropped
	must(t, err)
	b.drain()
	b.expect("pm2", "nobody@here.test=bounced")
	if list, err := b.List(ctx, Filter{}); err != nil || len(list) != 3 {
		t.Errorf("a DSN? %v %v", list, err)
	}
	b.check()
}

func TestBrokenDirectory(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	id := b.submit(1, "bob@here.test")
	b.dir.down = errors.New("database is away")
	b.drain()
	b.expect(id, "bob@here.test=ready")
	b.dir.down = nil
	b.until(2 * time.Minute)
	b.expect(id, "bob@here.test=delivered")
}
