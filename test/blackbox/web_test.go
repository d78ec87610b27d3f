package blackbox

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posthouse/internal/jwt"
)

// browser is curl with a cookie jar.
type browser struct {
	s   *server
	jar string
}

func (s *server) browser() *browser {
	return &browser{s, filepath.Join(s.t.TempDir(), "cookies")}
}

// get follows redirects and gives the last status, address and body.
func (b *browser) get(path string, args ...string) (status, at, body string) {
	b.s.t.Helper()
	base := append([]string{"-sS", "-L", "-b", b.jar, "-c", b.jar, "-w", "\n%{http_code} %{url_effective}"}, args...)
	out, err := exec.CommandContext(b.s.ctx, "curl", append(base, "http://"+b.s.Addr("http")+path)...).Output()
	if err != nil {
		b.s.t.Fatalf("curl %s: %v", path, err)
	}
	text := string(out)
	i := strings.LastIndexByte(text, '\n')
	status, at, _ = strings.Cut(text[i+1:], " ")
	return status, at, text[:i]
}

// TestBrowserRedirects is R1 and R2 as a browser walks them.
func TestBrowserRedirects(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, account := s.order("example.test", anna)
		token, err := jwt.Sign(map[string]any{"titanOrderId": fmt.Sprint(order), "exp": time.Now().Add(5 * time.Minute).Unix()}, []byte(s.Ready.Partner.Key))
		if err != nil {
			t.Fatal(err)
		}
		partner := strings.TrimPrefix(strings.Split(s.Ready.Partner.Key, ":")[0], "p_")
		b := s.browser()
		status, at, body := b.get("/partner/autoLogin?partnerId=" + partner + "&jwt=" + token + "&section=email-accounts&locale=en-gb")
		if status != "200" || !strings.HasSuffix(at, "/panel?section=email-accounts") || strings.Contains(at, "jwt") {
			t.Fatalf("%s at %s", status, at)
		}
		contains(t, body, "You are signed in", "example.test", "Email accounts")
		_, _, body = b.get("/session")
		contains(t, body, `"role":"accountAdmin"`, fmt.Sprintf(`"titanOrderId":%d`, order), `"section":"email-accounts"`, `"webmail":[]`)
		if status, _, body := s.browser().get("/session"); status != "401" || strings.Contains(body, "example.test") {
			t.Errorf("another browser: %s %s", status, body)
		}
		if status, _, _ := s.browser().get("/partner/autoLogin?partnerId=" + partner + "&jwt=" + token[:len(token)-2] + "xx"); status != "401" {
			t.Errorf("another signature: %s", status)
		}

		made := s.call("createEmailAccount", map[string]any{"titanOrderId": order, "email": "new@example.test", "password": password, "requireAutoLoginToken": true})
		slt, _ := made["webmailAutoLoginToken"].(string)
		status, at, body = b.get("/?slt=" + slt + "&email_account=new%40example.test")
		if status != "200" || !strings.HasSuffix(at, "/webmail") {
			t.Fatalf("%s at %s: %s", status, at, body)
		}
		contains(t, body, "new@example.test")
		if status, _, _ := s.browser().get("/?slt=" + slt + "&email_account=new%40example.test"); status != "401" {
			t.Errorf("twice: %s", status)
		}
		s.call("clearEmailSessions", map[string]any{"titanOrderId": order, "titanAccountIds": []any{account, made["titanAccountId"]}})
		if status, _, _ := b.get("/webmail"); status != "401" {
			t.Errorf("after the clearing: %s", status)
		}
		_, _, body = b.get("/session")
		contains(t, body, `"role":"accountAdmin"`, `"webmail":[]`)
		token = strings.Split(strings.Split(body, `"formToken":"`)[1], `"`)[0]
		if status, at, _ := b.get("/session/end", "--data-urlencode", "token="+token); status != "200" || !strings.HasSuffix(at, "/session/ended") {
			t.Errorf("signing out: %s at %s", status, at)
		}
		if status, _, _ := b.get("/panel"); status != "401" {
			t.Errorf("after signing out: %s", status)
		}

		made = s.call("generateCPToken", map[string]any{"customerId": "cust-example.test", "validityInMinutes": 30})
		status, at, body = b.get(fmt.Sprintf("/partner/autoLogin?partnerId=%s&token=%v&section=home", partner, made["token"]))
		if status != "200" || strings.Contains(at, "token") {
			t.Fatalf("%s at %s", status, at)
		}
		contains(t, body, "example.test", "Domains")
		s.clean()
	})
}
