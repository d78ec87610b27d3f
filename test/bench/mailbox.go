package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"posthouse/test/bench/load"
)

// repeats is how often a command on the large mailbox is timed in a round.
const repeats = 5

// mailbox measures log-ins, APPEND, and the commands of a mail program that
// opens a large mailbox.
func mailbox(ctx context.Context, r *report, s sizes, t *target) error {
	box := t.box(0)
	if err := logIns(ctx, r, t); err != nil {
		return err
	}
	appended := min(s.mailbox, 2000)
	if t.server != nil {
		appended = min(s.mailbox, 20000)
	}
	begin := time.Now()
	if err := appendAll(ctx, t, box, appended, 16); err != nil {
		return err
	}
	r.figure("APPEND, 2 kB, 16 connections", "/s", true, "3,000/s", func(own, _ float64) bool { return own >= 3000 }).
		add(t.name, float64(appended)/time.Since(begin).Seconds())
	if err := fill(ctx, t, box, appended, s.mailbox-appended); err != nil {
		return err
	}
	if err := settle(ctx, t); err != nil {
		return err
	}
	c, err := load.DialIMAP(ctx, t.imap, box)
	if err != nil {
		return err
	}
	defer c.Close()
	notBehind := func(higher bool) func(float64, float64) bool {
		return func(own, peer float64) bool { return peer == 0 || own == peer || (own > peer) == higher }
	}
	n := float64(s.mailbox)
	title := fmt.Sprintf("of a mailbox of %s", thousands(int64(s.mailbox)))
	for _, m := range []struct {
		name, command, unit, goal string
		higher                    bool
		value                     func(d time.Duration, st load.Stat) float64
		met                       func(float64, float64) bool
	}{
		{"SELECT", "SELECT INBOX", "ms", "not behind", false, millis, notBehind(false)},
		{"FETCH FLAGS of all", "FETCH 1:* (FLAGS)", "/s", "not behind", true, perSecond(n), notBehind(true)},
		{"FETCH ENVELOPE of all", "FETCH 1:* (ENVELOPE)", "/s", "not behind", true, perSecond(n), notBehind(true)},
		{"FETCH BODYSTRUCTURE of all", "FETCH 1:* (BODYSTRUCTURE)", "/s", "not behind", true, perSecond(n), notBehind(true)},
		{"FETCH BODY.PEEK[] of all", "FETCH 1:* (BODY.PEEK[])", "MB/s", "not behind", true, megabytes, notBehind(true)},
		{"SEARCH SUBJECT", "SEARCH SUBJECT " + load.Needle, "ms", "under 10 ms", false, millis, func(own, _ float64) bool { return own < 10 }},
		{"SEARCH TEXT", "SEARCH TEXT " + load.Needle, "ms", "under 20 ms", false, millis, func(own, _ float64) bool { return own < 20 }},
	} {
		var times series
		for range repeats {
			begin := time.Now()
			st, err := c.Do(m.command, nil)
			if err != nil {
				return fmt.Errorf("%s: %w", m.command, err)
			}
			times = append(times, m.value(time.Since(begin), st))
		}
		r.figure(m.name+" "+title, m.unit, m.higher, m.goal, m.met).add(t.name, times.median())
	}
	return nil
}

// settle waits until the server's background work (indices, caches) is done:
// some seconds in a row with next to no processor time, two minutes at the most.
func settle(ctx context.Context, t *target) error {
	calm := 0
	for range 120 {
		before := cpu(t.pids)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
		if calm++; cpu(t.pids)-before > 2*tick {
			calm = 0
		}
		if calm == 4 {
			return nil
		}
	}
	return nil
}

func millis(d time.Duration, _ load.Stat) float64 { return float64(d.Microseconds()) / 1000 }

func perSecond(n float64) func(time.Duration, load.Stat) float64 {
	return func(d time.Duration, _ load.Stat) float64 { return n / d.Seconds() }
}

func megabytes(d time.Duration, st load.Stat) float64 { return float64(st.Bytes) / 1e6 / d.Seconds() }

func appendAll(ctx context.Context, t *target, box load.Login, count, connections int) error {
	return each(connections, count, func() (func(n int) error, func(), error) {
		c, err := load.DialIMAP(ctx, t.imap, box)
		if err != nil {
			return nil, nil, err
		}
		return func(n int) error { return c.Append("INBOX", load.Message(n, 2<<10, box.User)) }, func() { _ = c.Close() }, nil
	})
}

// fill brings the mailbox to its size, untimed.
func fill(ctx context.Context, t *target, box load.Login, from, count int) error {
	if t.server != nil { // every APPEND waits for the disk: many at a time
		return each(16, count, func() (func(n int) error, func(), error) {
			c, err := load.DialIMAP(ctx, t.imap, box)
			if err != nil {
				return nil, nil, err
			}
			return func(n int) error { return c.Append("INBOX", load.Message(from+n, 2<<10, box.User)) }, func() { _ = c.Close() }, nil
		})
	}
	for end := from + count; from < end; {
		c, err := load.DialIMAP(ctx, t.imap, box)
		if err != nil {
			return err
		}
		part := min(5000, end-from)
		err = c.Fill("INBOX", from, part, func(n int) []byte { return load.Message(n, 2<<10, box.User) })
		_ = c.Close() // nothing of it is needed any more
		if err != nil {
			return fmt.Errorf("filling the mailbox: %w", err)
		}
		from += part
	}
	return nil
}

// logIns measures log-ins of clients that the server has seen before.
func logIns(ctx context.Context, r *report, t *target) error {
	const count = 3000
	one := func(n int) error {
		c, err := load.DialIMAP(ctx, t.imap, t.box(n%boxes))
		if err != nil {
			return err
		}
		return c.Close()
	}
	for n := range boxes {
		if err := one(n); err != nil {
			return err
		}
	}
	begin := time.Now()
	if err := each(16, count, func() (func(int) error, func(), error) { return one, func() {}, nil }); err != nil {
		return err
	}
	r.figure("log-ins of clients seen before, connection included", "/s", true, "1,000/s", func(own, _ float64) bool { return own >= 1000 }).
		add(t.name, count/time.Since(begin).Seconds())
	return nil
}

// each runs fn for 0..count-1 in `workers` goroutines, each with what open gave it.
func each(workers, count int, open func() (fn func(n int) error, done func(), err error)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, workers)
	for range workers {
		wg.Go(func() {
			fn, done, err := open()
			if err != nil {
				errs <- err
				return
			}
			defer done()
			for {
				n := int(next.Add(1) - 1)
				if n >= count {
					return
				}
				if err := fn(n); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}
