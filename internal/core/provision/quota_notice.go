package provision

import (
	"cmp"
	"context"
	"slices"

	"posthouse/internal/core/account"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/order"
)

// QuotaObservation is what a mailbox holds.
type QuotaObservation struct {
	AccountID  int64
	UsedBytes  int64
	LimitBytes int64 // 0 = no limit
}

const mebibyte = 1 << 20

// Level is how full the mailbox is, "" below the warning. A mailbox takes no
// message that does not fit, so it hardly ever holds its quota to the byte:
// less than a megabyte and less than a hundredth of it left is full.
func (q QuotaObservation) Level() QuotaLevel {
	switch left := q.LimitBytes - q.UsedBytes; {
	case q.LimitBytes <= 0:
		return ""
	case left <= min(q.LimitBytes/100, mebibyte):
		return QuotaFull
	case left <= q.LimitBytes/10:
		return QuotaNearlyFull
	}
	return ""
}

// relieved reports less than 80 %: what was told is forgotten, so that the next
// crossing is told again.
func (q QuotaObservation) relieved() bool {
	return q.LimitBytes <= 0 || q.UsedBytes < q.LimitBytes/10*8
}

// ObserveQuotas tells, once per crossing, of mailboxes that are nearly full (in
// the mailbox itself) or full (at the alternate address and the customer's).
func (s *Service) ObserveQuotas(ctx context.Context, seen []QuotaObservation) (told int, err error) {
	ids := make([]int64, 0, len(seen))
	for _, q := range seen {
		ids = append(ids, q.AccountID)
	}
	var known map[int64][]QuotaLevel
	if err := s.read(ctx, platform, func(u *unit) (err error) {
		known, err = u.tx.QuotaNotices(u.ctx, ids)
		return err
	}); err != nil {
		return 0, err
	}
	for _, q := range seen {
		level, noted := q.Level(), known[q.AccountID]
		if (level == "" || slices.Contains(noted, level)) && (len(noted) == 0 || !q.relieved()) {
			continue
		}
		sent := false
		if err := s.write(ctx, platform, func(u *unit) (err error) {
			sent, err = u.observeQuota(q, level)
			return err
		}); err != nil {
			return told, err
		}
		if sent {
			told++
		}
	}
	return told, nil
}

func (u *unit) observeQuota(q QuotaObservation, level QuotaLevel) (sent bool, err error) {
	if level == "" {
		return false, u.tx.DropQuotaNotices(u.ctx, q.AccountID)
	}
	a, err := u.tx.Account(u.ctx, q.AccountID)
	if a == nil || err != nil {
		return false, err
	}
	if err := u.enter(a.PartnerID); err != nil {
		return false, err
	}
	if s := a.Status(u.now); s != account.Active && s != account.Suspended {
		return false, nil
	}
	o, err := u.tx.Order(u.ctx, a.OrderID)
	if err != nil || o == nil || !o.InService() {
		return false, err
	}
	fresh, err := u.tx.PutQuotaNotice(u.ctx, a.ID, level, u.real)
	if !fresh || err != nil {
		return false, err
	}
	if level == QuotaFull { // the warning would come too late
		if _, err := u.tx.PutQuotaNotice(u.ctx, a.ID, QuotaNearlyFull, u.real); err != nil {
			return false, err
		}
	}
	return true, u.tellQuota(o, a, q, level)
}

func (u *unit) tellQuota(o *order.Order, a *account.Account, q QuotaObservation, level QuotaLevel) error {
	c, err := u.customerOf(o)
	if err != nil {
		return err
	}
	n := notice.Notice{
		PartnerID: o.PartnerID, ResellerID: resellerOf(o), OrderID: o.ID, AccountID: a.ID, Kind: notice.QuotaWarning,
		To: a.Email(), Locale: cmp.Or(a.Locale, o.Locale, c.Locale),
	}
	if level == QuotaFull {
		contact, err := u.tx.OrderContact(u.ctx, o.ID)
		if err != nil {
			return err
		}
		n.To, n.FallbackTo = cmp.Or(a.AlternateEmail, contact, c.Email, c.AlternateEmail), cmp.Or(contact, c.Email, c.AlternateEmail)
		if n.FallbackTo == n.To {
			n.FallbackTo = ""
		}
	}
	return u.notify(n, notice.QuotaData{
		Email: a.Email(), Name: a.Name, Full: level == QuotaFull, UsedMB: (q.UsedBytes + mebibyte/2) / mebibyte, LimitMB: (q.LimitBytes + mebibyte/2) / mebibyte,
		Percent: int(min(q.UsedBytes*100/q.LimitBytes, 100)),
	}, "")
}
