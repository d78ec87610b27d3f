package imapd_test

import (
	"bufio"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// idlers opens n sessions that all wait in IDLE on INBOX.
func idlers(t testing.TB, n int, dial func() net.Conn) []net.Conn {
	t.Helper()
	out := make([]net.Conn, n)
	sem := make(chan struct{}, 16)
	var wg sync.WaitGroup
	for i := range n {
		sem <- struct{}{}
		wg.Go(func() {
			defer func() { <-sem }()
			c := dial()
			out[i] = c
			if err := c.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
				t.Error(err)
			}
			r := bufio.NewReaderSize(c, 1024)
			for _, step := range [][2]string{{"", "* OK"}, {"a LOGIN " + user + ` "` + password + `"`, "a OK"}, {"b SELECT INBOX", "b OK"}, {"c IDLE", "+ idling"}} {
				if step[0] != "" {
					if _, err := io.WriteString(c, step[0]+"\r\n"); err != nil {
						t.Error(err)
						return
					}
				}
				for {
					l, err := r.ReadString('\n')
					if err != nil {
						t.Errorf("session %d: %v", i, err)
						return
					}
					if strings.HasPrefix(l, step[1]) {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return out
}

// woken waits until each of the connections has heard of a message.
func woken(t testing.TB, conns []net.Conn) time.Duration {
	t.Helper()
	t0 := time.Now()
	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(func() {
			var buf [256]byte
			if k, err := c.Read(buf[:]); err != nil || !strings.Contains(string(buf[:k]), "EXISTS") {
				t.Errorf("woken by %q, %v", buf[:k], err)
			}
		})
	}
	wg.Wait()
	return time.Since(t0)
}

// TestIdleSessionsAreSmallAndAwake: 500 waiting sessions (client ends included) stay under
// the goal of 40 kB each, and one message wakes them all.
func TestIdleSessionsAreSmallAndAwake(t *testing.T) {
	b := newBench(t, nil)
	b.fill(100, 1000)
	const n = 500
	idlers(t, 20, func() net.Conn { return must2(net.Dial("tcp", b.addr))(t) }) // caches are warm now
	before := inUse()
	conns := idlers(t, n, func() net.Conn { return must2(net.Dial("tcp", b.addr))(t) })
	per := (inUse() - before) / n
	t.Logf("%d bytes a session", per)
	if per > 40<<10 {
		t.Errorf("an idle session takes %d bytes", per)
	}
	done := make(chan time.Duration, 1)
	go func() { done <- woken(t, conns) }()
	b.deliver(letter(1))
	t.Logf("all woken after %v", <-done)
	for _, c := range conns {
		c.Close()
	}
}

func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
