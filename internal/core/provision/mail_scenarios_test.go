package provision_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/dkim"
	"posthouse/internal/fault"
)

// resolves expects an account for an address, or a reason against it.
func (w *world) resolves(email string, accountID int64, reason string) {
	w.t.Helper()
	local, domain, _ := strings.Cut(email, "@")
	r, err := w.s.ResolveRecipient(w.ctx, local, domain)
	switch {
	case reason == "" && (err != nil || len(r.Targets) != 1 || r.Targets[0].AccountID != accountID):
		w.t.Errorf("%s: %+v, %v, want account %d", email, r, err, accountID)
	case reason != "" && (fault.Of(err) == nil || fault.Of(err).Reason != reason || fault.Of(err).Temporary):
		w.t.Errorf("%s: %+v, %v, want %s", email, r, err, reason)
	}
}

func (w *world) suspendAccount(orderID, accountID int64, kind string, by suspension.Role) {
	w.t.Helper()
	actor := w.a
	actor.Role = by
	if _, err := w.s.SuspendEmailAccount(w.ctx, actor, mailboxes.SuspendEmailAccount{
		Account: work.AccountRef{Order: work.OrderRef{ID: orderID}, AccountID: accountID}, Type: kind,
	}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) suspendOrder(orderID int64, kind string, by suspension.Role) {
	w.t.Helper()
	actor := w.a
	actor.Role = by
	if _, err := w.s.SuspendMailOrder(w.ctx, actor, ordering.SuspendMailOrder{Order: work.OrderRef{ID: orderID}, Type: kind}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) unsuspendOrder(orderID int64) {
	w.t.Helper()
	if _, err := w.s.UnsuspendMailOrder(w.ctx, w.op, ordering.UnsuspendMailOrder{Order: work.OrderRef{ID: orderID}}); err != nil {
		w.t.Fatal(err)
	}
}

func TestResolveRecipient(t *testing.T) {
	w := newWorld(t)
	w.resolves("x@d.example", 0, routing.ReasonNoSuchDomain)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	w.resolves("x@d.example", 0, routing.ReasonNoSuchMailbox)
	w.resolves("postmaster@d.example", 0, routing.ReasonNoSuchMailbox)
	x, y := w.account(w.a, id, "x@d.example"), w.account(w.a, id, "y@d.example")
	ref := func(a int64) work.AccountRef {
		return work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: a}
	}
	w.resolves("x@d.example", x, "")
	w.resolves("X@D.example", x, "")
	w.resolves("z@d.example", 0, routing.ReasonNoSuchMailbox)
	w.resolves("x\x00@d.example", 0, routing.ReasonNoSuchMailbox)
	if err := w.s.AddEmailAlias(w.ctx, w.a, mailboxes.AddEmailAlias{Account: ref(y), Alias: "al@d.example"}); err != nil {
		t.Fatal(err)
	}
	w.resolves("al@d.example", y, "")
	// postmaster: the oldest account, the oldest admin, an address of its own.
	w.resolves("postmaster@d.example", x, "")
	if _, err := w.s.ModifyEmailAccount(w.ctx, w.a, mailboxes.ModifyEmailAccount{Account: ref(y), IsAdmin: ptr(true)}); err != nil {
		t.Fatal(err)
	}
	w.resolves("Postmaster@d.example", y, "")
	own := w.account(w.a, id, "postmaster@d.example")
	w.resolves("postmaster@d.example", own, "")
	// Suspensions don't stop mail, but for abuse by the platform (T-16).
	w.suspendAccount(id, x, "abuse", suspension.RolePartner)
	w.resolves("x@d.example", x, "")
	w.suspendAccount(id, x, "abuse", suspension.RoleTitan)
	w.resolves("x@d.example", 0, routing.ReasonMailboxSuspended)
	w.suspendOrder(id, "expiry", suspension.RoleTitan)
	w.resolves("y@d.example", y, "")
	w.suspendOrder(id, "abuse", suspension.RoleTitanSupport)
	w.resolves("y@d.example", 0, routing.ReasonMailboxSuspended)
	w.unsuspendOrder(id)
	w.resolves("y@d.example", y, "")
	// Deleted accounts and their aliases are gone at once.
	if _, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: ref(y)}); err != nil {
		t.Fatal(err)
	}
	w.resolves("y@d.example", 0, routing.ReasonNoSuchMailbox)
	w.resolves("al@d.example", 0, routing.ReasonNoSuchMailbox)
	// A second order takes no mail until it has the domain.
	other := w.order(w.b, proOrder("d.example", "c-1"))
	z := w.account(w.b, other, "z@d.example")
	w.resolves("z@d.example", 0, routing.ReasonNoSuchMailbox)
	if err := w.s.ProveOwnership(w.ctx, w.job, other); err != nil {
		t.Fatal(err)
	}
	w.resolves("z@d.example", z, "")
	w.resolves("postmaster@d.example", z, "")
	if _, err := w.s.DeleteMailOrder(w.ctx, w.b, ordering.DeleteMailOrder{Order: work.OrderRef{ID: other}}); err != nil {
		t.Fatal(err)
	}
	w.resolves("z@d.example", 0, routing.ReasonNoSuchMailbox)
	w.resolves("postmaster@d.example", own, "")
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}}); err != nil {
		t.Fatal(err)
	}
	w.resolves("postmaster@d.example", 0, routing.ReasonNoSuchDomain)
	// Not in service: awaiting payment, or mail at the partner's own server.
	cmd := proOrder("p.example", "c-1")
	cmd.AwaitingPayment = true
	w.order(w.a, cmd)
	w.resolves("x@p.example", 0, routing.ReasonOrderPending)
	cmd = proOrder("l.example", "c-1")
	cmd.MailService = order.ServiceLocal
	w.order(w.a, cmd)
	w.resolves("x@l.example", 0, routing.ReasonNotServiceable)
}

func TestLogin(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	x := w.account(w.a, id, "x@d.example")
	other := w.order(w.b, proOrder("d.example", "c-1"))
	x2 := w.account(w.b, other, "x@d.example")
	may := func(want ...int64) {
		t.Helper()
		list, err := w.s.LoginCandidates(w.ctx, " X@D.example")
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, c := range list {
			got = append(got, c.AccountID)
			if c.Email != "x@d.example" || c.MaySend != (c.AccountID == x) {
				t.Errorf("%+v", c)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%v may log in, want %v", got, want)
		}
		one, err := w.s.LoginAccount(w.ctx, x)
		if err != nil || (one != nil) != slices.Contains(want, x) {
			t.Errorf("%+v, %v", one, err)
		}
	}
	may(x, x2)
	for _, bad := range []string{"", "x", "y@d.example", "x@e.example", "x\x00@d.example", strings.Repeat("x", 1<<17)} {
		if list, err := w.s.LoginCandidates(w.ctx, bad); err != nil || len(list) != 0 {
			t.Errorf("%.20q: %v, %v", bad, list, err)
		}
	}
	w.suspendAccount(id, x, "", suspension.RolePartner)
	may(x2)
	if _, err := w.s.UnsuspendEmailAccount(w.ctx, w.a, mailboxes.UnsuspendEmailAccount{Account: work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: x}}); err != nil {
		t.Fatal(err)
	}
	may(x, x2)
	w.suspendOrder(id, "left", suspension.RolePartner)
	may(x2)
	w.unsuspendOrder(id)
	before := w.touched(id)
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}}); err != nil {
		t.Fatal(err)
	}
	if w.touched(id) != before+1 || w.touched(other) != 1 {
		t.Errorf("sessions looked at: %d, %d", w.touched(id)-before, w.touched(other))
	}
	if list, err := w.s.LoginCandidates(w.ctx, "x@d.example"); err != nil || len(list) != 1 || list[0].AccountID != x2 || !list[0].MaySend {
		t.Errorf("%+v, %v", list, err)
	}
	if one, err := w.s.LoginAccount(w.ctx, 999); err != nil || one != nil {
		t.Errorf("%+v, %v", one, err)
	}
	// The log tells the login package, in order, and is cut.
	last, err := w.s.LastAccessChange(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.s.AccessChangesAfter(w.ctx, 0, 100)
	if err != nil || all[len(all)-1].ID != last {
		t.Errorf("%+v, %v, last %d", all, err, last)
	}
	w.clock.Advance(2 * time.Hour)
	if err := w.s.Forget(w.ctx); err != nil {
		t.Fatal(err)
	}
	if rest, err := w.s.AccessChangesAfter(w.ctx, 0, 100); err != nil || len(rest) != 1 || rest[0].ID != last {
		t.Errorf("%+v, %v", rest, err)
	}
}

func TestSender(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	x := w.account(w.a, id, "x@d.example")
	ref := work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: x}
	if err := w.s.AddEmailAlias(w.ctx, w.a, mailboxes.AddEmailAlias{Account: ref, Alias: "al@d.example"}); err != nil {
		t.Fatal(err)
	}
	snd, err := w.s.Sender(w.ctx, x)
	if err != nil || !snd.MaySend || snd.Domain != "d.example" || !slices.Equal(snd.Addresses, []string{"x@d.example", "al@d.example"}) {
		t.Fatalf("%+v, %v", snd, err)
	}
	if got, err := w.s.SenderAddresses(w.ctx, x); err != nil || !slices.Equal(got, snd.Addresses) {
		t.Errorf("%v, %v", got, err)
	}
	other := w.order(w.b, proOrder("d.example", "c-1"))
	x2 := w.account(w.b, other, "x@d.example")
	if snd, err := w.s.Sender(w.ctx, x2); err != nil || snd.MaySend {
		t.Errorf("a non-serviceable order sends: %+v, %v", snd, err)
	}
	w.suspendAccount(id, x, "", suspension.RolePartner)
	if snd, err := w.s.Sender(w.ctx, x); err != nil || snd.MaySend {
		t.Errorf("a suspended account sends: %+v, %v", snd, err)
	}
	if _, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: ref}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.SenderAddresses(w.ctx, x); !fault.Is(err, fault.AccountNotFound) {
		t.Error(err)
	}
	if _, err := w.s.SenderAddresses(w.ctx, 999); !fault.Is(err, fault.AccountNotFound) {
		t.Error(err)
	}
	if got, err := w.s.SenderAddresses(w.ctx, x2); !fault.Is(err, fault.Forbidden) || fault.Of(err).Reason != "MAY_NOT_SEND" {
		t.Errorf("an account of a non-serviceable order sends as %v, %v", got, err)
	}
}

func TestDomainRouting(t *testing.T) {
	w := newWorld(t)
	sandbox, _, err := w.s.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "Sandbox", Sandbox: true})
	if err != nil {
		t.Fatal(err)
	}
	play := w.a
	play.PartnerID = sandbox.ID
	routes := func(domain string, want routing.Routing) {
		t.Helper()
		got, err := w.s.DomainRouting(w.ctx, domain)
		if err != nil || *got != want {
			t.Errorf("%q: %+v, %v", domain, got, err)
		}
	}
	routes("d.example", routing.Routing{})
	routes("\x00", routing.Routing{})
	id := w.order(w.a, proOrder("d.example", "c-1"))
	sb := w.order(play, proOrder("s.example", "c-1"))
	routes("D.example", routing.Routing{Served: true, OrderID: id, PartnerID: w.a.PartnerID})
	routes("s.example", routing.Routing{Served: true, Sandbox: true, OrderID: sb, PartnerID: sandbox.ID})
	if err := w.s.ProveOwnership(w.ctx, w.job, id); err != nil {
		t.Fatal(err)
	}
	routes("d.example", routing.Routing{Served: true, Proven: true, OrderID: id, PartnerID: w.a.PartnerID})
	cmd := proOrder("p.example", "c-1")
	cmd.AwaitingPayment = true
	w.order(w.a, cmd)
	routes("p.example", routing.Routing{})
}

func TestLoginTokens(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.FirstAccount = &ordering.FirstAccount{Email: "x@d.example", Password: "pw-1"}
	issue := func() string {
		t.Helper()
		cmd.FirstAccount.WantLoginToken = true
		o, err := w.s.CreateMailOrder(w.ctx, w.a, cmd)
		if err != nil {
			t.Fatal(err)
		}
		return o.Account.LoginToken
	}
	redeem := func(token, email string) error {
		c, _, err := w.s.OpenWebmailSession(w.ctx, signin.OpenWebmail{Token: token, Email: email})
		if (c == nil) == (err == nil) {
			t.Errorf("%+v, %v", c, err)
		}
		return err
	}
	token := issue()
	if err := redeem(token, " X@D.example"); err != nil {
		t.Error(err)
	}
	refused := func(what string, err error) {
		t.Helper()
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("twice", redeem(token, "x@d.example"))
	token = issue()
	refused("other address", redeem(token, "y@d.example"))
	refused("after another address was tried", redeem(token, "x@d.example"))
	token = issue()
	w.clock.Advance(5 * time.Minute)
	refused("expired", redeem(token, "x@d.example"))
	token = issue()
	w.suspendOrder(70000000, "", suspension.RolePartner)
	refused("suspended", redeem(token, "x@d.example"))
	for _, bad := range []string{"", "1:", token[:33], "2:" + token[2:], strings.Repeat("1:", 17)} {
		refused(bad, redeem(bad, "x@d.example"))
	}
	w.clock.Advance(time.Hour)
	if err := w.s.Forget(w.ctx); err != nil {
		t.Fatal(err)
	}
}

func TestDKIMKeys(t *testing.T) {
	w := newWorld(t)
	if _, err := w.s.EnsureDKIMKeys(w.ctx, "d.example"); !fault.Is(err, fault.OrderNotFound) {
		t.Fatalf("keys for a domain of nobody: %v", err)
	}
	w.order(w.a, proOrder("d.example", "c-1"))
	first, err := w.s.EnsureDKIMKeys(w.ctx, "D.example")
	if err != nil || len(first) != 2 {
		t.Fatal(first, err)
	}
	if k, ok := first[0].Key.(*rsa.PrivateKey); !ok || k.N.BitLen() != 2048 || first[0].Selector != "titan" || first[0].Algorithm != dkim.RSA || !strings.HasPrefix(first[0].TXTRecord, "v=DKIM1; k=rsa; p=MII") {
		t.Errorf("%+v", first[0])
	}
	if _, ok := first[1].Key.(ed25519.PrivateKey); !ok || first[1].Selector != "titan-ed" || len(first[1].TXTRecord) != len("v=DKIM1; k=ed25519; p=")+44 {
		t.Errorf("%+v", first[1])
	}
	again, err := w.s.EnsureDKIMKeys(w.ctx, "d.example")
	if err != nil || len(again) != 2 || again[0].TXTRecord != first[0].TXTRecord {
		t.Fatal(again, err)
	}
	type equal interface{ Equal(crypto.PrivateKey) bool }
	for i := range first {
		if !first[i].Key.(equal).Equal(again[i].Key) {
			t.Errorf("key %d is another one", i)
		}
	}
}

func TestSupportLookups(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("shop.example", "c-1")
	cmd.PartnerOrderID = "o-1"
	id := w.order(w.a, cmd)
	x := w.account(w.a, id, "x@shop.example")
	other := w.order(w.b, proOrder("shop.example", "c-1"))
	find := func(actor, want int, f work.OrderFilter) {
		t.Helper()
		who := w.op
		if actor > 0 {
			who = w.a
		}
		list, err := w.s.FindOrders(w.ctx, who, f, 10)
		if err != nil || len(list) != want {
			t.Errorf("%+v: %d, %v", f, len(list), err)
		}
	}
	find(0, 2, work.OrderFilter{DomainPrefix: "Shop"})
	find(0, 1, work.OrderFilter{PartnerOrderID: "o-1"})
	find(0, 0, work.OrderFilter{DomainPrefix: "hop"})
	find(0, 0, work.OrderFilter{DomainPrefix: "\x00"})
	find(1, 1, work.OrderFilter{DomainPrefix: "shop"})
	find(1, 1, work.OrderFilter{DomainPrefix: "shop", PartnerID: w.b.PartnerID}) // still its own
	w.account(w.b, other, "x@shop.example")
	if list, err := w.s.FindAccounts(w.ctx, w.op, "X@shop.example"); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
	if list, err := w.s.FindAccounts(w.ctx, w.a, "x@shop.example"); err != nil || len(list) != 1 || list[0].Account.ID != x || list[0].Status != account.Active {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := w.s.FindAccounts(w.ctx, w.op, "x"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if list, err := w.s.OrderEvents(w.ctx, w.a, id, 10); err != nil || len(list) != 2 || list[0].Type != "EMAIL_ACCOUNT_CREATED" {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := w.s.OrderEvents(w.ctx, w.b, id, 10); !fault.Is(err, fault.OrderNotFound) {
		t.Error(err)
	}
}
