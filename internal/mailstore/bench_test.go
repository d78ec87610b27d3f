package mailstore

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/message"
	"posthouse/internal/store/sqldb"
)

// prose makes text of natural word frequencies, different for each seed.
func prose(seed uint64, size int) string {
	r := rand.New(rand.NewPCG(seed, 7))
	z := rand.NewZipf(r, 1.2, 4, 30_000)
	var b strings.Builder
	line := 0
	for b.Len() < size {
		n := z.Uint64()
		w := word(n)
		if line += len(w) + 1; line > 72 {
			b.WriteString("\r\n")
			line = 0
		}
		b.WriteString(w)
		b.WriteByte(' ')
	}
	return b.String()
}

// word is the n-th word of a made-up language.
func word(n uint64) string {
	syllables := []string{"ka", "lo", "mi", "ten", "ra", "sul", "be", "dor", "in", "est", "qua", "vel", "on", "tri", "pha", "gu"}
	var b strings.Builder
	for {
		b.WriteString(syllables[n%16])
		if n /= 16; n == 0 {
			return b.String()
		}
	}
}

func benchLetter(seed uint64, size int) string {
	head := fmt.Sprintf("Received: from mail%d.example.org by mx.example.com with ESMTPS id %016x; Sun, 22 Nov 2026 12:00:00 +0000\r\n"+
		"From: Sender %d <sender%d@example.org>\r\nTo: Recipient <recipient@example.com>\r\nSubject: %s number %d\r\n"+
		"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <%016x@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
		seed%50, seed*0x9E3779B97F4A7C15, seed%500, seed%500, prose(seed, 20), seed, seed*0xBF58476D1CE4E5B9)
	return head + prose(seed, size-len(head))
}

func diskBytes(b testing.TB, dir string) (n int64) {
	must(b, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := os.Stat(path)
		if err == nil {
			n += info.Size()
		}
		return err
	}))
	return n
}

func BenchmarkDeliver(b *testing.B) {
	for _, size := range []int{4 << 10, 100 << 10} {
		for _, callers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%dkB/%d", size>>10, callers), func(b *testing.B) {
				s := newBench(b, sqldb.SQLite, func(c *Config) { c.Clock = nil })
				s.cfg.Clock = nil
				const accounts = 16
				for i := range accounts {
					s.account(int64(i+1), 0)
				}
				texts := make([]string, 256)
				for i := range texts {
					texts[i] = benchLetter(uint64(i), size)
				}
				var n atomic.Int64
				b.ResetTimer()
				start := time.Now()
				parallel(callers, b.N, func(i int) {
					st, err := s.Put(context.Background(), strings.NewReader(texts[i%len(texts)]))
					if err == nil {
						_, err = s.deliver(st, Target{AccountID: int64(i%accounts) + 1})
					}
					if err != nil {
						b.Error(err)
					}
					n.Add(1)
				})
				took := time.Since(start)
				b.StopTimer()
				b.ReportMetric(float64(n.Load())/took.Seconds(), "deliveries/s")
				s.close()
				b.ReportMetric(float64(diskBytes(b, s.dir))/float64(n.Load())/float64(size), "disk/text")
			})
		}
	}
}

func parallel(callers, n int, fn func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				fn(i)
			}
		})
	}
	wg.Wait()
}

func BenchmarkAppend(b *testing.B) {
	s := newBench(b, sqldb.SQLite, nil)
	s.account(1, 0)
	f := s.folder(1, "Archive")
	text := benchLetter(1, 4<<10)
	b.ResetTimer()
	start := time.Now()
	parallel(16, b.N, func(int) {
		st, err := s.Put(context.Background(), strings.NewReader(text))
		if err == nil {
			_, _, err = s.Append(context.Background(), f.ID, st, Flags{}, time.Time{})
		}
		if err != nil {
			b.Error(err)
		}
	})
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "appends/s")
}

// filled gives a folder of n messages, made once for all benchmarks that want it.
func filled(b *testing.B, n int) (*bench, *View) {
	s := newBench(b, sqldb.SQLite, func(c *Config) { c.SearchMemory = 256 << 20 })
	s.account(1, 0)
	f := s.folder(1, Inbox)
	parallel(64, n, func(i int) {
		st, err := s.Put(context.Background(), strings.NewReader(benchLetter(uint64(i), 4<<10)))
		if err == nil {
			_, err = s.deliver(st, Target{AccountID: 1})
		}
		if err != nil {
			b.Error(err)
		}
	})
	return s, s.view(f.ID)
}

func BenchmarkFolder(b *testing.B) {
	const n = 50_000
	s, v := filled(b, n)
	ctx := context.Background()
	b.Run("ViewUnchanged", func(b *testing.B) {
		for b.Loop() {
			s.view(v.Folder.ID)
		}
	})
	b.Run("ViewCold", func(b *testing.B) {
		for b.Loop() {
			s.views.forget(v.Folder.ID)
			s.view(v.Folder.ID)
		}
	})
	b.Run("Parts", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(b, s.Parts(ctx, 1, v.Entries, func(_ int, p *message.Part) error { return nil }))
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "parts/s")
	})
	b.Run("Contents", func(b *testing.B) {
		var bytes int64
		for b.Loop() {
			must(b, s.Contents(ctx, 1, v.Entries, func(_ int, c *Content) error {
				m, err := c.WriteTo(io.Discard)
				bytes += m
				if err != nil {
					return err
				}
				return c.Close()
			}))
		}
		b.ReportMetric(float64(bytes)/1e6/b.Elapsed().Seconds(), "MB/s")
	})
	b.Run("OneFlag", func(b *testing.B) {
		i := 0
		for b.Loop() {
			_, _, err := s.StoreFlags(ctx, v.Folder.ID, []uint32{uint32(i%n + 1)}, FlagOp(1+i/n%2), Flags{System: Seen}, 0)
			must(b, err)
			i++
		}
	})
	b.Run("AllFlags", func(b *testing.B) {
		uids := make([]uint32, n)
		for i := range uids {
			uids[i] = uint32(i + 1)
		}
		i := 0
		for b.Loop() {
			_, _, err := s.StoreFlags(ctx, v.Folder.ID, uids, FlagOp(1+i%2), Flags{System: Flagged}, 0)
			must(b, err)
			i++
		}
	})
	b.Run("DeleteFolder", func(b *testing.B) {
		b.StopTimer()
		for i := range b.N {
			f, err := s.CreateFolder(ctx, 1, fmt.Sprintf("x%d", i), "")
			must(b, err)
			uids := make([]uint32, n)
			for i := range uids {
				uids[i] = uint32(i + 1)
			}
			start := time.Now()
			_, err = s.Copy(ctx, v.Folder.ID, uids, f.ID)
			must(b, err)
			b.ReportMetric(float64(time.Since(start).Milliseconds()), "copy-ms")
			b.StartTimer()
			must(b, s.DeleteFolder(ctx, 1, f.Name))
			b.StopTimer()
		}
	})
}

func BenchmarkMatchText(b *testing.B) {
	s, v := filled(b, 50_000)
	ctx := context.Background()
	before := diskBytes(b, s.dir)
	start := time.Now()
	must(b, s.Index(ctx, 1))
	b.Logf("indexed in %v", time.Since(start))
	s.restart()
	b.Logf("disk %.3f of text before, %.3f after", float64(before)/50_000/4096, float64(diskBytes(b, s.dir))/50_000/4096)
	rare, seed := word(29_876), uint64(4711)
	for _, c := range []struct {
		name           string
		field          TextField
		header, needle string
	}{
		{"cold", FieldText, "", rare},
		{"SubjectRare", FieldSubject, "", "number 4711"}, {"SubjectCommon", FieldSubject, "", "number"}, {"FromRare", FieldFrom, "", "sender499@"},
		{"TextRare", FieldText, "", rare}, {"TextNone", FieldText, "", "zzyzx"}, {"TextCommon", FieldText, "", "lo"}, {"BodyPhrase", FieldBody, "", word(500) + " " + word(900)},
		{"MessageID", FieldHeader, "Message-ID", fmt.Sprintf("%016x", seed*0xBF58476D1CE4E5B9)},
	} {
		b.Run(c.name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				if c.name == "cold" {
					s.search.forget(1)
				}
				uids, err := s.MatchText(ctx, v, c.field, c.header, c.needle)
				must(b, err)
				n = len(uids)
			}
			b.ReportMetric(float64(n), "hits")
		})
	}
	s.search.mu.Lock()
	b.Logf("cache %d MB", s.search.bytes>>20)
	s.search.mu.Unlock()
}
