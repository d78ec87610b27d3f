package blackbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posthouse/test/harness"
)

// entry is a line of the log.
type entry map[string]any

// entries are the lines that have these values.
func entries(t *testing.T, log string, want entry) (found []entry) {
	t.Helper()
	for line := range strings.Lines(log) {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("a line of the log is no JSON: %v\n%s", err, line)
		}
		has := true
		for k, v := range want {
			has = has && fmt.Sprint(e[k]) == fmt.Sprint(v)
		}
		if has {
			found = append(found, e)
		}
	}
	return found
}

// TestLog walks the journey at level debug: ids tie a message's way together,
// and nothing secret is written.
func TestLog(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { logged(t, nil) })
	t.Run("postgres", func(t *testing.T) { logged(t, postgres(t)) })
}

func logged(t *testing.T, env []string) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	var j journal
	h, err := harness.Start(ctx, harness.Options{Binary: binary, Dir: t.TempDir(), Stderr: &j,
		Env: append(append([]string{"POSTHOUSE_LOG_LEVEL=debug", "POSTHOUSE_LOG_FORMAT=json"}, fastHash...), env...)})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Server: h, t: t, ctx: ctx}
	defer h.Kill()

	const body, subject, changed, wrong = "the body is nobody's business", "neither is the subject", "a changed passphrase", "a mistyped passphrase"
	order, _ := s.order("example.test", anna)
	s.call("createEmailAccount", map[string]any{"titanOrderId": order, "email": "berta@example.test", "password": password})
	mx := s.smtp("mx")
	mx.envelope("bob@elsewhere.test", anna)
	in := taken(t, mx.data("250 2.0.0", "From: bob@elsewhere.test\r\nSubject: "+subject+"\r\n\r\n"+body+"\r\n"))
	im := s.imapIn(anna, password)
	im.ok("FETCH 1 BODY[]")
	im.ok(`SEARCH TEXT "` + body + `"`)
	im.write("a APPEND Drafts {33}\r\n")
	im.line()
	im.write("Subject: neither is the subject\r\n\r\n")
	im.comes("a OK")
	k := s.smtpIn("submission", anna, password)
	k.envelope(anna, "bob@elsewhere.test", "berta@example.test")
	out := taken(t, k.data("250 2.0.0", "From: anna@example.test\r\nSubject: "+subject+"\r\n\r\n"+body+"\r\n"))
	s.letters(1)
	berta := s.imapIn("berta@example.test", password)
	s.eventually("berta's copy", func() bool { return berta.messages("INBOX") == 1 })
	s.mayLogIn(anna, wrong, false)
	s.mayLogIn("nobody@example.test", wrong, false)
	r, err := s.TitanAs(ctx, s.Ready.Partner.Key+"x", "listMailOrders", map[string]any{"customerId": "c"})
	if err != nil || r.Status != 401 {
		t.Fatal(err, r)
	}
	answer := s.call("modifyEmailAccount", map[string]any{"titanOrderId": order, "email": anna, "password": changed})
	s.raw("modifyEmailAccount", `{"titanOrderId":"x","password":"`+changed+`"`)
	s.mayLogIn(anna, changed, true)
	s.eventually("the end of the queue's work", func() bool {
		return len(entries(t, whole(j.String()), entry{"msg": "message finished", "message": out})) == 1
	})
	dns, _ := s.cli(0, "order", "dns", fmt.Sprint(order))
	if err := h.Stop(); err != nil {
		t.Fatal(err)
	}
	log := j.String()

	// The way in: session, message, delivery.
	accepted := entries(t, log, entry{"msg": "message accepted", "message": in})
	if len(accepted) != 1 || accepted[0]["session"] == nil || accepted[0]["service"] != "mx" {
		t.Fatalf("the MX's line: %v", accepted)
	}
	if d := entries(t, log, entry{"msg": "delivered", "transaction": in}); len(d) != 1 {
		t.Errorf("the delivery's line: %v", d)
	}
	// The way out: session, message, queue, attempts, end.
	accepted = entries(t, log, entry{"msg": "message accepted", "message": out})
	if len(accepted) != 1 || accepted[0]["account"] == nil {
		t.Fatalf("submission's line: %v", accepted)
	}
	if e := entries(t, log, entry{"msg": "logged in", "session": accepted[0]["session"]}); len(e) != 1 {
		t.Errorf("the log-in's line: %v", e)
	}
	for msg, n := range map[string]int{"queued": 1, "attempt": 2, "message finished": 1} {
		if e := entries(t, log, entry{"msg": msg, "message": out}); len(e) != n {
			t.Errorf("%d lines %q of message %s: %v", len(e), msg, out, e)
		}
	}
	// An API call by its request id.
	if e := entries(t, log, entry{"msg": "titan request", "request": answer["reqID"]}); len(e) != 1 {
		t.Errorf("the API call's line: %v", e)
	}

	master := strings.Fields(read(t, filepath.Join(s.Dir, "data/master.key")))[1]
	key := s.Ready.Partner.Key
	secrets := map[string]string{
		"the password": password, "the changed password": changed, "a wrong password": wrong, "the API key": key,
		"the API key's secret": key[strings.IndexByte(key, ':')+1:], "the master key": master, "the body": body, "the subject": subject,
		"AUTH PLAIN": plain(anna, password), "a password in base64": base64.StdEncoding.EncodeToString([]byte(password)),
		"a password hash": "$argon2id$", "a private key": "PRIVATE KEY", "a signature": "DKIM-Signature",
	}
	for line := range strings.Lines(dns) {
		if strings.Contains(line, "_mail-ownership") {
			secrets["the ownership token"] = strings.Trim(line[strings.Index(line, `"`):], "\"\n")
		}
	}
	for name, secret := range secrets {
		if len(secret) < 5 {
			t.Errorf("%s is %q", name, secret)
		}
		if i := strings.Index(log, secret); i >= 0 {
			t.Errorf("the log tells %s: %s", name, log[max(0, i-200):i])
		}
	}
}

// whole is the log without a last line that is being written.
func whole(log string) string { return log[:strings.LastIndexByte(log, '\n')+1] }

// taken is the message id in the reply to a message.
func taken(t *testing.T, reply string) string {
	t.Helper()
	_, id, ok := strings.Cut(reply, " queued as ")
	if !ok {
		t.Fatalf("no message id in %q", reply)
	}
	return id
}
