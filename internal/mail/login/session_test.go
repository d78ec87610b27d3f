package login

import (
	"errors"
	"testing"
	"time"

	"posthouse/internal/fault"
)

func TestChangeEndsSessions(t *testing.T) {
	emails := []string{"a@example.com", "b@example.com", "c@example.org"}
	for _, c := range []struct {
		name string
		do   func(*bench, []Candidate)
		ends [3]bool
	}{
		{"password", func(b *bench, k []Candidate) {
			b.dir.set(emails[0], b.with(k[0], "another"))
			b.dir.change(10, 1)
		}, [3]bool{true, false, false}},
		{"account suspended", func(b *bench, _ []Candidate) {
			b.dir.set(emails[1])
			b.dir.change(10, 2)
		}, [3]bool{false, true, false}},
		{"order suspended", func(b *bench, _ []Candidate) {
			b.dir.set(emails[0])
			b.dir.set(emails[1])
			b.dir.change(10, 0)
		}, [3]bool{true, true, false}},
		{"nothing that matters", func(b *bench, _ []Candidate) {
			b.dir.change(10, 0)
			b.dir.change(30, 3)
		}, [3]bool{}},
		{"of another", func(b *bench, _ []Candidate) { b.dir.change(99, 0) }, [3]bool{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, nil)
			k, s := make([]Candidate, 3), make([]*Session, 3)
			for i, email := range emails {
				k[i] = b.account(int64(i+1), email, "pw")
				k[i].OrderID = []int64{10, 10, 30}[i]
				b.dir.set(email, k[i])
				s[i] = b.mustTry(email, "pw", office)
			}
			b.run()
			c.do(b, k)
			b.Notify()
			// A log-in returns only after what was notified before is applied.
			b.mustTry(emails[2], "pw", office)
			for i := range s {
				if ended(s[i]) != c.ends[i] {
					t.Errorf("session %d ended: %v, want %v", i, ended(s[i]), c.ends[i])
				}
			}
		})
	}
}

func TestFailedLookAtASessionIsRepeated(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	s := b.mustTry("kim@example.com", "pw", office)
	b.dir.set("kim@example.com")
	b.dir.change(10, 1)
	b.dir.accountErr = errors.New("gone for a moment")
	b.follow.notify()
	if err := b.follow.catchUp(t.Context()); err == nil || ended(s) {
		t.Fatalf("error %v, ended %v", err, ended(s))
	}
	if d := b.follow.pause(true); d != retryAfter {
		t.Errorf("tried again after %v", d)
	}
	b.dir.accountErr = nil
	if err := b.follow.catchUp(t.Context()); err != nil || !ended(s) {
		t.Errorf("error %v, ended %v", err, ended(s))
	}
}

func TestEarlierChangeDoesNotEndANewSession(t *testing.T) {
	for _, poll := range []time.Duration{0, 500 * time.Millisecond} {
		b := newBench(t, func(c *Config) { c.Poll = poll })
		b.account(1, "kim@example.com", "pw")
		b.mustTry("kim@example.com", "pw", office) // keeps the follower interested
		b.dir.change(10, 1)
		if poll == 0 {
			b.Notify()
		}
		s := b.mustTry("kim@example.com", "pw", office)
		if err := b.follow.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ended(s) {
			t.Errorf("poll %v: a change before the log-in ended its session", poll)
		}
	}
}

func TestOldChangesAreNotReplayedToTheFirstSession(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	for range 3000 {
		b.dir.change(10, 1)
	}
	s := b.mustTry("kim@example.com", "pw", office)
	if b.dir.reads != 0 || ended(s) {
		t.Errorf("%d reads of the log, ended: %v", b.dir.reads, ended(s))
	}
}

// Polled, as on PostgreSQL, a change made by another node ends the session one
// tick later; without a session nothing is read and no timer runs.
func TestPollOnlyWhileSessionsLive(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Poll = 500 * time.Millisecond })
	b.account(1, "kim@example.com", "pw")
	b.dir.read = make(chan struct{}, 100)
	b.run()
	s := b.mustTry("kim@example.com", "pw", office)
	b.dir.set("kim@example.com")
	b.dir.change(10, 1)
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for !ended(s) {
			b.clock.Advance(500 * time.Millisecond)
			select {
			case <-b.dir.read:
			case <-time.After(time.Millisecond):
			}
		}
	}()
	waitEnded(t, s)
	<-stop
	s.Close()
	b.follow.rouse() // the follower notices that nobody is left
	b.clock.Advance(time.Hour)
	b.follow.rouse()
	if d := b.follow.pause(false); d != 0 {
		t.Errorf("it would poll again in %v with no session", d)
	}
}

func TestNoReadAtRestWithoutPoll(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	b.run()
	b.mustTry("kim@example.com", "pw", office)
	b.clock.Advance(24 * time.Hour)
	for range 10 {
		b.follow.rouse()
	}
	if d := b.follow.pause(false); d != 0 || b.dir.reads != 0 {
		t.Errorf("timer %v, %d reads", d, b.dir.reads)
	}
}

func TestChangeDuringTheLoginIsNotMissed(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	b.mustTry("kim@example.com", "pw", office)
	calls := 0
	b.dir.onLookup = func() {
		if calls++; calls > 1 {
			return
		}
		// Between the look at the account and the booking of the session the
		// account is suspended, and the follower has read it already.
		b.dir.set("kim@example.com")
		b.dir.change(10, 1)
		b.Notify()
		if err := b.follow.catchUp(t.Context()); err != nil {
			t.Error(err)
		}
	}
	b.refused(fault.Unauthenticated, "kim@example.com", "pw", office)
	if calls != 2 {
		t.Errorf("%d looks at the account, want 2", calls)
	}
}

func TestAccountThatChangesWithoutEnd(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	b.mustTry("kim@example.com", "pw", office)
	b.dir.onLookup = func() {
		b.dir.change(10, 1)
		b.Notify()
		if err := b.follow.catchUp(t.Context()); err != nil {
			t.Error(err)
		}
	}
	b.refused(fault.Unavailable, "kim@example.com", "pw", office)
}

func TestLookBackIsBounded(t *testing.T) {
	r := newRegistry(func() {})
	mark := r.mark()
	for range recentChanges {
		r.touched(AccessChange{OrderID: 5, AccountID: 5})
	}
	if r.register(Candidate{AccountID: 1, OrderID: 2}, mark) == nil {
		t.Error("256 changes of others refused a session")
	}
	if r.register(Candidate{AccountID: 5, OrderID: 2}, mark) != nil {
		t.Error("a change of its own was overlooked")
	}
	r.touched(AccessChange{OrderID: 5, AccountID: 5})
	if r.register(Candidate{AccountID: 1, OrderID: 2}, mark) != nil {
		t.Error("booked although a change has left the memory")
	}
}
