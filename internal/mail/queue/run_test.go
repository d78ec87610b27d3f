package queue

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/mail/smtptest"
	"posthouse/internal/store/sqldb"
)

// running starts Run; stop ends it and waits.
func running(t *testing.T, q *Queue) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func get(t *testing.T, s *smtptest.Server) smtptest.Message {
	t.Helper()
	select {
	case m := <-s.Got():
		return m
	case <-time.After(60 * time.Second):
		t.Fatal("nothing came")
		return smtptest.Message{}
	}
}

// Submit wakes the scheduler; a later attempt is woken by the clock.
func TestRun(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		refused := make(chan struct{}, 1)
		sink := smtptest.Start(t, smtptest.Config{On: func(v, line string) *smtptest.Action {
			if v == "RCPT" && strings.Contains(line, "later@") {
				select {
				case refused <- struct{}{}:
					return smtptest.Reply("450 4.2.0 later")
				default:
				}
			}
			return nil
		}})
		b.foreign("far.test", sink.Addr)
		stop := running(t, b.Queue)
		first := b.submit(1, "x@far.test")
		get(t, sink)
		second := b.submit(1, "later@far.test")
		// The clock stands still, so only what wakes the scheduler moves it.
		b.wait(func() bool { return b.show(second).Recipients[0].Attempts == 1 })
		b.clock.Advance(90 * time.Second)
		get(t, sink)
		b.wait(func() bool { return b.show(first).Finished != nil && b.show(second).Finished != nil })
		stop()
		b.check()
	})
}

// wait polls the database for what has no signal: a commit of the scheduler.
func (b *bench) wait(cond func() bool) {
	b.t.Helper()
	deadline := time.After(60 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-deadline:
			b.t.Fatal("it never happened")
		case <-tick.C:
		}
	}
}

func TestPerDestinationLimit(t *testing.T) {
	const limit, messages = 3, 12
	gate := make(chan struct{})
	at := make(chan struct{}, messages)
	b := newBench(t, sqldb.SQLite, func(c *Config) { c.PerDestination, c.Concurrency = limit, 8 })
	sink := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
		if v == "." {
			at <- struct{}{}
			<-gate
		}
		return nil
	}})
	other := smtptest.Start(t, smtptest.Config{Listen: "127.0.0.2:" + sink.Addr[strings.LastIndex(sink.Addr, ":")+1:]})
	b.foreign("slow.test", sink.Addr)
	b.foreign("quick.test", other.Addr)
	for i := range messages {
		b.submit(1, fmt.Sprintf("x%d@slow.test", i))
	}
	running(t, b.Queue)
	for range limit {
		<-at
	}
	b.submit(1, "x@quick.test") // has room although slow.test has more than enough due
	get(t, other)
	if _, most := sink.Sessions(); most != limit {
		t.Errorf("%d sessions at once", most)
	}
	close(gate)
	for range messages {
		get(t, sink)
	}
	if _, most := sink.Sessions(); most > limit+1 { // one may still be saying QUIT
		t.Errorf("%d sessions at once", most)
	}
}

// A sender with much to send does not keep others waiting.
func TestFairness(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.account(5, 30, "eve@other.test", 0)
		for i := range 60 {
			b.submit(1, fmt.Sprintf("bob@d%d.test", i))
		}
		b.submit(2, "ann@d0.test") // same partner, another account
		b.submit(5, "ann@d0.test") // another partner
		for i := range 3 {
			b.dns.add("d%d.test. 60 IN MX 0 .", i)
		}
		ctx := context.Background()
		got, _, err := b.lease(ctx, 6)
		must(t, err)
		senders := map[int64]int{}
		for _, x := range got {
			senders[x.lane.account]++
			b.ended(x)
		}
		if senders[2] == 0 || senders[5] == 0 || senders[1] == 0 {
			t.Errorf("in the first turns: %v", senders)
		}
	})
}

// A backlog that is not due costs little and hides nothing.
func TestManyLanes(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	for i := range 3 {
		s := b.submission(1)
		for j := range 300 {
			s.Recipients = append(s.Recipients, Recipient{Address: addr(t, fmt.Sprintf("x@d%d-%d.test", i, j))})
		}
		b.submitted(s)
	}
	if n := b.drain(); n != 1800 { // all domains don't exist: bounced, and each told of
		t.Errorf("%d batches", n)
	}
	b.check()
}

func TestLeaseExpiry(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		id := b.submit(1, "bob@here.test")
		ctx := context.Background()
		dead, _, err := b.lease(ctx, 1)
		must(t, err)
		if len(dead) != 1 {
			t.Fatal("nothing leased")
		}
		b.expect(id, "bob@here.test=leased")
		second := b.another()
		if drain(t, second) != 0 {
			t.Error("leased twice")
		}
		b.clock.Advance(b.cfg.filled().Lease + time.Second)
		if drain(t, second) != 1 {
			t.Error("not taken over")
		}
		b.expect(id, "bob@here.test=delivered")
		// The first node wakes up again and must not deliver a second copy.
		b.work(ctx, dead[0])
		if n := len(b.inbox(2)); n != 1 {
			t.Errorf("%d copies", n)
		}
		b.check()
	})
}

func TestRenew(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.submit(1, "bob@here.test")
		ctx := context.Background()
		got, _, err := b.lease(ctx, 1)
		must(t, err)
		lease := b.cfg.filled().Lease
		for range 5 {
			b.clock.Advance(lease / 2)
			must(t, b.renew(ctx))
		}
		second := b.another()
		if drain(t, second) != 0 {
			t.Error("taken although renewed")
		}
		b.clock.Advance(2 * lease)
		if drain(t, second) != 1 {
			t.Error("not taken")
		}
		cancelled := false
		b.mu.Lock()
		got[0].cancel = func() { cancelled = true }
		b.mu.Unlock()
		must(t, b.renew(ctx))
		if !cancelled {
			t.Error("the attempt goes on without its lease")
		}
	})
}

// Two nodes share the work of one database.
func TestTwoNodes(t *testing.T) {
	b := newBench(t, sqldb.Postgres, func(c *Config) { c.Poll = 50 * time.Millisecond; c.Clock = clock.System() })
	sink := smtptest.Start(t, smtptest.Config{})
	b.foreign("far.test", sink.Addr)
	one, two := b.another(), b.another()
	running(t, one)
	running(t, two)
	const n = 60
	ids := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { ids[i] = b.submit(1, "x@far.test", "bob@here.test") })
	}
	wg.Wait()
	for range n {
		get(t, sink)
	}
	for _, id := range ids {
		b.wait(func() bool { return b.show(id).Finished != nil })
	}
	if got := len(b.inbox(2)); got != n {
		t.Errorf("%d local copies", got)
	}
	if got := len(sink.Messages()); got != n {
		t.Errorf("%d remote copies", got)
	}
	b.check()
}

// Stopping gives back what is under way: nothing is lost, nothing stays leased.
func TestStop(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		stuck := make(chan struct{})
		at := make(chan struct{}, 1)
		sink := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
			if v == "MAIL" {
				return &smtptest.Action{Do: func(net.Conn) { at <- struct{}{}; <-stuck }, Close: true}
			}
			return nil
		}})
		defer close(stuck)
		b.foreign("far.test", sink.Addr)
		id := b.submit(1, "x@far.test")
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- b.Run(ctx) }()
		<-at
		cancel()
		b.wait(func() bool { // the grace is on the manual clock
			b.clock.Advance(30 * time.Second)
			select {
			case err := <-done:
				must(t, err)
				return true
			default:
				return false
			}
		})
		b.expect(id, "x@far.test=ready")
		if r := b.show(id).Recipients[0]; r.Attempts != 0 || len(r.Log) != 0 {
			t.Errorf("counted: %+v", r)
		}
		b.check()
	})
}

func TestReclaim(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	id := b.submit(1, "bob@here.test")
	_, _, err := b.lease(context.Background(), 1) // of a process that was killed
	must(t, err)
	next := b.another()
	stop := running(t, next)
	b.wait(func() bool { return b.show(id).Finished != nil })
	stop()
	if n := len(b.inbox(2)); n != 1 {
		t.Errorf("%d copies", n)
	}
}

func TestForget(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		done := b.submit(1, "bob@here.test")
		b.drain()
		held := b.submit(1, "bob@here.test")
		_, err := b.Hold(context.Background(), held, "")
		must(t, err)
		b.clock.Advance(b.cfg.filled().Keep + time.Hour)
		must(t, b.forget(context.Background()))
		if _, err := b.Show(context.Background(), done); err == nil {
			t.Error("still there")
		}
		b.expect(held, "bob@here.test=held")
		b.check()
	})
}
