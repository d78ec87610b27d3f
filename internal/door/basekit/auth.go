package basekit

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/tenancy"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
	"posthouse/internal/oauth1"
)

// authCore finds out who calls.
type authCore interface {
	AuthenticateAPIUser(ctx context.Context, username, password string, remote netip.Addr) (*tenancy.APICaller, error)
	AuthenticateOAuth(ctx context.Context, signed *oauth1.Signed, remote netip.Addr) (*tenancy.APICaller, error)
	SpendOAuthNonce(ctx context.Context, c *tenancy.APICaller) error
	ShopHosts(ctx context.Context) (map[string]int64, error)
}

// errUnauthenticated is for all that can be wrong, so that nothing tells of the rest (B-02).
var errUnauthenticated = &wireFault{status: http.StatusUnauthorized, code: "unauthorized", message: "The credentials are missing or wrong, or may not be used here"}

// What is wrong with credentials that are known, or are none, for the log only.
var (
	errAnotherBrand   = fault.New(fault.Unauthenticated, errUnauthenticated.message).WithReason("ANOTHER_BRANDS_HOST")
	errMalformedOAuth = fault.New(fault.Unauthenticated, errUnauthenticated.message).WithReason("OAUTH_MALFORMED")
)

// apiUsers keeps the rate limits of API users apart from those of other doors' keys.
const apiUsers = -1 << 50

// authenticate finds out who calls, by HTTP Basic or OAuth 1.0a, and counts the
// request (2.1). It gives the body; that of who has shown nothing is not read.
func (c *call) authenticate(ctx context.Context, w http.ResponseWriter, r *http.Request) (body, error) {
	sent := r.Header.Values("Authorization")
	if len(sent) > 1 {
		return body{}, c.denied(w.Header(), errUnauthenticated)
	}
	scheme, host := gate.ClientURL(r, c.door.serving.TrustedProxies)
	var err error
	var b body
	if username, password, basic := r.BasicAuth(); basic {
		c.caller, err = c.door.core.AuthenticateAPIUser(ctx, username, password, c.remote)
	} else {
		req := &oauth1.Request{Method: r.Method, Scheme: scheme, Host: host, Path: pathOf(r), Query: r.URL.RawQuery, Authorization: strings.Join(sent, ""), Form: isForm(r)}
		if len(sent) > 0 && !oauth1.Present(req) || len(sent) == 0 && !req.Form && !oauth1.Present(req) {
			return body{}, errUnauthenticated
		}
		if b, err = readBody(w, r); err != nil {
			return body{}, err
		}
		if req.Body, req.Form = b.raw, b.form; !oauth1.Present(req) {
			return body{}, errUnauthenticated
		}
		c.caller, err = c.verify(ctx, req)
	}
	if err == nil {
		if brand := c.door.hosts.partner(ctx, gate.HostName(host)); brand != 0 && brand != c.caller.Partner.ID { // B-01
			err = errAnotherBrand
		}
	}
	if err == nil {
		if err = c.door.serving.Limits.Admit(w.Header(), apiUsers-c.caller.User.ID, c.caller.Partner.Settings); err == nil {
			err = c.door.core.SpendOAuthNonce(ctx, c.caller)
		}
	}
	if fault.Is(err, fault.Unauthenticated) {
		c.caller = nil
		return body{}, c.denied(w.Header(), err)
	}
	if err != nil {
		return body{}, err
	}
	c.actor = c.caller.Actor
	c.actor.RequestID = c.id
	if !c.caller.Signed() {
		b, err = readBody(w, r)
	}
	return b, err
}

func (c *call) verify(ctx context.Context, req *oauth1.Request) (*tenancy.APICaller, error) {
	signed, err := oauth1.Parse(req)
	if err != nil {
		return nil, errMalformedOAuth
	}
	return c.door.core.AuthenticateOAuth(ctx, signed, c.remote)
}

// pathOf is the path as it stood in the request line, which is what was signed.
func pathOf(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		path, _, _ := strings.Cut(r.RequestURI, "?")
		return path
	}
	return r.URL.EscapedPath()
}

// denied counts a failure of the address. Right credentials are never kept out by
// others' failures.
func (c *call) denied(h http.Header, why error) error {
	if wait := c.door.failed.Wait(c.remote); wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		return &fault.Error{Code: fault.TooMany, Text: "Too many requests", Temporary: true}
	}
	c.door.failed.Count(c.remote)
	out := *errUnauthenticated
	if why != errUnauthenticated {
		out.cause = why // for the log
	}
	return &out
}
