package mailboxes

import (
	"context"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/due"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
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
func (s *Service) CreateLegalExport(ctx context.Context, actor audit.Actor, ref work.AccountRef) (*legalexport.Job, error) {
	var out *legalexport.Job
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(ref, work.OpLegalExport)
		if err != nil {
			return err
		}
		jobs, err := u.Tx.LegalExports(u.Ctx, a.ID)
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
		out = &legalexport.Job{PartnerID: o.PartnerID, OrderID: o.ID, AccountID: a.ID, State: legalexport.Queued, TryAt: u.Real,
			LeasedUntil: time.UnixMicro(0).UTC(), CreatedAt: u.Now}
		if err := u.Tx.InsertLegalExport(u.Ctx, out); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "legal_export.create", "account", a.ID, work.Detail{"job": out.PublicID(), "email": a.Email()})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// LegalExport is titan.md operation 41. jobID is the job's public id.
func (s *Service) LegalExport(ctx context.Context, actor audit.Actor, ref work.AccountRef, jobID string) (*legalexport.Job, error) {
	var out *legalexport.Job
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		_, a, err := u.Account(ref, work.OpLegalExport)
		if err != nil {
			return err
		}
		id, ok := legalexport.ParsePublicID(jobID)
		if !ok {
			return errNoExport
		}
		if out, err = u.Tx.LegalExport(u.Ctx, id); err != nil {
			return err
		}
		if out == nil || out.AccountID != a.ID {
			return errNoExport
		}
		out = shownExport(u, out)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// LegalExports gives an account's jobs, the newest first.
func (s *Service) LegalExports(ctx context.Context, actor audit.Actor, ref work.AccountRef) ([]*legalexport.Job, error) {
	var out []*legalexport.Job
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		_, a, err := u.Account(ref, work.OpLegalExport)
		if err != nil {
			return err
		}
		if out, err = u.Tx.LegalExports(u.Ctx, a.ID); err != nil {
			return err
		}
		for i, j := range out {
			out[i] = shownExport(u, j)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// shownExport makes a file expire on its day, whether or not it has been removed.
func shownExport(u *work.Unit, j *legalexport.Job) *legalexport.Job {
	if j.State == legalexport.Completed && j.ExpiresAt != nil && !u.Now.Before(*j.ExpiresAt) {
		c := *j
		c.State = legalexport.Expired
		return &c
	}
	return j
}

// LegalExportDownload is asked before a file goes out to who has a valid link.
// first is for the beginning of the file; it goes into the audit log.
func (s *Service) LegalExportDownload(ctx context.Context, actor audit.Actor, accountID, jobID int64, first bool) (*legalexport.Job, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out *legalexport.Job
	work := func(u *work.Unit) error {
		j, err := u.Tx.LegalExport(u.Ctx, jobID)
		if err != nil {
			return err
		}
		if j == nil || j.AccountID != accountID {
			return errExportExpiry
		}
		if err := u.Enter(j.PartnerID); err != nil {
			return err
		}
		if shownExport(u, j).State != legalexport.Completed {
			return errExportExpiry
		}
		out = j
		if !first {
			return nil
		}
		return u.Record(j.PartnerID, "legal_export.download", "account", j.AccountID, work.Detail{"job": j.PublicID()})
	}
	run := s.Read
	if first {
		run = s.Write
	}
	if err := run(ctx, actor, work); err != nil {
		return nil, err
	}
	return out, nil
}

// ExpireLegalExport is what the calendar asks for: a job whose file has had its
// time is expired. It gives the job if its file is to be removed.
func (s *Service) ExpireLegalExport(ctx context.Context, actor audit.Actor, item due.Item) (*legalexport.Job, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out *legalexport.Job
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		out = nil
		j, err := u.Tx.LegalExport(u.Ctx, item.ObjectID)
		if err != nil || j == nil {
			return err
		}
		if err := u.Enter(j.PartnerID); err != nil {
			return err
		}
		switch {
		case j.State == legalexport.Expired: // broken off before the file was gone
		case j.State != legalexport.Completed || j.ExpiresAt == nil:
			return nil
		case u.Now.Before(*j.ExpiresAt):
			return u.Remind(due.Export, j.ID, j.PartnerID, j.ExpiresAt)
		default:
			if err := endExport(u, j, "expired"); err != nil {
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

func endExport(u *work.Unit, j *legalexport.Job, why string) error {
	j.State, j.Owner, j.LeasedUntil, j.Checkpoint = legalexport.Expired, "", time.UnixMicro(0).UTC(), nil
	if err := u.Tx.UpdateLegalExport(u.Ctx, j); err != nil {
		return err
	}
	return u.Record(j.PartnerID, "legal_export.destroy", "account", j.AccountID, work.Detail{"job": j.PublicID(), "rule": why, "bytes": j.SizeBytes})
}

// PurgeLegalExports ends all exports of an account that is being purged, and
// gives those whose files are to be removed: all that there ever were.
func (s *Service) PurgeLegalExports(ctx context.Context, actor audit.Actor, accountID int64) ([]*legalexport.Job, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out []*legalexport.Job
	err := s.Write(ctx, actor, func(u *work.Unit) (err error) {
		if out, err = u.Tx.LegalExports(u.Ctx, accountID); err != nil {
			return err
		}
		for _, j := range out {
			if err := u.Enter(j.PartnerID); err != nil {
				return err
			}
			if j.State == legalexport.Expired || j.State == legalexport.Failed {
				continue
			}
			if err := endExport(u, j, "purge of the account"); err != nil {
				return err
			}
			if err := u.Tx.ClearDue(u.Ctx, due.Export, j.ID); err != nil {
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
	if err := work.CheckOperator(actor); err != nil {
		return nil, nil, err
	}
	var idle bool
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		j, err := u.Tx.NextLegalExport(u.Ctx, l.AfterPartner, u.Real)
		idle = j == nil
		return err
	})
	if err != nil || idle {
		return nil, nil, err
	}
	var job *legalexport.Job
	var subject *LegalExportSubject
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		job, subject = nil, nil
		j, err := u.Tx.NextLegalExport(u.Ctx, l.AfterPartner, u.Real)
		if err != nil || j == nil {
			return err
		}
		if err := u.Enter(j.PartnerID); err != nil {
			return err
		}
		a, err := u.Tx.Account(u.Ctx, j.AccountID)
		if err != nil {
			return err
		}
		o, err := u.Tx.Order(u.Ctx, j.OrderID)
		if err != nil {
			return err
		}
		if a == nil || o == nil || a.Status(u.Now) == account.Purged || o.Status(u.Now) == order.Purged {
			return endExport(u, j, "the account is purged")
		}
		c, err := u.CustomerOf(o)
		if err != nil {
			return err
		}
		j.State, j.Owner, j.LeasedUntil = legalexport.Running, l.Owner, u.Real.Add(l.Life)
		if err := u.Tx.UpdateLegalExport(u.Ctx, j); err != nil {
			return err
		}
		job, subject = j, &LegalExportSubject{Account: a, Order: o, Customer: c, Status: a.Status(u.Now)}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return job, subject, nil
}

// ReleaseLegalExports gives back what a former process had leased.
func (s *Service) ReleaseLegalExports(ctx context.Context, actor audit.Actor) error {
	if err := work.CheckOperator(actor); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error { return u.Tx.ReleaseLegalExports(u.Ctx) })
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
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out *legalexport.Job
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		j, err := u.Tx.LegalExport(u.Ctx, p.JobID)
		if err != nil {
			return err
		}
		if j == nil || j.State != legalexport.Running || j.Owner != p.Owner {
			return errExportLost
		}
		if err := u.Enter(j.PartnerID); err != nil {
			return err
		}
		out = j
		if p.Messages > j.Messages || p.Learned {
			j.Attempts = 0
		}
		j.Messages, j.Checkpoint, j.LeasedUntil = p.Messages, p.Checkpoint, u.Real.Add(p.Life)
		switch {
		case p.Done:
			return completeExport(u, j, p.SizeBytes)
		case p.Failure != "":
			return failExport(u, j, p)
		case p.Life <= 0:
			j.State, j.Owner, j.LeasedUntil = legalexport.Queued, "", time.UnixMicro(0).UTC()
		}
		return u.Tx.UpdateLegalExport(u.Ctx, j)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func completeExport(u *work.Unit, j *legalexport.Job, size int64) error {
	now := u.Now
	expires := now.Add(legalexport.FileLife)
	j.State, j.SizeBytes, j.CompletedAt, j.ExpiresAt = legalexport.Completed, size, &now, &expires
	j.Owner, j.LeasedUntil, j.Checkpoint, j.LastError = "", time.UnixMicro(0).UTC(), nil, ""
	if err := u.Tx.UpdateLegalExport(u.Ctx, j); err != nil {
		return err
	}
	if err := u.Remind(due.Export, j.ID, j.PartnerID, j.ExpiresAt); err != nil {
		return err
	}
	return u.Record(j.PartnerID, "legal_export.complete", "account", j.AccountID, work.Detail{"job": j.PublicID(), "messages": j.Messages, "bytes": size})
}

func failExport(u *work.Unit, j *legalexport.Job, p LegalExportProgress) error {
	j.Owner, j.LeasedUntil, j.LastError = "", time.UnixMicro(0).UTC(), p.Failure
	j.Attempts++
	j.State, j.TryAt = legalexport.Queued, u.Real.Add(p.RetryAfter)
	if !p.Fatal && j.Attempts < legalexport.MaxAttempts {
		return u.Tx.UpdateLegalExport(u.Ctx, j)
	}
	j.State, j.Checkpoint = legalexport.Failed, nil
	if err := u.Tx.UpdateLegalExport(u.Ctx, j); err != nil {
		return err
	}
	return u.Record(j.PartnerID, "legal_export.fail", "account", j.AccountID, work.Detail{"job": j.PublicID(), "error": p.Failure})
}

// LegalExportState gives the state of a job by number, "" when there is none:
// for who looks at files.
func (s *Service) LegalExportState(ctx context.Context, actor audit.Actor, jobID int64) (legalexport.State, error) {
	if err := work.CheckOperator(actor); err != nil {
		return "", err
	}
	var out legalexport.State
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = ""
		j, err := u.Tx.LegalExport(u.Ctx, jobID)
		if j != nil {
			out = j.State
		}
		return err
	})
	return out, err
}
