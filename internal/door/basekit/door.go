// Package basekit speaks the BaseKit brand API (contract: basekit.md). It holds
// no rule and no state of its own: a request becomes commands and queries of
// package provision, and their results are written out as JSON.
package basekit

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/provision"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// Core is what the door asks of package provision; each area names its part.
type Core interface {
	authCore
	holderCore
	mailboxCore
	mailServiceCore
	packageCore
	accountPackageCore
	brandCore
	resellerCore
	flowCore
	profileCore
	domainCore
	orderCore
	siteCore
	billingCore
}

// Config of a Door; zero values mean the defaults named.
type Config struct {
	Core  Core
	Clock clock.Clock  // the system's
	Log   *slog.Logger // none
	// BaseURL is where panel and webmail are when no brand says so; nil = not known.
	BaseURL func() string
	// TrustedProxies may name the client in X-Forwarded-For, and what it asked for
	// in X-Forwarded-Proto and X-Forwarded-Host.
	TrustedProxies []netip.Prefix
	Timeout        time.Duration         // of one request's work; 10 s, after which clients give up (section 2)
	Limits         *gate.Limits          // shared with other doors; its own
	Registerer     prometheus.Registerer // nil: no metrics are exported
	Random         io.Reader             // request ids; crypto/rand
}

// Door is the dialect's http.Handler. It serves the root of its host.
type Door struct {
	core    Core
	clock   clock.Clock
	log     *slog.Logger
	routes  *routes
	baseURL func() string
	hosts   *brandHosts
	proxies []netip.Prefix
	timeout time.Duration
	limits  *gate.Limits
	failed  *gate.Failures
	metrics *gate.Requests
	random  io.Reader

	complain func(format string, a ...any) // set by tests
}

// New makes a Door.
func New(cfg Config) (*Door, error) {
	if cfg.Core == nil {
		return nil, fault.New(fault.Invalid, "The BaseKit door needs a core")
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.BaseURL == nil {
		cfg.BaseURL = func() string { return "" }
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Limits == nil {
		cfg.Limits = gate.NewLimits(cfg.Clock)
	}
	m, err := gate.NewRequests(cfg.Registerer, "basekit", "BaseKit")
	if err != nil {
		return nil, fault.Wrap(err)
	}
	d := &Door{core: cfg.Core, clock: cfg.Clock, log: cfg.Log, routes: newRoutes(operations()), baseURL: cfg.BaseURL, proxies: cfg.TrustedProxies, timeout: cfg.Timeout,
		limits: cfg.Limits, failed: gate.NewFailures(cfg.Clock), metrics: m, random: cfg.Random}
	d.hosts = &brandHosts{door: d}
	return d, nil
}

// call is one request on its way through the door.
type call struct {
	door   *Door
	id     string
	op     *operation
	actor  audit.Actor
	caller *provision.APICaller
	remote netip.Addr
}

// brandRef is the brand that calls: a partner's id.
func (c *call) brandRef() int64 { return c.caller.Partner.ID }

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := d.clock.Now()
	id, err := uuid.NewRandomFromReader(d.random)
	c := &call{door: d, id: id.String(), remote: gate.ClientAddress(r, d.proxies)}
	var out any
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), d.timeout)
		defer cancel()
		out, err = c.handle(ctx, w, r)
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) && wireOf(err).status >= http.StatusInternalServerError {
			err = fault.Unavail("The request took too long", err)
		}
	}
	status, err := c.answer(w, out, err)
	c.note(r, status, err, d.clock.Now().Sub(start))
}

// handle goes through the checks: path and method, who calls, rate, input.
func (c *call) handle(ctx context.Context, w http.ResponseWriter, r *http.Request) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fault.Panicked(p)
		}
	}()
	op, inPath, allow := c.door.routes.find(r.Method, r.URL.EscapedPath())
	c.op = op
	body, err := c.authenticate(ctx, w, r)
	if err != nil {
		return nil, err
	}
	switch {
	case op == nil && len(allow) > 0:
		w.Header().Set("Allow", joined(allow))
		return nil, errMethod
	case op == nil:
		return nil, errNoRoute
	case !c.caller.User.Rights.Include(op.rights):
		return nil, errRights(op.rights)
	}
	in, err := newInput(c, inPath, r, body)
	if err != nil {
		return nil, err
	}
	out, err = op.serve(ctx, c, in)
	if f := c.door.complain; f != nil && err == nil && len(in.wrong) > 0 {
		f("%s %s succeeds with wrong fields %v", op.method, op.path, in.wrong)
	}
	return out, err
}

// note writes the log line and counts. Neither query, header nor body is ever logged.
func (c *call) note(r *http.Request, status int, err error, took time.Duration) {
	a := gate.Answered{ID: c.id, Status: status, Took: took, Remote: c.remote, Partner: c.actor.PartnerID}
	if c.op != nil {
		a.Operation = c.op.method + " " + c.op.path
	}
	if c.caller != nil {
		a.Caller = []slog.Attr{slog.Int64("user", c.caller.User.ID)}
	}
	var told *wireFault
	if errors.As(err, &told) && told.cause == nil {
		a.Message = told.message
	} else if f := fault.Of(err); f != nil {
		if a.Code, a.Reason = string(f.Code), f.Reason; f.Code == fault.Internal || f.Code == fault.Unavailable {
			a.Cause = err
		}
	}
	c.door.metrics.Note(r, c.door.log, a)
}
