package blackbox

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// noSink is a server without the development sink: captured mail is all there is.
var noSink = []string{"POSTHOUSE_SMTP_SINK="}

type captured struct {
	ID                                       int64
	PartnerID                                int64
	Notice                                   bool
	Recipient, Subject, ReversePath, QueueID string
}

// captured gives what the sandbox partners' mail came to, oldest first.
func (s *server) captured(flags ...string) []captured {
	s.t.Helper()
	out, _ := s.cli(0, append([]string{"sandbox", "messages", "--json", "--limit", "1000"}, flags...)...)
	var list []captured
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		s.t.Fatal(err)
	}
	slices.Reverse(list)
	return list
}

// arrives waits for mail to an address and gives the newest.
func (s *server) arrives(to string, n int) captured {
	s.t.Helper()
	var list []captured
	s.eventually(fmt.Sprintf("%d messages to %s", n, to), func() bool {
		list = s.captured("--recipient", to)
		return len(list) >= n
	})
	if len(list) != n {
		s.t.Fatalf("%d messages to %s, want %d", len(list), to, n)
	}
	return list[n-1]
}

// read has Python's email package read a captured message: its fields and the
// link in the text.
func (s *server) read(m captured) (fields map[string]string) {
	s.t.Helper()
	raw, _ := s.cli(0, "sandbox", "show", fmt.Sprint(m.ID))
	const script = `
import sys, email, email.policy, json, re
m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
text = m.get_body(('plain',)).get_content(); html = m.get_body(('html',)).get_content()
link = re.findall(r'https?://\S+/password/\w+', text)
assert not m.defects and all(l in html for l in link), m.defects
print(json.dumps({'subject': m['subject'], 'from': m['from'].addresses[0].addr_spec, 'to': m['to'].addresses[0].addr_spec, 'auto': m['auto-submitted'], 'text': text, 'link': link[0] if link else ''}))`
	out := s.program("python3", "-c", script, s.file(fmt.Sprintf("captured-%d.eml", m.ID), raw))
	if err := json.Unmarshal([]byte(out), &fields); err != nil {
		s.t.Fatal(err, out)
	}
	return fields
}

// browse gives status and body of a page.
func (s *server) browse(args ...string) (status, body string) {
	s.t.Helper()
	out := s.program("curl", append([]string{"-sS", "-w", "\n%{http_code}"}, args...)...)
	i := strings.LastIndexByte(out, '\n')
	return out[i+1:], out[:i]
}

// TestPasswordByLink is operation 30 from the call to the log-in.
func TestPasswordByLink(t *testing.T) {
	enginesWith(t, noSink, func(t *testing.T, s *server) {
		order, _ := s.order("example.test", anna)
		s.mayLogIn(anna, password, true)
		s.call("changeEmailAccountPassword", map[string]any{"titanOrderId": order, "email": anna, "recipient": "Kim@far.test"})
		mail := s.arrives("kim@far.test", 1)
		got := s.read(mail)
		if mail.ReversePath != "" || !mail.Notice || got["to"] != "Kim@far.test" || got["auto"] != "auto-generated" || !strings.Contains(got["subject"], anna) || got["link"] == "" {
			t.Fatalf("%+v %v", mail, got)
		}
		s.mayLogIn(anna, password, true)
		for range 2 {
			if status, page := s.browse(got["link"]); status != "200" || !strings.Contains(page, anna) {
				t.Fatalf("%s %s", status, page)
			}
		}
		const chosen = "a better passphrase"
		if status, page := s.browse("--data-urlencode", "password=short", "--data-urlencode", "repeat=short", got["link"]); status != "422" {
			t.Fatalf("a short one: %s %s", status, page)
		}
		s.ends(anna, password, "a password set by a link", func() {
			if status, page := s.browse("--data-urlencode", "password="+chosen, "--data-urlencode", "repeat="+chosen, got["link"]); status != "200" {
				t.Fatalf("%s %s", status, page)
			}
		})
		s.mayLogIn(anna, chosen, true)
		s.mayLogIn(anna, password, false)
		if status, _ := s.browse("--data-urlencode", "password="+password, "--data-urlencode", "repeat="+password, got["link"]); status != "410" {
			t.Errorf("the link works again: %s", status)
		}
		s.mayLogIn(anna, chosen, true)
		token := got["link"][strings.LastIndexByte(got["link"], '/')+1:]
		if strings.Contains(s.Log(), token) {
			t.Error("the token is in the log")
		}
		s.clean()
	})
}

// TestWelcome has a hostile name, and a repeat that sends nothing.
func TestWelcome(t *testing.T) {
	enginesWith(t, noSink, func(t *testing.T, s *server) {
		order := map[string]any{"domainName": "shop.test", "customerId": "c1", "customerName": "Kim <b>\"& =?utf-8?q?x?=", "customerEmailAddress": "kim@far.test",
			"planType": "free", "locale": "pt_BR", "firstEmailAccount": map[string]any{"email": "info@shop.test", "password": password}}
		s.call("createMailOrder", order)
		s.call("createMailOrder", order)
		got := s.read(s.arrives("kim@far.test", 1))
		if !strings.Contains(got["subject"], "shop.test está pronto") || got["link"] == "" || !strings.Contains(got["text"], "Kim <b>") || !strings.Contains(got["text"], "info@shop.test") {
			t.Errorf("%v", got)
		}
		account := map[string]any{"titanOrderId": 1, "email": "x@shop.test", "sendWelcomeEmail": true}
		if r, err := s.Titan(s.ctx, "createEmailAccount", account); err != nil || r.Status == 500 {
			t.Fatal(r, err)
		}
		s.arrives("kim@far.test", 1)
		if list := s.json("notice", "list"); fmt.Sprint(list) != "[]" {
			t.Errorf("the outbox holds %v", list)
		}
	})
}

// TestSandboxMailStays has mail of a sandbox account to a foreign domain end
// captured, with nothing held and nothing bounced.
func TestSandboxMailStays(t *testing.T) {
	enginesWith(t, noSink, func(t *testing.T, s *server) {
		s.order("example.test", anna)
		k := s.smtpIn("submissions", anna, password)
		k.envelope(anna, "bob@elsewhere.test")
		k.want("354", "DATA")
		k.write("From: " + anna + "\r\nTo: bob@elsewhere.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello.\r\n.\r\n")
		if got := k.reply(); !strings.HasPrefix(got, "250") {
			t.Fatal(got)
		}
		m := s.arrives("bob@elsewhere.test", 1)
		if m.Subject != "Grüße" || m.ReversePath != anna || m.Notice {
			t.Errorf("%+v", m)
		}
		raw, _ := s.cli(0, "sandbox", "show", fmt.Sprint(m.ID))
		contains(t, raw, "DKIM-Signature:", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Hello.")
		if open := s.queueList("--open"); len(open) != 0 {
			t.Errorf("the queue holds %v", open)
		}
		if files, _ := filepath.Glob(filepath.Join(s.Dir, "data/sink/*.eml")); len(files) != 0 {
			t.Errorf("a sink got %v", files)
		}
		s.cli(0, "sandbox", "delete", fmt.Sprint(m.ID))
		s.cli(1, "sandbox", "show", fmt.Sprint(m.ID))
		s.clean()
	})
}

// TestNoticesSurviveKill kills the server while orders are made: each customer
// whose order was answered gets one welcome, and nobody two.
func TestNoticesSurviveKill(t *testing.T) {
	enginesWith(t, noSink, func(t *testing.T, s *server) {
		const rounds, callers = 2, 6
		var mu sync.Mutex
		answered := map[string]bool{}
		for round := range rounds {
			ctx, stop := context.WithCancel(s.ctx)
			var wg sync.WaitGroup
			enough := make(chan struct{})
			var once sync.Once
			for c := range callers {
				wg.Go(func() {
					for i := 0; ctx.Err() == nil; i++ {
						name := fmt.Sprintf("r%d-%d-%d", round, c, i)
						r, err := s.Titan(ctx, "createMailOrder", map[string]any{"domainName": name + ".test", "customerId": name, "customerEmailAddress": name + "@far.test", "planType": "free"})
						if err != nil || r.Status != 200 {
							return
						}
						mu.Lock()
						answered[name+"@far.test"] = true
						if len(answered) >= (round+1)*40 {
							once.Do(func() { close(enough) })
						}
						mu.Unlock()
					}
				})
			}
			select {
			case <-enough:
			case <-time.After(patience):
				t.Error("too few orders were made")
			}
			s.Kill()
			stop()
			wg.Wait()
			s = startIn(t, s.ctx, s.Dir, s.Env)
		}
		// On PostgreSQL what a killed node was delivering stays leased for two
		// minutes: it is in the queue once, and that is what counts here.
		leased := func() (n int) {
			for _, m := range s.queueList("--open") {
				n += m.States["leased"]
			}
			return n
		}
		s.eventually("an empty outbox and a queue that moves", func() bool {
			out, _ := s.cli(0, "notice", "list", "--json")
			return strings.TrimSpace(out) == "[]" && len(s.queueList("--open")) == leased()
		})
		way := leased()
		got, missing := map[string]int{}, 0
		for _, m := range s.captured("--notices") {
			got[m.Recipient]++
		}
		for to, n := range got {
			if n != 1 {
				t.Errorf("%d welcomes to %s", n, to)
			}
		}
		for _, to := range slices.Sorted(maps.Keys(answered)) {
			if got[to] == 0 {
				missing++
			}
		}
		if missing > way {
			t.Errorf("%d got no welcome, %d are on the way", missing, way)
		}
		if len(got)+missing < rounds*40 {
			t.Errorf("%d welcomes", len(got))
		}
		s.clean()
	})
}
