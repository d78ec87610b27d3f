package titan

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/door/doortest"
	"posthouse/internal/gate"
	"posthouse/internal/secret"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

var engines = []struct {
	name string
	open func(*testing.T, clock.Clock) work.Store
}{
	{"sqlite", func(t *testing.T, c clock.Clock) work.Store {
		return sqltest.Store(t, sqldb.SQLite, store.WithClock(c))
	}},
	{"postgres", func(t *testing.T, c clock.Clock) work.Store {
		return sqltest.Store(t, sqldb.Postgres, store.WithClock(c))
	}},
}

// scenarios run on every store, each in a world of its own partners.
func TestScenarios(t *testing.T) {
	scenarios := []struct {
		name string
		run  func(*testing.T, *world)
	}{
		{"CreateAndReadAnOrder", scenarioCreateAndReadAnOrder},
		{"OrderWithFirstAccount", scenarioOrderWithFirstAccount},
		{"Suspensions", scenarioSuspensions},
		{"ModifyAnOrder", scenarioModifyAnOrder},
		{"RenewalLiftsExpiry", scenarioRenewalLiftsExpiry},
		{"DeleteAndReactivate", scenarioDeleteAndReactivate},
		{"Transfer", scenarioTransfer},
		{"CreateAndReadAccounts", scenarioCreateAndReadAccounts},
		{"ModifyAnAccount", scenarioModifyAnAccount},
		{"SuspendAnAccount", scenarioSuspendAnAccount},
		{"DeleteAndReactivateAnAccount", scenarioDeleteAndReactivateAnAccount},
		{"Aliases", scenarioAliases},
		{"PasswordLink", scenarioPasswordLink},
		{"Forwarders", scenarioForwarders},
		{"CatchAll", scenarioCatchAll},
		{"BillingPanelModule", scenarioBillingPanelModule},
		{"BillingPanelModuleEarlierVersion", scenarioBillingPanelModuleEarlierVersion},
		{"ToggleMailService", scenarioToggleMailService},
		{"ModifyMailCustomer", scenarioModifyMailCustomer},
		{"SyncMailCustomer", scenarioSyncMailCustomer},
		{"Notifications", scenarioNotifications},
		{"Refunds", scenarioRefunds},
		{"Purchase", scenarioPurchase},
		{"ClearEmailSessions", scenarioClearEmailSessions},
		{"Tokens", scenarioTokens},
		{"ForeignEqualsUnknown", scenarioForeignEqualsUnknown},
		{"TwoCreationsOfOneOrder", scenarioTwoCreationsOfOneOrder},
		{"TwoCustomersOrderOneDomain", scenarioTwoCustomersOrderOneDomain},
		{"LastSeatAtOnce", scenarioLastSeatAtOnce},
		{"VerifyDNS", scenarioVerifyDNS},
		{"GenerateDKIMKeys", scenarioGenerateDKIMKeys},
		{"LegalExport", scenarioLegalExport},
		{"ReadYourWrites", scenarioReadYourWrites},
		{"OnePurchaseAtOnce", scenarioOnePurchaseAtOnce},
		{"OneRefundAtOnce", scenarioOneRefundAtOnce},
		{"ToggleAtOnce", scenarioToggleAtOnce},
		{"OneCustomerIDAtOnce", scenarioOneCustomerIDAtOnce},
	}
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			s := e.open(t, clock.NewManual(start))
			for _, sc := range scenarios {
				t.Run(sc.name, func(t *testing.T) { sc.run(t, newWorld(t, clock.NewManual(start), s, nil)) })
			}
		})
	}
}

// world is a door with a core behind it and two partners before it.
type world struct {
	t       testing.TB
	door    *Door
	core    *provision.Service
	store   work.Store
	clock   *clock.Manual
	key     string // of the partner that calls
	foreign string // of another one
	partner int64
	lastEv  int64
	log     *doortest.Log
	names   map[string]string // {name} in scenarios
	zone    *madeUpDNS
}

var platformJob = audit.Actor{Role: suspension.RoleTitan, Name: "job:test"}

var operator = audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}

func newWorld(t testing.TB, c *clock.Manual, s work.Store, change func(*Config)) *world {
	t.Helper()
	zone := &madeUpDNS{}
	core, err := provision.New(work.Config{
		Store: s, Hasher: doortest.Hasher{}, SealingKey: make([]byte, secret.SealKeyLen), Clock: c, DNS: zone, Brand: titanBrand,
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, core: core, store: s, clock: c, log: &doortest.Log{}, names: map[string]string{}, zone: zone}
	w.partner, w.key = w.newPartner("Us")
	_, w.foreign = w.newPartner("Them")
	cfg := Config{Core: core, Serving: gate.Serving{Clock: c, Log: slog.New(slog.NewTextHandler(w.log, nil))}}
	cfg.ExportLink = func(file string) string { return "https://files.example/" + file }
	if change != nil {
		change(&cfg)
	}
	if w.door, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

// sqliteWorld is a world on a store of its own.
func sqliteWorld(t testing.TB, change func(*Config)) *world {
	c := clock.NewManual(start)
	return newWorld(t, c, sqltest.NewTwice(t, c), change)
}

func (w *world) newPartner(name string) (int64, string) {
	w.t.Helper()
	p, key, err := w.core.CreatePartner(w.t.Context(), operator, tenancy.CreatePartner{Name: name})
	if err != nil {
		w.t.Fatal(err)
	}
	return p.ID, key
}

// do sends a request as the partner with key and gives status and body.
func (w *world) do(key, method, target, body string) (int, string) {
	rec := w.roundTrip(key, method, target, body)
	return rec.Code, rec.Body.String()
}

func (w *world) roundTrip(key, method, target, body string) *httptest.ResponseRecorder {
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, target, r)
	if key != "" {
		req.Header.Set("Authorization", key)
	}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, req)
	w.checkForm(rec)
	return rec
}

var uuidV4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// checkForm is true of every answer there is: a JSON object with a reqID that
// the log has too; 200, or the superset of both error bodies (T-03, T-04).
func (w *world) checkForm(rec *httptest.ResponseRecorder) {
	w.t.Helper()
	var o map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &o); err != nil {
		w.t.Fatalf("not a JSON object: %q", rec.Body)
	}
	id, _ := o["reqID"].(string)
	if !uuidV4.MatchString(id) || !strings.Contains(w.log.String(), "request="+id) {
		w.t.Errorf("reqID %q is no UUID v4 or not in the log", id)
	}
	if ct := rec.Header().Get("Content-Type"); ct != "application/json" {
		w.t.Errorf("content type %q", ct)
	}
	if rec.Code == http.StatusOK {
		if o["error"] != nil || o["code"] != nil {
			w.t.Errorf("a success with an error: %s", rec.Body)
		}
		return
	}
	attrs, _ := o["attrs"].(map[string]any)
	if o["code"] == "" || o["code"] != o["error"] || o["desc"] == "" || attrs["detail"] == "" || o["statusCode"] != float64(rec.Code) {
		w.t.Errorf("not the superset: %d %s", rec.Code, rec.Body)
	}
}

var (
	reqIDs = regexp.MustCompile(`"reqID":"[^"]*"`)
	tokens = regexp.MustCompile(`"1:[0-9A-Za-z]{32}"`)
)

// masked replaces what is different each time.
func masked(body string) string {
	return tokens.ReplaceAllString(reqIDs.ReplaceAllString(body, `"reqID":"R"`), `"TOKEN"`)
}

// step is one call of a scenario. {names} stand for what earlier steps saved.
type step struct {
	as     string // "" = us, "foreign" = them
	call   string // "POST /partner/createMailOrder"
	send   string
	status int    // 0 = 200
	want   string // the whole body, masked
	save   string // "order=titanOrderId"; a dot goes into an object
	events string // types that the step wrote, blank-separated
	after  time.Duration
}

func (w *world) play(steps ...step) {
	w.t.Helper()
	for i, s := range steps {
		w.clock.Advance(s.after)
		key := w.key
		if s.as == "foreign" {
			key = w.foreign
		}
		method, target, _ := strings.Cut(w.fill(s.call), " ")
		status, body := w.do(key, method, target, w.fill(s.send))
		want := s.status
		if want == 0 {
			want = http.StatusOK
		}
		w.save(s.save, body)
		if status != want || masked(body) != w.fill(s.want) {
			w.t.Fatalf("step %d, %s\nsent %s\ngot  %d %s\nwant %d %s", i+1, s.call, w.fill(s.send), status, masked(body), want, w.fill(s.want))
		}
		if status == http.StatusOK {
			w.checkDeclared(target, body)
		}
		if got := w.newEvents(); got != s.events {
			w.t.Fatalf("step %d, %s: events %q, want %q", i+1, s.call, got, s.events)
		}
	}
}

// checkDeclared finds keys that the route table, and so the docs, don't have.
func (w *world) checkDeclared(target, body string) {
	w.t.Helper()
	path, _, _ := strings.Cut(target, "?")
	op := w.door.routes.find(path)
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		w.t.Fatal(err)
	}
	delete(got, "reqID")
	undeclared(w.t, path, op.Response, got)
}

func undeclared(t testing.TB, where string, fields []Field, got map[string]any) {
	t.Helper()
	declared := map[string]Field{}
	for _, f := range fields {
		declared[f.Name] = f
	}
	for key, v := range got {
		f, ok := declared[key]
		if !ok {
			t.Errorf("%s answers with %s, which the table does not declare", where, key)
		}
		switch v := v.(type) {
		case map[string]any:
			if f.Kind != Object { // whose keys are data
				undeclared(t, where+" "+key, f.Fields, v)
			}
		case []any:
			for _, item := range v {
				if o, ok := item.(map[string]any); ok {
					undeclared(t, where+" "+key, f.Fields, o)
				}
			}
		}
	}
}

func (w *world) fill(s string) string {
	for name, v := range w.names {
		s = strings.ReplaceAll(s, "{"+name+"}", v)
	}
	return s
}

func (w *world) save(what, body string) {
	w.t.Helper()
	for _, pair := range strings.Fields(what) {
		name, path, _ := strings.Cut(pair, "=")
		dec := json.NewDecoder(strings.NewReader(body))
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); err != nil {
			w.t.Fatal(err)
		}
		for _, key := range strings.Split(path, ".") {
			o, _ := v.(map[string]any)
			v = o[key]
		}
		if v == nil {
			w.t.Fatalf("no %s in %s", path, body)
		}
		w.names[name] = fmt.Sprint(v)
	}
}

// newEvents gives the types of our partner's events since the last call.
func (w *world) newEvents() string {
	w.t.Helper()
	var types []string
	err := w.store.Read(w.t.Context(), func(tx work.Tx) error {
		types = nil
		var all []*event.Event
		all, err := tx.Events(w.t.Context(), w.partner, w.lastEv, 1000)
		for _, e := range all {
			types = append(types, string(e.Type))
			w.lastEv = e.ID
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(types, " ")
}

const notFound = `{"code":"DomainNotFound","error":"DomainNotFound","desc":"No Active domain found","attrs":{"detail":"No Active domain found"},"statusCode":404,"reqID":"R"}`

func fails(status int, code, reason, desc string) string {
	r := ""
	if reason != "" {
		r = `,"reason":"` + reason + `"`
	}
	return fmt.Sprintf(`{"code":%q,"error":%q,"desc":%q,"attrs":{"detail":%q%s},"statusCode":%d,"reqID":"R"}`, code, code, desc, desc, r, status)
}

func bad(reason, desc string) string {
	return fails(http.StatusBadRequest, "BAD_REQUEST", reason, desc)
}

const done = `{"reqID":"R"}`
