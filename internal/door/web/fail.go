package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"posthouse/internal/fault"
)

var (
	errNoPage      = fault.New(fault.NotFound, "There is no such page").WithReason("NO_PAGE")
	errMethod      = fault.New(fault.Invalid, "The method is not allowed").WithReason("METHOD")
	errForm        = fault.New(fault.Invalid, "The form can't be read").WithReason("FORM")
	errForeignForm = fault.New(fault.Forbidden, "The form was sent from another page").WithReason("FOREIGN_FORM")
)

// failure is how an error looks: a status and the names of two texts.
type failure struct {
	status int
	text   string // "error.<text>.title" and "error.<text>.text"
}

// failures is the one table from faults to pages. Nothing tells why a link or a
// session is refused (titan.md 9.1).
var failures = map[fault.Code]failure{
	fault.Invalid:         {http.StatusBadRequest, "request"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, "request"},
	fault.Unauthenticated: {http.StatusUnauthorized, "link"},
	fault.Forbidden:       {http.StatusForbidden, "forbidden"},
	fault.NotFound:        {http.StatusNotFound, "page"},
	fault.TooMany:         {http.StatusTooManyRequests, "busy"},
	fault.Unavailable:     {http.StatusServiceUnavailable, "busy"},
	fault.Internal:        {http.StatusInternalServerError, "internal"},
	fault.Conflict:        {http.StatusConflict, "conflict"},
}

func failureOf(err error) failure {
	f := fault.Of(err)
	switch {
	case f.Reason == errMethod.Reason:
		return failure{http.StatusMethodNotAllowed, "request"}
	case f.Reason == errNotIn.Reason || f.Reason == "SESSION_ENDED":
		return failure{http.StatusUnauthorized, "session"}
	case f.Reason == errNoInvoice.Reason:
		return failure{http.StatusForbidden, "link"}
	case f.Code == fault.Internal && errors.Is(err, context.DeadlineExceeded):
		return failure{http.StatusGatewayTimeout, "busy"}
	}
	if known, ok := failures[f.Code]; ok {
		return known
	}
	if strings.HasSuffix(string(f.Code), "not_found") {
		return failure{http.StatusNotFound, "page"}
	}
	return failures[fault.Internal]
}

// fail answers an error, as a page or, to a script, as JSON.
func (q *request) fail(err error) error {
	if q.status != 0 {
		return nil // the answer had begun
	}
	f := failureOf(err)
	if q.wantsJSON() {
		return q.json(f.status, map[string]any{"error": f.text, "status": f.status, "requestId": q.id})
	}
	return errors.Join(q.dressFrame(), q.page(f.status, "error", "error."+f.text+".title", f))
}

// Text names the text of a failure for its page.
func (f failure) Text() string { return "error." + f.text + ".text" }

func (q *request) wantsJSON() bool {
	return q.path == pathSession || strings.HasPrefix(q.r.Header.Get("Accept"), "application/json")
}

func (q *request) json(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(err)
	}
	return q.send(status, "application/json", body)
}
