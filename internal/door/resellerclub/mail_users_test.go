package resellerclub

import (
	"encoding/xml"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

func TestSearchMailUsers(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 10)
	for _, l := range []string{"john.doe", "anna", "john", "zoe"} {
		w.mailbox(w.child, o, l+"@d.example")
	}
	w.ok(w.post(w.child, "mail/user/add-forward-only-account.json", "order-id", o, "email", "team@d.example", "forwards", "x@elsewhere.example"))
	w.ok(w.post(w.child, "mail/user/suspend.json", "order-id", o, "email", "zoe@d.example"))
	for _, c := range []struct {
		pairs []any
		want  string
	}{
		{nil, "anna@d.example john@d.example john.doe@d.example team@d.example zoe@d.example"},
		{[]any{"email", "ZOE@d.example"}, "zoe@d.example"},
		{[]any{"email", "zoe@d.example,anna@d.example", "email", "nobody@d.example"}, "anna@d.example zoe@d.example"},
		{[]any{"email", "zoe@other.example"}, ""},
		{[]any{"email", "zoe@d.example", "email-pattern", "john"}, ""},
		{[]any{"email-pattern", "john"}, "john@d.example john.doe@d.example"},
		{[]any{"email-pattern", "^JOHN@.*$"}, "john@d.example"},
		{[]any{"email-pattern", `o[eh]`}, "john@d.example john.doe@d.example zoe@d.example"},
		{[]any{"statuses", "suspended"}, "zoe@d.example"},
		{[]any{"statuses", "active", "statuses", "pending_activation"}, "anna@d.example john@d.example john.doe@d.example team@d.example"},
		{[]any{"statuses", "active,suspended", "account-types", "forward_only"}, "team@d.example"},
		{[]any{"statuses", "pending_activation"}, ""},
		{[]any{"account-types", "pop_with_autoresponder,pop_without_autoresponder"}, "anna@d.example john@d.example john.doe@d.example zoe@d.example"},
		{[]any{"account-types", "pop_with_autoresponder"}, ""},
		{[]any{"over-quota", "true"}, ""},
		{[]any{"over-quota", "false", "page-no", "1"}, "anna@d.example john@d.example john.doe@d.example team@d.example zoe@d.example"},
		{[]any{"page-no", "2"}, ""},
		{[]any{"page-no", "1000000000"}, ""},
	} {
		if got := w.found(o, c.pairs...); got != c.want {
			t.Errorf("%v finds %q, want %q", c.pairs, got, c.want)
		}
	}
	for _, c := range []struct {
		text, name, value string
	}{
		{"{page-no=page-no is invalid}", "page-no", "0"},
		{"{page-no=page-no is invalid}", "page-no", "-1"},
		{"{page-no=page-no is invalid}", "page-no", "10000000000"},
		{"{page-no=page-no is invalid}", "page-no", "x"},
		{"{statuses=statuses is invalid}", "statuses", "ACTIVE"},
		{"{account-types=account-types is invalid}", "account-types", "imap"},
		{"{over-quota=over-quota is invalid}", "over-quota", "yes"},
		{"{email-pattern=The regular expression is not valid}", "email-pattern", "("},
		{"{email-pattern=The regular expression is not valid}", "email-pattern", `(?=look)`},
		{"{email-pattern=The regular expression is not valid}", "email-pattern", `(a)\1`},
		{"{email-pattern=The regular expression is too large}", "email-pattern", `(.{0,50}){10}`},
		{"{email-pattern=The regular expression is too long}", "email-pattern", strings.Repeat("a", 257)},
		{"{email-pattern=The regular expression is not valid}", "email-pattern", `((a{1,1000}){1,1000}){1,1000}`},
		{"{email-pattern=email-pattern is invalid}", "email-pattern", "a\x00"},
	} {
		w.refused(w.post(w.child, "mail/users/search.json", "order-id", o, c.name, c.value), 500, c.text)
	}
	var many []any
	for i := range 201 {
		many = append(many, "email", fmt.Sprintf("x%d@d.example", i))
	}
	w.refused(w.post(w.child, "mail/users/search.json", append([]any{"order-id", o}, many...)...), 500, "{emails=At most 200 addresses are named at once}")
}

// all or nothing, each account its event.
func TestManyMailUsers(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 10)
	for _, l := range []string{"a", "b", "c"} {
		w.mailbox(w.child, o, l+"@d.example")
	}
	w.ok(w.post(w.child, "mail/user/add-forward-only-account.json", "order-id", o, "email", "team@d.example", "forwards", "a@d.example"))
	do := func(what string, pairs ...any) reply {
		return w.post(w.child, "mail/users/"+what+".json", append([]any{"order-id", o}, pairs...)...)
	}
	before := w.events()
	w.failure(do("suspend", "emails", "a@d.example,nobody@d.example"), "emailaddress_does_not_exist", "Email address nobody@d.example does not exist")
	w.failure(do("delete", "emails", "a@d.example", "emails", "x@other.example"), "domain_mismatch", "Email address x@other.example is not of the domain of this order")
	w.failure(do("suspend", "emails", "a@d.example", "emails", "team@d.example"), "feature_not_available", "Email address team@d.example is a forward only account")
	w.refused(do("suspend", "emails", " ,"), 500, "{emails=emails must not be blank}")
	var many strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&many, "x%d@d.example,", i)
	}
	w.refused(do("delete", "emails", many.String()), 500, "{emails=At most 200 addresses are named at once}")
	if got := w.events(); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("%v, before %v", got, before)
	}
	if got := w.found(o, "statuses", "suspended"); got != "" {
		t.Errorf("%s suspended", got)
	}

	w.ok(do("suspend", "emails", "a@d.example,B@d.example", "emails", "b@d.example"))
	if got := w.found(o, "statuses", "suspended"); got != "a@d.example b@d.example" {
		t.Errorf("%s suspended", got)
	}
	w.ok(do("unsuspend", "emails[]", "a@d.example", "emails[]", "b@d.example"))
	if got := w.events()["EMAIL_ACCOUNT_STATUS_UPDATED"]; got != 4 {
		t.Errorf("%d events", got)
	}

	// What a higher role has suspended stays so, and the rest with it.
	if _, err := w.core.SuspendEmailAccount(t.Context(), operator, mailboxes.SuspendEmailAccount{
		Account: work.AccountRef{Order: work.OrderRef{ID: o}, Email: "c@d.example"}, Type: suspension.TypeAbuse}); err != nil {
		t.Fatal(err)
	}
	w.ok(do("suspend", "emails", "a@d.example"))
	w.refused(do("unsuspend", "emails", "a@d.example,c@d.example"), 500, "You are not allowed to perform this action")
	if got := w.found(o, "statuses", "suspended"); got != "a@d.example c@d.example" {
		t.Errorf("%s suspended", got)
	}

	// The deletion of a mailbox ends the forwarder whose only member it was.
	w.ok(do("delete", "emails", "a@d.example,team@d.example,b@d.example"))
	if got := w.found(o); got != "c@d.example" {
		t.Errorf("%s left", got)
	}
	w.failure(do("delete", "emails", "a@d.example"), "emailaddress_does_not_exist", "Email address a@d.example does not exist")
}

// Nobody reaches a mailbox of a sibling, of a parent's own customer or of
// another partner: the answers are those for orders that there are not.
func TestMailTenants(t *testing.T) {
	w := newWorld(t)
	orders := map[string]int64{"parent's": w.mailOrder(w.root, "root.example", 3), "sibling's": w.mailOrder(w.sibling, "sibling.example", 3),
		"stranger's": w.mailOrder(w.foreign, "foreign.example", 3)}
	for _, op := range mailOperations() {
		for whose, id := range orders {
			call := func(id int64) reply {
				pairs := []any{}
				for _, p := range op.params {
					switch p.name {
					case "order-id":
						pairs = append(pairs, "order-id", id)
					case "email", "emails", "notification-email", "forwards":
						pairs = append(pairs, p.name, "jane@root.example")
					case "country-code":
						pairs = append(pairs, p.name, "GB")
					case "language-code":
						pairs = append(pairs, p.name, "en")
					case "is-autoresponder-on":
						pairs = append(pairs, p.name, "false")
					case "alias":
						pairs = append(pairs, p.name, "alias.example")
					case "passwd", "old-passwd", "new-passwd", "first-name", "last-name":
						pairs = append(pairs, p.name, "pw-secret-1")
					}
				}
				return w.post(w.child, op.path+".json", pairs...)
			}
			w.refused(call(id), 500, fmt.Sprintf("No Entity found for Entityid: %d", id))
			w.refused(call(-5), 500, "No Entity found for Entityid: -5")
			_ = whose
		}
	}
	// Upwards everything is in reach: the root sees what its grandchild sells.
	o := w.mailOrder(w.grandchild, "grand.example", 3)
	w.mailbox(w.root, o, "jane@grand.example")
	w.ok(w.get(w.child, "mail/user.json", "order-id", o, "email", "jane@grand.example"))
	w.refused(w.get(w.sibling, "mail/user.json", "order-id", o, "email", "jane@grand.example"), 500, fmt.Sprintf("No Entity found for Entityid: %d", o))
}

func TestMailOfOrdersThatAreNotActive(t *testing.T) {
	w := newWorld(t)
	suspended, deleted, pending := w.mailOrder(w.child, "s.example", 3), w.mailOrder(w.child, "x.example", 3), w.mailOrder(w.child, "p.example", 3)
	if err := w.store.Write(t.Context(), func(tx work.Tx) error {
		row, err := tx.Order(t.Context(), pending)
		if err != nil {
			return err
		}
		row.PendingPayment = true
		return tx.UpdateOrder(t.Context(), row)
	}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"mail/user/add-forward-only-account", "mail/user/authenticate", "mail/user/delete", "mail/activate", "mail/domain/active-catchall"} {
		w.failure(w.post(w.child, path+".json", "order-id", pending, "email", "new@p.example", "passwd", "pw-secret-1", "forwards", "x@elsewhere.example"), "order_not_active",
			"The order is not active")
	}
	for id, domain := range map[int64]string{suspended: "s.example", deleted: "x.example"} {
		w.mailbox(w.child, id, "jane@"+domain)
	}
	if _, err := w.core.SuspendMailOrder(t.Context(), w.partnerActor(), ordering.SuspendMailOrder{Order: work.OrderRef{ID: suspended}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.core.DeleteMailOrder(t.Context(), w.partnerActor(), ordering.DeleteMailOrder{Order: work.OrderRef{ID: deleted}}); err != nil {
		t.Fatal(err)
	}
	for id, domain := range map[int64]string{suspended: "s.example", deleted: "x.example"} {
		for _, path := range []string{"mail/user/add", "mail/user/add-forward-only-account", "mail/user/authenticate"} {
			w.failure(w.post(w.child, path+".json", "order-id", id, "email", "new@"+domain, "passwd", "pw-secret-1", "notification-email", "x@elsewhere.example", "first-name", "A",
				"last-name", "B", "country-code", "GB", "language-code", "en", "forwards", "x@elsewhere.example"), "order_not_active", "The order is not active")
		}
		w.ok(w.get(w.child, "mail/user.json", "order-id", id, "email", "jane@"+domain))
		w.ok(w.get(w.child, "mail/users/search.json", "order-id", id))
	}
	for _, path := range []string{"mail/user/suspend", "mail/user/reset-password", "mail/user/delete"} {
		w.failure(w.post(w.child, path+".json", "order-id", deleted, "email", "jane@x.example"), "order_not_active", "The order is not active")
	}
	w.failure(w.post(w.child, "mail/activate.json", "order-id", deleted), "order_not_active", "The order is not active")
	w.ok(w.post(w.child, "mail/user/suspend.json", "order-id", suspended, "email", "jane@s.example"))
}

func TestLastSeatIsTakenOnce(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 1)
	var all sync.WaitGroup
	var mu sync.Mutex
	got := map[string]int{}
	for i := range 8 {
		all.Go(func() {
			r := w.post(w.child, "mail/user/add.json", "order-id", o, "email", fmt.Sprintf("u%d@d.example", i), "passwd", "pw-secret-1", "notification-email", "j@elsewhere.example",
				"first-name", "J", "last-name", "D", "country-code", "GB", "language-code", "en")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case strings.Contains(r.body, "SUCCESS"):
				got["made"]++
			case strings.Contains(r.body, `"errorCode":"max_users_limit_exceeded"`):
				got["full"]++
			default:
				got[r.body]++
			}
		})
	}
	all.Wait()
	if got["made"] != 1 || got["full"] != 7 {
		t.Errorf("%v", got)
	}
}

// Passwords are guessed at ten times, then slowly, whoever's they are.
func TestPasswordGuesses(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 3)
	w.mailbox(w.child, o, "jane@d.example")
	for _, email := range []string{"jane@d.example", "nobody@d.example"} {
		for range 10 {
			w.failure(w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", email, "passwd", "guess"), "incorrect_password", "The password is incorrect")
		}
		w.refused(w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", email, "passwd", "pw-secret-1"), 429, "Too many wrong passwords; try again later")
	}
	w.refused(w.post(w.child, "mail/user/change-password.json", "order-id", o, "email", "jane@d.example", "old-passwd", "pw-secret-1", "new-passwd", "pw-secret-2"), 429,
		"Too many wrong passwords; try again later")
	w.clock.Advance(30e9)
	w.ok(w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", "jane@d.example", "passwd", "pw-secret-1"))
	w.ok(w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", "jane@d.example", "passwd", "pw-secret-1"))
	w.ok(w.post(w.child, "mail/user/suspend.json", "order-id", o, "email", "jane@d.example"))
	w.failure(w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", "jane@d.example", "passwd", "pw-secret-1"), "incorrect_password", "The password is incorrect")
}

// Of many attempts at once no more are judged than of one after the other.
func TestPasswordGuessesAtOnce(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 3)
	w.mailbox(w.child, o, "jane@d.example")
	var all sync.WaitGroup
	var judged, refused atomic.Int32
	for range 30 {
		all.Go(func() {
			switch r := w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", "jane@d.example", "passwd", "guess"); r.status {
			case 200:
				judged.Add(1)
			case 429:
				refused.Add(1)
			default:
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
	all.Wait()
	if judged.Load() != 10 || refused.Load() != 20 {
		t.Errorf("%d judged, %d refused", judged.Load(), refused.Load())
	}
}

// What is hostile in a name comes back as it was sent, in both forms.
func TestHostileNames(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 3)
	name := `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;]]>" ` + "\u2028'"
	r := w.post(w.child, "mail/user/add.xml", "order-id", o, "email", "o'neil+tag@d.example", "passwd", "pw-<secret>&1", "notification-email", "x@elsewhere.example",
		"first-name", name, "last-name", "&amp;", "country-code", "gb", "language-code", "en-GB")
	var v struct {
		Texts []string `xml:"entry>hashtable>entry>hashtable>entry>string"`
	}
	if err := xml.Unmarshal([]byte(w.ok(r)), &v); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(v.Texts, "\n"); !strings.Contains(all, name+"\n") || !strings.Contains(all, "\n&amp;\n") {
		t.Errorf("%q", all)
	}
	u := w.user(o, "o'neil+tag@d.example")
	if u["firstName"] != name || u["countryCode"] != "GB" || u["languageCode"] != "en" {
		t.Errorf("%v", u)
	}
	w.refused(w.post(w.child, "mail/user/modify.json", "order-id", o, "email", "o'neil+tag@d.example", "first-name", "a\nb"), 500,
		"{first-name=The first name holds characters that are not allowed}")
}
