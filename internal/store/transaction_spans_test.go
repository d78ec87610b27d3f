package store

import (
	"testing"

	"pgregory.net/rapid"
)

// Every day is in one span, and no more spans are used than needed.
func TestStretches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Int64Range(0, 3000).Draw(t, "first")
		last := first + rapid.Int64Range(0, 3000).Draw(t, "days")
		at, n := first, int64(0)
		for _, w := range stretches(first, last) {
			if w.first*w.width != at || w.last <= w.first {
				t.Fatalf("a stretch of %d from %d to %d follows day %d", w.width, w.first, w.last, at)
			}
			at, n = w.last*w.width, n+w.last-w.first
		}
		if at != last {
			t.Fatalf("days end at %d, not at %d", at, last)
		}
		if most := (last-first)/256 + 2*(15+15); n > most {
			t.Fatalf("%d spans for %d days", n, last-first)
		}
	})
}
