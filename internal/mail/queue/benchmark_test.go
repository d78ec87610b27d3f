package queue

import (
	"context"
	"strings"
	"sync"
	"testing"

	"posthouse/internal/clock"
	"posthouse/internal/mail/smtptest"
	"posthouse/internal/store/sqldb"
)

// submitAll submits b.N messages from 16 goroutines and waits for each to have arrived.
func submitAll(t *testing.B, b *bench, to string, arrived func(n int)) {
	content := strings.Repeat("From: somebody\r\nSubject: hello\r\n\r\n", 1) + strings.Repeat("A line of some text of an ordinary message, number 1234.\r\n", 70)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.ResetTimer()
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := w; i < t.N; i += 16 {
				s := b.submission(1, to)
				s.Content = strings.NewReader(content)
				if err := b.Submit(ctx, s); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	t.ReportMetric(float64(t.N)/t.Elapsed().Seconds(), "submitted/s")
	arrived(t.N)
	t.ReportMetric(float64(t.N)/t.Elapsed().Seconds(), "delivered/s")
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func BenchmarkLocal(t *testing.B) {
	b := newBench(t, sqldb.SQLite, func(c *Config) { c.Clock = clock.System() })
	submitAll(t, b, "bob@here.test", func(n int) {
		b.wait(func() bool {
			u, err := b.store.Usage(context.Background(), 2)
			must(t, err)
			return u.Messages >= int64(n)
		})
	})
}

func BenchmarkRemote(t *testing.B) {
	b := newBench(t, sqldb.SQLite, func(c *Config) { c.Clock = clock.System() })
	sink := smtptest.Start(t, smtptest.Config{})
	b.foreign("far.test", sink.Addr)
	submitAll(t, b, "x@far.test", func(n int) {
		b.wait(func() bool { return len(sink.Messages()) >= n })
	})
}
