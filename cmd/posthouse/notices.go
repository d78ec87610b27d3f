package main

import (
	"crypto/rand"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"

	"posthouse/internal/config"
	"posthouse/internal/mail/notices"
	"posthouse/internal/mailaddr"
)

// outbox makes the worker that writes the platform's own mails. The queue must exist.
func (n *node) outbox() error {
	var over fs.FS
	if dir := n.cfg.Notices.Templates; dir != "" {
		if st, err := os.Stat(dir); err != nil || !st.IsDir() {
			return fmt.Errorf("config: notices.templates: no folder %s", dir)
		}
		over = os.DirFS(dir)
	}
	from := n.cfg.Brand.SenderEmail
	if from == "" {
		from = "no-reply@" + n.cfg.Hostname
	}
	sender, err := mailaddr.Parse(from)
	if err != nil {
		return fmt.Errorf("config: brand.sender_email: %w", err)
	}
	n.notices, err = notices.New(notices.Config{DB: n.db, Wrap: n.rows.Wrap, Core: n.core, Queue: n.queue, Mailboxes: n.mail, Sender: sender,
		BaseURL: n.baseURL, Templates: over, Clock: n.clock, Random: rand.Reader, Log: n.log.With("part", "notices"), Registerer: n.metrics})
	if err != nil {
		return err
	}
	wake := n.notices.Notify
	n.noticeHook.Store(&wake)
	return nil
}

// baseURL is where the pages are when no brand says so.
func (n *node) baseURL() string {
	if bound := n.net.bound["http"]; n.cfg.Mode == config.Development && len(bound) > 0 {
		ap, err := netip.ParseAddrPort(bound[0])
		if err == nil && ap.Addr().IsUnspecified() {
			_, port, _ := net.SplitHostPort(bound[0])
			return "http://" + net.JoinHostPort(n.cfg.Hostname, port)
		}
		return "http://" + bound[0]
	}
	return "https://" + n.cfg.Hostname
}

// noticeWritten wakes the outbox's worker after a commit; it may come before
// there is one.
func (n *node) noticeWritten() {
	if wake := n.noticeHook.Load(); wake != nil {
		(*wake)()
	}
}
