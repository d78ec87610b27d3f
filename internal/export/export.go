// Package export writes legal exports (titan.md operations 40 and 41): all that
// an account holds into one <titanAccountId>_<jobId>.tar.gz, in bounded memory,
// from checkpoint to checkpoint, so that a crash costs seconds of work.
package export

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
	"posthouse/internal/secret"
)

// Core keeps the jobs; *provision.Service is one.
type Core interface {
	LeaseLegalExport(context.Context, audit.Actor, mailboxes.LegalExportLease) (*legalexport.Job, *mailboxes.LegalExportSubject, error)
	SaveLegalExport(context.Context, audit.Actor, mailboxes.LegalExportProgress) (*legalexport.Job, error)
	ReleaseLegalExports(context.Context, audit.Actor) error
	ExpireLegalExport(context.Context, audit.Actor, due.Item) (*legalexport.Job, error)
	PurgeLegalExports(ctx context.Context, actor audit.Actor, accountID int64) ([]*legalexport.Job, error)
	LegalExportState(ctx context.Context, actor audit.Actor, jobID int64) (legalexport.State, error)
}

// Mail is what an export reads; FromStore makes one of the mail store.
type Mail interface {
	Folders(ctx context.Context, accountID int64) ([]mailstore.Folder, error)
	Entries(ctx context.Context, folderID int64, from uint32, limit int) ([]mailstore.Entry, error)
	// Contents is that of the mail store: fn closes what it gets, nil is a
	// message that is gone.
	Contents(ctx context.Context, accountID int64, entries []mailstore.Entry, fn func(i int, c Content) error) error
}

// Content is one message.
type Content interface {
	Size() int64
	io.WriterTo
	io.Closer
}

// FromStore reads the mail store.
func FromStore(s *mailstore.Store) Mail { return fromStore{s} }

type fromStore struct{ *mailstore.Store }

func (s fromStore) Contents(ctx context.Context, accountID int64, entries []mailstore.Entry, fn func(i int, c Content) error) error {
	return s.Store.Contents(ctx, accountID, entries, func(i int, c *mailstore.Content) error {
		if c == nil {
			return fn(i, nil)
		}
		return fn(i, c)
	})
}

// Config of an Exporter. Core, Mail, Dir and Random are needed; zero values of
// the others are the defaults named.
type Config struct {
	Core   Core
	Mail   Mail
	Dir    string // of the files; made when it is not there
	Random io.Reader
	Clock  clock.Clock
	Log    *slog.Logger

	Workers         int           // jobs at one time; 2
	Poll            time.Duration // how often work is looked for; 1 s
	Lease           time.Duration // 2 min
	CheckpointBytes int64         // of content between two checkpoints; 64 MB
	CheckpointEvery time.Duration // 10 s
	FirstRetry      time.Duration // after a failure, doubled each time; 1 min
}

// Exporter runs the jobs of one node, whose files lie on its own disk. One Run at a time.
type Exporter struct {
	cfg   Config
	owner string

	mu      sync.Mutex
	running map[int64]*run // by account
}

// run is a job under way.
type run struct {
	cancel context.CancelCauseFunc
	done   chan struct{}
}

// job is who the exporter is in logs and the audit log.
var job = audit.Actor{Role: suspension.RoleTitan, Name: "job:export"}

// New makes an Exporter.
func New(cfg Config) (*Exporter, error) {
	if cfg.Core == nil || cfg.Mail == nil || cfg.Dir == "" || cfg.Random == nil {
		return nil, fault.New(fault.Invalid, "A core, a mail store, a folder and randomness are needed")
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	def(&cfg.Workers, 2)
	def(&cfg.Poll, time.Second)
	def(&cfg.Lease, 2*time.Minute)
	def(&cfg.CheckpointBytes, 64<<20)
	def(&cfg.CheckpointEvery, 10*time.Second)
	def(&cfg.FirstRetry, time.Minute)
	owner, err := secret.Alphanumeric(cfg.Random, 12)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fault.Wrap(err)
	}
	return &Exporter{cfg: cfg, owner: owner, running: map[int64]*run{}}, nil
}

func def[T int | int64 | time.Duration](v *T, otherwise T) {
	if *v <= 0 {
		*v = otherwise
	}
}

func (e *Exporter) path(file string) string { return filepath.Join(e.cfg.Dir, file) }

// manifestOf is where a job's manifest grows until it is put into the archive.
func manifestOf(file string) string { return file + ".manifest" }

// Run works until ctx ends; what is under way then is left at a checkpoint.
func (e *Exporter) Run(ctx context.Context) error {
	// Files lie on this node's disk: nobody else runs their jobs.
	if err := e.cfg.Core.ReleaseLegalExports(ctx, job); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if err := e.sweep(ctx); err != nil && ctx.Err() == nil {
		e.cfg.Log.ErrorContext(ctx, "files of old exports can't be looked through", "error", err)
	}
	var wg sync.WaitGroup
	for range e.cfg.Workers {
		wg.Go(func() { e.work(ctx) })
	}
	wg.Wait()
	return nil
}

func (e *Exporter) work(ctx context.Context) {
	var last int64
	for ctx.Err() == nil {
		j, subject, err := e.cfg.Core.LeaseLegalExport(ctx, job, mailboxes.LegalExportLease{Owner: e.owner, Life: e.cfg.Lease, AfterPartner: last})
		switch {
		case err != nil && ctx.Err() == nil:
			e.cfg.Log.ErrorContext(ctx, "export jobs can't be read", "error", err)
			e.pause(ctx)
		case j == nil:
			e.pause(ctx)
		default:
			last = j.PartnerID
			e.one(ctx, j, subject)
		}
	}
}

func (e *Exporter) pause(ctx context.Context) {
	t := e.cfg.Clock.NewTimer(e.cfg.Poll)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C():
	}
}

// Open opens the file of a completed job.
func (e *Exporter) Open(j *legalexport.Job) (*os.File, error) {
	f, err := os.Open(e.path(j.FileName()))
	if os.IsNotExist(err) {
		return nil, fault.New(fault.NotFound, "The export is not there any more").WithReason("EXPORT_EXPIRED")
	}
	return f, fault.Wrap(err)
}

// Expire is the calendar's handler of due.Export.
func (e *Exporter) Expire(ctx context.Context, item due.Item) error {
	j, err := e.cfg.Core.ExpireLegalExport(ctx, job, item)
	if err != nil || j == nil {
		return err
	}
	return e.remove(j.FileName())
}

var errPurged = fault.New(fault.AccountNotFound, "The account is being purged")

// Purge ends the exports of an account and destroys their files. It can be
// called again.
func (e *Exporter) Purge(ctx context.Context, accountID int64) error {
	jobs, err := e.cfg.Core.PurgeLegalExports(ctx, job, accountID)
	if err != nil {
		return err
	}
	e.mu.Lock()
	r := e.running[accountID]
	e.mu.Unlock()
	if r != nil {
		r.cancel(errPurged)
		select {
		case <-r.done:
		case <-ctx.Done():
			return fault.Unavail("An export has not ended yet", ctx.Err())
		}
	}
	for _, j := range jobs {
		if err := e.remove(j.FileName()); err != nil {
			return err
		}
	}
	return nil
}

// remove destroys a job's files, durably.
func (e *Exporter) remove(file string) error {
	for _, name := range []string{file, manifestOf(file)} {
		if err := os.Remove(e.path(name)); err != nil && !os.IsNotExist(err) {
			return fault.Wrap(err)
		}
	}
	return syncDir(e.cfg.Dir)
}

// removeManifest ends the file that is in the archive now.
func (e *Exporter) removeManifest(file string) error {
	if err := os.Remove(e.path(manifestOf(file))); err != nil && !os.IsNotExist(err) {
		return fault.Wrap(err)
	}
	return nil
}

// sweep removes what a crash has left: files that no job wants any more.
func (e *Exporter) sweep(ctx context.Context) error {
	files, err := os.ReadDir(e.cfg.Dir)
	if err != nil {
		return fault.Wrap(err)
	}
	for _, f := range files {
		name := f.Name()
		stem := name
		if n := len(name) - len(manifestOf("")); n > 0 && name[n:] == manifestOf("") {
			stem = name[:n]
		}
		_, id, ok := legalexport.ParseFileName(stem)
		if !ok {
			continue
		}
		state, err := e.cfg.Core.LegalExportState(ctx, job, id)
		if err != nil {
			return err
		}
		if state.UnderWay() || state == legalexport.Completed && stem == name {
			continue
		}
		if err := os.Remove(e.path(name)); err != nil && !os.IsNotExist(err) {
			return fault.Wrap(err)
		}
		e.cfg.Log.WarnContext(ctx, "removed a file that no export wants", "file", name)
	}
	return nil
}
