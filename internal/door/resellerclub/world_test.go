package resellerclub

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/reselling"
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

// seller is a reseller of a world.
type seller struct {
	id  int64
	key string
}

// world is a door with a core behind it, every write of which runs twice, and
// resellers before it: root > child > grandchild, root > sibling; foreign is the
// root of another partner.
type world struct {
	t     testing.TB
	door  *Door
	core  *provision.Service
	store *sqltest.Twice
	clock *clock.Manual
	log   *doortest.Log

	partner, otherPartner                     int64
	root, child, grandchild, sibling, foreign seller

	commits *atomic.Int64 // writes that the core has made

	// hidden are texts that golden files have a name for: what is random.
	hidden map[string]string
	// withError is true where the contract wants a key "error" in a reply of 200.
	withError bool
}

// committing counts the core's writes.
type committing struct{ w *world }

func (s committing) Read(ctx context.Context, fn func(work.Tx) error) error {
	return s.w.store.Read(ctx, fn)
}

func (s committing) Write(ctx context.Context, fn func(work.Tx) error) error {
	err := s.w.store.Write(ctx, fn)
	if err == nil {
		s.w.commits.Add(1)
	}
	return err
}

func newWorld(t testing.TB, change ...func(*Config)) *world {
	t.Helper()
	c := clock.NewManual(start)
	w := &world{t: t, clock: c, store: sqltest.NewTwice(t, c), log: &doortest.Log{}, hidden: map[string]string{}, commits: &atomic.Int64{}}
	var err error
	w.core, err = provision.New(work.Config{Store: committing{w}, Hasher: doortest.Hasher{}, SealingKey: make([]byte, secret.SealKeyLen), Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	w.partner, w.otherPartner = w.newPartner("Us"), w.newPartner("Them")
	w.root = w.newSeller(w.partner, seller{}, "root")
	w.child = w.newSeller(w.partner, w.root, "child")
	w.grandchild = w.newSeller(w.partner, w.child, "grandchild")
	w.sibling = w.newSeller(w.partner, w.root, "sibling")
	w.foreign = w.newSeller(w.otherPartner, seller{}, "foreign")
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

func (w *world) newPartner(name string) int64 {
	w.t.Helper()
	p, _, err := w.core.CreatePartner(w.t.Context(), operator, tenancy.CreatePartner{Name: name})
	if err != nil {
		w.t.Fatal(err)
	}
	return p.ID
}

// newSeller makes a reseller below another, or a root, that sells in GBP.
func (w *world) newSeller(partnerID int64, parent seller, name string, change ...func(*reselling.CreateReseller)) seller {
	w.t.Helper()
	cmd := reselling.CreateReseller{PartnerID: partnerID, ParentID: parent.id, Username: name + "@resellers.example", SellingCurrency: "GBP"}
	cmd.Profile.Name, cmd.Profile.Company, cmd.Profile.Country = name, name+" Ltd", "GB"
	for _, f := range change {
		f(&cmd)
	}
	r, key, err := w.core.CreateReseller(w.t.Context(), operator, cmd)
	if err != nil {
		w.t.Fatal(err)
	}
	return seller{r.ID, key}
}

// newCustomer makes a customer of a reseller without the API.
func (w *world) newCustomer(s seller, username string) int64 {
	w.t.Helper()
	id := int64(0)
	err := w.store.Write(w.t.Context(), func(tx work.Tx) error {
		r, err := tx.Reseller(w.t.Context(), s.id)
		if err != nil {
			return err
		}
		c := &customer.Customer{PartnerID: r.PartnerID, CustomerID: "rc " + username, ResellerID: s.id, Username: username, Email: username, Name: "Jane Doe",
			Company: "Doe Ltd", City: "London", State: "London", Country: "GB", Status: customer.Active, CreatedAt: start, UpdatedAt: start,
			Contact: customer.Contact{Address1: "1 High St", Zip: "N1", PhoneCC: "44", Phone: "2012345678", Language: "en"}}
		err = tx.InsertCustomer(w.t.Context(), c)
		id = c.ID
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// reply is what came back.
type reply struct {
	status int
	body   string
	header http.Header
}

// get calls a path below /api/ as s with its parameters in the query: names and
// values in turn.
func (w *world) get(s seller, path string, pairs ...any) reply {
	w.t.Helper()
	return w.send(http.MethodGet, "/api/"+path+"?"+s.with(pairs), "", "")
}

// post sends them as a form.
func (w *world) post(s seller, path string, pairs ...any) reply {
	w.t.Helper()
	return w.send(http.MethodPost, "/api/"+path, "application/x-www-form-urlencoded", s.with(pairs))
}

// postQuery sends them in the query of a POST with an empty body.
func (w *world) postQuery(s seller, path string, pairs ...any) reply {
	w.t.Helper()
	return w.send(http.MethodPost, "/api/"+path+"?"+s.with(pairs), "", "")
}

// rest calls a path below /restapi/ with its parameters in the query.
func (w *world) rest(method string, s seller, path string, pairs ...any) reply {
	w.t.Helper()
	return w.send(method, "/restapi/"+path+"?"+s.with(pairs), "", "")
}

// with is the parameters and s's authentication, percent-encoded, in order.
func (s seller) with(pairs []any) string {
	all := append([]any{"auth-userid", s.id, "api-key", s.key}, pairs...)
	var b strings.Builder
	for i := 0; i+1 < len(all); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(fmt.Sprint(all[i])) + "=" + url.QueryEscape(fmt.Sprint(all[i+1])))
	}
	return b.String()
}

// send sends anything and checks what is true of every reply.
func (w *world) send(method, target, contentType, body string) reply {
	w.t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, target, r)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return w.serve(req)
}

func (w *world) serve(req *http.Request) reply {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, req)
	got := reply{rec.Code, rec.Body.String(), rec.Header()}
	w.checkReply(req.URL.Path, got)
	return got
}

// ok gives the body of a reply that must be a success.
func (w *world) ok(r reply) string {
	w.t.Helper()
	if r.status != http.StatusOK || strings.Contains(r.body, `"status":"FAILURE"`) {
		w.t.Fatalf("%d %s", r.status, r.body)
	}
	return r.body
}

// bare wants a whole number as the whole body.
func (w *world) bare(r reply) int64 {
	w.t.Helper()
	n, err := strconv.ParseInt(w.ok(r), 10, 64)
	if err != nil {
		w.t.Fatalf("no bare number: %q", r.body)
	}
	return n
}

// object gives the members of a reply that must be one.
func (w *world) object(r reply) map[string]any {
	w.t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(w.ok(r)), &o); err != nil {
		w.t.Fatalf("%v in %s", err, r.body)
	}
	return o
}

// refused wants a status and a text of section 4, general form.
func (w *world) refused(r reply, status int, text string) {
	w.t.Helper()
	var o struct{ Message string }
	if err := json.Unmarshal([]byte(r.body), &o); err != nil {
		w.t.Fatalf("%v in %s", err, r.body)
	}
	if r.status != status || o.Message != text {
		w.t.Errorf("got  %d %s\nwant %d %s", r.status, r.body, status, text)
	}
}

// failure wants a mailbox operation's FAILURE with a code.
func (w *world) failure(r reply, code, text string) {
	w.t.Helper()
	want := object{{"response", object{{"status", "FAILURE"}, {"message", text}, {"errorCode", code}}}}
	if r.status != http.StatusOK || r.body != written(w.t, want, asJSON) {
		w.t.Errorf("got %d %s\nwant %s", r.status, r.body, written(w.t, want, asJSON))
	}
}

// golden compares a JSON reply with testdata/<name>.json, and its twin
// with testdata/<name>.xml. -update writes both.
func (w *world) golden(name string, r reply) {
	w.t.Helper()
	body := w.masked(r.body)
	w.compare(name+".json", body)
	v, err := parsed(body)
	if err != nil {
		w.t.Fatal(err)
	}
	w.compare(name+".xml", written(w.t, v, asXML))
}

// goldenRead is golden of a read, which it does in every way: GET and POST, JSON
// and XML. path has no suffix.
func (w *world) goldenRead(name string, s seller, path string, pairs ...any) reply {
	w.t.Helper()
	r := w.get(s, path+".json", pairs...)
	w.ok(r)
	w.golden(name, r)
	for _, other := range []reply{w.post(s, path+".json", pairs...), w.postQuery(s, path+".json", pairs...)} {
		if other.status != r.status || other.body != r.body {
			w.t.Errorf("%s by POST: %d %s\nby GET: %s", path, other.status, other.body, r.body)
		}
	}
	w.compare(name+".xml", w.masked(w.get(s, path+".xml", pairs...).body))
	return r
}

func (w *world) masked(body string) string {
	for text, name := range w.hidden {
		body = strings.ReplaceAll(body, text, name)
	}
	return body
}

func (w *world) compare(file, got string) {
	w.t.Helper()
	goldentest.Compare(w.t, filepath.Join("testdata", filepath.FromSlash(file)), got)
}
