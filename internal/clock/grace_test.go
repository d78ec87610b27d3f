package clock

import (
	"sync"
	"testing"
	"time"
)

func TestGrace(t *testing.T) {
	var idle sync.WaitGroup
	Grace(System(), time.Hour, &idle, func() { t.Error("work that had ended was broken off") })

	var work sync.WaitGroup
	release := make(chan struct{})
	work.Go(func() { <-release })
	broken := 0
	Grace(System(), time.Nanosecond, &work, func() { broken++; close(release) })
	if broken != 1 {
		t.Errorf("broken off %d times", broken)
	}
}
