package resellerclub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCustomerPasswords(t *testing.T) {
	w := newWorld(t)
	id := w.customer(w.child, "jane@example.org")
	login := func(pw string) reply {
		return w.post(w.child, "customers/v2/authenticate.json", "username", "jane@example.org", "passwd", pw)
	}
	r := login("Pass-Word9!")
	w.hide(r, "pin", "4821")
	w.ok(r)
	w.golden("customers/authenticate", r)
	r = login("wrong")
	if r.status != http.StatusUnauthorized {
		t.Errorf("status %d", r.status)
	}
	w.golden("customers/authenticate_failed", r)
	w.compare("customers/authenticate_failed_again.xml", w.post(w.child, "customers/v2/authenticate.xml", "username", "jane@example.org", "passwd", "x").body)
	if r := w.post(w.child, "customers/change-password.json", "customer-id", id, "new-passwd", "New-Pass9!"); r.body != "true" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if login("Pass-Word9!").status != 401 || login("New-Pass9!").status != 200 {
		t.Error("the password was not changed")
	}
	w.refused(w.post(w.child, "customers/v2/change-password.json", "customer-id", id, "new-passwd", "short"), 500, "{new-passwd=new-passwd is invalid}")
	w.refused(w.post(w.child, "customers/v2/change-password.json", "customer-id", id), 500, "{new-passwd=new-passwd must not be blank}")

	var temp string
	if err := json.Unmarshal([]byte(w.ok(w.get(w.child, "customers/temp-password.json", "customer-id", id))), &temp); err != nil || len(temp) != 16 {
		t.Fatalf("%v %q", err, temp)
	}
	w.hidden[temp] = "TEMPORARYpass1!a"
	if login(temp).status != 200 || login("New-Pass9!").status != 200 {
		t.Error("the temporary password must work beside the own one")
	}
	if r := w.get(w.child, "customers/forgot-password.json", "username", "jane@example.org"); r.body != "true" {
		t.Errorf("%d %s", r.status, r.body)
	}
	d, err := w.core.NextNotice(t.Context(), 0)
	if err != nil || d == nil || d.Kind != "panel_password" || d.To != "jane@example.org" || len(d.SealedToken) == 0 {
		t.Errorf("%v %+v", err, d)
	}
	for _, secret := range []string{temp, "New-Pass9!", "Pass-Word9!"} {
		if strings.Contains(w.log.String(), secret) {
			t.Error("a password is in the log")
		}
	}
	for _, rec := range w.store.AllRecords() {
		for _, secret := range []string{temp, "New-Pass9!", "Pass-Word9!", "plain:"} {
			if strings.Contains(string(rec.Detail), secret) {
				t.Errorf("the audit log tells a password: %s", rec.Detail)
			}
		}
	}
}

func TestCustomerTokens(t *testing.T) {
	w := newWorld(t)
	id := w.customer(w.child, "jane@example.org")
	take := func(r reply) (token string) {
		t.Helper()
		if err := json.Unmarshal([]byte(w.ok(r)), &token); err != nil || !regexp.MustCompile(`^[A-Za-z0-9]{32}$`).MatchString(token) {
			t.Fatalf("%v %q", err, r.body)
		}
		return token
	}
	byPassword := func() string {
		return take(w.get(w.child, "customers/generate-token.json", "username", "jane@example.org", "passwd", "Pass-Word9!", "ip", "192.0.2.1"))
	}
	token := byPassword()
	look := w.get(w.child, "customers/authenticate-token-without-history.json", "token", token)
	w.hide(look, "pin", "4821")
	w.goldenRead("customers/authenticate_token", w.child, "customers/authenticate-token-without-history", "token", token)
	r := w.get(w.child, "customers/authenticate-token.json", "token", token)
	w.golden("customers/authenticate_token", r)
	w.refused(w.get(w.child, "customers/authenticate-token.json", "token", token), 500, "{token=token is invalid}") // replayed
	w.refused(w.get(w.child, "customers/authenticate-token-without-history.json", "token", token), 500, "{token=token is invalid}")
	token = byPassword()
	for _, s := range []seller{w.sibling, w.grandchild, w.foreign} { // others' tokens are none, and are not used up by them
		w.refused(w.get(s, "customers/authenticate-token.json", "token", token), 500, "{token=token is invalid}")
	}
	w.clock.Advance(2 * time.Minute)
	w.refused(w.get(w.child, "customers/authenticate-token.json", "token", token), 500, "{token=token is invalid}") // expired
	token = take(w.get(w.child, "customers/generate-login-token.json", "customer-id", id, "ip", "2001:db8::1"))
	w.ok(w.get(w.child, "customers/authenticate-token.json", "token", token))
	for _, ip := range []string{"localhost", "1.2.3", "192.0.2.1; x", strings.Repeat("1", 500)} {
		w.refused(w.get(w.child, "customers/generate-login-token.json", "customer-id", id, "ip", ip), 500, "{ip=ip is invalid}")
	}
	w.refused(w.get(w.child, "customers/generate-token.json", "username", "jane@example.org", "passwd", "wrong", "ip", "192.0.2.1"), 500,
		"The user name or the password is wrong")
	for _, bad := range []string{"x", strings.Repeat("A", 32), strings.Repeat("A", 5000)} {
		w.refused(w.get(w.child, "customers/authenticate-token.json", "token", bad), 500, "{token=token is invalid}")
	}
	token = byPassword()
	w.ok(w.post(w.child, "customers/suspend.json", "customer-id", id, "reason", "unpaid"))
	w.refused(w.get(w.child, "customers/authenticate-token.json", "token", token), 500, "{token=token is invalid}")
	for _, r := range []reply{
		w.get(w.child, "customers/generate-token.json", "username", "jane@example.org", "passwd", "Pass-Word9!", "ip", "192.0.2.1"),
		w.get(w.child, "customers/generate-login-token.json", "customer-id", id, "ip", "192.0.2.1"),
		w.get(w.child, "customers/temp-password.json", "customer-id", id),
		w.post(w.child, "customers/v2/authenticate.json", "username", "jane@example.org", "passwd", "Pass-Word9!"),
		w.get(w.child, "customers/forgot-password.json", "username", "jane@example.org"),
	} {
		w.refused(r, 500, "You are not allowed to perform this action")
	}
	if got := w.object(w.get(w.child, "customers/details-by-id.json", "customer-id", id))["customerstatus"]; got != "Suspended" {
		t.Errorf("status %v", got)
	}
	w.ok(w.post(w.child, "customers/unsuspend.json", "customer-id", id))
	byPassword()
	if strings.Contains(w.log.String(), token) {
		t.Error("a token is in the log")
	}
}

// Guesses are bounded, and tell nothing of who exists.
func TestCustomerBruteForce(t *testing.T) {
	w := newWorld(t)
	w.customer(w.child, "jane@example.org")
	var known, unknown []string
	for i := range 8 {
		pw := fmt.Sprint("guess", i)
		known = append(known, w.post(w.child, "customers/v2/authenticate.json", "username", "jane@example.org", "passwd", pw).body)
		unknown = append(unknown, w.post(w.child, "customers/v2/authenticate.json", "username", "nobody@example.org", "passwd", pw).body)
	}
	if !slices.Equal(known, unknown) {
		t.Errorf("known   %s\nunknown %s", known, unknown)
	}
	for i, left := range []string{"4", "3", "2", "1", "0", "0", "0", "0"} {
		if !strings.Contains(known[i], `"maxAttempts":"5","remainingLoginAttempts":"`+left+`"`) {
			t.Errorf("attempt %d: %s", i+1, known[i])
		}
	}
	asXML := w.post(w.child, "customers/v2/authenticate.xml", "username", "nobody@example.org", "passwd", "guess")
	if !strings.HasPrefix(asXML.body, "<response><status>ERROR</status><message>") || !strings.Contains(asXML.body, "</message><maxAttempts>5</maxAttempts><remainingLoginAttempts>0</remainingLoginAttempts></response>") {
		t.Errorf("XML: %s", asXML.body)
	}
	right := func(s seller) int {
		return w.post(s, "customers/v2/authenticate.json", "username", "jane@example.org", "passwd", "Pass-Word9!").status
	}
	if right(w.child) != 401 {
		t.Error("the right password works although it was guessed too often")
	}
	w.clock.Advance(15*time.Minute + time.Second)
	if right(w.child) != 200 {
		t.Error("barred for ever")
	}
	// A reseller that can't see the customer can't bar it.
	for range 10 {
		w.post(w.sibling, "customers/v2/authenticate.json", "username", "jane@example.org", "passwd", "x")
	}
	if right(w.child) != 200 {
		t.Error("a sibling barred the customer")
	}
}
