// Package load drives servers over their real protocols, with clients that cost little.
package load

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// words make text that compresses as prose does, not as one repeated line.
var words = strings.Fields(`the quarterly report about our new office shows that sales in the north have grown while costs
for travel and paper went down so please read it before our meeting on thursday and tell me what you think of the plan to
hire two more people for support because customers wait too long when they call in the morning I have asked anna and peter
to prepare numbers from last year invoice contract delivery address project deadline budget holiday question answer server
password domain migration mailbox calendar contact phone number street city country thanks regards kind best yours sincerely
attached find document draft version review comment change request urgent tomorrow yesterday week month january february`)

// rng is a small fixed generator: the same seed gives the same mail everywhere.
type rng uint64

func (r *rng) next() uint64 {
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return uint64(*r)
}

// Needle is a word that only message number 0 of each thousand has in its subject and text.
const Needle = "zanzibarian"

// Message builds mail number n of about size bytes.
func Message(n, size int, to string) []byte {
	r := rng(uint64(n)*0x9e3779b97f4a7c15 | 1)
	var b bytes.Buffer
	subject := words[r.next()%uint64(len(words))] + " " + words[r.next()%uint64(len(words))] + " " + words[r.next()%uint64(len(words))]
	if n%1000 == 0 {
		subject += " " + Needle
	}
	fmt.Fprintf(&b, "From: Sender %d <sender%d@load.test>\r\nTo: <%s>\r\nSubject: %s\r\nDate: Mon, 02 Nov 2026 10:%02d:%02d +0000\r\n"+
		"Message-ID: <%d.%x@load.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
		n%97, n%97, to, subject, n/60%60, n%60, n, r.next())
	if n%1000 == 0 {
		b.WriteString("There is one " + Needle + " here.\r\n")
	}
	col := 0
	for b.Len() < size-2 {
		w := words[r.next()%uint64(len(words))]
		if v := r.next(); v%5 == 0 {
			w = fmt.Sprintf("%s%d", w, v%10000) // names, numbers, codes: real mail is not a fixed dictionary
		}
		if col += len(w) + 1; col > 74 {
			b.WriteString("\r\n")
			col = len(w) + 1
		}
		b.WriteString(w)
		b.WriteByte(' ')
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// SMTP sends count messages over connections, spread over rcpt(n), and returns
// when each was answered 250.
func SMTP(ctx context.Context, addr string, connections, count, size int, rcpt func(n int) string) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, connections)
	for range connections {
		wg.Go(func() {
			if err := smtpSession(ctx, addr, &next, int64(count), size, rcpt); err != nil {
				errs <- err
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

func smtpSession(ctx context.Context, addr string, next *atomic.Int64, count int64, size int, rcpt func(int) string) error {
	nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer nc.Close()
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	r := bufio.NewReader(nc)
	if err := expect(r, "220"); err != nil {
		return err
	}
	if _, err := nc.Write([]byte("EHLO load.test\r\n")); err != nil {
		return err
	}
	if err := expect(r, "250"); err != nil {
		return err
	}
	for {
		n := next.Add(1) - 1
		if n >= count {
			_, err := nc.Write([]byte("QUIT\r\n"))
			return err
		}
		to := rcpt(int(n))
		// Both servers announce PIPELINING.
		if _, err := fmt.Fprintf(nc, "MAIL FROM:<sender@load.test>\r\nRCPT TO:<%s>\r\nDATA\r\n", to); err != nil {
			return err
		}
		for _, want := range []string{"250", "250", "354"} {
			if err := expect(r, want); err != nil {
				return err
			}
		}
		if _, err := nc.Write(append(Message(int(n), size, to), ".\r\n"...)); err != nil {
			return err
		}
		if err := expect(r, "250"); err != nil {
			return err
		}
	}
}

func expect(r *bufio.Reader, code string) error {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if !strings.HasPrefix(line, code) {
			return fmt.Errorf("wanted %s, got %q", code, line)
		}
		if len(line) > 3 && line[3] == ' ' {
			return nil
		}
	}
}

// Visible waits until the inboxes of the given logins hold count messages altogether.
func Visible(ctx context.Context, addr string, logins []Login, count int) error {
	var clients []*IMAP
	for _, l := range logins {
		c, err := DialIMAP(ctx, addr, l)
		if err != nil {
			return err
		}
		defer c.Close()
		clients = append(clients, c)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		total := 0
		for _, c := range clients {
			n, err := c.Messages("INBOX")
			if err != nil {
				return err
			}
			total += n
		}
		if total >= count {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("only %d of %d messages visible: %w", total, count, ctx.Err())
		case <-tick.C:
		}
	}
}
