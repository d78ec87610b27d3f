package export

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
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

// TestFair: whose job has just run waits for the others.
func TestFair(t *testing.T) {
	w := newWorld(t)
	var refs []work.AccountRef
	for i := range 3 {
		refs = append(refs, w.account(w.us, fmt.Sprintf("d%d.example", i), "ann"))
		w.create(w.us, refs[i])
	}
	theirs := w.account(w.them, "theirs.example", "bob")
	w.create(w.them, theirs)
	var order []int64
	var last int64
	for {
		j, _, err := w.core.LeaseLegalExport(w.ctx, job, mailboxes.LegalExportLease{Owner: "me", Life: time.Hour, AfterPartner: last})
		must(t, err)
		if j == nil {
			break
		}
		order, last = append(order, j.PartnerID), j.PartnerID
		_, err = w.core.SaveLegalExport(w.ctx, job, mailboxes.LegalExportProgress{JobID: j.ID, Owner: "me", Done: true})
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
	_, _, err = w.core.LeaseLegalExport(w.ctx, w.us, mailboxes.LegalExportLease{})
	reason(err, fault.Forbidden, "")

	// Deleted accounts too, but not purged ones.
	if _, err := w.core.DeleteEmailAccount(w.ctx, w.us, mailboxes.DeleteEmailAccount{Account: other}); err != nil {
		t.Fatal(err)
	}
	w.create(w.us, other)
	w.clock.Advance(31 * 24 * time.Hour)
	_, err = w.core.CreateLegalExport(w.ctx, w.us, other)
	reason(err, fault.AccountNotFound, "")
	if l, s, err := w.core.LeaseLegalExport(w.ctx, job, mailboxes.LegalExportLease{Owner: "me", Life: time.Hour, AfterPartner: 0}); err != nil || l == nil || l.AccountID != ref.AccountID || s == nil {
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
