package export

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

var start = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

type plainHasher struct{}

func (plainHasher) Hash(_ context.Context, pw string) (string, error) { return "hash of " + pw, nil }
func (plainHasher) Verify(context.Context, string, string) (bool, error) {
	return false, errors.New("nobody logs in")
}

// made is a mailbox whose messages are computed.
type made struct {
	mu      sync.Mutex
	folders []mailstore.Folder
	count   map[int64]int // messages of a folder; UIDs 1 to count
	size    func(uid uint32) int64
	gone    map[int64]bool       // message ids
	before  func(id int64) error // runs before a message is read
	read    func(id int64) error // in the middle of one
}

func mailbox(perFolder int, names ...string) *made {
	m := &made{count: map[int64]int{}, gone: map[int64]bool{}, size: func(uid uint32) int64 { return 1000 + int64(uid)*37%5000 }}
	for i, n := range names {
		id := int64(10 + i)
		m.folders = append(m.folders, mailstore.Folder{ID: id, Name: n, UIDValidity: 7, Subscribed: i == 0})
		m.count[id] = perFolder
	}
	return m
}

func (m *made) Folders(context.Context, int64) ([]mailstore.Folder, error) {
	return append([]mailstore.Folder{}, m.folders...), nil
}

func (m *made) Entries(_ context.Context, folderID int64, from uint32, limit int) ([]mailstore.Entry, error) {
	var out []mailstore.Entry
	for uid := from; int(uid) <= m.count[folderID] && len(out) < limit; uid++ {
		e := mailstore.Entry{UID: uid, MessageID: folderID<<32 | int64(uid), Size: m.size(uid), InternalDate: start.Add(time.Duration(uid) * time.Minute), SavedAt: start}
		e.Flags.System = mailstore.SystemFlags(uid % 32)
		if uid%3 == 0 {
			e.Flags.Keywords = []string{"$Important"}
		}
		out = append(out, e)
	}
	return out, nil
}

func (m *made) Contents(ctx context.Context, _ int64, entries []mailstore.Entry, fn func(int, Content) error) error {
	for i, e := range entries {
		m.mu.Lock()
		gone, before := m.gone[e.MessageID], m.before
		m.mu.Unlock()
		if before != nil {
			if err := before(e.MessageID); err != nil {
				return err
			}
		}
		var c Content
		if !gone {
			c = &madeContent{m: m, id: e.MessageID, size: e.Size}
		}
		if err := fn(i, c); err != nil {
			return err
		}
	}
	return ctx.Err()
}

type madeContent struct {
	m    *made
	id   int64
	size int64
}

func (c *madeContent) Size() int64  { return c.size }
func (c *madeContent) Close() error { return nil }

func (c *madeContent) WriteTo(w io.Writer) (int64, error) {
	chunk := make([]byte, 32<<10)
	copy(chunk, fmt.Sprintf("Message-ID: <%d@example>\r\n", c.id))
	var n int64
	for n < c.size {
		if n > 0 || c.size < int64(len(chunk)) {
			if c.m.read != nil {
				if err := c.m.read(c.id); err != nil {
					return n, err
				}
			}
		}
		k, err := w.Write(chunk[:min(int64(len(chunk)), c.size-n)])
		n += int64(k)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// world is a core with one account, and a folder for files.
type world struct {
	t     testing.TB
	ctx   context.Context
	core  *provision.Service
	clock *clock.Manual
	dir   string
	op    audit.Actor
	us    audit.Actor
	them  audit.Actor
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return worldOn(t, sqltest.Open(t, sqldb.SQLite), t.TempDir())
}

func coreOn(db *sqldb.DB, c clock.Clock) (*provision.Service, error) {
	return provision.New(work.Config{Store: store.New(db, sqltest.NoMail{}, store.WithClock(c)), Hasher: plainHasher{}, SealingKey: make([]byte, 32), Clock: c})
}

func worldOn(t testing.TB, db *sqldb.DB, dir string) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), clock: clock.NewManual(start), dir: dir, op: audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}}
	var err error
	if w.core, err = coreOn(db, w.clock); err != nil {
		t.Fatal(err)
	}
	w.us, w.them = w.partner(), w.partner()
	return w
}

func (w *world) partner() audit.Actor {
	w.t.Helper()
	p, _, err := w.core.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "Partner"})
	if err != nil {
		w.t.Fatal(err)
	}
	return audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "key:1"}
}

func (w *world) account(a audit.Actor, domain, local string) work.AccountRef {
	w.t.Helper()
	o, err := w.core.CreateMailOrder(w.ctx, a, ordering.CreateMailOrder{Domain: domain, Customer: work.CustomerProfile{CustomerID: "c-" + domain}, Plan: plan.Free,
		FirstAccount: &ordering.FirstAccount{Email: local + "@" + domain, Password: "pw-secret", Name: "Ann Üst"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return work.AccountRef{Order: work.OrderRef{ID: o.OrderID}, AccountID: o.Account.AccountID}
}

func (w *world) create(a audit.Actor, ref work.AccountRef) *legalexport.Job {
	w.t.Helper()
	j, err := w.core.CreateLegalExport(w.ctx, a, ref)
	if err != nil {
		w.t.Fatal(err)
	}
	return j
}

func (w *world) job(a audit.Actor, ref work.AccountRef, id string) *legalexport.Job {
	w.t.Helper()
	j, err := w.core.LegalExport(w.ctx, a, ref, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return j
}

func (w *world) exporter(m Mail, change func(*Config)) *Exporter {
	w.t.Helper()
	cfg := Config{Core: w.core, Mail: m, Dir: w.dir, Random: rand.Reader, Clock: w.clock, CheckpointBytes: 64 << 10}
	if change != nil {
		change(&cfg)
	}
	e, err := New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// step runs the one job that may be run now, and reports whether there was one.
func (w *world) step(e *Exporter) bool {
	w.t.Helper()
	j, subject, err := w.core.LeaseLegalExport(w.ctx, job, mailboxes.LegalExportLease{Owner: e.owner, Life: e.cfg.Lease})
	if err != nil {
		w.t.Fatal(err)
	}
	if j == nil {
		return false
	}
	e.one(w.ctx, j, subject)
	return true
}

// inflate gives the tar stream of a file.
func inflate(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type unpacked struct {
	names    []string
	files    map[string][]byte
	manifest []map[string]any
}

func unpack(t testing.TB, dir string, j *legalexport.Job) *unpacked {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(inflate(t, filepath.Join(dir, j.FileName()))))
	out := &unpacked{files: map[string][]byte{}}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out.names = append(out.names, h.Name)
		if _, twice := out.files[h.Name]; twice {
			t.Errorf("%s is there twice", h.Name)
		}
		out.files[h.Name] = b
	}
	for _, line := range bytes.Split(bytes.TrimSpace(out.files[fmt.Sprintf("%d_%s/manifest.jsonl", j.AccountID, j.PublicID())]), []byte("\n")) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out.manifest = append(out.manifest, m)
	}
	return out
}

func (u *unpacked) lines(kind string) (out []map[string]any) {
	for _, m := range u.manifest {
		if m["kind"] == kind {
			out = append(out, m)
		}
	}
	return out
}

func files(t testing.TB, dir string) (out []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		out = append(out, f.Name())
	}
	return out
}

var errBroken = &fault.Error{Code: fault.Internal, Text: "A message's bytes are missing", Reason: "BLOB_MISSING"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
