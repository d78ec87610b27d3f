// Package loop kills the server with SIGKILL in the middle of a delivery load,
// again and again, and then asks for every message that was answered 250: each
// must be there, once.
package loop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"posthouse/test/harness"
)

// Config of a run.
type Config struct {
	Kills       int
	Connections int
	Seed        uint64
	Server      harness.Options
	Progress    io.Writer
}

// Report of a run.
type Report struct {
	Kills    int
	Answered int // messages answered 250
	Unknown  int // sent, no answer seen: may be there or not
	Found    int // messages in the mailbox
	Verify   string
}

const (
	mailbox  = "anna@kill.test"
	password = "kill-loop-password"
	// batchMax bounds the messages of one round, should the kill come late.
	batchMax = 2000
)

// ledger is what the client knows of its messages.
type ledger struct {
	mu       sync.Mutex
	next     int
	answered map[string]bool // true = 250 seen, false = outcome unknown
}

func (l *ledger) begin() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	return fmt.Sprintf("k%07d", l.next)
}

func (l *ledger) set(id string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answered[id] = ok
}

// Run does the whole; an error names the first message that is lost or doubled.
func Run(ctx context.Context, c Config) (*Report, error) {
	rnd := rand.New(rand.NewPCG(c.Seed, 1))
	srv, err := harness.Start(ctx, c.Server)
	if err != nil {
		return nil, err
	}
	defer func() { srv.Kill() }()
	if err := order(ctx, srv); err != nil {
		return nil, err
	}
	led := &ledger{answered: map[string]bool{}}
	for n := 1; n <= c.Kills; n++ {
		if err := round(ctx, srv, led, c.Connections, 1+rnd.IntN(60)); err != nil {
			return nil, fmt.Errorf("kill %d: %w", n, err)
		}
		if srv, err = harness.Start(ctx, c.Server); err != nil {
			return nil, fmt.Errorf("start after kill %d: %w", n, err)
		}
		if n%20 == 0 || n == c.Kills {
			found, err := check(ctx, srv, led)
			if err != nil {
				return nil, fmt.Errorf("after kill %d: %w", n, err)
			}
			fmt.Fprintf(c.Progress, "kill %d of %d: %d messages answered 250, %d in the mailbox, none lost, none twice\n", n, c.Kills, answered(led), found)
		}
	}
	found, err := check(ctx, srv, led)
	if err != nil {
		return nil, err
	}
	if err := srv.Stop(); err != nil {
		return nil, err
	}
	report, err := srv.CLI(ctx, "verify")
	if err != nil {
		return nil, err
	}
	a := answered(led)
	return &Report{Kills: c.Kills, Answered: a, Unknown: len(led.answered) - a, Found: found, Verify: strings.TrimSpace(report)}, nil
}

func answered(l *ledger) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, ok := range l.answered {
		if ok {
			n++
		}
	}
	return n
}

func order(ctx context.Context, srv *harness.Server) error {
	r, err := srv.Titan(ctx, "createMailOrder", map[string]any{
		"domainName": "kill.test", "customerId": "kill", "planType": "ultra", "noOfAccounts": 1, "chargedAmount": "1.00",
		"expiryDate": "2035-01-01", "firstEmailAccount": map[string]any{"email": mailbox, "password": password},
	})
	if err != nil {
		return err
	}
	if r.Status != 200 {
		return fmt.Errorf("createMailOrder: %s", r.Raw)
	}
	return nil
}

// round loads the server and kills it once `acks` messages were answered.
func round(ctx context.Context, srv *harness.Server, led *ledger, connections, acks int) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	acked := make(chan struct{}, batchMax*connections)
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() { session(ctx, srv.Addr("mx"), led, acked) })
	}
	for range acks {
		select {
		case <-acked:
		case <-ctx.Done():
			srv.Kill()
			wg.Wait()
			return fmt.Errorf("no answer from the server: %w\n%s", ctx.Err(), srv.Log())
		}
	}
	srv.Kill()
	wg.Wait()
	return nil
}

// session sends messages over one connection until the server is gone.
func session(ctx context.Context, addr string, led *ledger, acked chan<- struct{}) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return // killed before the connection: nothing was sent
	}
	defer nc.Close()
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	defer stop()
	r, w := textproto.NewReader(bufio.NewReader(nc)), bufio.NewWriter(nc)
	if _, _, err := r.ReadResponse(220); err != nil {
		return
	}
	if err := command(r, w, "EHLO client.test", 250); err != nil {
		return
	}
	for range batchMax {
		id := led.begin()
		if command(r, w, "MAIL FROM:<load@client.test>", 250) != nil ||
			command(r, w, "RCPT TO:<"+mailbox+">", 250) != nil || command(r, w, "DATA", 354) != nil {
			return
		}
		// From here the message may be stored without our seeing the answer.
		led.set(id, false)
		body := "From: load@client.test\r\nTo: " + mailbox + "\r\nSubject: " + id + "\r\nX-Loop-Id: " + id +
			"\r\n\r\n" + strings.Repeat("The quick brown fox jumps over the lazy dog. "+id+"\r\n", 40) + "."
		if command(r, w, body, 250) != nil {
			return
		}
		led.set(id, true)
		acked <- struct{}{}
	}
}

func command(r *textproto.Reader, w *bufio.Writer, line string, want int) error {
	if _, err := w.WriteString(line + "\r\n"); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, _, err := r.ReadResponse(want)
	return err
}

// check compares the mailbox with the ledger.
func check(ctx context.Context, srv *harness.Server, led *ledger) (int, error) {
	ids, err := stored(ctx, srv)
	if err != nil {
		return 0, err
	}
	count := map[string]int{}
	for _, id := range ids {
		count[id]++
	}
	led.mu.Lock()
	defer led.mu.Unlock()
	var problems []error
	for id, ok := range led.answered {
		switch n := count[id]; {
		case ok && n == 0:
			problems = append(problems, fmt.Errorf("%s was answered 250 and is lost", id))
		case n > 1:
			problems = append(problems, fmt.Errorf("%s is there %d times", id, n))
		}
		delete(count, id)
	}
	for id := range count {
		problems = append(problems, fmt.Errorf("%q is there and was never sent", id))
	}
	return len(ids), errors.Join(problems...)
}

// stored gives the X-Loop-Id of every message in the inbox.
func stored(ctx context.Context, srv *harness.Server) ([]string, error) {
	nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", srv.Addr("imap"))
	if err != nil {
		return nil, err
	}
	c, err := imapclient.NewStartTLS(nc, &imapclient.Options{TLSConfig: harness.InsecureTLS()})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.Login(mailbox, password).Wait(); err != nil {
		return nil, err
	}
	box, err := c.Select("INBOX", nil).Wait()
	if err != nil || box.NumMessages == 0 {
		return nil, err
	}
	section := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"X-Loop-Id"}, Peek: true}
	var all imap.SeqSet
	all.AddRange(1, 0)
	msgs, err := c.Fetch(all, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range msgs {
		h, err := textproto.NewReader(bufio.NewReader(strings.NewReader(string(m.FindBodySection(section))))).ReadMIMEHeader()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		ids = append(ids, h.Get("X-Loop-Id"))
	}
	return ids, nil
}
