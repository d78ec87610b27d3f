package basekit

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/door/doortest"
	"posthouse/internal/gate"
	"posthouse/internal/goldentest"
	"posthouse/internal/secret"
	"posthouse/internal/store/sqltest"
)

var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

var operator = audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}

// brand is a partner of a world and one of its API users.
type brand struct {
	id       int64
	root     int64 // its root reseller
	user     string
	userID   int64
	password string
}

// world is a door with a core behind it, every write of which runs twice, and
// two brands before it.
type world struct {
	t     testing.TB
	door  *Door
	core  *provision.Service
	store *sqltest.Twice
	clock *clock.Manual
	log   *doortest.Log

	ours, foreign brand
	others        map[string]brand // API users with further rights: see as
	stocks        int              // that have been made: see stock

	// hidden are texts that golden files have a name for: what is random.
	hidden map[string]string
}

func newWorld(t testing.TB, change ...func(*Config)) *world {
	t.Helper()
	c := clock.NewManual(start)
	w := &world{t: t, clock: c, store: sqltest.NewTwice(t, c), log: &doortest.Log{}, hidden: map[string]string{}}
	core, err := provision.New(work.Config{Store: w.store, Hasher: doortest.Hasher{}, SealingKey: make([]byte, secret.SealKeyLen), Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	w.core = core
	w.ours, w.foreign = w.newBrand("Us"), w.newBrand("Them")
	cfg := Config{Core: w.core, Serving: gate.Serving{Clock: c, Log: slog.New(slog.NewTextHandler(w.log, nil))}}
	for _, f := range change {
		f(&cfg)
	}
	if w.door, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	w.door.complain = t.Errorf
	return w
}

func (w *world) newBrand(name string) brand {
	w.t.Helper()
	p, _, err := w.core.CreatePartner(w.t.Context(), operator, tenancy.CreatePartner{Name: name})
	if err != nil {
		w.t.Fatal(err)
	}
	d, err := w.core.SetUpShop(w.t.Context(), operator, retail.SetUpShop{PartnerID: p.ID, Username: strings.ToLower(name) + "@resellers.example", Currency: "GBP"})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.addUser(brand{id: p.ID, root: d.Root.ID, user: strings.ToLower(name)}, partner.RightsBrand)
}

// addUser makes another user of b with some rights.
func (w *world) addUser(b brand, rights partner.Rights) brand {
	w.t.Helper()
	if rights != partner.RightsBrand {
		b.user += "-" + string(rights)
	}
	a, password, err := w.core.CreateAPIUser(w.t.Context(), operator, tenancy.CreateAPIUser{PartnerID: b.id, Username: b.user, Rights: rights})
	if err != nil {
		w.t.Fatal(err)
	}
	b.userID, b.password = a.ID, password
	return b
}

// reply is what came back.
type reply struct {
	status int
	body   string
	header http.Header
}

// call sends a request of b; in is a body to be written as JSON, nil for none.
func (w *world) call(b brand, method, path string, in any) reply {
	w.t.Helper()
	if in == nil {
		return w.send(b, method, path, "", "")
	}
	raw, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.send(b, method, path, "application/json", string(raw))
}

// send sends a body as it is.
func (w *world) send(b brand, method, path, contentType, body string) reply {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if b.user != "" {
		r.SetBasicAuth(b.user, b.password)
	}
	out := httptest.NewRecorder()
	w.door.ServeHTTP(out, r)
	res := out.Result()
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply{res.StatusCode, string(raw), res.Header}
}

// want gives the reply as an object after a look at its status.
func (w *world) want(r reply, status int) map[string]any {
	w.t.Helper()
	if r.status != status {
		w.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if status == http.StatusNoContent {
		if r.body != "" || r.header.Get("Content-Type") != "" {
			w.t.Fatalf("a 204 has a body %q or a type", r.body)
		}
		return nil
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(r.body), &out); err != nil {
		w.t.Fatalf("%v: %s", err, r.body)
	}
	return out
}

// wantError looks for the rule of a field in an error body.
func (w *world) wantError(r reply, status int, field, rule string) {
	w.t.Helper()
	out := w.want(r, status)
	if out["message"] == "" || out["status"] != float64(status) {
		w.t.Errorf("no error body: %s", r.body)
	}
	if field == "" {
		return
	}
	errs, _ := out["errors"].(map[string]any)
	rules, _ := errs[field].(map[string]any)
	if rules[rule] == nil {
		w.t.Errorf("no errors.%s.%s: %s", field, rule, r.body)
	}
}

// golden compares a reply with testdata/NAME.json; -update writes it.
func (w *world) golden(name string, r reply) {
	w.t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(r.body), "", "  "); err != nil {
		w.t.Fatalf("%v: %s", err, r.body)
	}
	indented.WriteByte('\n')
	got := indented.String()
	for text, shown := range w.hidden {
		got = strings.ReplaceAll(got, text, shown)
	}
	goldentest.Compare(w.t, filepath.Join("testdata", name+".json"), got)
}
