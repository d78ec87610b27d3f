package blackbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// resold calls the ResellerClub API with curl, as a form.
type resold struct {
	s   *server
	id  int64
	key string
}

// resold gives the partner's root reseller a key.
func (s *server) resold() *resold {
	s.t.Helper()
	out, _ := s.cli(0, "reseller", "key", "add", fmt.Sprint(s.Ready.Partner.Reseller), "--json")
	var made struct {
		ID  int64  `json:"id"`
		Key string `json:"key"`
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil || made.ID == 0 || made.Key == "" {
		s.t.Fatal(err, out)
	}
	return &resold{s, made.ID, made.Key}
}

// mail calls a mailbox operation and gives what is in its "response".
func (r *resold) mail(path string, pairs ...any) map[string]any {
	r.s.t.Helper()
	args := []string{"-sS", "http://" + r.s.Addr("http") + "/api/" + path + ".json"}
	for i, pairs := 0, append([]any{"auth-userid", r.id, "api-key", r.key}, pairs...); i+1 < len(pairs); i += 2 {
		args = append(args, "--data-urlencode", fmt.Sprintf("%v=%v", pairs[i], pairs[i+1]))
	}
	var out struct{ Response map[string]any }
	body := r.s.program("curl", args...)
	if err := json.Unmarshal([]byte(body), &out); err != nil || out.Response == nil || strings.HasSuffix(body, "\n") {
		r.s.t.Fatalf("%s: %v\n%s", path, err, body)
	}
	return out.Response
}

// did wants SUCCESS.
func (r *resold) did(path string, pairs ...any) map[string]any {
	r.s.t.Helper()
	got := r.mail(path, pairs...)
	if got["status"] != "SUCCESS" {
		r.s.t.Fatalf("%s: %v", path, got)
	}
	return got
}

// TestResoldMailboxes: what is made through mail/* gets mail, is read and is
// locked, by real programs.
func TestResoldMailboxes(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, _ := s.order("example.test", anna)
		r := s.resold()
		r.did("mail/user/add", "order-id", order, "email", berta, "passwd", password, "notification-email", "berta@elsewhere.test", "first-name", "Berta",
			"last-name", "Bee", "country-code", "GB", "language-code", "en")
		login := func(pass string) (string, error) {
			return s.try("curl", "-sS", "-k", "imaps://"+s.Addr("imaps")+"/INBOX", "-u", berta+":"+pass, "-X", "STATUS INBOX (MESSAGES)")
		}
		if out, err := login(password); err != nil {
			t.Fatal(err, out)
		}
		s.receive(berta, "To a resold mailbox")
		s.gets(berta, "To a resold mailbox", "-")
		if got := s.call("fetchEmailAccountInfo", map[string]any{"titanOrderId": order, "email": berta}); got["name"] != "Berta Bee" {
			t.Errorf("Titan shows %v", got)
		}

		s.sub("forward-only, in and out", func(s *server) {
			r := &resold{s, r.id, r.key}
			r.did("mail/user/add-forward-only-account", "order-id", order, "email", "sales@example.test", "forwards", berta+",out@elsewhere.test")
			s.receive("sales@example.test", "Forwarded")
			s.gets(berta, "Forwarded", "sales@example.test")
			s.eventually("the copy to outside is captured", func() bool {
				_, got := s.curl(s.Ready.Partner.Key, "/v1/sandbox/messages?to=out@elsewhere.test")
				items, _ := got["items"].([]any)
				return len(items) == 1
			})
		})

		s.sub("found from both sides", func(s *server) {
			r := &resold{s, r.id, r.key}
			var found []string
			for _, u := range r.did("mail/users/search", "order-id", order)["users"].([]any) {
				found = append(found, u.(map[string]any)["emailAddress"].(string))
			}
			if got := strings.Join(found, " "); got != anna+" "+berta+" sales@example.test" {
				s.t.Error(got)
			}
		})

		s.sub("a reset ends the session", func(s *server) {
			r := &resold{s, r.id, r.key}
			k := s.imapIn(berta, password)
			k.idle()
			fresh := r.did("mail/user/reset-password", "order-id", order, "email", berta)["data"].(string)
			contains(s.t, k.closed(), "* BYE")
			if out, err := login(password); err == nil {
				s.t.Errorf("the old password still opens: %s", out)
			}
			if out, err := login(fresh); err != nil {
				s.t.Error(err, out)
			}
			r.did("mail/user/change-password", "order-id", order, "email", berta, "old-passwd", fresh, "new-passwd", password)
			if strings.Contains(s.Log(), fresh) || strings.Contains(s.Log(), password) {
				s.t.Error("the log has a password")
			}
		})

		s.sub("suspension blocks", func(s *server) {
			r := &resold{s, r.id, r.key}
			k := s.imapIn(berta, password)
			k.idle()
			r.did("mail/user/suspend", "order-id", order, "email", berta)
			contains(s.t, k.closed(), "* BYE")
			if out, err := login(password); err == nil {
				s.t.Errorf("a suspended mailbox opens: %s", out)
			}
			if got := r.mail("mail/user/authenticate", "order-id", order, "email", berta, "passwd", password); got["errorCode"] != "incorrect_password" {
				s.t.Error(got)
			}
			r.did("mail/user/unsuspend", "order-id", order, "email", berta)
			if out, err := login(password); err != nil {
				s.t.Error(err, out)
			}
		})

		s.sub("catch-all and domain alias", func(s *server) {
			r := &resold{s, r.id, r.key}
			r.did("mail/domain/active-catchall", "order-id", order, "email", berta)
			s.receive("whoever@example.test", "To whoever")
			s.gets(berta, "To whoever", "whoever@example.test")
			r.did("mail/domain/add-alias", "order-id", order, "alias", "alias.test")
			s.receive("berta@alias.test", "To the alias")
			if n := len(strings.Fields(s.ways(berta, "To the alias", 1))); n != 1 {
				s.t.Errorf("%d copies", n)
			}
		})

		s.sub("deletion", func(s *server) {
			r := &resold{s, r.id, r.key}
			r.did("mail/user/delete", "order-id", order, "email", berta)
			if out, err := login(password); err == nil {
				s.t.Errorf("a deleted mailbox opens: %s", out)
			}
			if got := r.mail("mail/user", "order-id", order, "email", berta); got["errorCode"] != "emailaddress_does_not_exist" {
				s.t.Error(got)
			}
		})
	})
}
