package outbox

import (
	"context"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// noticeWaits are the pauses after failures to compose or queue a notice; after
// the last it is parked.
var noticeWaits = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}

const maxNoticeError = 500

var errNotice = fault.New(fault.NotFound, "There is no such notice")

// NextNotice gives the next mail of the outbox, nil when there is none: the
// oldest of the partner whose turn is after afterPartner's.
func (s *Service) NextNotice(ctx context.Context, afterPartner int64) (*notice.Draft, error) {
	var out *notice.Draft
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		out = nil
		n, err := u.Tx.NextNotice(u.Ctx, afterPartner, u.Real)
		if n == nil || err != nil {
			return err
		}
		out, err = draft(u, n)
		return err
	})
	return out, err
}

func draft(u *work.Unit, n *notice.Notice) (*notice.Draft, error) {
	d := &notice.Draft{Notice: *n}
	p, err := u.Partner(n.PartnerID)
	if err != nil {
		return nil, err
	}
	d.Sandbox = p.Sandbox
	if d.Brand, err = tenancy.Brand(u, n.PartnerID, n.ResellerID); err != nil {
		return nil, err
	}
	if len(n.SealedToken) > 0 {
		if err := linkOf(u, d); err != nil {
			return nil, err
		}
	}
	if d.Signature, err = signatureFor(u, n); err != nil {
		return nil, err
	}
	if n.AccountID == 0 {
		return d, nil
	}
	a, err := u.Tx.Account(u.Ctx, n.AccountID)
	if err == nil && a != nil && a.Live() && a.Email() == strings.ToLower(n.To) {
		d.MailboxID = a.ID
	}
	return d, err
}

// NoticeToken opens the token of a draft's link, "" when there is none.
func (s *Service) NoticeToken(d *notice.Draft) (string, error) {
	if len(d.SealedToken) == 0 {
		return "", nil
	}
	raw, err := s.Sealer.Open(d.SealedToken, notice.TokenContext)
	return string(raw), err
}

// NoticeFailed notes that a notice could not be composed or queued: it is tried
// again later, and parked after the last time.
func (s *Service) NoticeFailed(ctx context.Context, id int64, cause error) (parked bool, err error) {
	text := strings.ToValidUTF8(fault.Of(cause).Error(), "")
	text = strings.ReplaceAll(text, "\x00", "")
	if len(text) > maxNoticeError {
		text = strings.ToValidUTF8(text[:maxNoticeError], "")
	}
	err = s.Write(ctx, work.AsPlatform, func(u *work.Unit) error {
		parked = false
		n, err := u.Tx.Notice(u.Ctx, id)
		if n == nil || err != nil {
			return err
		}
		n.LastError = text
		if n.Attempts < len(noticeWaits) {
			n.TryAt = u.Real.Add(noticeWaits[n.Attempts])
		} else {
			n.Parked, parked = true, true
		}
		n.Attempts++
		return u.Tx.UpdateNotice(u.Ctx, n)
	})
	return parked, err
}

// Notices lists the outbox, oldest first.
func (s *Service) Notices(ctx context.Context, actor audit.Actor, f work.NoticeFilter) ([]*notice.Notice, error) {
	if actor.PartnerID != 0 {
		f.PartnerID = actor.PartnerID
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	f.Limit = min(f.Limit, work.MaxFound)
	var out []*notice.Notice
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = u.Tx.Notices(u.Ctx, f)
		return err
	})
	return out, err
}

// RetryNotice makes a notice due at once, a parked one too.
func (s *Service) RetryNotice(ctx context.Context, actor audit.Actor, id int64) error {
	return s.changeNotice(ctx, actor, id, "notice.retry", func(u *work.Unit, n *notice.Notice) error {
		n.Attempts, n.Parked, n.TryAt = 0, false, u.Real
		return u.Tx.UpdateNotice(u.Ctx, n)
	})
}

// DropNotice removes a notice unsent.
func (s *Service) DropNotice(ctx context.Context, actor audit.Actor, id int64) error {
	return s.changeNotice(ctx, actor, id, "notice.drop", func(u *work.Unit, n *notice.Notice) error {
		_, err := u.Tx.DeleteNotice(u.Ctx, n.ID)
		return err
	})
}

func (s *Service) changeNotice(ctx context.Context, actor audit.Actor, id int64, action string, change func(*work.Unit, *notice.Notice) error) error {
	if err := work.CheckOperator(actor); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		n, err := u.Tx.Notice(u.Ctx, id)
		if err != nil {
			return err
		}
		if n == nil {
			return errNotice
		}
		if err := change(u, n); err != nil {
			return err
		}
		return u.Record(n.PartnerID, action, "notice", n.ID, work.Detail{"kind": n.Kind})
	})
}
