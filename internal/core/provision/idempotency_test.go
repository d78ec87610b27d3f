package provision_test

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func TestRequestsRunOnce(t *testing.T) {
	w := newWorld(t)
	claim := func(key, request string) (*work.Claim, *tenancy.Answer, error) {
		return w.s.ClaimRequest(w.ctx, w.a, key, []byte(request))
	}
	refused := func(key, request, reason string) {
		t.Helper()
		if _, _, err := claim(key, request); err == nil || fault.Of(err).Reason != reason {
			t.Errorf("%s/%s: %v, want %s", key, request, err, reason)
		}
	}
	mine := func(key, request string) *work.Claim {
		t.Helper()
		c, a, err := claim(key, request)
		if err != nil || c == nil || a != nil {
			t.Fatal(c, a, err)
		}
		return c
	}
	suspend := func(c *work.Claim, id int64) error {
		_, err := w.s.SuspendMailOrder(work.WithClaim(w.ctx, c), w.a, ordering.SuspendMailOrder{Order: work.OrderRef{ID: id}})
		return err
	}
	id := w.order(w.a, proOrder("a.example", "c"))

	// One runs; a repeat waits, another request is refused.
	first := mine("k", "one")
	refused("k", "one", "REQUEST_UNDER_WAY")
	refused("k", "two", "IDEMPOTENCY_KEY_REUSED")
	if c, _, err := w.s.ClaimRequest(w.ctx, w.b, "k", []byte("two")); c == nil || err != nil {
		t.Error("another partner's key stands in the way", err)
	}

	// Changes and the note of them are one: an answer that is lost isn't made again.
	if _, err := w.s.DeleteMailOrder(work.WithClaim(w.ctx, first), w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}}); err != nil {
		t.Fatal(err)
	}
	w.status(id, order.Deleted)
	w.clock.Advance(time.Hour)
	refused("k", "one", "ANSWER_LOST")
	if err := w.s.DropClaim(w.ctx, w.a, first); err != nil {
		t.Fatal(err)
	}
	refused("k", "one", "ANSWER_LOST")
	if err := w.s.KeepAnswer(work.WithClaim(w.ctx, first), w.a, first, tenancy.Answer{Status: 201, Body: []byte("a secret, shown once")}); err != nil {
		t.Fatal(err)
	}
	if c, a, err := claim("k", "one"); err != nil || c != nil || a.Status != 201 || string(a.Body) != "a secret, shown once" {
		t.Error(c, a, err)
	}
	if err := w.store.Read(w.ctx, func(tx work.Tx) error {
		r, err := tx.Request(w.ctx, w.a.PartnerID, sha("k"))
		if err == nil && strings.Contains(string(r.Answer), "secret") {
			t.Error("an answer is kept open")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	refused("k", "two", "IDEMPOTENCY_KEY_REUSED")

	// What fails may be tried again.
	failed := mine("f", "one")
	if err := suspend(failed, 999); !fault.Is(err, fault.OrderNotFound) {
		t.Fatal(err)
	}
	if err := w.s.DropClaim(w.ctx, w.a, failed); err != nil {
		t.Fatal(err)
	}
	again := mine("f", "other")

	// Who is gone without a change is replaced; if it comes back it changes nothing.
	w.clock.Advance(2 * time.Minute)
	mine("f", "other")
	if _, err := w.s.ReactivateMailOrder(work.WithClaim(w.ctx, again), w.a, work.OrderRef{ID: id}); err == nil || fault.Of(err).Reason != "REQUEST_UNDER_WAY" {
		t.Error(err)
	}
	w.status(id, order.Deleted)
	refused("f", "one", "IDEMPOTENCY_KEY_REUSED")

	// A day later the keys are new.
	w.clock.Advance(day)
	mine("k", "two")
	if err := w.s.Forget(w.ctx); err != nil {
		t.Fatal(err)
	}
	mine("f", "one")
}

func TestOneOfManyRequestsRuns(t *testing.T) {
	w := newWorld(t)
	const n = 16
	got := make(chan error, n)
	for range n {
		go func() {
			_, _, err := w.s.ClaimRequest(w.ctx, w.a, "k", []byte("one"))
			got <- err
		}()
	}
	won := 0
	for range n {
		if err := <-got; err == nil {
			won++
		} else if fault.Of(err).Reason != "REQUEST_UNDER_WAY" {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d run", won)
	}
}

func TestOwnSettings(t *testing.T) {
	w := newWorld(t)
	get := func() *tenancy.PartnerSettings {
		t.Helper()
		s, err := w.s.PartnerSettings(w.ctx, w.a)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if err := w.s.SetPartnerSettings(w.ctx, w.op, w.a.PartnerID, partner.Settings{BillingOwner: partner.BilledByPlatform, RatePerSecond: ptr(7)}); err != nil {
		t.Fatal(err)
	}
	before := get()
	after, err := w.s.ModifyPartnerSettings(w.ctx, w.a, tenancy.ModifyPartnerSettings{Currency: ptr("eur"), CollateHosts: ptr(true), Version: before.Version})
	if err != nil || after.Version == before.Version || after.Settings.Currency != "EUR" || !after.Settings.CollateHosts ||
		after.Settings.BillingOwner != partner.BilledByPlatform || *after.Settings.RatePerSecond != 7 {
		t.Fatalf("%+v %v", after, err)
	}
	if got := get(); got.Version != after.Version {
		t.Error("the version is not the one answered")
	}
	records := len(w.store.AllRecords())
	for name, c := range map[string]struct {
		cmd    tenancy.ModifyPartnerSettings
		reason string
		code   fault.Code
	}{
		"old version": {tenancy.ModifyPartnerSettings{NoSetupMail: ptr(true), Version: before.Version}, "PRECONDITION_FAILED", fault.Conflict},
		"currency":    {tenancy.ModifyPartnerSettings{Currency: ptr("XXX9")}, "", fault.Invalid},
	} {
		if _, err := w.s.ModifyPartnerSettings(w.ctx, w.a, c.cmd); !fault.Is(err, c.code) || fault.Of(err).Reason != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.s.ModifyPartnerSettings(w.ctx, w.a, tenancy.ModifyPartnerSettings{Currency: ptr("EUR")}); err != nil {
		t.Error(err)
	}
	if got := get(); got.Version != after.Version || len(w.store.AllRecords()) != records {
		t.Error("a change of nothing changed something")
	}
	if _, err := w.s.ModifyPartnerSettings(w.ctx, w.op, tenancy.ModifyPartnerSettings{Currency: ptr("EUR")}); !fault.Is(err, fault.PartnerNotFound) {
		t.Error(err)
	}
}

func TestLogsAreThePartners(t *testing.T) {
	w := newWorld(t)
	w.order(w.a, proOrder("a.example", "c"))
	foreign := w.order(w.b, proOrder("b.example", "c"))
	ctx := context.Background()
	list, err := w.s.Events(ctx, w.a, work.EventFilter{PartnerID: w.b.PartnerID}, 10)
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	for _, e := range list {
		if e.PartnerID != w.a.PartnerID {
			t.Errorf("a foreign event: %+v", e)
		}
	}
	if list, err = w.s.Events(ctx, w.a, work.EventFilter{OrderID: foreign}, 10); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	if _, err := w.s.Events(ctx, w.a, work.EventFilter{Types: []event.Type{"X"}}, 10); err == nil {
		t.Error("an unknown type is taken")
	}
}

func sha(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

func TestOneEventAndTheAuditLog(t *testing.T) {
	w := newWorld(t)
	w.a.Address, w.op.Address = "192.0.2.1", "198.51.100.9"
	w.order(w.a, proOrder("a.example", "c"))
	list, err := w.s.Events(w.ctx, w.a, work.EventFilter{}, 1)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	id := list[0].PublicID
	if e, err := w.s.Event(w.ctx, w.a, id); err != nil || e.ID != list[0].ID {
		t.Error(e, err)
	}
	_, unknown := w.s.Event(w.ctx, w.a, "00000000-0000-4000-8000-000000000000")
	for _, bad := range []string{"", "x", strings.ToUpper(id), "{" + id + "}", id + "\x00"} {
		if _, err := w.s.Event(w.ctx, w.a, bad); err == nil || err.Error() != unknown.Error() {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := w.s.Event(w.ctx, w.b, id); err == nil || err.Error() != unknown.Error() {
		t.Errorf("a foreign event: %v, an unknown one: %v", err, unknown)
	}

	if err := w.s.SetAllowedNetworks(w.ctx, w.op, w.a.PartnerID, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}); err != nil {
		t.Fatal(err)
	}
	log, err := w.s.AuditLog(w.ctx, w.a, work.AuditFilter{PartnerID: w.b.PartnerID}, 10)
	if err != nil || len(log) < 2 || log[0].Action != "partner.allow_list" || log[0].Address != "" || log[1].Address != "192.0.2.1" {
		t.Fatal(log, err)
	}
	for _, r := range log {
		if r.PartnerID != w.a.PartnerID {
			t.Errorf("a foreign record: %+v", r)
		}
	}
	if all, err := w.s.AuditLog(w.ctx, w.op, work.AuditFilter{PartnerID: w.a.PartnerID}, 10); err != nil || all[0].Address == "" {
		t.Error("the operator sees no address", err)
	}
	if got, err := w.s.AuditLog(w.ctx, w.a, work.AuditFilter{Action: "a\x00"}, 10); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
}
