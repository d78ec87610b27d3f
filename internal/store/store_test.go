package store_test

import (
	"context"
	"testing"

	"posthouse/internal/core/work"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
	"posthouse/internal/store/storetest"
)

// mailboxes is the smallest mail store.
type mailboxes struct{}

func (mailboxes) CreateMailboxTx(ctx context.Context, tx *sqldb.Tx, accountID, quotaBytes int64) error {
	_, err := tx.Exec(ctx, "INSERT INTO test_mailbox (id, quota, used) VALUES (?, ?, 0)", accountID, quotaBytes)
	return err
}

func (mailboxes) SetQuotaTx(ctx context.Context, tx *sqldb.Tx, accountIDs []int64, quotaBytes int64) error {
	for _, id := range accountIDs {
		if _, err := tx.Exec(ctx, "UPDATE test_mailbox SET quota = ? WHERE id = ?", quotaBytes, id); err != nil {
			return err
		}
	}
	return nil
}

func (mailboxes) UsedTx(ctx context.Context, tx *sqldb.Tx, accountIDs []int64) (map[int64]int64, error) {
	marks, args := sqldb.In(accountIDs)
	rows, err := tx.Query(ctx, "SELECT id, used FROM test_mailbox WHERE id IN ("+marks+")", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	used := make(map[int64]int64)
	for rows.Next() {
		var id, n int64
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		used[id] = n
	}
	return used, rows.Err()
}

func (mailboxes) BeginPurgeTx(ctx context.Context, tx *sqldb.Tx, accountID int64) (folders, messages, bytes int64, err error) {
	err = tx.ScanRow(ctx, []any{&folders, &messages, &bytes}, "SELECT COUNT(*), COUNT(*), COALESCE(SUM(used), 0) FROM test_mailbox WHERE id = ?", accountID)
	return folders, messages, bytes, err
}

func quota(t testing.TB, s work.Store, accountID int64) (n int64) {
	t.Helper()
	if err := s.Read(t.Context(), func(tx work.Tx) error {
		return store.SQL(tx).ScanRow(t.Context(), []any{&n}, "SELECT quota FROM test_mailbox WHERE id = ?", accountID)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func open(t testing.TB, engine string) *store.Store {
	t.Helper()
	db := sqltest.Open(t, engine)
	if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), "CREATE TABLE test_mailbox (id BIGINT PRIMARY KEY, quota BIGINT NOT NULL, used BIGINT NOT NULL)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return store.New(db, mailboxes{})
}

func TestConformance(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) work.Store { return open(t, engine) })
		})
	}
}
