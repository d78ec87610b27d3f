package basekit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// onceCore keeps what became of requests that name an idempotency key.
type onceCore interface {
	ClaimRequest(ctx context.Context, actor audit.Actor, key string, request []byte) (*work.Claim, *tenancy.Answer, error)
	KeepAnswer(ctx context.Context, actor audit.Actor, c *work.Claim, a tenancy.Answer) error
	DropClaim(ctx context.Context, actor audit.Actor, c *work.Claim) error
}

// once serves a request; a POST with an idempotency key is carried out once, and
// its repeats get the first answer. The contract has no such key and the same
// call twice may be meant, so nothing is taken for a repeat that does not say so.
// Only successes are kept: what failed has changed nothing and may be tried again.
func (c *call) once(ctx context.Context, h http.Header, r *http.Request, in *input) (any, error) {
	if c.op.method != http.MethodPost || c.op.asks || len(r.Header.Values(gate.IdempotencyHeader)) == 0 {
		return c.op.serve(ctx, c, in)
	}
	key, err := gate.IdempotencyKey(r.Header)
	if err != nil {
		return nil, err
	}
	request, err := in.digest(key, r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := gate.Staying(ctx)
	defer cancel()
	claim, kept, err := c.door.core.ClaimRequest(ctx, c.actor, key, request)
	switch {
	case err != nil:
		return nil, err
	case kept != nil && kept.Status == http.StatusNoContent:
		h.Set(gate.ReplayedHeader, "true")
		return none{}, nil
	case kept != nil:
		h.Set(gate.ReplayedHeader, "true")
		return json.RawMessage(kept.Body), nil
	}
	done := false
	defer func() {
		if !done { // failed or panicked
			c.release(ctx, claim)
		}
	}()
	out, err := c.op.serve(work.WithClaim(ctx, claim), c, in)
	if err != nil {
		return nil, err
	}
	done = true
	if err := c.keep(ctx, claim, out); err != nil {
		// It was carried out, and the caller learns so now; a repeat is told that its answer is lost.
		c.door.serving.Log.Error("an answer was not kept", "request", c.id, "error", err)
	}
	return out, nil
}

func (c *call) keep(ctx context.Context, claim *work.Claim, out any) error {
	ctx, cancel := gate.Settling(ctx)
	defer cancel()
	if _, empty := out.(none); empty {
		return c.door.core.KeepAnswer(ctx, c.actor, claim, tenancy.Answer{Status: http.StatusNoContent})
	}
	body, err := encode(out)
	if err != nil {
		return fault.Wrap(err)
	}
	return c.door.core.KeepAnswer(ctx, c.actor, claim, tenancy.Answer{Status: cmp.Or(c.op.status, http.StatusOK), Body: body})
}

func (c *call) release(ctx context.Context, claim *work.Claim) {
	ctx, cancel := gate.Settling(ctx)
	defer cancel()
	if err := c.door.core.DropClaim(ctx, c.actor, claim); err != nil {
		c.door.serving.Log.Error("an idempotency key was not released", "request", c.id, "error", err)
	}
}

// digest is what makes two requests the same: path and fields, however these were
// written. What signs them differs from one to the next. With the key in it, it
// tells nobody who reads it what was sent.
func (in *input) digest(key string, r *http.Request) ([]byte, error) {
	fields := map[string]any{}
	for name, v := range in.sent {
		if !strings.HasPrefix(name, "oauth_") {
			fields[name] = v
		}
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	h := sha256.New()
	h.Write([]byte("basekit\x00" + key + "\x00" + r.Method + "\x00" + r.URL.EscapedPath() + "\x00"))
	h.Write(raw)
	return h.Sum(nil), nil
}
