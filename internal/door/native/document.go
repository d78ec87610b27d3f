package native

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"posthouse/internal/fault"
)

// document is the OpenAPI document as it is served.
type document struct{ json, yaml []byte }

const intro = `What the dialects have no call for: events and their deliveries, replay, the test clock, forwarders, the audit log, settings.

Send an API key as ` + "`Authorization: Bearer <key>`" + `; the raw key alone is taken too. A key with scopes works only for those.
Bodies are JSON, of at most 64 KiB where nothing else is said; times are RFC 3339 in UTC, those of a sandbox partner by its own clock.

**Errors** are ` + "`application/problem+json`" + ` (RFC 9457): ` + "`code`" + ` and ` + "`reason`" + ` are stable, ` + "`requestId`" + ` is also in X-Request-Id.
What does not exist and what belongs to another partner give the same answer.

**Lists** come in pages: follow ` + "`next`" + `, or the Link header, until it is absent.

**Idempotency.** Any POST may carry an Idempotency-Key of your choice. A repeat within 24 hours gets the first answer again
(with Idempotency-Replayed: true) and does nothing; with another path or body it gets 422 IDEMPOTENCY_KEY_REUSED; while the first one
is under way 409 REQUEST_UNDER_WAY: try again after Retry-After. What failed is not kept. 409 ANSWER_LOST says that the
request was carried out but its answer was lost in a crash.

**Changes** of settings, brands and webhooks want If-Match with the ETag that you have read (or *).

**Rates** are limited per key as for the Titan API: 429 with Retry-After.`

// register makes the API and everything that is served.
func (d *Door) register() error {
	cfg := huma.DefaultConfig("Posthouse API", "1")
	cfg.Info.Description = intro
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // no $schema in bodies, no Link to schemas
	cfg.RejectUnknownQueryParameters = true
	cfg.Transformers = []huma.Transformer{refused}
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key": {Type: "http", Scheme: "bearer", Description: "An API key, p_<partner id>:<secret>"},
	}
	d.api = humago.New(d.mux, cfg)
	problem := reflect.TypeFor[problemView]()
	d.api.OpenAPI().Components.Schemas.Schema(problem, true, "")

	d.serveMe()
	d.serveEvents()
	d.serveWebhooks()
	d.serveDeliveries()
	d.serveAudit()
	d.serveSettings()
	d.serveBrands()
	d.serveForwarders()
	d.servePayments()
	d.serveInvoices()
	d.serveClock()
	d.serveSandboxMail()
	d.serveSandboxWebhooks()
	d.serveSandboxDNS()

	for p, methods := range d.methods {
		d.mux.HandleFunc(p, d.unrouted(methods))
	}
	d.mux.HandleFunc("/", d.unrouted(nil))
	return d.publish()
}

// schemaName leaves out what Go names need.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for _, part := range []string{"View", "Internal", "Posthouse"} {
		name = strings.ReplaceAll(name, part, "")
	}
	return name
}

// publish makes the document and serves it to anybody.
func (d *Door) publish() error {
	o := d.api.OpenAPI()
	schemas := o.Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	var err error
	if d.spec.json, err = json.MarshalIndent(o, "", "  "); err != nil {
		return fault.Wrap(err)
	}
	if d.spec.yaml, err = o.YAML(); err != nil {
		return fault.Wrap(err)
	}
	for path, s := range map[string]struct {
		body  []byte
		media string
	}{
		"/v1/openapi.json": {d.spec.json, "application/openapi+json"},
		"/v1/openapi.yaml": {d.spec.yaml, "application/openapi+yaml"},
	} {
		d.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", s.media)
			_, _ = w.Write(s.body)
		})
		d.mux.HandleFunc(path, d.unrouted([]string{http.MethodGet}))
	}
	return nil
}

// describe completes what huma has put into the document about an operation.
func (d *Door) describe(op *operation) {
	item := d.api.OpenAPI().Paths[op.path]
	o := map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[op.method]
	delete(o.Responses, "default")
	id := &huma.Param{Description: "Names the request in logs", Schema: &huma.Schema{Type: huma.TypeString}}
	done := o.Responses[strconv.Itoa(op.ok())]
	if done.Headers == nil {
		done.Headers = map[string]*huma.Param{}
	}
	done.Headers["X-Request-Id"] = id
	if m := done.Content["application/json"]; m != nil {
		m.Example = op.response
	}
	if op.also != 0 {
		other := *done
		other.Description = http.StatusText(op.also)
		o.Responses[strconv.Itoa(op.also)] = &other
	}
	if o.RequestBody != nil && op.request != nil {
		o.RequestBody.Content["application/json"].Example = op.request
	}
	if op.method == http.MethodPost {
		o.Parameters = append(o.Parameters, &huma.Param{
			Name: idempotencyHeader, In: "header", Description: "1 to 255 visible characters; a repeat within 24 hours gets the first answer",
			Schema: &huma.Schema{Type: huma.TypeString}, Example: "order-4711-replay",
		})
	}
	for _, status := range op.answers() {
		p := exampleProblem(status)
		o.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status), Headers: map[string]*huma.Param{"X-Request-Id": id},
			Content: map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}, Example: p}},
		}
	}
}

const exampleID = "0b1f0d3e-6c0a-4b52-9c7f-0d2c1f5f9a10"

// exampleProblem is what a status looks like.
func exampleProblem(status int) *problemView {
	c := &call{id: exampleID}
	err, ok := map[int]error{
		http.StatusBadRequest:            fault.New(fault.Invalid, "The body is not JSON, or missing").WithReason("UNPARSABLE"),
		http.StatusUnauthorized:          errKey,
		http.StatusForbidden:             errScope,
		http.StatusNotFound:              fault.New(fault.NotFound, "There is no such thing"),
		http.StatusConflict:              fault.New(fault.Conflict, "A request with this idempotency key is under way").WithReason("REQUEST_UNDER_WAY"),
		http.StatusPreconditionFailed:    errMatch,
		http.StatusRequestEntityTooLarge: errLarge,
		http.StatusUnsupportedMediaType:  fault.New(fault.Invalid, "The body's Content-Type must be application/json").WithReason("UNSUPPORTED_MEDIA_TYPE"),
		http.StatusUnprocessableEntity:   fault.New(fault.Invalid, "The request does not fit the operation").WithReason("INVALID_FIELD"),
		http.StatusPreconditionRequired:  errNoMatch,
		http.StatusTooManyRequests:       fault.New(fault.TooMany, "Too many requests"),
		http.StatusServiceUnavailable:    errSlow,
	}[status]
	if !ok {
		err = fault.New(fault.Internal, "An internal error")
	}
	p := c.problem(err)
	if status == http.StatusUnprocessableEntity {
		p.Errors = []fieldError{{Location: "query.limit", Message: "expected number <= 200"}}
	}
	return p
}

// object is a JSON object as it is kept.
type object struct{ json.RawMessage }

// Schema implements huma.SchemaProvider.
func (object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}
