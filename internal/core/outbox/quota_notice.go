package outbox

import (
	"cmp"
	"context"
	"slices"

	"posthouse/internal/core/account"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
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
func (q QuotaObservation) Level() work.QuotaLevel {
	switch left := q.LimitBytes - q.UsedBytes; {
	case q.LimitBytes <= 0:
		return ""
	case left <= min(q.LimitBytes/100, mebibyte):
		return work.QuotaFull
	case left <= q.LimitBytes/10:
		return work.QuotaNearlyFull
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
	var known map[int64][]work.QuotaLevel
	if err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) (err error) {
		known, err = u.Tx.QuotaNotices(u.Ctx, ids)
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
		if err := s.Write(ctx, work.AsPlatform, func(u *work.Unit) (err error) {
			sent, err = observeQuota(u, q, level)
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

func observeQuota(u *work.Unit, q QuotaObservation, level work.QuotaLevel) (sent bool, err error) {
	if level == "" {
		return false, u.Tx.DropQuotaNotices(u.Ctx, q.AccountID)
	}
	a, err := u.Tx.Account(u.Ctx, q.AccountID)
	if a == nil || err != nil {
		return false, err
	}
	if err := u.Enter(a.PartnerID); err != nil {
		return false, err
	}
	if s := a.Status(u.Now); s != account.Active && s != account.Suspended {
		return false, nil
	}
	o, err := u.Tx.Order(u.Ctx, a.OrderID)
	if err != nil || o == nil || !o.InService() {
		return false, err
	}
	fresh, err := u.Tx.PutQuotaNotice(u.Ctx, a.ID, level, u.Real)
	if !fresh || err != nil {
		return false, err
	}
	if level == work.QuotaFull { // the warning would come too late
		if _, err := u.Tx.PutQuotaNotice(u.Ctx, a.ID, work.QuotaNearlyFull, u.Real); err != nil {
			return false, err
		}
	}
	return true, tellQuota(u, o, a, q, level)
}

func tellQuota(u *work.Unit, o *order.Order, a *account.Account, q QuotaObservation, level work.QuotaLevel) error {
	c, err := u.CustomerOf(o)
	if err != nil {
		return err
	}
	n := notice.Notice{
		PartnerID: o.PartnerID, ResellerID: work.ResellerOf(o), OrderID: o.ID, AccountID: a.ID, Kind: notice.QuotaWarning,
		To: a.Email(), Locale: cmp.Or(a.Locale, o.Locale, c.Locale),
	}
	if level == work.QuotaFull {
		contact, err := u.Tx.OrderContact(u.Ctx, o.ID)
		if err != nil {
			return err
		}
		n.To, n.FallbackTo = cmp.Or(a.AlternateEmail, contact, c.Email, c.AlternateEmail), cmp.Or(contact, c.Email, c.AlternateEmail)
		if n.FallbackTo == n.To {
			n.FallbackTo = ""
		}
	}
	return u.Notify(n, notice.QuotaData{
		Email: a.Email(), Name: a.Name, Full: level == work.QuotaFull, UsedMB: (q.UsedBytes + mebibyte/2) / mebibyte, LimitMB: (q.LimitBytes + mebibyte/2) / mebibyte,
		Percent: int(min(q.UsedBytes*100/q.LimitBytes, 100)),
	}, "")
}
