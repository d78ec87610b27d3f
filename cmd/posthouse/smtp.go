package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"os"

	"posthouse/internal/door/imapd"
	"posthouse/internal/door/smtpd"
	"posthouse/internal/mail/delivery"
	"posthouse/internal/mail/spool"
)

// spoolMemory is how much of one incoming message stays in memory.
const spoolMemory = 256 << 10

// newSpool makes the place of one incoming message; large ones go to unnamed files.
func (n *node) newSpool() (smtpd.Spool, error) {
	return spool.New(n.cfg.Path("spool"), spoolMemory), nil
}

// smtpConfig is what the MX, submission and the sink share.
func (n *node) smtpConfig(getTLS func() *tls.Config, metrics *smtpd.Metrics, limit *smtpd.ConnLimit) smtpd.Config {
	return smtpd.Config{Hostname: n.cfg.Hostname, TLS: getTLS, Connections: limit, Clock: n.clock, Random: rand.Reader,
		Log: n.log.With("part", "smtp"), Metrics: metrics, Limits: smtpd.Limits{MessageBytes: n.cfg.SMTP.MaxMessageBytes}}
}

func (n *node) smtp(ctx context.Context, getTLS func() *tls.Config) error {
	if err := os.MkdirAll(n.cfg.Path("spool"), 0o700); err != nil {
		return err
	}
	metrics, err := smtpd.NewMetrics(n.metrics)
	if err != nil {
		return err
	}
	cfg := n.smtpConfig(getTLS, metrics, smtpd.NewConnLimit(n.cfg.SMTP.MaxConnections, n.cfg.SMTP.MaxConnectionsPerHost))
	mx, err := smtpd.NewMX(smtpd.MXConfig{Config: cfg, Spool: n.newSpool, Mailboxes: delivery.New(delivery.Config{
		DB: n.db, Mail: n.mail, Directory: n.core, Queue: n.queue, Clock: n.clock, Log: n.log.With("part", "delivery")})})
	if err != nil {
		return err
	}
	submission, err := smtpd.NewSubmission(smtpd.SubmissionConfig{Config: cfg, Spool: n.newSpool, Login: n.login, Senders: n.core, Queue: n.queue})
	if err != nil {
		return err
	}
	if err := n.sink(ctx, cfg); err != nil {
		return err
	}
	return errors.Join(
		n.net.add(ctx, "mx", n.cfg.SMTP.MX, mx.Serve, mx.Shutdown),
		n.net.add(ctx, "submission", n.cfg.SMTP.Submission, submission.Serve, submission.Shutdown),
		n.net.add(ctx, "submissions", n.cfg.SMTP.Submissions, submission.ServeTLS, submission.Shutdown))
}

func serveIMAP(srv *imapd.Server, mode imapd.Mode) func(net.Listener) error {
	return func(l net.Listener) error {
		if err := srv.Serve(l, mode); !errors.Is(err, imapd.ErrServerClosed) {
			return err
		}
		return nil
	}
}
