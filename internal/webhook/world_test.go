package webhook_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	corewebhook "posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
	"posthouse/internal/webhook"
)

// patience bounds every wait for something that must happen.
const patience = 60 * time.Second

// world is a core on a database, with dispatchers.
type world struct {
	t     *testing.T
	ctx   context.Context
	clock *clock.Manual
	db    *sqldb.DB
	store *store.Store
	core  *provision.Service
	op    audit.Actor
	log   *bytes.Buffer
	logMu sync.Mutex

	mu          sync.Mutex
	dispatchers []*webhook.Dispatcher
}

type noHash struct{}

func (noHash) Hash(context.Context, string) (string, error)         { return "x", nil }
func (noHash) Verify(context.Context, string, string) (bool, error) { return false, nil }

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func newWorld(t *testing.T, engine string) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), clock: clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)), log: &bytes.Buffer{},
		op: audit.Actor{Role: suspension.RoleTitanSupport, Name: "cli"}}
	w.db = sqltest.Open(t, engine)
	w.store = store.New(w.db, sqltest.NoMail{}, store.WithClock(w.clock), store.WithWebhookHook(w.notify))
	core, err := provision.New(work.Config{Store: w.store, Hasher: noHash{}, Clock: w.clock, Random: rand.Reader, SealingKey: make([]byte, 32),
		Webhooks: corewebhook.Policy{PlainHTTP: true}, Brand: brand.Brand{ContactEmail: "staff@partner.example"}})
	if err != nil {
		t.Fatal(err)
	}
	w.core = core
	return w
}

func (w *world) notify(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.dispatchers {
		d.Notify(id)
	}
}

// Write makes the world a log's writer.
func (w *world) Write(p []byte) (int, error) {
	w.logMu.Lock()
	defer w.logMu.Unlock()
	return w.log.Write(p)
}

func (w *world) logged() string {
	w.logMu.Lock()
	defer w.logMu.Unlock()
	return w.log.String()
}

// resolver knows no name, or those it is given.
type resolver func(host string) []netip.Addr

func (r resolver) LookupIP(_ context.Context, host string) ([]netip.Addr, bool, error) {
	if r == nil {
		return nil, false, fmt.Errorf("no such host %s", host)
	}
	return r(host), false, nil
}

// dispatcher starts one; stop ends it.
func (w *world) dispatcher(change func(*webhook.Config)) (d *webhook.Dispatcher, stop func()) {
	w.t.Helper()
	cfg := webhook.Config{Rows: w.store, Core: w.core, Resolver: resolver(nil), Guard: webhook.NewGuard(loopback), Clock: w.clock,
		Log: slog.New(slog.NewTextHandler(w, nil)), Poll: time.Second}
	if change != nil {
		change(&cfg)
	}
	d, err := webhook.New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.dispatchers = append(w.dispatchers, d)
	w.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					w.t.Error(err)
				}
			case <-time.After(patience):
				w.t.Error("the dispatcher doesn't stop")
			}
		})
	}
	w.t.Cleanup(stop)
	return d, stop
}

// partner makes a partner and gives its actor and key.
func (w *world) partner(sandbox bool) (audit.Actor, string) {
	w.t.Helper()
	p, key, err := w.core.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "Partner", Sandbox: sandbox})
	if err != nil {
		w.t.Fatal(err)
	}
	return audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "key:1"}, key
}

func (w *world) endpoint(who audit.Actor, url string, change func(*outbox.CreateWebhook)) *corewebhook.Endpoint {
	w.t.Helper()
	cmd := outbox.CreateWebhook{URL: url}
	if change != nil {
		change(&cmd)
	}
	e, err := w.core.CreateWebhook(w.ctx, who, cmd)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// order makes one: an event MAIL_ORDER_CREATED.
func (w *world) order(who audit.Actor, domain string) int64 {
	w.t.Helper()
	o, err := w.makeOrder(who, domain)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) makeOrder(who audit.Actor, domain string) (int64, error) {
	seats, expiry := 5000, w.clock.Now().AddDate(20, 0, 0)
	charged, err := money.Parse("1.00")
	if err != nil {
		return 0, err
	}
	o, err := w.core.CreateMailOrder(w.ctx, who, ordering.CreateMailOrder{Domain: domain, Customer: work.CustomerProfile{CustomerID: "c-" + domain},
		Plan: plan.Pro, Seats: &seats, Expiry: &expiry, Payment: billing.PaymentDetails{Charged: &charged, TxnID: "t-" + domain}})
	if err != nil {
		return 0, err
	}
	return o.OrderID, nil
}

// change is an event of an existing order: EMAIL_ACCOUNT_CREATED.
func (w *world) change(who audit.Actor, order int64, email string) error {
	_, err := w.core.CreateEmailAccount(w.ctx, who, mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: order}, Email: email})
	return err
}

func (w *world) deliveries(f work.DeliveryFilter) []*corewebhook.Delivery {
	w.t.Helper()
	f.Limit = 1000
	list, err := w.core.WebhookDeliveries(w.ctx, w.op, f)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *world) attempts(delivery int64) []*corewebhook.Attempt {
	w.t.Helper()
	list, err := w.core.WebhookAttempts(w.ctx, w.op, delivery)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// settles waits until cond holds, looking after each settled attempt.
func (w *world) settles(d *webhook.Dispatcher, what string, cond func() bool) {
	w.t.Helper()
	c, cancel := d.Watch()
	defer cancel()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !cond() {
		select {
		case <-c:
		case <-limit.C:
			w.t.Fatalf("never: %s\n%s", what, w.logged())
		}
	}
}

// request is what a receiver got.
type request struct {
	ID    string          `json:"id"`
	Event event.Type      `json:"event"`
	Data  json.RawMessage `json:"data"`
	Order int64           `json:"-"`
	head  http.Header
	body  []byte
	path  string
}

// receiver answers with what answer says and tells of every request.
type receiver struct {
	*httptest.Server
	t   *testing.T
	got chan request
}

func newReceiver(t *testing.T, answer func(request, http.ResponseWriter)) *receiver {
	t.Helper()
	r := &receiver{t: t, got: make(chan request, 100_000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, hr *http.Request) {
		q := read(t, hr)
		r.got <- q
		if answer != nil {
			answer(q, rw)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func read(t *testing.T, hr *http.Request) request {
	body, err := io.ReadAll(hr.Body)
	if err != nil {
		t.Error(err)
	}
	q := request{head: hr.Header, body: body, path: hr.Method + " " + hr.URL.RequestURI()}
	if err := json.Unmarshal(body, &q); err != nil {
		t.Errorf("%v: %s", err, body)
	}
	var data struct {
		Order int64 `json:"titanOrderId"`
	}
	if err := json.Unmarshal(q.Data, &data); err != nil {
		t.Errorf("%v: %s", err, body)
	}
	q.Order = data.Order
	return q
}

func (r *receiver) next(what string) request {
	r.t.Helper()
	select {
	case q := <-r.got:
		return q
	case <-time.After(patience):
		r.t.Fatalf("never came: %s", what)
		return request{}
	}
}

// none wants that nothing has come that was not looked at.
func (r *receiver) none(what string) {
	r.t.Helper()
	select {
	case q := <-r.got:
		r.t.Fatalf("%s: %s %s of order %d", what, q.Event, q.ID, q.Order)
	default:
	}
}

func engines(t *testing.T, test func(t *testing.T, w *world)) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(t, engine))
		})
	}
}

// refusing is an address where nobody listens.
func refusing(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String() + "/"
}
