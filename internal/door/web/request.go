package web

import (
	"context"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/locale"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// maxForm bounds the body of a form.
const maxForm = 64 << 10

// request is one request on its way through the door. Who serves a route sets
// what is known of the reader, so that error pages look right too.
type request struct {
	door   *Door
	ctx    context.Context
	w      http.ResponseWriter
	r      *http.Request
	id     string
	path   string // the route's, for the log
	remote netip.Addr
	secure bool // the client speaks TLS
	status int  // sent

	partnerID int64
	locale    locale.Locale
	brand     brand.Brand
	theme     string   // R3
	formsTo   []string // further origins that forms of this page may lead to
	dead      bool     // a cookie opened nothing

	framed       bool // R3: shown inside a page of frameOrigins
	frame        frame
	dressed      bool // by a session, which knows its frameOrigins
	frameOrigins []string
}

// actor completes the actor of a session with this request.
func (q *request) actor(a audit.Actor) audit.Actor {
	a.Address, a.RequestID = q.remote.String(), q.id
	return a
}

// speak chooses the language: what was asked for, else what the browser prefers.
func (q *request) speak(asked string) {
	if asked == "" {
		asked = preferred(q.r.Header.Get("Accept-Language"))
	}
	q.locale = locale.Match(asked)
}

// preferred is the first language of an Accept-Language header: browsers list
// the reader's own one first.
func preferred(header string) string {
	first, _, _ := strings.Cut(header[:min(len(header), 256)], ",")
	tag, _, _ := strings.Cut(first, ";")
	return strings.TrimSpace(tag)
}

// form reads a posted form.
func (q *request) form() (url.Values, error) {
	kind, _, err := mime.ParseMediaType(q.r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, errForm
	}
	body, err := io.ReadAll(http.MaxBytesReader(q.w, q.r.Body, maxForm))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, fault.New(fault.TooLarge, "The form is too large")
		}
		return nil, &fault.Error{Code: fault.Invalid, Text: errForm.Text, Cause: err}
	}
	v, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Text: errForm.Text, Cause: err}
	}
	return v, nil
}

var errTooMany = &fault.Error{Code: fault.TooMany, Text: "Too many requests; try again later", Temporary: true}

// mayFail refuses who has failed too often.
func (q *request) mayFail(f *gate.Failures) error {
	wait := f.Wait(q.remote)
	if wait == 0 {
		return nil
	}
	q.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return errTooMany
}

// redirect sends the browser on with GET.
func (q *request) redirect(to string) error {
	q.headers()
	q.w.Header().Set("Location", to)
	q.status = http.StatusSeeOther
	q.w.WriteHeader(q.status)
	return nil
}

// sameOrigin refuses a request that a page of somebody else sent. Browsers say
// where a request comes from; forms prove it by their token besides, since this
// door's own pages send no referrer and so "Origin: null" over plain HTTP.
func (q *request) sameOrigin() error {
	switch q.r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return nil
	case "":
	default:
		return errForeignForm
	}
	origin := q.r.Header.Get("Origin")
	if origin == "" || origin == "null" {
		return nil
	}
	u, err := url.Parse(origin)
	if err != nil || !strings.EqualFold(u.Host, q.r.Host) {
		return errForeignForm
	}
	return nil
}
