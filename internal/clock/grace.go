package clock

import (
	"sync"
	"time"
)

// Grace waits for work that is to end: by itself within a time, after which it
// is broken off.
func Grace(c Clock, d time.Duration, work *sync.WaitGroup, breakOff func()) {
	finished := make(chan struct{})
	go func() { work.Wait(); close(finished) }()
	end := c.NewTimer(d)
	defer end.Stop()
	select {
	case <-finished:
	case <-end.C():
		breakOff()
		<-finished
	}
}
