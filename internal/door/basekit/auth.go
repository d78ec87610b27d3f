package basekit

import (
	"context"
	"net/http"
	"net/netip"

	"posthouse/internal/core/provision"
)

// authCore finds out who calls.
type authCore interface {
	AuthenticateAPIUser(ctx context.Context, username, password string, remote netip.Addr) (*provision.APICaller, error)
}

var errUnauthenticated = &wireFault{status: http.StatusUnauthorized, code: "unauthorized", message: "Authentication is required"}

// authenticate finds out who calls, and counts the request (2.1).
func (c *call) authenticate(ctx context.Context, h http.Header, r *http.Request, _ body) error {
	username, password, ok := r.BasicAuth()
	if !ok {
		return errUnauthenticated
	}
	caller, err := c.door.core.AuthenticateAPIUser(ctx, username, password, c.remote)
	if err != nil {
		return err
	}
	c.caller, c.actor = caller, caller.Actor
	c.actor.RequestID = c.id
	return c.door.limits.Admit(h, apiUsers-caller.User.ID, caller.Partner.Settings)
}

// apiUsers keeps the rate limits of API users apart from those of other doors' keys.
const apiUsers = -1 << 50
