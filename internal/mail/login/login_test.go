package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
)

// The PostgreSQL of the tests ends with the binary.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("posthouse/internal/store/pgtest.startServer.func2"))
}

var (
	cheap    = Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}
	start    = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	office   = netip.MustParseAddr("192.0.2.10")
	stranger = netip.MustParseAddr("203.0.113.99")
)

// directory is a core in memory.
type directory struct {
	mu         sync.Mutex
	candidates map[string][]Candidate
	changes    []AccessChange
	reads      int
	lookups    int
	err        error
	accountErr error // of LoginAccount
	onLookup   func()
	read       chan struct{} // gets a value after each AccessChangesAfter, if not nil
}

func (d *directory) LoginCandidates(_ context.Context, email string) ([]Candidate, error) {
	d.mu.Lock()
	d.lookups++
	hook, err, c := d.onLookup, d.err, append([]Candidate(nil), d.candidates[email]...)
	d.mu.Unlock()
	if hook != nil {
		hook()
	}
	return c, err
}

func (d *directory) LoginAccount(_ context.Context, id int64) (*Candidate, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, list := range d.candidates {
		for _, c := range list {
			if c.AccountID == id {
				return &c, d.accountErr
			}
		}
	}
	return nil, d.accountErr
}

func (d *directory) AccessChangesAfter(_ context.Context, after int64, limit int) ([]AccessChange, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads++
	if d.read != nil {
		defer func() { d.read <- struct{}{} }()
	}
	if d.err != nil {
		return nil, d.err
	}
	var page []AccessChange
	for _, c := range d.changes {
		if c.ID > after && len(page) < limit {
			page = append(page, c)
		}
	}
	return page, nil
}

func (d *directory) LastAccessChange(context.Context) (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return int64(len(d.changes)), d.err
}

func (d *directory) change(order, account int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes = append(d.changes, AccessChange{ID: int64(len(d.changes) + 1), OrderID: order, AccountID: account})
}

func (d *directory) set(email string, c ...Candidate) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.candidates[email] = c
}

// bench is a Service with what stands around it.
type bench struct {
	*Service
	t      *testing.T
	dir    *directory
	clock  *clock.Manual
	hasher *Hasher
	log    *bytes.Buffer
}

func newBench(t *testing.T, change func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, dir: &directory{candidates: map[string][]Candidate{}}, clock: clock.NewManual(start), log: &bytes.Buffer{}}
	b.hasher = NewHasher(HasherConfig{Params: cheap, Parallel: 2, Clock: b.clock})
	cfg := Config{
		Directory: b.dir, Hasher: b.hasher, Clock: b.clock,
		Log:          slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		AddressLimit: Limit{Failures: 5, Refill: 10 * time.Second, MaxBackoff: 80 * time.Second},
		AccountLimit: Limit{Failures: 3, Refill: 10 * time.Second, MaxBackoff: 80 * time.Second},
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.Service = s
	return b
}

// account makes one that may log in.
func (b *bench) account(id int64, email, password string) Candidate {
	b.t.Helper()
	hash, err := b.hasher.Hash(b.t.Context(), password)
	if err != nil {
		b.t.Fatal(err)
	}
	c := Candidate{AccountID: id, OrderID: id * 10, PartnerID: 1, Email: email, PasswordHash: hash}
	b.dir.set(email, c)
	return c
}

// with gives c another password.
func (b *bench) with(c Candidate, password string) Candidate {
	b.t.Helper()
	hash, err := b.hasher.Hash(b.t.Context(), password)
	if err != nil {
		b.t.Fatal(err)
	}
	c.PasswordHash = hash
	return c
}

// run starts the follower and stops it with the test.
func (b *bench) run() {
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = b.Run(ctx) }()
	b.t.Cleanup(func() { cancel(); <-done })
}

func (b *bench) try(email, password string, from netip.Addr) (*Session, error) {
	return b.Login(b.t.Context(), Attempt{Email: email, Password: password, Remote: from, Protocol: "imap"})
}

func (b *bench) mustTry(email, password string, from netip.Addr) *Session {
	b.t.Helper()
	s, err := b.try(email, password, from)
	if err != nil {
		b.t.Fatalf("log-in of %s: %v", email, err)
	}
	b.t.Cleanup(s.Close)
	return s
}

func (b *bench) refused(code fault.Code, email, password string, from netip.Addr) {
	b.t.Helper()
	if _, err := b.try(email, password, from); !fault.Is(err, code) {
		b.t.Fatalf("log-in of %s: got %v, want %s", email, err, code)
	}
}

// hashes runs f and says how many hashes it cost.
func (b *bench) hashes(f func()) uint64 {
	before := b.hasher.Calls()
	f()
	return b.hasher.Calls() - before
}

func ended(s *Session) bool {
	select {
	case <-s.Revoked():
		return true
	default:
		return false
	}
}

func waitEnded(t *testing.T, s *Session) {
	t.Helper()
	select {
	case <-s.Revoked():
	case <-time.After(60 * time.Second):
		t.Fatal("the session lives on")
	}
}

func TestSessionSaysWhoItIs(t *testing.T) {
	b := newBench(t, nil)
	b.account(7, "kim@example.com", "correct horse")
	s := b.mustTry("KIM@Example.com", "correct horse", office)
	if s.AccountID != 7 || s.OrderID != 70 || s.PartnerID != 1 || s.Email != "kim@example.com" {
		t.Errorf("session is %+v", s)
	}
}

func TestVerifiedLoginCostsOneHash(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "correct horse")
	n := b.hashes(func() {
		for range 50 {
			b.mustTry("kim@example.com", "correct horse", office)
			b.mustTry("kim@example.com", "correct horse", stranger)
		}
	})
	if n != 1 {
		t.Errorf("100 log-ins cost %d hashes, want 1", n)
	}
	b.clock.Advance(12 * time.Hour)
	if n := b.hashes(func() { b.mustTry("kim@example.com", "correct horse", office) }); n != 1 {
		t.Errorf("a log-in after the time to live cost %d hashes, want 1", n)
	}
}

func TestUnknownAndWrongCostTheSame(t *testing.T) {
	b := newBench(t, func(c *Config) {
		c.AddressLimit.Failures, c.AccountLimit.Failures = 1000, 1000
	})
	b.account(1, "kim@example.com", "correct horse")
	b.dir.set("nopass@example.com", Candidate{AccountID: 2, OrderID: 20})
	for _, email := range []string{"kim@example.com", "nobody@example.com", "nopass@example.com"} {
		for i, want := range []uint64{1, 0} { // the same wrong one again costs none
			n := b.hashes(func() { b.refused(fault.Unauthenticated, email, "wrong", office) })
			if n != want {
				t.Errorf("%s, attempt %d: %d hashes, want %d", email, i+1, n, want)
			}
		}
		if n := b.hashes(func() { b.refused(fault.Unauthenticated, email, "wrong too", office) }); n != 1 {
			t.Errorf("%s, other password: %d hashes, want 1", email, n)
		}
	}
	_, unknown := b.try("nobody@example.com", "x", office)
	_, wrong := b.try("kim@example.com", "x", office)
	if unknown.Error() != wrong.Error() {
		t.Errorf("unknown says %q, wrong says %q", unknown, wrong)
	}
}

func TestNewPasswordWorksAtOnceAndOldOneNoMore(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "old password")
	b.mustTry("kim@example.com", "old password", office)
	b.refused(fault.Unauthenticated, "kim@example.com", "new password", office)
	b.account(1, "kim@example.com", "new password")
	b.mustTry("kim@example.com", "new password", office)
	b.refused(fault.Unauthenticated, "kim@example.com", "old password", office)
}

func TestSeveralOrdersOfOneDomain(t *testing.T) {
	b := newBench(t, nil)
	first, second := b.account(1, "kim@example.com", "first"), b.account(2, "kim@example.com", "second")
	b.dir.set("kim@example.com", first, second)
	if s := b.mustTry("kim@example.com", "second", office); s.AccountID != 2 {
		t.Errorf("logged in to %d", s.AccountID)
	}
	if s := b.mustTry("kim@example.com", "first", office); s.AccountID != 1 {
		t.Errorf("logged in to %d", s.AccountID)
	}
}

func TestHostileInputCostsNoHash(t *testing.T) {
	b := newBench(t, func(c *Config) { c.AddressLimit.Failures = 1000 })
	b.account(1, "kim@example.com", "correct horse")
	for _, a := range [][2]string{
		{"kim@example.com", ""}, {"kim@example.com", "correct horse\x00"}, {"kim@example.com", "\xff\xfe"},
		{"kim@example.com", strings.Repeat("a", MaxPasswordLen+1)}, {"", "x"}, {"kim", "x"},
		{"kim@example.com\x00", "correct horse"}, {strings.Repeat("a", 262144) + "@example.com", "x"},
	} {
		if n := b.hashes(func() { b.refused(fault.Unauthenticated, a[0], a[1], office) }); n != 0 {
			t.Errorf("%.20q: %d hashes", a, n)
		}
	}
}

func TestEquivalentSpellingsOfAPassword(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "caf\u00e9\u00a0noir")
	b.mustTry("kim@example.com", "cafe\u0301 noir", office)
	b.refused(fault.Unauthenticated, "kim@example.com", "Caf\u00e9 noir", office)
}

func TestDirectoryFailureIsTemporary(t *testing.T) {
	b := newBench(t, nil)
	b.dir.err = errors.New("disk on fire")
	b.refused(fault.Unavailable, "kim@example.com", "x", office)
	b.dir.err = nil
	b.account(1, "kim@example.com", "x")
	b.mustTry("kim@example.com", "x", office)
}

func TestLogHoldsNoSecret(t *testing.T) {
	b := newBench(t, nil)
	c := b.account(1, "kim@example.com", "s3cret-good")
	b.mustTry("kim@example.com", "s3cret-good", office)
	b.refused(fault.Unauthenticated, "kim@example.com", "s3cret-wrong", office)
	b.refused(fault.Unauthenticated, "s3cret-as-name@example.com", "x", office)
	if out := b.log.String(); strings.Contains(out, "s3cret") || strings.Contains(out, c.PasswordHash) || !strings.Contains(out, "outcome=wrong") {
		t.Errorf("log is:\n%s", out)
	}
}

func TestConcurrentLoginsAndChanges(t *testing.T) {
	b := newBench(t, nil)
	for i := range 4 {
		b.account(int64(i+1), fmt.Sprintf("u%d@example.com", i), "pw")
	}
	b.run()
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 100 {
				n := (g + i) % 4
				s, err := b.try(fmt.Sprintf("u%d@example.com", n), "pw", office)
				if err != nil {
					if !fault.Is(err, fault.Unavailable) {
						t.Errorf("log-in: %v", err)
					}
					continue
				}
				if i%10 == 0 {
					b.account(int64(n+1), fmt.Sprintf("u%d@example.com", n), "pw") // another salt
					b.dir.change(int64(n+1)*10, int64(n+1))
					b.Notify()
					waitEnded(t, s)
				}
				s.Close()
				s.Close()
			}
		}()
	}
	wg.Wait()
	if n := b.sessions.count(); n != 0 {
		t.Errorf("%d sessions left", n)
	}
	if len(b.sessions.accounts)+len(b.sessions.orders) != 0 {
		t.Error("the registry keeps what has ended")
	}
}
