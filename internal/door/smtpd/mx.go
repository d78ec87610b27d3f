package smtpd

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mail/delivery"
	"posthouse/internal/mailaddr"
)

// Mailboxes is the way in for mail from outside; *delivery.Service is one.
type Mailboxes interface {
	// ResolveSize says who gets mail to addr; size is what MAIL told, 0 = nothing.
	ResolveSize(ctx context.Context, addr mailaddr.Address, size int64) (*delivery.Recipient, error)
	// Room is the first fault of a recipient whose mailbox has no room for size octets.
	Room(ctx context.Context, recipients []*delivery.Recipient, size int64) error
	// Deliver delivers to all recipients durably, or fails and delivers to none.
	Deliver(ctx context.Context, t delivery.Transaction) error
}

// MXConfig is what the MX needs beyond Config.
type MXConfig struct {
	Config
	Mailboxes Mailboxes
	Spool     func() (Spool, error)
}

// NewMX makes the server for port 25.
func NewMX(cfg MXConfig) (*Server, error) {
	c, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	if cfg.Mailboxes == nil || cfg.Spool == nil {
		return nil, errors.New("smtpd: the MX needs mailboxes and spool")
	}
	return newServer(c, &mx{cfg: cfg}), nil
}

// mx is the face that the world meets: anybody may send to mailboxes here, and
// nobody to anywhere else.
type mx struct {
	cfg MXConfig
}

func (f *mx) name() string     { return "mx" }
func (f *mx) offersAuth() bool { return false }

// offersDSN is false: what a sender wants to know (RFC 3461), the relay before
// us tells, as we are the end of the way (section 5.2.2).
func (f *mx) offersDSN() bool { return false }

func (f *mx) spool() (Spool, error) { return f.cfg.Spool() }

func (f *mx) logIn(context.Context, string, string, netip.Addr) (*principal, error) {
	return nil, fault.New(fault.Unauthenticated, "There is no log-in here")
}

func (f *mx) sender(context.Context, *session, *mailCommand) *reply { return nil }

func (f *mx) recipient(ctx context.Context, s *session, r *rcptCommand) (recipient, *reply) {
	box, err := f.cfg.Mailboxes.ResolveSize(ctx, r.to, s.tx.mail.size)
	if err != nil && f.postmaster(r.to, err) {
		box, err = f.cfg.Mailboxes.ResolveSize(ctx, mailaddr.Address{Local: "postmaster"}, s.tx.mail.size)
	}
	if err != nil {
		return recipient{}, replyOf(err)
	}
	if !box.Bounced.IsZero() && !s.tx.mail.from.IsZero() {
		return recipient{}, replyBouncesOnly
	}
	return recipient{address: r.to, mailbox: box}, nil
}

// postmaster reports whether err, which is about a, must not be the last word:
// postmaster exists at this host and at every domain served (RFC 5321 section
// 4.5.1), and is the operator where a domain has no such mailbox.
func (f *mx) postmaster(a mailaddr.Address, err error) bool {
	if !strings.EqualFold(a.Local, "postmaster") {
		return false
	}
	switch fault.Of(err).Reason {
	case "NO_SUCH_MAILBOX":
		return true
	case "NO_SUCH_DOMAIN":
		return strings.EqualFold(a.Domain, f.cfg.Hostname)
	}
	return false
}

// header keeps the header as it is, since content is the sender's, but for what
// is said in our name. Trace fields go in front of it at delivery, so that a message must not begin with what would
// continue ours.
func (f *mx) header(_ *session, header []byte, w io.Writer) (*reply, error) {
	if len(header) > 0 && (header[0] == ' ' || header[0] == '\t') {
		return replyHeaderSyntax, nil
	}
	return nil, writeForeign(w, header, f.cfg.Hostname)
}

func (f *mx) accept(ctx context.Context, s *session) error {
	to := make([]*delivery.Recipient, len(s.tx.recipients))
	for i := range s.tx.recipients {
		to[i] = s.tx.recipients[i].mailbox
	}
	// A lone mailbox without room for what is larger than told refuses it. Of
	// several, one must not keep the message from the others for days: DATA has
	// one reply for all, so it takes this last one.
	if len(to) == 1 && s.content.size > s.tx.mail.size {
		if err := f.cfg.Mailboxes.Room(ctx, to, s.content.size); err != nil {
			return err
		}
	}
	err := f.cfg.Mailboxes.Deliver(ctx, delivery.Transaction{
		ID: s.tx.id, ReversePath: s.tx.mail.from, Recipients: to, Content: s.content.spool,
		Trace: s.appendReceived(make([]byte, 0, 384), true),
	})
	if err == nil {
		return nil
	}
	switch fault.Of(err).Code {
	case fault.NotFound, fault.AccountNotFound, fault.OrderNotFound:
		// A mailbox has gone since RCPT. The client shall ask again: at RCPT each
		// recipient has an answer of its own.
		return fault.Unavail("A recipient has gone", err)
	}
	return err
}
