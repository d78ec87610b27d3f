package queue

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/clock"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/routing"
	"posthouse/internal/fault"
	"posthouse/internal/mail/smtpclient"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/srs"
	"posthouse/internal/store/sqldb"
)

// Mailstore is what the queue needs of *mailstore.Store.
type Mailstore interface {
	Put(ctx context.Context, r io.Reader) (*mailstore.Stored, error)
	HoldTx(ctx context.Context, tx *sqldb.Tx, stored *mailstore.Stored) (messageID int64, err error)
	HoldAgainTx(ctx context.Context, tx *sqldb.Tx, messageID int64) error
	ReleaseTx(ctx context.Context, tx *sqldb.Tx, messageID int64) error
	DeliverHeldTx(ctx context.Context, tx *sqldb.Tx, messageID int64, to []mailstore.Target) ([]mailstore.Delivered, error)
	DeliverTx(ctx context.Context, tx *sqldb.Tx, stored *mailstore.Stored, to []mailstore.Target) ([]mailstore.Delivered, error)
	LockTx(ctx context.Context, tx *sqldb.Tx, accountIDs []int64) error
	Usages(ctx context.Context, accountIDs []int64) (map[int64]mailstore.Usage, error)
	Open(ctx context.Context, accountID, messageID int64) (*mailstore.Content, error)
}

// Directory is what the queue asks the core; *provision.Service is one.
type Directory interface {
	ResolveRecipient(ctx context.Context, local, domain string) (*routing.Recipient, error)
	DomainRouting(ctx context.Context, domain string) (*routing.Routing, error)
	Sender(ctx context.Context, accountID int64) (*routing.Sender, error)
	EnsureDKIMKeys(ctx context.Context, domain string) ([]dnssetup.DKIMSigner, error)
	PartnerTime(ctx context.Context, partnerID int64) (time.Time, error)
	MayForward(ctx context.Context, orderID int64) (bool, error)
	Responders(ctx context.Context, accountIDs []int64) ([]*routing.Responder, error)
}

// Dialer opens connections; *net.Dialer is one.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Config of a Queue. DB, Mail, Directory, Resolver and Hostname are needed; the
// zero value of everything else takes the default named.
type Config struct {
	DB        *sqldb.DB // migrated
	Mail      Mailstore
	Directory Directory
	Resolver  Resolver
	Hostname  string // in EHLO, in DSNs, and one of LocalNames

	Dialer     Dialer      // net.Dialer
	Clock      clock.Clock // of retries, expiry and leases; network deadlines obey the system's
	Random     io.Reader   // crypto/rand: jitter, MX order, ids
	Log        *slog.Logger
	Registerer prometheus.Registerer // nil = no metrics are exported
	TLS        *tls.Config           // of outgoing sessions
	Timeouts   smtpclient.Timeouts

	LocalNames     []string          // further host names by which MX records mean us
	LocalAddresses []netip.Addr      // addresses by which they do; loopback always does unless Loopback is set
	Loopback       bool              // loopback addresses are hosts like any other (tests)
	Routes         map[string]string // domain or "*" to "host:port [none|may|starttls|tls]": see ParseRoute
	SandboxSink    string            // host:port that gets what sandbox partners send to foreign domains; "" = it is captured only
	SRS            *srs.Rewriter     // of senders of what is forwarded; nil = to Hostname, by a key that ends with the process
	Postmaster     mailaddr.Address  // gets mail to a bare <postmaster>; zero = held for the operator
	Port           int               // of MX hosts; 25

	Lifetime       time.Duration // until a message expires; 5 days
	DelayWarning   time.Duration // 4 h
	Keep           time.Duration // finished messages stay visible to the operator; 3 days
	Concurrency    int           // deliveries at one time; 100
	PerDestination int           // to one domain at one time; 10
	BatchSize      int           // recipients in one transaction; 100 (RFC 5321 section 4.5.3.1.8)
	Lease          time.Duration // 2 min
	Poll           time.Duration // for what other processes do: 1 s on PostgreSQL (other nodes), 2 s on SQLite (the command line)
	Grace          time.Duration // for deliveries under way when Run ends; 20 s
	Connect        time.Duration // to open a connection; 30 s
	Attempt        time.Duration // one attempt at all hosts of a destination; 1 h
}

func (cfg Config) filled() Config {
	if cfg.Dialer == nil {
		cfg.Dialer = &net.Dialer{}
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Poll == 0 {
		cfg.Poll = 2 * time.Second
		if cfg.DB.Engine() == sqldb.Postgres {
			cfg.Poll = time.Second
		}
	}
	def(&cfg.Port, 25)
	def(&cfg.Lifetime, 5*24*time.Hour)
	def(&cfg.DelayWarning, 4*time.Hour)
	def(&cfg.Keep, 3*24*time.Hour)
	def(&cfg.Concurrency, 100)
	def(&cfg.PerDestination, 10)
	def(&cfg.BatchSize, 100)
	def(&cfg.Lease, 2*time.Minute)
	def(&cfg.Grace, 20*time.Second)
	def(&cfg.Connect, 30*time.Second)
	def(&cfg.Attempt, time.Hour)
	return cfg
}

func def[T int | time.Duration](v *T, otherwise T) {
	if *v <= 0 {
		*v = otherwise
	}
}

// Queue is the outbound queue. It is safe for concurrent use. Submit works
// whether or not Run runs.
type Queue struct {
	cfg      Config
	db       *sqldb.DB
	mail     Mailstore
	dir      Directory
	clock    clock.Clock
	log      *slog.Logger
	schedule schedule
	metrics  *metrics
	names    map[string]bool     // our host names
	addrs    map[netip.Addr]bool // our addresses
	routes   map[string]hop
	sink     *hop
	srs      *srs.Rewriter
	signers  signerCache
	node     string // prefix of lease owners, unique per process

	wake chan struct{} // something may be due

	mu     sync.Mutex
	random io.Reader // under mu
	walk   walk      // under mu
	active map[string]*batch
	busy   map[string]int // sessions per domain
	seq    uint64
}

// New makes a Queue over a migrated database.
func New(cfg Config) (*Queue, error) {
	cfg = cfg.filled()
	q := &Queue{
		cfg: cfg, db: cfg.DB, mail: cfg.Mail, dir: cfg.Directory, clock: cfg.Clock, log: cfg.Log,
		schedule: schedule{delay: cfg.DelayWarning},
		names:    map[string]bool{hostName(cfg.Hostname): true}, addrs: map[netip.Addr]bool{},
		routes: map[string]hop{}, wake: make(chan struct{}, 1), random: cfg.Random,
		walk: newWalk(), active: map[string]*batch{}, busy: map[string]int{},
	}
	for _, n := range cfg.LocalNames {
		q.names[hostName(n)] = true
	}
	for _, a := range cfg.LocalAddresses {
		q.addrs[a.Unmap()] = true
	}
	for domain, text := range cfg.Routes {
		h, err := ParseRoute(text)
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "The route of %s: %s", domain, fault.Of(err).Text)
		}
		q.routes[strings.ToLower(domain)] = h.hop
	}
	if cfg.SandboxSink != "" {
		h, err := ParseRoute(cfg.SandboxSink)
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "The sandbox sink: %s", fault.Of(err).Text)
		}
		q.sink = &h.hop
	}
	node, err := q.token()
	if err != nil {
		return nil, err
	}
	q.node = node
	if q.srs = cfg.SRS; q.srs == nil {
		key, err := q.token()
		if err != nil {
			return nil, err
		}
		q.srs = srs.New(hostName(cfg.Hostname), []byte(key))
	}
	if q.metrics, err = newMetrics(cfg.Registerer); err != nil {
		return nil, fault.Wrap(err)
	}
	return q, nil
}

// token is 128 random bits in hex.
func (q *Queue) token() (string, error) {
	var b [16]byte
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, err := io.ReadFull(q.random, b[:]); err != nil {
		return "", fault.Wrap(err)
	}
	return hex.EncodeToString(b[:]), nil
}

// fraction is a random number in [0, 1); without randomness it is 0, which
// costs nothing but spread.
func (q *Queue) fraction() float64 {
	var b [4]byte
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, err := io.ReadFull(q.random, b[:]); err != nil {
		return 0
	}
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	return float64(n) / (1 << 32)
}

// Wake makes the scheduler look for due work. It never blocks.
func (q *Queue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func hostName(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
