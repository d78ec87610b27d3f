package basekit

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/packages"
	"posthouse/internal/gate"
)

// keyed sends a request with an idempotency key.
func (w *world) keyed(key, method, path, contentType, body string) reply {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	r.Header[gate.IdempotencyHeader] = []string{key}
	r.SetBasicAuth(w.ours.user, w.ours.password)
	return w.do(r)
}

// TestOnce: a POST that names a key is carried out once, however often it is sent.
func TestOnce(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	mail := s.priced("plan:premium")
	path := s.at("/users/me/account-packages")
	end := func() time.Time {
		t.Helper()
		list, err := w.core.AccountPackages(t.Context(), w.ours.key(), s.ref, packages.AccountPackageFilter{})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return *list[0].EndsAt
	}
	body := fmt.Sprintf(`{"packageRef":%d,"billingFrequency":12}`, mail)
	first := w.keyed("order-77", "POST", path, "application/json", body)
	w.want(first, 200)
	once := end()
	for _, again := range []reply{
		w.keyed("order-77", "POST", path, "application/json", body),
		w.keyed("order-77", "POST", path, "application/json", fmt.Sprintf(`{ "billingFrequency": 12, "packageRef": %d }`, mail)), // the same fields
	} {
		if again.status != 200 || again.body != first.body || again.header.Get(gate.ReplayedHeader) != "true" || !end().Equal(once) {
			t.Errorf("%d %s until %s", again.status, again.body, end())
		}
	}
	// Without the key the same call twice is two renewals, as the contract has it.
	w.want(w.send(w.ours, "POST", path, "application/json", body), 200)
	if !end().Equal(once.AddDate(1, 0, 0)) {
		t.Error(end())
	}
	for name, r := range map[string]reply{
		"another body": w.keyed("order-77", "POST", path, "application/json", fmt.Sprintf(`{"packageRef":%d,"billingFrequency":1}`, mail)),
		"another path": w.keyed("order-77", "POST", s.at("/users/me/suspend"), "", ""),
	} {
		t.Run(name, func(t *testing.T) { w.wantError(r, 400, "Idempotency-Key", "notAllowed") })
	}
	for _, bad := range []string{"", " ", "a b", "ü", strings.Repeat("k", 256)} {
		w.wantError(w.keyed(bad, "POST", path, "application/json", body), 400, "Idempotency-Key", "invalid")
	}
	// What failed has changed nothing: the key is free.
	w.wantError(w.keyed("late", "POST", path, "application/json", `{"packageRef":1,"billingFrequency":12}`), 400, "packageRef", "invalid")
	w.want(w.keyed("late", "POST", path, "application/json", body), 200)
	// 201 and 204 come again as they were.
	user := fmt.Sprintf(`{"brandRef":%d,"firstName":"A","lastName":"B","username":"onlyonce","password":"pass-word-9","email":"o@example.org","languageCode":"en"}`, w.ours.id)
	made := w.keyed("u", "POST", "/users", "application/json", user)
	if again := w.keyed("u", "POST", "/users", "application/json", user); made.status != 201 || again.status != 201 || again.body != made.body {
		t.Errorf("%d %s", again.status, again.body)
	}
	for range 2 {
		w.want(w.keyed("s", "POST", s.at("/users/me/suspend"), "", ""), 204)
	}
	w.want(w.keyed("s", "GET", s.at("/users/me"), "", ""), 200) // and means nothing elsewhere
	w.want(w.keyed("s", "PUT", s.at("/users/me"), "application/json", `{"city":"York"}`), 200)
	login := `{"username":"onlyonce","password":"pass-word-9","userType":"accountHolder"}`
	w.want(w.keyed("l", "POST", "/login", "application/json", login), 200)
	if r := w.keyed("l", "POST", "/login", "application/json", login); r.status != 200 || r.header.Get(gate.ReplayedHeader) != "" {
		t.Error("a log-in is answered from memory")
	}
	w.clock.Advance(25 * time.Hour)
	w.want(w.keyed("order-77", "POST", path, "application/json", body), 200)
	if !end().Equal(once.AddDate(3, 0, 0)) { // the key of a day before is another's
		t.Error(end())
	}
}

// TestOnceUnderWay: who comes while the first is under way is to come again.
func TestOnceUnderWay(t *testing.T) {
	w := newWorld(t)
	var second reply
	w.door.routes = newRoutes([]*operation{{method: "POST", path: "/slow", serve: func(context.Context, *call, *input) (any, error) {
		if second.status == 0 {
			second.status = -1
			second = w.keyed("k", "POST", "/slow", "", "")
		}
		return object{"done": true}, nil
	}}, {method: "POST", path: "/panic", serve: func(context.Context, *call, *input) (any, error) { panic("once") }}})
	w.want(w.keyed("k", "POST", "/slow", "", ""), 200)
	w.wantError(second, 503, "", "")
	if second.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	for range 2 { // the key is free again
		w.wantError(w.keyed("p", "POST", "/panic", "", ""), 500, "", "")
	}
}

// TestOnceWithoutWaiting: a client that goes away before the answer and comes
// again finds that it was carried out, and the answer.
func TestOnceWithoutWaiting(t *testing.T) {
	w := newWorld(t)
	var leave context.CancelFunc
	served := 0
	w.door.routes = newRoutes([]*operation{{method: "POST", path: "/slow", status: 201, serve: func(ctx context.Context, _ *call, _ *input) (any, error) {
		served++
		leave()
		return object{"served": served}, ctx.Err()
	}}})
	for range 2 {
		var ctx context.Context
		ctx, leave = context.WithCancel(t.Context())
		r := httptest.NewRequestWithContext(ctx, "POST", "/slow", nil)
		r.Header.Set(gate.IdempotencyHeader, "k")
		r.SetBasicAuth(w.ours.user, w.ours.password)
		if got := w.do(r); got.status != 201 || got.body != `{"served":1}` {
			t.Errorf("%d %s", got.status, got.body)
		}
		leave()
	}
}
