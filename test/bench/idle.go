package main

import (
	"context"
	"sync"
	"time"

	"posthouse/test/bench/load"
)

// rest is how long idle sessions are left alone to see what they cost.
const rest = 5 * time.Second

// idle measures sessions that wait in IDLE: memory, processor time at rest, and
// how long after a delivery the last of them has been told.
func idle(ctx context.Context, r *report, s sizes, t *target) error {
	box := t.box(0)
	if err := load.SMTP(ctx, t.smtp, 1, 1, 1000, func(int) string { return box.User }); err != nil {
		return err
	}
	if err := load.Visible(ctx, t.imap, []load.Login{box}, 1); err != nil {
		return err
	}
	// The first half fills what the server keeps whether or not sessions are
	// there; the second half shows what one more session costs.
	var half int64
	var ready, woken, ended sync.WaitGroup
	errs := make(chan error, s.idle)
	var mu sync.Mutex
	var last time.Time
	for n := range s.idle {
		if n == s.idle/2 {
			ready.Wait()
			half = resident(t.pids)
		}
		c, err := load.DialIMAP(ctx, t.imap, box)
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.Do("SELECT INBOX", nil); err != nil {
			return err
		}
		c.Shrink()
		ready.Add(1)
		woken.Add(1)
		ended.Go(func() {
			err := c.Idle(ready.Done, func() {
				mu.Lock()
				last = time.Now()
				mu.Unlock()
				woken.Done()
			})
			if err != nil {
				errs <- err
			}
		})
	}
	ready.Wait()
	memory := float64(resident(t.pids)-half) / float64(s.idle-s.idle/2) / 1000
	cpuBefore := cpu(t.pids)
	select {
	case <-time.After(rest):
	case err := <-errs:
		return err
	}
	atRest := float64((cpu(t.pids) - cpuBefore).Milliseconds()) / rest.Seconds()
	if err := load.SMTP(ctx, t.smtp, 1, 1, 1000, func(int) string { return box.User }); err != nil {
		return err
	}
	answered := time.Now()
	woken.Wait()
	figure := r.figure("memory of an idle session", "kB", false, "under 40 kB", func(own, _ float64) bool { return own < 40 })
	if memory > 0 {
		figure.add(t.name, memory)
	} else {
		r.notes = append(r.notes, t.name+": resident memory fell while idle sessions were opened, so this run can't say what one takes")
	}
	r.figure("all idle sessions told of a delivery after its 250", "ms", false, "within 100 ms", func(own, _ float64) bool { return own <= 100 }).
		add(t.name, max(0, float64(last.Sub(answered).Microseconds())/1000))
	r.figure("CPU of all idle sessions at rest", "ms/s", false, "none", func(own, _ float64) bool { return own < 2 }).add(t.name, atRest)
	return nil
}
