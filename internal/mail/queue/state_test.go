package queue

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestScheduleProperties runs random verdicts through the state machine.
func TestScheduleProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := schedule{delay: 4 * time.Hour}
		m := &message{
			kind:        rapid.SampledFrom([]string{kindMail, kindDSN, kindOperator}).Draw(t, "kind"),
			reversePath: rapid.SampledFrom([]string{"", "a@x.test"}).Draw(t, "reverse path"),
			created:     epoch, expires: epoch.Add(5 * 24 * time.Hour),
		}
		r := &recipient{state: Leased, notify: rapid.SampledFrom([]string{"", "NEVER", "FAILURE", "success,delay", "DELAY"}).Draw(t, "notify")}
		now := epoch
		told := map[notice]int{}
		for step := 0; ; step++ {
			if step > 100 {
				t.Fatal("no end")
			}
			v := verdict{outcome: rapid.SampledFrom([]outcome{outDeferred, outDeferred, outDeferred, outDeferred, outReleased, outDelivered, outFailed, outHeld}).Draw(t, "outcome"),
				local: rapid.Bool().Draw(t, "local"), relayed: rapid.Bool().Draw(t, "relayed"), status: "4.0.0"}
			if step > 60 {
				v.outcome = outDeferred
			}
			c := s.next(m, r, v, now, rapid.Float64Range(0, 0.999).Draw(t, "jitter"))
			told[c.notice]++
			switch {
			case c.state == Ready && v.outcome == outReleased:
				if c.attempts != r.attempts || !c.next.Equal(now) {
					t.Fatalf("a lease given back counts: %+v", c)
				}
			case c.state == Ready:
				if !c.next.After(now) || c.next.After(m.expires) || c.attempts != r.attempts+1 || v.outcome != outDeferred {
					t.Fatalf("%v: %+v", now, c)
				}
			case c.state == Expired && (now.Before(m.expires) || v.outcome != outDeferred),
				c.state == Bounced && v.outcome != outFailed, c.state == Delivered && v.outcome != outDelivered,
				c.state == Leased:
				t.Fatalf("%v %+v: %+v", now, v, c)
			}
			if c.state != Ready {
				break
			}
			if told[noticeDelayed] > 0 != c.delaySent && (m.wants(noticeDelayed, r.notify) || told[noticeDelayed] > 0) {
				t.Fatalf("delay told %d times, noted %v", told[noticeDelayed], c.delaySent)
			}
			r = &recipient{state: Leased, notify: r.notify, attempts: c.attempts, delaySent: c.delaySent}
			now = c.next.Add(time.Duration(rapid.Int64Range(0, int64(10*time.Minute)).Draw(t, "late")))
		}
		if (m.reversePath == "" || m.kind == kindOperator || r.notify == "NEVER") && len(told) > 1 {
			t.Fatalf("told although not to be: %v", told)
		}
		if told[noticeDelayed] > 1 || told[noticeFailed] > 1 {
			t.Fatalf("told twice: %v", told)
		}
	})
}

// The waits with a server that never answers: warned at 4 h, given up at 5 days.
func TestTimetable(t *testing.T) {
	s := schedule{delay: 4 * time.Hour}
	m := &message{kind: kindMail, reversePath: "a@x.test", created: epoch, expires: epoch.Add(5 * 24 * time.Hour)}
	r := &recipient{}
	now := epoch
	var warned, gaveUp time.Duration
	n := 0
	for {
		n++
		c := s.next(m, r, verdict{outcome: outDeferred}, now, 0)
		if c.notice == noticeDelayed {
			warned = now.Sub(epoch)
		}
		if c.state == Expired {
			gaveUp = now.Sub(epoch)
			if c.notice != noticeFailed || c.status != "5.4.7" {
				t.Errorf("%+v", c)
			}
			break
		}
		r = &recipient{attempts: c.attempts, delaySent: c.delaySent}
		now = c.next
	}
	if warned != 4*time.Hour || gaveUp != 5*24*time.Hour || n < 15 || n > 40 {
		t.Errorf("warned after %v, given up after %v, %d attempts", warned, gaveUp, n)
	}
}

func TestWants(t *testing.T) {
	m := &message{kind: kindMail, reversePath: "a@x.test"}
	for _, tc := range []struct {
		notify                 string
		failed, delayed, final bool
	}{
		{"", true, true, false}, {"NEVER", false, false, false}, {"SUCCESS", false, false, true},
		{"FAILURE,DELAY", true, true, false}, {"success, failure", true, false, true},
	} {
		if m.wants(noticeFailed, tc.notify) != tc.failed || m.wants(noticeDelayed, tc.notify) != tc.delayed ||
			m.wants(noticeSuccess, tc.notify) != tc.final || m.wants(noticeRelayed, tc.notify) != tc.final {
			t.Errorf("%q", tc.notify)
		}
	}
}
