package export

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/provision"
	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
)

const (
	pageSize      = 200  // entries read at one time
	maxUnreadable = 1000 // messages that may be left out
	maxFailure    = 500  // bytes kept of an error
	lastRetry     = time.Hour
)

// checkpoint is up to where a job's files are good, and what comes next.
type checkpoint struct {
	ArchiveBytes  int64  `json:"archiveBytes"`
	ManifestBytes int64  `json:"manifestBytes"`
	FolderID      int64  `json:"folderId"` // the folder that was begun last; those with lower ids are done
	FolderPath    string `json:"folderPath"`
	FolderName    string `json:"folderName"`
	UID           uint32 `json:"uid"` // done up to here
	Folders       int64  `json:"folders"`
	Messages      int64  `json:"messages"`
	// Suspect is the message at which the last attempt failed; when it fails
	// again, it is left out.
	Suspect    *place  `json:"suspect,omitempty"`
	Unreadable []place `json:"unreadable,omitempty"`
}

// place names a message.
type place struct {
	FolderID int64  `json:"folderId"`
	UID      uint32 `json:"uid"`
}

// exporting is one attempt at one job.
type exporting struct {
	e        *Exporter
	job      *legalexport.Job
	subject  *provision.LegalExportSubject
	archive  *archive
	manifest *manifest
	now      checkpoint // ahead of
	durable  checkpoint // this
	saved    time.Time
	learned  bool         // which message can't be read
	stopped  func() error // why the attempt is to end
}

// one runs a job until it is complete, fails, or ctx ends.
func (e *Exporter) one(ctx context.Context, j *legalexport.Job, subject *provision.LegalExportSubject) {
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

// folders goes through the account's folders by id, which a rename does not
// change; one that is made meanwhile comes at the end.
func (x *exporting) folders(ctx context.Context) error {
	all, err := x.e.cfg.Mail.Folders(ctx, x.job.AccountID)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b mailstore.Folder) int { return cmp.Compare(a.ID, b.ID) })
	for _, f := range all {
		if f.ID < x.now.FolderID {
			continue
		}
		if f.ID > x.now.FolderID {
			if err := x.beginFolder(f); err != nil {
				return err
			}
		}
		if err := x.folder(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (x *exporting) beginFolder(f mailstore.Folder) error {
	x.now.FolderID, x.now.FolderName, x.now.FolderPath, x.now.UID = f.ID, f.Name, "mail/"+folderPath(f.Name), 0
	x.now.Folders++
	return errors.Join(x.archive.dir(x.root()+"/"+x.now.FolderPath, x.job.CreatedAt), x.manifest.line(folderLine{Kind: "folder", Name: f.Name,
		Path: x.now.FolderPath, UIDValidity: f.UIDValidity, SpecialUse: f.SpecialUse, Subscribed: f.Subscribed}))
}

// folder writes the messages of the present folder that are not written yet.
func (x *exporting) folder(ctx context.Context) error {
	for x.now.UID < 1<<32-1 {
		page, err := x.e.cfg.Mail.Entries(ctx, x.now.FolderID, x.now.UID+1, pageSize)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return x.pause(ctx)
		}
		if err := x.page(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

func (x *exporting) page(ctx context.Context, page []mailstore.Entry) error {
	var readable []mailstore.Entry
	for _, m := range page {
		if !slices.Contains(x.now.Unreadable, place{x.now.FolderID, m.UID}) {
			readable = append(readable, m)
			continue
		}
		// Those before it first: the manifest and the checkpoint go by UID.
		if err := x.messages(ctx, readable); err != nil {
			return err
		}
		readable = readable[:0]
		if err := x.manifest.line(x.line(m, "", "the message can't be read")); err != nil {
			return err
		}
		x.now.UID = m.UID
	}
	return x.messages(ctx, readable)
}

func (x *exporting) messages(ctx context.Context, list []mailstore.Entry) error {
	done := 0
	var ours error // what ended it here, and not in the mail store
	err := x.e.cfg.Mail.Contents(ctx, x.job.AccountID, list, func(i int, c Content) error {
		if c != nil {
			if ours = x.message(list[i], c); ours != nil {
				return ours
			}
		}
		done, x.now.UID = i+1, list[i].UID
		ours = x.pause(ctx)
		return ours
	})
	var bad *readError
	if errors.As(err, &bad) || err != nil && ours == nil && fault.Of(err).Code == fault.Internal && done < len(list) {
		x.suspect(place{x.now.FolderID, list[done].UID})
	}
	return err
}

// readError is a message that can't be read to its end.
type readError struct{ cause error }

func (e *readError) Error() string { return "export: a message can't be read: " + e.cause.Error() }
func (e *readError) Unwrap() error { return e.cause }

// suspect notes at which message an attempt has failed. The second time it is
// the message's fault.
func (x *exporting) suspect(p place) {
	x.learned = len(x.durable.Unreadable) < maxUnreadable
	if x.durable.Suspect != nil && *x.durable.Suspect == p && x.learned {
		x.durable.Suspect = nil
		x.durable.Unreadable = append(slices.Clone(x.durable.Unreadable), p)
		return
	}
	x.durable.Suspect = &p
}

func (x *exporting) message(m mailstore.Entry, c Content) error {
	name := x.now.FolderPath + "/" + strconv.FormatUint(uint64(m.UID), 10) + suffix
	size := c.Size()
	err := x.archive.entry(x.root()+"/"+name, size, m.InternalDate)
	if err == nil {
		var n int64
		if n, err = c.WriteTo(x.archive.tar); err == nil && n != size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil && x.archive.failed == nil {
			err = &readError{err}
		}
	}
	if err = errors.Join(err, c.Close()); err != nil {
		return fault.Wrap(err)
	}
	m.Size = size
	x.now.Messages++
	return x.manifest.line(x.line(m, name, ""))
}

func (x *exporting) line(m mailstore.Entry, file, problem string) messageLine {
	return messageLine{Kind: "message", Folder: x.now.FolderName, UID: m.UID, File: file, Error: problem, Size: m.Size, Flags: flagList(m.Flags),
		InternalDate: m.InternalDate.UTC(), SavedAt: m.SavedAt.UTC()}
}

// pause makes a checkpoint when it is time for one, and the end of the attempt
// when it is asked to stop.
func (x *exporting) pause(ctx context.Context) error {
	if x.stopped() != nil {
		if err := x.save(ctx); err != nil {
			return err
		}
		return errStopped
	}
	if x.archive.pending < x.e.cfg.CheckpointBytes && x.e.cfg.Clock.Now().Sub(x.saved) < x.e.cfg.CheckpointEvery {
		return nil
	}
	return x.save(ctx)
}

// save makes a checkpoint: files first, then the row that names them.
func (x *exporting) save(ctx context.Context) (err error) {
	if x.now.ArchiveBytes, err = x.archive.checkpoint(); err != nil {
		return err
	}
	if x.now.ManifestBytes, err = x.manifest.checkpoint(); err != nil {
		return err
	}
	x.durable = x.now
	x.durable.Unreadable = slices.Clone(x.now.Unreadable)
	x.saved = x.e.cfg.Clock.Now()
	p, err := x.progress()
	if err != nil {
		return err
	}
	_, err = x.e.cfg.Core.SaveLegalExport(ctx, job, p)
	return err
}

func (x *exporting) progress() (provision.LegalExportProgress, error) {
	b, err := json.Marshal(x.durable)
	return provision.LegalExportProgress{JobID: x.job.ID, Owner: x.e.owner, Life: x.e.cfg.Lease, Messages: x.durable.Messages, Checkpoint: b}, fault.Wrap(err)
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

// complete tells that the file is there.
func (x *exporting) complete(ctx context.Context) error {
	p, err := x.progress()
	if err != nil {
		return err
	}
	p.Messages, p.Checkpoint, p.Done, p.SizeBytes = x.now.Messages, nil, true, x.now.ArchiveBytes
	if _, err := x.e.cfg.Core.SaveLegalExport(ctx, job, p); err != nil {
		return err
	}
	return x.e.removeManifest(x.job.FileName())
}

// settle keeps what becomes of a job whose attempt has ended before it was complete.
func (x *exporting) settle(ctx context.Context, cause error) {
	if lost(cause) || x.stopped() != nil && errors.Is(x.stopped(), errPurged) {
		x.drop(ctx)
		return
	}
	p, err := x.progress()
	if err != nil {
		return // can't be: it was marshalled before
	}
	p.Life = 0
	if !errors.Is(cause, errStopped) {
		p.Learned = x.learned
		p.Failure, p.RetryAfter, p.Fatal = clip(cause), retryAfter(x.e.cfg.FirstRetry, x.job.Attempts), fault.Is(cause, fault.AccountNotFound)
		if x.learned {
			p.RetryAfter = 0 // nothing is gained by waiting
		}
	}
	j, err := x.e.cfg.Core.SaveLegalExport(ctx, job, p)
	switch {
	case lost(err):
		x.drop(ctx)
	case err != nil:
		x.e.cfg.Log.ErrorContext(ctx, "the end of an export was not kept: it waits for the end of its lease", "job", x.job.PublicID(), "error", err)
	case j.State == legalexport.Failed:
		x.drop(ctx)
	}
}

// drop removes the files of a job that has ended.
func (x *exporting) drop(ctx context.Context) {
	if err := x.e.remove(x.job.FileName()); err != nil {
		x.e.cfg.Log.ErrorContext(ctx, "the files of an export were not removed", "job", x.job.PublicID(), "error", err)
	}
}

// lost reports whether a job was taken away: its account is purged.
func lost(err error) bool { return err != nil && fault.Of(err).Reason == "LEASE_LOST" }

func retryAfter(first time.Duration, attempts int) time.Duration {
	d := first
	for range attempts {
		if d *= 2; d >= lastRetry {
			return lastRetry
		}
	}
	return d
}

func clip(err error) string {
	s := strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", ""), "")
	if len(s) > maxFailure {
		s = strings.ToValidUTF8(s[:maxFailure], "")
	}
	return s
}
