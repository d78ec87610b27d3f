package smtpd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"

	"posthouse/internal/fault"
	"posthouse/internal/mail/login"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailaddr"
)

// Authenticator checks passwords; *login.Service is one.
type Authenticator interface {
	Login(ctx context.Context, a login.Attempt) (*login.Session, error)
}

// Senders tells which addresses an account may send as; *provision.Service is one.
type Senders interface {
	SenderAddresses(ctx context.Context, accountID int64) ([]string, error)
}

// Submitter takes messages over; *queue.Queue is one.
type Submitter interface {
	Submit(ctx context.Context, s queue.Submission) error
}

// SubmissionConfig is what submission needs beyond Config.
type SubmissionConfig struct {
	Config
	Login   Authenticator
	Senders Senders
	Queue   Submitter
	Spool   func() (Spool, error)
}

// NewSubmission makes the server for ports 587 (Serve) and 465 (ServeTLS).
func NewSubmission(cfg SubmissionConfig) (*Server, error) {
	c, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	if cfg.Login == nil || cfg.Senders == nil || cfg.Queue == nil || cfg.Spool == nil {
		return nil, errors.New("smtpd: submission needs login, senders, queue and spool")
	}
	return newServer(c, &submission{cfg: cfg}), nil
}

// submission is the face that mailbox users meet (RFC 6409).
type submission struct {
	cfg SubmissionConfig
}

func (f *submission) name() string     { return "submission" }
func (f *submission) offersAuth() bool { return true }
func (f *submission) offersDSN() bool  { return true }

func (f *submission) spool() (Spool, error) { return f.cfg.Spool() }

func (f *submission) logIn(ctx context.Context, email, password string, remote netip.Addr) (*principal, error) {
	s, err := f.cfg.Login.Login(ctx, login.Attempt{Email: email, Password: password, Remote: remote, Protocol: f.name()})
	if err != nil {
		return nil, err
	}
	return &principal{account: s.AccountID, revoked: s.Revoked(), close: s.Close, session: s}, nil
}

var replyForeignSender = &reply{550, "5.7.1", "The sender must be an address of your account"}

// sender takes own addresses, and the null reverse-path, with which programs
// send read receipts (RFC 8098 section 3): the From field is judged all the same.
func (f *submission) sender(ctx context.Context, s *session, m *mailCommand) *reply {
	own, err := f.ownAddresses(ctx, s.login.account)
	if err != nil {
		s.log(slog.LevelWarn, "own addresses", slog.Any("error", err))
		return replyOf(err)
	}
	s.tx.own = own
	if !m.from.IsZero() && !allOwn([]mailaddr.Address{m.from}, own) {
		return replyForeignSender
	}
	return nil
}

func (f *submission) ownAddresses(ctx context.Context, accountID int64) ([]mailaddr.Address, error) {
	texts, err := f.cfg.Senders.SenderAddresses(ctx, accountID)
	if err != nil {
		return nil, err
	}
	own := make([]mailaddr.Address, len(texts))
	for i, text := range texts {
		if own[i], err = mailaddr.Parse(text, mailaddr.AllowUTF8); err != nil {
			return nil, fault.Wrap(err)
		}
	}
	if len(own) == 0 {
		return nil, fault.New(fault.Forbidden, "This account may not send mail")
	}
	return own, nil
}

// recipient takes anyone: where mail can't go, the queue says so with a DSN.
func (f *submission) recipient(_ context.Context, _ *session, r *rcptCommand) (recipient, *reply) {
	return recipient{address: r.to, notify: r.notify, orcpt: r.orcpt}, nil
}

// header writes our Received field without the client's name and address: where
// somebody is when they write is nobody's business. The session's id in the log
// leads from the field's id to both.
func (f *submission) header(s *session, header []byte, w io.Writer) (*reply, error) {
	h, bad := inspectSubmitted(header)
	if bad == nil {
		bad = h.authorMayBe(s.tx.own)
	}
	if bad != nil {
		return bad, nil
	}
	domain := s.tx.own[0].Domain
	trace := s.appendReceived(make([]byte, 0, 256), false)
	return nil, h.writeSubmitted(w, trace, header, s.now().Format(dateTime), s.tx.id+"@"+domain)
}

func (f *submission) accept(ctx context.Context, s *session) error {
	who, ok := s.login.session.(*login.Session)
	if !ok {
		return fault.Wrap(errors.New("smtpd: no log-in"))
	}
	to := make([]queue.Recipient, len(s.tx.recipients))
	for i, r := range s.tx.recipients {
		to[i] = queue.Recipient{Address: r.address, Notify: r.notify, ORcpt: r.orcpt}
	}
	return f.cfg.Queue.Submit(ctx, queue.Submission{
		ID: s.tx.id, Sender: who, ReversePath: s.tx.mail.from, Recipients: to, Ret: s.tx.mail.ret,
		EnvID: s.tx.mail.envID, SMTPUTF8: s.tx.mail.smtpUTF8, Content: s.content.spool,
	})
}
