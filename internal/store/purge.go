package store

import (
	"context"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/work"
)

// accountRows are the statements that remove what is an account's alone. A table
// with a column account_id has one here, or a reason in keptOfAccounts.
var accountRows = []string{
	"DELETE FROM account_alias WHERE account_id = ?",
	"DELETE FROM account_suspension WHERE account_id = ?",
	"DELETE FROM address WHERE account_id = ?",
	"DELETE FROM forwarder_member WHERE account_id > 0 AND account_id = ?",
	"DELETE FROM catch_all WHERE (order_id, account_id) IN (SELECT order_id, id FROM account WHERE id = ?)",
	"DELETE FROM mailbox_forward WHERE account_id = ?",
	"DELETE FROM autoresponder WHERE account_id = ?",
	"DELETE FROM auto_reply WHERE account_id = ?",
	"DELETE FROM login_token WHERE account_id = ?",
	"DELETE FROM notice WHERE account_id = ?",
	"DELETE FROM password_token WHERE account_id = ?",
	"DELETE FROM quota_notice WHERE account_id = ?",
	"DELETE FROM web_session WHERE account_id <> 0 AND account_id = ?",
	"DELETE FROM legal_export WHERE account_id = ?", // the files went before
}

// orderRows are the same for an order.
var orderRows = []string{
	"DELETE FROM order_suspension WHERE order_id = ?",
	"DELETE FROM order_addon WHERE order_id = ?",
	"DELETE FROM web_session WHERE order_id <> 0 AND order_id = ?",
	"DELETE FROM address WHERE order_id = ?",
	"DELETE FROM forwarder_member WHERE forwarder_id IN (SELECT id FROM forwarder WHERE order_id = ?)",
	"DELETE FROM forwarder WHERE order_id = ?",
	"DELETE FROM catch_all WHERE order_id = ?",
	"DELETE FROM mailbox_forward WHERE order_id = ?",
	"DELETE FROM autoresponder WHERE order_id = ?",
	"DELETE FROM domain_alias WHERE order_id = ?",
	"DELETE FROM notice WHERE order_id = ?",
	"DELETE FROM hosting_order WHERE order_id = ?",
	"DELETE FROM order_setup WHERE order_id = ?",
	"DELETE FROM dns_check WHERE order_id = ?",
	"DELETE FROM legal_export WHERE order_id = ?",
	"DELETE FROM password_guess WHERE order_id = ?",
	"DELETE FROM order_contact WHERE order_id = ?",
	"DELETE FROM mail_service WHERE order_id = ?",
}

// BeginMailboxPurge implements work.Tx.
func (t *tx) BeginMailboxPurge(ctx context.Context, accountID int64) (p work.PurgeTotals, err error) {
	p.Folders, p.Messages, p.Bytes, err = t.store.mail.BeginPurgeTx(ctx, t.Tx, accountID)
	p.Accounts = 1
	return p, err
}

// NextUnpurged implements work.Tx.
func (t *tx) NextUnpurged(ctx context.Context, orderID, after int64) (*account.Account, error) {
	list, err := t.accounts(ctx, "SELECT "+accountColumns+" FROM account WHERE order_id = ? AND id > ? AND purged_at IS NULL ORDER BY id LIMIT 1",
		orderID, after)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// PutPurge implements work.Tx.
func (t *tx) PutPurge(ctx context.Context, accountID, orderID int64, begun time.Time, p work.PurgeTotals) error {
	_, err := t.Exec(ctx, `INSERT INTO purge (account_id, order_id, folders, messages, size_bytes, begun_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (account_id) DO NOTHING`, accountID, orderID, p.Folders, p.Messages, p.Bytes, micros(begun))
	return err
}

const purgeSums = "SELECT COUNT(*), COALESCE(SUM(folders), 0), COALESCE(SUM(messages), 0), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM purge WHERE "

func (t *tx) purged(ctx context.Context, where string, id int64) (p work.PurgeTotals, err error) {
	err = t.ScanRow(ctx, []any{&p.Accounts, &p.Folders, &p.Messages, &p.Bytes}, purgeSums+where, id)
	return p, err
}

// Purge implements work.Tx.
func (t *tx) Purge(ctx context.Context, accountID int64) (work.PurgeTotals, error) {
	return t.purged(ctx, "account_id = ?", accountID)
}

// PurgeOfOrder implements work.Tx.
func (t *tx) PurgeOfOrder(ctx context.Context, orderID int64) (work.PurgeTotals, error) {
	return t.purged(ctx, "order_id = ?", orderID)
}

// ForgetPurge implements work.Tx.
func (t *tx) ForgetPurge(ctx context.Context, accountID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM purge WHERE account_id = ?", accountID)
	return err
}

// ForgetPurgeOfOrder implements work.Tx.
func (t *tx) ForgetPurgeOfOrder(ctx context.Context, orderID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM purge WHERE order_id = ?", orderID)
	return err
}

// PurgeAccountRows implements work.Tx.
func (t *tx) PurgeAccountRows(ctx context.Context, accountID int64) error {
	return t.each(ctx, accountRows, accountID)
}

// PurgeOrderRows implements work.Tx.
func (t *tx) PurgeOrderRows(ctx context.Context, orderID int64) error {
	return t.each(ctx, orderRows, orderID)
}

func (t *tx) each(ctx context.Context, statements []string, id int64) error {
	for _, q := range statements {
		if _, err := t.Exec(ctx, q, id); err != nil {
			return err
		}
	}
	return nil
}

// DeleteDKIMKeys implements work.Tx.
func (t *tx) DeleteDKIMKeys(ctx context.Context, domain string) (int64, error) {
	return t.Exec(ctx, "DELETE FROM dkim_key WHERE domain = ?", domain)
}
