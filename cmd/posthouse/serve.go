package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"posthouse/internal/config"
	"posthouse/internal/door/imapd"
	"posthouse/internal/door/ops"
	"posthouse/internal/door/titan"
	"posthouse/internal/export"
	"posthouse/internal/gate"
	"posthouse/internal/lifecycle"
	"posthouse/internal/mail/dnsres"
	"posthouse/internal/mail/login"
	"posthouse/internal/mail/notices"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailaddr"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/tlscert"
	"posthouse/internal/webhook"
)

type serveCmd struct {
	JSON bool `help:"Print one line of JSON when ready instead of the banner: the addresses and the sandbox partner's key."`
}

func (k *serveCmd) Run(ctx context.Context, c *cli, out *output) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	log := newLogger(cfg, out.errs)
	n, err := newNode(ctx, cfg, log)
	if err != nil {
		return err
	}
	if err := n.ready(ctx, out, k.JSON); err != nil {
		return errors.Join(err, n.close())
	}
	err = n.run(ctx)
	return errors.Join(err, n.close())
}

// node is one serving process.
type node struct {
	*platform
	metrics     *prometheus.Registry
	login       *login.Service
	queue       *queue.Queue
	notices     *notices.Service
	noticeHook  atomic.Pointer[func()]
	webhooks    *webhook.Dispatcher
	webhookHook webhookHook
	net         *listeners
	sandbox     *sandbox

	lifecycle *lifecycle.Runner
	exports   *export.Exporter

	sinkListeners []net.Listener
}

// newNode opens the stores, then every address, so that whatever is wrong ends
// the start before anything is served.
func newNode(ctx context.Context, cfg *config.Config, log *slog.Logger) (_ *node, err error) {
	n := &node{metrics: prometheus.NewRegistry(), net: &listeners{bound: map[string][]string{}}}
	if err := errors.Join(n.metrics.Register(collectors.NewGoCollector()),
		n.metrics.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			n.net.closeAll()
			err = errors.Join(err, n.close())
		}
	}()
	if n.platform, err = openPlatform(ctx, cfg, serving, log, store.WithAccessHook(n.accessChanged), store.WithDueHook(n.dueChanged),
		store.WithWebhookHook(n.webhookHook.notify), store.WithNoticeHook(n.noticeWritten)); err != nil {
		return nil, err
	}
	if err := n.services(); err != nil {
		return nil, err
	}
	if cfg.Mode == config.Development {
		if n.sandbox, err = ensureSandbox(ctx, n.core, cfg.BaseKit.Enabled); err != nil {
			return nil, err
		}
	}
	return n, n.doors(ctx)
}

// accessChanged wakes the sessions' watch after a commit; it may come before
// there is one.
func (n *node) accessChanged() {
	if n.login != nil {
		n.login.Notify()
	}
}

// services makes what the doors stand on.
func (n *node) services() (err error) {
	poll := time.Duration(0)
	if n.db.Engine() == sqldb.Postgres {
		poll = 400 * time.Millisecond // other nodes change access too
	}
	n.login, err = login.New(login.Config{Directory: n.core, Hasher: n.hasher, Clock: n.clock, Log: n.log.With("part", "login"),
		Registerer: n.metrics, Random: rand.Reader, Poll: poll})
	return err
}

// doors opens every address.
func (n *node) doors(ctx context.Context) error {
	cert, err := n.certificate()
	if err != nil {
		return err
	}
	tlsConfig := cert.Config()
	getTLS := func() *tls.Config { return tlsConfig }
	if n.cfg.Mode == config.Development {
		// Bound before the queue is made, which must know the sink's address.
		if n.sinkListeners, err = n.net.open(ctx, "sink", n.cfg.SMTP.Sink); err != nil {
			return err
		}
	}
	if err := n.movement(); err != nil {
		return err
	}
	if err := n.outbox(); err != nil {
		return err
	}
	if err := n.makeWebhooks(); err != nil {
		return err
	}
	if err := n.newExports(); err != nil {
		return err
	}
	if err := n.newLifecycle(); err != nil {
		return err
	}
	if err := n.web(ctx, tlsConfig); err != nil {
		return err
	}
	if err := n.smtp(ctx, getTLS); err != nil {
		return err
	}
	return n.imap(ctx, getTLS)
}

func (n *node) certificate() (*tlscert.Certificate, error) {
	log := n.log.With("part", "tls")
	if n.cfg.TLS.Certificate != "" {
		return tlscert.Load(n.cfg.TLS.Certificate, n.cfg.TLS.Key, n.clock, log)
	}
	return tlscert.LoadOrCreate(n.cfg.Path("tls"), n.cfg.Hostname, rand.Reader, n.clock, log)
}

// movement makes the outbound queue.
func (n *node) movement() error {
	o := n.cfg.Outbound
	resolver, err := dnsres.New(dnsres.Config{Servers: n.cfg.DNS.Servers, Clock: n.clock})
	if err != nil {
		return err
	}
	var addrs []netip.Addr
	for _, a := range o.LocalAddresses {
		addr, err := netip.ParseAddr(a)
		if err != nil {
			return err
		}
		addrs = append(addrs, addr)
	}
	sink := o.SandboxSink
	if own := n.net.bound["sink"]; sink == "" && len(own) > 0 {
		sink = own[0]
	}
	var postmaster mailaddr.Address
	if n.cfg.SMTP.Postmaster != "" {
		if postmaster, err = mailaddr.Parse(n.cfg.SMTP.Postmaster); err != nil {
			return fmt.Errorf("config: smtp.postmaster: %w", err)
		}
	}
	n.queue, err = queue.New(queue.Config{DB: n.db, Mail: n.mail, Directory: n.core, Resolver: resolver, Hostname: n.cfg.Hostname,
		Clock: n.clock, Random: rand.Reader, Log: n.log.With("part", "queue"), Registerer: n.metrics,
		// Sessions with the same host go on from an earlier one's keys: most of what a
		// short message costs is the handshake. One made without a look at the
		// certificate doesn't serve a session that looks at it.
		TLS:        &tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(1024)},
		LocalNames: o.LocalNames, LocalAddresses: addrs, Routes: o.Routes, SandboxSink: sink, Postmaster: postmaster, SRS: n.srs,
		Lifetime: time.Duration(o.Lifetime), DelayWarning: time.Duration(o.DelayWarning),
		Concurrency: o.Concurrency, PerDestination: o.PerDestination})
	return err
}

func (n *node) web(ctx context.Context, tlsConfig *tls.Config) error {
	var proxies []netip.Prefix
	for _, s := range n.cfg.HTTP.TrustedProxies {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return err
		}
		proxies = append(proxies, p)
	}
	serving := gate.Serving{Clock: n.clock, Log: n.log.With("part", "titan"), TrustedProxies: proxies, Limits: gate.NewLimits(n.clock),
		Registerer: n.metrics, Random: rand.Reader}
	door, err := titan.New(titan.Config{Serving: serving, Core: n.core, Ready: n.db.Ping, BasePaths: []string{n.cfg.Titan.Prefix}, ExportLink: n.links.URL})
	if err != nil {
		return err
	}
	brands, err := n.newBaseKit(serving)
	if err != nil {
		return err
	}
	var dialect http.Handler = door
	if brands != nil { // what no other API takes may be a brand's call at a wrong host
		dialect = ahead(brands.Strays(), dialect)
	}
	probes := ops.Handler(n.metrics, n.log.With("part", "ops"), ops.Check{Name: "store", Run: n.db.Ping})
	probePaths := []string{"/healthz", "/readyz", "/metrics"}
	if n.cfg.HTTP.Profiling {
		probes = ops.Profiling(probes)
		probePaths = append(probePaths, "/debug/pprof/")
	}
	apis, err := n.withNative(dialect, serving)
	if err != nil {
		return err
	}
	if apis, err = n.withResellerClub(apis, serving); err != nil {
		return err
	}
	public, err := n.withPages(n.withExports(apis, proxies), serving)
	if err != nil {
		return err
	}
	if len(n.cfg.HTTP.Ops) == 0 {
		public = beside(probes, probePaths, public)
	}
	if brands != nil {
		public = ahead(brands, public)
		if err := n.net.addHTTP(ctx, "basekit", n.cfg.BaseKit.Listen, brands, nil); err != nil {
			return err
		}
	}
	return errors.Join(
		n.net.addHTTP(ctx, "http", n.cfg.HTTP.Listen, public, nil),
		n.net.addHTTP(ctx, "https", n.cfg.HTTP.ListenTLS, public, tlsConfig),
		n.net.addHTTP(ctx, "ops", n.cfg.HTTP.Ops, probes, nil))
}

// ahead serves what is a door's by it, and the rest by others.
func ahead(door interface {
	http.Handler
	Handles(*http.Request) bool
}, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if door.Handles(r) {
			door.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// beside serves some paths by one handler and the rest by another. A path that
// isn't clean is left to the other as it is: a ServeMux would answer by a redirect
// with all of the query, which of the ResellerClub API holds the key.
func beside(one http.Handler, paths []string, other http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, p := range paths {
			if r.URL.Path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(r.URL.Path, p) {
				one.ServeHTTP(w, r)
				return
			}
		}
		other.ServeHTTP(w, r)
	})
}

func (n *node) imap(ctx context.Context, getTLS func() *tls.Config) error {
	bulk := getTLS().Clone()
	bulk.DynamicRecordSizingDisabled = true // mailboxes are read in bulk: full records from the first on
	srv, err := imapd.New(imapd.Config{Hostname: n.cfg.Hostname, TLS: func() *tls.Config { return bulk }, AllowPlaintext: n.cfg.IMAP.PlaintextLogin,
		Mail: imapd.FromStore(n.mail), Login: imapd.FromLogin(n.login), Clock: n.clock, Log: n.log.With("part", "imap"),
		Metrics: n.metrics, Rand: rand.Reader, Version: version, Limits: imapd.Limits{Connections: n.cfg.IMAP.MaxConnections,
			ConnectionsPerHost: n.cfg.IMAP.MaxConnectionsPerHost, MessageSize: n.cfg.SMTP.MaxMessageBytes}})
	if err != nil {
		return err
	}
	return errors.Join(
		n.net.add(ctx, "imap", n.cfg.IMAP.Listen, serveIMAP(srv, imapd.StartTLS), srv.Shutdown),
		n.net.add(ctx, "imaps", n.cfg.IMAP.ListenTLS, serveIMAP(srv, imapd.ImplicitTLS), srv.Shutdown))
}

// ready says where everything listens.
func (n *node) ready(_ context.Context, out *output, asJSON bool) error {
	envFile := n.cfg.Path("sandbox.env")
	if n.sandbox != nil {
		if err := writeSandboxEnv(envFile, n.sandbox, n.net.bound); err != nil {
			return err
		}
	}
	n.log.Info("ready", "version", version, "engine", n.db.Engine(), "data", n.cfg.Data)
	if asJSON {
		return json.NewEncoder(out).Encode(map[string]any{"ready": true, "listeners": n.net.bound, "partner": n.sandbox})
	}
	shown := envFile
	if !filepath.IsAbs(shown) {
		shown = "./" + shown
	}
	_, err := fmt.Fprint(out, banner(n.sandbox, n.net.bound, shown))
	return err
}

// run serves until ctx ends.
func (n *node) run(ctx context.Context) error {
	err := n.net.run(ctx, n.login.Run, n.queue.Run, n.notices.Run, n.runWebhooks, n.lifecycle.Run, n.exports.Run, n.forget)
	n.log.Info("stopped")
	return err
}

// forgetEvery is how often expired tokens and old access-log entries go.
const forgetEvery = 10 * time.Minute

func (n *node) forget(ctx context.Context) error {
	for {
		t := n.clock.NewTimer(forgetEvery)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-t.C():
		}
		if err := n.core.Forget(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("expired tokens not removed", "error", err)
		}
	}
}

func (n *node) close() error {
	if n.platform == nil {
		return nil
	}
	return n.platform.close()
}
