// Package basekit speaks the BaseKit brand API (contract: basekit.md). It holds
// no rule and no state of its own: a request becomes commands and queries of
// package provision, and their results are written out as JSON.
package basekit

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// Core is what the door asks of package provision; each area names its part.
type Core interface {
	authCore
	onceCore
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
	gate.Serving // a request has 10 s, after which clients give up (section 2)

	Core Core
	// BaseURL is where panel and webmail are when no brand says so; nil = not known.
	BaseURL func() string
}

// Door is the dialect's http.Handler. It serves the root of its host.
type Door struct {
	core    Core
	serving gate.Serving
	routes  *routes
	baseURL func() string
	hosts   *brandHosts
	strange strangeHosts
	failed  *gate.Failures
	metrics *gate.Requests

	complain func(format string, a ...any) // set by tests
}

// New makes a Door.
func New(cfg Config) (*Door, error) {
	if cfg.Core == nil {
		return nil, fault.New(fault.Invalid, "The BaseKit door needs a core")
	}
	serving := cfg.Serving.OrDefaults(10 * time.Second)
	if cfg.BaseURL == nil {
		cfg.BaseURL = func() string { return "" }
	}
	m, err := gate.NewRequests(serving.Registerer, "basekit", "BaseKit")
	if err != nil {
		return nil, fault.Wrap(err)
	}
	d := &Door{core: cfg.Core, serving: serving, routes: newRoutes(operations()), baseURL: cfg.BaseURL,
		failed: gate.NewFailures(serving.Clock), metrics: m}
	d.hosts = &brandHosts{door: d}
	return d, nil
}

// call is one request on its way through the door.
type call struct {
	door   *Door
	id     string
	op     *operation
	actor  audit.Actor
	caller *tenancy.APICaller
	remote netip.Addr
}

// brandRef is the brand that calls: a partner's id.
func (c *call) brandRef() int64 { return c.caller.Partner.ID }

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.serve(w, r, func(ctx context.Context, c *call) (any, error) { return c.handle(ctx, w, r) })
}

func (d *Door) serve(w http.ResponseWriter, r *http.Request, handle func(context.Context, *call) (any, error)) {
	start := d.serving.Clock.Now()
	id, err := uuid.NewRandomFromReader(d.serving.Random)
	c := &call{door: d, id: id.String(), remote: gate.ClientAddress(r, d.serving.TrustedProxies)}
	var out any
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), d.serving.Timeout)
		defer cancel()
		out, err = handle(ctx, c)
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) && wireOf(err).status >= http.StatusInternalServerError {
			err = fault.Unavail("The request took too long", err)
		}
	}
	status, err := c.answer(w, out, err)
	c.note(r, status, err, d.serving.Clock.Now().Sub(start))
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
	out, err = c.once(ctx, w.Header(), r, in)
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
	c.door.metrics.Note(r, c.door.serving.Log, a)
}
