package provision

import (
	"context"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/notice"
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
	err := s.read(ctx, platform, func(u *unit) error {
		out = nil
		n, err := u.tx.NextNotice(u.ctx, afterPartner, u.real)
		if n == nil || err != nil {
			return err
		}
		out, err = u.draft(n)
		return err
	})
	return out, err
}

func (u *unit) draft(n *notice.Notice) (*notice.Draft, error) {
	d := &notice.Draft{Notice: *n}
	p, err := u.partner(n.PartnerID)
	if err != nil {
		return nil, err
	}
	d.Sandbox = p.Sandbox
	if d.Brand, err = u.brand(n.PartnerID, n.ResellerID); err != nil {
		return nil, err
	}
	if len(n.SealedToken) > 0 {
		if err := u.linkOf(d); err != nil {
			return nil, err
		}
	}
	if d.Signature, err = u.signatureFor(n); err != nil {
		return nil, err
	}
	if n.AccountID == 0 {
		return d, nil
	}
	a, err := u.tx.Account(u.ctx, n.AccountID)
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
	raw, err := s.sealer.Open(d.SealedToken, notice.TokenContext)
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
	err = s.write(ctx, platform, func(u *unit) error {
		parked = false
		n, err := u.tx.Notice(u.ctx, id)
		if n == nil || err != nil {
			return err
		}
		n.LastError = text
		if n.Attempts < len(noticeWaits) {
			n.TryAt = u.real.Add(noticeWaits[n.Attempts])
		} else {
			n.Parked, parked = true, true
		}
		n.Attempts++
		return u.tx.UpdateNotice(u.ctx, n)
	})
	return parked, err
}

// Notices lists the outbox, oldest first.
func (s *Service) Notices(ctx context.Context, actor audit.Actor, f NoticeFilter) ([]*notice.Notice, error) {
	if actor.PartnerID != 0 {
		f.PartnerID = actor.PartnerID
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	f.Limit = min(f.Limit, maxFound)
	var out []*notice.Notice
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, err = u.tx.Notices(u.ctx, f)
		return err
	})
	return out, err
}

// RetryNotice makes a notice due at once, a parked one too.
func (s *Service) RetryNotice(ctx context.Context, actor audit.Actor, id int64) error {
	return s.changeNotice(ctx, actor, id, "notice.retry", func(u *unit, n *notice.Notice) error {
		n.Attempts, n.Parked, n.TryAt = 0, false, u.real
		return u.tx.UpdateNotice(u.ctx, n)
	})
}

// DropNotice removes a notice unsent.
func (s *Service) DropNotice(ctx context.Context, actor audit.Actor, id int64) error {
	return s.changeNotice(ctx, actor, id, "notice.drop", func(u *unit, n *notice.Notice) error {
		_, err := u.tx.DeleteNotice(u.ctx, n.ID)
		return err
	})
}

func (s *Service) changeNotice(ctx context.Context, actor audit.Actor, id int64, action string, change func(*unit, *notice.Notice) error) error {
	if err := checkOperator(actor); err != nil {
		return err
	}
	return s.write(ctx, actor, func(u *unit) error {
		n, err := u.tx.Notice(u.ctx, id)
		if err != nil {
			return err
		}
		if n == nil {
			return errNotice
		}
		if err := change(u, n); err != nil {
			return err
		}
		return u.record(n.PartnerID, action, "notice", n.ID, detail{"kind": n.Kind})
	})
}
