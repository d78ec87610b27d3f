package store

import (
	"context"
	"time"

	"posthouse/internal/core/notice"
	"posthouse/internal/core/work"
)

// InsertNotice implements work.Tx.
func (t *tx) InsertNotice(ctx context.Context, n *notice.Notice) error {
	t.AfterCommit(t.store.noticeWritten)
	return t.insert(ctx, &n.ID, `INSERT INTO notice (partner_id, reseller_id, order_id, account_id, customer_id, kind, recipient, fallback, locale,
		data, sealed_token, created_at, attempts, try_at, parked, last_error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		n.PartnerID, n.ResellerID, n.OrderID, n.AccountID, n.CustomerID, n.Kind, n.To, n.FallbackTo, n.Locale,
		documentOrNull(n.Data), n.SealedToken, micros(n.CreatedAt), n.Attempts, tryAt(n), truth(n.Parked), n.LastError)
}

// tryAt is 0 for what was never tried, so that a partner's mails keep their order.
func tryAt(n *notice.Notice) int64 {
	if n.TryAt.IsZero() {
		return 0
	}
	return micros(n.TryAt)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

const noticeColumns = `id, partner_id, reseller_id, order_id, account_id, customer_id, kind, recipient, fallback, locale, data, sealed_token, created_at,
	attempts, try_at, parked, last_error`

func scanNotice(r scanner, n *notice.Notice) error {
	var data []byte
	var parked, try int64
	if err := r.Scan(&n.ID, &n.PartnerID, &n.ResellerID, &n.OrderID, &n.AccountID, &n.CustomerID, &n.Kind, &n.To, &n.FallbackTo, &n.Locale,
		document{&data}, &n.SealedToken, instant{&n.CreatedAt}, &n.Attempts, &try, &parked, &n.LastError); err != nil {
		return err
	}
	n.Data, n.Parked = data, parked != 0
	if try != 0 {
		n.TryAt = at(try)
	}
	return nil
}

// Notice implements work.Tx.
func (t *tx) Notice(ctx context.Context, id int64) (*notice.Notice, error) {
	return one(t.QueryRow(ctx, "SELECT "+noticeColumns+" FROM notice WHERE id = ?", id), scanNotice)
}

// NextNotice implements work.Tx. A partner whose notices all wait costs one
// look into the index.
func (t *tx) NextNotice(ctx context.Context, afterPartner int64, now time.Time) (*notice.Notice, error) {
	for at, wrapped := afterPartner, false; ; {
		partner, err := one(t.QueryRow(ctx, "SELECT partner_id FROM notice WHERE parked = 0 AND partner_id > ? ORDER BY partner_id LIMIT 1", at),
			func(r scanner, id *int64) error { return r.Scan(id) })
		if err != nil {
			return nil, err
		}
		if partner == nil {
			if wrapped {
				return nil, nil
			}
			at, wrapped = 0, true
			continue
		}
		at = *partner
		n, err := one(t.QueryRow(ctx, "SELECT "+noticeColumns+` FROM notice WHERE parked = 0 AND partner_id = ? AND try_at <= ?
			ORDER BY try_at, id LIMIT 1`, at, micros(now)), scanNotice)
		if n != nil || err != nil {
			return n, err
		}
		if wrapped && at >= afterPartner {
			return nil, nil
		}
	}
}

// UpdateNotice implements work.Tx.
func (t *tx) UpdateNotice(ctx context.Context, n *notice.Notice) error {
	t.AfterCommit(t.store.noticeWritten)
	return t.update(ctx, "UPDATE notice SET attempts = ?, try_at = ?, parked = ?, last_error = ? WHERE id = ?",
		n.Attempts, tryAt(n), truth(n.Parked), n.LastError, n.ID)
}

// DeleteNotice implements work.Tx.
func (t *tx) DeleteNotice(ctx context.Context, id int64) (bool, error) {
	n, err := t.Exec(ctx, "DELETE FROM notice WHERE id = ?", id)
	return n == 1, err
}

// Notices implements work.Tx.
func (t *tx) Notices(ctx context.Context, f work.NoticeFilter) ([]*notice.Notice, error) {
	return all(ctx, t, scanNotice, "SELECT "+noticeColumns+` FROM notice WHERE id > ? AND (partner_id = ? OR ? = 0) AND (parked = 1 OR ? = 0)
		ORDER BY id LIMIT ?`, f.After, f.PartnerID, f.PartnerID, truth(f.Parked), f.Limit)
}
