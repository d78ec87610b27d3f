package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/provision"
	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

func TestExport(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	mail := mailbox(30, "INBOX", "Työ/../Straße: a\\b", "INBOX/5.eml", "empty")
	mail.count[13] = 0
	mail.gone[10<<32|4] = true
	e := w.exporter(mail, nil)
	j := w.create(w.us, ref)
	if j.State != legalexport.Queued || j.PublicID() != fmt.Sprint("job-", j.ID) {
		t.Fatalf("%+v", j)
	}
	if again := w.create(w.us, ref); again.ID != j.ID {
		t.Errorf("a second job: %+v", again)
	}
	if !w.step(e) || w.step(e) {
		t.Fatal("not one step")
	}
	j = w.job(w.us, ref, j.PublicID())
	info, err := os.Stat(filepath.Join(w.dir, j.FileName()))
	if err != nil {
		t.Fatal(err)
	}
	if j.State != legalexport.Completed || j.SizeBytes != info.Size() || j.Messages != 89 || !j.ExpiresAt.Equal(start.Add(7*24*time.Hour)) || info.Mode().Perm() != 0o600 {
		t.Errorf("%+v, %d bytes", j, info.Size())
	}
	if got := files(t, w.dir); len(got) != 1 || got[0] != fmt.Sprintf("%d_%s.tar.gz", j.AccountID, j.PublicID()) {
		t.Errorf("files %v", got)
	}
	u := unpack(t, w.dir, j)
	root := fmt.Sprintf("%d_%s/", j.AccountID, j.PublicID())
	for _, name := range []string{"", "account.json", "mail/", "contacts/", "calendars/", "mail/INBOX/", "mail/INBOX/5.eml", "mail/INBOX/5%2Eeml/", "mail/INBOX/5%2Eeml/7.eml",
		"mail/Työ/%2E%2E/Straße%3A a%5Cb/30.eml", "mail/empty/", "manifest.jsonl"} {
		if _, ok := u.files[root+name]; !ok {
			t.Errorf("%s is not in it", name)
		}
	}
	if _, ok := u.files[root+"mail/INBOX/4.eml"]; ok || slices.ContainsFunc(u.names, func(n string) bool { return !strings.HasPrefix(n, root) }) {
		t.Errorf("what does not belong there: %v", u.names)
	}
	account := string(u.files[root+"account.json"])
	if !strings.Contains(account, "Ann Üst") || !strings.Contains(account, `"d.example"`) || strings.Contains(account, "secret") || strings.Contains(account, "hash") {
		t.Error(account)
	}
	messages := u.lines("message")
	if len(messages) != 89 || len(u.lines("folder")) != 4 || len(u.lines("contacts")) != 1 || len(u.lines("calendars")) != 1 || len(u.lines("end")) != 1 {
		t.Errorf("%d messages in the manifest", len(messages))
	}
	for _, m := range messages {
		if got := int64(len(u.files[root+m["file"].(string)])); got != int64(m["size"].(float64)) || got == 0 {
			t.Errorf("%v has %d bytes", m, got)
		}
	}
	if m := messages[5]; fmt.Sprint(m["flags"], m["uid"], m["internalDate"], m["folder"]) != `[\Seen \Answered \Flagged]7 2026-11-22T06:07:00Z INBOX` && m["uid"] != 7.0 {
		t.Errorf("%v", m)
	}
	if next := w.create(w.us, ref); next.ID == j.ID {
		t.Error("no new job after the old one has ended")
	}
}

func TestPythonReadsIt(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	e := w.exporter(mailbox(100, "INBOX", "Työ/Straße"), nil)
	j := w.create(w.us, ref)
	w.step(e)
	out, err := exec.Command("python3", "-c", `
import tarfile, json, sys
with tarfile.open(sys.argv[1], "r:gz") as t:
    members = t.getmembers()
    files = {m.name: m for m in members if m.isfile()}
    manifest = [n for n in files if n.endswith("/manifest.jsonl")][0]
    lines = [json.loads(l) for l in t.extractfile(manifest)]
    root = manifest.split("/")[0]
    for l in lines:
        if l["kind"] == "message":
            data = t.extractfile(root + "/" + l["file"]).read()
            assert len(data) == l["size"], l
            assert data.startswith(b"Message-ID: <"), data[:20]
    print(len(files), sum(l["kind"] == "message" for l in lines), sum(m.isdir() for m in members))
`, filepath.Join(w.dir, j.FileName())).CombinedOutput()
	if err != nil || string(out) != "202 200 6\n" { // Työ itself is in no entry of its own
		t.Errorf("%v\n%s", err, out)
	}
}

// TestKilled kills the exporting process without warning, several times, and
// compares what comes out with an export that nothing has disturbed.
func TestKilled(t *testing.T) {
	reference := newWorld(t)
	ref := reference.account(reference.us, "d.example", "ann")
	j := reference.create(reference.us, ref)
	reference.step(reference.exporter(slowMailbox(nil), nil))
	want := inflate(t, filepath.Join(reference.dir, j.FileName()))

	db, dir := filepath.Join(t.TempDir(), "test.db"), t.TempDir()
	open := func() *sqldb.DB {
		d, err := sqldb.Open(t.Context(), sqldb.Config{Engine: sqldb.SQLite, Path: db})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := open()
	if err := first.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := worldOn(t, first, dir)
	ref = w.account(w.us, "d.example", "ann")
	killed := w.create(w.us, ref)
	if killed.FileName() != j.FileName() {
		t.Fatal("the two are not comparable")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"40", "41", "350", "799"} {
		child := exec.Command(os.Args[0], "-test.run=TestKilledChild$", "-test.v")
		child.Env = append(os.Environ(), "EXPORT_TEST_DB="+db, "EXPORT_TEST_DIR="+dir, "EXPORT_TEST_AT="+at)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(io.LimitReader(&until{r: out, stop: "AT\n"}, 1<<20))
		if err != nil || !bytes.Contains(b, []byte("AT\n")) {
			t.Fatalf("the child did not get to message %s: %v\n%s", at, err, b)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // killed
	}
	// What the crash left behind the checkpoint does not matter.
	f, err := os.OpenFile(filepath.Join(dir, j.FileName()), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(bytes.Repeat([]byte("half a block"), 1<<16)); err != nil {
		t.Fatal(err)
	}
	f.Close()
	last := open()
	defer last.Close()
	if w.core, err = coreOn(last, w.clock); err != nil {
		t.Fatal(err)
	}
	var read atomic.Int64
	mail := slowMailbox(func(int64) { read.Add(1) })
	e := w.exporter(mail, nil)
	if err := w.core.ReleaseLegalExports(w.ctx, job); err != nil {
		t.Fatal(err)
	}
	if !w.step(e) {
		t.Fatal("nothing to take up")
	}
	if got := w.job(w.us, ref, killed.PublicID()); got.State != legalexport.Completed || got.Messages != 800 {
		t.Fatalf("%+v", got)
	}
	if got := inflate(t, filepath.Join(dir, j.FileName())); !bytes.Equal(got, want) {
		t.Errorf("%d bytes, an undisturbed export has %d", len(got), len(want))
	}
	if n := read.Load(); n > 200 {
		t.Errorf("%d messages were read again at the end", n)
	}
}

// slowMailbox tells of each message.
func slowMailbox(each func(id int64)) *made {
	m := mailbox(400, "INBOX", "Archive")
	m.before = func(id int64) error {
		if each != nil {
			each(id)
		}
		return nil
	}
	return m
}

func TestKilledChild(t *testing.T) {
	db := os.Getenv("EXPORT_TEST_DB")
	if db == "" {
		return // it is the other's child
	}
	d, err := sqldb.Open(t.Context(), sqldb.Config{Engine: sqldb.SQLite, Path: db})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ctx: t.Context(), dir: os.Getenv("EXPORT_TEST_DIR")}
	if w.core, err = coreOn(d, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.core.ReleaseLegalExports(w.ctx, job); err != nil {
		t.Fatal(err)
	}
	at := os.Getenv("EXPORT_TEST_AT")
	e := w.exporter(slowMailbox(func(id int64) {
		n := id & (1<<32 - 1)
		if id>>32 == 11 {
			n += 400
		}
		if fmt.Sprint(n) == at {
			fmt.Println("AT")
			select {} // until killed
		}
	}), func(c *Config) { c.Clock = nil })
	w.step(e)
}

// until ends after a text.
type until struct {
	r    io.Reader
	stop string
	seen []byte
	done bool
}

func (u *until) Read(p []byte) (int, error) {
	if u.done {
		return 0, io.EOF
	}
	n, err := u.r.Read(p)
	u.seen = append(u.seen, p[:n]...)
	u.done = bytes.Contains(u.seen, []byte(u.stop))
	return n, err
}

// TestMemory exports a mailbox that is far larger than what the exporter may use.
func TestMemory(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	mail := mailbox(10_000, "INBOX", "Big")
	mail.count[11] = 8
	mail.size = func(uid uint32) int64 { return 2000 }
	big := &bigger{mail}
	var peak uint64
	n := 0
	mail.read = func(int64) error { // in the middle of a message
		if n++; n%1000 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
		return nil
	}
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	e := w.exporter(big, func(c *Config) { c.CheckpointBytes = 0 })
	j := w.create(w.us, ref)
	w.step(e)
	j = w.job(w.us, ref, j.PublicID())
	if j.State != legalexport.Completed || j.Messages != 10_008 {
		t.Fatalf("%+v", j)
	}
	grown := int64(peak) - int64(before.HeapAlloc)
	t.Logf("%d MB of heap for 420 MB of mail, %d MB of archive", grown>>20, j.SizeBytes>>20)
	if grown > 16<<20 {
		t.Errorf("%d MB of heap", grown>>20)
	}
}

// bigger makes the messages of the second folder 50 MB.
type bigger struct{ *made }

func (b *bigger) Entries(ctx context.Context, folderID int64, from uint32, limit int) ([]mailstore.Entry, error) {
	list, err := b.made.Entries(ctx, folderID, from, limit)
	for i := range list {
		if folderID == 11 {
			list[i].Size = 50 << 20
		}
	}
	return list, err
}

// TestMessagesThatCannotBeRead: more of them than a job has attempts.
func TestMessagesThatCannotBeRead(t *testing.T) {
	bad := func(id int64) bool { uid := id & (1<<32 - 1); return uid == 7 || uid == 8 || uid > 14 }
	for name, breakAt := range map[string]func(*made){
		"missing": func(m *made) {
			m.before = func(id int64) error {
				if bad(id) {
					return errBroken
				}
				return nil
			}
		},
		"damaged": func(m *made) {
			m.read = func(id int64) error {
				if bad(id) {
					return errors.New("authentication failed")
				}
				return nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ref := w.account(w.us, "d.example", "ann")
			mail := mailbox(20, "INBOX")
			breakAt(mail)
			e := w.exporter(mail, nil)
			j := w.create(w.us, ref)
			for attempt := range 2 * 8 {
				if !w.step(e) {
					t.Fatal("no attempt")
				}
				if got := w.job(w.us, ref, j.PublicID()); got.State != legalexport.Queued || got.LastError == "" {
					t.Fatalf("after attempt %d: %+v", attempt+1, got)
				}
			}
			w.step(e)
			j = w.job(w.us, ref, j.PublicID())
			if j.State != legalexport.Completed || j.Messages != 12 {
				t.Fatalf("%+v", j)
			}
			u := unpack(t, w.dir, j)
			var left []string
			for i, m := range u.lines("message") {
				if m["uid"] != float64(i+1) {
					t.Errorf("line %d is of %v", i, m["uid"])
				}
				if m["file"] == nil {
					left = append(left, fmt.Sprint(m["uid"], m["error"]))
				}
			}
			if len(left) != 8 || left[0] != "7the message can't be read" || u.lines("end")[0]["unreadable"] != 8.0 {
				t.Errorf("%v", left)
			}
		})
	}
}

func TestAnOutageIsNoDamage(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	mail := mailbox(20, "INBOX")
	mail.before = func(id int64) error {
		if id == 10<<32|7 {
			return fault.Unavail("The disk is away", nil)
		}
		return nil
	}
	e := w.exporter(mail, nil)
	j := w.create(w.us, ref)
	for range 3 {
		w.step(e)
		w.clock.Advance(time.Hour)
	}
	mail.before = nil
	w.step(e)
	if j = w.job(w.us, ref, j.PublicID()); j.State != legalexport.Completed || j.Messages != 20 {
		t.Errorf("%+v", j)
	}
}

func TestAJobThatAlwaysFails(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	mail := mailbox(5, "INBOX")
	mail.before = func(int64) error { return fault.Unavail("The disk is away", nil) }
	e := w.exporter(mail, nil)
	j := w.create(w.us, ref)
	for n := 1; ; n++ {
		w.step(e)
		w.clock.Advance(time.Hour)
		if j = w.job(w.us, ref, j.PublicID()); j.State == legalexport.Failed {
			if n != legalexport.MaxAttempts {
				t.Errorf("after %d attempts", n)
			}
			break
		}
	}
	if got := files(t, w.dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestFilesThatAreGone(t *testing.T) {
	for name, spoil := range map[string]func(*testing.T, *world, string){
		"archive":  func(t *testing.T, w *world, f string) { must(t, os.Remove(filepath.Join(w.dir, f))) },
		"manifest": func(t *testing.T, w *world, f string) { must(t, os.Truncate(filepath.Join(w.dir, manifestOf(f)), 10)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ref := w.account(w.us, "d.example", "ann")
			mail := mailbox(200, "INBOX")
			mail.before = func(id int64) error {
				if id == 10<<32|150 {
					return fault.Unavail("The disk is away", nil)
				}
				return nil
			}
			e := w.exporter(mail, nil)
			j := w.create(w.us, ref)
			w.step(e)
			spoil(t, w, j.FileName())
			mail.before = nil
			w.clock.Advance(time.Hour)
			w.step(e)
			if j = w.job(w.us, ref, j.PublicID()); j.State != legalexport.Completed || j.Messages != 200 {
				t.Fatalf("%+v", j)
			}
			if u := unpack(t, w.dir, j); len(u.lines("message")) != 200 || len(u.lines("folder")) != 1 {
				t.Errorf("%d messages", len(u.lines("message")))
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestStopAndGoOn(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	j := w.create(w.us, ref)
	mail := mailbox(300, "INBOX")
	ctx, cancel := context.WithCancel(w.ctx)
	mail.before = func(id int64) error {
		if id == 10<<32|100 {
			cancel()
		}
		return nil
	}
	e := w.exporter(mail, func(c *Config) { c.CheckpointBytes, c.Clock = 1<<30, nil })
	must(t, e.Run(ctx))
	if got := w.job(w.us, ref, j.PublicID()); got.State != legalexport.Queued || got.Messages != 100 || got.Attempts != 0 || got.LastError != "" {
		t.Fatalf("%+v", got)
	}
	mail.before = nil
	w.step(e)
	if got := w.job(w.us, ref, j.PublicID()); got.State != legalexport.Completed || got.Messages != 300 {
		t.Fatalf("%+v", got)
	}
}

func TestPurge(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	mail := mailbox(300, "INBOX")
	e := w.exporter(mail, nil)
	first := w.create(w.us, ref)
	w.step(e)
	second := w.create(w.us, ref)
	purged := make(chan error, 1)
	mail.before = func(id int64) error { // during the second
		if id == 10<<32|100 {
			go func() { purged <- e.Purge(w.ctx, ref.AccountID) }()
			for w.job(w.us, ref, second.PublicID()).State == legalexport.Running {
				runtime.Gosched()
			}
		}
		return nil
	}
	w.step(e)
	must(t, <-purged)
	must(t, e.Purge(w.ctx, ref.AccountID)) // again, and after all has ended
	for _, j := range []*legalexport.Job{first, second} {
		if got := w.job(w.us, ref, j.PublicID()); got.State != legalexport.Expired {
			t.Errorf("%+v", got)
		}
	}
	if got := files(t, w.dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestExpiry(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	e := w.exporter(mailbox(3, "INBOX"), nil)
	j := w.create(w.us, ref)
	w.step(e)
	item := due.Item{Kind: due.Export, ObjectID: j.ID}
	must(t, e.Expire(w.ctx, item)) // too early
	if len(files(t, w.dir)) != 1 {
		t.Fatal("the file is gone too early")
	}
	if _, err := w.core.LegalExportDownload(w.ctx, w.op, j.AccountID, j.ID, true); err != nil {
		t.Error(err)
	}
	w.clock.Advance(7 * 24 * time.Hour)
	if got := w.job(w.us, ref, j.PublicID()); got.State != legalexport.Expired {
		t.Errorf("%+v", got)
	}
	if _, err := w.core.LegalExportDownload(w.ctx, w.op, j.AccountID, j.ID, true); fault.Of(err) == nil || fault.Of(err).Reason != "EXPORT_EXPIRED" {
		t.Errorf("got %v", err)
	}
	must(t, e.Expire(w.ctx, item))
	must(t, e.Expire(w.ctx, item))
	if got := files(t, w.dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestSweep(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	e := w.exporter(mailbox(3, "INBOX"), nil)
	j := w.create(w.us, ref)
	w.step(e)
	for _, name := range []string{"9_job-999.tar.gz", "9_job-999.tar.gz.manifest", manifestOf(j.FileName()), "notes.txt"} {
		must(t, os.WriteFile(filepath.Join(w.dir, name), []byte("x"), 0o600))
	}
	must(t, e.sweep(w.ctx))
	if got := files(t, w.dir); !slices.Equal(got, []string{j.FileName(), "notes.txt"}) {
		t.Errorf("left: %v", got)
	}
}

// TestFair: whose job has just run waits for the others.
func TestFair(t *testing.T) {
	w := newWorld(t)
	var refs []provision.AccountRef
	for i := range 3 {
		refs = append(refs, w.account(w.us, fmt.Sprintf("d%d.example", i), "ann"))
		w.create(w.us, refs[i])
	}
	theirs := w.account(w.them, "theirs.example", "bob")
	w.create(w.them, theirs)
	var order []int64
	var last int64
	for {
		j, _, err := w.core.LeaseLegalExport(w.ctx, job, provision.LegalExportLease{Owner: "me", Life: time.Hour, AfterPartner: last})
		must(t, err)
		if j == nil {
			break
		}
		order, last = append(order, j.PartnerID), j.PartnerID
		_, err = w.core.SaveLegalExport(w.ctx, job, provision.LegalExportProgress{JobID: j.ID, Owner: "me", Done: true})
		must(t, err)
	}
	if us, them := w.us.PartnerID, w.them.PartnerID; !slices.Equal(order, []int64{us, them, us, us}) {
		t.Errorf("%v", order)
	}
}

func TestWhoMayAsk(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	other := w.account(w.us, "e.example", "ann")
	j := w.create(w.us, ref)
	reason := func(err error, code fault.Code, want string) {
		t.Helper()
		if !fault.Is(err, code) || fault.Of(err).Reason != want {
			t.Errorf("got %v", err)
		}
	}
	_, err := w.core.CreateLegalExport(w.ctx, w.them, ref)
	reason(err, fault.OrderNotFound, "")
	_, err = w.core.LegalExport(w.ctx, w.them, ref, j.PublicID())
	reason(err, fault.OrderNotFound, "")
	_, err = w.core.LegalExport(w.ctx, w.us, other, j.PublicID())
	reason(err, fault.NotFound, "JOB_NOT_FOUND")
	for _, id := range []string{"job-99999", "job-", "99999", "job-0", "job-01", "job--1", "job-9223372036854775808", "JOB-1", ""} {
		_, err = w.core.LegalExport(w.ctx, w.us, ref, id)
		reason(err, fault.NotFound, "JOB_NOT_FOUND")
	}
	_, err = w.core.LegalExportDownload(w.ctx, w.us, j.AccountID, j.ID, true)
	reason(err, fault.Forbidden, "")
	_, _, err = w.core.LeaseLegalExport(w.ctx, w.us, provision.LegalExportLease{})
	reason(err, fault.Forbidden, "")

	// Deleted accounts too, but not purged ones.
	if _, err := w.core.DeleteEmailAccount(w.ctx, w.us, provision.DeleteEmailAccount{Account: other}); err != nil {
		t.Fatal(err)
	}
	w.create(w.us, other)
	w.clock.Advance(31 * 24 * time.Hour)
	_, err = w.core.CreateLegalExport(w.ctx, w.us, other)
	reason(err, fault.AccountNotFound, "")
	if l, s, err := w.core.LeaseLegalExport(w.ctx, job, provision.LegalExportLease{Owner: "me", Life: time.Hour, AfterPartner: 0}); err != nil || l == nil || l.AccountID != ref.AccountID || s == nil {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestNotTooMany(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	e := w.exporter(mailbox(1, "INBOX"), nil)
	for range 10 {
		w.create(w.us, ref)
		w.step(e)
	}
	if _, err := w.core.CreateLegalExport(w.ctx, w.us, ref); !fault.Is(err, fault.Conflict) {
		t.Errorf("got %v", err)
	}
}
