package provision_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/core/account"
	"posthouse/internal/core/event"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func (o *office) only(email string, to ...string) error {
	return o.s.CreateForwardOnlyAccount(o.ctx, o.a, routing.CreateForwardOnlyAccount{Order: o.ref(), Email: email, Forwards: to})
}

func (o *office) change(email string, k forwarder.Kind, to ...string) routing.ChangeForwards {
	return routing.ChangeForwards{Account: work.AccountRef{Order: o.ref(), Email: email}, Kind: k, Forwards: to}
}

func (o *office) adds(email string, k forwarder.Kind, to ...string) error {
	return o.s.AddForwards(o.ctx, o.a, o.change(email, k, to...))
}

func (o *office) removes(email string, k forwarder.Kind, to ...string) error {
	return o.s.RemoveForwards(o.ctx, o.a, o.change(email, k, to...))
}

func (o *office) shows(t *testing.T, email, admin, user string) {
	t.Helper()
	f, err := o.s.Forwards(o.ctx, o.a, work.AccountRef{Order: o.ref(), Email: email})
	if err != nil || strings.Join(f.Admin, " ") != admin || strings.Join(f.User, " ") != user {
		t.Errorf("%s: %+v, %v", email, f, err)
	}
}

// ways is who gets mail to an address: mailboxes, those forwarded to, addresses elsewhere.
func (o *office) ways(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	r, err := o.s.ResolveRecipient(o.ctx, local, domain)
	if err != nil {
		return fault.Of(err).Reason
	}
	names := func(list []routing.Target) string {
		var out []string
		for _, t := range list {
			l, _, _ := strings.Cut(t.Email, "@")
			out = append(out, l)
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	out := slices.Sorted(slices.Values(r.Outside))
	return names(r.Targets) + "|" + names(r.Forwarded) + "|" + strings.Join(out, " ")
}

func refused(t *testing.T, err error, code fault.Code, reason string) {
	t.Helper()
	if f := fault.Of(err); err == nil || f.Code != code || f.Reason != reason {
		t.Errorf("%v (%v), want %s %s", err, f, code, reason)
	}
}

func TestForwards(t *testing.T) {
	o := newOffice(t)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	used := o.details(o.id).Counters
	ok(o.only("out@d.example", " A@Far.example ", "ann@d.example", "a@far.example"))
	if now := o.details(o.id).Counters; now != used {
		t.Errorf("a forward-only account takes a seat: %+v, %+v", now, used)
	}
	o.shows(t, "out@d.example", "a@far.example ann@d.example", "")
	for _, c := range []struct {
		to     string
		reason string
	}{
		{"own@d.example", forwarder.ReasonItself}, {"OWN@d.example", forwarder.ReasonItself}, {"nobody@d.example", forwarder.ReasonNotInternal}, {"x@mx.platform.example", forwarder.ReasonBadForward},
		{"x@[127.0.0.1]", forwarder.ReasonBadForward}, {"x@localhost", forwarder.ReasonBadForward}, {`"a b"@far.example`, forwarder.ReasonBadForward},
		{"x", forwarder.ReasonBadForward}, {"x@far.example\r\nRCPT TO:<y@z.example>", forwarder.ReasonBadForward}, {"", forwarder.ReasonBadForward},
	} {
		refused(t, o.only("own@d.example", c.to), fault.Invalid, c.reason)
	}
	refused(t, o.only("ann@d.example", "x@far.example"), fault.Conflict, account.ReasonExistsAsAccount)
	refused(t, o.only("out@d.example", "a@far.example"), fault.Conflict, account.ReasonExistsAsForwarder)
	refused(t, o.only("own@d.example"), fault.Invalid, forwarder.ReasonBadForward)
	refused(t, o.only("own@d.example", make([]string, forwarder.MaxNamed+1)...), fault.Invalid, forwarder.ReasonTooMany)

	ok(o.adds("ann@d.example", forwarder.Admin, "a@far.example", "bob@d.example"))
	ok(o.adds("ann@d.example", forwarder.User, "u@far.example", "a@far.example"))
	ok(o.adds("ann@d.example", forwarder.User, "U@far.example")) // is there
	ok(o.alias("ann", "sales@d.example")())
	refused(t, o.adds("ann@d.example", forwarder.User, "ann@d.example"), fault.Invalid, forwarder.ReasonItself)
	refused(t, o.adds("ann@d.example", forwarder.User, "sales@d.example"), fault.Invalid, forwarder.ReasonItself)
	refused(t, o.adds("ann@d.example", "other", "x@far.example"), fault.Invalid, "")
	refused(t, o.adds("nobody@d.example", forwarder.User, "x@far.example"), fault.AccountNotFound, "")
	many := make([]string, forwarder.MaxForwards+1)
	for i := range many {
		many[i] = fmt.Sprintf("m%d@far.example", i)
	}
	refused(t, o.adds("eve@d.example", forwarder.User, many...), fault.Conflict, forwarder.ReasonTooMany)
	o.shows(t, "ann@d.example", "a@far.example bob@d.example", "u@far.example a@far.example")
	for address, want := range map[string]string{
		"ann@d.example": "ann|bob|a@far.example u@far.example", "sales@d.example": "ann|bob|a@far.example u@far.example",
		"bob@d.example": "bob||", "out@d.example": "ann bob||a@far.example u@far.example",
	} {
		if got := o.ways(address); got != want {
			t.Errorf("%s leads to %s, want %s", address, got, want)
		}
	}
	// Titan's view, which shows what it can't add.
	f, err := o.s.FetchForwarder(o.ctx, o.a, work.ForwarderRef{Order: o.ref(), Email: "out@d.example"})
	if err != nil || strings.Join(f.Recipients(), " ") != "a@far.example ann@d.example" {
		t.Errorf("%+v, %v", f, err)
	}
	refused(t, o.add(o.list("out@d.example", "b@far.example"))(), fault.Invalid, forwarder.ReasonNotInternal)
	ok(o.add(o.list("out@d.example", "bob@d.example"))())
	ok(o.s.RemoveForwarderMembers(o.ctx, o.a, o.list("out@d.example", "A@far.example", "bob@d.example")))
	o.shows(t, "out@d.example", "ann@d.example", "")
	ok(o.adds("out@d.example", forwarder.User, "b@far.example"))

	// Suspended: what is here goes on coming, nothing leaves.
	if _, err := o.s.SuspendEmailAccount(o.ctx, o.a, mailboxes.SuspendEmailAccount{Account: o.box("ann")}); err != nil {
		t.Fatal(err)
	}
	if got := o.ways("ann@d.example"); got != "ann||" {
		t.Error(got)
	}
	if _, err := o.s.SuspendMailOrder(o.ctx, o.a, ordering.SuspendMailOrder{Order: o.ref()}); err != nil {
		t.Fatal(err)
	}
	if got := o.ways("out@d.example"); got != "ann||" {
		t.Error(got)
	}
	if may, err := o.s.MayForward(o.ctx, o.id); may || err != nil {
		t.Error(may, err)
	}
	if _, err := o.s.UnsuspendMailOrder(o.ctx, o.a, ordering.UnsuspendMailOrder{Order: o.ref()}); err != nil {
		t.Fatal(err)
	}

	// Who goes leaves all forwards; a forward-only account without any goes too, and with it others.
	ok(o.only("chain@d.example", "out@d.example"))
	ok(o.adds("bob@d.example", forwarder.Admin, "chain@d.example"))
	ok(o.removes("out@d.example", forwarder.Admin, "b@far.example"))
	o.fresh()
	if _, err := o.s.DeleteEmailAccount(o.ctx, o.a, mailboxes.DeleteEmailAccount{Account: o.box("ann")}); err != nil {
		t.Fatal(err)
	}
	var deleted int
	for _, e := range o.fresh() {
		if e.Type == event.InternalForwardingAccountDeleted {
			deleted++
		}
	}
	if deleted != 2 || o.ways("chain@d.example") != routing.ReasonNoSuchMailbox || o.ways("bob@d.example") != "bob||" {
		t.Errorf("%d deleted; %s %s", deleted, o.ways("chain@d.example"), o.ways("bob@d.example"))
	}
	o.shows(t, "bob@d.example", "", "")

	// Tenants.
	for name, err := range map[string]error{
		"create":  o.s.CreateForwardOnlyAccount(o.ctx, o.b, routing.CreateForwardOnlyAccount{Order: o.ref(), Email: "z@d.example", Forwards: []string{"z@far.example"}}),
		"add":     o.s.AddForwards(o.ctx, o.b, o.change("bob@d.example", forwarder.User, "z@far.example")),
		"remove":  o.s.RemoveForwards(o.ctx, o.b, o.change("bob@d.example", forwarder.User, "z@far.example")),
		"auto":    o.s.SetAutoresponder(o.ctx, o.b, routing.SetAutoresponder{Account: o.box("bob"), On: true, Message: ptr("x")}),
		"alias":   o.s.AddDomainAlias(o.ctx, o.b, routing.DomainAlias{Order: o.ref(), Domain: "z.example"}),
		"unalias": o.s.RemoveDomainAlias(o.ctx, o.b, routing.DomainAlias{Order: o.ref(), Domain: "z.example"}),
	} {
		if !fault.Is(err, fault.OrderNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSetAutoresponder(t *testing.T) {
	o := newOffice(t)
	set := func(cmd routing.SetAutoresponder) error {
		cmd.Account = o.box("ann")
		return o.s.SetAutoresponder(o.ctx, o.a, cmd)
	}
	refused(t, set(routing.SetAutoresponder{On: true}), fault.Invalid, "AUTORESPONDER_WITHOUT_MESSAGE")
	refused(t, set(routing.SetAutoresponder{On: true, Message: ptr("x"), Format: ptr("text/rtf")}), fault.Invalid, "AUTORESPONDER_FORMAT")
	refused(t, set(routing.SetAutoresponder{On: true, Message: ptr(strings.Repeat("x", 70_000))}), fault.Invalid, "")
	refused(t, set(routing.SetAutoresponder{On: true, Message: ptr("x\x00")}), fault.Invalid, "")
	r, err := o.s.Autoresponder(o.ctx, o.a, o.box("ann"))
	if err != nil || r.On || r.Format != "text/plain" {
		t.Errorf("%+v, %v", r, err)
	}
	now, err := o.s.PartnerTime(o.ctx, o.a.PartnerID)
	if err != nil {
		t.Fatal(err)
	}
	end := now.Add(48 * time.Hour)
	if err := set(routing.SetAutoresponder{On: true, Subject: ptr("Away"), Message: ptr("I am away."), EndsAt: &end}); err != nil {
		t.Fatal(err)
	}
	if o.lastEvent() == "" {
		t.Error("no event")
	}
	ids := []int64{o.account["ann"], o.account["bob"]}
	list, err := o.s.Responders(o.ctx, ids)
	if err != nil || len(list) != 1 || list[0].Email != "ann@d.example" || list[0].Subject != "Away" {
		t.Errorf("%+v, %v", list, err)
	}
	o.clock.Advance(48 * time.Hour)
	if list, err = o.s.Responders(o.ctx, ids); err != nil || len(list) != 0 {
		t.Errorf("after its end: %+v, %v", list, err)
	}
	if on, err := o.s.ActiveAutoresponders(o.ctx, o.a, o.ref()); err != nil || len(on) != 0 {
		t.Errorf("%v, %v", on, err)
	}
	if err := set(routing.SetAutoresponder{On: true}); err != nil { // on again, without the old end
		t.Fatal(err)
	}
	if on, err := o.s.ActiveAutoresponders(o.ctx, o.a, o.ref()); err != nil || !on[o.account["ann"]] {
		t.Errorf("%v, %v", on, err)
	}
	if _, err := o.s.SuspendEmailAccount(o.ctx, o.a, mailboxes.SuspendEmailAccount{Account: o.box("ann")}); err != nil {
		t.Fatal(err)
	}
	if list, err = o.s.Responders(o.ctx, ids); err != nil || len(list) != 0 {
		t.Errorf("suspended: %+v, %v", list, err)
	}
}

func TestDomainAliases(t *testing.T) {
	o := newOffice(t)
	add := func(domain string) error {
		return o.s.AddDomainAlias(o.ctx, o.a, routing.DomainAlias{Order: o.ref(), Domain: domain})
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	taken := o.order(o.b, proOrder("taken.example", "c-9"))
	refused(t, add("d.example"), fault.Conflict, order.ReasonAliasOfItself)
	refused(t, add("taken.example"), fault.Conflict, order.ReasonAliasIsOrder)
	if err := add("no domain"); !fault.Is(err, fault.InvalidDomain) {
		t.Error(err)
	}
	ok(add("Also.Example."))
	ok(add("also.example"))
	if got := o.ways("ann@also.example"); got != "ann||" {
		t.Error(got)
	}
	if r, err := o.s.DomainRouting(o.ctx, "also.example"); err != nil || !r.Served || r.Proven || r.OrderID != o.id {
		t.Errorf("%+v, %v", r, err)
	}
	// A forward to a name of its own, by the alias.
	refused(t, o.only("f@d.example", "f@also.example"), fault.Invalid, forwarder.ReasonItself)
	ok(o.only("f@d.example", "ann@also.example", "bob@d.example"))
	o.shows(t, "f@d.example", "ann@d.example bob@d.example", "")

	// An order for it does not serve it, until the alias is gone or ownership is proven.
	rival := o.order(o.b, proOrder("also.example", "c-8"))
	if o.details(rival).Order.Serviceable {
		t.Fatal("two serve one domain")
	}
	ok(o.s.ProveOwnership(o.ctx, o.op, rival))
	if list, err := o.s.DomainAliases(o.ctx, o.a, o.ref()); err != nil || len(list) != 0 || !o.details(rival).Order.Serviceable {
		t.Errorf("%v, %v: the owner does not get the domain", list, err)
	}
	refused(t, add("also.example"), fault.Conflict, order.ReasonAliasIsOrder)

	// A deleted order lets go; one that comes back takes what is free.
	ok(add("one.example"))
	ok(add("two.example"))
	waiting := o.order(o.b, proOrder("one.example", "c-7"))
	if _, err := o.s.DeleteMailOrder(o.ctx, o.a, ordering.DeleteMailOrder{Order: o.ref()}); err != nil {
		t.Fatal(err)
	}
	if !o.details(waiting).Order.Serviceable || o.ways("ann@two.example") != routing.ReasonNoSuchDomain {
		t.Errorf("%s", o.ways("ann@two.example"))
	}
	if _, err := o.s.ReactivateMailOrder(o.ctx, o.a, o.ref()); err != nil {
		t.Fatal(err)
	}
	if list, err := o.s.DomainAliases(o.ctx, o.a, o.ref()); err != nil || strings.Join(list, " ") != "two.example" || o.ways("ann@two.example") != "ann||" {
		t.Errorf("%v, %v", list, err)
	}
	ok(o.s.RemoveDomainAlias(o.ctx, o.a, routing.DomainAlias{Order: o.ref(), Domain: "two.example"}))
	refused(t, o.s.RemoveDomainAlias(o.ctx, o.a, routing.DomainAlias{Order: o.ref(), Domain: "two.example"}), fault.NotFound, order.ReasonAliasUnknown)

	// A sandbox partner's alias yields to a real order, and takes none from one.
	p, _, err := o.s.CreatePartner(o.ctx, o.op, tenancy.CreatePartner{Name: "play", Sandbox: true, Settings: partner.Settings{}})
	ok(err)
	play := o.a
	play.PartnerID, play.Role = p.ID, suspension.RolePartner
	toy := work.OrderRef{ID: o.order(play, proOrder("toy.example", "c-1"))}
	ok(o.s.AddDomainAlias(o.ctx, play, routing.DomainAlias{Order: toy, Domain: "real.example"}))
	refused(t, o.s.AddDomainAlias(o.ctx, play, routing.DomainAlias{Order: toy, Domain: "taken.example"}), fault.Conflict, order.ReasonAliasIsOrder)
	if real := o.order(o.b, proOrder("real.example", "c-6")); !o.details(real).Order.Serviceable {
		t.Error("a toy holds a domain against a real order")
	}
	_ = taken
}

// TestAnyGraphOfForwards: whatever forwards to whatever within an order, mail to
// an address reaches each mailbox and each address elsewhere that a way leads to,
// once.
func TestAnyGraphOfForwards(t *testing.T) {
	o := newOffice(t)
	boxes := []string{"ann", "bob", "eve"}
	rapid.Check(t, func(rt *rapid.T) {
		list, err := o.s.ListForwarders(o.ctx, o.a, o.ref())
		if err != nil {
			rt.Fatal(err)
		}
		for _, f := range list {
			if err := o.s.DeleteForwarder(o.ctx, o.a, work.ForwarderRef{Order: o.ref(), Email: f.Email()}); err != nil && !fault.Is(err, fault.AccountNotFound) {
				rt.Fatal(err)
			}
		}
		for _, b := range boxes {
			f, err := o.s.Forwards(o.ctx, o.a, work.AccountRef{Order: o.ref(), Email: b + "@d.example"})
			if err != nil {
				rt.Fatal(err)
			}
			if all := append(f.Admin, f.User...); len(all) > 0 {
				for _, k := range []forwarder.Kind{forwarder.Admin, forwarder.User} {
					if err := o.removes(b+"@d.example", k, all...); err != nil {
						rt.Fatal(err)
					}
				}
			}
		}
		nodes := append([]string{"x@far.example", "y@far.example"}, "ann@d.example", "bob@d.example", "eve@d.example")
		edges := map[string][]string{}
		for _, name := range []string{"f", "g", "h"} {
			to := rapid.SliceOfNDistinct(rapid.SampledFrom(nodes), 1, 3, rapid.ID).Draw(rt, name)
			if err := o.only(name+"@d.example", to...); err != nil {
				rt.Fatal(err)
			}
			nodes = append(nodes, name+"@d.example")
			edges[name+"@d.example"] = to
		}
		for i := range rapid.IntRange(0, 8).Draw(rt, "more") {
			from := rapid.SampledFrom(nodes[2:]).Draw(rt, fmt.Sprint("from", i))
			to := rapid.SampledFrom(nodes).Draw(rt, fmt.Sprint("to", i))
			k := rapid.SampledFrom([]forwarder.Kind{forwarder.Admin, forwarder.User}).Draw(rt, fmt.Sprint("kind", i))
			err := o.adds(from, k, to)
			if (err != nil) != (from == to) {
				rt.Fatalf("%s to %s: %v", from, to, err)
			}
			if err == nil {
				edges[from] = append(edges[from], to)
			}
		}
		for _, start := range nodes[2:] {
			reached := map[string]bool{start: true}
			for todo := []string{start}; len(todo) > 0; todo = todo[1:] {
				for _, to := range edges[todo[0]] {
					if !reached[to] {
						reached[to] = true
						todo = append(todo, to)
					}
				}
			}
			var here, out []string
			for to := range reached {
				local, domain, _ := strings.Cut(to, "@")
				switch {
				case domain == "far.example":
					out = append(out, to)
				case slices.Contains(boxes, local):
					here = append(here, local)
				}
			}
			slices.Sort(here)
			slices.Sort(out)
			got := o.ways(start)
			parts := strings.Split(got, "|")
			if len(parts) != 3 {
				if len(here)+len(out) > 0 {
					rt.Fatalf("%s: %s, want %v %v", start, got, here, out)
				}
				continue
			}
			all := strings.Fields(parts[0] + " " + parts[1])
			slices.Sort(all)
			if !slices.Equal(all, here) || parts[2] != strings.Join(out, " ") {
				rt.Fatalf("%s: %s, want %v %v", start, got, here, out)
			}
		}
	})
}
