// Package delivery is the way in for mail from outside: it says who a recipient
// is and puts an accepted message into the mailboxes.
//
// Deliver is all or nothing: when it returns nil every recipient has the message
// on stable storage, once; when it returns an error nobody has it. So the door
// may answer for all recipients at once, and a client that tries again makes no
// second copy for some of them.
package delivery

import (
	"context"
	"io"
	"log/slog"

	"posthouse/internal/clock"
	"posthouse/internal/core/provision"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// Directory is what delivery asks the core; *provision.Service is one.
type Directory interface {
	ResolveRecipient(ctx context.Context, local, domain string) (*provision.Recipient, error)
}

// Mailstore is what delivery needs of *mailstore.Store.
type Mailstore interface {
	Put(ctx context.Context, r io.Reader) (*mailstore.Stored, error)
	DeliverTx(ctx context.Context, tx *sqldb.Tx, stored *mailstore.Stored, to []mailstore.Target) ([]mailstore.Delivered, error)
	Usage(ctx context.Context, accountID int64) (mailstore.Usage, error)
}

// Postmaster takes mail to a bare <postmaster>; *queue.Queue is one.
type Postmaster interface {
	PostmasterTx(ctx context.Context, tx *sqldb.Tx, p queue.Postmaster) error
}

// Config of a Service. All but Clock and Log are needed.
type Config struct {
	DB         *sqldb.DB
	Mail       Mailstore
	Directory  Directory
	Postmaster Postmaster
	Clock      clock.Clock  // the system's
	Log        *slog.Logger // none
}

// Service resolves and delivers. It is safe for concurrent use.
type Service struct {
	db    *sqldb.DB
	mail  Mailstore
	dir   Directory
	post  Postmaster
	clock clock.Clock
	log   *slog.Logger
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{db: cfg.DB, mail: cfg.Mail, dir: cfg.Directory, post: cfg.Postmaster, clock: cfg.Clock, log: cfg.Log}
	if s.clock == nil {
		s.clock = clock.System()
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Recipient is a resolved address.
type Recipient struct {
	Address    mailaddr.Address // as it was asked for
	AccountID  int64            // 0 for the postmaster
	OrderID    int64
	PartnerID  int64
	Postmaster bool // bare <postmaster>: the operator's
}
