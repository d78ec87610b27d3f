package sqldb

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/store/pgtest"
)

// benchSchema is a small delivery: one counter row per account, one entry per message.
const benchSchema = `CREATE TABLE counter (id BIGINT PRIMARY KEY, next BIGINT NOT NULL, used BIGINT NOT NULL);
CREATE TABLE entry (folder BIGINT NOT NULL, uid BIGINT NOT NULL, size BIGINT NOT NULL, envelope TEXT NOT NULL, PRIMARY KEY (folder, uid))`

const benchAccounts = 1000

func benchDB(b *testing.B, cfg Config) *DB {
	db := openTest(b, cfg)
	ctx := b.Context()
	if err := db.Write(ctx, func(tx *Tx) error {
		for _, q := range splitStatements(benchSchema) {
			if db.Engine() == SQLite && q[:18] == "CREATE TABLE entry" {
				q += " WITHOUT ROWID"
			}
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		for i := range benchAccounts {
			if _, err := tx.Exec(ctx, "INSERT INTO counter (id, next, used) VALUES (?, 1, 0)", i); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	return db
}

func splitStatements(s string) (list []string) {
	for start := 0; start < len(s); {
		end := start
		for end < len(s) && s[end] != ';' {
			end++
		}
		q := s[start:end]
		for len(q) > 0 && (q[0] == '\n' || q[0] == ' ') {
			q = q[1:]
		}
		list = append(list, q)
		start = end + 1
	}
	return list
}

var envelope = fmt.Sprintf("%0300d", 7)

func deliver(tx *Tx, b *testing.B, account int64) error {
	var uid int64
	if err := tx.ScanRow(b.Context(), []any{&uid}, "UPDATE counter SET next = next + 1, used = used + ? WHERE id = ? RETURNING next", 4096, account); err != nil {
		return err
	}
	_, err := tx.Exec(b.Context(), "INSERT INTO entry (folder, uid, size, envelope) VALUES (?, ?, ?, ?)", account, uid, 4096, envelope)
	return err
}

func benchWriters(b *testing.B, db *DB, writers int) {
	var next atomic.Int64
	took := make([]time.Duration, b.N)
	before := db.Stats()
	b.ResetTimer()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				start := time.Now()
				if err := db.WriteRows(b.Context(), func(tx *Tx) error { return deliver(tx, b, n%benchAccounts) }); err != nil {
					b.Error(err)
					return
				}
				took[n-1] = time.Since(start)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(took[b.N*99/100].Seconds()*1000, "p99-ms")
	b.ReportMetric(took[b.N-1].Seconds()*1000, "max-ms")
	after := db.Stats()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	b.ReportMetric(float64(after.Writes-before.Writes)/float64(max(1, after.Commits-before.Commits)), "writes/commit")
}

// BenchmarkWrite is durable writes per second: each of two statements, answered
// after fsync.
func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("sqlite/writers=%d", writers), func(b *testing.B) {
			benchWriters(b, benchDB(b, Config{}), writers)
		})
	}
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("postgres/writers=%d", writers), func(b *testing.B) {
			benchWriters(b, benchDB(b, Config{Engine: Postgres, DSN: pgtest.New(b), MaxConns: writers}), writers)
		})
	}
}

// BenchmarkRead is one look-up by key in a transaction of its own.
func BenchmarkRead(b *testing.B) {
	for _, engine := range []string{SQLite, Postgres} {
		b.Run(engine, func(b *testing.B) {
			cfg := Config{Engine: engine}
			if engine == Postgres {
				cfg.DSN = pgtest.New(b)
			} else {
				cfg.Engine = ""
			}
			db := benchDB(b, cfg)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				var next int64
				if err := db.Read(b.Context(), func(tx *Tx) error {
					return tx.ScanRow(b.Context(), []any{&next}, "SELECT next FROM counter WHERE id = ?", i%benchAccounts)
				}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
