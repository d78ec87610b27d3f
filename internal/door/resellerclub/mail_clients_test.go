package resellerclub

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// The mail calls of live clients (section 18), each in the client's own way.

// TestPHPMailLibrary: form bodies; all keys of 9.1 are read, the error code is
// compared, "false" is a string like another.
func TestPHPMailLibrary(t *testing.T) {
	w := newWorld(t)
	o := w.mailOrder(w.child, "d.example", 2)
	form := func(path string, pairs ...any) map[string]any {
		r := w.post(w.child, path+".json", append(pairs, "order-id", o)...)
		if r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		var out struct{ Response map[string]any }
		if err := json.Unmarshal([]byte(r.body), &out); err != nil {
			t.Fatal(err)
		}
		return out.Response
	}
	add := []any{"email", "jane@d.example", "passwd", "S3cret-pass", "notification-email", "j@elsewhere.example", "first-name", "Jane", "last-name", "Doe",
		"country-code", "US", "language-code", "en"}
	made := form("mail/user/add", add...)
	user, _ := made["user"].(map[string]any)
	for _, key := range strings.Fields(`emailAddress domainName firstName lastName alternateEmailAddress internalForwards adminForwards userForwards quotaLimit quotaUsed
		percentageQuotaUsage status accountType countryCode languageCode accountSettings createdOn popAccessEnabled imapAccessEnabled webmailAccessEnabled canFooterOptout
		revertBlacklistRequestExists configurationProfile`) {
		if _, ok := user[key]; !ok {
			t.Errorf("no %s", key)
		}
	}
	if made["status"] != "SUCCESS" || user["quotaLimit"] != 5242880.0 || user["configurationProfile"] != "EELITE" {
		t.Errorf("%v", made)
	}
	if again := form("mail/user/add", add...); again["status"] != "FAILURE" || again["errorCode"] != "emailaddress_unique_key_voilation" {
		t.Errorf("%v", again)
	}
	if got := form("mail/user/add-forward-only-account", "email", "all@d.example", "forwards", "jane@d.example,x@elsewhere.example"); got["status"] != "SUCCESS" || len(got) != 1 {
		t.Errorf("%v", got)
	}
	if got := form("mail/user/modify", "email", "jane@d.example", "first-name", "false"); got["status"] != "SUCCESS" {
		t.Errorf("%v", got)
	}
	if got := form("mail/user/reset-password", "email", "jane@d.example"); got["status"] != "SUCCESS" || got["data"].(string) == "" {
		t.Errorf("%v", got)
	}
	if got := form("mail/user/delete", "email", "jane@d.example"); got["status"] != "SUCCESS" || len(got) != 1 {
		t.Errorf("%v", got)
	}
	if got := form("mail/user/delete", "email", "jane@d.example"); got["errorCode"] != "emailaddress_does_not_exist" {
		t.Errorf("%v", got)
	}
}

// TestMailAddOn: parameters in the query of a POST with an empty body;
// response.status must equal SUCCESS, whatever else comes.
func TestMailAddOn(t *testing.T) {
	w := newWorld(t)
	o := strconv.FormatInt(w.mailOrder(w.child, "d.example", 2), 10)
	status := func(r reply) string {
		var out struct{ Response struct{ Status string } }
		if err := json.Unmarshal([]byte(r.body), &out); err != nil {
			t.Fatal(err)
		}
		return out.Response.Status
	}
	for _, r := range []reply{
		w.postQuery(w.child, "mail/activate.json", "order-id", o),
		w.get(w.child, "mail/users/search.json", "order-id", o, "page-no", 1),
		w.postQuery(w.child, "mail/user/add.json", "order-id", o, "email", "jane@d.example", "passwd", "S3cret pass+%", "notification-email", "j@elsewhere.example",
			"first-name", "Jané", "last-name", "Doe", "country-code", "US", "language-code", "en"),
		w.get(w.child, "mail/user/authenticate.json", "order-id", o, "email", "jane@d.example", "passwd", "S3cret pass+%"),
		w.postQuery(w.child, "mail/user/add-forward-only-account.json", "order-id", o, "email", "all@d.example", "forwards", "x@elsewhere.example"),
		w.get(w.child, "mail/user.json", "order-id", o, "email", "all@d.example"),
		w.get(w.child, "mail/users/search.json", "order-id", o, "page-no", 1),
		w.postQuery(w.child, "mail/user/delete.json", "order-id", o, "email", "all@d.example"),
		w.postQuery(w.child, "mail/user/delete.json", "order-id", o, "email", "jane@d.example"),
	} {
		if got := status(r); got != "SUCCESS" {
			t.Errorf("%q: %s", got, r.body)
		}
	}
	if got := status(w.postQuery(w.child, "mail/user/delete.json", "order-id", o, "email", "jane@d.example")); got != "FAILURE" {
		t.Error(got)
	}
}
