// Package native speaks the platform's own API under /v1: what the dialects have
// no call for. It holds no rule: huma reads and checks requests by the types of
// the operations, from which the OpenAPI document is made too; each becomes one
// command or query of the core.
package native

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// Config of a Door; zero values mean the defaults named.
type Config struct {
	gate.Serving // a request has 45 s

	Core      Core
	Sandbox   SandboxMail  // captured mail of sandbox partners
	CursorKey []byte       // authenticates cursors: the same on every node
	Invoices  InvoiceLinks // nil: invoices have no links
}

// Door is the API's http.Handler; mount it at /v1/.
type Door struct {
	core    Core
	serving gate.Serving
	sandbox SandboxMail
	links   InvoiceLinks
	metrics *gate.Requests
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
	serving := cfg.Serving.OrDefaults(45 * time.Second)
	m, err := gate.NewRequests(serving.Registerer, "native", "native")
	if err != nil {
		return nil, fault.Wrap(err)
	}
	d := &Door{
		core: cfg.Core, serving: serving, sandbox: cfg.Sandbox, links: cfg.Invoices, metrics: m, cursors: cursors{key: cfg.CursorKey},
		mux: http.NewServeMux(), methods: map[string][]string{},
	}
	if err := d.register(); err != nil {
		return nil, err
	}
	return d, nil
}

// Handles reports whether a request is for this API.
func (d *Door) Handles(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/") }

// call is one request on its way through the door.
type call struct {
	id     string
	op     *operation
	actor  audit.Actor
	caller *tenancy.Caller
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
	start := d.serving.Clock.Now()
	c := &call{remote: gate.ClientAddress(r, d.serving.TrustedProxies), query: r.URL.RawQuery, path: r.URL.Path}
	out := &recorder{to: w, header: http.Header{}}
	if id, err := uuid.NewRandomFromReader(d.serving.Random); err != nil {
		d.fail(out, c, fault.Unavail("No randomness", err))
	} else {
		c.id = id.String()
		out.header.Set("X-Request-Id", c.id)
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), callKey{}, c), d.serving.Timeout)
		defer cancel()
		d.run(out, c, r.WithContext(ctx))
	}
	out.finish()
	d.note(r, c, out.status, d.serving.Clock.Now().Sub(start))
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
	d.metrics.Note(r, d.serving.Log, a)
}
