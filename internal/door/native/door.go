// Package native speaks the platform's own API under /v1: what the dialects have
// no call for. It holds no rule: huma reads and checks requests by the types of
// the operations, from which the OpenAPI document is made too; each becomes one
// command or query of the core.
package native

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// Config of a Door; zero values mean the defaults named.
type Config struct {
	Core      Core
	Sandbox   SandboxMail // captured mail of sandbox partners
	Clock     clock.Clock // the system's
	Log       *slog.Logger
	CursorKey []byte // authenticates cursors: the same on every node

	TrustedProxies []netip.Prefix        // may name the client in X-Forwarded-For
	Timeout        time.Duration         // of one request's work; 45 s
	Limits         *gate.Limits          // shared with other doors; its own
	Registerer     prometheus.Registerer // nil: no metrics are exported
	Random         io.Reader             // request ids; crypto/rand
	Invoices       InvoiceLinks          // nil: invoices have no links
}

// Door is the API's http.Handler; mount it at /v1/.
type Door struct {
	core    Core
	sandbox SandboxMail
	links   InvoiceLinks
	clock   clock.Clock
	log     *slog.Logger
	proxies []netip.Prefix
	timeout time.Duration
	limits  *gate.Limits
	metrics *gate.Requests
	random  io.Reader
	cursors cursors

	mux     *http.ServeMux
	api     huma.API
	methods map[string][]string // by path of the document
	spec    document
}

// New makes a Door.
func New(cfg Config) (*Door, error) {
	if cfg.Core == nil || cfg.Sandbox == nil || len(cfg.CursorKey) < 32 {
		return nil, fault.New(fault.Invalid, "The native door needs a core, sandbox mail and a cursor key")
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 45 * time.Second
	}
	if cfg.Limits == nil {
		cfg.Limits = gate.NewLimits(cfg.Clock)
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	m, err := gate.NewRequests(cfg.Registerer, "native", "native")
	if err != nil {
		return nil, fault.Wrap(err)
	}
	d := &Door{
		core: cfg.Core, sandbox: cfg.Sandbox, links: cfg.Invoices, clock: cfg.Clock, log: cfg.Log, proxies: cfg.TrustedProxies, timeout: cfg.Timeout,
		limits: cfg.Limits, metrics: m, random: cfg.Random, cursors: cursors{key: cfg.CursorKey},
		mux: http.NewServeMux(), methods: map[string][]string{},
	}
	if err := d.register(); err != nil {
		return nil, err
	}
	return d, nil
}

// call is one request on its way through the door.
type call struct {
	id     string
	op     *operation
	actor  audit.Actor
	caller *provision.Caller
	remote netip.Addr
	query  string // the raw query, for the link to the next page
	path   string
	err    error // what it failed with, for the log
}

// own is the partner that calls.
func (c *call) own() *partner.Partner { return c.caller.Partner }

type callKey struct{}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := d.clock.Now()
	c := &call{remote: gate.ClientAddress(r, d.proxies), query: r.URL.RawQuery, path: r.URL.Path}
	out := &recorder{to: w, header: http.Header{}}
	if id, err := uuid.NewRandomFromReader(d.random); err != nil {
		d.fail(out, c, fault.Unavail("No randomness", err))
	} else {
		c.id = id.String()
		out.header.Set("X-Request-Id", c.id)
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), callKey{}, c), d.timeout)
		defer cancel()
		d.run(out, c, r.WithContext(ctx))
	}
	out.finish()
	d.note(r, c, out.status, d.clock.Now().Sub(start))
	if out.aborted {
		panic(http.ErrAbortHandler) // so that half an answer does not look like a whole one
	}
}

func (d *Door) run(out *recorder, c *call, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			if out.streaming {
				out.aborted = true
			}
			out.reset()
			d.fail(out, c, fault.Panicked(p))
		}
	}()
	if path.Clean(r.URL.Path) != r.URL.Path {
		d.fail(out, c, errRoute) // and no redirect
		return
	}
	d.mux.ServeHTTP(out, r)
}

var (
	errRoute  = fault.New(fault.NotFound, "There is no such path").WithReason("NO_SUCH_PATH")
	errMethod = fault.New(fault.Invalid, "The path does not take this method").WithReason("METHOD_NOT_ALLOWED")
	errSlow   = fault.Unavail("The request took too long", nil)
)

// unrouted answers paths and methods that are not served.
func (d *Door) unrouted(methods []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		if len(methods) == 0 {
			d.fail(w, c, errRoute)
			return
		}
		allow := slices.Clone(methods)
		if slices.Contains(allow, http.MethodGet) {
			allow = append(allow, http.MethodHead)
		}
		slices.Sort(allow)
		w.Header().Set("Allow", strings.Join(allow, ", "))
		d.fail(w, c, errMethod)
	}
}

// note writes the log line and counts.
func (d *Door) note(r *http.Request, c *call, status int, took time.Duration) {
	a := gate.Answered{ID: c.id, Status: status, Took: took, Remote: c.remote, Partner: c.actor.PartnerID}
	if c.op != nil {
		a.Operation = c.op.id
	}
	if c.caller != nil {
		a.Caller = []slog.Attr{slog.Int64("key", c.caller.KeyID)}
	}
	if c.err != nil {
		f := fault.Of(c.err)
		if a.Code, a.Reason = string(f.Code), f.Reason; status >= 500 {
			a.Cause = c.err
		}
	}
	d.metrics.Note(r, d.log, a)
}
