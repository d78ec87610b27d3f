package provision_test

import (
	"encoding/json"
	"strings"
	"testing"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/event"
	"posthouse/internal/core/notification"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func cpanel(host, user string) json.RawMessage {
	return json.RawMessage(`{"cpanelHostName":"` + host + `","cpanelUserName":"` + user + `","keep":true}`)
}

func (w *world) hosted(domain, host, user string) int64 {
	w.t.Helper()
	cmd := proOrder(domain, "c-1")
	cmd.Metadata = cpanel(host, user)
	return w.order(w.a, cmd)
}

func (w *world) toggle(id int64, to order.MailService, single bool) func() error {
	return func() error {
		_, err := w.s.ToggleMailService(w.ctx, w.a, ordering.ToggleMailService{Order: work.OrderRef{ID: id}, MailService: to, SingleOrder: single})
		return err
	}
}

// live gives the partner's live order of a domain.
func (w *world) live(domain string) *order.Order {
	w.t.Helper()
	a, err := w.s.CheckMailOrderAvailability(w.ctx, w.a, domain)
	if err != nil || a.Existing == nil {
		w.t.Fatalf("%s has no live order: %v", domain, err)
	}
	return a.Existing.Order
}

var toggledEvents = []event.Type{event.MailOrderStatusUpdated, event.MailOrderCreated, event.MailOrderSetupCompleted}

func TestToggleMailService(t *testing.T) {
	w := newWorld(t)
	a, b := w.hosted("a.example", "H.example ", "kim"), w.hosted("b.example", "h.example", "kim")
	other := w.hosted("other.example", "h.example", "lee")
	w.account(w.a, a, "me@a.example")
	// Another partner has a.example too; while the first one's holder changes its
	// service, it must not get the domain.
	rival := w.order(w.b, proOrder("a.example", "r"))
	suspend := func(id int64) func() error {
		return func() error {
			_, err := w.s.SuspendMailOrder(w.ctx, w.op, ordering.SuspendMailOrder{Order: work.OrderRef{ID: id}, Type: "abuse", Note: "n"})
			return err
		}
	}
	before := w.details(a).Order
	w.play(
		step{do: "suspend b", call: suspend(b), events: []event.Type{event.MailOrderStatusUpdated}},
		step{do: "to local", after: day, call: w.toggle(a, order.ServiceLocal, false), events: append(append([]event.Type{}, toggledEvents...),
			event.MailOrderStatusUpdated, event.MailOrderCreated, event.MailOrderStatusUpdated, event.MailOrderSetupCompleted)},
		step{do: "again", after: day, call: w.toggle(a, order.ServiceLocal, false)},
		step{do: "again, by the suspended one", call: w.toggle(b, order.ServiceLocal, false)},
		step{do: "the old id back", call: w.toggle(a, order.ServiceTitan, false), fault: fault.OrderNotFound, reason: "ORDER_NOT_ACTIVE"},
	)
	w.status(a, order.Deleted)
	w.status(other, order.Active)
	made := w.live("a.example")
	want := *before
	want.ID, want.MailService, want.CreatedAt, want.UpdatedAt = made.ID, order.ServiceLocal, made.CreatedAt, made.UpdatedAt
	if x, y := asJSON(t, made), asJSON(t, &want); x != y {
		t.Errorf("made anew as\n%s\nwant\n%s", x, y)
	}
	if !made.Serviceable || made.AcceptsMail() || w.details(rival).Order.Serviceable {
		t.Error("a local order holds its domain and takes no mail for it")
	}
	if n := w.details(made.ID).Counters; n.Provisioned != 0 {
		t.Error("nothing is migrated")
	}
	// A suspension is not shaken off.
	if s := w.live("b.example").Suspensions; len(s) != 1 || s[0].Role != suspension.RoleTitanSupport || s[0].Note != "n" {
		t.Errorf("suspensions %v", s)
	}

	// Orders to come follow; those of another account or partner do not.
	next := w.hosted("next.example", "h.example", "kim")
	if s := w.details(next).Order.MailService; s != order.ServiceLocal {
		t.Errorf("a later order is on %s", s)
	}
	if s := w.details(w.hosted("lee2.example", "h.example", "lee")).Order.MailService; s != order.ServiceTitan {
		t.Errorf("another account's order is on %s", s)
	}
	foreign := proOrder("foreign.example", "c")
	foreign.Metadata = cpanel("h.example", "kim")
	if s := w.details(w.order(w.b, foreign)).Order.MailService; s != order.ServiceTitan {
		t.Errorf("another partner's order is on %s", s)
	}
	w.play(
		step{do: "one only", call: w.toggle(next, order.ServiceTitan, true), events: toggledEvents},
		step{do: "one only again", call: w.toggle(next, order.ServiceTitan, true)},
	)
	if s := w.details(w.hosted("last.example", "h.example", "kim")).Order.MailService; s != order.ServiceLocal {
		t.Errorf("one order's change changed the account's: %s", s)
	}
	// Metadata that comes later counts too.
	late := w.order(w.a, proOrder("late.example", "c-1"))
	w.play(
		step{do: "no account", call: w.toggle(late, order.ServiceLocal, false), fault: fault.Invalid, reason: "NO_CPANEL_ACCOUNT"},
		step{do: "name it", call: func() error {
			_, err := w.s.ModifyMailOrder(w.ctx, w.a, ordering.ModifyMailOrder{Order: work.OrderRef{ID: late}, Metadata: cpanel("h.example", "kim"),
				Payment: billing.PaymentDetails{Charged: amount("1")}})
			return err
		}},
		// It is where it should be; a, the suspended b and last move.
		step{do: "with the others", call: w.toggle(late, order.ServiceTitan, false), events: append(append(append([]event.Type{}, toggledEvents...),
			event.MailOrderStatusUpdated, event.MailOrderCreated, event.MailOrderStatusUpdated, event.MailOrderSetupCompleted), toggledEvents...)},
	)
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What can't be a name is none, and no trouble for a store.
func TestHostingNamesThatAreNone(t *testing.T) {
	w := newWorld(t)
	scoped := w.partner(partner.Settings{ServerScoped: true})
	for i, metadata := range []string{
		`{"cpanelHostName":"a\u0000b","cpanelUserName":"u"}`, `{"cpanelHostName":"` + strings.Repeat("h", 300) + `","cpanelUserName":"u"}`,
		`{"cpanelHostName":5,"cpanelUserName":"u"}`, `{"cpanelHostName":"","cpanelUserName":"u"}`,
	} {
		cmd := proOrder(string(rune('a'+i))+".example", "u")
		cmd.Metadata = json.RawMessage(metadata)
		id := w.order(scoped, cmd)
		_, err := w.s.ToggleMailService(w.ctx, scoped, ordering.ToggleMailService{Order: work.OrderRef{ID: id}, MailService: order.ServiceLocal})
		if fault.Of(err).Reason != "NO_CPANEL_ACCOUNT" {
			t.Errorf("%.40s: %v", metadata, err)
		}
	}
}

// Two customers of a server-scoped partner have one customer id, on two hosts.
func TestOneCustomerIDOnTwoHosts(t *testing.T) {
	w := newWorld(t)
	scoped := w.partner(partner.Settings{ServerScoped: true})
	place := func(domain, host string) int64 {
		cmd := proOrder(domain, "kim")
		cmd.Customer.ServerHost = host
		return w.order(scoped, cmd)
	}
	one, two := place("one.example", "h1.example"), place("two.example", "H2.example")
	first, second := w.details(one).Customer, w.details(two).Customer
	if first.ID == second.ID || first.ServerHost != "h1.example" || second.ServerHost != "h2.example" {
		t.Fatalf("%+v and %+v", first, second)
	}
	// The host of the metadata is as good as the field, however it is spelt.
	cmd := proOrder("three.example", "kim")
	cmd.Metadata = cpanel("H1.EXAMPLE", "kim")
	if c := w.details(w.order(scoped, cmd)).Customer; c.ID != first.ID {
		t.Errorf("a third customer %+v", c)
	}
	list := func(q ordering.ListMailOrders, want string) func() error {
		return func() error {
			got, err := w.s.ListMailOrders(w.ctx, scoped, q)
			var names []string
			for _, d := range got {
				names = append(names, d.Order.Domain)
			}
			if err == nil && strings.Join(names, " ") != want {
				t.Errorf("%+v: %v, want %s", q, names, want)
			}
			return err
		}
	}
	modify := func(id int64, cmd ordering.ModifyMailCustomer) func() error {
		cmd.Order.ID = id
		return func() error { return w.s.ModifyMailCustomer(w.ctx, scoped, cmd) }
	}
	transfer := func(id int64, to work.CustomerProfile) func() error {
		return func() error {
			_, err := w.s.TransferMailOrder(w.ctx, scoped, ordering.TransferMailOrder{Order: work.OrderRef{ID: id}, To: to})
			return err
		}
	}
	sync := func(user, host string) func() error {
		return func() error {
			return w.s.SyncMailCustomer(w.ctx, scoped, ordering.SyncMailCustomer{UserName: user, ServerHost: host})
		}
	}
	w.play(
		step{do: "list by the shared id", call: list(ordering.ListMailOrders{CustomerID: "kim"}, ""), fault: fault.Internal, reason: "SEVERAL_SERVER_HOSTS"},
		step{do: "list by our number", call: list(ordering.ListMailOrders{CustomerID: "kim", CustomerNumber: first.ID}, "one.example three.example")},
		step{do: "rename one", call: modify(two, ordering.ModifyMailCustomer{NewCustomerID: "lee"}), events: []event.Type{event.MailCustomerUpdated}},
		step{do: "list now", call: list(ordering.ListMailOrders{CustomerID: "kim"}, "one.example three.example")},
		step{do: "the same name on another host is free", call: modify(one, ordering.ModifyMailCustomer{NewCustomerID: "lee"}), events: []event.Type{event.MailCustomerUpdated}},
		step{do: "back", call: modify(one, ordering.ModifyMailCustomer{NewCustomerID: "kim"}), events: []event.Type{event.MailCustomerUpdated}},
		step{do: "to its owner, no host said", call: transfer(two, work.CustomerProfile{CustomerID: "lee"})},
		step{do: "to another on the same host", call: transfer(two, work.CustomerProfile{CustomerID: "pat"}), events: []event.Type{event.MailOrderTransferred}, then: func() {
			if c := w.details(two).Customer; c.ServerHost != "h2.example" {
				t.Errorf("%+v", c)
			}
		}},
		step{do: "to another host", call: transfer(two, work.CustomerProfile{CustomerID: "pat", ServerHost: "H3.example"}), events: []event.Type{event.MailOrderTransferred}},
		step{do: "back", call: transfer(two, work.CustomerProfile{CustomerID: "lee", ServerHost: "h2.example"}), events: []event.Type{event.MailOrderTransferred}},
		step{do: "sync", call: sync("kim", "H1.example")},
		step{do: "sync again", call: sync("kim", "h1.example")},
		step{do: "sync on a host where nobody is", call: sync("kim", "h2.example"), fault: fault.CustomerNotFound},
	)
	jobs, err := w.s.ServerSyncs(w.ctx, scoped, scoped.PartnerID)
	if err != nil || len(jobs) != 1 || jobs[0].CustomerID != first.ID || jobs[0].ServerHost != "h1.example" {
		t.Errorf("%+v, %v", jobs, err)
	}
	if _, err := w.s.ServerSyncs(w.ctx, w.b, scoped.PartnerID); !fault.Is(err, fault.PartnerNotFound) {
		t.Error(err)
	}
	settings := partner.Settings{ServerScoped: true, CollateHosts: true}
	if err := w.s.SetPartnerSettings(w.ctx, w.op, scoped.PartnerID, settings); err != nil {
		t.Fatal(err)
	}
	w.play(
		step{do: "rename back", call: modify(two, ordering.ModifyMailCustomer{NewCustomerID: "kim"}), events: []event.Type{event.MailCustomerUpdated}},
		step{do: "collated", call: list(ordering.ListMailOrders{CustomerID: "kim"}, "one.example two.example three.example")},
	)
}

func TestModifyMailCustomer(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("a.example", "c-1"))
	w.order(w.a, proOrder("b.example", "c-1"))
	w.order(w.a, proOrder("taken.example", "c-2"))
	change := func(cmd ordering.ModifyMailCustomer) func() error {
		cmd.Order.ID = id
		return func() error { return w.s.ModifyMailCustomer(w.ctx, w.a, cmd) }
	}
	told := []event.Type{event.MailCustomerUpdated}
	w.play(
		step{do: "name", call: change(ordering.ModifyMailCustomer{Name: ptr(" Kim ")}), events: told, then: func() {
			if got := w.lastEvent(); got != `{"customerId":"c-1","customerBeforeUpdate":{},"customerAfterUpdate":{"customerName":"Kim"}}` {
				t.Error(got)
			}
			if all := w.store.AllEvents(); all[len(all)-1].OrderID != id {
				t.Error("the event goes out with the named order's")
			}
		}},
		step{do: "the same", call: change(ordering.ModifyMailCustomer{Name: ptr("Kim")})},
		step{do: "nothing", call: change(ordering.ModifyMailCustomer{})},
		step{do: "email", call: change(ordering.ModifyMailCustomer{Email: "Kim@x.example"}), events: told},
		step{do: "country", call: change(ordering.ModifyMailCustomer{Country: ptr("de")}), events: told},
		step{do: "id", call: change(ordering.ModifyMailCustomer{NewCustomerID: "c-9"}), events: told, then: func() {
			want := `{"customerId":"c-9","customerBeforeUpdate":{"customerId":"c-1","customerName":"Kim","customerEmailAddress":"Kim@x.example","customerCountry":"DE"},` +
				`"customerAfterUpdate":{"customerId":"c-9","customerName":"Kim","customerEmailAddress":"Kim@x.example","customerCountry":"DE"}}`
			if got := w.lastEvent(); got != want {
				t.Error(got)
			}
		}},
		step{do: "id again", call: change(ordering.ModifyMailCustomer{NewCustomerID: "c-9"})},
		step{do: "id in use", call: change(ordering.ModifyMailCustomer{NewCustomerID: "c-2", Name: ptr("x")}), fault: fault.Conflict, reason: "CUSTOMER_ID_IN_USE"},
		step{do: "bad country", call: change(ordering.ModifyMailCustomer{Country: ptr("Germany")}), fault: fault.Invalid},
		step{do: "bad name", call: change(ordering.ModifyMailCustomer{Name: ptr("a\nb")}), fault: fault.Invalid},
		step{do: "all gone", call: func() error {
			_, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}})
			return err
		}, events: []event.Type{event.MailOrderStatusUpdated}},
		step{do: "of a deleted order", call: change(ordering.ModifyMailCustomer{Name: ptr("Lee")}), events: told},
		step{do: "of a purged order", after: 31 * day, call: change(ordering.ModifyMailCustomer{Name: ptr("Kim")}), fault: fault.OrderNotFound},
	)
}

// The holder of a panel session does nothing of this, not even to its own order.
func TestSessionsLeaveHostingAndReportsAlone(t *testing.T) {
	w := newWorld(t)
	id := w.hosted("a.example", "h.example", "kim")
	session, _ := w.open(w.signed(w.a, id))
	ref := work.OrderRef{ID: id}
	refund := selling.ReportedMoney{Kind: notification.Refund, TxnID: "t", Currency: "EUR", Amount: amount("1"), Tax: amount("0"), USD: amount("1"),
		Order: selling.ReportedOrder{ID: id, PartnerOrderID: "po", Domain: "a.example", CustomerID: "c-1"}}
	for name, call := range map[string]func(audit.Actor) error{
		"toggle": func(a audit.Actor) error {
			_, err := w.s.ToggleMailService(w.ctx, a, ordering.ToggleMailService{Order: ref, MailService: order.ServiceLocal})
			return err
		},
		"customer": func(a audit.Actor) error {
			return w.s.ModifyMailCustomer(w.ctx, a, ordering.ModifyMailCustomer{Order: ref, Name: ptr("x")})
		},
		"sync": func(a audit.Actor) error {
			return w.s.SyncMailCustomer(w.ctx, a, ordering.SyncMailCustomer{UserName: "c-1", ServerHost: "h.example"})
		},
		"refund": func(a audit.Actor) error {
			return w.s.ReportNotification(w.ctx, a, selling.ReportNotification{Event: notification.RefundIssued, Data: json.RawMessage(`{}`), Money: []selling.ReportedMoney{refund}})
		},
		"set-up": func(a audit.Actor) error {
			return w.s.ReportNotification(w.ctx, a, selling.ReportNotification{Event: notification.MailOrderSetupComplete, Data: json.RawMessage(`{}`), SetUp: &refund.Order})
		},
		"report": func(a audit.Actor) error {
			return w.s.ReportNotification(w.ctx, a, selling.ReportNotification{Event: notification.DomainCreated, Data: json.RawMessage(`{}`)})
		},
		"reports": func(a audit.Actor) error {
			_, err := w.s.Notifications(w.ctx, a, selling.NotificationFilter{PartnerID: w.a.PartnerID})
			return err
		},
		"bookings": func(a audit.Actor) error {
			_, err := w.s.Bookings(w.ctx, a, selling.NotificationFilter{PartnerID: w.a.PartnerID})
			return err
		},
		"syncs": func(a audit.Actor) error {
			_, err := w.s.ServerSyncs(w.ctx, a, w.a.PartnerID)
			return err
		},
	} {
		if err := call(session.Actor); fault.Of(err).Reason != "SESSION_LIMIT" {
			t.Errorf("%s by a session: %v", name, err)
		}
		if err := call(w.a); err != nil {
			t.Errorf("%s by the partner: %v", name, err)
		}
		if name == "toggle" { // the order has another id now
			ref.ID = w.live("a.example").ID
			session, _ = w.open(w.signed(w.a, ref.ID))
			refund.Order.ID = ref.ID
		}
	}
}
