package imapd_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// fill puts n messages of about size octets into INBOX.
func (b *bench) fill(n, size int) {
	b.t.Helper()
	ctx := context.Background()
	body := strings.Repeat("The quick brown fox jumps over the lazy dog, 0123456789.\r\n", size/58+1)[:max(2, size-500)]
	next := make(chan int)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for i := range next {
				text := fmt.Sprintf("Return-Path: <ann@example.com>\r\nReceived: from mx.example.org (mx.example.org [192.0.2.7])\r\n\tby mail.example.com with ESMTPS id %08x; Sun, 22 Nov 2026 12:00:00 +0000\r\n"+
					"From: Ann Example <ann@example.com>\r\nTo: Bob Example <bob@example.net>, carol@example.org\r\nSubject: Speed test message number %d\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\nMessage-ID: <%d.speed@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n", i, i, i, body)
				st, err := b.store.Put(ctx, strings.NewReader(text))
				if err != nil {
					b.t.Error(err)
					return
				}
				err = b.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
					_, err := b.store.DeliverTx(ctx, tx, st, []mailstore.Target{{AccountID: account}})
					return err
				})
				if err != nil {
					b.t.Error(err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// drink sends a command and throws the answer away, up to the tagged OK at the end.
func drink(t testing.TB, conn net.Conn, buf []byte, cmd, tag string) int64 {
	if _, err := io.WriteString(conn, tag+" "+cmd+"\r\n"); err != nil {
		t.Fatal(err)
	}
	total, end := int64(0), []byte("\r\n"+tag+" OK ")
	keep := 0
	for {
		n, err := conn.Read(buf[keep:])
		if err != nil {
			t.Fatal(err)
		}
		total += int64(n)
		tail := buf[max(0, keep+n-200) : keep+n]
		if bytes.HasSuffix(tail, []byte("\r\n")) && (bytes.Contains(tail, end) || bytes.HasPrefix(tail, end[2:])) {
			return total
		}
		keep = copy(buf, tail)
	}
}

func BenchmarkMailbox(bb *testing.B) {
	const n = 50000
	b := newBench(bb, nil)
	t0 := time.Now()
	b.fill(n, 4000)
	bb.Logf("filled in %v", time.Since(t0))
	c := b.loggedIn()
	must(bb, c.conn.SetDeadline(time.Time{}))
	buf := make([]byte, 256<<10)
	drink(bb, c.conn, buf, "SELECT INBOX", "w")
	for _, tc := range []struct {
		name, cmd string
		per       int
	}{
		{"SELECT", "SELECT INBOX", 1},
		{"FLAGS", "FETCH 1:* FLAGS", n},
		{"UIDFLAGS", "UID FETCH 1:* (FLAGS)", n},
		{"FAST", "FETCH 1:* FAST", n},
		{"ENVELOPE", "FETCH 1:* ENVELOPE", n},
		{"BODYSTRUCTURE", "FETCH 1:* BODYSTRUCTURE", n},
		{"HEADERS", "FETCH 1:* BODY.PEEK[HEADER.FIELDS (FROM SUBJECT DATE)]", n},
		{"BODIES", "FETCH 1:* BODY.PEEK[]", n},
		{"SEARCH_UNSEEN", "SEARCH UNSEEN", 1},
		{"NOOP", "NOOP", 1},
	} {
		bb.Run(tc.name, func(bb *testing.B) {
			var total int64
			i := 0
			for bb.Loop() {
				i++
				total += drink(bb, c.conn, buf, tc.cmd, fmt.Sprintf("x%d", i))
			}
			el := bb.Elapsed().Seconds()
			if tc.per > 1 {
				bb.ReportMetric(float64(tc.per)*float64(bb.N)/el, "msg/s")
				bb.ReportMetric(float64(total)/el/1e6, "MB/s")
			}
		})
	}
}

func BenchmarkAppend(bb *testing.B) {
	b := newBench(bb, nil)
	text := letter(1) + strings.Repeat("0123456789abcdef\r\n", 200)
	cmd := fmt.Sprintf("APPEND Drafts (\\Seen) {%d+}\r\n%s", len(text), text)
	var mu sync.Mutex
	left := 0
	const conns = 16
	cs := make([]*client, conns)
	for i := range cs {
		cs[i] = b.loggedIn()
		must(bb, cs[i].conn.SetDeadline(time.Time{}))
	}
	must(bb, b.db.Write(context.Background(), func(tx *sqldb.Tx) error {
		return b.store.SetQuotaTx(context.Background(), tx, []int64{account}, 1<<40)
	}))
	bb.ResetTimer()
	left = bb.N
	var wg sync.WaitGroup
	for _, c := range cs {
		wg.Go(func() {
			buf := make([]byte, 4096)
			for i := 0; ; i++ {
				mu.Lock()
				left--
				stop := left < 0
				mu.Unlock()
				if stop {
					return
				}
				drink(bb, c.conn, buf, cmd, fmt.Sprintf("x%d", i))
			}
		})
	}
	wg.Wait()
	bb.ReportMetric(float64(bb.N)/bb.Elapsed().Seconds(), "append/s")
}
