package store

import "context"

// CreateMailbox implements work.Tx.
func (t *tx) CreateMailbox(ctx context.Context, accountID, quotaBytes int64) error {
	return t.store.mail.CreateMailboxTx(ctx, t.Tx, accountID, quotaBytes)
}

// SetMailboxQuota implements work.Tx.
func (t *tx) SetMailboxQuota(ctx context.Context, orderID, quotaBytes int64) error {
	rows, err := all(ctx, t, func(r scanner, id *int64) error { return r.Scan(id) },
		"SELECT id FROM account WHERE order_id = ? AND purged_at IS NULL ORDER BY id", orderID)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]int64, len(rows))
	for i, id := range rows {
		ids[i] = *id
	}
	return t.store.mail.SetQuotaTx(ctx, t.Tx, ids, quotaBytes)
}

// StorageUsed implements work.Tx.
func (t *tx) StorageUsed(ctx context.Context, accountIDs []int64) (map[int64]int64, error) {
	if len(accountIDs) == 0 {
		return map[int64]int64{}, nil
	}
	return t.store.mail.UsedTx(ctx, t.Tx, accountIDs)
}
