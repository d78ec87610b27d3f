// Package web serves browsers: the redirects by which a partner sends its
// customers to us (titan.md section 9), sessions, and the pages that work
// without script. It holds no rule and no state of its own.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// Config of a Door; zero values mean the defaults named.
type Config struct {
	gate.Serving // a request has 30 s

	Core Core

	// PanelHost and WebmailHost, when set, are host names that show nothing of
	// the other one, and whose "/" is their start page.
	PanelHost   string
	WebmailHost string
	Invoices    InvoiceLinks // nil: no invoice is shown
}

// Door is the http.Handler of the pages.
type Door struct {
	core        Core
	serving     gate.Serving
	panelHost   string
	webmailHost string
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
	serving := cfg.Serving.OrDefaults(30 * time.Second)
	p, err := loadPages()
	if err != nil {
		return nil, err
	}
	return &Door{
		core: cfg.Core, serving: serving, panelHost: strings.ToLower(cfg.PanelHost), webmailHost: strings.ToLower(cfg.WebmailHost),
		invoices: cfg.Invoices, routes: routes(), pages: p, failures: gate.NewFailures(serving.Clock), notIn: gate.NewFailures(serving.Clock),
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
	start := d.serving.Clock.Now()
	ctx, cancel := context.WithTimeout(r.Context(), d.serving.Timeout)
	defer cancel()
	q := &request{
		door: d, ctx: ctx, w: w, r: r, remote: gate.ClientAddress(r, d.serving.TrustedProxies), secure: gate.Secure(r, d.serving.TrustedProxies),
	}
	id, err := uuid.NewRandomFromReader(d.serving.Random)
	q.id = id.String()
	if err == nil {
		err = q.handle()
	}
	if err != nil {
		err = errors.Join(err, q.fail(err))
	}
	q.note(err, d.serving.Clock.Now().Sub(start))
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
	q.door.serving.Log.LogAttrs(q.ctx, level, "web request", attrs...)
}
