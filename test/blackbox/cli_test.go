package blackbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// cli runs a command and wants this exit status.
func (s *server) cli(want int, args ...string) (stdout, stderr string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.ctx, s.Binary, args...)
	cmd.Dir = s.Dir
	cmd.Env = s.Environ()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		s.t.Fatalf("posthouse %s: exit status %d, want %d\n%s%s", strings.Join(args, " "), got, want, &out, &errs)
	}
	return out.String(), errs.String()
}

// json runs a command with --json and reads its output.
func (s *server) json(args ...string) any {
	s.t.Helper()
	out, _ := s.cli(0, append(args, "--json")...)
	var v any
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		s.t.Fatalf("posthouse %s --json: %v\n%s", strings.Join(args, " "), err, out)
	}
	return v
}

// status is what a key gets from the API.
func (s *server) status(key string) string {
	s.t.Helper()
	r, err := s.TitanAs(s.ctx, key, "checkMailOrderAvailability", map[string]any{"domainName": "any.test"})
	if err != nil {
		s.t.Fatal(err)
	}
	code, _ := r.Body["code"].(string)
	return fmt.Sprint(r.Status, code)
}

func TestPartnerCommands(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		pid, key := s.partner("Acme Hosting", "--sandbox", "--currency", "EUR")
		p := fmt.Sprint(pid)
		wants := func(key, want string) {
			t.Helper()
			if got := s.status(key); got != want {
				t.Fatalf("the API answers %s, want %s", got, want)
			}
		}
		wants(key, "200")
		if list, ok := s.json("partner", "list").([]any); !ok || len(list) != 2 {
			t.Errorf("partner list: %v", list)
		}
		out, _ := s.cli(0, "partner", "list")
		contains(t, out, "Acme Hosting", "sandbox")
		out, _ = s.cli(0, "partner", "show", p)
		contains(t, out, "Acme Hosting", "EUR", key[len(key)-4:])
		if secret := key[strings.IndexByte(key, ':')+1:]; strings.Contains(out, secret) || strings.Contains(fmt.Sprint(s.json("partner", "show", p)), secret) {
			t.Error("show tells the secret")
		}

		s.cli(0, "partner", "suspend", p)
		wants(key, "404PartnerNotFound")
		s.cli(0, "partner", "unsuspend", p)
		wants(key, "200")

		// Rotation: the old key works on during the overlap, and ends when revoked.
		rotated, _ := s.json("partner", "rotate-key", p, "--overlap", "1h").(map[string]any)["key"].(string)
		if rotated == "" || rotated == key {
			t.Fatalf("the new key is %q", rotated)
		}
		wants(key, "200")
		wants(rotated, "200")
		keys := s.json("partner", "show", p).(map[string]any)["keys"].([]any)
		for _, k := range keys {
			if k := k.(map[string]any); k["state"] == "expiring" {
				s.cli(0, "partner", "revoke-key", p, fmt.Sprint(k["id"]))
			}
		}
		wants(key, "401UNAUTHENTICATED")
		wants(rotated, "200")
		last, _ := s.json("partner", "rotate-key", p, "--overlap", "0s").(map[string]any)["key"].(string)
		wants(rotated, "401UNAUTHENTICATED")
		wants(last, "200")

		s.cli(0, "partner", "allow", p, "192.0.2.0/24", "2001:db8::1")
		wants(last, "403FORBIDDEN")
		s.cli(0, "partner", "allow", p, "127.0.0.0/8", "::1")
		wants(last, "200")
		s.cli(0, "partner", "allow", p, "192.0.2.1")
		wants(last, "403FORBIDDEN")
		s.cli(0, "partner", "allow", p, "--any")
		wants(last, "200")
		_, errs := s.cli(1, "partner", "allow", p, "example.com")
		contains(t, errs, "is no network")

		s.cli(0, "partner", "settings", p, `{"currency":"GBP"}`)
		out, _ = s.cli(0, "partner", "show", p)
		contains(t, out, "GBP")
		s.cli(1, "partner", "settings", p, `{"no such setting":1}`)
		for _, args := range [][]string{{"show", "99999"}, {"suspend", "99999"}, {"rotate-key", "99999"}, {"revoke-key", p, "99999"}, {"settings", p, "{"}} {
			if _, errs := s.cli(1, append([]string{"partner"}, args...)...); !strings.HasPrefix(errs, "posthouse: ") {
				t.Errorf("partner %v says %q", args, errs)
			}
		}
	})
}

func TestLookUpCommands(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, account := s.order("example.test", anna)
		s.call("modifyMailOrder", map[string]any{"titanOrderId": order, "orderId": "shop-77", "chargedAmount": 1})
		s.receive(anna, "Counts as used")
		o, a := fmt.Sprint(order), fmt.Sprint(account)
		for _, args := range [][]string{{"example.test"}, {"exam"}, {"--order-id", "shop-77"}, {"--partner", fmt.Sprint(s.Ready.Partner.ID)}} {
			out, _ := s.cli(0, append([]string{"order", "find"}, args...)...)
			contains(t, out, o, "example.test", "active", "1/5")
			if list, ok := s.json(append([]string{"order", "find"}, args...)...).([]any); !ok || len(list) != 1 {
				t.Errorf("order find %v: %v", args, list)
			}
		}
		if list, ok := s.json("order", "find", "nobody.test").([]any); !ok || len(list) != 0 {
			t.Errorf("nothing found is %v", list)
		}
		out, _ := s.cli(0, "order", "show", o)
		contains(t, out, "example.test", anna, "shop-77", "MAIL_ORDER_CREATED", "EMAIL_ACCOUNT_CREATED")
		if v, ok := s.json("order", "show", o).(map[string]any); !ok || v["id"] != float64(order) || len(v["events"].([]any)) < 2 {
			t.Errorf("%v", v)
		}
		out, _ = s.cli(0, "account", "find", anna)
		contains(t, out, a, anna, "active")
		if list, ok := s.json("account", "find", anna).([]any); !ok || len(list) != 1 {
			t.Errorf("account find: %v", list)
		}
		out, _ = s.cli(0, "account", "show", a)
		contains(t, out, anna, "password   set", "5.0 GB")
		if v, ok := s.json("account", "show", a).(map[string]any); !ok || v["storageUsed"].(float64) <= 0 {
			t.Errorf("%v", v)
		}
		s.cli(1, "order", "show", "99999")
		s.cli(1, "account", "show", "99999")
	})
}

// TestQueueCommands works on a message that can't be delivered yet: the sink is
// a port where nobody listens.
func TestQueueCommands(t *testing.T) {
	enginesWith(t, []string{"POSTHOUSE_OUTBOUND_SANDBOX_SINK=127.0.0.1:1"}, func(t *testing.T, s *server) {
		s.order("example.test", anna)
		k := s.smtpIn("submissions", anna, password)
		send := func(to ...string) string {
			t.Helper()
			known := map[string]bool{}
			for _, m := range s.queueList() {
				known[m.ID] = true
			}
			k.envelope(anna, to...)
			k.data("250", "From: anna@example.test\r\nSubject: Waits\r\n\r\nHello.\r\n")
			for _, m := range s.queueList() {
				if !known[m.ID] {
					return m.ID
				}
			}
			t.Fatal("the message is not in the queue")
			return ""
		}
		waits := func(id, state string, attempts float64) {
			t.Helper()
			s.eventually(state, func() bool {
				for _, r := range s.json("queue", "show", id).(map[string]any)["recipients"].([]any) {
					if r := r.(map[string]any); r["state"] != state || r["attempts"].(float64) < attempts {
						return false
					}
				}
				return true
			})
		}
		m := send("bob@elsewhere.test", "carl@elsewhere.test")
		waits(m, "ready", 1)
		out, _ := s.cli(0, "queue", "list", "--state", "ready", "--domain", "elsewhere.test", "--open")
		contains(t, out, m, anna, "2 ready")
		out, _ = s.cli(0, "queue", "show", m)
		contains(t, out, "bob@elsewhere.test", "carl@elsewhere.test", "ready after 1 attempts")
		out, _ = s.cli(0, "queue", "hold", m)
		contains(t, out, "2 recipients are held")
		waits(m, "held", 1)
		out, _ = s.cli(0, "queue", "release", m)
		contains(t, out, "2 recipients are released")
		waits(m, "ready", 2) // tried again at once
		out, _ = s.cli(0, "queue", "retry", m, "bob@elsewhere.test")
		contains(t, out, "1 recipients are due now")
		waits(m, "ready", 2)
		out, _ = s.cli(0, "queue", "fail", m, "--reason", "the operator says so")
		contains(t, out, "2 recipients are returned")
		waits(m, "bounced", 2)

		// The sender is told, once, and nothing is open any more.
		im := s.imapIn(anna, password)
		s.eventually("the notification", func() bool { return im.messages("INBOX") == 1 })
		contains(t, im.ok("FETCH 1 BODY.PEEK[]"), "multipart/report", "message/delivery-status", "Action: failed", "bob@elsewhere.test", "the operator says so")
		s.eventually("an empty queue", func() bool { return len(s.queueList("--open")) == 0 })

		s.cli(1, "queue", "show", "nosuchmessage")
		s.cli(1, "queue", "hold", "nosuchmessage")
		s.clean()
	})
}

func TestOtherCommands(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	out, _ := s.cli(0, "version")
	contains(t, out, "posthouse ")
	s.json("version")
	s.json("verify")
	s.json("config", "check")
	if keys, ok := s.json("config", "keys").([]any); !ok || len(keys) < 30 {
		t.Errorf("config keys: %v", keys)
	}
	out, _ = s.cli(0, "config", "keys")
	contains(t, out, "POSTHOUSE_STORE_ENGINE", "smtp.mx")
	out, _ = s.cli(0, "config", "check")
	contains(t, out, "good")
	for _, args := range [][]string{{"--help"}, {"partner", "--help"}, {"queue", "list", "--help"}} {
		if out, _ := s.cli(0, args...); !strings.Contains(out, "Usage:") {
			t.Errorf("%v: %s", args, out)
		}
	}
	for _, args := range [][]string{{"nonsense"}, {"partner"}, {"order", "show"}, {"order", "show", "x"}, {"serve", "--nonsense"}, {"partner", "create"},
		{"partner", "create", "X", "--bills", "nobody"}, {"queue", "list", "--limit", "many"}} {
		if _, errs := s.cli(2, args...); !strings.Contains(errs, "posthouse: ") {
			t.Errorf("%v: %s", args, errs)
		}
	}

	// A configuration with problems: all of them named, at once, by every command.
	bad := s.file("bad.toml", "nonsense = 1\n[log]\nlevel = \"loud\"\n[store]\nengine = \"clay tablets\"\n")
	for _, args := range [][]string{{"config", "check"}, {"serve"}, {"partner", "list"}} {
		_, errs := s.cli(1, append([]string{"--config", bad}, args...)...)
		contains(t, errs, "nonsense", "loud", "clay tablets")
	}
	var v struct {
		OK       bool
		Problems []string
	}
	out, _ = s.cli(1, "--config", bad, "config", "check", "--json")
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.OK || len(v.Problems) == 0 {
		t.Errorf("%v %s", err, out)
	}
	s.cli(1, "--config", filepath.Join(s.Dir, "absent.toml"), "config", "check")
}
