package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"

	"posthouse/internal/clock"
	"posthouse/internal/config"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/mail/login"
	"posthouse/internal/mailstore"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/secret"
	"posthouse/internal/srs"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
)

// platform is what both the server and the commands need: the stores and the core.
type platform struct {
	cfg    *config.Config
	log    *slog.Logger
	clock  clock.Clock
	db     *sqldb.DB
	blobs  *blob.Local
	mail   *mailstore.Store
	rows   *store.Store
	hasher *login.Hasher
	core   *provision.Service

	srs       *srs.Rewriter
	cursorKey []byte // of the native API's lists

	links *secret.Links // of legal exports

	invoiceLinks *secret.Links
	listening    func() []string // a server's own HTTP addresses; nil in a command
}

// traceBytes is what the platform may add in front of a message that a door has
// taken: Return-Path, Received, signatures.
const traceBytes = 64 << 10

// role says what a process does with the mail store's files.
type role int

const (
	serving  role = iota // owns them: appends, compacts, indexes
	visiting             // a command beside a server: reads them only
)

// openPlatform opens the stores; hooks are what runs after commits (store.With...Hook).
func openPlatform(ctx context.Context, cfg *config.Config, as role, log *slog.Logger, hooks ...store.Option) (_ *platform, err error) {
	p := &platform{cfg: cfg, log: log, clock: clock.System()}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, err
	}
	if p.db, err = sqldb.Open(ctx, sqldb.Config{Engine: cfg.Store.Engine, DSN: cfg.Store.DSN, Path: cfg.Path("posthouse.db"), Log: log}); err != nil {
		return nil, err
	}
	if err := p.db.Migrate(ctx); err != nil {
		return nil, err
	}
	if p.blobs, err = blob.OpenLocal(blob.LocalConfig{Dir: cfg.Path("mail"), ReadOnly: as == visiting}); err != nil {
		return nil, err
	}
	keyFile := cfg.Store.MasterKey
	if keyFile == "" {
		keyFile = cfg.Path("master.key")
	}
	keys, err := keyring.Open(keyFile, rand.Reader)
	if err != nil {
		return nil, err
	}
	mailCfg := mailstore.Config{DB: p.db, Blobs: p.blobs, Keys: keys, Clock: p.clock, Rand: rand.Reader, Log: log, MaxSize: cfg.SMTP.MaxMessageBytes + traceBytes}
	if as == visiting {
		mailCfg.Background, mailCfg.IndexDelay = -1, -1
	}
	if p.mail, err = mailstore.Open(ctx, mailCfg); err != nil {
		return nil, err
	}
	sealing, err := keys.Derive("provision.sealing")
	if err != nil {
		return nil, err
	}
	cursors, err := keys.Derive("native.cursors")
	if err != nil {
		return nil, err
	}
	p.cursorKey = cursors[:]
	senders, err := keys.Derive("mail.srs")
	if err != nil {
		return nil, err
	}
	p.srs = srs.New(cfg.ForwardDomain(), senders[:])
	p.hasher = login.NewHasher(login.HasherConfig{Clock: p.clock, Random: rand.Reader, Parallel: cfg.Login.HashParallel,
		Params: login.Params{MemoryKiB: uint32(cfg.Login.HashMemoryKiB), Iterations: uint32(cfg.Login.HashTime), Parallelism: 1}})
	p.rows = store.New(p.db, p.mail, append([]store.Option{store.WithClock(p.clock)}, hooks...)...)
	brand, err := cfg.PlatformBrand()
	if err != nil {
		return nil, err
	}
	webhooks, _, err := webhookPolicy(cfg)
	if err != nil {
		return nil, err
	}
	if p.invoiceLinks, err = p.newInvoiceLinks(keys); err != nil {
		return nil, err
	}
	if p.links, err = p.exportLinks(keys); err != nil {
		return nil, err
	}
	checker, err := dnsChecker(cfg, p.clock)
	if err != nil && as == serving { // a command without a resolver can do all but look up
		return nil, err
	}
	p.core, err = provision.New(work.Config{Store: p.rows, Hasher: p.hasher, SealingKey: sealing[:], Clock: p.clock,
		Random: rand.Reader, Catalogue: cfg.Catalogue(), Brand: brand, Webhooks: webhooks, DNS: checker, OwnHosts: cfg.OwnHosts(brand),
		Settings: work.Settings{PlainURLs: cfg.Mode == config.Development}})
	return p, err
}

// close releases everything, the last opened first.
func (p *platform) close() error {
	var errs []error
	if p.mail != nil {
		errs = append(errs, p.mail.Close())
	}
	if p.blobs != nil {
		errs = append(errs, p.blobs.Close())
	}
	if p.db != nil {
		errs = append(errs, p.db.Close())
	}
	return errors.Join(errs...)
}

// withPlatform runs a command on the stores, beside a server or without one.
func (c *cli) withPlatform(ctx context.Context, out *output, fn func(*platform) error) (err error) {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(out.errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
	p, err := openPlatform(ctx, cfg, visiting, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	return fn(p)
}

// operator is who runs the command line.
func operator() audit.Actor {
	return audit.Actor{Role: suspension.RoleTitanSupport, Name: "cli"}
}
