package smtpclient

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

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
