package work

import (
	"context"
	"crypto/rand"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/webhook"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// Settings are the numbers that an operator may change. Zero values mean the
// defaults named.
type Settings struct {
	Retention          time.Duration // from deletion to purge; 30 days (T-13)
	ExpiryToSuspension time.Duration // from expiry to suspension of orders that the platform bills; 0
	ExpiryToDeletion   time.Duration // from expiry to their deletion; 7 days
	KeyOverlap         time.Duration // how long a rotated key stays valid; 24 hours
	LoginTokenLife     time.Duration // 5 minutes (T-43)
	PasswordTokenLife  time.Duration // 24 hours (operation 30)
	PanelIdle          time.Duration // how long a panel session lives unused; 2 hours
	PanelLife          time.Duration // and at most; 12 hours
	WebmailIdle        time.Duration // the same of webmail; 24 hours
	WebmailLife        time.Duration // 14 days
	CartLife           time.Duration // 7 days (T-24)
	AccessLogLife      time.Duration // how long Forget keeps the access log; 1 hour
	DKIMSelector       string        // "titan" (T-27); the Ed25519 key's is this and "-ed"
	DefaultCurrency    string        // of partners without one; USD
	PlainURLs          bool          // brands may name http pages: development only (T-46)
}

func (s Settings) withDefaults() Settings {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	const day = 24 * time.Hour
	def(&s.Retention, 30*day)
	def(&s.ExpiryToDeletion, 7*day)
	def(&s.KeyOverlap, day)
	def(&s.LoginTokenLife, 5*time.Minute)
	def(&s.PasswordTokenLife, day)
	def(&s.PanelIdle, 2*time.Hour)
	def(&s.PanelLife, 12*time.Hour)
	def(&s.WebmailIdle, day)
	def(&s.WebmailLife, 14*day)
	def(&s.CartLife, 7*day)
	def(&s.AccessLogLife, time.Hour)
	if s.DKIMSelector == "" {
		s.DKIMSelector = "titan"
	}
	if s.DefaultCurrency == "" {
		s.DefaultCurrency = "USD"
	}
	return s
}

// Config is what a Platform is built from.
type Config struct {
	Store      Store
	Hasher     PasswordHasher
	SealingKey []byte         // secret.SealKeyLen bytes; seals API and DKIM keys
	Clock      clock.Clock    // nil = the system's
	Random     io.Reader      // nil = crypto/rand
	Catalogue  plan.Catalogue // nil = plan.DefaultCatalogue()
	Settings   Settings
	Brand      brand.Brand // what partners that set nothing appear as
	Webhooks   webhook.Policy
	DNS        DNSChecker // nil = no domain can be checked
	OwnHosts   []string   // the platform's own host names: no order is made for them
	// Zone gives a named time zone; nil = time.LoadLocation.
	Zone func(name string) (*time.Location, error)
}

// Platform is what the parts' commands and queries run on: the store, and all that
// is given from outside. It holds nothing that a transaction could change and is
// safe for use by many goroutines. Its fields are set once, by NewPlatform.
type Platform struct {
	Store         Store
	Hasher        PasswordHasher
	Sealer        *secret.Sealer
	clock         clock.Clock
	Random        io.Reader
	Catalogue     plan.Catalogue
	Settings      Settings
	DefaultBrand  brand.Brand
	WebhookPolicy webhook.Policy
	DNSChecker    DNSChecker
	OwnHosts      map[string]bool
	Zone          func(name string) (*time.Location, error)

	sandboxes sync.Map // partner ID to whether it is a sandbox
	decoy     atomic.Pointer[string]
}

// NewPlatform makes a Platform; a store, a hasher and a sealing key must be given.
func NewPlatform(cfg Config) (*Platform, error) {
	if cfg.Store == nil || cfg.Hasher == nil {
		return nil, fault.New(fault.Invalid, "A store and a password hasher are needed")
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Zone == nil {
		cfg.Zone = time.LoadLocation
	}
	if cfg.Catalogue == nil {
		cfg.Catalogue = plan.DefaultCatalogue()
	}
	random := &sharedReader{r: cfg.Random}
	sealer, err := secret.NewSealer(cfg.SealingKey, random)
	if err != nil {
		return nil, err
	}
	return &Platform{
		Store: cfg.Store, Hasher: cfg.Hasher, Sealer: sealer, clock: cfg.Clock, Random: random,
		Catalogue: cfg.Catalogue, Settings: cfg.Settings.withDefaults(), DefaultBrand: cfg.Brand,
		WebhookPolicy: cfg.Webhooks, DNSChecker: cfg.DNS, OwnHosts: hostSet(cfg.OwnHosts), Zone: cfg.Zone,
	}, nil
}

// sharedReader lets many goroutines draw from one source.
type sharedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (s *sharedReader) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.r.Read(p)
}

// Now is the platform's time, in the precision that a store keeps.
func (p *Platform) Now() time.Time { return p.clock.Now().UTC().Truncate(time.Microsecond) }

// Read runs a query as one unit of work on a snapshot.
func (p *Platform) Read(ctx context.Context, actor audit.Actor, fn func(*Unit) error) error {
	if err := CheckActor(actor); err != nil {
		return err
	}
	now := p.Now()
	return p.Store.Read(ctx, func(tx Tx) error {
		u, err := p.newUnit(ctx, tx, actor, now)
		if err != nil {
			return err
		}
		if err := fn(u); err != nil {
			return err
		}
		return u.checkAdmitted()
	})
}

// Write runs a command as one transaction. fn may run again.
func (p *Platform) Write(ctx context.Context, actor audit.Actor, fn func(*Unit) error) error {
	if err := CheckActor(actor); err != nil {
		return err
	}
	now := p.Now()
	return p.Store.Write(ctx, func(tx Tx) error {
		u, err := p.newUnit(ctx, tx, actor, now)
		if err != nil {
			return err
		}
		if err := fn(u); err != nil {
			return err
		}
		if err := u.checkAdmitted(); err != nil {
			return err
		}
		if err := u.carriedOut(); err != nil {
			return err
		}
		return u.keepRecords()
	})
}

// CheckActor keeps a forgotten tenant from becoming the operator.
func CheckActor(a audit.Actor) error {
	if !a.Role.Known() || a.PartnerID < 0 {
		return fault.New(fault.Forbidden, "The caller has no role")
	}
	if a.PartnerID == 0 && !IsPlatform(a.Role) {
		return fault.New(fault.Forbidden, "The caller belongs to no partner")
	}
	return checkLimit(a)
}

// IsPlatform reports whether a role is the operator's or the platform's own.
func IsPlatform(r suspension.Role) bool {
	return r == suspension.RoleTitan || r == suspension.RoleTitanSupport
}

// CheckOperator is for what partners can't do at all.
func CheckOperator(a audit.Actor) error {
	if a.PartnerID != 0 || !IsPlatform(a.Role) {
		return fault.New(fault.Forbidden, "Only the operator may do this")
	}
	return nil
}

// AsPlatform is the actor of what the platform does for somebody who only now
// becomes known.
var AsPlatform = audit.Actor{Role: suspension.RoleTitan, Name: "platform"}

// MaxFound bounds what a support look-up gives.
const MaxFound = 1000

// Borrowed reports a caller who has less than the partner's key: a key with
// scopes, or a token, which would outlive its hour if it could have the key sent
// to itself.
func Borrowed(a audit.Actor) bool { return a.Limited || a.ViaToken }

// DNSChecker looks a domain's records up. given, when not nil, are the whole DNS.
type DNSChecker interface {
	Check(ctx context.Context, want dnsrecord.Expected, given []dnsrecord.Answer) (*dnsrecord.Found, error)
}
