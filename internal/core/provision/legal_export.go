package provision

import (
	"context"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/due"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// maxLegalExports bounds the files that are kept of one account.
const maxLegalExports = 10

var (
	errNoExport     = fault.New(fault.NotFound, "No such export job").WithReason("JOB_NOT_FOUND")
	errExportLost   = fault.New(fault.Conflict, "The export job is not the caller's any more").WithReason("LEASE_LOST")
	errManyExports  = fault.Newf(fault.Conflict, "There are %d exports of the account already", maxLegalExports).WithReason("TOO_MANY_EXPORTS")
	errExportExpiry = fault.New(fault.NotFound, "The export is not there any more").WithReason("EXPORT_EXPIRED")
)

// CreateLegalExport is titan.md operation 40: it starts an export of an account,
// live or deleted, or gives the one that is under way. Its holder is not told.
func (s *Service) CreateLegalExport(ctx context.Context, actor audit.Actor, ref AccountRef) (*legalexport.Job, error) {
	var out *legalexport.Job
	err := s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.account(ref, opLegalExport)
		if err != nil {
			return err
		}
		jobs, err := u.tx.LegalExports(u.ctx, a.ID)
		if err != nil {
			return err
		}
		kept := 0
		for _, j := range jobs {
			if j.State.UnderWay() {
				out = j
				return nil
			}
			if j.State == legalexport.Completed {
				kept++
			}
		}
		if kept >= maxLegalExports {
			return errManyExports
		}
		out = &legalexport.Job{PartnerID: o.PartnerID, OrderID: o.ID, AccountID: a.ID, State: legalexport.Queued, TryAt: u.real,
			LeasedUntil: time.UnixMicro(0).UTC(), CreatedAt: u.now}
		if err := u.tx.InsertLegalExport(u.ctx, out); err != nil {
			return err
		}
		return u.record(o.PartnerID, "legal_export.create", "account", a.ID, detail{"job": out.PublicID(), "email": a.Email()})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// LegalExport is titan.md operation 41. jobID is the job's public id.
func (s *Service) LegalExport(ctx context.Context, actor audit.Actor, ref AccountRef, jobID string) (*legalexport.Job, error) {
	var out *legalexport.Job
	err := s.read(ctx, actor, func(u *unit) error {
		_, a, err := u.account(ref, opLegalExport)
		if err != nil {
			return err
		}
		id, ok := legalexport.ParsePublicID(jobID)
		if !ok {
			return errNoExport
		}
		if out, err = u.tx.LegalExport(u.ctx, id); err != nil {
			return err
		}
		if out == nil || out.AccountID != a.ID {
			return errNoExport
		}
		out = u.shownExport(out)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// LegalExports gives an account's jobs, the newest first.
func (s *Service) LegalExports(ctx context.Context, actor audit.Actor, ref AccountRef) ([]*legalexport.Job, error) {
	var out []*legalexport.Job
	err := s.read(ctx, actor, func(u *unit) error {
		_, a, err := u.account(ref, opLegalExport)
		if err != nil {
			return err
		}
		if out, err = u.tx.LegalExports(u.ctx, a.ID); err != nil {
			return err
		}
		for i, j := range out {
			out[i] = u.shownExport(j)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// shownExport makes a file expire on its day, whether or not it has been removed.
func (u *unit) shownExport(j *legalexport.Job) *legalexport.Job {
	if j.State == legalexport.Completed && j.ExpiresAt != nil && !u.now.Before(*j.ExpiresAt) {
		c := *j
		c.State = legalexport.Expired
		return &c
	}
	return j
}

// LegalExportDownload is asked before a file goes out to who has a valid link.
// first is for the beginning of the file; it goes into the audit log.
func (s *Service) LegalExportDownload(ctx context.Context, actor audit.Actor, accountID, jobID int64, first bool) (*legalexport.Job, error) {
	if err := checkOperator(actor); err != nil {
		return nil, err
	}
	var out *legalexport.Job
	work := func(u *unit) error {
		j, err := u.tx.LegalExport(u.ctx, jobID)
		if err != nil {
			return err
		}
		if j == nil || j.AccountID != accountID {
			return errExportExpiry
		}
		if err := u.enter(j.PartnerID); err != nil {
			return err
		}
		if u.shownExport(j).State != legalexport.Completed {
			return errExportExpiry
		}
		out = j
		if !first {
			return nil
		}
		return u.record(j.PartnerID, "legal_export.download", "account", j.AccountID, detail{"job": j.PublicID()})
	}
	run := s.read
	if first {
		run = s.write
	}
	if err := run(ctx, actor, work); err != nil {
		return nil, err
	}
	return out, nil
}

// ExpireLegalExport is what the calendar asks for: a job whose file has had its
// time is expired. It gives the job if its file is to be removed.
func (s *Service) ExpireLegalExport(ctx context.Context, actor audit.Actor, item due.Item) (*legalexport.Job, error) {
	if err := checkOperator(actor); err != nil {
		return nil, err
	}
	var out *legalexport.Job
	err := s.write(ctx, actor, func(u *unit) error {
		out = nil
		j, err := u.tx.LegalExport(u.ctx, item.ObjectID)
		if err != nil || j == nil {
			return err
		}
		if err := u.enter(j.PartnerID); err != nil {
			return err
		}
		switch {
		case j.State == legalexport.Expired: // broken off before the file was gone
		case j.State != legalexport.Completed || j.ExpiresAt == nil:
			return nil
		case u.now.Before(*j.ExpiresAt):
			return u.remind(due.Export, j.ID, j.PartnerID, j.ExpiresAt)
		default:
			if err := u.endExport(j, "expired"); err != nil {
				return err
			}
		}
		out = j
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) endExport(j *legalexport.Job, why string) error {
	j.State, j.Owner, j.LeasedUntil, j.Checkpoint = legalexport.Expired, "", time.UnixMicro(0).UTC(), nil
	if err := u.tx.UpdateLegalExport(u.ctx, j); err != nil {
		return err
	}
	return u.record(j.PartnerID, "legal_export.destroy", "account", j.AccountID, detail{"job": j.PublicID(), "rule": why, "bytes": j.SizeBytes})
}

// PurgeLegalExports ends all exports of an account that is being purged, and
// gives those whose files are to be removed: all that there ever were.
func (s *Service) PurgeLegalExports(ctx context.Context, actor audit.Actor, accountID int64) ([]*legalexport.Job, error) {
	if err := checkOperator(actor); err != nil {
		return nil, err
	}
	var out []*legalexport.Job
	err := s.write(ctx, actor, func(u *unit) (err error) {
		if out, err = u.tx.LegalExports(u.ctx, accountID); err != nil {
			return err
		}
		for _, j := range out {
			if err := u.enter(j.PartnerID); err != nil {
				return err
			}
			if j.State == legalexport.Expired || j.State == legalexport.Failed {
				continue
			}
			if err := u.endExport(j, "purge of the account"); err != nil {
				return err
			}
			if err := u.tx.ClearDue(u.ctx, due.Export, j.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// LegalExportSubject is what an export says about its account.
type LegalExportSubject struct {
	Account  *account.Account
	Order    *order.Order
	Customer *customer.Customer
	Status   account.Status
}

// LegalExportLease asks for a job to run.
type LegalExportLease struct {
	Owner        string
	Life         time.Duration
	AfterPartner int64 // whose job the caller ran last: the others come first
}

// LeaseLegalExport gives a job to run and its account; nil when there is none.
func (s *Service) LeaseLegalExport(ctx context.Context, actor audit.Actor, l LegalExportLease) (*legalexport.Job, *LegalExportSubject, error) {
	if err := checkOperator(actor); err != nil {
		return nil, nil, err
	}
	var idle bool
	err := s.read(ctx, actor, func(u *unit) error {
		j, err := u.tx.NextLegalExport(u.ctx, l.AfterPartner, u.real)
		idle = j == nil
		return err
	})
	if err != nil || idle {
		return nil, nil, err
	}
	var job *legalexport.Job
	var subject *LegalExportSubject
	err = s.write(ctx, actor, func(u *unit) error {
		job, subject = nil, nil
		j, err := u.tx.NextLegalExport(u.ctx, l.AfterPartner, u.real)
		if err != nil || j == nil {
			return err
		}
		if err := u.enter(j.PartnerID); err != nil {
			return err
		}
		a, err := u.tx.Account(u.ctx, j.AccountID)
		if err != nil {
			return err
		}
		o, err := u.tx.Order(u.ctx, j.OrderID)
		if err != nil {
			return err
		}
		if a == nil || o == nil || a.Status(u.now) == account.Purged || o.Status(u.now) == order.Purged {
			return u.endExport(j, "the account is purged")
		}
		c, err := u.customerOf(o)
		if err != nil {
			return err
		}
		j.State, j.Owner, j.LeasedUntil = legalexport.Running, l.Owner, u.real.Add(l.Life)
		if err := u.tx.UpdateLegalExport(u.ctx, j); err != nil {
			return err
		}
		job, subject = j, &LegalExportSubject{Account: a, Order: o, Customer: c, Status: a.Status(u.now)}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return job, subject, nil
}

// ReleaseLegalExports gives back what a former process had leased.
func (s *Service) ReleaseLegalExports(ctx context.Context, actor audit.Actor) error {
	if err := checkOperator(actor); err != nil {
		return err
	}
	return s.write(ctx, actor, func(u *unit) error { return u.tx.ReleaseLegalExports(u.ctx) })
}

// LegalExportProgress is what the one who runs a job has come to.
type LegalExportProgress struct {
	JobID      int64
	Owner      string
	Life       time.Duration // of the lease from now on; 0 gives it back
	Messages   int64
	Checkpoint []byte
	Failure    string        // not "": this attempt has ended
	RetryAfter time.Duration // after a failure
	Fatal      bool          // a failure that no other attempt changes
	Learned    bool          // the failure itself is progress: the next attempt goes round it
	Done       bool          // the file is complete and on stable storage
	SizeBytes  int64
}

// SaveLegalExport keeps progress, the end of a job, or a failure. A job that has
// been taken from its owner is fault.Conflict with Reason LEASE_LOST.
func (s *Service) SaveLegalExport(ctx context.Context, actor audit.Actor, p LegalExportProgress) (*legalexport.Job, error) {
	if err := checkOperator(actor); err != nil {
		return nil, err
	}
	var out *legalexport.Job
	err := s.write(ctx, actor, func(u *unit) error {
		j, err := u.tx.LegalExport(u.ctx, p.JobID)
		if err != nil {
			return err
		}
		if j == nil || j.State != legalexport.Running || j.Owner != p.Owner {
			return errExportLost
		}
		if err := u.enter(j.PartnerID); err != nil {
			return err
		}
		out = j
		if p.Messages > j.Messages || p.Learned {
			j.Attempts = 0
		}
		j.Messages, j.Checkpoint, j.LeasedUntil = p.Messages, p.Checkpoint, u.real.Add(p.Life)
		switch {
		case p.Done:
			return u.completeExport(j, p.SizeBytes)
		case p.Failure != "":
			return u.failExport(j, p)
		case p.Life <= 0:
			j.State, j.Owner, j.LeasedUntil = legalexport.Queued, "", time.UnixMicro(0).UTC()
		}
		return u.tx.UpdateLegalExport(u.ctx, j)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) completeExport(j *legalexport.Job, size int64) error {
	now := u.now
	expires := now.Add(legalexport.FileLife)
	j.State, j.SizeBytes, j.CompletedAt, j.ExpiresAt = legalexport.Completed, size, &now, &expires
	j.Owner, j.LeasedUntil, j.Checkpoint, j.LastError = "", time.UnixMicro(0).UTC(), nil, ""
	if err := u.tx.UpdateLegalExport(u.ctx, j); err != nil {
		return err
	}
	if err := u.remind(due.Export, j.ID, j.PartnerID, j.ExpiresAt); err != nil {
		return err
	}
	return u.record(j.PartnerID, "legal_export.complete", "account", j.AccountID, detail{"job": j.PublicID(), "messages": j.Messages, "bytes": size})
}

func (u *unit) failExport(j *legalexport.Job, p LegalExportProgress) error {
	j.Owner, j.LeasedUntil, j.LastError = "", time.UnixMicro(0).UTC(), p.Failure
	j.Attempts++
	j.State, j.TryAt = legalexport.Queued, u.real.Add(p.RetryAfter)
	if !p.Fatal && j.Attempts < legalexport.MaxAttempts {
		return u.tx.UpdateLegalExport(u.ctx, j)
	}
	j.State, j.Checkpoint = legalexport.Failed, nil
	if err := u.tx.UpdateLegalExport(u.ctx, j); err != nil {
		return err
	}
	return u.record(j.PartnerID, "legal_export.fail", "account", j.AccountID, detail{"job": j.PublicID(), "error": p.Failure})
}

// LegalExportState gives the state of a job by number, "" when there is none:
// for who looks at files.
func (s *Service) LegalExportState(ctx context.Context, actor audit.Actor, jobID int64) (legalexport.State, error) {
	if err := checkOperator(actor); err != nil {
		return "", err
	}
	var out legalexport.State
	err := s.read(ctx, actor, func(u *unit) error {
		out = ""
		j, err := u.tx.LegalExport(u.ctx, jobID)
		if j != nil {
			out = j.State
		}
		return err
	})
	return out, err
}
