package provision_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

const (
	made    = event.InternalForwardingAccountCreated
	changed = event.InternalForwardingAccountModified
	gone    = event.InternalForwardingAccountDeleted
)

// office is an order of the first partner with three accounts.
type office struct {
	*world
	id      int64
	account map[string]int64
}

func newOffice(t *testing.T) *office {
	w := newWorld(t)
	o := &office{world: w, id: w.order(w.a, proOrder("d.example", "c-1")), account: map[string]int64{}}
	for _, local := range []string{"ann", "bob", "eve"} {
		o.account[local] = w.account(w.a, o.id, local+"@d.example")
	}
	return o
}

func (o *office) ref() work.OrderRef { return work.OrderRef{ID: o.id} }

func (o *office) box(local string) work.AccountRef {
	return work.AccountRef{Order: o.ref(), AccountID: o.account[local]}
}

func (o *office) list(email string, recipients ...string) routing.ForwarderMembers {
	return routing.ForwarderMembers{Forwarder: work.ForwarderRef{Order: o.ref(), Email: email}, Recipients: recipients}
}

func (o *office) alias(local, alias string) func() error {
	return func() error {
		return o.s.AddEmailAlias(o.ctx, o.a, mailboxes.AddEmailAlias{Account: o.box(local), Alias: alias})
	}
}

func (o *office) create(cmd routing.ForwarderMembers) func() error {
	return func() error { return o.s.CreateForwarder(o.ctx, o.a, cmd) }
}

func (o *office) add(cmd routing.ForwarderMembers) func() error {
	return func() error { return o.s.AddForwarderMembers(o.ctx, o.a, cmd) }
}

func (o *office) remove(cmd routing.ForwarderMembers) func() error {
	return func() error { return o.s.RemoveForwarderMembers(o.ctx, o.a, cmd) }
}

func (o *office) erase(local string) func() error {
	return func() error {
		_, err := o.s.DeleteEmailAccount(o.ctx, o.a, mailboxes.DeleteEmailAccount{Account: o.box(local)})
		return err
	}
}

func (o *office) revive(local string) func() error {
	return func() error {
		_, err := o.s.ReactivateEmailAccount(o.ctx, o.a, mailboxes.ReactivateEmailAccount{Account: o.box(local)})
		return err
	}
}

// has expects a forwarder's recipients; none: there is no such forwarder.
func (o *office) has(email string, want ...string) func() {
	return func() {
		o.t.Helper()
		f, err := o.s.FetchForwarder(o.ctx, o.a, work.ForwarderRef{Order: o.ref(), Email: email})
		if len(want) == 0 {
			if !fault.Is(err, fault.AccountNotFound) {
				o.t.Fatalf("%s: %+v, %v", email, f, err)
			}
			return
		}
		if err != nil || !slices.Equal(f.Recipients(), want) {
			o.t.Fatalf("%s: %+v, %v, want %v", email, f, err, want)
		}
	}
}

// leads expects where mail to an address goes.
func (o *office) leads(email string, via routing.Via, locals ...string) {
	o.t.Helper()
	local, domain, _ := strings.Cut(email, "@")
	r, err := o.s.ResolveRecipient(o.ctx, local, domain)
	if err != nil {
		o.t.Fatalf("%s: %v", email, err)
	}
	var got []string
	for _, to := range r.Targets {
		got = append(got, strings.TrimSuffix(to.Email, "@d.example"))
	}
	slices.Sort(got)
	if r.Via != via || !slices.Equal(got, locals) {
		o.t.Errorf("%s leads by %s to %v, want by %s to %v", email, r.Via, got, via, locals)
	}
}

func (o *office) catchAll(want string) {
	o.t.Helper()
	if got, err := o.s.FetchCatchAll(o.ctx, o.a, o.ref()); err != nil || got != want {
		o.t.Errorf("the catch-all is %q, %v, want %q", got, err, want)
	}
}

func TestForwarder(t *testing.T) {
	o := newOffice(t)
	team := "team@d.example"
	o.play(
		step{do: "no recipients", call: o.create(o.list(team)), fault: fault.Invalid},
		step{do: "nobody", call: o.create(o.list(team, "nobody@d.example")), fault: fault.Invalid, reason: "RECIPIENT_NOT_INTERNAL"},
		step{do: "outside", call: o.create(o.list(team, "ann@d.example", "x@elsewhere.example")), fault: fault.Invalid, reason: "RECIPIENT_NOT_INTERNAL"},
		step{do: "itself", call: o.create(o.list(team, team)), fault: fault.Invalid, reason: "RECIPIENT_NOT_INTERNAL"},
		step{do: "nonsense", call: o.create(o.list(team, "ann")), fault: fault.Invalid, reason: "INVALID_EMAIL"},
		step{do: "another domain's address", call: o.create(o.list("team@e.example", "ann@d.example")), fault: fault.Invalid, reason: "DOMAIN_MISMATCH"},
		step{do: "an account's address", call: o.create(o.list("bob@d.example", "ann@d.example")), fault: fault.Conflict, reason: "EXISTS_AS_EMAIL_ACCOUNT"},
		step{do: "alias", call: o.alias("ann", "a@d.example"), events: []event.Type{event.EmailAccountModified}},
		step{do: "an alias's address", call: o.create(o.list("a@d.example", "bob@d.example")), fault: fault.Conflict, reason: "EXISTS_AS_ALIAS"},
		step{do: "make", call: o.create(o.list(" TEAM@d.example", "a@d.example", " Bob@D.example ", "bob@d.example")), events: []event.Type{made}, then: func() {
			want := fmt.Sprintf(`{"titanOrderId":%d,"domainName":"d.example","customerId":"c-1","email":"team@d.example","recipients":["a@d.example","bob@d.example"]}`, o.id)
			if got := o.lastEvent(); got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
		}},
		step{do: "again, in another order", call: o.create(o.list(team, "bob@d.example", "a@d.example")), then: o.has(team, "a@d.example", "bob@d.example")},
		step{do: "again, others", call: o.create(o.list(team, "bob@d.example")), fault: fault.Conflict, reason: "EXISTS_AS_INTERNAL_FORWARDING_ACCOUNT"},
		step{do: "one that forwards to it", call: o.create(o.list("all@d.example", team)), fault: fault.Invalid, reason: "RECIPIENT_NOT_INTERNAL"},
		step{do: "an account there", fault: fault.Conflict, reason: "EXISTS_AS_INTERNAL_FORWARDING_ACCOUNT", call: func() error {
			_, err := o.s.CreateEmailAccount(o.ctx, o.a, mailboxes.CreateEmailAccount{Order: o.ref(), Email: team})
			return err
		}},
		step{do: "an alias there", call: o.alias("ann", team), fault: fault.Conflict, reason: "EXISTS_AS_INTERNAL_FORWARDING_ACCOUNT"},
		step{do: "add one that is there", call: o.add(o.list(team, "bob@d.example"))},
		step{do: "add", call: o.add(o.list(team, "eve@d.example", "bob@d.example")), events: []event.Type{changed}, then: o.has(team, "a@d.example", "bob@d.example", "eve@d.example")},
		step{do: "add to nobody", call: o.add(o.list("none@d.example", "eve@d.example")), fault: fault.AccountNotFound},
		step{do: "add to an account", call: o.add(o.list("ann@d.example", "eve@d.example")), fault: fault.AccountNotFound},
		step{do: "remove who is not there", call: o.remove(o.list(team, "ann@d.example", "x@elsewhere.example", "junk"))},
		step{do: "remove", call: o.remove(o.list(team, "EVE@d.example")), events: []event.Type{changed}, then: o.has(team, "a@d.example", "bob@d.example")},
		step{do: "remove the alias", events: []event.Type{event.EmailAccountModified, changed}, then: o.has(team, "bob@d.example"), call: func() error {
			return o.s.RemoveEmailAliases(o.ctx, o.a, mailboxes.RemoveEmailAliases{Account: o.box("ann"), Aliases: []string{"a@d.example"}})
		}},
		step{do: "remove the last", call: o.remove(o.list(team, "bob@d.example")), events: []event.Type{gone}, then: func() {
			o.has(team)()
			if got, want := o.lastEvent(), fmt.Sprintf(`{"titanOrderId":%d,"domainName":"d.example","customerId":"c-1","email":"team@d.example"}`, o.id); got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
			o.resolves(team, 0, "NO_SUCH_MAILBOX")
		}},
		step{do: "the address is free", call: o.alias("ann", team), events: []event.Type{event.EmailAccountModified}},
	)
}

func TestDeleteForwarder(t *testing.T) {
	o := newOffice(t)
	ref := work.ForwarderRef{Order: o.ref(), Email: "team@d.example"}
	o.play(
		step{do: "make", call: o.create(o.list("team@d.example", "ann@d.example", "bob@d.example")), events: []event.Type{made}},
		step{do: "delete", call: func() error { return o.s.DeleteForwarder(o.ctx, o.a, ref) }, events: []event.Type{gone}, then: o.has("team@d.example")},
		step{do: "again", call: func() error { return o.s.DeleteForwarder(o.ctx, o.a, ref) }, fault: fault.AccountNotFound},
	)
}

// TestForwarderOfDeletedAccount: an account takes its addresses out of all
// forwarders and out of the catch-all, and brings none of it back.
func TestForwarderOfDeletedAccount(t *testing.T) {
	o := newOffice(t)
	down := []event.Type{event.EmailAccountStatusUpdated}
	o.play(
		step{do: "alias", call: o.alias("ann", "a@d.example"), events: []event.Type{event.EmailAccountModified}},
		step{do: "team", call: o.create(o.list("team@d.example", "ann@d.example", "bob@d.example", "a@d.example")), events: []event.Type{made}},
		step{do: "hers", call: o.create(o.list("hers@d.example", "a@d.example", "ann@d.example")), events: []event.Type{made}},
		step{do: "theirs", call: o.create(o.list("theirs@d.example", "bob@d.example")), events: []event.Type{made}},
		step{do: "catch-all", call: func() error { return o.s.SetCatchAll(o.ctx, o.a, o.box("ann")) }},
		step{do: "delete", call: o.erase("ann"), events: append(slices.Clone(down), changed, gone), then: func() {
			o.has("team@d.example", "bob@d.example")()
			o.has("hers@d.example")()
			o.has("theirs@d.example", "bob@d.example")()
			o.catchAll("")
		}},
		step{do: "come back", call: o.revive("ann"), events: down, then: func() {
			o.has("team@d.example", "bob@d.example")()
			o.has("hers@d.example")()
			o.catchAll("")
			o.resolves("x@d.example", 0, "NO_SUCH_MAILBOX")
		}},
		step{do: "delete bob", call: o.erase("bob"), events: append(slices.Clone(down), gone, gone)},
	)
	if list, err := o.s.ListForwarders(o.ctx, o.a, o.ref()); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestForwarderStates(t *testing.T) {
	o := newOffice(t)
	o.play(step{do: "make", call: o.create(o.list("team@d.example", "ann@d.example", "bob@d.example")), events: []event.Type{made}})
	o.suspendOrder(o.id, "unpaid", suspension.RolePartner)
	o.fresh()
	state := "ORDER_NOT_ACTIVE"
	o.play(
		step{do: "make in a suspended order", call: o.create(o.list("t2@d.example", "ann@d.example")), fault: fault.OrderNotFound, reason: state},
		step{do: "add", call: o.add(o.list("team@d.example", "eve@d.example")), fault: fault.OrderNotFound, reason: state},
		step{do: "remove", call: o.remove(o.list("team@d.example", "ann@d.example")), events: []event.Type{changed}},
		step{do: "catch-all", call: func() error { return o.s.SetCatchAll(o.ctx, o.a, o.box("eve")) }},
	)
	if _, err := o.s.DeleteMailOrder(o.ctx, o.a, ordering.DeleteMailOrder{Order: o.ref()}); err != nil {
		t.Fatal(err)
	}
	o.fresh()
	o.play(
		step{do: "remove from a deleted order", call: o.remove(o.list("team@d.example", "bob@d.example")), fault: fault.OrderNotFound, reason: state},
		step{do: "clear in a deleted order", call: func() error { return o.s.RemoveCatchAll(o.ctx, o.a, o.ref()) }, fault: fault.OrderNotFound, reason: state},
		step{do: "set in a deleted order", call: func() error { return o.s.SetCatchAll(o.ctx, o.a, o.box("eve")) }, fault: fault.OrderNotFound, reason: state},
		step{do: "it comes back with its forwarders (T-18)", call: func() error { _, err := o.s.ReactivateMailOrder(o.ctx, o.a, o.ref()); return err },
			events: []event.Type{event.MailOrderStatusUpdated}, then: o.has("team@d.example", "bob@d.example")},
	)
	o.catchAll("eve@d.example")
}

func TestForwarderLimits(t *testing.T) {
	o := newOffice(t)
	many := make([]string, forwarder.MaxNamed+1)
	for i := range many {
		many[i] = "ann@d.example"
	}
	o.play(
		step{do: "too many named", call: o.create(o.list("team@d.example", many...)), fault: fault.Invalid, reason: "FORWARDER_MEMBER_LIMIT_REACHED"},
		step{do: "one, named often", call: o.create(o.list("team@d.example", many[1:]...)), events: []event.Type{made}},
	)
	aliases := func(local string) (out []string) {
		a := o.accountDetails(o.account[local]).Account
		for i := range forwarder.MaxMembers {
			out = append(out, fmt.Sprintf("%s%d@d.example", local, i))
			a.Aliases = append(a.Aliases, account.Alias{Local: fmt.Sprintf("%s%d", local, i), Held: true})
		}
		if err := o.store.Write(o.ctx, func(tx work.Tx) error {
			for _, l := range a.Aliases {
				if err := tx.TakeAddress(o.ctx, account.Address{OrderID: o.id, Local: l.Local, Kind: account.KindAlias, AccountID: a.ID}); err != nil {
					return err
				}
			}
			return tx.UpdateAccount(o.ctx, a)
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	anns := aliases("ann")
	o.play(
		step{do: "one too many members", call: o.add(o.list("team@d.example", anns...)), fault: fault.Conflict, reason: "FORWARDER_MEMBER_LIMIT_REACHED"},
		step{do: "as many as may be", call: o.add(o.list("team@d.example", anns[1:]...)), events: []event.Type{changed}},
	)
	// Rows that stand for forwarders made before, so that the test does not take minutes.
	rows := func(prefix string, n int, members []forwarder.Member) {
		if err := o.store.Write(o.ctx, func(tx work.Tx) error {
			for i := range n {
				f := &forwarder.Forwarder{OrderID: o.id, PartnerID: o.a.PartnerID, Local: fmt.Sprintf("%s%d", prefix, i), Domain: "d.example",
					Members: members, CreatedAt: o.clock.Now(), UpdatedAt: o.clock.Now()}
				if err := tx.InsertForwarder(o.ctx, f); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	full := make([]forwarder.Member, forwarder.MaxMembers)
	for i := range full {
		full[i] = forwarder.Member{Email: anns[i], AccountID: o.account["ann"]}
	}
	rows("full", forwarder.MaxOrderMembers/forwarder.MaxMembers-1, full)
	o.play(step{do: "too many members in the order", call: o.create(o.list("t2@d.example", "bob@d.example")), fault: fault.Conflict, reason: "FORWARDER_MEMBER_LIMIT_REACHED"})
	rows("one", forwarder.MaxForwarders-forwarder.MaxOrderMembers/forwarder.MaxMembers, full[:1])
	o.play(step{do: "too many forwarders", call: o.create(o.list("t2@d.example", "bob@d.example")), fault: fault.Conflict, reason: "FORWARDER_LIMIT_REACHED"})
}

func TestCatchAll(t *testing.T) {
	o := newOffice(t)
	set := func(a work.AccountRef) func() error {
		return func() error { return o.s.SetCatchAll(o.ctx, o.a, a) }
	}
	byName := func(email string) work.AccountRef { return work.AccountRef{Order: o.ref(), Email: email} }
	clear := func() error { return o.s.RemoveCatchAll(o.ctx, o.a, o.ref()) }
	o.catchAll("")
	o.resolves("x@d.example", 0, "NO_SUCH_MAILBOX")
	o.play(
		step{do: "not set", call: clear},
		step{do: "nobody", call: set(byName("nobody@d.example")), fault: fault.AccountNotFound},
		step{do: "outside", call: set(byName("ann@e.example")), fault: fault.AccountNotFound},
		step{do: "alias", call: o.alias("ann", "a@d.example"), events: []event.Type{event.EmailAccountModified}},
		step{do: "an alias is no account", call: set(byName("a@d.example")), fault: fault.AccountNotFound},
		step{do: "set", call: set(byName(" ANN@d.example")), then: func() {
			o.catchAll("ann@d.example")
			o.leads("x@d.example", routing.ViaCatchAll, "ann")
			o.leads("bob@d.example", routing.ViaDirect, "bob")
			o.leads("a@d.example", routing.ViaAlias, "ann")
			o.leads("postmaster@d.example", routing.ViaAlias, "ann") // the oldest: no matter for the catch-all
		}},
		step{do: "replace", call: set(o.box("bob")), then: func() {
			o.catchAll("bob@d.example")
			o.leads("x@d.example", routing.ViaCatchAll, "bob")
			o.leads("postmaster@d.example", routing.ViaAlias, "ann")
		}},
		step{do: "clear", call: clear, then: func() { o.catchAll(""); o.resolves("x@d.example", 0, "NO_SUCH_MAILBOX") }},
		step{do: "clear again", call: clear},
	)
}

// TestWaysOfMail: who gets mail by a forwarder when members are suspended.
func TestWaysOfMail(t *testing.T) {
	o := newOffice(t)
	o.play(
		step{do: "alias", call: o.alias("ann", "a@d.example"), events: []event.Type{event.EmailAccountModified}},
		step{do: "make", call: o.create(o.list("team@d.example", "ann@d.example", "a@d.example", "bob@d.example")), events: []event.Type{made}},
		step{do: "catch-all", call: func() error { return o.s.SetCatchAll(o.ctx, o.a, o.box("bob")) }},
	)
	o.leads("team@d.example", routing.ViaForwarder, "ann", "bob")
	o.suspendAccount(o.id, o.account["ann"], "unpaid", suspension.RolePartner)
	o.leads("team@d.example", routing.ViaForwarder, "ann", "bob")
	o.suspendAccount(o.id, o.account["ann"], "abuse", suspension.RoleTitan)
	o.leads("team@d.example", routing.ViaForwarder, "bob")
	o.resolves("ann@d.example", 0, "MAILBOX_SUSPENDED")
	o.suspendAccount(o.id, o.account["bob"], "abuse", suspension.RoleTitanSupport)
	o.resolves("team@d.example", 0, "MAILBOX_SUSPENDED")
	o.resolves("x@d.example", 0, "MAILBOX_SUSPENDED")
}

// TestExternalMember: a read shows an address elsewhere, and mail goes there and
// to the members that are here.
func TestExternalMember(t *testing.T) {
	o := newOffice(t)
	if err := o.store.Write(o.ctx, func(tx work.Tx) error {
		if err := tx.TakeAddress(o.ctx, account.Address{OrderID: o.id, Local: "out", Kind: account.KindForwarder}); err != nil {
			return err
		}
		return tx.InsertForwarder(o.ctx, &forwarder.Forwarder{OrderID: o.id, PartnerID: o.a.PartnerID, Local: "out", Domain: "d.example",
			Members: []forwarder.Member{{Email: "x@elsewhere.example"}, {Email: "ann@d.example", AccountID: o.account["ann"]}}, CreatedAt: o.clock.Now(), UpdatedAt: o.clock.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	o.has("out@d.example", "x@elsewhere.example", "ann@d.example")()
	r, err := o.s.ResolveRecipient(o.ctx, "out", "d.example")
	if err != nil || len(r.Targets) != 1 || r.Targets[0].AccountID != o.account["ann"] || !slices.Equal(r.Outside, []string{"x@elsewhere.example"}) {
		t.Errorf("%+v, %v", r, err)
	}
	o.play(
		step{do: "add", call: o.add(o.list("out@d.example", "bob@d.example")), events: []event.Type{changed}, then: o.has("out@d.example", "x@elsewhere.example", "ann@d.example", "bob@d.example")},
		step{do: "remove", call: o.remove(o.list("out@d.example", "x@elsewhere.example")), events: []event.Type{changed}, then: func() {
			o.leads("out@d.example", routing.ViaForwarder, "ann", "bob")
		}},
	)
}

// TestSandboxYields: a sandbox partner's order never holds a domain against a
// real partner's.
func TestSandboxYields(t *testing.T) {
	w := newWorld(t)
	p, _, err := w.s.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "Sandbox", Sandbox: true})
	if err != nil {
		t.Fatal(err)
	}
	play := audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner}
	serves := func(want int64, orders ...int64) {
		t.Helper()
		for _, id := range orders {
			if got := w.details(id).Order.Serviceable; got != (id == want) {
				t.Fatalf("order %d serviceable: %v", id, got)
			}
		}
	}
	prove := func(id int64) {
		t.Helper()
		if err := w.s.ProveOwnership(w.ctx, w.job, id); err != nil {
			t.Fatal(err)
		}
	}
	drop := func(who audit.Actor, id int64) {
		t.Helper()
		if _, err := w.s.DeleteMailOrder(w.ctx, who, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}}); err != nil {
			t.Fatal(err)
		}
	}
	sandbox := w.order(play, proOrder("d.example", "c-1"))
	serves(sandbox, sandbox) // nobody else: the tour works
	prove(sandbox)
	first := w.order(w.a, proOrder("d.example", "c-1"))
	serves(first, sandbox, first) // proven in a DNS of its own making: counts for nothing
	prove(sandbox)
	serves(first, sandbox, first)
	second := w.order(w.b, proOrder("d.example", "c-1"))
	serves(first, sandbox, first, second)
	drop(w.a, first)
	serves(second, sandbox, first, second) // not the sandbox, though older and proven
	drop(w.b, second)
	serves(sandbox, sandbox, first, second)
	if _, err := w.s.ReactivateMailOrder(w.ctx, w.a, work.OrderRef{ID: first}); err != nil {
		t.Fatal(err)
	}
	serves(first, sandbox, first, second)
	drop(play, sandbox)
	if _, err := w.s.ReactivateMailOrder(w.ctx, play, work.OrderRef{ID: sandbox}); err != nil {
		t.Fatal(err)
	}
	serves(first, sandbox, first, second)

	pending := proOrder("e.example", "c-1")
	pending.AwaitingPayment = true
	sandbox = w.order(play, proOrder("e.example", "c-2"))
	waits := w.order(w.a, pending)
	serves(sandbox, sandbox, waits) // not in service yet
	if _, err := w.s.ReactivateMailOrder(w.ctx, w.a, work.OrderRef{ID: waits}); err != nil {
		t.Fatal(err)
	}
	serves(waits, sandbox, waits)
}
