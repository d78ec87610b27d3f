package titan

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// replies are what a client keeps of an answer.
type replies struct {
	status int
	reason string // phrase of the status line
	body   map[string]any
}

// send sends a recorded request as it is over a connection of its own; only
// what stands for the key, the host and the like is put into its head.
func (p *platform) send(t *testing.T, file string, replace ...string) (*http.Response, []byte) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "clients", file))
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	head = []byte(strings.NewReplacer(append(replace, "{host}", p.Addr("http"))...).Replace(string(head)))
	c, err := net.DialTimeout("tcp", p.Addr("http"), patience)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(append(append(head, "\r\n\r\n"...), body...)); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, text
}

// replay is send of a call of the API.
func (p *platform) replay(t *testing.T, prefix, key, file string) *replies {
	t.Helper()
	res, text := p.send(t, file, "{prefix}", prefix, "{key}", key)
	out := &replies{status: res.StatusCode}
	_, out.reason, _ = strings.Cut(res.Status, " ")
	// To the panel's module a success is any 2xx with a JSON object.
	if err := json.Unmarshal(text, &out.body); err != nil || out.body == nil {
		t.Fatalf("%s: no JSON object: %q", file, text)
	}
	if ct := res.Header.Get("Content-Type"); ct != "application/json" {
		t.Errorf("%s: content type %q", file, ct)
	}
	return out
}

// ok is replay of what must succeed.
func (p *platform) ok(t *testing.T, prefix, key, file string) map[string]any {
	t.Helper()
	r := p.replay(t, prefix, key, file)
	if r.status < 200 || r.status > 299 {
		t.Fatalf("%s: %d %v", file, r.status, r.body)
	}
	return r.body
}

// moduleMessage is the text that the current module shows for a failure, and
// whether it takes it for "no such customer": the reason phrase, replaced by
// desc, replaced by attrs.detail when that is not empty; code and nothing else
// decides (section 4).
func moduleMessage(r *replies) (text string, noUser bool) {
	text = r.reason
	if d, ok := r.body["desc"].(string); ok {
		text = d
	}
	if attrs, ok := r.body["attrs"].(map[string]any); ok {
		if d, ok := attrs["detail"].(string); ok && d != "" {
			text = d
		}
	}
	return text, r.body["code"] == "UserNotFound"
}

// listed gives the module's six keys of the order with an id, compared as text.
func listed(t *testing.T, body map[string]any, id string) string {
	t.Helper()
	orders, ok := body["orders"].([]any)
	if !ok {
		t.Fatalf("no orders: %v", body)
	}
	for _, o := range orders {
		m, ok := o.(map[string]any)
		if !ok || asText(m["titanOrderId"]) != id {
			continue
		}
		var out []string
		for _, k := range []string{"titanOrderId", "domainName", "planType", "status", "noOfAccounts", "noOfActiveAccounts"} {
			v, there := m[k]
			if !there || v == nil {
				t.Fatalf("the module breaks without %s: %v", k, m)
			}
			out = append(out, asText(v))
		}
		if d, ok := m["expiryDate"].(string); ok {
			out = append(out, d)
		}
		return strings.Join(out, " ")
	}
	t.Fatalf("order %s is not in %v", id, orders)
	return ""
}

func asText(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// TestBillingPanelModule is the current version (section 13): every function of
// the module in the order of a service's life.
func TestBillingPanelModule(t *testing.T) {
	t.Parallel()
	p := start(t)
	key := p.Ready.Partner.Key
	call := func(file string) map[string]any { t.Helper(); return p.ok(t, "", key, "current/"+file) }
	order := func(want string) {
		t.Helper()
		if got := listed(t, call("02-list.http"), "70000000"); got != want {
			t.Errorf("listed %q, want %q", got, want)
		}
	}

	// Create, and read its own write at once.
	if id := asText(call("01-create.http")["titanOrderId"]); id != "70000000" {
		t.Fatalf("titanOrderId %s", id)
	}
	order("70000000 shop.example pro active 5 0 2035-11-22")
	call("01-create.http") // the operator presses the button twice
	order("70000000 shop.example pro active 5 0 2035-11-22")

	// Get info with a customer id that is gone: the way back through the accounts.
	r := p.replay(t, "", key, "current/03-info-by-an-id-that-is-gone.http")
	if text, noUser := moduleMessage(r); !noUser || r.status/100 == 2 || text == "" {
		t.Fatalf("%d %v", r.status, r.body)
	}
	if _, err := p.Titan(t.Context(), "createEmailAccount", map[string]any{"titanOrderId": 70000000, "email": "kim@shop.example"}); err != nil {
		t.Fatal(err)
	}
	accounts, ok := call("04-the-way-back.http")["accounts"].([]any)
	if !ok || len(accounts) == 0 {
		t.Fatal("accounts[0] is read without a check")
	}
	if first, ok := accounts[0].(map[string]any); !ok || first["customerId"] != "cust-1" {
		t.Fatalf("%v", accounts[0])
	}
	order("70000000 shop.example pro active 5 1 2035-11-22")

	call("05-renew.http")
	order("70000000 shop.example pro active 5 1 2036-11-22")
	call("06-renew-by-a-service-id-of-its-own.http")
	order("70000000 shop.example pro active 5 1 2037-11-22")
	call("07-change-package.http")
	order("70000000 shop.example premium active 6 1 2037-11-22")
	call("08-change-package-down.http")
	order("70000000 shop.example pro active 3 1 2037-11-22")
	call("09-suspend.http")
	order("70000000 shop.example pro suspended 3 1 2037-11-22") // still listed
	call("09-suspend.http")
	call("10-unsuspend.http")
	order("70000000 shop.example pro active 3 1 2037-11-22")
	if token, ok := call("11-panel-token.http")["token"].(string); !ok || token == "" { // read without a check
		t.Error("no token")
	}
	// Log in: the module builds the link by itself.
	for _, claims := range []string{`{"titanOrderId":"70000000","exp":%d}`, `{"titanOrderId":70000000,"exp":%d000}`} {
		token := sign(key, fmt.Sprintf(claims, time.Now().Unix()+300))
		res, _ := p.send(t, "current/14-log-in.http", "{prefix}", "", "{partner}", strconv.FormatInt(p.Ready.Partner.ID, 10), "{jwt}", token)
		if to := res.Header.Get("Location"); res.StatusCode != 303 || !strings.HasPrefix(to, "/panel?") {
			t.Errorf("%s: %d to %q", claims, res.StatusCode, to)
		}
	}
	call("12-terminate.http")
	call("12-terminate.http")
	order("70000000 shop.example pro deleted 3 1 2037-11-22")

	// Failures are told with the text of the contract.
	r = p.replay(t, "", "p_1:"+strings.Repeat("x", 32), "current/02-list.http")
	if text, _ := moduleMessage(r); r.status != 401 || text != "Invalid API key" || r.body["code"] != "UNAUTHENTICATED" {
		t.Errorf("%d %v", r.status, r.body)
	}
	r = p.replay(t, "", "", "current/13-without-a-key.http")
	if text, _ := moduleMessage(r); r.status != 401 || text != "Auth header missing" || r.body["desc"] != "No auth header found" {
		t.Errorf("%d %v", r.status, r.body)
	}
}

// TestBillingPanelModuleEarlier is the version before, mounted under a path.
func TestBillingPanelModuleEarlier(t *testing.T) {
	t.Parallel()
	p := start(t, "POSTHOUSE_TITAN_PREFIX=/titan/")
	key := p.Ready.Partner.Key
	call := func(file string) map[string]any { t.Helper(); return p.ok(t, "/titan", key, "earlier/"+file) }
	known := map[any]bool{"active": true, "pending": true, "suspended": true, "deleted": true}

	made := call("01-create.http")
	first, ok := made["firstEmailAccountDetails"].(map[string]any)
	if made["reqID"] == "" || asText(made["titanOrderId"]) != "70000000" || !known[made["status"]] || !ok || first["webmailAutoLoginToken"] == "" {
		t.Fatalf("%v", made)
	}
	if s := call("02-suspend.http"); s["reqID"] == nil {
		t.Errorf("%v", s)
	}
	lifted := func(file string) {
		t.Helper()
		body := call(file)
		if _, ok := body["remainingSuspensions"].([]any); !ok || body["newStatus"] != "active" { // indexed without a check
			t.Errorf("%s: %v", file, body)
		}
	}
	lifted("03-unsuspend.http")
	for _, file := range []string{"04-upgrade.http", "05-add-seats.http", "06-reduce-seats.http", "07-renew.http"} {
		if b := call(file); !known[b["status"]] || asText(b["titanOrderId"]) != "70000000" {
			t.Errorf("%s: %v", file, b)
		}
	}
	lifted("08-unsuspend-what-is-not.http")
	d := call("11-look.http")
	if d["planType"] != "premium" || asText(d["noOfAccounts"]) != "1" || d["expiryDate"] != "2036-11-22" || d["source"] != "hosting" {
		t.Errorf("%v", d)
	}
	if r := p.replay(t, "/titan", key, "earlier/09-unknown-order.http"); r.status != 404 || r.reason != "Not Found" || r.body["code"] != "DomainNotFound" {
		t.Errorf("%d %s %v", r.status, r.reason, r.body)
	}
	call("10-delete.http")
}
