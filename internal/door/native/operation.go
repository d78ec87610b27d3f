package native

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"posthouse/internal/core/partner"
	"posthouse/internal/fault"
)

// smallBody bounds a request's body where nothing else is said.
const smallBody = 64 << 10

// operation is one row of the API.
type operation struct {
	id, method, path string
	tag, summary     string
	doc              string
	scope            partner.Scope // "" = any key
	status           int           // of success; 200
	also             int           // another status of success
	maxBody          int64         // of the request; smallBody
	ifMatch          bool          // changes what an ETag names
	sandbox          bool          // for sandbox partners only
	statuses         []int         // further ones that it may answer
	request          any           // example of the body
	response         any           // example of the answer's body
	media            string        // of an answer that is no JSON
}

// serve adds an operation to the API.
func serve[I, O any](d *Door, op operation, handle func(ctx context.Context, c *call, in *I) (*O, error)) {
	o := huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Summary: op.summary, Description: op.description(),
		Tags: []string{op.tag}, DefaultStatus: op.status, MaxBodyBytes: -1, BodyReadTimeout: -1,
		Security: []map[string][]string{{"key": {}}},
	}
	if op.media != "" {
		o.Responses = map[string]*huma.Response{strconv.Itoa(op.ok()): {
			Content: map[string]*huma.MediaType{op.media: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}, Example: op.response}},
		}}
	}
	o.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) { d.admit(&op, ctx, next) }}
	huma.Register(d.api, o, func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		out, err := handle(ctx, c, in)
		if err != nil {
			return nil, c.problem(err)
		}
		return out, nil
	})
	d.methods[op.path] = append(d.methods[op.path], op.method)
	d.describe(&op)
}

func (op *operation) ok() int {
	if op.status == 0 {
		return http.StatusOK
	}
	return op.status
}

// description says what the document has no field for.
func (op *operation) description() string {
	parts := []string{op.doc}
	if op.sandbox {
		parts = append(parts, "For sandbox partners only.")
	}
	if op.scope != "" {
		parts = append(parts, "Scope: `"+string(op.scope)+"`.")
	}
	return strings.TrimSpace(strings.Join(parts, "\n\n"))
}

// answers are the statuses of problems that an operation may answer.
func (op *operation) answers() []int {
	out := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusServiceUnavailable}
	if strings.Contains(op.path, "{") {
		out = append(out, http.StatusNotFound)
	}
	if op.request != nil {
		out = append(out, http.StatusBadRequest, http.StatusUnsupportedMediaType)
	}
	if op.method != http.MethodGet && op.method != http.MethodDelete {
		out = append(out, http.StatusRequestEntityTooLarge)
	}
	if op.method == http.MethodPost {
		out = append(out, http.StatusConflict)
	}
	if op.ifMatch {
		out = append(out, http.StatusPreconditionFailed)
		if op.method != http.MethodDelete {
			out = append(out, http.StatusPreconditionRequired)
		}
	}
	out = append(out, op.statuses...)
	slices.Sort(out)
	return slices.Compact(out)
}

var (
	errNoKey     = fault.New(fault.Unauthenticated, "Send your API key as Authorization: Bearer <key>").WithReason("NO_KEY")
	errKey       = fault.New(fault.Unauthenticated, "Invalid API key")
	errScope     = fault.New(fault.Forbidden, "This API key may not be used for this").WithReason("SCOPE_MISSING")
	errNoSandbox = fault.New(fault.Forbidden, "This is for sandbox partners only").WithReason("NO_SANDBOX")
	errLarge     = fault.New(fault.TooLarge, "The request body is too large").WithReason("BODY_TOO_LARGE")
	errBody      = fault.New(fault.Invalid, "The body could not be read").WithReason("UNPARSABLE")
)

// admit goes through what every operation asks: key, address, rate, scope, body,
// idempotency key.
func (d *Door) admit(op *operation, ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	c := callOf(r.Context())
	c.op = op
	if err := d.authenticate(c, w, r); err != nil {
		d.fail(w, c, err)
		return
	}
	body, err := take(r, op.maxBody)
	if err != nil {
		d.fail(w, c, err)
		return
	}
	if op.method != http.MethodPost || len(r.Header.Values(idempotencyHeader)) == 0 {
		next(ctx)
		return
	}
	d.once(c, ctx, w.(*recorder), r, body, next)
}

func (d *Door) authenticate(c *call, w http.ResponseWriter, r *http.Request) error {
	raw, err := apiKey(r.Header)
	if err != nil {
		return err
	}
	caller, err := d.core.AuthenticateKey(r.Context(), raw, c.remote)
	if err != nil {
		return err
	}
	c.caller, c.actor = caller, caller.Actor
	c.actor.RequestID = c.id
	if err := d.serving.Limits.Admit(w.Header(), caller.KeyID, caller.Partner.Settings); err != nil {
		return err
	}
	switch {
	case c.op.scope != "" && !caller.May(c.op.scope):
		return errScope
	case c.op.sandbox && !caller.Partner.Sandbox:
		return errNoSandbox
	}
	return nil
}

// maxKey bounds what is looked up as an API key.
const maxKey = 512

// apiKey gives the raw key of the Authorization header, with or without the
// scheme word.
func apiKey(h http.Header) (string, error) {
	keys := h.Values("Authorization")
	if len(keys) == 0 || len(keys) == 1 && strings.TrimSpace(keys[0]) == "" {
		return "", errNoKey
	}
	if len(keys) > 1 || len(keys[0]) > maxKey {
		return "", errKey
	}
	raw := strings.TrimSpace(keys[0])
	if scheme, rest, ok := strings.Cut(raw, " "); ok && strings.EqualFold(scheme, "Bearer") {
		raw = strings.TrimSpace(rest)
	}
	return raw, nil
}

// take reads a body as a whole and puts it back.
func take(r *http.Request, limit int64) ([]byte, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodDelete {
		r.Body = http.NoBody
		return nil, nil
	}
	if limit == 0 {
		limit = smallBody
	}
	if r.ContentLength > limit {
		return nil, errLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, errLarge
	case err != nil:
		return nil, &fault.Error{Code: errBody.Code, Reason: errBody.Reason, Text: errBody.Text, Cause: err}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}
