package resellerclub

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"posthouse/internal/core/reselling"
	"posthouse/internal/fault"
)

var (
	// errDenied is for a wrong key and for an address that is not listed, so that
	// neither tells of the other.
	errDenied        = &wireFault{status: http.StatusForbidden, text: "Access Denied: You are not authorized to perform this action"}
	errNoCredentials = &wireFault{status: http.StatusInternalServerError, text: "Required authentication parameter missing"}
)

// passwordCallers keeps the rate limits of those who call with a password apart
// from those of keys: negative numbers are resellers' keys.
const passwordCallers = -1 << 40

// authenticate finds out who calls, by api-key or else by the older
// auth-password, and counts the request (section 2, R-31).
func (c *call) authenticate(ctx context.Context, h http.Header, sent map[string][]string) error {
	user, key, password := last(sent["auth-userid"]), last(sent["api-key"]), last(sent["auth-password"])
	if user == "" || key == "" && password == "" {
		return errNoCredentials
	}
	id, err := wholeNumber(user)
	if err != nil || id <= 0 {
		return c.denied(h)
	}
	var caller *reselling.ResellerCaller
	if key != "" {
		caller, err = c.door.core.AuthenticateReseller(ctx, id, key, c.remote)
	} else {
		// A password costs a slow hash and can be guessed: who failed too often waits.
		if wait := c.door.failed.Wait(c.remote); wait > 0 {
			return tooMany(h, wait)
		}
		caller, err = c.door.core.AuthenticateResellerPassword(ctx, id, password, c.remote)
	}
	if fault.Is(err, fault.Unauthenticated) {
		return c.denied(h)
	}
	if err != nil {
		return err
	}
	c.actor, c.reseller, c.keyID = caller.Actor, caller.Reseller, caller.KeyID
	c.actor.RequestID = c.id
	counted := -caller.KeyID
	if counted == 0 {
		counted = passwordCallers - caller.Reseller.ID
	}
	return c.door.serving.Limits.Admit(h, counted, caller.Partner.Settings)
}

// denied counts a failure of the address. A right key is never kept out by
// others' failures.
func (c *call) denied(h http.Header) error {
	if wait := c.door.failed.Wait(c.remote); wait > 0 {
		return tooMany(h, wait)
	}
	c.door.failed.Count(c.remote)
	return errDenied
}

func tooMany(h http.Header, wait time.Duration) error {
	h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	return &fault.Error{Code: fault.TooMany, Text: "Too many requests", Temporary: true}
}

// last gives the value that counts of a single-valued name.
func last(v []string) string {
	for i := len(v) - 1; i >= 0; i-- {
		if v[i] != "" {
			return v[i]
		}
	}
	return ""
}
