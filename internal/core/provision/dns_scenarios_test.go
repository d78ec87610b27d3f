package provision_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/dkim"
	"posthouse/internal/dnscheck"
	"posthouse/internal/fault"
)

// fakeDNS says what it was told about a domain; made-up answers are judged by the real checker.
type fakeDNS struct {
	mu    sync.Mutex
	found map[string]dnsrecord.Found
	keys  map[string]bool // selectors that are published
	down  bool
	asked []dnsrecord.Expected
	then  func() // runs during a look-up, outside of any transaction
}

func newFakeDNS() *fakeDNS {
	return &fakeDNS{found: map[string]dnsrecord.Found{}, keys: map[string]bool{}}
}

func (d *fakeDNS) Check(ctx context.Context, want dnsrecord.Expected, given []dnsrecord.Answer) (*dnsrecord.Found, error) {
	if given != nil {
		return dnscheck.New(nil, 0).Check(ctx, want, given)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, want)
	if d.then != nil {
		d.then()
	}
	if d.down {
		return nil, fault.Unavail("The DNS does not answer", nil).WithReason(dnsrecord.ReasonNoAnswer)
	}
	f := d.found[want.Domain]
	for _, k := range want.DKIM {
		state := dnsrecord.Missing
		if d.keys[k.Selector] {
			state = dnsrecord.Published
		}
		f.DKIM = append(f.DKIM, dnsrecord.KeyFound{Selector: k.Selector, State: state})
	}
	return &f, nil
}

var verified = dnsrecord.Found{DomainExists: true, MXVerified: true, SPFVerified: true}

func (w *world) dueAt(k due.Kind, id int64) *due.Item {
	w.t.Helper()
	var out *due.Item
	err := w.store.Read(w.ctx, func(tx work.Tx) (err error) {
		out, err = tx.Due(w.ctx, k, id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// wantDue says when an order is looked at next, after its creation; 0 = never.
func (w *world) wantDue(id int64, after time.Duration) {
	w.t.Helper()
	item := w.dueAt(due.DNS, id)
	if after == 0 {
		if item != nil {
			w.t.Fatalf("order %d is due at %v", id, item.At)
		}
		return
	}
	if want := w.details(id).Order.CreatedAt.Add(after); item == nil || !item.At.Equal(want) {
		w.t.Fatalf("order %d is due %+v, want %v", id, item, want)
	}
}

// runDue does what is due for an order, at its time.
func (w *world) runDNS(id int64) func() error {
	return func() error {
		item := w.dueAt(due.DNS, id)
		if item == nil {
			w.t.Fatal("nothing is due")
		}
		if item.At.After(w.clock.Now()) {
			w.clock.Advance(item.At.Sub(w.clock.Now()))
		}
		return w.s.CheckDueDNS(w.ctx, w.job, *item)
	}
}

func (w *world) notices(k notice.Kind) []*notice.Notice {
	w.t.Helper()
	return slices.DeleteFunc(w.outbox(), func(n *notice.Notice) bool { return n.Kind != k })
}

func TestVerifyDNS(t *testing.T) {
	w := newWorld(t)
	if _, err := w.s.SetBrand(w.ctx, w.a, tenancy.SetBrand{PartnerID: w.a.PartnerID,
		Brand: brand.Brand{MX: []string{"mx1.acme.example", "mx2.acme.example"}, SPFInclude: "spf.acme.example"}}); err != nil {
		t.Fatal(err)
	}
	id := w.order(w.a, proOrder("d.example", "c-1"))
	ref := work.OrderRef{ID: id}
	verify := func(a audit.Actor) func() error {
		return func() error { _, err := w.s.VerifyDNS(w.ctx, a, ref); return err }
	}
	w.play(
		step{do: "nothing is published", call: verify(w.a), then: func() {
			c, err := w.s.LastDNSCheck(w.ctx, w.a, ref)
			if err != nil || c == nil || c.VerifiedAt != nil || !c.CheckedAt.Equal(w.clock.Now()) {
				t.Fatalf("%+v, %v", c, err)
			}
			want := w.dns.asked[0]
			if want.Domain != "d.example" || !slices.Equal(want.MX, []string{"mx1.acme.example", "mx2.acme.example"}) ||
				want.SPFInclude != "spf.acme.example" || want.OwnershipToken != w.details(id).Order.OwnershipToken {
				t.Errorf("asked for %+v", want)
			}
		}},
		step{do: "the DNS is down", fault: fault.Unavailable, reason: dnsrecord.ReasonNoAnswer, call: func() error {
			w.dns.down = true
			defer func() { w.dns.down = false }()
			return verify(w.a)()
		}},
		step{do: "all is there", events: []event.Type{event.MailOrderSetupCompleted}, call: func() error {
			w.dns.found["d.example"] = verified
			return verify(w.a)()
		}},
		step{do: "and still is: no second event", call: verify(w.op)},
		step{do: "it breaks", call: func() error { w.dns.found["d.example"] = dnsrecord.Found{}; return verify(w.a)() }},
		step{do: "and is well again: no second event", call: func() error { w.dns.found["d.example"] = verified; return verify(w.a)() }},
		step{do: "a stranger", fault: fault.OrderNotFound, call: verify(w.b)},
	)
	w.dns.then = func() {
		if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: ref}); err != nil {
			t.Error(err)
		}
	}
	if err := verify(w.a)(); !fault.Is(err, fault.OrderNotFound) {
		t.Errorf("the order goes while the DNS is asked: %v", err)
	}
}

func TestCheckDNSCached(t *testing.T) {
	w := newWorld(t)
	ref := work.OrderRef{ID: w.order(w.a, proOrder("d.example", "c-1"))}
	for i, tc := range []struct {
		after time.Duration
		asked int
	}{{0, 1}, {59 * time.Second, 1}, {time.Second, 2}, {time.Second, 2}} {
		w.clock.Advance(tc.after)
		if _, err := w.s.CheckDNSCached(w.ctx, w.a, ref); err != nil {
			t.Fatal(err)
		}
		if len(w.dns.asked) != tc.asked {
			t.Errorf("step %d: asked %d times", i, len(w.dns.asked))
		}
	}
	if _, err := w.s.CheckDNSCached(w.ctx, w.b, ref); !fault.Is(err, fault.OrderNotFound) {
		t.Error(err)
	}
}

func TestScheduledDNSChecks(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.Customer.Email, cmd.Customer.AlternateEmail, cmd.Locale = "boss@c.example", "other@c.example", "de-de"
	id := w.order(w.a, cmd)
	told := func(n int) {
		t.Helper()
		if got := w.notices(notice.DNSProblem); len(got) != n {
			t.Fatalf("%d notices: %+v", len(got), got)
		}
	}
	w.wantDue(id, 4*time.Hour)
	w.play(
		step{do: "four hours later", call: w.runDNS(id), then: func() { w.wantDue(id, day); told(0) }},
		step{do: "the same item again", call: func() error {
			return w.s.CheckDueDNS(w.ctx, w.job, due.Item{Kind: due.DNS, ObjectID: id})
		}, then: func() { w.wantDue(id, day); told(0) }},
		step{do: "a partner may not", fault: fault.Forbidden, call: func() error {
			return w.s.CheckDueDNS(w.ctx, w.a, due.Item{Kind: due.DNS, ObjectID: id})
		}},
		step{do: "the DNS is down after a day", fault: fault.Unavailable, reason: dnsrecord.ReasonNoAnswer, call: func() error {
			w.dns.down = true
			return w.runDNS(id)()
		}, then: func() { w.wantDue(id, day); told(0) }},
		step{do: "and is for long", call: func() error {
			return w.s.CheckDueDNS(w.ctx, w.job, due.Item{Kind: due.DNS, ObjectID: id, Attempts: 4})
		}, then: func() {
			w.dns.down = false
			w.wantDue(id, 2*day)
			told(1)
			n := w.notices(notice.DNSProblem)[0]
			var d notice.DNSProblemData
			if err := json.Unmarshal(n.Data, &d); err != nil {
				t.Fatal(err)
			}
			if n.To != "boss@c.example" || n.FallbackTo != "other@c.example" || n.Locale != "de-de" || n.OrderID != id || d.Domain != "d.example" {
				t.Errorf("%+v %+v", n, d)
			}
		}},
		step{do: "daily, and told once", call: w.runDNS(id), then: func() { w.wantDue(id, 3*day); told(1) }},
		step{do: "verified", call: func() error { w.dns.found["d.example"] = verified; return w.runDNS(id)() },
			events: []event.Type{event.MailOrderSetupCompleted}, then: func() { w.wantDue(id, 4*day) }},
		step{do: "the token is there", call: func() error {
			f := verified
			f.Ownership = true
			w.dns.found["d.example"] = f
			return w.runDNS(id)()
		}, then: func() {
			w.wantDue(id, 0)
			if w.details(id).Order.ProvenAt == nil {
				t.Error("not proven")
			}
		}},
	)
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}}); err != nil {
		t.Fatal(err)
	}
	if err := w.s.CheckDueDNS(w.ctx, w.job, due.Item{Kind: due.DNS, ObjectID: id}); err != nil {
		t.Error(err)
	}
	if err := w.s.CheckDueDNS(w.ctx, w.job, due.Item{Kind: due.DNS, ObjectID: 4711}); err != nil {
		t.Error(err)
	}
}

func TestADeletedOrderIsNotCheckedUntilItIsBack(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	ref := work.OrderRef{ID: id}
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: ref}); err != nil {
		t.Fatal(err)
	}
	if err := w.runDNS(id)(); err != nil {
		t.Fatal(err)
	}
	w.wantDue(id, 0)
	if _, err := w.s.ReactivateMailOrder(w.ctx, w.a, ref); err != nil {
		t.Fatal(err)
	}
	w.wantDue(id, day)
	if len(w.dns.asked) != 0 {
		t.Error("a deleted order was checked")
	}
}

// TestProofSwitchesService is titan.md section 7.2 by the periodic job.
func TestProofSwitchesService(t *testing.T) {
	w := newWorld(t)
	first := w.order(w.a, proOrder("d.example", "c-1"))
	second := w.order(w.b, proOrder("d.example", "c-2"))
	serves := func(want int64) {
		t.Helper()
		if a, b := w.details(first).Order.Serviceable, w.details(second).Order.Serviceable; a != (want == first) || b != (want == second) {
			t.Fatalf("first %v, second %v", a, b)
		}
	}
	serves(first)
	w.dns.found["d.example"] = dnsrecord.Found{DomainExists: true, Ownership: true}
	w.play(
		step{do: "the second proves", call: w.runDNS(second), then: func() { serves(second) }},
		step{do: "the first proves too late", call: w.runDNS(first), then: func() { serves(second) }},
	)
}

func (w *world) sandbox() audit.Actor {
	w.t.Helper()
	p, _, err := w.s.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "Sandbox", Sandbox: true, Settings: partner.Settings{}})
	if err != nil {
		w.t.Fatal(err)
	}
	return audit.Actor{PartnerID: p.ID, Role: w.a.Role, Name: "key:9"}
}

func TestSandboxDNS(t *testing.T) {
	w := newWorld(t)
	box, other := w.sandbox(), w.sandbox()
	real := w.order(w.a, proOrder("d.example", "c-1"))
	held := w.order(box, proOrder("held.example", "c-1"))
	mine := w.order(box, proOrder("d.example", "c-1"))
	set := func(a audit.Actor, partnerID int64, records ...dnsrecord.Answer) error {
		_, err := w.s.SetSandboxDNS(w.ctx, a, work.SandboxDNS{PartnerID: partnerID, Records: records})
		return err
	}
	token := func(id int64) dnsrecord.Answer {
		o := w.details(id).Order
		return dnsrecord.Answer{Name: "_mail-ownership." + o.Domain + ".", Type: "txt", Value: o.OwnershipToken}
	}
	check := func(id int64) *work.DNSCheck {
		t.Helper()
		c, err := w.s.VerifyDNS(w.ctx, box, work.OrderRef{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}

	// Unasked, a sandbox without answers bothers nobody.
	if err := w.runDNS(held)(); err != nil || len(w.dns.asked) != 0 {
		t.Fatalf("asked %d times, %v", len(w.dns.asked), err)
	}
	if check(held); len(w.dns.asked) != 1 {
		t.Error("a check that is asked for goes to the real DNS")
	}
	if err := set(box, box.PartnerID, token(held), token(mine), dnsrecord.Answer{Name: "held.example", Type: "MX", Value: "MX.Somewhere.example.", Preference: 10}); err != nil {
		t.Fatal(err)
	}
	if c := check(held); len(w.dns.asked) != 1 || !c.Found.Ownership || !slices.Equal(c.Found.MX, []string{"mx.somewhere.example"}) {
		t.Errorf("%+v", c)
	}
	// What is made up takes nothing from others, and holds nothing against them.
	check(mine)
	if w.details(mine).Order.Serviceable || !w.details(real).Order.Serviceable {
		t.Error("a sandbox has taken a domain by a proof of its own making")
	}
	if r, err := w.s.DomainRouting(w.ctx, "held.example"); err != nil || r.Proven || !r.Served {
		t.Errorf("%+v, %v: mail from inside would go to a sandbox", r, err)
	}
	late := w.order(w.b, proOrder("held.example", "c-5"))
	if err := w.s.ProveOwnership(w.ctx, w.b, late); err != nil {
		t.Fatal(err)
	}
	if !w.details(late).Order.Serviceable || w.details(held).Order.Serviceable {
		t.Error("a sandbox holds a domain against its owner")
	}
	// The same when the domain becomes free.
	if _, err := w.s.DeleteMailOrder(w.ctx, w.b, ordering.DeleteMailOrder{Order: work.OrderRef{ID: late}}); err != nil {
		t.Fatal(err)
	}
	if !w.details(held).Order.Serviceable {
		t.Error("the last order does not serve its domain")
	}

	if err := set(box, box.PartnerID, dnsrecord.Answer{Name: "held.example", Type: "NS", Failure: "timeout"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.VerifyDNS(w.ctx, box, work.OrderRef{ID: held}); fault.Of(err) == nil || fault.Of(err).Reason != dnsrecord.ReasonNoAnswer {
		t.Errorf("got %v", err)
	}
	if err := set(box, box.PartnerID); err != nil {
		t.Fatal(err)
	}
	if c := check(held); c.Found.DomainExists {
		t.Errorf("a DNS without names: %+v", c.Found)
	}
	// Without answers, checks go to the real DNS again.
	for _, who := range []audit.Actor{other, w.a} {
		if err := w.s.UnsetSandboxDNS(w.ctx, who, box.PartnerID); !fault.Is(err, fault.PartnerNotFound) {
			t.Errorf("another's: %v", err)
		}
	}
	if err := w.s.UnsetSandboxDNS(w.ctx, w.a, w.a.PartnerID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("no sandbox: %v", err)
	}
	for range 2 {
		if err := w.s.UnsetSandboxDNS(w.ctx, box, box.PartnerID); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := w.s.SandboxDNSRecords(w.ctx, box, box.PartnerID); d != nil || err != nil {
		t.Errorf("%+v, %v", d, err)
	}
	asked := len(w.dns.asked)
	if check(held); len(w.dns.asked) != asked+1 {
		t.Error("the real DNS was not asked")
	}

	for name, r := range map[string]dnsrecord.Answer{
		"no name": {Type: "MX", Value: "a.example"}, "a type": {Name: "d.example", Type: "A", Value: "192.0.2.1"},
		"no value": {Name: "d.example", Type: "TXT"}, "NUL": {Name: "d.example", Type: "TXT", Value: "a\x00"}, "long": {Name: "d.example", Type: "TXT", Value: strings.Repeat("x", 5000)},
		"a host": {Name: "d.example", Type: "MX", Value: "a b"}, "a failure": {Name: "d.example", Type: "MX", Failure: "explode"},
	} {
		if err := set(box, box.PartnerID, r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := set(box, box.PartnerID, make([]dnsrecord.Answer, 501)...); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many: %v", err)
	}
	if err := set(w.a, w.a.PartnerID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a real partner: %v", err)
	}
	foreign, unknown := set(other, box.PartnerID), set(other, 99999)
	if foreign == nil || unknown == nil || foreign.Error() != unknown.Error() {
		t.Errorf("foreign %v, unknown %v", foreign, unknown)
	}
	if d, err := w.s.SandboxDNSRecords(w.ctx, other, other.PartnerID); d != nil || err != nil {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := w.s.SandboxDNSRecords(w.ctx, other, box.PartnerID); err == nil || err.Error() != unknown.Error() {
		t.Error(err)
	}
}

func TestDKIMRotation(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	second := w.order(w.b, proOrder("d.example", "c-2"))
	ref := work.OrderRef{ID: id}
	f := verified
	f.Ownership = true
	w.dns.found["d.example"] = f
	for range 2 { // proven; nothing else is left to look for
		if err := w.runDNS(id)(); err != nil {
			t.Fatal(err)
		}
	}
	w.fresh()
	states := func(want string) {
		t.Helper()
		keys, err := w.s.DKIMKeys(w.ctx, w.a, ref)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, k := range keys {
			got = append(got, k.Selector+"="+string(k.State))
		}
		if s := strings.Join(got, " "); s != want {
			t.Fatalf("got  %s\nwant %s", s, want)
		}
		// Whatever happens, there is one signer of each kind, and it is a signing key.
		signers, err := w.s.EnsureDKIMKeys(w.ctx, "d.example")
		if err != nil || len(signers) != 2 || signers[0].Algorithm == signers[1].Algorithm {
			t.Fatalf("%+v, %v", signers, err)
		}
		for _, s := range signers {
			if !strings.Contains(want, s.Selector+"=signing") {
				t.Errorf("%s signs", s.Selector)
			}
		}
	}
	rotate := func(a audit.Actor, o int64, now bool) func() error {
		return func() error {
			_, err := w.s.RotateDKIMKeys(w.ctx, a, dnssetup.RotateDKIMKeys{Order: work.OrderRef{ID: o}, Now: now})
			return err
		}
	}
	generated := func(want string) {
		t.Helper()
		k, err := w.s.GenerateDKIMKeys(w.ctx, w.a, ref)
		if err != nil || k.Selector != want || k.Algorithm != dkim.RSA || !strings.HasPrefix(k.TXTRecord, "v=DKIM1; k=rsa; p=") {
			t.Fatalf("%+v, %v", k, err)
		}
	}
	states("titan=signing titan-ed=signing")
	generated("titan")
	w.wantDue(id, 0)
	var begun time.Time
	w.play(
		step{do: "not whom the domain is not with", fault: fault.Conflict, reason: "NOT_SERVICEABLE", call: rotate(w.b, second, true)},
		step{do: "not a stranger", fault: fault.OrderNotFound, call: rotate(w.b, id, true)},
		step{do: "new keys", call: rotate(w.a, id, false), then: func() {
			begun = w.clock.Now()
			states("titan=signing titan-ed=signing titan2=waiting titan-ed2=waiting")
			generated("titan2")
			if item := w.dueAt(due.DNS, id); item == nil || !item.At.Equal(begun.Add(time.Hour)) {
				t.Fatalf("%+v", item)
			}
		}},
		step{do: "again: no others", call: rotate(w.a, id, false), then: func() { states("titan=signing titan-ed=signing titan2=waiting titan-ed2=waiting") }},
		step{do: "not published yet", call: w.runDNS(id), then: func() {
			states("titan=signing titan-ed=signing titan2=waiting titan-ed2=waiting")
		}},
		step{do: "seen by who does not serve the domain", events: []event.Type{event.MailOrderSetupCompleted}, call: func() error {
			w.dns.keys["titan2"] = true
			_, err := w.s.VerifyDNS(w.ctx, w.b, work.OrderRef{ID: second})
			return err
		}, then: func() { states("titan=signing titan-ed=signing titan2=waiting titan-ed2=waiting") }},
		step{do: "one is published", call: w.runDNS(id), then: func() { states("titan=retired titan-ed=signing titan2=signing titan-ed2=waiting") }},
		step{do: "the other too", call: func() error { w.dns.keys["titan-ed2"] = true; return w.runDNS(id)() },
			then: func() { states("titan=retired titan-ed=retired titan2=signing titan-ed2=signing") }},
		step{do: "the record is still to be published", call: func() error { return nil }, then: func() {
			e, err := w.s.DNSRecords(w.ctx, w.a, ref)
			if err != nil || len(e.DKIM) != 4 {
				t.Fatalf("%+v, %v", e, err)
			}
		}},
		step{do: "a week later the first ends", call: w.runDNS(id), then: func() { states("titan=destroyed titan-ed=retired titan2=signing titan-ed2=signing") }},
		step{do: "and the second", call: w.runDNS(id), then: func() {
			states("titan=destroyed titan-ed=destroyed titan2=signing titan-ed2=signing")
			w.wantDue(id, 0)
			err := w.store.Read(w.ctx, func(tx work.Tx) error {
				keys, err := tx.DKIMKeys(w.ctx, "d.example")
				for i, k := range keys {
					if (len(k.Sealed) == 0) != (i < 2) {
						t.Errorf("key %s has %d sealed bytes", k.Selector, len(k.Sealed))
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}},
		step{do: "at once", call: rotate(w.op, id, true), then: func() {
			states("titan=destroyed titan-ed=destroyed titan2=retired titan-ed2=retired titan3=signing titan-ed3=signing")
		}},
	)
}

func TestWhatMayBeChecked(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	ref := work.OrderRef{ID: id}
	w.status(id, order.Active)
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: ref}); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"VerifyDNS":        func() error { _, err := w.s.VerifyDNS(w.ctx, w.a, ref); return err },
		"CheckDNSCached":   func() error { _, err := w.s.CheckDNSCached(w.ctx, w.a, ref); return err },
		"GenerateDKIMKeys": func() error { _, err := w.s.GenerateDKIMKeys(w.ctx, w.a, ref); return err },
		"RotateDKIMKeys": func() error {
			_, err := w.s.RotateDKIMKeys(w.ctx, w.a, dnssetup.RotateDKIMKeys{Order: ref})
			return err
		},
	} {
		if err := call(); !fault.Is(err, fault.OrderNotFound) || fault.Of(err).Reason != "ORDER_NOT_ACTIVE" {
			t.Errorf("%s of a deleted order: %v", name, err)
		}
	}
	for name, call := range map[string]func() error{
		"DNSRecords":   func() error { _, err := w.s.DNSRecords(w.ctx, w.a, ref); return err },
		"DKIMKeys":     func() error { _, err := w.s.DKIMKeys(w.ctx, w.a, ref); return err },
		"LastDNSCheck": func() error { _, err := w.s.LastDNSCheck(w.ctx, w.a, ref); return err },
	} {
		if err := call(); err != nil {
			t.Errorf("%s of a deleted order: %v", name, err)
		}
	}
}
