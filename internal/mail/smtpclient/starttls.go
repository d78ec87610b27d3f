package smtpclient

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
)

var (
	errNoStartTLS = errors.New("STARTTLS is required but not offered")
	errInjected   = errors.New("octets behind the STARTTLS reply")
)

// startTLS upgrades the session as the mode says (RFC 3207).
func (c *Conn) startTLS(ctx context.Context) error {
	switch c.opt.Mode {
	case TLSNone, TLSImplicit:
		return nil
	case TLSOpportunistic:
		if !c.ext.STARTTLS {
			return nil
		}
	case TLSRequired:
		if !c.ext.STARTTLS {
			return &Error{Stage: StageTLS, Err: errNoStartTLS}
		}
	}
	r, err := c.command(ctx, c.opt.Timeouts.Command, "STARTTLS")
	if err != nil {
		return &Error{Stage: StageTLS, Err: err, TLS: true}
	}
	if r.Code != 220 {
		if c.opt.Mode == TLSOpportunistic && !c.broken {
			return nil // RFC 3207 section 4: the client decides; mail without TLS is what was offered before
		}
		return &Error{Stage: StageTLS, Reply: r, TLS: true}
	}
	// What arrived in the clear behind the 220 was not protected by what follows.
	if c.br.Buffered() > 0 {
		return &Error{Stage: StageTLS, Err: errInjected, TLS: true}
	}
	if err := c.handshake(ctx); err != nil {
		return err
	}
	return c.hello(ctx) // RFC 3207 section 4.2: forget what was learnt before
}

func (c *Conn) handshake(ctx context.Context) error {
	cfg := c.opt.TLS.Clone()
	if cfg == nil {
		cfg = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if cfg.ServerName == "" {
		cfg.ServerName = c.opt.Host
	}
	if c.opt.Mode == TLSOpportunistic {
		// Any encryption beats none where none would be accepted too (RFC 7435 section 3).
		cfg.InsecureSkipVerify = true
	}
	if err := c.deadline(ctx, c.opt.Timeouts.Handshake); err != nil {
		return &Error{Stage: StageTLS, Err: err}
	}
	tc := tls.Client(c.nc, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		if ctx.Err() != nil {
			return &Error{Stage: StageTLS, Err: ctx.Err()}
		}
		return &Error{Stage: StageTLS, Err: err, TLS: true}
	}
	state := tc.ConnectionState()
	c.nc, c.br, c.tls = tc, bufio.NewReaderSize(tc, 4096), &state
	return nil
}
