// Package resellerclub speaks the ResellerClub HTTP API (contract:
// resellerclub.md). It holds no rule and no state of its own: parameters become
// one command or query of package provision, and its result is written out as
// JSON or XML.
package resellerclub

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// Core is what the door asks of package provision; each area names its part.
type Core interface {
	mailCore
	ordersCore
	customersCore
	transactionsCore
	productsCore
	resellersCore
	billingCore

	AuthenticateReseller(ctx context.Context, resellerID int64, key string, remote netip.Addr) (*reselling.ResellerCaller, error)
	AuthenticateResellerPassword(ctx context.Context, resellerID int64, password string, remote netip.Addr) (*reselling.ResellerCaller, error)
}

// Config of a Door; zero values mean the defaults named.
type Config struct {
	gate.Serving // a request has 30 s

	Core Core

	// Prefix stands in front of /api/ and /restapi/, such as "/resellerclub"; none.
	Prefix string
	// MailHost is the host name of IMAP, POP and submission; "" = the first that
	// the brand has domains publish as MX.
	MailHost string
	// BaseURL is where the panel is when no brand says so; nil = not known.
	BaseURL func() string
}

// Door is the dialect's http.Handler. It serves /api/ and /restapi/.
type Door struct {
	core     Core
	serving  gate.Serving
	routes   *routes
	prefix   string
	mailHost string
	baseURL  func() string
	failed   *gate.Failures
	metrics  *gate.Requests

	complain func(format string, a ...any) // set by tests
}

// New makes a Door.
func New(cfg Config) (*Door, error) {
	if cfg.Core == nil {
		return nil, fault.New(fault.Invalid, "The ResellerClub door needs a core")
	}
	serving := cfg.Serving.OrDefaults(30 * time.Second)
	if cfg.BaseURL == nil {
		cfg.BaseURL = func() string { return "" }
	}
	m, err := gate.NewRequests(serving.Registerer, "resellerclub", "ResellerClub")
	if err != nil {
		return nil, fault.Wrap(err)
	}
	return &Door{core: cfg.Core, serving: serving, routes: newRoutes(operations()), prefix: strings.TrimSuffix(cfg.Prefix, "/"), mailHost: cfg.MailHost, baseURL: cfg.BaseURL,
		failed: gate.NewFailures(serving.Clock), metrics: m}, nil
}

// Handles reports whether a request is of this dialect.
func (d *Door) Handles(r *http.Request) bool {
	path, ok := strings.CutPrefix(r.URL.Path, d.prefix)
	return ok && (strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/restapi/"))
}

// call is one request on its way through the door.
type call struct {
	door     *Door
	id       string
	op       *operation
	form     form
	style    style
	actor    audit.Actor
	reseller *reseller.Reseller
	remote   netip.Addr
	keyID    int64
	named    named
}

// named is what the request was about, for the texts of faults (section 4).
type named struct {
	order, customer  int64
	domain, username string
	email            string // of a mailbox operation
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := d.serving.Clock.Now()
	id, err := uuid.NewRandomFromReader(d.serving.Random)
	c := &call{door: d, id: id.String(), remote: gate.ClientAddress(r, d.serving.TrustedProxies)}
	var out any
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), d.serving.Timeout)
		defer cancel()
		out, err = c.handle(ctx, w, r)
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = errors.Join(err, context.DeadlineExceeded)
		}
	}
	status, err := c.answer(w, out, err)
	c.note(r, status, err, d.serving.Clock.Now().Sub(start))
}

// handle goes through the checks: path, method, parameters, authentication.
func (c *call) handle(ctx context.Context, w http.ResponseWriter, r *http.Request) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fault.Panicked(p)
		}
	}()
	path := strings.TrimPrefix(r.URL.Path, c.door.prefix)
	op, form, inPath := c.door.routes.find(path)
	c.form, c.style = form, styleOf(path, op)
	if op == nil {
		return nil, &wireFault{status: http.StatusNotFound, text: "Action not Found"}
	}
	c.op = op
	sent, err := readParams(w, r)
	if err != nil {
		return nil, err
	}
	for name, v := range inPath {
		sent[name] = []string{v}
	}
	if err := c.authenticate(ctx, w.Header(), sent); err != nil {
		return nil, err
	}
	if !op.allows(r.Method, c.reseller.Test) {
		return nil, &wireFault{status: http.StatusInternalServerError, text: "Invalid HTTP method. Use " + op.methods[0] + "."}
	}
	p := &params{call: c, sent: sent}
	out, err = op.serve(ctx, c, p)
	if f := c.door.complain; f != nil && err == nil && len(p.wrong) > 0 {
		f("%s succeeds with wrong parameters %v", op.path, p.wrong)
	}
	return out, err
}

// note writes the log line and counts. Neither the query nor a parameter is ever logged.
func (c *call) note(r *http.Request, status int, err error, took time.Duration) {
	a := gate.Answered{ID: c.id, Status: status, Took: took, Remote: c.remote, Partner: c.actor.PartnerID,
		Caller: []slog.Attr{slog.Int64("reseller", c.actor.Limit.ResellerID), slog.Int64("key", c.keyID)}}
	if c.op != nil {
		a.Operation = c.op.path
	}
	var said *wireFault
	if errors.As(err, &said) && said.cause == nil {
		a.Message = said.text
	} else if f := fault.Of(err); f != nil {
		if a.Code, a.Reason = string(f.Code), f.Reason; f.Code == fault.Internal || f.Code == fault.Unavailable {
			a.Cause = err
		}
	}
	c.door.metrics.Note(r, c.door.serving.Log, a)
}
