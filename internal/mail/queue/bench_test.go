package queue

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posthouse/internal/clock"
	"posthouse/internal/core/routing"
	"posthouse/internal/mail/dnsres"
	"posthouse/internal/mail/login"
	"posthouse/internal/mail/smtpclient"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

func TestMain(m *testing.M) {
	// The PostgreSQL server of the tests lives as long as the test binary.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("posthouse/internal/store/pgtest.startServer.func2"))
}

// bench is a queue over a real store, with a directory and a DNS that tests fill.
type bench struct {
	t     testing.TB
	db    *sqldb.DB
	store *mailstore.Store
	clock *clock.Manual
	dir   *directory
	dns   *zone
	cfg   Config
	*Queue
}

func onBoth(t *testing.T, fn func(t *testing.T, b *bench)) {
	for _, engine := range []string{sqldb.SQLite, sqldb.Postgres} {
		t.Run(engine, func(t *testing.T) { fn(t, newBench(t, engine, nil)) })
	}
}

var epoch = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// The accounts of every bench: 1 and 2 in a production partner's proven domain,
// 3 and 4 in a sandbox partner's unproven one.
func newBench(t testing.TB, engine string, change func(*Config)) *bench {
	t.Helper()
	ctx := context.Background()
	folder := t.TempDir()
	b := &bench{t: t, clock: clock.NewManual(epoch)}
	var err error
	b.db, err = sqldb.Open(ctx, sqltest.Config(t, engine, filepath.Join(folder, "posthouse.db")))
	must(t, err)
	blobs, err := blob.OpenLocal(blob.LocalConfig{Dir: filepath.Join(folder, "messages")})
	must(t, err)
	keys, err := keyring.Open(filepath.Join(folder, "master.key"), rand.Reader)
	must(t, err)
	b.store, err = mailstore.Open(ctx, mailstore.Config{DB: b.db, Blobs: blobs, Keys: keys, Clock: b.clock, Background: -1, IndexDelay: -1, OrphanGrace: 1000 * time.Hour})
	must(t, err)
	t.Cleanup(func() {
		for _, c := range []func() error{b.store.Close, blobs.Close, b.db.Close} {
			if err := c(); err != nil {
				t.Error(err)
			}
		}
	})
	b.dir = newDirectory()
	b.dir.domain("here.test", routing.Routing{Served: true, Proven: true, PartnerID: 10})
	b.dir.domain("play.test", routing.Routing{Served: true, Sandbox: true, PartnerID: 20})
	b.account(1, 10, "ann@here.test", 0)
	b.account(2, 10, "bob@here.test", 0)
	b.account(3, 20, "cid@play.test", 0)
	b.account(4, 20, "dot@play.test", 0)
	b.dns = newZone(t)
	resolver, err := dnsres.New(dnsres.Config{Servers: []string{b.dns.addr}, Clock: b.clock, Timeout: 5 * time.Second})
	must(t, err)
	b.cfg = Config{
		DB: b.db, Mail: b.store, Directory: b.dir, Resolver: resolver, Hostname: "mail.here.test", Clock: b.clock, Log: slog.New(slog.DiscardHandler),
		Loopback: true, LocalAddresses: []netip.Addr{netip.MustParseAddr("192.0.2.1")},
		Timeouts: smtpclient.Timeouts{Quit: 200 * time.Millisecond}, Connect: 10 * time.Second,
	}
	if change != nil {
		change(&b.cfg)
	}
	b.Queue = b.another()
	return b
}

// another makes a further node over the same store.
func (b *bench) another() *Queue {
	b.t.Helper()
	q, err := New(b.cfg)
	must(b.t, err)
	return q
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) account(id, partner int64, email string, quota int64) {
	b.t.Helper()
	ctx := context.Background()
	must(b.t, b.db.Write(ctx, func(tx *sqldb.Tx) error { return b.store.CreateMailboxTx(ctx, tx, id, quota) }))
	b.dir.account(id, partner, email)
}

// mx gives a domain mail hosts, the first preferred.
func (b *bench) mx(domain string, hosts ...string) {
	for i, h := range hosts {
		b.dns.add("%s. 60 IN MX %d %s.", domain, 10*(i+1), h)
	}
}

// port makes the queue speak to MX hosts at a sink's port.
func (b *bench) port(addr string) {
	ap := netip.MustParseAddrPort(addr)
	b.cfg.Port = int(ap.Port())
	b.Queue = b.another()
}

// foreign makes a domain whose MX is a sink.
func (b *bench) foreign(domain, addr string) {
	b.mx(domain, "mx."+domain)
	b.dns.add("mx.%s. 60 IN A %s", domain, netip.MustParseAddrPort(addr).Addr())
	b.port(addr)
}

const text = "From: Ann <ann@here.test>\r\nTo: you\r\nSubject: hello\r\nMessage-ID: <1@here.test>\r\n\r\nHow are you?\r\n.\r\n"

func (b *bench) submission(from int64, to ...string) Submission {
	b.t.Helper()
	s := Submission{
		Sender: &login.Session{AccountID: from, OrderID: from * 100, PartnerID: b.dir.sender(from).PartnerID, Email: b.dir.sender(from).Addresses[0]},
		Ret:    "", Content: strings.NewReader(text),
	}
	s.ReversePath = addr(b.t, s.Sender.Email)
	for _, r := range to {
		s.Recipients = append(s.Recipients, Recipient{Address: addr(b.t, r)})
	}
	return s
}

// submit submits a message and gives its public id.
func (b *bench) submit(from int64, to ...string) string {
	b.t.Helper()
	return b.submitted(b.submission(from, to...))
}

var idMu sync.Mutex
var idCount int

func (b *bench) submitted(s Submission) string {
	b.t.Helper()
	if s.ID == "" {
		idMu.Lock()
		idCount++
		s.ID = "m" + strconv.Itoa(idCount)
		idMu.Unlock()
	}
	must(b.t, b.Submit(context.Background(), s))
	return s.ID
}

func addr(t testing.TB, s string) mailaddr.Address {
	t.Helper()
	a, err := mailaddr.Parse(s, mailaddr.AllowUTF8)
	must(t, err)
	return a
}

// drain does everything that is due now, as Run would, and returns how many
// batches that were.
func (b *bench) drain() int {
	b.t.Helper()
	return drain(b.t, b.Queue)
}

func drain(t testing.TB, q *Queue) (n int) {
	t.Helper()
	ctx := context.Background()
	must(t, q.reap(ctx))
	for {
		got, more, err := q.lease(ctx, 8)
		must(t, err)
		for _, b := range got {
			q.work(ctx, b)
			q.ended(b)
			n++
		}
		if len(got) == 0 && !more {
			return n
		}
	}
}

// until advances the clock in steps of due work until d has passed.
func (b *bench) until(d time.Duration) {
	b.t.Helper()
	end := b.clock.Now().Add(d)
	for {
		b.drain()
		now := b.clock.Now()
		due, err := b.nextDue(context.Background(), now)
		must(b.t, err)
		if due.IsZero() || due.After(end) {
			b.clock.Advance(end.Sub(now))
			b.drain()
			return
		}
		b.clock.Advance(due.Sub(now))
	}
}

func (b *bench) show(id string) *Details {
	b.t.Helper()
	d, err := b.Show(context.Background(), id)
	must(b.t, err)
	return d
}

// states gives a message's recipients' states, "address=state" each.
func (b *bench) states(id string) string {
	b.t.Helper()
	var out []string
	for _, r := range b.show(id).Recipients {
		out = append(out, r.Address+"="+string(r.State))
	}
	return strings.Join(out, " ")
}

func (b *bench) expect(id, want string) {
	b.t.Helper()
	if got := b.states(id); got != want {
		d := b.show(id)
		b.t.Errorf("states %q, not %q; %+v", got, want, d.Recipients)
	}
}

// inbox gives the messages in an account's INBOX.
func (b *bench) inbox(account int64) []string {
	b.t.Helper()
	ctx := context.Background()
	f, err := b.store.Folder(ctx, account, "INBOX")
	must(b.t, err)
	v, err := b.store.View(ctx, f.ID)
	must(b.t, err)
	var out []string
	for _, e := range v.Entries {
		c, err := b.store.Open(ctx, account, e.MessageID)
		must(b.t, err)
		var buf bytes.Buffer
		_, err = c.WriteTo(&buf)
		must(b.t, err)
		must(b.t, c.Close())
		out = append(out, buf.String())
	}
	return out
}

// held counts the messages whose bytes the queue holds.
func (b *bench) held() int {
	b.t.Helper()
	var n int
	must(b.t, b.db.Read(context.Background(), func(tx *sqldb.Tx) error {
		return tx.QueryRow(context.Background(), `SELECT COUNT(*) FROM mail_holding WHERE account_id = 0`).Scan(&n)
	}))
	return n
}

// check asserts what holds of every queue at every moment between transactions.
func (b *bench) check() {
	b.t.Helper()
	ctx := context.Background()
	for what, query := range map[string]string{
		"finished message with open recipients":       `SELECT COUNT(*) FROM queue_message m WHERE finished_at > 0 AND EXISTS (SELECT 1 FROM queue_recipient r WHERE r.queue_id = m.id AND r.state IN ('ready', 'leased', 'held'))`,
		"unfinished message without open recipient":   `SELECT COUNT(*) FROM queue_message m WHERE finished_at = 0 AND NOT EXISTS (SELECT 1 FROM queue_recipient r WHERE r.queue_id = m.id AND r.state IN ('ready', 'leased', 'held'))`,
		"unfinished message whose bytes are not held": `SELECT COUNT(*) FROM queue_message m WHERE finished_at = 0 AND NOT EXISTS (SELECT 1 FROM mail_holding h WHERE h.account_id = 0 AND h.message_id = m.message_id)`,
		"held bytes without unfinished message":       `SELECT COUNT(*) FROM mail_holding h WHERE h.account_id = 0 AND NOT EXISTS (SELECT 1 FROM queue_message m WHERE m.finished_at = 0 AND m.message_id = h.message_id) AND NOT EXISTS (SELECT 1 FROM sandbox_message s WHERE s.message_id = h.message_id)`,
		"recipient delivered twice":                   `SELECT COUNT(*) FROM (SELECT recipient_id FROM queue_attempt WHERE outcome = 'delivered' GROUP BY recipient_id HAVING COUNT(*) > 1) x`,
	} {
		var n int
		must(b.t, b.db.Read(ctx, func(tx *sqldb.Tx) error { return tx.QueryRow(ctx, query).Scan(&n) }))
		if n != 0 {
			b.t.Errorf("%s: %d", what, n)
		}
	}
}
