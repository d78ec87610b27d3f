package smtpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posthouse/internal/mail/smtptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return nc
}

func open(t *testing.T, s *smtptest.Server, opt Options) (*Conn, error) {
	t.Helper()
	if opt.LocalName == "" {
		opt.LocalName = "client.test"
	}
	c, err := Open(t.Context(), dial(t, s.Addr), opt)
	if err == nil {
		t.Cleanup(c.Close)
	}
	return c, err
}

func mail(content string, to ...string) *Mail {
	m := &Mail{ReversePath: "a@x.test", Size: int64(len(content)), Content: strings.NewReader(content)}
	for _, r := range to {
		m.Recipients = append(m.Recipients, Recipient{Address: r})
	}
	return m
}

const hello = "Subject: x\r\n\r\nhello\r\n"

func TestSend(t *testing.T) {
	for _, ext := range [][]string{nil, {"8BITMIME"}} {
		s := smtptest.Start(t, smtptest.Config{Extensions: ext})
		c, err := open(t, s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // a second transaction on the same session
			out, err := c.Send(t.Context(), mail("A: b\r\n\r\n.dot\r\n..two\nbare\rcr\r\n\r\nlast", "u@y.test", "v@y.test"))
			if err != nil || !out[0].Delivered() || !out[1].Delivered() {
				t.Fatalf("%v %+v", err, out)
			}
		}
		c.Quit(t.Context())
		if c.Usable() {
			t.Error("usable after QUIT")
		}
		m := s.Messages()
		if len(m) != 2 || m[1].Content != "A: b\r\n\r\n.dot\r\n..two\r\nbare\r\ncr\r\n\r\nlast\r\n" || len(m[1].Recipients) != 2 {
			t.Errorf("%+v", m)
		}
	}
}

func TestParameters(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{})
	c, err := open(t, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := mail(hello)
	m.EightBit, m.SMTPUTF8, m.Ret, m.EnvID = true, true, "HDRS", "id+2B1"
	m.Recipients = []Recipient{{Address: "ü@y.test", Notify: "SUCCESS,FAILURE", ORcpt: "rfc822;u@y.test"}}
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	cmds := strings.Join(s.Commands(), "\n")
	for _, want := range []string{
		"MAIL FROM:<a@x.test> SIZE=21 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+2B1",
		"RCPT TO:<ü@y.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;u@y.test",
	} {
		if !strings.Contains(cmds, want) {
			t.Errorf("no %q in\n%s", want, cmds)
		}
	}
	// What is not offered is not sent.
	s2 := smtptest.Start(t, smtptest.Config{Extensions: []string{"PIPELINING"}})
	if c, err = open(t, s2, Options{}); err != nil {
		t.Fatal(err)
	}
	m.Content, m.SMTPUTF8, m.Recipients[0].Address = strings.NewReader(hello), false, "u@y.test"
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for _, l := range s2.Commands() {
		if strings.HasPrefix(l, "MAIL") && l != "MAIL FROM:<a@x.test>" || strings.HasPrefix(l, "RCPT") && l != "RCPT TO:<u@y.test>" {
			t.Errorf("%q", l)
		}
	}
}

func TestHelloFallback(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{On: func(verb, _ string) *smtptest.Action {
		if verb == "EHLO" {
			return smtptest.Reply("500 what?")
		}
		return nil
	}})
	c, err := open(t, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.ESMTP() || c.Extensions() != (Extensions{}) {
		t.Error("ESMTP after HELO")
	}
	if out, err := c.Send(t.Context(), mail(hello, "u@y.test")); err != nil || !out[0].Delivered() {
		t.Errorf("%v %v", out, err)
	}
}

// TestRefusals refuses at each stage, with and without pipelining.
func TestRefusals(t *testing.T) {
	for _, code := range []string{"450 4.2.0 later", "550 5.7.1 never", "421 4.3.2 going down"} {
		for _, verb := range []string{"CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."} {
			for _, ext := range [][]string{nil, {"SIZE"}} {
				s := smtptest.Start(t, smtptest.Config{Extensions: ext, On: func(v, _ string) *smtptest.Action {
					if v == verb || verb == "EHLO" && v == "HELO" {
						return smtptest.Reply(code)
					}
					return nil
				}})
				c, err := open(t, s, Options{})
				if verb == "CONNECT" || verb == "EHLO" {
					var e *Error
					if !errors.As(err, &e) || e.Reply.String() != code {
						t.Errorf("%s at %s: %v", code, verb, err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				out, err := c.Send(t.Context(), mail(hello, "u@y.test"))
				if verb != "." && err == nil && out[0].Reply.String() != code || out[0].Delivered() {
					t.Errorf("%s at %s: %+v %v", code, verb, out, err)
				}
				if strings.HasPrefix(code, "421") == c.Usable() {
					t.Errorf("%s at %s: usable %v", code, verb, c.Usable())
				}
				if len(s.Messages()) != 0 {
					t.Errorf("%s at %s: message kept", code, verb)
				}
				if c.Usable() { // the session is clean again
					s2 := mail(hello, "u@y.test")
					if _, err := c.Send(t.Context(), s2); err != nil {
						t.Errorf("%s at %s: again: %v", code, verb, err)
					}
				}
			}
		}
	}
}

func TestSomeRecipients(t *testing.T) {
	for _, ext := range [][]string{nil, {"SIZE"}} {
		s := smtptest.Start(t, smtptest.Config{Extensions: ext, On: func(v, line string) *smtptest.Action {
			if v == "RCPT" && strings.Contains(line, "no@") {
				return smtptest.Reply("550-5.1.1 no\r\n550 5.1.1 such user")
			}
			return nil
		}})
		c, err := open(t, s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.Send(t.Context(), mail(hello, "u@y.test", "no@y.test", "w@y.test"))
		if err != nil || !out[0].Delivered() || out[1].Reply.String() != "550 5.1.1 no such user" || !out[2].Delivered() {
			t.Errorf("%+v %v", out, err)
		}
		// All refused: nothing is sent, the session lives.
		out, err = c.Send(t.Context(), mail(hello, "no@y.test"))
		if err != nil || !out[0].Reply.Permanent() || !c.Usable() {
			t.Errorf("%+v %v", out, err)
		}
		if m := s.Messages(); len(m) != 1 || len(m[0].Recipients) != 2 {
			t.Errorf("%+v", m)
		}
	}
}

// A pipelining server that says 354 although it refused every recipient.
func TestDataWithoutRecipients(t *testing.T) {
	done := make(chan string, 1)
	s := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
		switch v {
		case "RCPT":
			return smtptest.Reply("550 no")
		case "DATA":
			return &smtptest.Action{Raw: "354 go on\r\n", Do: func(c net.Conn) {
				b := make([]byte, 3)
				_, _ = io.ReadFull(c, b)
				done <- string(b)
				_, _ = io.WriteString(c, "554 no valid recipients\r\n")
			}}
		}
		return nil
	}})
	c, err := open(t, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.Send(t.Context(), mail(hello, "u@y.test"))
	if err != nil || out[0].Reply.Code != 550 || !c.Usable() {
		t.Errorf("%+v %v %v", out, err, c.Usable())
	}
	if got := <-done; got != ".\r\n" {
		t.Errorf("content %q", got)
	}
}

func TestStartTLS(t *testing.T) {
	conf, pool := smtptest.Certificate(t, "sink.test")
	s := smtptest.Start(t, smtptest.Config{TLS: conf})
	for _, tc := range []struct {
		name string
		opt  Options
		tls  bool
		fail bool
	}{
		{"opportunistic", Options{Mode: TLSOpportunistic, Host: "other.test"}, true, false},
		{"none", Options{Mode: TLSNone}, false, false},
		{"required, unknown issuer", Options{Mode: TLSRequired, Host: "sink.test"}, false, true},
		{"required, wrong name", Options{Mode: TLSRequired, Host: "other.test", TLS: &tls.Config{RootCAs: pool}}, false, true},
		{"required", Options{Mode: TLSRequired, Host: "sink.test", TLS: &tls.Config{RootCAs: pool}}, true, false},
	} {
		c, err := open(t, s, tc.opt)
		if (err != nil) != tc.fail {
			t.Errorf("%s: %v", tc.name, err)
		}
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || !e.TLS {
				t.Errorf("%s: %v", tc.name, err)
			}
			continue
		}
		out, err := c.Send(t.Context(), mail(hello, "u@y.test"))
		if err != nil || !out[0].Delivered() {
			t.Errorf("%s: %v %v", tc.name, out, err)
		}
		if m := <-s.Got(); m.TLS != tc.tls || (c.TLS() != nil) != tc.tls {
			t.Errorf("%s: TLS %v", tc.name, m.TLS)
		}
	}
	implicit := smtptest.Start(t, smtptest.Config{TLS: conf, Implicit: true})
	if c, err := open(t, implicit, Options{Mode: TLSImplicit, Host: "sink.test", TLS: &tls.Config{RootCAs: pool}}); err != nil || c.TLS() == nil {
		t.Errorf("implicit: %v", err)
	}
	if _, err := open(t, smtptest.Start(t, smtptest.Config{}), Options{Mode: TLSRequired}); err == nil {
		t.Error("required but not offered: no error")
	}
}

// A session goes on from an earlier one's keys, unless it asks for more than that
// one has looked at.
func TestTLSSessionsGoOn(t *testing.T) {
	conf, pool := smtptest.Certificate(t, "sink.test")
	s := smtptest.Start(t, smtptest.Config{TLS: conf})
	shared := &tls.Config{RootCAs: pool, ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	for _, tc := range []struct {
		mode   TLSMode
		goesOn bool
	}{{TLSOpportunistic, false}, {TLSOpportunistic, true}, {TLSRequired, false}, {TLSRequired, true}, {TLSOpportunistic, true}} {
		c, err := open(t, s, Options{Mode: tc.mode, Host: "sink.test", TLS: shared})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.TLS().DidResume; got != tc.goesOn {
			t.Errorf("mode %v: goes on %v, want %v", tc.mode, got, tc.goesOn)
		}
		if _, err := c.Send(t.Context(), mail(hello, "u@y.test")); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
}

func TestStartTLSFailure(t *testing.T) {
	conf, _ := smtptest.Certificate(t, "sink.test")
	for _, tc := range []struct {
		name   string
		action *smtptest.Action
		ok     bool
	}{
		{"not available", smtptest.Reply("454 4.7.0 not now"), true},
		{"hang up", smtptest.HangUp(), false},
		{"garbage", &smtptest.Action{Raw: "220 go on\r\n", Do: func(c net.Conn) { _, _ = io.WriteString(c, "no TLS here\r\n\r\n") }, Close: true}, false},
		{"injection", smtptest.Reply("220 go on\r\n250 injected"), false},
	} {
		s := smtptest.Start(t, smtptest.Config{TLS: conf, On: func(v, _ string) *smtptest.Action {
			if v == "STARTTLS" {
				return tc.action
			}
			return nil
		}})
		_, err := open(t, s, Options{})
		var e *Error
		if (err == nil) != tc.ok || err != nil && (!errors.As(err, &e) || !e.TLS) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// TestHostile gives servers that would hold a client for ever or fill its memory.
func TestHostile(t *testing.T) {
	drip := func(c net.Conn) { // one octet at a time, for ever
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if _, err := c.Write([]byte("2")); err != nil {
				return
			}
		}
	}
	endless := func(s string) func(c net.Conn) {
		return func(c net.Conn) {
			for {
				if _, err := io.WriteString(c, s); err != nil {
					return
				}
			}
		}
	}
	silent := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	const step = 500 * time.Millisecond
	short := Timeouts{Greeting: step, Command: step, Data: step, Final: step, Quit: step}
	for name, do := range map[string]func(net.Conn){
		"drip": drip, "silent": silent, "endless lines": endless("220-x\r\n"), "endless line": endless("220 xxxxxxxxxxxxxxxxxxxxxx"),
		"no code": endless("hello\r\n"), "two codes": endless("220-x\r\n250 y\r\n"),
	} {
		for _, verb := range []string{"CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."} {
			t.Run(name+" at "+verb, func(t *testing.T) {
				t.Parallel()
				s := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
					if v == verb {
						return &smtptest.Action{Do: do, Close: true}
					}
					return nil
				}})
				begin := time.Now()
				c, err := open(t, s, Options{Timeouts: short})
				if err == nil {
					var out []Outcome
					out, err = c.Send(t.Context(), mail(hello, "u@y.test"))
					if out[0].Delivered() {
						t.Error("delivered")
					}
				}
				var e *Error
				if !errors.As(err, &e) || e.Ambiguous != (verb == ".") {
					t.Error(err)
				}
				if d := time.Since(begin); d > 10*time.Second {
					t.Errorf("took %v", d)
				}
			})
		}
	}
}

// A server that stops reading in the middle of the content.
func TestStalledContent(t *testing.T) {
	stop := make(chan struct{})
	s := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
		if v == "DATA" {
			return &smtptest.Action{Raw: "354 go on\r\n", Do: func(net.Conn) { <-stop }, Close: true}
		}
		return nil
	}})
	t.Cleanup(func() { close(stop) })
	c, err := open(t, s, Options{Timeouts: Timeouts{Block: 100 * time.Millisecond, Quit: 50 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	m := mail("", "u@y.test")
	m.Content = io.LimitReader(zeros{}, 1<<30)
	out, err := c.Send(t.Context(), m)
	var e *Error
	if !errors.As(err, &e) || e.Stage != StageContent || e.Ambiguous || out[0].Reply.Code != 0 {
		t.Errorf("%v %v", out, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// A content that can't be read to its end must not look complete to the server.
func TestBrokenContent(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{})
	c, err := open(t, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := mail("", "u@y.test")
	m.Content = io.MultiReader(strings.NewReader(strings.Repeat("x\r\n", 100000)), failing{})
	_, err = c.Send(t.Context(), m)
	var e *Error
	if !errors.As(err, &e) || !e.Local || c.Usable() {
		t.Errorf("%v", err)
	}
	c.Close()
	s.Stop()
	if n := len(s.Messages()); n != 0 {
		t.Errorf("%d messages", n)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A server that refuses early and closes is heard.
func TestEarlyRefusal(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
		if v == "DATA" {
			return &smtptest.Action{Raw: "354 go on\r\n", Do: func(c net.Conn) {
				_, _ = io.CopyN(io.Discard, c, 100000)
				_, _ = io.WriteString(c, "552 5.3.4 too big\r\n")
				_ = c.(*net.TCPConn).CloseWrite()
				_, _ = io.CopyN(io.Discard, c, 1<<20)
			}, Close: true}
		}
		return nil
	}})
	c, err := open(t, s, Options{Timeouts: Timeouts{Block: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	m := mail("", "u@y.test")
	m.Content = io.LimitReader(zeros{}, 1<<28)
	out, err := c.Send(t.Context(), m)
	if err == nil || out[0].Delivered() {
		t.Errorf("%v %v", out, err)
	}
}

func TestDropAfterDot(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
		if v == "." {
			return smtptest.HangUp()
		}
		return nil
	}})
	c, err := open(t, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.Send(t.Context(), mail(hello, "u@y.test"))
	var e *Error
	if !errors.As(err, &e) || !e.Ambiguous || out[0].Reply.Code != 0 {
		t.Errorf("%v %v", out, err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
		if v == "MAIL" {
			return &smtptest.Action{Do: func(c net.Conn) { cancel(); _, _ = io.Copy(io.Discard, c) }, Close: true}
		}
		return nil
	}})
	c, err := open(t, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Send(ctx, mail(hello, "u@y.test")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNoInjection(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{})
	c, err := open(t, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*Mail{
		mail(hello, "u@y.test>\r\nRCPT TO:<v@y.test"),
		{ReversePath: "a@x.test\nRSET", Recipients: []Recipient{{Address: "u@y.test"}}, Content: strings.NewReader("")},
		{Ret: "FULL\r", Recipients: []Recipient{{Address: "u@y.test", ORcpt: "x\x00"}}, Content: strings.NewReader("")},
	} {
		var e *Error
		if _, err := c.Send(t.Context(), m); !errors.As(err, &e) || !e.Local {
			t.Errorf("%+v: %v", m, err)
		}
	}
	if got := s.Commands(); len(got) != 1 {
		t.Errorf("%q", got)
	}
}
