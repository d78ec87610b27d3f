package smtpd

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/core/autoresponder"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
	"posthouse/internal/mail/dnsres"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mail/smtptest"
)

// allHere is a DNS in which every domain's mail host is this one: where the
// queue asks it, the domain is served here.
type allHere struct{}

func (allHere) LookupMX(context.Context, string) ([]dnsres.MX, bool, error) {
	return []dnsres.MX{{Host: "mx.example.com"}}, true, nil
}

func (allHere) LookupIP(context.Context, string) ([]netip.Addr, bool, error) { return nil, true, nil }

// outside is a platform of a real partner, and the rest of the world.
type outside struct {
	*platform
	world *smtptest.Server

	mu     sync.Mutex
	refuse map[string]string // by recipient
}

func newOutside(t *testing.T) *outside {
	o := &outside{refuse: map[string]string{}}
	o.world = smtptest.Start(t, smtptest.Config{On: func(verb, line string) *smtptest.Action {
		o.mu.Lock()
		defer o.mu.Unlock()
		for to, reply := range o.refuse {
			if verb == "RCPT" && strings.Contains(line, "<"+to+">") {
				return &smtptest.Action{Raw: reply}
			}
		}
		return nil
	}})
	o.platform = newPlatformWith(t, false, func(c *queue.Config) {
		c.Resolver, c.Routes, c.Loopback = allHere{}, map[string]string{"*": o.world.Addr + " none"}, true
	})
	return o
}

// got waits for the next message to the world.
func (o *outside) got() smtptest.Message {
	o.t.Helper()
	select {
	case m := <-o.world.Got():
		for i, r := range m.Recipients {
			m.Recipients[i], _, _ = strings.Cut(r, " ")
		}
		return m
	case <-time.After(60 * time.Second):
		o.t.Fatal("nothing left for the world")
	}
	return smtptest.Message{}
}

// from is the reverse-path of what the world got.
func from(m smtptest.Message) string {
	path, _, _ := strings.Cut(strings.TrimPrefix(m.From, "<"), ">")
	return path
}

// send is mail from outside; the reply is that to the last step.
func (o *outside) send(sender, to, content, want string) {
	o.t.Helper()
	c := hello(o.t, o.mx)
	c.do("MAIL FROM:<"+sender+">", "250")
	c.do("RCPT TO:<"+to+">", "250")
	c.do("DATA", "354")
	c.do(content+"\r\n.", want)
	c.do("QUIT", "221")
}

func (o *outside) rcpt(sender, to, want string) {
	o.t.Helper()
	c := hello(o.t, o.mx)
	c.do("MAIL FROM:<"+sender+">", "250")
	c.do("RCPT TO:<"+to+">", want)
	c.do("QUIT", "221")
}

func (o *outside) forward(account int64, k forwarder.Kind, to ...string) {
	o.t.Helper()
	if err := o.core.AddForwards(o.ctx, o.partner, routing.ChangeForwards{Account: o.account(account), Kind: k, Forwards: to}); err != nil {
		o.t.Fatal(err)
	}
}

const letter = "DKIM-Signature: v=1; d=far.test; h=from:subject; b=x\r\nFrom: x@far.test\r\nTo: ann@shop.example\r\nSubject: hi\r\nMessage-ID: <1@far.test>\r\n\r\nhello"

// TestForwardToOtherHosts: a mailbox keeps and sends on; the world sees a sender
// of ours, and a bounce finds the real one.
func TestForwardToOtherHosts(t *testing.T) {
	o := newOutside(t)
	o.forward(o.ann, forwarder.User, "Out@Far.test", "bob@shop.example")
	o.forward(o.ann, forwarder.Admin, "out@far.test")
	o.send("x@far.test", "ann@shop.example", letter, "250")
	m := o.got()
	sender := from(m)
	if !strings.HasPrefix(sender, "SRS0=") || !strings.HasSuffix(sender, "=far.test=x@mx.example.com") || strings.Join(m.Recipients, " ") != "<out@far.test>" {
		t.Fatalf("%+v", m)
	}
	if !strings.HasPrefix(m.Content, "Delivered-To: ann@shop.example\r\nReceived: ") || !strings.HasSuffix(m.Content, letter+"\r\n") {
		t.Errorf("the content was changed: %q", m.Content)
	}
	ann, bob := o.inbox(o.ann), o.inbox(o.bob)
	if len(ann) != 1 || strings.Contains(ann[0], "Delivered-To") || len(bob) != 1 || !strings.Contains(bob[0], "\r\nDelivered-To: ann@shop.example\r\n") {
		t.Errorf("%q %q", ann, bob)
	}
	// It comes back: a loop.
	o.send(sender, "ann@shop.example", strings.TrimSuffix(m.Content, "\r\n"), "554 5.4.6")

	// A bounce of the world's.
	o.rcpt("x@far.test", sender, "550 5.7.1")
	o.rcpt("", strings.Replace(sender, "=x@", "=y@", 1), "550 5.1.1")
	o.rcpt("", "SRS0=aaaaaaaa=aa=far.test=x@mx.example.com", "550 5.1.1")
	o.rcpt("", "srs-00000000000000000000000000000000@mx.example.com", "550 5.1.1")
	o.send("", strings.ToUpper(sender[:20])+sender[20:], "Subject: undeliverable\r\n\r\nno such user", "250")
	if b := o.got(); from(b) != "" || b.Recipients[0] != "<x@far.test>" || !strings.HasSuffix(b.Content, "Subject: undeliverable\r\n\r\nno such user\r\n") {
		t.Errorf("%+v", b)
	}
	// The next host refuses: the sender is told by us.
	o.mu.Lock()
	o.refuse["out@far.test"] = "550 5.1.1 nobody\r\n"
	o.mu.Unlock()
	o.send("x@far.test", "ann@shop.example", letter, "250")
	if b := o.got(); from(b) != "" || b.Recipients[0] != "<x@far.test>" || !strings.Contains(b.Content, "Final-Recipient: rfc822; out@far.test") {
		t.Errorf("%+v", b)
	}
	// What had the null sender has it.
	o.mu.Lock()
	clear(o.refuse)
	o.mu.Unlock()
	o.send("", "ann@shop.example", letter, "250")
	if m := o.got(); from(m) != "" || m.Recipients[0] != "<out@far.test>" {
		t.Errorf("%+v", m)
	}
	// A sender too long to be rewritten.
	long := strings.Repeat("l", 60) + "@far.test"
	o.send(long, "ann@shop.example", letter, "250")
	m = o.got()
	if !strings.HasPrefix(from(m), "srs-") {
		t.Fatalf("%+v", m)
	}
	o.send("", from(m), "Subject: undeliverable\r\n\r\nno", "250")
	if b := o.got(); b.Recipients[0] != "<"+long+">" {
		t.Errorf("%+v", b)
	}
	// Who is suspended sends nothing on, but keeps.
	must(o.core.SuspendMailOrder(o.ctx, o.partner, ordering.SuspendMailOrder{Order: o.order}))(t)
	before := len(o.inbox(o.ann))
	o.send("x@far.test", "ann@shop.example", letter, "250")
	must(o.core.UnsuspendMailOrder(o.ctx, o.partner, ordering.UnsuspendMailOrder{Order: o.order}))(t)
	o.send("y@far.test", "ann@shop.example", letter, "250")
	if m := o.got(); !strings.Contains(from(m), "=y@") || len(o.inbox(o.ann)) != before+2 {
		t.Errorf("a suspended order forwards: %+v", m)
	}
}

func TestForwardOnlyAccount(t *testing.T) {
	o := newOutside(t)
	make := func(email string, to ...string) error {
		return o.core.CreateForwardOnlyAccount(o.ctx, o.partner, routing.CreateForwardOnlyAccount{Order: o.order, Email: email, Forwards: to})
	}
	if err := make("team@shop.example", "a@far.test", "b@else.test", "ann@shop.example"); err != nil {
		t.Fatal(err)
	}
	if err := make("round@shop.example", "team@shop.example"); err != nil {
		t.Fatal(err)
	}
	o.send("x@far.test", "round@shop.example", letter, "250")
	one, two := o.got(), o.got()
	if got := strings.Join([]string{one.Recipients[0], two.Recipients[0]}, " "); got != "<a@far.test> <b@else.test>" && got != "<b@else.test> <a@far.test>" {
		t.Error(got)
	}
	if in := o.inbox(o.ann); len(in) != 1 || !strings.Contains(in[0], "\r\nDelivered-To: round@shop.example\r\n") {
		t.Errorf("%q", in)
	}
	// In circles within the order: both are served, or it is refused.
	for _, cmd := range []routing.ChangeForwards{
		{Account: work.AccountRef{Order: o.order, Email: "team@shop.example"}, Kind: forwarder.Admin, Forwards: []string{"round@shop.example"}},
	} {
		if err := o.core.AddForwards(o.ctx, o.partner, cmd); err != nil {
			t.Fatal(err)
		}
		cmd.Forwards = []string{"a@far.test", "b@else.test", "ann@shop.example"}
		if err := o.core.RemoveForwards(o.ctx, o.partner, cmd); err != nil {
			t.Fatal(err)
		}
	}
	o.rcpt("x@far.test", "team@shop.example", "554 5.4.6")
}

// TestForwardThroughOrders: a circle through two orders ends, and a mailbox to
// which two ways lead has one copy.
func TestForwardThroughOrders(t *testing.T) {
	o := newOutside(t)
	other := must(o.core.CreateMailOrder(o.ctx, o.partner, ordering.CreateMailOrder{Domain: "other.example",
		Customer: work.CustomerProfile{CustomerID: "c2"}, Plan: "pro_trial", Expiry: ptrTime(time.Now().AddDate(1, 0, 0).UTC().Truncate(24 * time.Hour)),
		FirstAccount: &ordering.FirstAccount{Email: "eve@other.example", Password: "eve's secret 1"}}))(t)
	eve := other.Account.AccountID
	there := work.OrderRef{ID: other.OrderID}
	for _, cmd := range []routing.CreateForwardOnlyAccount{
		{Order: there, Email: "one@other.example", Forwards: []string{"eve@other.example", "bob@shop.example", "all@shop.example"}},
		{Order: there, Email: "two@other.example", Forwards: []string{"eve@other.example", "one@other.example", "ann@shop.example"}},
		{Order: o.order, Email: "all@shop.example", Forwards: []string{"one@other.example", "two@other.example", "bob@shop.example"}},
	} {
		if err := o.core.CreateForwardOnlyAccount(o.ctx, o.partner, cmd); err != nil {
			t.Fatal(err)
		}
	}
	o.send("x@far.test", "all@shop.example", letter, "250")
	o.arrives(eve, 1)
	o.arrives(o.ann, 1)
	// The end of the circle is told to the sender; nothing else leaves.
	if m := o.got(); from(m) != "" || m.Recipients[0] != "<x@far.test>" || !strings.Contains(m.Content, "5.4.6") {
		t.Errorf("%+v", m)
	}
	o.settled()
	for name, id := range map[string]int64{"eve": eve, "ann": o.ann, "bob": o.bob} {
		if n := len(o.inbox(id)); n != 1 {
			t.Errorf("%s has %d copies", name, n)
		}
	}
}

// settled waits until the queue has nothing to do.
func (o *outside) settled() {
	o.t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	for {
		list := must(o.queue.List(o.ctx, queue.Filter{Open: true}))(o.t)
		if len(list) == 0 {
			return
		}
		tick := time.NewTimer(20 * time.Millisecond)
		select {
		case <-deadline.C:
			o.t.Fatalf("still in the queue: %+v", list)
		case <-tick.C:
		}
	}
}

func ptrTime(t time.Time) *time.Time { return &t }

func (o *outside) away(account int64, message string) {
	o.t.Helper()
	if err := o.core.SetAutoresponder(o.ctx, o.partner, routing.SetAutoresponder{Account: o.account(account), On: true, Message: &message}); err != nil {
		o.t.Fatal(err)
	}
}

// TestAutoresponder: a person is answered once; no robot is, and none answers another.
func TestAutoresponder(t *testing.T) {
	o := newOutside(t)
	o.away(o.ann, "I am away.")
	o.away(o.bob, "So am I.")
	for range 3 {
		o.send("x@far.test", "ann@shop.example", letter, "250")
	}
	o.send("list-request@far.test", "ann@shop.example", letter, "250")
	o.send("y@far.test", "ann@shop.example", "Precedence: bulk\r\n"+letter, "250")
	o.send("z@far.test", "ann@shop.example", "To: somebody@far.test\r\nSubject: blind\r\n\r\nhello", "250")
	o.send("", "ann@shop.example", letter, "250")
	m := o.got()
	if from(m) != "" || m.Recipients[0] != "<x@far.test>" {
		t.Fatalf("%+v", m)
	}
	for _, want := range []string{"DKIM-Signature: ", "d=shop.example", "Auto-Submitted: auto-replied\r\n", "In-Reply-To: <1@far.test>\r\n", "Subject: Auto: hi\r\n", "I am away."} {
		if !strings.Contains(m.Content, want) {
			t.Errorf("%q is missing in %q", want, m.Content)
		}
	}
	// From inside: bob writes, ann's answer is not answered.
	s := &submitter{outside: o}
	s.send("bob@shop.example", "bob's secret 1", "ann@shop.example", "From: bob@shop.example\r\nTo: ann@shop.example\r\nSubject: inside\r\n\r\nhello")
	if in := o.arrives(o.bob, 1); !strings.Contains(in[0], "Auto-Submitted: auto-replied") {
		t.Errorf("%q", in)
	}
	o.settled()
	if in := o.inbox(o.ann); len(in) != 8 {
		t.Errorf("ann has %d messages", len(in))
	}
	if n := len(o.world.Messages()); n != 1 {
		t.Errorf("%d replies left", n)
	}
	// Off, and ended.
	past := time.Now().Add(-time.Hour)
	if err := o.core.SetAutoresponder(o.ctx, o.partner, routing.SetAutoresponder{Account: o.account(o.ann), On: true, EndsAt: &past}); err == nil {
		t.Error("an end in the past is taken")
	}
	if r := must(o.core.Autoresponder(o.ctx, o.partner, o.account(o.ann)))(t); !r.On || r.Format != autoresponder.Plain {
		t.Errorf("%+v", r)
	}
	if err := o.core.SetAutoresponder(o.ctx, o.partner, routing.SetAutoresponder{Account: o.account(o.ann)}); err != nil {
		t.Fatal(err)
	}
	o.send("new@far.test", "ann@shop.example", letter, "250")
	o.settled()
	if n := len(o.world.Messages()); n != 1 {
		t.Errorf("%d replies left", n)
	}
}

// submitter sends as an account.
type submitter struct{ *outside }

func (s *submitter) send(user, password, to, content string) {
	s.t.Helper()
	c := hello(s.t, s.submit)
	c.do("STARTTLS", "220")
	c.startTLS()
	c.do("EHLO client.example", "250")
	c.do("AUTH PLAIN "+plainResponse(user, password), "235")
	c.do("MAIL FROM:<"+user+">", "250")
	c.do("RCPT TO:<"+to+">", "250")
	c.do("DATA", "354")
	c.do(content+"\r\n.", "250")
	c.do("QUIT", "221")
}

func TestDomainAlias(t *testing.T) {
	o := newOutside(t)
	alias := routing.DomainAlias{Order: o.order, Domain: "Also.Example"}
	o.rcpt("x@far.test", "ann@also.example", "550 5.7.1")
	for range 2 {
		if err := o.core.AddDomainAlias(o.ctx, o.partner, alias); err != nil {
			t.Fatal(err)
		}
	}
	o.away(o.ann, "I am away.")
	o.send("x@far.test", "Ann@also.example", strings.Replace(letter, "ann@shop.example", "ann@also.example", 1), "250")
	if in := o.inbox(o.ann); len(in) != 1 || !strings.Contains(in[0], "\r\nDelivered-To: ann@also.example\r\n") {
		t.Errorf("%q", in)
	}
	if m := o.got(); m.Recipients[0] != "<x@far.test>" {
		t.Errorf("%+v", m)
	}
	o.rcpt("x@far.test", "nobody@also.example", "550 5.1.1")
	// From inside.
	s := &submitter{outside: o}
	s.send("bob@shop.example", "bob's secret 1", "ann@also.example", "From: bob@shop.example\r\nTo: ann@also.example\r\nSubject: inside\r\n\r\nhello")
	o.arrives(o.ann, 2)
	if err := o.core.RemoveDomainAlias(o.ctx, o.partner, alias); err != nil {
		t.Fatal(err)
	}
	o.rcpt("x@far.test", "ann@also.example", "550 5.7.1")
}
