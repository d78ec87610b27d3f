// Package web serves browsers: the redirects by which a partner sends its
// customers to us (titan.md section 9), sessions, and the pages that work
// without script. It holds no rule and no state of its own.
package web

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// Config of a Door; zero values mean the defaults named.
type Config struct {
	Core  Core
	Clock clock.Clock  // the system's
	Log   *slog.Logger // none

	// PanelHost and WebmailHost, when set, are host names that show nothing of
	// the other one, and whose "/" is their start page.
	PanelHost   string
	WebmailHost string
	// TrustedProxies may name the client in X-Forwarded-For and -Proto.
	TrustedProxies []netip.Prefix
	Timeout        time.Duration // of one request's work; 30 s
	Random         io.Reader     // crypto/rand
	Invoices       InvoiceLinks  // nil: no invoice is shown
}

// Door is the http.Handler of the pages.
type Door struct {
	core        Core
	clock       clock.Clock
	log         *slog.Logger
	panelHost   string
	webmailHost string
	proxies     []netip.Prefix
	timeout     time.Duration
	random      io.Reader
	invoices    InvoiceLinks
	routes      []route
	pages       *pages
	failures    *gate.Failures // of links
	notIn       *gate.Failures // of sessions
}

// New makes a Door.
func New(cfg Config) (*Door, error) {
	if cfg.Core == nil {
		return nil, fault.New(fault.Invalid, "The web door needs a core")
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	p, err := loadPages()
	if err != nil {
		return nil, err
	}
	return &Door{
		core: cfg.Core, clock: cfg.Clock, log: cfg.Log, panelHost: strings.ToLower(cfg.PanelHost), webmailHost: strings.ToLower(cfg.WebmailHost),
		proxies: cfg.TrustedProxies, timeout: cfg.Timeout, random: cfg.Random, invoices: cfg.Invoices, routes: routes(), pages: p, failures: gate.NewFailures(cfg.Clock), notIn: gate.NewFailures(cfg.Clock),
	}, nil
}

// Handles reports whether a request is for this door and not for the APIs that
// share its listeners.
func (d *Door) Handles(r *http.Request) bool { return d.find(r) != nil }

// host is the host name that the client asked for.
func host(r *http.Request) string {
	h := r.Host
	if name, _, err := net.SplitHostPort(h); err == nil {
		h = name
	}
	return strings.ToLower(strings.TrimSuffix(h, "."))
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := d.clock.Now()
	ctx, cancel := context.WithTimeout(r.Context(), d.timeout)
	defer cancel()
	q := &request{
		door: d, ctx: ctx, w: w, r: r, remote: gate.ClientAddress(r, d.proxies), secure: gate.Secure(r, d.proxies),
	}
	id, err := uuid.NewRandomFromReader(d.random)
	q.id = id.String()
	if err == nil {
		err = q.handle()
	}
	if err != nil {
		err = errors.Join(err, q.fail(err))
	}
	q.note(err, d.clock.Now().Sub(start))
}

func (q *request) handle() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Panicked(p)
		}
	}()
	route := q.door.find(q.r)
	if route == nil {
		return errNoPage
	}
	q.path = route.path
	if route.framed {
		q.enterFrame()
	}
	if route.serve == nil {
		return errNoPage
	}
	if q.r.Method != route.method {
		return q.wrongMethod(route.path)
	}
	return route.serve(q)
}

// note writes the log line. The query stays out: tokens are in it.
func (q *request) note(err error, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("request", q.id), slog.String("page", q.path), slog.String("method", q.r.Method), slog.Int("status", q.status),
		slog.Duration("took", took), slog.String("remote", q.remote.String()), slog.Int64("partner", q.partnerID),
	}
	level := slog.LevelInfo
	if err != nil {
		f := fault.Of(err)
		attrs = append(attrs, slog.String("code", string(f.Code)), slog.String("reason", f.Reason))
		if f.Code == fault.Internal || f.Code == fault.Unavailable {
			level = slog.LevelError
		}
		attrs = append(attrs, slog.Any("cause", err))
	}
	q.door.log.LogAttrs(q.ctx, level, "web request", attrs...)
}
