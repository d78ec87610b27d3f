package native

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/store"
	"posthouse/internal/store/sqltest"
)

// Of many equal requests at once one runs; each of the others gets its answer or is told to wait.
func TestIdempotencyUnderConcurrency(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			c := clock.NewManual(start)
			w := newWorld(t, c, sqltest.Store(t, e.engine, store.WithClock(c)))
			const n = 12
			var wg sync.WaitGroup
			answers := make([]*answer, n)
			for i := range n {
				wg.Go(func() {
					answers[i] = w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, header{"Idempotency-Key": "one"})
				})
			}
			wg.Wait()
			ran := 0
			body := ""
			for _, a := range answers {
				switch {
				case a.status == 201 && a.header.Get("Idempotency-Replayed") == "":
					ran++
					body = a.raw
				case a.status == 201, a.status == 409 && a.text("reason") == "REQUEST_UNDER_WAY" && a.header.Get("Retry-After") == "1":
				default:
					t.Errorf("%d %s", a.status, a.raw)
				}
			}
			if ran != 1 {
				t.Errorf("%d ran", ran)
			}
			if a := w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, header{"Idempotency-Key": "one"}); a.raw != body || a.header.Get("Idempotency-Replayed") != "true" ||
				a.header.Get("Location") != "/v1/webhooks/"+fmt.Sprint(a.body["id"]) {
				t.Error(a.header, a.raw)
			}
			if got := w.do(w.key, "GET", "/v1/webhooks", "").items(); len(got) != 1 {
				t.Errorf("%d webhooks", len(got))
			}
			id := "/v1/webhooks/" + fmt.Sprint(answers[0].body["id"])
			for name, c := range map[string]struct{ target, body string }{
				"body": {"/v1/webhooks", `{"url":"https://b.example/"}`}, "route": {"/v1/sandbox/webhook-failures", `{"url":"https://a.example/"}`},
				"path": {id + "/rotate-secret", ""}, "query": {"/v1/webhooks?x=1", `{"url":"https://a.example/"}`},
			} {
				if a := w.do(w.key, "POST", c.target, c.body, header{"Idempotency-Key": "one"}); a.status != 422 || a.text("reason") != "IDEMPOTENCY_KEY_REUSED" {
					t.Errorf("%s: %d %s", name, a.status, a.raw)
				}
			}
			// It is the partner's own name for the request.
			w.do(w.foreign, "POST", "/v1/webhooks", `{"url":"https://c.example/"}`, header{"Idempotency-Key": "one"}).want(201, "")
		})
	}
}

func TestIdempotencyOfFailuresAndCrashes(t *testing.T) {
	w := sqliteWorld(t)
	key := header{"Idempotency-Key": "k"}
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"no address"}`, key).want(422, w.do(w.key, "POST", "/v1/webhooks", `{"url":"no address"}`).text("reason"))
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, key).want(201, "")
	for _, bad := range []string{"", "a b", "ä", strings.Repeat("x", 256), "a\tb"} {
		w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, header{"Idempotency-Key": bad}).want(422, "INVALID_IDEMPOTENCY_KEY")
	}
	// The scope is asked before an answer is repeated.
	w.do(w.scoped(partner.ScopeEventsRead), "POST", "/v1/webhooks", `{"url":"https://a.example/"}`, key).want(403, "SCOPE_MISSING")

	// A crash after the commit, before the answer is kept.
	w.door.core = &forgetful{Core: w.core}
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://b.example/"}`, header{"Idempotency-Key": "lost"}).want(201, "")
	w.door.core = w.core
	w.clock.Advance(time.Hour)
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://b.example/"}`, header{"Idempotency-Key": "lost"}).want(409, "ANSWER_LOST")

	// Something that this depends on fails: try again.
	w.door.core = &forgetful{Core: w.core, fails: true}
	if a := w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://c.example/"}`, header{"Idempotency-Key": "p"}).want(503, ""); a.header.Get("Retry-After") != "1" {
		t.Error(a.header)
	}

	// A panic gives 500 and frees the key.
	w.door.core = &forgetful{Core: w.core, panics: true}
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://c.example/"}`, header{"Idempotency-Key": "p"}).want(500, "")
	w.door.core = w.core
	w.do(w.key, "POST", "/v1/webhooks", `{"url":"https://c.example/"}`, header{"Idempotency-Key": "p"}).want(201, "")
	if got := w.do(w.key, "GET", "/v1/webhooks", "").items(); len(got) != 3 {
		t.Errorf("%d webhooks", len(got))
	}
}

// A client that goes away before the answer finds it when it comes again.
func TestIdempotencyOfWhoDoesNotWait(t *testing.T) {
	w := sqliteWorld(t)
	for _, replayed := range []string{"", "true"} {
		ctx, leave := context.WithCancel(t.Context())
		w.door.core = &left{Core: w.core, leave: leave}
		r := httptest.NewRequestWithContext(ctx, "POST", "/v1/webhooks", strings.NewReader(`{"url":"https://a.example/"}`))
		r.Header.Set("Authorization", "Bearer "+w.key)
		r.Header.Set("Idempotency-Key", "k")
		got := httptest.NewRecorder()
		w.door.ServeHTTP(got, r)
		if got.Code != 201 || got.Header().Get("Idempotency-Replayed") != replayed {
			t.Error(got.Code, got.Header(), got.Body)
		}
		leave()
	}
}

// left is called by a client that goes away as soon as its command begins.
type left struct {
	Core
	leave func()
}

func (l *left) CreateWebhook(ctx context.Context, a audit.Actor, cmd outbox.CreateWebhook) (*webhook.Endpoint, error) {
	l.leave()
	return l.Core.CreateWebhook(ctx, a, cmd)
}

// forgetful loses answers, or panics before it begins.
type forgetful struct {
	Core
	panics, fails bool
}

func (f *forgetful) KeepAnswer(context.Context, audit.Actor, *work.Claim, tenancy.Answer) error {
	return fmt.Errorf("the machine is gone")
}

func (f *forgetful) CreateWebhook(ctx context.Context, a audit.Actor, cmd outbox.CreateWebhook) (*webhook.Endpoint, error) {
	if f.panics {
		panic("secret")
	}
	if f.fails {
		return nil, fault.Unavail("The database does not answer", nil)
	}
	return f.Core.CreateWebhook(ctx, a, cmd)
}
