package main

import (
	"context"
	"fmt"
	"time"

	"posthouse/test/bench/load"
)

// deliveries measures durable deliveries per second that are visible in IMAP,
// the server's processor time for each, and the disk that each takes.
func deliveries(ctx context.Context, r *report, s sizes, t *target) error {
	var logins []load.Login
	for n := range boxes {
		logins = append(logins, t.box(n))
	}
	rcpt := func(n int) string { return logins[n%boxes].User }
	total := 0
	for _, c := range []struct {
		name              string
		size, connections int
		own, peer         int
		times             float64
	}{
		{"4 kB, 16 connections", 4 << 10, 16, s.deliveries, s.peerDeliveries, 8},
		{"4 kB, 64 connections", 4 << 10, 64, s.deliveries, s.peerDeliveries, 8},
		{"100 kB, 16 connections", 100 << 10, 16, s.large, s.peerLarge, 3},
	} {
		count := c.peer
		if t.server != nil {
			count = c.own
		}
		diskBefore, cpuBefore, begin := diskUsed(t.dir), cpu(t.pids), time.Now()
		if err := load.SMTP(ctx, t.smtp, c.connections, count, c.size, rcpt); err != nil {
			return err
		}
		total += count
		if err := load.Visible(ctx, t.imap, logins, total); err != nil {
			return err
		}
		took := time.Since(begin)
		r.figure("deliveries visible in IMAP, "+c.name, "/s", true, fmt.Sprintf("%.0f times the peer", c.times),
			func(own, peer float64) bool { return peer > 0 && own >= c.times*peer }).add(t.name, float64(count)/took.Seconds())
		var goal string
		var met func(float64, float64) bool
		if c.size < 10<<10 {
			goal, met = "under 0.5 ms", func(own, _ float64) bool { return own < 0.5 }
		}
		r.figure("server CPU of each, "+c.name, "ms", false, goal, met).
			add(t.name, float64((cpu(t.pids)-cpuBefore).Microseconds())/1000/float64(count))
		if c.connections == 16 {
			limit := map[bool]float64{true: 1.2, false: 0.5}[c.size < 10<<10]
			r.figure(fmt.Sprintf("disk bytes per byte of message, %d kB", c.size>>10), "x", false, fmt.Sprintf("under %.1f", limit),
				func(own, _ float64) bool { return own < limit }).
				add(t.name, float64(diskUsed(t.dir)-diskBefore)/float64(count)/float64(c.size))
		}
	}
	return nil
}
