package smtpd

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/mail/queue"
)

// The tests of this file run the doors on everything that is behind them.

func TestMailFromOutside(t *testing.T) {
	p := newPlatform(t)
	c := hello(t, p.mx)
	c.do("MAIL FROM:<x@example.net>", "250")
	c.do("RCPT TO:<Ann@Shop.Example>", "250")
	c.do("RCPT TO:<bob@shop.example>", "250")
	c.do("RCPT TO:<nobody@shop.example>", "550 5.1.1")
	c.do("RCPT TO:<ann@unknown.example>", "550 5.7.1")
	c.do("DATA", "354")
	got := c.do("Subject: hello\r\n\r\n..dots\r\n.", "250 2.0.0 OK, queued as ")
	id := strings.Fields(got)[5]
	want := regexp.MustCompile(`^Return-Path: <x@example\.net>\r\nReceived: from client\.example \(\[127\.0\.0\.1\]\)\r\n\tby mx\.example\.com with ESMTP id ` +
		id + `;\r\n\t[^\r\n]+\r\nSubject: hello\r\n\r\n\.dots\r\n$`)
	for _, account := range []int64{p.ann, p.bob} {
		if in := p.inbox(account); len(in) != 1 || !want.MatchString(in[0]) {
			t.Fatalf("%q", in)
		}
	}
	// In chunks, with the null reverse-path, to one.
	c.do("MAIL FROM:<>", "250")
	c.do("RCPT TO:<ann@shop.example>", "250")
	c.send(bdat("Subject: chunk", false) + bdat("s\r\n\r\nend", true))
	c.want("250 2.0.0 Chunk")
	c.want("250 2.0.0 OK")
	in := p.inbox(p.ann)
	if len(in) != 2 || !strings.HasPrefix(in[1], "Return-Path: <>\r\n") || !strings.Contains(in[1], "\r\n\tfor <ann@shop.example>;") ||
		!strings.HasSuffix(in[1], "\r\nSubject: chunks\r\n\r\nend\r\n") {
		t.Fatalf("%q", in)
	}
	// A smuggled one leaves nothing.
	c.do("MAIL FROM:<x@example.net>", "250")
	c.do("RCPT TO:<ann@shop.example>", "250")
	c.do("DATA", "354")
	c.do("Subject: a\r\n\r\nb\n.\r\nMAIL FROM:<evil@example.net>\r\nRCPT TO:<ann@shop.example>\r\nDATA\r\nevil\r\n.", "550 5.6.11")
	c.do("QUIT", "221")
	if in := p.inbox(p.ann); len(in) != 2 {
		t.Fatalf("%q", in)
	}
}

func TestMailForRefusedMailboxes(t *testing.T) {
	p := newPlatform(t)
	c := hello(t, p.mx)
	suspend := func(role mailboxes.SuspendEmailAccount) {
		t.Helper()
		must(p.core.SuspendEmailAccount(p.ctx, operator, role))(t)
	}
	// Suspended for another reason than abuse: mail is kept (T-16).
	must(p.core.SuspendEmailAccount(p.ctx, p.partner, mailboxes.SuspendEmailAccount{Account: p.account(p.ann)}))(t)
	c.do("MAIL FROM:<>", "250")
	c.do("RCPT TO:<ann@shop.example>", "250")
	suspend(mailboxes.SuspendEmailAccount{Account: p.account(p.ann), Type: "abuse"})
	c.do("RSET", "250")
	c.do("MAIL FROM:<>", "250")
	c.do("RCPT TO:<ann@shop.example>", "550 5.2.1")
	// Full.
	c.do("RCPT TO:<bob@shop.example>", "250")
	c.do("DATA", "354")
	c.do(".", "250")
	p.quota(p.bob, 1)
	c.do("MAIL FROM:<>", "250")
	c.do("RCPT TO:<bob@shop.example>", "452 4.2.2")
	p.quota(p.bob, 10_000)
	c.do("RSET", "250")
	c.do("MAIL FROM:<> SIZE=20000", "250")
	c.do("RCPT TO:<bob@shop.example>", "452 4.2.2")
	// Gone between RCPT and DATA: the client tries again and is told at RCPT.
	c.do("RSET", "250")
	c.do("MAIL FROM:<>", "250")
	c.do("RCPT TO:<bob@shop.example>", "250")
	must(p.core.DeleteMailOrder(p.ctx, p.partner, ordering.DeleteMailOrder{Order: p.order}))(t)
	c.do("DATA", "354")
	c.send(".\r\n")
	if got := c.reply(); !strings.HasPrefix(got, "250") && !strings.HasPrefix(got, "451") {
		t.Fatal(got)
	}
	c.do("MAIL FROM:<>", "250")
	c.do("RCPT TO:<bob@shop.example>", "550 5.7.1")
}

func TestMailForPostmaster(t *testing.T) {
	p := newPlatform(t)
	c := hello(t, p.mx)
	for _, to := range []string{"<Postmaster>", "<postmaster@mx.example.com>"} {
		c.do("MAIL FROM:<x@example.net>", "250")
		c.do("RCPT TO:"+to, "250")
		c.do("DATA", "354")
		id := strings.Fields(c.do("Subject: hello\r\n.", "250"))[5]
		d := must(p.queue.Show(p.ctx, id))(t)
		if len(d.Recipients) != 1 || d.Recipients[0].State != queue.Held {
			t.Fatalf("%s: %+v", to, d)
		}
	}
	// A domain's own postmaster is its administrator.
	c.do("MAIL FROM:<x@example.net>", "250")
	c.do("RCPT TO:<PostMaster@shop.example>", "250")
	c.do("DATA", "354")
	c.do("Subject: hello\r\n.", "250")
	if in := p.inbox(p.ann); len(in) != 1 {
		t.Fatalf("%q", in)
	}
}

func TestMailFromInside(t *testing.T) {
	p := newPlatform(t)
	c := hello(t, p.submit)
	c.do("STARTTLS", "220")
	c.startTLS()
	c.do("EHLO laptop.private", "250")
	c.do("AUTH PLAIN "+plainResponse("ann@shop.example", "wrong"), "535")
	c.do("AUTH PLAIN "+plainResponse("ann@shop.example", "ann's secret 1"), "235")
	c.do("MAIL FROM:<bob@shop.example>", "550 5.7.1")
	c.do("MAIL FROM:<ann@shop.example>", "250")
	c.do("RCPT TO:<bob@shop.example>", "250")
	c.do("DATA", "354")
	c.do("From: Ann <ann@shop.example>\r\nTo: bob@shop.example\r\nBcc: ann@shop.example\r\nSubject: hi\r\n\r\n..\r\n.", "250 2.0.0 OK, queued as ")
	m := p.arrives(p.bob, 1)[0]
	for _, part := range []string{"DKIM-Signature: ", "Received: by mx.example.com with ESMTPSA id ", "\r\nMessage-ID: <", "\r\nDate: "} {
		if !strings.Contains(m, part) {
			t.Errorf("%q is missing: %q", part, m)
		}
	}
	for _, secret := range []string{"Bcc", "laptop", "127.0.0.1"} {
		if strings.Contains(m, secret) {
			t.Errorf("%q is told: %q", secret, m)
		}
	}
	if !strings.HasSuffix(m, "\r\n\r\n.\r\n") {
		t.Errorf("%q", m)
	}
	// What may not be any longer ends at once, in whatever state.
	c.do("MAIL FROM:<ann@shop.example>", "250")
	password := "another secret 2"
	must(p.core.ModifyEmailAccount(p.ctx, p.partner, mailboxes.ModifyEmailAccount{Account: p.account(p.ann), Password: &password}))(t)
	c.want("421 4.7.0")
	c.wantEOF()
}

func TestSuspensionEndsSubmission(t *testing.T) {
	p := newPlatform(t)
	c := hello(t, p.submit)
	c.do("STARTTLS", "220")
	c.startTLS()
	c.do("EHLO x", "250")
	c.do("AUTH PLAIN "+plainResponse("ann@shop.example", "ann's secret 1"), "235")
	must(p.core.SuspendMailOrder(p.ctx, p.partner, ordering.SuspendMailOrder{Order: p.order}))(t)
	c.want("421 4.7.0")
	c = hello(t, p.submit)
	c.do("STARTTLS", "220")
	c.startTLS()
	c.do("EHLO x", "250")
	c.do("AUTH PLAIN "+plainResponse("ann@shop.example", "ann's secret 1"), "535")
}

// Each message that was answered 250 is there once.
func TestManyAtOnce(t *testing.T) {
	const clients, each = 8, 10
	p := newPlatform(t)
	var wg sync.WaitGroup
	conns := make([]*client, clients)
	for i := range conns {
		conns[i] = hello(t, p.mx)
	}
	for i, c := range conns {
		wg.Go(func() {
			for n := range each {
				fmt.Fprintf(c.conn, "MAIL FROM:<>\r\nRCPT TO:<ann@shop.example>\r\nDATA\r\n")
				c.want("250")
				c.want("250")
				c.want("354")
				fmt.Fprintf(c.conn, "Subject: %d-%d\r\n\r\n.\r\n", i, n)
				c.want("250")
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	seen := map[string]int{}
	for _, m := range p.inbox(p.ann) {
		_, subject, _ := strings.Cut(m, "Subject: ")
		seen[strings.TrimSpace(subject)]++
	}
	for i := range clients {
		for n := range each {
			if key := fmt.Sprintf("%d-%d", i, n); seen[key] != 1 {
				t.Errorf("%s is there %d times", key, seen[key])
			}
		}
	}
}

// BenchmarkDelivery is durable delivery of 4 kB with the client's part.
func BenchmarkDelivery(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			p := newPlatform(b)
			envelope := []byte("MAIL FROM:<x@example.net> SIZE=4096\r\nRCPT TO:<ann@shop.example>\r\nDATA\r\n")
			message := []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", 50) + ".\r\n")
			work := make(chan struct{})
			var wg sync.WaitGroup
			for range clients {
				c := hello(b, p.mx)
				wg.Go(func() {
					for range work {
						_, err := c.conn.Write(envelope)
						for range 3 {
							if err == nil {
								_, err = c.r.ReadSlice('\n')
							}
						}
						if err == nil {
							_, err = c.conn.Write(message)
						}
						line, err2 := c.r.ReadSlice('\n')
						if err != nil || err2 != nil || line[0] != '2' {
							b.Errorf("%v %v %q", err, err2, line)
						}
					}
				})
			}
			b.ReportAllocs()
			for b.Loop() {
				work <- struct{}{}
			}
			close(work)
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
