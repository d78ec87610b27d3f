package native

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

const idempotencyHeader = gate.IdempotencyHeader

// keptAnswer is an answer as it is kept.
type keptAnswer struct {
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

// notKept are header fields that belong to one exchange.
var notKept = []string{"X-Request-Id"}

// once runs a request that names an idempotency key unless it has run before.
// Only successes are kept: what failed has changed nothing and may be tried again.
func (d *Door) once(c *call, ctx huma.Context, w *recorder, r *http.Request, body []byte, next func(huma.Context)) {
	key, err := gate.IdempotencyKey(r.Header)
	if err != nil {
		d.fail(w, c, err)
		return
	}
	h := sha256.New()
	h.Write([]byte(r.Method + "\x00" + r.URL.RequestURI() + "\x00"))
	h.Write(body)
	staying, cancel := gate.Staying(ctx.Context())
	defer cancel()
	claim, kept, err := d.core.ClaimRequest(staying, c.actor, key, h.Sum(nil))
	if err != nil {
		d.fail(w, c, err)
		return
	}
	if kept != nil {
		d.repeat(w, c, kept)
		return
	}
	done := false
	defer func() {
		if !done { // failed or panicked
			d.release(c, staying, claim)
		}
	}()
	next(huma.WithContext(ctx, work.WithClaim(staying, claim)))
	if w.status < 200 || w.status > 299 {
		return
	}
	done = true
	header := w.header.Clone()
	for _, k := range notKept {
		header.Del(k)
	}
	raw, err := json.Marshal(keptAnswer{Header: header, Body: w.body.Bytes()})
	if err == nil {
		settling, cancel := gate.Settling(staying)
		defer cancel()
		err = d.core.KeepAnswer(settling, c.actor, claim, tenancy.Answer{Status: w.status, Body: raw})
	}
	if err != nil {
		// It was carried out, and the caller learns so now; a repeat is told that its answer is lost.
		d.serving.Log.Error("an answer was not kept", "request", c.id, "error", err)
	}
}

func (d *Door) release(c *call, ctx context.Context, claim *work.Claim) {
	ctx, cancel := gate.Settling(ctx)
	defer cancel()
	if err := d.core.DropClaim(ctx, c.actor, claim); err != nil {
		d.serving.Log.Error("an idempotency key was not released", "request", c.id, "error", err)
	}
}

func (d *Door) repeat(w *recorder, c *call, a *tenancy.Answer) {
	var kept keptAnswer
	if err := json.Unmarshal(a.Body, &kept); err != nil {
		d.fail(w, c, fault.Wrap(err))
		return
	}
	for k, v := range kept.Header {
		w.header[k] = v
	}
	w.header.Set(gate.ReplayedHeader, "true")
	w.WriteHeader(a.Status)
	_, _ = w.Write(kept.Body)
}
