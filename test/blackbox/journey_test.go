package blackbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const anna = "anna@example.test"

// promised is how fast a session ends or wakes: a second, and as much again for
// a busy machine.
const promised = 2 * time.Second

// letters waits until the sandbox sink holds n messages and gives their paths.
func (s *server) letters(n int) []string {
	s.t.Helper()
	var files []string
	s.eventually(fmt.Sprintf("%d messages in the sandbox sink", n), func() bool {
		var err error
		if files, err = filepath.Glob(filepath.Join(s.Dir, "data/sink/*.eml")); err != nil {
			s.t.Fatal(err)
		}
		return len(files) >= n
	})
	if len(files) != n {
		s.t.Fatalf("%d messages in the sandbox sink, want %d", len(files), n)
	}
	return files
}

// eventually asks again and again: for what tells nobody when it happens.
func (s *server) eventually(what string, ok func() bool) {
	s.t.Helper()
	s.within(patience, what, ok)
}

// within is eventually with a limit of one's own.
func (s *server) within(limit time.Duration, what string, ok func() bool) {
	s.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			s.t.Fatalf("not in %v: %s", limit, what)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// verified wants both signatures of each message verified by dkimpy with the
// records that the order's domain is to publish.
func (s *server) verified(order int64, files ...string) {
	s.t.Helper()
	dns, err := s.CLI(s.ctx, "order", "dns", fmt.Sprint(order))
	if err != nil {
		s.t.Fatal(err)
	}
	script, err := filepath.Abs("../../scripts/verify-dkim")
	if err != nil {
		s.t.Fatal(err)
	}
	out := s.program(script, append([]string{s.file("records.txt", dns)}, files...)...)
	for _, f := range files {
		contains(s.t, out, f+": rsa-sha256: verified", f+": ed25519-sha256: verified")
	}
}

// mayLogIn tries IMAP and submission.
func (s *server) mayLogIn(user, pass string, may bool) {
	s.t.Helper()
	k := s.imapDial("imaps")
	_, status := k.run(fmt.Sprintf("LOGIN %s %q", user, pass))
	if may != strings.HasPrefix(status, "OK") {
		s.t.Fatalf("IMAP log-in of %s: %s; want it to work: %v", user, status, may)
	}
	m := s.smtp("submissions")
	m.write("AUTH PLAIN " + plain(user, pass) + "\r\n")
	if got := m.reply(); may != strings.HasPrefix(got, "235") {
		s.t.Fatalf("submission log-in of %s: %s; want it to work: %v", user, got, may)
	}
}

// ends does something and wants a live IDLE session and a live submission
// session, in the middle of a transaction, to end.
func (s *server) ends(user, pass, what string, do func()) {
	s.t.Helper()
	idle := s.imapIn(user, pass)
	idle.idle()
	mail := s.smtpIn("submissions", user, pass)
	mail.envelope(user, "bob@elsewhere.test")
	do()
	idle.patience(promised)
	mail.patience(promised)
	if said := idle.closed(); !strings.Contains(said, "* BYE") {
		s.t.Fatalf("%s: IMAP said %q at the end", what, said)
	}
	if said := mail.closed(); !strings.HasPrefix(said, "421 4.7.0") {
		s.t.Fatalf("%s: submission said %q at the end", what, said)
	}
}

// TestJourney is the life of an order from the shop's call to its end and back.
func TestJourney(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		if err := os.MkdirAll(filepath.Join(s.Dir, "Mail"), 0o700); err != nil {
			t.Fatal(err)
		}
		order, account := s.order("example.test", anna)
		s.receive(anna, "Hello Anna")
		s.program("mbsync", "-q", "-c", s.mbsyncrc(), "-a")
		arrived := maildir(t, s, "INBOX")
		if len(arrived) != 1 {
			t.Fatalf("%d messages in the Maildir", len(arrived))
		}
		contains(t, read(t, arrived[0]), "Return-Path: <bob@elsewhere.test>", "Received: from ", "Subject: Hello Anna", "Text of Hello Anna")

		// The answer, on both ways of submission.
		for _, way := range [][]string{{"--server", s.Addr("submission"), "--tls"}, {"--server", s.Addr("submissions"), "--tls-on-connect"}} {
			s.program("swaks", append(way, "--auth", "PLAIN", "--auth-user", anna, "--auth-password", password, "--from", anna,
				"--to", "bob@elsewhere.test", "--header", "Subject: Re: Hello Anna", "--body", "It does.")...)
		}
		sent := s.letters(2)
		for _, f := range sent {
			// The submission's own trace field does not tell the world where she sits.
			contains(t, read(t, f), "Received: by posthouse.localhost with ESMTPSA", "Subject: Re: Hello Anna", "It does.")
		}
		s.verified(order, sent...)

		ref := map[string]any{"titanOrderId": order}
		s.ends(anna, password, "suspension", func() {
			if got := s.call("suspendMailOrder", ref)["status"]; got != "suspended" {
				t.Fatalf("status %v", got)
			}
		})
		s.mayLogIn(anna, password, false)
		s.receive(anna, "While suspended") // T-16: kept
		if got := s.call("unsuspendMailOrder", ref)["newStatus"]; got != "active" {
			t.Fatalf("status %v", got)
		}
		s.mayLogIn(anna, password, true)
		if n := s.imapIn(anna, password).messages("INBOX"); n != 2 {
			t.Fatalf("%d messages after the suspension", n)
		}

		s.ends(anna, password, "suspension of the account", func() {
			s.call("suspendEmailAccount", map[string]any{"titanOrderId": order, "titanAccountId": account, "email": anna})
		})
		s.mayLogIn(anna, password, false)
		s.call("unsuspendEmailAccount", map[string]any{"titanOrderId": order, "titanAccountId": account, "email": anna})

		s.ends(anna, password, "clearing of sessions", func() {
			s.call("clearEmailSessions", map[string]any{"titanOrderId": order, "titanAccountIds": []any{account}})
		})
		s.mayLogIn(anna, password, true)

		const changed = "another passphrase"
		s.ends(anna, password, "password change", func() {
			s.call("modifyEmailAccount", map[string]any{"titanOrderId": order, "email": anna, "password": changed})
		})
		s.mayLogIn(anna, password, false)
		s.mayLogIn(anna, changed, true)

		s.ends(anna, changed, "deletion", func() { s.call("deleteMailOrder", ref) })
		s.mayLogIn(anna, changed, false)
		mx := s.smtp("mx")
		mx.want("250", "MAIL FROM:<bob@elsewhere.test>")
		mx.want("550 5.", "RCPT TO:<"+anna+">")
		s.call("reactivateMailOrder", ref)
		s.mayLogIn(anna, changed, true)
		if n := s.imapIn(anna, changed).messages("INBOX"); n != 2 {
			t.Fatalf("%d messages after the reactivation", n)
		}
		s.receive(anna, "Back again")
		s.clean()
	})
}

// clean wants verify to find nothing.
func (s *server) clean() {
	s.t.Helper()
	out, err := s.CLI(s.ctx, "verify")
	if err != nil {
		s.t.Fatal(err)
	}
	contains(s.t, out, " 0 findings")
}

// Mail between two mailboxes of an order takes the road of all mail: signed,
// queued, delivered; and it wakes who waits for it.
func TestLocalMail(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, _ := s.order("example.test", anna)
		const berta = "berta@example.test"
		s.call("createEmailAccount", map[string]any{"titanOrderId": order, "email": berta, "password": password})
		s.call("addEmailAlias", map[string]any{"titanOrderId": order, "email": anna, "alias": "sales@example.test"})

		waiting := s.imapIn(berta, password)
		waiting.idle()
		k := s.smtpIn("submission", anna, password)
		k.envelope("sales@example.test", berta, anna) // an alias is an own address
		k.data("250 2.0.0", "From: Sales <sales@example.test>\r\nTo: berta@example.test\r\nSubject: Lunch?\r\n\r\nAt noon.\r\n")
		waiting.comes("* 1 EXISTS")
		waiting.write("DONE\r\n")
		waiting.until("idle")

		got := waiting.ok("FETCH 1 BODY.PEEK[]")
		contains(t, got, "DKIM-Signature: ", "Subject: Lunch?", "At noon.", "Message-ID: ", "Date: ")
		_, message, _ := strings.Cut(got, "}\r\n")
		s.verified(order, s.file("lunch.eml", strings.TrimSuffix(message, ")")))
		own := s.imapIn(anna, password)
		s.eventually("anna's copy", func() bool { return own.messages("INBOX") == 1 })
		if files, _ := filepath.Glob(filepath.Join(s.Dir, "data/sink/*.eml")); len(files) != 0 {
			t.Fatalf("local mail left the platform: %v", files)
		}

		// From outside it wakes too, at once.
		waiting.idle()
		s.receive(berta, "Urgent")
		waiting.patience(promised)
		waiting.comes("* 2 EXISTS")
	})
}
