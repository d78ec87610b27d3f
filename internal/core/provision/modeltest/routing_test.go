package modeltest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

var names = []string{"a", "b", "c", "d", "postmaster"}

// street is one order and what must be true of its addresses, kept beside it.
type street struct {
	*testing.T

	s      *provision.Service
	store  work.Store
	actor  audit.Actor
	order  work.OrderRef
	domain string

	boxes    []*box
	routes   map[string]route // of taken names
	catchAll *box
	seen     int64
	told     map[string][]string // forwarders, by their events alone
}

type box struct {
	id      int64
	name    string
	live    bool
	barred  bool     // suspended for abuse by the platform
	aliases []string // while deleted: those it had
}

// route is what a name is: a box's own, its alias, or a forwarder.
type route struct {
	via     routing.Via
	box     *box
	members []string // names
}

func (x *street) email(name string) string { return name + "@" + x.domain }

func (x *street) ref(b *box) work.AccountRef {
	return work.AccountRef{Order: x.order, AccountID: b.id}
}

func (x *street) forwarder(name string, recipients ...string) routing.ForwarderMembers {
	cmd := routing.ForwarderMembers{Forwarder: work.ForwarderRef{Order: x.order, Email: x.email(name)}}
	for _, r := range recipients {
		cmd.Recipients = append(cmd.Recipients, x.email(r))
	}
	return cmd
}

// leave takes names out of all forwarders, and the forwarders that are empty then.
func (x *street) leave(gone ...string) {
	for name, r := range x.routes {
		if r.via != routing.ViaForwarder {
			continue
		}
		r.members = slices.DeleteFunc(slices.Clone(r.members), func(m string) bool { return slices.Contains(gone, m) })
		if x.routes[name] = r; len(r.members) == 0 {
			delete(x.routes, name)
		}
	}
}

// inside reports whether all names are accounts or aliases.
func (x *street) inside(list []string) bool {
	return !slices.ContainsFunc(list, func(n string) bool { return x.routes[n].box == nil })
}

func (x *street) want(t *rapid.T, what string, err error, ok bool) {
	if (err == nil) != ok || err != nil && fault.Is(err, fault.Internal) {
		t.Fatalf("%s: %v, want success: %v\n%+v", what, err, ok, x.routes)
	}
}

func (x *street) name(t *rapid.T) string { return rapid.SampledFrom(names).Draw(t, "name") }

// several are names of any kind, or such as are fit to be members.
func (x *street) several(t *rapid.T) []string {
	from := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return x.routes[n].box == nil })
	if len(from) == 0 || rapid.IntRange(0, 3).Draw(t, "any") == 0 {
		from = names
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 1, min(3, len(from)), rapid.ID).Draw(t, "recipients")
}

// held is an alias and whose it is, if there is one.
func (x *street) held(t *rapid.T) (*box, string) {
	for _, n := range names {
		if r := x.routes[n]; r.via == routing.ViaAlias {
			return r.box, n
		}
	}
	return x.some(t), x.name(t)
}

func (x *street) some(t *rapid.T) *box {
	return rapid.SampledFrom(x.boxes).Draw(t, "account")
}

func (x *street) actions() map[string]func(*rapid.T) {
	ctx := x.Context()
	return map[string]func(*rapid.T){
		"create account": func(t *rapid.T) {
			name := x.name(t)
			_, taken := x.routes[name]
			a, err := x.s.CreateEmailAccount(ctx, x.actor, mailboxes.CreateEmailAccount{Order: x.order, Email: x.email(name)})
			if taken && x.routes[name].via == routing.ViaDirect {
				return // a repeat (T-31)
			}
			if x.want(t, "create account", err, !taken); err == nil {
				b := &box{id: a.AccountID, name: name, live: true}
				x.boxes, x.routes[name] = append(x.boxes, b), route{via: routing.ViaDirect, box: b}
			}
		},
		"delete account": func(t *rapid.T) {
			b := x.some(t)
			_, err := x.s.DeleteEmailAccount(ctx, x.actor, mailboxes.DeleteEmailAccount{Account: x.ref(b)})
			x.want(t, "delete account", err, true)
			if !b.live {
				return
			}
			b.live, b.aliases = false, nil
			for name, r := range x.routes {
				if r.box == b {
					delete(x.routes, name)
					x.leave(name)
					if name != b.name {
						b.aliases = append(b.aliases, name)
					}
				}
			}
			if x.catchAll == b {
				x.catchAll = nil
			}
		},
		"reactivate account": func(t *rapid.T) {
			b := x.some(t)
			_, taken := x.routes[b.name]
			_, err := x.s.ReactivateEmailAccount(ctx, x.actor, mailboxes.ReactivateEmailAccount{Account: x.ref(b)})
			if x.want(t, "reactivate", err, b.live || !taken); err != nil || b.live {
				return
			}
			b.live, x.routes[b.name] = true, route{via: routing.ViaDirect, box: b}
			for _, alias := range b.aliases {
				if _, taken := x.routes[alias]; !taken {
					x.routes[alias] = route{via: routing.ViaAlias, box: b}
				}
			}
		},
		"abuse": func(t *rapid.T) {
			b := x.some(t)
			if !b.live {
				return
			}
			titan := x.actor
			titan.Role = suspension.RoleTitan
			var err error
			if b.barred {
				_, err = x.s.UnsuspendEmailAccount(ctx, titan, mailboxes.UnsuspendEmailAccount{Account: x.ref(b), Type: "abuse"})
			} else {
				_, err = x.s.SuspendEmailAccount(ctx, titan, mailboxes.SuspendEmailAccount{Account: x.ref(b), Type: "abuse"})
			}
			x.want(t, "abuse", err, true)
			b.barred = !b.barred
		},
		"add alias": func(t *rapid.T) {
			b, name := x.some(t), x.name(t)
			r, taken := x.routes[name]
			err := x.s.AddEmailAlias(ctx, x.actor, mailboxes.AddEmailAlias{Account: x.ref(b), Alias: x.email(name)})
			ok := b.live && !b.barred && (!taken || r.via == routing.ViaAlias && r.box == b)
			if x.want(t, "add alias", err, ok); ok && !taken {
				x.routes[name] = route{via: routing.ViaAlias, box: b}
			}
		},
		"remove alias": func(t *rapid.T) {
			b, name := x.held(t)
			err := x.s.RemoveEmailAliases(ctx, x.actor, mailboxes.RemoveEmailAliases{Account: x.ref(b), Aliases: []string{x.email(name)}})
			if x.want(t, "remove alias", err, b.live); b.live && x.routes[name].via == routing.ViaAlias && x.routes[name].box == b {
				delete(x.routes, name)
				x.leave(name)
			}
		},
		"create forwarder": func(t *rapid.T) {
			name, list := x.name(t), x.several(t)
			r, taken := x.routes[name]
			same := r.via == routing.ViaForwarder && len(list) == len(r.members) && !slices.ContainsFunc(list, func(n string) bool { return !slices.Contains(r.members, n) })
			err := x.s.CreateForwarder(ctx, x.actor, x.forwarder(name, list...))
			if x.want(t, "create forwarder", err, x.inside(list) && (!taken || same)); err == nil && !taken {
				x.routes[name] = route{via: routing.ViaForwarder, members: list}
			}
		},
		"add members": func(t *rapid.T) {
			name, list := x.name(t), x.several(t)
			r := x.routes[name]
			err := x.s.AddForwarderMembers(ctx, x.actor, x.forwarder(name, list...))
			if x.want(t, "add members", err, r.via == routing.ViaForwarder && x.inside(list)); err == nil {
				for _, n := range list {
					if !slices.Contains(r.members, n) {
						r.members = append(slices.Clone(r.members), n)
					}
				}
				x.routes[name] = r
			}
		},
		"remove members": func(t *rapid.T) {
			name, list := x.name(t), x.several(t)
			r := x.routes[name]
			err := x.s.RemoveForwarderMembers(ctx, x.actor, x.forwarder(name, list...))
			if x.want(t, "remove members", err, r.via == routing.ViaForwarder); err == nil {
				r.members = slices.DeleteFunc(slices.Clone(r.members), func(n string) bool { return slices.Contains(list, n) })
				if x.routes[name] = r; len(r.members) == 0 {
					delete(x.routes, name)
				}
			}
		},
		"delete forwarder": func(t *rapid.T) {
			name := x.name(t)
			err := x.s.DeleteForwarder(ctx, x.actor, x.forwarder(name).Forwarder)
			if x.want(t, "delete forwarder", err, x.routes[name].via == routing.ViaForwarder); err == nil {
				delete(x.routes, name)
			}
		},
		"set catch-all": func(t *rapid.T) {
			b := x.some(t)
			err := x.s.SetCatchAll(ctx, x.actor, x.ref(b))
			if x.want(t, "set catch-all", err, b.live); b.live {
				x.catchAll = b
			}
		},
		"remove catch-all": func(t *rapid.T) {
			x.want(t, "remove catch-all", x.s.RemoveCatchAll(ctx, x.actor, x.order), true)
			x.catchAll = nil
		},
	}
}

// leads is where mail to a name must go.
func (x *street) leads(name string) (via routing.Via, boxes []*box) {
	r, taken := x.routes[name]
	switch {
	case taken && r.via == routing.ViaForwarder:
		for _, m := range r.members {
			boxes = append(boxes, x.routes[m].box)
		}
		via = r.via
	case taken:
		via, boxes = r.via, []*box{r.box}
	case name == "postmaster":
		via = routing.ViaAlias
		for _, b := range x.boxes { // the oldest live one: nobody is an admin here
			if b.live {
				boxes = []*box{b}
				break
			}
		}
	case x.catchAll != nil:
		via, boxes = routing.ViaCatchAll, []*box{x.catchAll}
	}
	return via, slices.DeleteFunc(boxes, func(b *box) bool { return b.barred })
}

// compare asks for everything. That each target is a live mailbox, whatever was
// done before, is why nothing can go round.
func (x *street) compare(t *rapid.T) {
	ctx := x.Context()
	for _, name := range append(slices.Clone(names), "unknown") {
		via, boxes := x.leads(name)
		want := map[int64]bool{}
		for _, b := range boxes {
			if !b.live {
				t.Fatalf("the model leads %s to a deleted account", name)
			}
			want[b.id] = true
		}
		r, err := x.s.ResolveRecipient(ctx, name, x.domain)
		if err != nil {
			if len(want) > 0 || fault.Of(err).Temporary {
				t.Fatalf("%s: %v, want %v", name, err, want)
			}
			continue
		}
		got := map[int64]bool{}
		for _, to := range r.Targets {
			got[to.AccountID] = true
		}
		if r.Via != via || !maps.Equal(got, want) || len(got) != len(r.Targets) {
			t.Fatalf("%s leads by %s to %+v, want by %s to %v", name, r.Via, r.Targets, via, want)
		}
	}
	list, err := x.s.ListForwarders(ctx, x.actor, x.order)
	if err != nil {
		t.Fatal(err)
	}
	x.listen(t)
	got := map[string][]string{}
	for _, f := range list {
		if len(f.Members) == 0 {
			t.Fatalf("%s has no members", f.Email())
		}
		got[f.Local] = f.Recipients()
	}
	want := map[string][]string{}
	for name, r := range x.routes {
		if r.via == routing.ViaForwarder {
			want[name] = nil
			for _, m := range r.members {
				want[name] = append(want[name], x.email(m))
			}
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || fmt.Sprint(x.told) != fmt.Sprint(want) {
		t.Fatalf("forwarders %v, told %v, want %v", got, x.told, want)
	}
	email, err := x.s.FetchCatchAll(ctx, x.actor, x.order)
	if is := x.catchAll; err != nil || (is == nil) != (email == "") || is != nil && email != x.email(is.name) {
		t.Fatalf("catch-all %q, %v, want %+v", email, err, is)
	}
}

// listen follows the events, as a partner does.
func (x *street) listen(t *rapid.T) {
	var list []*event.Event
	if err := x.store.Read(x.Context(), func(tx work.Tx) (err error) {
		list, err = tx.Events(x.Context(), x.actor.PartnerID, x.seen, 1000)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		x.seen = e.ID
		var data struct {
			Email      string
			Recipients []string
		}
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(data.Email, "@")
		_, there := x.told[name]
		switch {
		case e.Type == event.InternalForwardingAccountCreated && !there, e.Type == event.InternalForwardingAccountModified && there:
			x.told[name] = data.Recipients
		case e.Type == event.InternalForwardingAccountDeleted && there:
			delete(x.told, name)
		case strings.HasPrefix(string(e.Type), "INTERNAL_FORWARDING"):
			t.Fatalf("%s of %s, told before: %v", e.Type, name, there)
		}
	}
}

// TestRouting: whatever is done to accounts, aliases, forwarders and the
// catch-all, an address is one thing, no forwarder is without members, members
// are live, mail goes where it must, and the events tell all of it.
func TestRouting(t *testing.T) {
	for engine, every := range map[string]int{sqldb.SQLite: 1, sqldb.Postgres: 10} {
		t.Run(engine, func(t *testing.T) {
			c := clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))
			st := sqltest.Store(t, engine, store.WithClock(c))
			s, err := provision.New(work.Config{Store: st, Hasher: noHasher{}, SealingKey: make([]byte, 32), Clock: c})
			if err != nil {
				t.Fatal(err)
			}
			runs := 0
			rapid.Check(t, func(rt *rapid.T) {
				p, _, err := s.CreatePartner(t.Context(), audit.Actor{Role: suspension.RoleTitanSupport}, tenancy.CreatePartner{Name: "P"})
				if err != nil {
					rt.Fatal(err)
				}
				runs++
				x := &street{T: t, s: s, store: st, actor: audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner},
					domain: fmt.Sprintf("r%d-%d.example", p.ID, runs), routes: map[string]route{}, told: map[string][]string{}}
				seats, expiry, paid := 100, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), money.Amount{}
				o, err := s.CreateMailOrder(t.Context(), x.actor, ordering.CreateMailOrder{Domain: x.domain, Customer: work.CustomerProfile{CustomerID: "c"},
					Plan: plan.Pro, Seats: &seats, Expiry: &expiry, Payment: billing.PaymentDetails{Charged: &paid}})
				if err != nil {
					rt.Fatal(err)
				}
				x.order = work.OrderRef{ID: o.OrderID}
				actions, n := x.actions(), 0
				actions[""] = func(rt *rapid.T) {
					if n++; n%every == 0 {
						x.compare(rt)
					}
				}
				actions["create account"](rt) // what the others act on
				rt.Repeat(actions)
			})
		})
	}
}

// noHasher is never called: nobody has a password here.
type noHasher struct{ work.PasswordHasher }
