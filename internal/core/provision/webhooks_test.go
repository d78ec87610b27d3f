package provision_test

import (
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func (w *world) webhook(actor audit.Actor, change func(*outbox.CreateWebhook)) *webhook.Endpoint {
	w.t.Helper()
	cmd := outbox.CreateWebhook{URL: "https://hooks.example/x"}
	if change != nil {
		change(&cmd)
	}
	e, err := w.s.CreateWebhook(w.ctx, actor, cmd)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

func (w *world) waiting(f work.DeliveryFilter) []*webhook.Delivery {
	w.t.Helper()
	l, err := w.s.WebhookDeliveries(w.ctx, w.op, f)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// TestWebhooks: what is kept of an endpoint, what it carries, and which events it gets.
func TestWebhooks(t *testing.T) {
	w := newWorld(t)
	all := w.webhook(w.a, nil)
	some := w.webhook(w.op, func(c *outbox.CreateWebhook) {
		c.PartnerID, c.Events, c.HeaderName, c.HeaderValue = w.a.PartnerID, []event.Type{event.EmailAccountCreated, event.EmailAccountCreated}, "X-API-Key", "s3cret"
	})
	others := w.webhook(w.a, func(c *outbox.CreateWebhook) { c.SuppressOwn = true })
	w.webhook(w.b, nil)
	if !strings.HasPrefix(all.SigningSecret, "whsec_") || all.SigningSecret == some.SigningSecret || len(some.Events) != 1 {
		t.Fatalf("%+v", all)
	}
	carried, err := w.s.WebhookCredentials(w.ctx, all)
	if err != nil || carried.HeaderName != "Authorization" || carried.HeaderValue != w.keys[w.a.PartnerID] || webhook.SecretText(carried.SigningKey) != all.SigningSecret {
		t.Fatalf("%+v, %v", carried, err)
	}
	if c, err := w.s.WebhookCredentials(w.ctx, some); err != nil || c.HeaderName != "X-API-Key" || c.HeaderValue != "s3cret" {
		t.Fatalf("%+v, %v", c, err)
	}
	key, err := w.s.RotateKey(w.ctx, w.op, tenancy.RotateKey{PartnerID: w.a.PartnerID})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := w.s.WebhookCredentials(w.ctx, all); err != nil || c.HeaderValue != key {
		t.Fatalf("not the newest key: %v", err)
	}

	order := w.order(w.a, proOrder("a.example", "c-1"))
	w.account(w.a, order, "x@a.example")
	w.order(w.b, proOrder("b.example", "c-1"))
	if _, err := w.s.SuspendMailOrder(w.ctx, w.op, ordering.SuspendMailOrder{Order: work.OrderRef{ID: order}}); err != nil {
		t.Fatal(err)
	}
	want := map[int64][]event.Type{
		all.ID:    {event.MailOrderStatusUpdated, event.EmailAccountCreated, event.MailOrderCreated},
		some.ID:   {event.EmailAccountCreated},
		others.ID: {event.MailOrderStatusUpdated},
	}
	for id, types := range want {
		l := w.waiting(work.DeliveryFilter{EndpointID: id})
		if len(l) != len(types) {
			t.Fatalf("endpoint %d: %d deliveries", id, len(l))
		}
		for i, d := range l {
			if d.Type != types[i] || d.OrderID != order || d.PartnerID != w.a.PartnerID || d.State != webhook.Pending || d.Replay {
				t.Errorf("endpoint %d: %+v", id, d)
			}
		}
	}
	if l := w.waiting(work.DeliveryFilter{PartnerID: w.b.PartnerID}); len(l) != 1 {
		t.Errorf("%d deliveries of the other partner", len(l))
	}

	// A page at a time.
	page := w.waiting(work.DeliveryFilter{PartnerID: w.a.PartnerID, Limit: 2})
	rest := w.waiting(work.DeliveryFilter{PartnerID: w.a.PartnerID, Before: page[1].ID, Limit: 1000})
	if len(page) != 2 || len(rest) != 3 || rest[0].ID >= page[1].ID {
		t.Errorf("%d and %d", len(page), len(rest))
	}
	if l := w.waiting(work.DeliveryFilter{EventID: page[0].EventID, OrderID: order, State: webhook.Pending}); len(l) == 0 {
		t.Error("nothing by event")
	}
	if l := w.waiting(work.DeliveryFilter{State: webhook.Delivered}); len(l) != 0 {
		t.Errorf("%d delivered", len(l))
	}

	// What is changed.
	changed, err := w.s.ModifyWebhook(w.ctx, w.a, outbox.ModifyWebhook{ID: some.ID, URL: ptr("https://new.example"), HeaderValue: ptr(""), HeaderName: ptr("Authorization"),
		Events: ptr([]event.Type(nil)), SuppressOwn: ptr(true), Paused: ptr(true), RotateSecret: true})
	if err != nil || changed.SigningSecret == some.SigningSecret || changed.SigningSecret == "" {
		t.Fatal(changed, err)
	}
	got, err := w.s.Webhook(w.ctx, w.a, some.ID)
	if err != nil || got.URL != "https://new.example" || got.SealedHeader != nil || got.Events != nil || !got.SuppressOwn || !got.Paused || got.SigningSecret != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := w.s.DeleteWebhook(w.ctx, w.a, some.ID); err != nil {
		t.Fatal(err)
	}
	if l, err := w.s.Webhooks(w.ctx, w.a, 0); err != nil || len(l) != 2 {
		t.Errorf("%d left, %v", len(l), err)
	}
	if _, err := w.s.Webhook(w.ctx, w.a, some.ID); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	for _, r := range w.store.AllRecords() {
		for _, secret := range []string{"s3cret", strings.TrimPrefix(all.SigningSecret, "whsec_"), w.keys[w.a.PartnerID]} {
			if strings.Contains(string(r.Detail), secret) {
				t.Errorf("the audit log tells a secret: %s", r.Detail)
			}
		}
	}
}

// TestWebhooksRefused: what is not taken leaves nothing behind.
func TestWebhooksRefused(t *testing.T) {
	w := newWorld(t)
	records := len(w.store.AllRecords())
	for name, c := range map[string]outbox.CreateWebhook{
		"no URL":        {},
		"plain http":    {URL: "http://a.example/"},
		"a bad header":  {URL: "https://a.example/", HeaderName: "Host"},
		"a split value": {URL: "https://a.example/", HeaderValue: "x\r\ny: z"},
		"unknown event": {URL: "https://a.example/", Events: []event.Type{"MAIL_ORDER_EXPLODED"}},
	} {
		if _, err := w.s.CreateWebhook(w.ctx, w.a, c); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.store.AllRecords()) != records {
		t.Error("something was left behind")
	}
	for range 10 {
		w.webhook(w.a, nil)
	}
	if _, err := w.s.CreateWebhook(w.ctx, w.a, outbox.CreateWebhook{URL: "https://a.example/"}); fault.Of(err).Reason != "WEBHOOK_LIMIT_REACHED" {
		t.Error(err)
	}
	if err := w.s.FailNextWebhooks(w.ctx, w.a, w.a.PartnerID, 1, 500); fault.Of(err).Reason != "NO_SANDBOX" {
		t.Errorf("a partner in production fails its webhooks: %v", err)
	}
	for _, n := range [][2]int{{-1, 500}, {1001, 500}, {1, 200}, {1, 99}, {1, 600}} {
		if err := w.s.FailNextWebhooks(w.ctx, w.op, w.a.PartnerID, n[0], n[1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", n, err)
		}
	}
	now := w.clock.Now()
	for _, r := range []outbox.ReplayEvents{{}, {EventID: "x", From: now}, {From: now, To: now}, {From: now, To: now.Add(-1)}, {To: now}} {
		if _, err := w.s.ReplayEvents(w.ctx, w.a, r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, err := w.s.WebhookDeliveries(w.ctx, w.a, work.DeliveryFilter{State: "lost"}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	for _, f := range []func(audit.Actor) error{
		func(a audit.Actor) error { _, err := w.s.StepReplays(w.ctx, a); return err },
		func(a audit.Actor) error { _, err := w.s.WarnWebhookFailing(w.ctx, a, 1, ""); return err },
	} {
		if err := f(w.a); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a partner does the dispatcher's work: %v", err)
		}
	}
}

// TestReplaysByTurns: who orders many replays keeps nobody's waiting.
func TestReplaysByTurns(t *testing.T) {
	w := newWorld(t)
	from := w.clock.Now()
	for _, who := range []audit.Actor{w.a, w.b} {
		w.order(who, proOrder("d.example", "c-1"))
	}
	for range 3 {
		w.webhook(w.a, nil)
	}
	theirs := w.webhook(w.b, nil)
	for _, who := range []audit.Actor{w.a, w.b} {
		if _, err := w.s.ReplayEvents(w.ctx, who, outbox.ReplayEvents{From: from}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := w.s.StepReplays(w.ctx, w.job); err != nil {
			t.Fatal(err)
		}
	}
	if l := w.waiting(work.DeliveryFilter{EndpointID: theirs.ID}); len(l) == 0 {
		t.Error("the second step was the first partner's too")
	}
}

// TestReplaySteps: a long range goes in bounded steps, brings each event once,
// and what waits anyway is not doubled.
func TestReplaySteps(t *testing.T) {
	w := newWorld(t)
	from := w.clock.Now()
	order := w.order(w.a, proOrder("a.example", "c-1"))
	id := w.account(w.a, order, "x@a.example")
	const changes = 450
	for i := range changes {
		name := strings.Repeat("n", 1+i%2)
		if _, err := w.s.ModifyEmailAccount(w.ctx, w.a, mailboxes.ModifyEmailAccount{Account: work.AccountRef{AccountID: id, Order: work.OrderRef{ID: order}}, Name: &name}); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			w.clock.Advance(time.Second) // several events in one instant
		}
	}
	e := w.webhook(w.a, nil)
	paused := w.webhook(w.a, func(c *outbox.CreateWebhook) { c.Events = []event.Type{event.MailOrderCreated} })
	total := len(w.store.AllEvents())
	if n, err := w.s.ReplayEvents(w.ctx, w.a, outbox.ReplayEvents{From: from}); err != nil || n != 2*total {
		t.Fatal(n, err)
	}
	steps := 0
	for {
		more, err := w.s.StepReplays(w.ctx, w.job)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		steps++
		if steps == 1 { // waits anyway, in the range still to come
			all := w.store.AllEvents()
			if n, err := w.s.ReplayEvents(w.ctx, w.a, outbox.ReplayEvents{EventID: all[total-1].PublicID, EndpointID: e.ID}); err != nil || n != 1 {
				t.Fatal(n, err)
			}
		}
	}
	l := w.waiting(work.DeliveryFilter{EndpointID: e.ID, Limit: 1000})
	seen := map[string]bool{}
	for _, d := range l {
		if seen[d.EventID] || !d.Replay {
			t.Errorf("%+v twice or no replay", d)
		}
		seen[d.EventID] = true
	}
	if len(l) != total || steps < 5 {
		t.Errorf("%d of %d events in %d steps", len(l), total, steps)
	}
	if l := w.waiting(work.DeliveryFilter{EndpointID: paused.ID}); len(l) != 1 {
		t.Errorf("the filter: %d events", len(l))
	}
	if n, err := w.s.ReplayEvents(w.ctx, w.a, outbox.ReplayEvents{From: w.clock.Now().Add(time.Hour)}); err != nil || n != 0 {
		t.Errorf("a range without events: %d, %v", n, err)
	}
}

// TestWebhookTenants: another partner's endpoint, delivery or event is like one
// that nobody has.
func TestWebhookTenants(t *testing.T) {
	w := newWorld(t)
	e := w.webhook(w.a, nil)
	w.webhook(w.b, nil)
	w.order(w.a, proOrder("a.example", "c-1"))
	d := w.waiting(work.DeliveryFilter{})[0]
	records := len(w.store.AllRecords())
	for name, call := range map[string]func(endpoint, delivery, partner int64, event string) error{
		"Webhook": func(e, _, _ int64, _ string) error { _, err := w.s.Webhook(w.ctx, w.b, e); return err },
		"ModifyWebhook": func(e, _, _ int64, _ string) error {
			_, err := w.s.ModifyWebhook(w.ctx, w.b, outbox.ModifyWebhook{ID: e, Paused: ptr(true)})
			return err
		},
		"DeleteWebhook": func(e, _, _ int64, _ string) error { return w.s.DeleteWebhook(w.ctx, w.b, e) },
		"Webhooks":      func(_, _, p int64, _ string) error { _, err := w.s.Webhooks(w.ctx, w.b, p); return err },
		"CreateWebhook": func(_, _, p int64, _ string) error {
			_, err := w.s.CreateWebhook(w.ctx, w.b, outbox.CreateWebhook{PartnerID: p, URL: "https://thief.example/"})
			return err
		},
		"WebhookAttempts": func(_, d, _ int64, _ string) error { _, err := w.s.WebhookAttempts(w.ctx, w.b, d); return err },
		"FailNextWebhooks": func(_, _, p int64, _ string) error {
			return w.s.FailNextWebhooks(w.ctx, w.b, p, 1, 500)
		},
		"ReplayEvents by event": func(_, _, _ int64, ev string) error {
			_, err := w.s.ReplayEvents(w.ctx, w.b, outbox.ReplayEvents{EventID: ev})
			return err
		},
		"ReplayEvents by event and partner": func(_, _, p int64, ev string) error {
			_, err := w.s.ReplayEvents(w.ctx, w.b, outbox.ReplayEvents{PartnerID: p, EventID: ev})
			return err
		},
		"ReplayEvents to an endpoint": func(e, _, _ int64, _ string) error {
			_, err := w.s.ReplayEvents(w.ctx, w.b, outbox.ReplayEvents{EndpointID: e, From: w.clock.Now().Add(-day)})
			return err
		},
		"ReplayEvents of a partner": func(_, _, p int64, _ string) error {
			_, err := w.s.ReplayEvents(w.ctx, w.b, outbox.ReplayEvents{PartnerID: p, From: w.clock.Now().Add(-day)})
			return err
		},
	} {
		want := call(9999, 9999, 9999, "00000000-0000-4000-8000-000000000000")
		got := call(e.ID, d.ID, w.a.PartnerID, d.EventID)
		if want == nil || got == nil || got.Error() != want.Error() {
			t.Errorf("%s: foreign %v, unknown %v", name, got, want)
		}
	}
	for _, f := range []work.DeliveryFilter{{}, {PartnerID: w.a.PartnerID}, {EndpointID: e.ID}, {EventID: d.EventID}, {OrderID: d.OrderID}} {
		if l, err := w.s.WebhookDeliveries(w.ctx, w.b, f); err != nil || len(l) != 0 {
			t.Errorf("%+v: %d deliveries, %v", f, len(l), err)
		}
	}
	if len(w.store.AllRecords()) != records {
		t.Error("something was left behind")
	}
	if _, err := w.s.Webhooks(w.ctx, audit.Actor{Role: suspension.RolePartner}, 0); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a caller without a partner: %v", err)
	}
}
