package blackbox

import (
	"fmt"
	"strings"
	"testing"
)

const (
	berta = "berta@example.test"
	carl  = "carl@example.test"
	dora  = "dora@example.test"
)

// household is an order whose addresses lead to its mailboxes in every way.
func (s *server) household() (order int64) {
	s.t.Helper()
	order, _ = s.order("example.test", anna)
	for _, email := range []string{berta, carl, dora} {
		s.call("createEmailAccount", map[string]any{"titanOrderId": order, "email": email, "password": password})
	}
	s.call("addEmailAlias", map[string]any{"titanOrderId": order, "email": anna, "alias": "info@example.test"})
	s.call("createInternalForwardingAccount", map[string]any{"titanOrderId": order, "email": "team@example.test",
		"recipients": []string{"info@example.test", berta, carl}})
	s.call("setCatchAll", map[string]any{"titanOrderId": order, "email": dora})
	return order
}

// ways waits until the mailbox has n messages with that subject and gives the
// values of Delivered-To, "-" for none, in the order of arrival.
func (s *server) ways(user, subject string, n int) string {
	s.t.Helper()
	k := s.imapIn(user, password)
	var found []string
	s.eventually(fmt.Sprintf("%s has %d messages with the subject %s", user, n, subject), func() bool {
		k.ok("SELECT INBOX")
		_, ids, ok := strings.Cut(k.ok(fmt.Sprintf("SEARCH SUBJECT %q", subject)), "* SEARCH")
		if !ok {
			s.t.Fatal("no answer to SEARCH")
		}
		ids, _, _ = strings.Cut(ids, "\n")
		found = strings.Fields(ids)
		return len(found) >= n
	})
	if len(found) != n {
		s.t.Fatalf("%s has %d messages with the subject %s, want %d", user, len(found), subject, n)
	}
	var out []string
	for _, id := range found {
		text := k.ok("FETCH " + id + " BODY.PEEK[]")
		contains(s.t, text, "Return-Path: <", "Received: ")
		way := "-"
		if _, rest, ok := strings.Cut(text, "\r\nDelivered-To: "); ok {
			way, rest, _ = strings.Cut(rest, "\r\n")
			if strings.Contains(rest, "Delivered-To: ") {
				s.t.Errorf("two ways in one copy:\n%s", text)
			}
		}
		out = append(out, way)
	}
	return strings.Join(out, " ")
}

func (s *server) gets(user, subject string, want ...string) {
	s.t.Helper()
	if got := s.ways(user, subject, len(want)); got != strings.Join(want, " ") {
		s.t.Errorf("%s has %s by %q, want %q", user, subject, got, want)
	}
}

// TestRouting sends in every way from outside and from inside; each mailbox gets
// one copy, which tells of no address but the one that led there.
func TestRouting(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order := s.household()
		outside := []string{"--server", s.Addr("mx"), "--from", "bob@elsewhere.test"}
		inside := []string{"--server", s.Addr("submissions"), "--tls-on-connect", "--auth", "PLAIN", "--auth-user", dora, "--auth-password", password, "--from", dora}
		for where, way := range map[string][]string{"outside": outside, "inside": inside} {
			send := func(subject, to string) {
				t.Helper()
				s.program("swaks", append(way[:len(way):len(way)], "--to", to, "--header", "To: undisclosed", "--header", "Subject: "+subject, "--body", "Hello.")...)
			}
			send("alias "+where, "info@example.test")
			s.gets(anna, "alias "+where, "info@example.test")
			send("forwarder "+where, "Team@example.test")
			for _, user := range []string{anna, berta, carl} {
				s.gets(user, "forwarder "+where, "team@example.test")
			}
			send("catch-all "+where, "whoever@example.test")
			s.gets(dora, "catch-all "+where, "whoever@example.test")
			// All at once: named ones without a trace of the other ways.
			send("everyone "+where, "whoever@example.test,team@example.test,info@example.test,"+carl)
			s.gets(carl, "everyone "+where, "-")
			s.gets(anna, "everyone "+where, "info@example.test")
			s.gets(berta, "everyone "+where, "team@example.test")
			s.gets(dora, "everyone "+where, "whoever@example.test")
		}
		if open := s.queueList("--open"); len(open) != 0 {
			t.Errorf("the queue holds %v", open)
		}

		s.sub("a loop through outside", func(s *server) {
			k := s.smtp("mx")
			k.envelope("bob@elsewhere.test", "team@example.test")
			k.data("554 5.4.6", "Delivered-To: team@example.test\r\n"+letter("Round"))
			k.envelope("bob@elsewhere.test", carl)
			k.data("250 2.0.0", "Delivered-To: team@example.test\r\n"+letter("Not round"))
			s.gets(carl, "Not round", "team@example.test") // the sender's field, not ours
		})
		s.sub("results in our name", func(s *server) {
			k := s.smtp("mx")
			k.envelope("bob@elsewhere.test", carl)
			k.data("250 2.0.0", "Authentication-Results: posthouse.localhost; spf=pass\r\nAuthentication-Results: mx.far.test; spf=fail\r\n"+letter("Forged results"))
			s.gets(carl, "Forged results", "-")
			box := s.imapIn(carl, password)
			box.ok("SELECT INBOX")
			text := box.ok("FETCH * BODY.PEEK[HEADER]")
			contains(s.t, text, "Authentication-Results: mx.far.test; spf=fail")
			if strings.Contains(text, "spf=pass") {
				s.t.Errorf("a stranger speaks in our name:\n%s", text)
			}
		})
		s.sub("what is taken away", func(s *server) {
			s.call("removeCatchAll", map[string]any{"titanOrderId": order})
			s.call("removeInternalForwardingAccountMembers", map[string]any{"titanOrderId": order, "email": "team@example.test", "recipients": []string{"info@example.test", berta, carl}})
			k := s.smtp("mx")
			k.want("250", "MAIL FROM:<bob@elsewhere.test>")
			k.want("550 5.1.1", "RCPT TO:<whoever@example.test>")
			k.want("550 5.1.1", "RCPT TO:<team@example.test>")
			k.want("250", "RCPT TO:<info@example.test>")
		})
		s.clean()
	})
}

// TestFullMember: one member of a forwarder has no room. The others have the
// message at once, and that one when there is room, from outside and from inside.
func TestFullMember(t *testing.T) {
	enginesWith(t, []string{"POSTHOUSE_PLANS_STORAGE_MB=pro=1"}, func(t *testing.T, s *server) {
		s.household()
		large := s.file("large.txt", strings.Repeat(strings.Repeat("x", 75)+"\n", 8000)) // 600 kB
		s.program("swaks", "--server", s.Addr("mx"), "--from", "bob@elsewhere.test", "--to", carl, "--header", "Subject: filler", "--body", "@"+large)
		s.gets(carl, "filler", "-")

		s.program("swaks", "--server", s.Addr("mx"), "--from", "bob@elsewhere.test", "--to", "team@example.test", "--header", "Subject: outside", "--body", "@"+large)
		s.gets(anna, "outside", "team@example.test")
		s.gets(berta, "outside", "team@example.test")
		open := s.queueList("--open")
		if len(open) != 1 || open[0].States["ready"]+open[0].States["leased"] != 1 {
			t.Fatalf("the queue holds %v", open)
		}
		for _, user := range []string{anna, berta, carl} {
			s.empty(user)
		}
		s.retry(open[0].ID)
		s.gets(carl, "outside", "team@example.test")
		s.gets(anna, "outside") // the copy is deleted, and no other comes
		s.drained()

		s.program("swaks", "--server", s.Addr("submissions"), "--tls-on-connect", "--auth", "PLAIN", "--auth-user", dora, "--auth-password", password,
			"--from", dora, "--to", "team@example.test", "--header", "Subject: inside", "--body", "@"+large)
		s.gets(anna, "inside", "team@example.test")
		s.gets(berta, "inside", "team@example.test")
		open = s.queueList("--open")
		if len(open) != 1 {
			t.Fatalf("the queue holds %v", open)
		}
		for _, user := range []string{anna, berta, carl} {
			s.empty(user)
		}
		s.retry(open[0].ID)
		s.gets(carl, "inside", "team@example.test")
		s.gets(anna, "inside")
		s.drained()
		s.clean()
	})
}

// empty deletes all messages of an inbox.
func (s *server) empty(user string) {
	s.t.Helper()
	k := s.imapIn(user, password)
	k.ok("SELECT INBOX")
	k.ok(`STORE 1:* +FLAGS.SILENT (\Deleted)`)
	k.ok("EXPUNGE")
}

// retry makes a message due at once. What is being tried at this moment is
// asked for again.
func (s *server) retry(id string) {
	s.t.Helper()
	s.eventually("the message waits", func() bool {
		out, err := s.CLI(s.ctx, "queue", "retry", id)
		if err != nil {
			s.t.Fatal(err)
		}
		return !strings.HasPrefix(out, "0 ")
	})
}

func (s *server) drained() {
	s.t.Helper()
	s.eventually("the queue is empty", func() bool { return len(s.queueList("--open")) == 0 })
}
