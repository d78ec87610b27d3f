package native

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/door/doortest"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailstore"
	"posthouse/internal/secret"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// mailbox stands in for the queue's captured mail, whose own tests are there.
type mailbox struct {
	mu   sync.Mutex
	list []*queue.SandboxMessage // newest first
}

func (m *mailbox) SandboxMessages(_ context.Context, a audit.Actor, f queue.SandboxFilter) ([]*queue.SandboxMessage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*queue.SandboxMessage
	for _, s := range m.list {
		if s.PartnerID == a.PartnerID && (f.Before == 0 || s.ID < f.Before) && len(out) < f.Limit {
			out = append(out, s)
		}
	}
	return out, nil
}

func (m *mailbox) SandboxMessage(_ context.Context, a audit.Actor, id int64) (*queue.SandboxMessage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.list {
		if s.PartnerID == a.PartnerID && s.ID == id {
			return s, nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no such message")
}

func (m *mailbox) SandboxContent(ctx context.Context, a audit.Actor, id int64) (*mailstore.Content, error) {
	_, err := m.SandboxMessage(ctx, a, id)
	if err == nil {
		err = fault.New(fault.NotFound, "There is no such message")
	}
	return nil, err
}

func (m *mailbox) DeleteSandboxMessage(ctx context.Context, a audit.Actor, id int64) error {
	_, err := m.SandboxMessage(ctx, a, id)
	return err
}

func (m *mailbox) DeleteSandboxMessages(context.Context, audit.Actor, int64) (int, error) {
	return 0, nil
}

var operator = audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}

// world is a door with a core behind it and two sandbox partners before it.
type world struct {
	t       testing.TB
	door    *Door
	core    *provision.Service
	store   work.Store
	clock   *clock.Manual
	mail    *mailbox
	partner int64
	key     string
	other   int64
	foreign string // another partner's key
	log     *doortest.Log
}

func sqliteWorld(t testing.TB) *world {
	t.Helper()
	c := clock.NewManual(start)
	return newWorld(t, c, sqltest.Store(t, sqldb.SQLite, store.WithClock(c)))
}

func newWorld(t testing.TB, c *clock.Manual, s work.Store) *world {
	t.Helper()
	core, err := provision.New(work.Config{Store: s, Hasher: doortest.Hasher{}, SealingKey: make([]byte, secret.SealKeyLen), Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, core: core, store: s, clock: c, mail: &mailbox{}, log: &doortest.Log{}}
	none := 0 // the matrix calls a lot
	made := func(name string, sandbox bool) (int64, string) {
		p, key, err := core.CreatePartner(t.Context(), operator, tenancy.CreatePartner{Name: name, Sandbox: sandbox, Settings: partner.Settings{RatePerSecond: &none}})
		if err != nil {
			t.Fatal(err)
		}
		return p.ID, key
	}
	w.partner, w.key = made("Us", true)
	w.other, w.foreign = made("Them", true)
	if w.door, err = New(Config{Core: core, Sandbox: w.mail, CursorKey: make([]byte, 32), Serving: gate.Serving{Clock: c, Log: slog.New(slog.NewTextHandler(w.log, nil))}}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) actor(id int64) audit.Actor {
	return audit.Actor{PartnerID: id, Role: suspension.RolePartner, Name: "key:1"}
}

func (w *world) scoped(scopes ...partner.Scope) string {
	w.t.Helper()
	_, raw, err := w.core.CreateKey(w.t.Context(), operator, tenancy.CreateKey{PartnerID: w.partner, Scopes: scopes})
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

// order makes an order and gives its id.
func (w *world) order(partnerID int64, domain string) int64 {
	w.t.Helper()
	o, err := w.core.CreateMailOrder(w.t.Context(), w.actor(partnerID), ordering.CreateMailOrder{
		Domain: domain, Customer: work.CustomerProfile{CustomerID: "c-1"}, Plan: plan.Free,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return o.OrderID
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	raw    string
	body   map[string]any
}

type header map[string]string

func (w *world) do(key, method, target, body string, headers ...header) *answer {
	w.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		for k, v := range h {
			r.Header.Set(k, v)
		}
	}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, r)
	raw, _ := io.ReadAll(rec.Body)
	a := &answer{t: w.t, status: rec.Code, header: rec.Result().Header, raw: string(raw)}
	if strings.Contains(a.header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &a.body); err != nil {
			w.t.Errorf("%s %s: %v: %s", method, target, err, raw)
		}
	}
	if a.header.Get("X-Request-Id") == "" || a.header.Get("Cache-Control") != "no-store" {
		w.t.Errorf("%s %s: headers %v", method, target, a.header)
	}
	if a.status >= 400 {
		a.checkProblem(method + " " + target)
	}
	return a
}

// checkProblem is RFC 9457 with our members.
func (a *answer) checkProblem(what string) {
	a.t.Helper()
	if a.header.Get("Content-Type") != problemType || a.body["status"] != float64(a.status) || a.body["title"] != http.StatusText(a.status) ||
		a.body["code"] == "" || a.body["type"] != "urn:posthouse:problem:"+a.text("code") || a.body["detail"] == "" ||
		a.body["requestId"] != a.header.Get("X-Request-Id") || a.body["$schema"] != nil {
		a.t.Errorf("%s is no problem document: %d %v %s", what, a.status, a.header, a.raw)
	}
}

func (a *answer) text(name string) string { s, _ := a.body[name].(string); return s }

func (a *answer) want(status int, reason string) *answer {
	a.t.Helper()
	if a.status != status || a.text("reason") != reason {
		a.t.Fatalf("got %d %s, want %d %s", a.status, a.raw, status, reason)
	}
	return a
}

func (a *answer) items() (out []map[string]any) {
	a.t.Helper()
	list, ok := a.body["items"].([]any)
	if !ok {
		a.t.Fatalf("no list: %s", a.raw)
	}
	for _, i := range list {
		out = append(out, i.(map[string]any))
	}
	return out
}

func (m *mailbox) add(partnerID, id int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(m.list, &queue.SandboxMessage{ID: id, PartnerID: partnerID, Recipient: "bob@elsewhere.example", Subject: "Hello", At: start})
}

var engines = []struct{ name, engine string }{{"sqlite", sqldb.SQLite}, {"postgres", sqldb.Postgres}}
