package smtpclient

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"

	"posthouse/internal/mail/smtptest"
)

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
