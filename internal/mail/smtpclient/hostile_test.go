package smtpclient

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"posthouse/internal/mail/smtptest"
)

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
	// Only what waits for the hostile step is short: a slow machine is no enemy.
	short := func(verb string) Timeouts {
		t := Timeouts{Quit: step}
		switch verb {
		case "CONNECT":
			t.Greeting = step
		case "DATA":
			t.Data = step
		case ".":
			t.Final = step
		default:
			t.Command = step
		}
		return t
	}
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
				c, err := open(t, s, Options{Timeouts: short(verb)})
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
				if d := time.Since(begin); d > time.Minute { // the patience with others begins at two
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
