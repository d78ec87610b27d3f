package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/shop"
	corewebhook "posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
)

// told is what a receiver of account holders' events got.
type told struct {
	Name   string              `json:"eventName"`
	Holder event.AccountHolder `json:"accountHolder"`
	raw    string
	head   http.Header
}

func (w *world) holderReceiver(status *atomic.Int64) (string, chan told) {
	w.t.Helper()
	got := make(chan told, 1000)
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		x := told{raw: string(body), head: r.Header}
		if err == nil {
			err = json.Unmarshal(body, &x)
		}
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			w.t.Errorf("%s %s, %v", r.Method, body, err)
		}
		got <- x
		rw.WriteHeader(int(status.Load()))
	}))
	w.t.Cleanup(s.Close)
	return s.URL, got
}

func basekit(c *outbox.CreateWebhook) { c.Format = corewebhook.FormatBaseKit }

// brand makes a partner that sells as a brand.
func (w *world) brand() audit.Actor {
	w.t.Helper()
	who, _ := w.partner(true)
	if _, err := w.core.SetUpShop(w.ctx, w.op, retail.SetUpShop{PartnerID: who.PartnerID, Username: fmt.Sprintf("root%d@x.example", who.PartnerID), Currency: "GBP"}); err != nil {
		w.t.Fatal(err)
	}
	return who
}

func (w *world) holder(who audit.Actor, name string) int64 {
	w.t.Helper()
	p := func(s string) *string { return &s }
	h, err := w.core.CreateHolder(w.ctx, who, holders.CreateHolder{Password: "password", Data: holders.HolderData{
		FirstName: p("Harry"), LastName: p("Lee"), Username: p(name), Email: p(name + "@b.test"), Metadata: map[string]string{"client_id": "c/1"},
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	return h.ID
}

// assign gives the holder one of the brand's packages.
func (w *world) assign(who audit.Actor, holder int64, turn int) string {
	w.t.Helper()
	all, err := w.core.Packages(w.ctx, who, packages.PackageFilter{})
	if err != nil {
		w.t.Fatal(err)
	}
	month, n := 1, 0
	for _, k := range all {
		if k.Package.Kind != shop.MailPackage {
			continue
		}
		if n++; n != turn {
			continue
		}
		if _, err := w.core.AssignPackage(w.ctx, who, retail.AssignPackage{CustomerID: holder, PackageID: k.Package.ID, Months: &month}); err != nil {
			w.t.Fatal(err)
		}
		return k.Package.Name
	}
	w.t.Fatalf("only %d mail packages", n)
	return ""
}

func next(t *testing.T, got chan told, what string) told {
	t.Helper()
	select {
	case x := <-got:
		return x
	case <-time.After(patience):
		t.Fatalf("never came: %s", what)
		return told{}
	}
}

// TestHolderEvents: what an endpoint of BaseKit's format is told, and that one of
// Titan's is told nothing of it.
func TestHolderEvents(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		var status atomic.Int64
		status.Store(204)
		url, got := w.holderReceiver(&status)
		titan := newReceiver(t, nil)
		who := w.brand()
		e := w.endpoint(who, url, basekit)
		only := w.endpoint(who, url, func(c *outbox.CreateWebhook) {
			basekit(c)
			c.Events, c.HeaderName, c.HeaderValue = []event.Type{event.AccountHolderPackageChange}, "X-Mine", "mine"
		})
		w.endpoint(who, titan.URL, nil)
		if len(e.SigningSecret) != 64 || e.SigningSecret == only.SigningSecret || strings.HasPrefix(e.SigningSecret, "whsec_") {
			t.Fatalf("the secret is %q", e.SigningSecret)
		}
		if l, err := w.core.Webhook(w.ctx, who, e.ID); err != nil || l.SigningSecret != "" {
			t.Errorf("the secret is shown again: %v", err)
		}
		d, _ := w.dispatcher(nil)
		ref := w.holder(who, "hlee88")
		x := next(t, got, "the creation")
		mac := hmac.New(sha256.New, []byte(e.SigningSecret))
		mac.Write([]byte(x.raw))
		sent := x.head["X-Delivery-Hmac-Sha256"] // as the server of the test spells it
		if len(sent) != 1 || sent[0] != hex.EncodeToString(mac.Sum(nil)) || x.head.Get("Authorization") != "" || x.head.Get("Webhook-Signature") != "" {
			t.Errorf("headers %v", x.head)
		}
		want := fmt.Sprintf(`{"eventName":"account_holder.created","accountHolder":{"ref":%d,"firstName":"Harry","lastName":"Lee","email":"hlee88@b.test","username":"hlee88",`+
			`"created":"2026-11-22T06:00:00Z","brand":{"ref":%d,"name":"Partner"},"packages":[],"metadata":{"client_id":"c/1"}}}`, ref, who.PartnerID)
		if x.raw != want {
			t.Errorf("got  %s\nwant %s", x.raw, want)
		}
		name := w.assign(who, ref, 1)
		for range 2 {
			x = next(t, got, "the package")
			p := x.Holder.Packages
			if x.Name != "account_holder.package_change" || len(p) != 1 || p[0].Name != name || p[0].ProductType != "subscription" || p[0].Ref == 0 ||
				p[0].StartDate != "2026-11-22T06:00:00Z" || p[0].EndDate != "2026-12-22T06:00:00Z" {
				t.Errorf("%s", x.raw)
			}
		}
		w.settles(d, "all are delivered", func() bool {
			l := w.deliveries(work.DeliveryFilter{State: corewebhook.Delivered})
			return len(l) == 3 && l[0].CustomerID == ref && l[0].OrderID == 0 && l[0].LastStatus == 204
		})
		titan.none("an account holder's event in Titan's format")
		w.order(who, "a.example")
		if q := titan.next("an order's event"); q.Event != event.MailOrderCreated {
			t.Errorf("%s", q.Event)
		}
		select {
		case x := <-got:
			t.Errorf("an order's event in BaseKit's format: %s", x.raw)
		default:
		}
		if l, err := w.core.Events(w.ctx, who, work.EventFilter{Types: event.HolderTypes()}, 9); err != nil || len(l) != 2 || l[0].CustomerID != ref {
			t.Errorf("the log has %d of them, %v", len(l), err)
		}
	})
}

// TestHolderEventsAreGivenUp: with growing pauses, after three days; what comes
// behind it goes on, and other holders' events never waited.
func TestHolderEventsAreGivenUp(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		var status atomic.Int64
		status.Store(302)
		url, got := w.holderReceiver(&status)
		who := w.brand()
		w.endpoint(who, url, basekit)
		d, _ := w.dispatcher(nil)
		begin := w.clock.Now()
		ref := w.holder(who, "hlee88")
		first := next(t, got, "the first attempt")
		w.assign(who, ref, 1)
		of := func(n int) *corewebhook.Delivery { // the oldest is 0
			l := w.deliveries(work.DeliveryFilter{})
			return l[len(l)-1-n]
		}
		pauses := []time.Duration{time.Minute, 4 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour,
			16 * time.Hour, 20 * time.Hour, 20 * time.Hour}
		total := time.Duration(0)
		for i, pause := range pauses {
			w.settles(d, fmt.Sprint("attempt ", i+1), func() bool { return of(0).Attempts == i+1 })
			w.clock.Advance(pause - time.Second)
			total += pause
			select {
			case x := <-got:
				t.Fatalf("attempt %d came early, or the next event did: %s", i+2, x.raw)
			default:
			}
			w.clock.Advance(time.Second)
			if x := next(t, got, "a repetition"); x.raw != first.raw || x.head.Get("Webhook-Id") != first.head.Get("Webhook-Id") {
				t.Fatalf("another event: %s", x.raw)
			}
		}
		if total != 72*time.Hour || w.clock.Now().Sub(begin) != total {
			t.Errorf("given up after %v", total)
		}
		w.settles(d, "given up", func() bool { return of(0).State == corewebhook.Failed })
		w.clock.Advance(time.Second) // an endpoint that has failed often is probed
		if x := next(t, got, "the next event"); x.Name != "account_holder.package_change" {
			t.Errorf("%s", x.raw)
		}
		w.settles(d, "the next one fails too", func() bool { return of(1).Attempts == 1 })
		if x := of(0); x.Attempts != 13 || x.LastStatus != 302 || x.DoneAt == nil {
			t.Errorf("%+v", x)
		}
		status.Store(202)
		other := w.holder(who, "other1")
		w.clock.Advance(time.Second)
		if x := next(t, got, "another holder's"); x.Holder.Ref != other {
			t.Errorf("%s", x.raw)
		}
		w.settles(d, "it is delivered", func() bool { return of(2).State == corewebhook.Delivered }) // else its lease ends with the minute
		w.clock.Advance(time.Minute)
		if x := next(t, got, "the second event again"); x.Name != "account_holder.package_change" {
			t.Errorf("%s", x.raw)
		}
		w.settles(d, "it is delivered", func() bool { return of(1).State == corewebhook.Delivered })
		failed := w.deliveries(work.DeliveryFilter{State: corewebhook.Failed})
		if len(failed) != 1 {
			t.Fatalf("%d failed ones", len(failed))
		}
		if n, err := w.core.ReplayEvents(w.ctx, who, outbox.ReplayEvents{EventID: failed[0].EventID}); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if x := next(t, got, "what was given up, on demand"); x.raw != first.raw {
			t.Errorf("%s", x.raw)
		}
	})
}
