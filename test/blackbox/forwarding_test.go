package blackbox

import "testing"

// TestForwardingOutlivesACrash: what was answered 250 is forwarded once and
// answered once, whatever happens to the server next.
func TestForwardingOutlivesACrash(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, _ := s.order("example.test", anna)
		r := s.resold()
		r.did("mail/user/add-user-forwards", "order-id", order, "email", anna, "forwards", "out@elsewhere.test")
		r.did("mail/user/update-autoresponder", "order-id", order, "email", anna, "is-autoresponder-on", "true", "subject", "Away", "message", "I am away.",
			"message-format", "text/plain", "quote-original-message", "false")
		captured := func(s *server, to string) int {
			_, got := s.curl(s.Ready.Partner.Key, "/v1/sandbox/messages?to="+to)
			items, _ := got["items"].([]any)
			return len(items)
		}
		s.receive(anna, "Before the crash")
		s.Kill()
		s = startIn(t, s.ctx, s.Dir, s.Env)
		s.gets(anna, "Before the crash", "-")
		for _, to := range []string{"out@elsewhere.test", "bob@elsewhere.test"} {
			s.within(leaseEnds, "the mail to "+to+" is captured", func() bool { return captured(s, to) > 0 })
		}
		s.receive(anna, "After the crash")
		s.eventually("the second copy is captured", func() bool { return captured(s, "out@elsewhere.test") >= 2 })
		s.drained()
		if out, replies := captured(s, "out@elsewhere.test"), captured(s, "bob@elsewhere.test"); out != 2 || replies != 1 {
			t.Errorf("%d forwarded, %d answered; want 2 and 1", out, replies)
		}
	})
}
