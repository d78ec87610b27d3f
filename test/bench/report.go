package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// series are the values of one figure for one server, one per round.
type series []float64

func (s series) median() float64 {
	if len(s) == 0 {
		return 0
	}
	c := slices.Sorted(slices.Values(s))
	if n := len(c); n%2 == 0 {
		return (c[n/2-1] + c[n/2]) / 2
	}
	return c[len(c)/2]
}

// figure is one line of the page.
type figure struct {
	name   string
	unit   string
	higher bool               // more is better
	values map[string]*series // by server
	goal   string
	met    func(posthouse, bestPeer float64) bool
}

// report gathers figures in the order in which they are first seen.
type report struct {
	figures []*figure
	servers []string
	notes   []string
}

func (r *report) figure(name, unit string, higher bool, goal string, met func(own, peer float64) bool) *figure {
	for _, f := range r.figures {
		if f.name == name {
			return f
		}
	}
	f := &figure{name: name, unit: unit, higher: higher, goal: goal, met: met, values: map[string]*series{}}
	r.figures = append(r.figures, f)
	return f
}

func (f *figure) add(server string, v float64) {
	if f.values[server] == nil {
		f.values[server] = &series{}
	}
	*f.values[server] = append(*f.values[server], v)
	fmt.Printf("  %-52s %-22s %12s\n", f.name, server, show(v, f.unit))
}

// bestPeer is the better median of the peers; 0 without peers.
func (f *figure) bestPeer() float64 {
	best := 0.0
	for server, s := range f.values {
		if server == own {
			continue
		}
		if m := s.median(); best == 0 || (m > best) == f.higher {
			best = m
		}
	}
	return best
}

func show(v float64, unit string) string {
	switch {
	case unit == "x" || v < 10:
		return fmt.Sprintf("%.2f %s", v, unit)
	case v < 1000:
		return fmt.Sprintf("%.1f %s", v, unit)
	}
	return fmt.Sprintf("%s %s", thousands(int64(v)), unit)
}

func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// write makes the page.
func (r *report) write(path, started string, s sizes) error {
	var b strings.Builder
	fmt.Fprintf(&b, `# Benchmarks

Written by `+"`make bench`"+` from one run (%s), %d processors, the load's client on the same machine. Each server ran alone, in
turn: %d rounds of deliveries, %d of the large mailbox and of idle sessions, one of the partner API; a cell is the median, with the least and the
greatest behind it. Postfix with Dovecot are Debian's packages with their default
durability, LMTP between them; `+"`test/bench/peer`"+` has their configuration. Ratio: Posthouse against the better of the two.
All servers take log-ins in plain text on loopback here, so that none pays for TLS. Commands on the large mailbox are timed once the server is
at rest after filling it.

| what | goal | Posthouse | %s | ratio | goal met |
| --- | --- | --- | %s | --- | --- |
`, started, runtime.NumCPU(), s.rounds, s.slowRounds, strings.Join(r.servers[1:], " | "), strings.TrimSuffix(strings.Repeat("--- | ", len(r.servers)-1), " | "))
	for _, f := range r.figures {
		cells := make([]string, len(r.servers))
		for i, server := range r.servers {
			cells[i] = "–"
			if s := f.values[server]; s != nil {
				cells[i] = fmt.Sprintf("%s (%s…%s)", show(s.median(), f.unit), short(slices.Min(*s)), short(slices.Max(*s)))
			}
		}
		peer, ratio, met := f.bestPeer(), "–", "–"
		mine := 0.0
		if s := f.values[own]; s != nil {
			mine = s.median()
			if peer > 0 && mine > 0 {
				q := mine / peer
				if !f.higher {
					q = peer / mine
				}
				ratio = fmt.Sprintf("%.1f times as good", q)
			}
			if f.met != nil {
				met = map[bool]string{true: "yes", false: "**no**"}[f.met(mine, peer)]
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.name, orDash(f.goal), strings.Join(cells, " | "), ratio, met)
	}
	if len(r.notes) > 0 {
		b.WriteString("\n## Notes of this run\n\n")
		for _, n := range r.notes {
			fmt.Fprintf(&b, "- %s\n", n)
		}
	}
	return os.WriteFile(path, append([]byte(b.String()), reading()...), 0o644)
}

// reading is the hand-written part: what the profile shows where a goal is
// missed. It is kept over runs.
func reading() []byte {
	b, err := os.ReadFile("test/bench/reading.md")
	if err != nil {
		return nil
	}
	return append([]byte("\n"), b...)
}

func short(v float64) string {
	if v >= 100 {
		return thousands(int64(v))
	}
	return fmt.Sprintf("%.2f", v)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
