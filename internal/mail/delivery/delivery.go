// Package delivery is the way in for mail from outside: it says who a recipient
// is and puts an accepted message into the mailboxes.
//
// Deliver is all or nothing: when it returns nil every recipient has the message
// on stable storage, once; when it returns an error nobody has it. So the door
// may answer for all recipients at once, and a client that tries again makes no
// second copy for some of them. Members of a forwarder whose mailboxes are full
// have it in the queue, which tries until there is room.
package delivery

import (
	"context"
	"io"
	"log/slog"

	"posthouse/internal/clock"
	"posthouse/internal/core/routing"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// Directory is what delivery asks the core; *provision.Service is one.
type Directory interface {
	ResolveRecipient(ctx context.Context, local, domain string) (*routing.Recipient, error)
}

// Mailstore is what delivery needs of *mailstore.Store.
type Mailstore interface {
	Put(ctx context.Context, r io.Reader) (*mailstore.Stored, error)
	DeliverTx(ctx context.Context, tx *sqldb.Tx, stored *mailstore.Stored, to []mailstore.Target) ([]mailstore.Delivered, error)
	LockTx(ctx context.Context, tx *sqldb.Tx, accountIDs []int64) error
	Usages(ctx context.Context, accountIDs []int64) (map[int64]mailstore.Usage, error)
}

// Queue takes what can't be put into a mailbox now; *queue.Queue is one.
type Queue interface {
	// PostmasterTx takes mail to a bare <postmaster>.
	PostmasterTx(ctx context.Context, tx *sqldb.Tx, p queue.Postmaster) error
	// ForwardSender gives the sender that forwarding has rewritten to an address
	// for which IsForwardSender is true.
	IsForwardSender(a mailaddr.Address) bool
	ForwardSender(ctx context.Context, a mailaddr.Address) (mailaddr.Address, error)
	// BounceTx relays what comes to such an address.
	BounceTx(ctx context.Context, tx *sqldb.Tx, b queue.Bounce) error
	// ForwardTx sends prepared copies to addresses elsewhere.
	PrepareForward(ctx context.Context, f queue.Forward, content io.Reader) (*queue.PreparedForward, error)
	ForwardTx(ctx context.Context, tx *sqldb.Tx, p *queue.PreparedForward) error
	NoteForwardedTx(ctx context.Context, tx *sqldb.Tx, root string, accounts []int64) error
	// ReplyTx sends prepared automatic replies.
	PrepareReplies(ctx context.Context, a queue.Answered) []*queue.PreparedReply
	ReplyTx(ctx context.Context, tx *sqldb.Tx, p *queue.PreparedReply) error
	// KeepTx takes mail to members of a forwarder who have no room for it.
	KeepTx(ctx context.Context, tx *sqldb.Tx, k queue.Kept) error
}

// Config of a Service. All but Clock and Log are needed.
type Config struct {
	DB        *sqldb.DB
	Mail      Mailstore
	Directory Directory
	Queue     Queue
	Clock     clock.Clock  // the system's
	Log       *slog.Logger // none
}

// Service resolves and delivers. It is safe for concurrent use.
type Service struct {
	db    *sqldb.DB
	mail  Mailstore
	dir   Directory
	queue Queue
	clock clock.Clock
	log   *slog.Logger
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{db: cfg.DB, mail: cfg.Mail, dir: cfg.Directory, queue: cfg.Queue, clock: cfg.Clock, log: cfg.Log}
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
	Via        routing.Via      // how it leads to the accounts
	Accounts   []int64          // each once; several for a forwarder, none for the postmaster
	Forwarded  []int64          // accounts that a mailbox forwards to
	Outside    []string         // addresses elsewhere that get a copy
	Origin     string           // what the address is called itself, by which a loop is known
	Responds   []int64          // of the accounts: whose autoresponder is in force
	OrderID    int64
	PartnerID  int64
	Sandbox    bool // the partner is one
	Postmaster bool // bare <postmaster>: the operator's

	// Bounced is who gets a bounce to a sender that forwarding has rewritten.
	// Such an address takes mail from the null sender alone.
	Bounced mailaddr.Address
}
