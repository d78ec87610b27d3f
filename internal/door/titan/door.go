// Package titan speaks the Titan partner API (contract: titan.md). It holds no
// rule and no state of its own: a request is read into declared fields, becomes
// one command or query of package provision, and its result is written out.
package titan

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// Config of a Door; zero values mean the defaults named.
type Config struct {
	gate.Serving // a request has 30 s

	Core  Core
	Ready func(context.Context) error // whether the database answers, for healthCheck

	// BasePaths are the paths under which the routes lie; "" is the root and
	// the default. "/titan/" serves /titan/partner/createMailOrder.
	BasePaths []string
	// ExportLink gives a download link for a legal export's file; nil: none is shown.
	ExportLink func(file string) string
}

// Door is the dialect's http.Handler.
type Door struct {
	core    Core
	serving gate.Serving
	ready   *readiness
	routes  *routes
	metrics *gate.Requests
	link    func(file string) string
}

// New makes a Door.
func New(cfg Config) (*Door, error) {
	if cfg.Core == nil {
		return nil, fault.New(fault.Invalid, "The Titan door needs a core")
	}
	serving := cfg.Serving.OrDefaults(30 * time.Second)
	m, err := gate.NewRequests(serving.Registerer, "titan", "Titan")
	if err != nil {
		return nil, fault.Wrap(err)
	}
	return &Door{
		core: cfg.Core, ready: newReadiness(cfg.Ready, serving.Clock), serving: serving,
		routes: newRoutes(cfg.BasePaths, Operations()), metrics: m, link: cfg.ExportLink,
	}, nil
}

// call is one request on its way through the door.
type call struct {
	door   *Door
	id     string // reqID
	op     *Operation
	actor  audit.Actor
	remote netip.Addr
	keyID  int64
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := d.serving.Clock.Now()
	id, err := uuid.NewRandomFromReader(d.serving.Random)
	c := &call{door: d, id: id.String(), remote: gate.ClientAddress(r, d.serving.TrustedProxies)}
	var out reply
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), d.serving.Timeout)
		defer cancel()
		out, err = c.handle(ctx, w, r)
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = errors.Join(err, context.DeadlineExceeded) // databases tell it in words of their own
		}
	}
	status := c.answer(w, out, err)
	c.note(r, status, err, d.serving.Clock.Now().Sub(start))
}

// handle goes through the checks in the order of titan.md section 3: route,
// method, authentication, address, body, validation.
func (c *call) handle(ctx context.Context, w http.ResponseWriter, r *http.Request) (out reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fault.Panicked(p)
		}
	}()
	op := c.door.routes.find(r.URL.Path)
	if op == nil || !op.Served {
		return nil, &wireFault{code: codeUnRegisteredEndpoint, status: http.StatusNotFound, desc: "Endpoint not Registered"}
	}
	c.op = op
	if !op.Method.allows(r.Method) {
		w.Header().Set("Allow", op.Method.allow())
		return nil, &wireFault{code: codeMethodNotAllowed, status: http.StatusMethodNotAllowed, desc: "HTTP method not allowed"}
	}
	if !op.open {
		if err := c.authenticate(ctx, w, r); err != nil {
			return nil, err
		}
	}
	sent, err := c.sent(w, r)
	if err != nil {
		return nil, err
	}
	in, err := decode(op.Request, sent)
	if err != nil {
		return nil, err
	}
	return op.serve(ctx, c, in)
}

func (c *call) authenticate(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	key, err := apiKey(r.Header)
	if err != nil {
		return err
	}
	caller, err := c.door.core.AuthenticateKey(ctx, key, c.remote)
	if err != nil {
		return err
	}
	c.keyID, c.actor = caller.KeyID, caller.Actor
	c.actor.RequestID = c.id
	if !caller.May(partner.ScopeTitan) {
		return errScope
	}
	return c.door.serving.Limits.Admit(w.Header(), caller.KeyID, caller.Partner.Settings)
}

var errScope = fault.New(fault.Forbidden, "This API key is not for this API").WithReason("SCOPE_MISSING")

// sent reads the parameters: a query with GET, a body with POST (T-02); both
// where the contract has both.
func (c *call) sent(w http.ResponseWriter, r *http.Request) (map[string]value, error) {
	if r.Method == http.MethodGet {
		return parseQuery(r.URL.RawQuery, c.op.known)
	}
	if r.ContentLength > maxBody {
		// Not read at all; the connection can't be used again.
		w.Header().Set("Connection", "close")
		return nil, errTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, errTooLarge
		}
		return nil, &fault.Error{Code: fault.Invalid, Reason: "UNPARSABLE", Text: errUnparsable.Text, Cause: err}
	}
	sent, err := parseBody(body, c.op.known)
	if err != nil || c.op.Method != Both {
		return sent, err
	}
	// The document has query parameters for it, whatever the method.
	query, err := parseQuery(r.URL.RawQuery, c.op.known)
	if err != nil {
		return nil, err
	}
	if sent == nil {
		return query, nil
	}
	for name, v := range query {
		if _, ok := sent[name]; !ok {
			sent[name] = v
		}
	}
	return sent, nil
}

var errTooLarge = fault.New(fault.TooLarge, "The request body is larger than 1 MiB").WithReason("BODY_TOO_LARGE")

// note writes the log line and counts.
func (c *call) note(r *http.Request, status int, err error, took time.Duration) {
	a := gate.Answered{ID: c.id, Status: status, Took: took, Remote: c.remote, Partner: c.actor.PartnerID, Caller: []slog.Attr{slog.Int64("key", c.keyID)}}
	if c.op != nil {
		a.Operation = strings.TrimPrefix(c.op.Path, "/partner/")
	}
	if f := wireOf(err); f != nil {
		if a.Code, a.Reason = f.code, f.reason; f.status >= 500 {
			a.Cause = err
		}
	}
	c.door.metrics.Note(r, c.door.serving.Log, a)
}
