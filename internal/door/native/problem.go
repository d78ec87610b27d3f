package native

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"posthouse/internal/fault"
)

// problemView is an error as it goes out (RFC 9457).
type problemView struct {
	Type      string       `json:"type" doc:"urn:posthouse:problem: and the code" example:"urn:posthouse:problem:invalid"`
	Title     string       `json:"title" doc:"The status in words" example:"Unprocessable Entity"`
	Status    int          `json:"status" doc:"The HTTP status" example:"422"`
	Detail    string       `json:"detail" doc:"What went wrong, for people" example:"The request does not fit the operation"`
	Code      string       `json:"code" doc:"What kind of problem it is; stable" example:"invalid"`
	Reason    string       `json:"reason,omitempty" doc:"Which one it is, for programs; stable" example:"INVALID_FIELD"`
	RequestID string       `json:"requestId" doc:"Name it when you ask for help" example:"0b1f0d3e-6c0a-4b52-9c7f-0d2c1f5f9a10"`
	Errors    []fieldError `json:"errors,omitempty" doc:"What is wrong with which field, at most 20"`
}

type fieldError struct {
	Location string `json:"location" doc:"Such as body.url or query.limit" example:"body.url"`
	Message  string `json:"message" example:"expected string"`
}

const problemType = "application/problem+json"

// Error implements error.
func (p *problemView) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *problemView) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *problemView) ContentType(string) string { return problemType }

// statuses is the one table from faults to HTTP.
var statuses = map[fault.Code]int{
	fault.Invalid:          http.StatusUnprocessableEntity,
	fault.InvalidDomain:    http.StatusUnprocessableEntity,
	fault.Conflict:         http.StatusConflict,
	fault.AlreadyExists:    http.StatusConflict,
	fault.OverQuota:        http.StatusConflict,
	fault.Unauthenticated:  http.StatusUnauthorized,
	fault.Forbidden:        http.StatusForbidden,
	fault.PartnerNotFound:  http.StatusForbidden, // the caller's own, suspended
	fault.OrderNotFound:    http.StatusNotFound,
	fault.CustomerNotFound: http.StatusNotFound,
	fault.AccountNotFound:  http.StatusNotFound,
	fault.NotFound:         http.StatusNotFound,
	fault.TooMany:          http.StatusTooManyRequests,
	fault.TooLarge:         http.StatusRequestEntityTooLarge,
	fault.Unavailable:      http.StatusServiceUnavailable,
	fault.Internal:         http.StatusInternalServerError,
}

// byReason are the reasons for which HTTP has a status of its own.
var byReason = map[string]int{
	"UNPARSABLE":             http.StatusBadRequest,
	"UNSUPPORTED_MEDIA_TYPE": http.StatusUnsupportedMediaType,
	"METHOD_NOT_ALLOWED":     http.StatusMethodNotAllowed,
	"PRECONDITION_REQUIRED":  http.StatusPreconditionRequired,
	"PRECONDITION_FAILED":    http.StatusPreconditionFailed,
	"CHANGED_MEANWHILE":      http.StatusPreconditionFailed,
}

// problem maps an error to the wire.
func (c *call) problem(err error) *problemView {
	c.err = err
	f := fault.Of(err)
	if f.Code == fault.Internal && errors.Is(err, context.DeadlineExceeded) {
		f = errSlow
	}
	status, ok := byReason[f.Reason]
	if !ok {
		if status, ok = statuses[f.Code]; !ok {
			status = http.StatusInternalServerError
		}
	}
	return &problemView{
		Type: "urn:posthouse:problem:" + string(f.Code), Title: http.StatusText(status), Status: status,
		Detail: f.Text, Code: string(f.Code), Reason: f.Reason, RequestID: c.id,
	}
}

// fail answers with a problem outside of huma's handlers.
func (d *Door) fail(w http.ResponseWriter, c *call, err error) {
	p := c.problem(err)
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		d.serving.Log.Error("a problem could not be encoded", "request", c.id, "error", err)
	}
}

// GetHeaders implements huma.HeadersError: what goes with a status.
func (p *problemView) GetHeaders() http.Header {
	h := http.Header{}
	switch {
	case p.Status == http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="posthouse"`)
	case p.Status == http.StatusServiceUnavailable, p.Reason == "REQUEST_UNDER_WAY":
		h.Set("Retry-After", "1")
	}
	return h
}

// maxFieldErrors bounds the answer to a body that is wrong in many places;
// maxLocation what it says of a place, which may hold names that were sent.
const (
	maxFieldErrors = 20
	maxLocation    = 128
)

// refused turns huma's errors into ours. Values that were sent never go back:
// one could be a secret in the wrong field.
func refused(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	c := callOf(ctx.Context())
	f := fault.New(fault.Internal, "An internal error")
	switch m.Status {
	case http.StatusBadRequest:
		f = fault.New(fault.Invalid, "The body is not JSON, or missing").WithReason("UNPARSABLE")
	case http.StatusUnsupportedMediaType:
		f = fault.New(fault.Invalid, "The body's Content-Type must be application/json").WithReason("UNSUPPORTED_MEDIA_TYPE")
	case http.StatusUnprocessableEntity:
		f = fault.New(fault.Invalid, "The request does not fit the operation").WithReason("INVALID_FIELD")
	}
	p := c.problem(f)
	if m.Status == http.StatusUnprocessableEntity {
		for _, e := range m.Errors[:min(len(m.Errors), maxFieldErrors)] {
			message, _, _ := strings.Cut(e.Message, ": ") // what follows quotes the value
			p.Errors = append(p.Errors, fieldError{Location: strings.ToValidUTF8(e.Location[:min(len(e.Location), maxLocation)], ""), Message: message})
		}
	}
	return p, nil
}
