package export

import (
	"context"
	"errors"
	"strings"
	"time"

	"posthouse/internal/core/legalexport"
	"posthouse/internal/fault"
)

const (
	maxFailure = 500 // bytes kept of an error
	lastRetry  = time.Hour
)

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
