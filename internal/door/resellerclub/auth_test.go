package resellerclub

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
)

const denied = "Access Denied: You are not authorized to perform this action"

// changeSeller changes a reseller's row.
func (w *world) changeSeller(s seller, change func(*reseller.Reseller)) {
	w.t.Helper()
	err := w.store.Write(w.t.Context(), func(tx work.Tx) error {
		r, err := tx.Reseller(w.t.Context(), s.id)
		if err != nil {
			return err
		}
		change(r)
		return tx.UpdateReseller(w.t.Context(), r)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// from sends a GET of the echo from an address.
func (w *world) from(addr string, pairs ...any) reply {
	w.t.Helper()
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Add(fmt.Sprint(pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	req := httptest.NewRequest(http.MethodGet, "/api/test/echo.json?"+q.Encode(), nil)
	req.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(addr), 4000).String()
	return w.serve(req)
}

func TestAuthentication(t *testing.T) {
	w := newWorld(t)
	w.echo()
	w.changeSeller(w.child, func(r *reseller.Reseller) { r.PasswordHash = "plain:Secret#1" })
	w.changeSeller(w.grandchild, func(r *reseller.Reseller) { r.Status, r.PasswordHash = reseller.Suspended, "plain:Secret#1" })
	w.changeSeller(w.sibling, func(r *reseller.Reseller) {
		r.AllowedNetworks, r.PasswordHash = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}, "plain:Secret#1"
	})
	const missing = "Required authentication parameter missing"
	for i, c := range []struct {
		pairs  []any
		status int
		text   string
	}{
		{[]any{"auth-userid", w.child.id, "api-key", w.child.key}, 200, ""},
		{[]any{"auth-userid", w.child.id, "auth-password", "Secret#1"}, 200, ""},
		{[]any{"auth-userid", w.child.id, "auth-password", "Secret#1"}, 200, ""}, // by what was remembered
		{[]any{"auth-userid", w.child.id, "auth-password", "wrong", "api-key", w.child.key}, 200, ""},
		{nil, 500, missing},
		{[]any{"auth-userid", w.child.id}, 500, missing},
		{[]any{"api-key", w.child.key}, 500, missing},
		{[]any{"auth-userid", "", "api-key", w.child.key}, 500, missing},
		{[]any{"auth-userid", w.child.id, "api-key", ""}, 500, missing},
		{[]any{"auth-userid", w.child.id, "api-key", "wrong"}, 403, denied},
		{[]any{"auth-userid", w.child.id, "api-key", strings.Repeat("x", 100_000)}, 403, denied},
		{[]any{"auth-userid", w.child.id, "api-key", "\x00\xff"}, 403, denied},
		{[]any{"auth-userid", w.child.id, "api-key", "wrong", "auth-password", "Secret#1"}, 403, denied},
		{[]any{"auth-userid", w.child.id, "auth-password", "secret#1"}, 403, denied},
		{[]any{"auth-userid", w.child.id, "auth-password", "\x00\xff"}, 403, denied},
		{[]any{"auth-userid", w.child.id, "auth-password", strings.Repeat("x", 100_000)}, 403, denied},
		{[]any{"auth-userid", w.root.id, "auth-password", "Secret#1"}, 403, denied},  // has none
		{[]any{"auth-userid", w.root.id, "api-key", w.child.key}, 403, denied},       // a right key of another's
		{[]any{"auth-userid", w.child.id + 99, "api-key", w.child.key}, 403, denied}, // of nobody's
		{[]any{"auth-userid", w.child.id + 99, "auth-password", "Secret#1"}, 403, denied},
		{[]any{"auth-userid", w.child.id + 99, "auth-password", "nobody has this password"}, 403, denied},
		{[]any{"auth-userid", "1x", "api-key", w.child.key}, 403, denied},
		{[]any{"auth-userid", "-5", "api-key", w.child.key}, 403, denied},
		{[]any{"auth-userid", "99999999999999999999", "api-key", w.child.key}, 403, denied},
		{[]any{"auth-userid", w.grandchild.id, "api-key", w.grandchild.key}, 403, denied}, // suspended
		{[]any{"auth-userid", w.grandchild.id, "auth-password", "Secret#1"}, 403, denied},
	} {
		r := w.from(fmt.Sprintf("192.0.2.%d", i+1), c.pairs...)
		if c.status == 200 {
			w.ok(r)
		} else {
			w.refused(r, c.status, c.text)
		}
	}
	sibling := []any{"auth-userid", w.sibling.id, "api-key", w.sibling.key}
	w.ok(w.from("198.51.100.7", sibling...))
	w.ok(w.from("::ffff:198.51.100.7", sibling...))
	w.refused(w.from("203.0.113.1", sibling...), 403, denied)
	w.refused(w.from("203.0.113.1", "auth-userid", w.sibling.id, "auth-password", "Secret#1"), 403, denied)
	w.ok(w.from("198.51.100.7", "auth-userid", w.sibling.id, "auth-password", "Secret#1"))
	w.changeSeller(w.sibling, func(r *reseller.Reseller) { r.AllowedNetworks = nil })
	w.ok(w.from("203.0.113.1", sibling...)) // changes act at once
	w.changeSeller(w.sibling, func(r *reseller.Reseller) { r.PasswordHash = "plain:Other#12" })
	w.refused(w.from("198.51.100.7", "auth-userid", w.sibling.id, "auth-password", "Secret#1"), 403, denied)

	if err := w.core.SuspendPartner(t.Context(), operator, w.partner); err != nil {
		t.Fatal(err)
	}
	w.refused(w.from("203.0.113.2", "auth-userid", w.child.id, "api-key", w.child.key), 403, denied)
	w.ok(w.from("203.0.113.2", "auth-userid", w.foreign.id, "api-key", w.foreign.key))
}

// Failures of one address are limited; a right key gets through all the same.
func TestFailedAuthentications(t *testing.T) {
	w := newWorld(t)
	w.echo()
	w.changeSeller(w.child, func(r *reseller.Reseller) { r.PasswordHash = "plain:Secret#1" })
	wrong := []any{"auth-userid", w.child.id, "api-key", "wrong"}
	right := []any{"auth-userid", w.child.id, "auth-password", "Secret#1"}
	for range 30 {
		w.refused(w.from("192.0.2.1", wrong...), 403, denied)
	}
	r := w.from("192.0.2.1", wrong...)
	w.refused(r, 429, "Too many requests")
	if r.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
	}
	w.refused(w.from("192.0.2.1", right...), 429, "Too many requests") // a password is not even looked at
	w.ok(w.from("192.0.2.1", "auth-userid", w.child.id, "api-key", w.child.key))
	w.refused(w.from("192.0.2.2", wrong...), 403, denied)
	w.clock.Advance(2 * time.Second)
	w.ok(w.from("192.0.2.1", right...))
}

// so many requests per key, whichever address they come from.
func TestRateLimit(t *testing.T) {
	w := newWorld(t)
	w.echo()
	w.changeSeller(w.child, func(r *reseller.Reseller) { r.PasswordHash = "plain:Secret#1" })
	rate, burst := 1, 3
	if err := w.core.SetPartnerSettings(t.Context(), operator, w.partner, partner.Settings{RatePerSecond: &rate, RateBurst: &burst}); err != nil {
		t.Fatal(err)
	}
	for _, who := range [][]any{{"auth-userid", w.child.id, "api-key", w.child.key}, {"auth-userid", w.root.id, "api-key", w.root.key}, {"auth-userid", w.child.id, "auth-password", "Secret#1"}} {
		for i := range burst {
			w.ok(w.from(fmt.Sprintf("192.0.2.%d", i+1), who...))
		}
		r := w.from("192.0.2.9", who...)
		w.refused(r, 429, "Too many requests")
		if r.header.Get("Retry-After") != "1" {
			t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
		}
	}
	w.clock.Advance(time.Second)
	w.ok(w.from("192.0.2.9", "auth-userid", w.child.id, "api-key", w.child.key))
}

// The caller of an operation is the reseller, limited to its tree.
func TestActor(t *testing.T) {
	w := newWorld(t)
	w.serveAlso(&operation{path: "test/who", methods: get, serve: func(_ context.Context, c *call, _ *params) (any, error) {
		return c.actor.String() + " " + fmt.Sprint(c.actor.PartnerID == w.partner, c.actor.Limit.ResellerID == w.child.id, c.actor.Limited, c.actor.RequestID != "") + " " + c.actor.Address, nil
	}})
	want := fmt.Sprintf(`"partner/reseller:%d true true true true 192.0.2.1"`, w.child.id)
	if got := w.ok(w.get(w.child, "test/who.json")); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
