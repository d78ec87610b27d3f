package resellerclub

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
)

func TestForwardOnlyAccounts(t *testing.T) {
	w := newWorld(t)
	w.branded()
	o := w.mailOrder(w.child, "d.example", 1)
	w.mailbox(w.child, o, "jane@d.example") // the only seat: forward-only accounts take none
	add := func(email, forwards string) reply {
		return w.post(w.child, "mail/user/add-forward-only-account.json", "order-id", o, "email", email, "forwards", forwards)
	}
	before := w.events()
	w.golden("mail/success", add("Team@d.example", "jane@d.example, X@elsewhere.example ,,x@elsewhere.example"))
	if got := w.events(); got["INTERNAL_FORWARDING_ACCOUNT_CREATED"] != before["INTERNAL_FORWARDING_ACCOUNT_CREATED"]+1 {
		t.Errorf("%v", got)
	}
	w.goldenRead("mail/user_forward_only", w.child, "mail/user", "order-id", o, "email", "team@d.example")
	w.goldenRead("mail/users_search_forward_only", w.child, "mail/users/search", "order-id", o, "account-types", "forward_only")
	if n := w.object(w.get(w.child, "mail/users/no-of-users.json", "order-id", o))["response"].(map[string]any); n["noOfMailAccounts"] != 1.0 || n["noOfForwardOnlyAccounts"] != 1.0 {
		t.Errorf("%v", n)
	}

	w.failure(add("team@d.example", "jane@d.example"), "emailaddress_unique_key_voilation", "Email address is already registered with us")
	w.failure(add("jane@d.example", "x@elsewhere.example"), "emailaddress_unique_key_voilation", "Email address is already registered with us")
	w.failure(add("t@other.example", "x@elsewhere.example"), "domain_mismatch", "Email address t@other.example is not of the domain of this order")
	w.failure(add("loop@d.example", "loop@d.example"), "invalid_email_address", "An address can't forward to itself")
	w.failure(add("new@d.example", "nobody@d.example"), "emailaddress_does_not_exist", "An address to forward to does not exist")
	w.failure(add("new@d.example", "<x@elsewhere.example>"), "invalid_email_address", "An address to forward to is not valid")
	w.refused(add("new@d.example", " , "), 500, "{forwards=forwards must not be blank}")
	var many strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&many, "x%d@elsewhere.example,", i)
	}
	w.refused(add("new@d.example", many.String()), 500, "{forwards=At most 1000 addresses are named at once}")

	// What needs a mailbox.
	for _, path := range []string{"mail/user/suspend", "mail/user/unsuspend", "mail/user/reset-password", "mail/user/modify", "mail/domain/active-catchall"} {
		w.failure(w.post(w.child, path+".json", "order-id", o, "email", "team@d.example"), "feature_not_available", "Email address team@d.example is a forward only account")
	}
	w.failure(w.post(w.child, "mail/user/update-autoresponder.json", "order-id", o, "email", "team@d.example", "is-autoresponder-on", "false"),
		"feature_not_available", "Email address team@d.example is a forward only account")
	w.failure(w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", "team@d.example", "passwd", "x"), "incorrect_password", "The password is incorrect")

	w.ok(w.post(w.child, "mail/user/add-admin-forwards.json", "order-id", o, "email", "team@d.example", "forwards", "y@elsewhere.example"))
	if u := w.user(o, "team@d.example"); u["adminForwards"] != "jane@d.example,x@elsewhere.example,y@elsewhere.example" || u["userForwards"] != "" {
		t.Errorf("%v", u)
	}
	w.ok(w.post(w.child, "mail/user/delete.json", "order-id", o, "email", "team@d.example"))
	w.failure(w.post(w.child, "mail/user/delete.json", "order-id", o, "email", "team@d.example"), "emailaddress_does_not_exist", "Email address team@d.example does not exist")
	if got := w.events(); got["INTERNAL_FORWARDING_ACCOUNT_DELETED"] != 1 {
		t.Errorf("%v", got)
	}
}

// user gives the user object of an address, as the child sees it.
func (w *world) user(order int64, email string) map[string]any {
	w.t.Helper()
	return w.object(w.get(w.child, "mail/user.json", "order-id", order, "email", email))["response"].(map[string]any)["user"].(map[string]any)
}

func TestForwardsOfMailboxes(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 5)
	w.mailbox(w.child, o, "jane@d.example")
	w.mailbox(w.child, o, "kim@d.example")
	change := func(path, forwards string) reply {
		return w.post(w.child, "mail/user/"+path+".json", "order-id", o, "email", "jane@d.example", "forwards", forwards)
	}
	w.ok(change("add-admin-forwards", "boss@elsewhere.example,kim@d.example"))
	w.ok(change("add-user-forwards", "home@elsewhere.example"))
	w.ok(change("add-user-forwards", "home@elsewhere.example")) // again
	if u := w.user(o, "jane@d.example"); u["adminForwards"] != "boss@elsewhere.example,kim@d.example" || u["userForwards"] != "home@elsewhere.example" ||
		u["accountType"] != "POP_WITHOUT_AUTORESPONDER" {
		t.Errorf("%v", u)
	}
	w.failure(change("add-admin-forwards", "jane@d.example"), "invalid_email_address", "An address can't forward to itself")
	w.failure(change("add-admin-forwards", "nobody"), "invalid_email_address", "An address to forward to is not valid")
	w.ok(change("delete-admin-forwards", "boss@elsewhere.example,unknown@elsewhere.example"))
	w.ok(change("delete-user-forwards", "HOME@elsewhere.example"))
	if u := w.user(o, "jane@d.example"); u["adminForwards"] != "kim@d.example" || u["userForwards"] != "" {
		t.Errorf("%v", u)
	}
	w.failure(w.post(w.child, "mail/user/delete-user-forwards.json", "order-id", o, "email", "jane@other.example", "forwards", "x@elsewhere.example"),
		"domain_mismatch", "Email address jane@other.example is not of the domain of this order")
	w.failure(w.post(w.child, "mail/user/add-user-forwards.json", "order-id", o, "email", "nobody@d.example", "forwards", "x@elsewhere.example"),
		"emailaddress_does_not_exist", "Email address nobody@d.example does not exist")
}

func TestAutoresponder(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 5)
	w.mailbox(w.child, o, "jane@d.example")
	w.mailbox(w.child, o, "kim@d.example")
	set := func(pairs ...any) reply {
		return w.post(w.child, "mail/user/update-autoresponder.json", append([]any{"order-id", o, "email", "jane@d.example"}, pairs...)...)
	}
	w.refused(set(), 500, "{is-autoresponder-on=is-autoresponder-on must not be blank}")
	w.refused(set("is-autoresponder-on", "perhaps"), 500, "{is-autoresponder-on=is-autoresponder-on is invalid}")
	w.refused(set("is-autoresponder-on", "true"), 500, "{message=An automatic reply needs a message}")
	w.refused(set("is-autoresponder-on", "true", "message", "x", "message-format", "text/rtf"), 500, "{message-format=The message format is neither text/plain nor text/html}")
	w.refused(set("is-autoresponder-on", "true", "message", "x", "autodisable-enabled", "true"), 500, "{autodisable-timestamp=autodisable-timestamp must not be blank}")
	w.refused(set("is-autoresponder-on", "true", "message", "x", "autodisable-enabled", "true", "autodisable-timestamp", "2026-12-24"), 500,
		"{autodisable-timestamp=autodisable-timestamp is invalid}")
	w.refused(set("is-autoresponder-on", "true", "message", "x", "autodisable-enabled", "true", "autodisable-timestamp", "01/01/2020"), 500,
		"{autodisable-timestamp=The automatic reply ends in the past}")
	w.ok(set("is-autoresponder-on", "true", "subject", "Away", "message", "Until <Christmas> & then", "message-format", "text/plain", "quote-original-message", "true",
		"autodisable-enabled", "true", "autodisable-timestamp", "24/12/2026"))
	if u := w.user(o, "jane@d.example"); u["accountType"] != "POP_WITH_AUTORESPONDER" {
		t.Errorf("%v", u)
	}
	for filter, want := range map[string]string{"pop_with_autoresponder": "jane@d.example", "pop_without_autoresponder": "kim@d.example"} {
		if got := w.found(o, "account-types", filter); got != want {
			t.Errorf("%s finds %s", filter, got)
		}
	}
	w.clock.Advance(32 * 24 * time.Hour) // 24 December, 10:00
	if u := w.user(o, "jane@d.example"); u["accountType"] != "POP_WITHOUT_AUTORESPONDER" {
		t.Errorf("%v", u)
	}
	w.ok(set("is-autoresponder-on", "false"))
}

// found gives the addresses that a search finds.
func (w *world) found(order int64, pairs ...any) string {
	w.t.Helper()
	var out []string
	for _, u := range w.object(w.post(w.child, "mail/users/search.json", append([]any{"order-id", order}, pairs...)...))["response"].(map[string]any)["users"].([]any) {
		out = append(out, u.(map[string]any)["emailAddress"].(string))
	}
	return strings.Join(out, " ")
}

func TestDomainAliases(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 5)
	other := w.mailOrder(w.child, "other.example", 5)
	w.mailbox(w.child, o, "jane@d.example")
	change := func(path string, order int64, alias string) reply {
		return w.post(w.child, "mail/domain/"+path+".json", "order-id", order, "alias", alias)
	}
	w.ok(change("add-alias", o, "Alias.Example"))
	w.ok(change("add-alias", o, "alias.example")) // again
	aliases := func() string {
		list, err := w.core.DomainAliases(t.Context(), w.partnerActor(), work.OrderRef{ID: o})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(list, " ")
	}
	if got := aliases(); got != "alias.example" {
		t.Error(got)
	}
	for alias, text := range map[string]string{"other.example": "The domain is served for another order", "d.example": "The domain is the order's own"} {
		w.failure(change("add-alias", o, alias), "domain_mismatch", text)
	}
	w.failure(change("add-alias", other, "alias.example"), "domain_mismatch", "The domain is served for another order")
	w.failure(change("delete-alias", other, "alias.example"), "domain_mismatch", "The order has no such domain alias")
	w.refused(change("add-alias", o, "no domain"), 500, "{alias=alias is invalid}")
	w.refused(change("delete-alias", o, "no domain"), 500, "{alias=alias is invalid}")
	w.ok(change("delete-alias", o, "alias.example"))
	if got := aliases(); got != "" {
		t.Error(got)
	}
}

// One order, several views (issue item 8): what is made here is what the other
// dialects see, events included, and the other way round.
func TestMailboxesAreTheSameEverywhere(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 5)
	ctx, titan, ref := t.Context(), w.partnerActor(), work.OrderRef{ID: o}
	w.mailbox(w.child, o, "here@d.example")
	w.ok(w.post(w.child, "mail/user/add-forward-only-account.json", "order-id", o, "email", "team@d.example", "forwards", "x@elsewhere.example"))
	accounts, err := w.core.ListEmailAccounts(ctx, titan, mailboxes.ListEmailAccounts{Order: ref})
	if err != nil || len(accounts) != 1 || accounts[0].Account.Name != "Jane Doe" || accounts[0].Account.AlternateEmail != "jane@elsewhere.example" {
		t.Fatalf("%+v, %v", accounts, err)
	}
	if list, err := w.core.ListForwarders(ctx, titan, ref); err != nil || len(list) != 1 || list[0].Email() != "team@d.example" {
		t.Fatalf("%+v, %v", list, err)
	}
	w.ok(w.post(w.child, "mail/user/modify.json", "order-id", o, "email", "here@d.example", "first-name", "Kim"))
	w.ok(w.post(w.child, "mail/user/suspend.json", "order-id", o, "email", "here@d.example"))
	w.ok(w.post(w.child, "mail/user/unsuspend.json", "order-id", o, "email", "here@d.example"))
	w.ok(w.post(w.child, "mail/user/delete.json", "order-id", o, "email", "here@d.example"))
	want := map[string]int{"EMAIL_ACCOUNT_CREATED": 1, "EMAIL_ACCOUNT_MODIFIED": 1, "EMAIL_ACCOUNT_STATUS_UPDATED": 3, "INTERNAL_FORWARDING_ACCOUNT_CREATED": 1}
	got := w.events()
	for k, n := range want {
		if got[k] != n {
			t.Errorf("%d events %s, want %d", got[k], k, n)
		}
	}

	if _, err := w.core.CreateEmailAccount(ctx, titan, mailboxes.CreateEmailAccount{Order: ref, Email: "there@d.example", Name: "Maria del Mar", Password: "pw"}); err != nil {
		t.Fatal(err)
	}
	there := work.AccountRef{Order: ref, Email: "there@d.example"}
	if err := w.core.AddEmailAlias(ctx, titan, mailboxes.AddEmailAlias{Account: there, Alias: "alias@d.example"}); err != nil {
		t.Fatal(err)
	}
	if err := w.core.CreateForwarder(ctx, titan, routing.ForwarderMembers{Forwarder: work.ForwarderRef{Order: ref, Email: "fwd@d.example"}, Recipients: []string{"alias@d.example"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.core.SuspendEmailAccount(ctx, titan, mailboxes.SuspendEmailAccount{Account: there}); err != nil {
		t.Fatal(err)
	}
	u := w.user(o, "there@d.example")
	if u["firstName"] != "Maria del" || u["lastName"] != "Mar" || u["status"] != "SUSPENDED" || u["alternateEmailAddress"] != "" || u["countryCode"] != "GB" || u["languageCode"] != "en" {
		t.Errorf("%v", u)
	}
	if u := w.user(o, "fwd@d.example"); u["adminForwards"] != "alias@d.example" || u["accountType"] != "FORWARD_ONLY" {
		t.Errorf("%v", u)
	}
	if got := w.found(o); got != "fwd@d.example team@d.example there@d.example" {
		t.Error(got)
	}
	w.failure(w.get(w.child, "mail/user.json", "order-id", o, "email", "alias@d.example"), "emailaddress_does_not_exist", "Email address alias@d.example does not exist")
	w.failure(w.post(w.child, "mail/user/add-forward-only-account.json", "order-id", o, "email", "alias@d.example", "forwards", "x@elsewhere.example"),
		"emailaddress_unique_key_voilation", "Email address is already registered with us")
}
