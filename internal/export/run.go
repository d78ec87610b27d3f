package export

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/fault"
)

// exporting is one attempt at one job.
type exporting struct {
	e        *Exporter
	job      *legalexport.Job
	subject  *mailboxes.LegalExportSubject
	archive  *archive
	manifest *manifest
	now      checkpoint // ahead of
	durable  checkpoint // this
	saved    time.Time
	learned  bool         // which message can't be read
	stopped  func() error // why the attempt is to end
}

// one runs a job until it is complete, fails, or ctx ends.
func (e *Exporter) one(ctx context.Context, j *legalexport.Job, subject *mailboxes.LegalExportSubject) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{cancel: cancel, done: make(chan struct{})}
	e.mu.Lock()
	e.running[j.AccountID] = r
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		delete(e.running, j.AccountID)
		e.mu.Unlock()
		close(r.done)
	}()
	x := &exporting{e: e, job: j, subject: subject, stopped: func() error { return context.Cause(ctx) }}
	log := e.cfg.Log.With("job", j.PublicID(), "account", j.AccountID, "partner", j.PartnerID)
	// Rows and files are finished even when the process is asked to end.
	work := context.WithoutCancel(ctx)
	err := x.contained(work)
	if err == nil {
		log.InfoContext(ctx, "export completed", "messages", x.now.Messages, "bytes", x.now.ArchiveBytes)
		return
	}
	x.settle(work, err)
	if errors.Is(err, errStopped) {
		return
	}
	log.ErrorContext(ctx, "export failed", "attempt", j.Attempts+1, "error", err)
}

// errStopped is an attempt that ended at a checkpoint because it was asked to.
var errStopped = errors.New("export: stopped")

func (x *exporting) contained(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Panicked(p)
		}
		if x.archive != nil {
			err = errors.Join(err, fault.Wrap(x.archive.close()))
		}
		if x.manifest != nil {
			err = errors.Join(err, fault.Wrap(x.manifest.close()))
		}
		if err == nil {
			err = x.complete(ctx)
		}
	}()
	if err := x.open(); err != nil {
		return err
	}
	x.saved = x.e.cfg.Clock.Now()
	if x.now.ArchiveBytes == 0 {
		if err := x.begin(); err != nil {
			return err
		}
		if err := x.save(ctx); err != nil {
			return err
		}
	}
	if err := x.folders(ctx); err != nil {
		return err
	}
	return x.end(ctx)
}

// open takes the files up where the last checkpoint left them. Files that don't
// have that much are begun anew.
func (x *exporting) open() (err error) {
	if len(x.job.Checkpoint) > 0 {
		if err := json.Unmarshal(x.job.Checkpoint, &x.durable); err != nil {
			x.durable = checkpoint{}
		}
	}
	file := x.e.path(x.job.FileName())
	for {
		x.archive, err = openArchive(file, x.durable.ArchiveBytes)
		if err == nil {
			x.manifest, err = openManifest(manifestOf(file), x.durable.ManifestBytes)
		}
		x.now = x.durable
		x.now.Unreadable = slices.Clone(x.durable.Unreadable)
		if !errors.Is(err, errShort) || x.durable.ArchiveBytes == 0 && x.durable.ManifestBytes == 0 {
			return err
		}
		if x.archive != nil {
			if err := x.archive.close(); err != nil {
				return fault.Wrap(err)
			}
			x.archive = nil
		}
		x.durable = checkpoint{Suspect: x.durable.Suspect, Unreadable: x.durable.Unreadable}
	}
}

func (x *exporting) root() string { return strings.TrimSuffix(x.job.FileName(), ".tar.gz") }

// begin writes what stands before the mail.
func (x *exporting) begin() error {
	at := x.job.CreatedAt
	account, err := accountFile(x.subject)
	if err != nil {
		return err
	}
	if err := errors.Join(x.archive.dir(x.root(), at), x.file("account.json", account, at), x.archive.dir(x.root()+"/mail", at),
		x.archive.dir(x.root()+"/contacts", at), x.archive.dir(x.root()+"/calendars", at)); err != nil {
		return err
	}
	return errors.Join(
		x.manifest.line(exportLine{Kind: "export", Format: 1, Job: x.job.PublicID(), AccountID: x.job.AccountID, Email: x.subject.Account.Email(), Requested: at}),
		x.manifest.line(collectionLine{Kind: "contacts", Path: "contacts", Note: "The platform keeps no contacts for accounts yet"}),
		x.manifest.line(collectionLine{Kind: "calendars", Path: "calendars", Note: "The platform keeps no calendars for accounts yet"}))
}

func (x *exporting) file(name string, content []byte, at time.Time) error {
	if err := x.archive.entry(x.root()+"/"+name, int64(len(content)), at); err != nil {
		return err
	}
	_, err := x.archive.tar.Write(content)
	return fault.Wrap(err)
}

// end writes what stands behind the mail.
func (x *exporting) end(ctx context.Context) error {
	if err := x.save(ctx); err != nil { // the manifest is written again after a crash from here on
		return err
	}
	if err := x.manifest.line(endLine{Kind: "end", Folders: x.now.Folders, Messages: x.now.Messages, Unreadable: len(x.now.Unreadable)}); err != nil {
		return err
	}
	size, err := x.manifest.checkpoint()
	if err != nil {
		return err
	}
	if err := x.archive.entry(x.root()+"/manifest.jsonl", size, x.job.CreatedAt); err != nil {
		return err
	}
	if err := x.manifest.copyTo(x.archive.tar); err != nil {
		return err
	}
	x.now.ArchiveBytes, err = x.archive.finish()
	return err
}
