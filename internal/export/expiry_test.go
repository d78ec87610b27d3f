package export

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/fault"
)

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
