package mailstore

import (
	"context"

	"posthouse/internal/store/sqldb"
)

// HoldTx makes the queue a holder of a stored message and gives the id under
// which ReleaseTx lets it go. Each HoldTx wants one ReleaseTx.
func (s *Store) HoldTx(ctx context.Context, tx *sqldb.Tx, stored *Stored) (messageID int64, err error) {
	if messageID, err = s.hold(ctx, tx, stored, 1); err != nil {
		return 0, err
	}
	return messageID, s.insertHolding(ctx, tx, queueHolder, messageID, 1, stored.meta)
}

// ReleaseTx undoes one HoldTx. A message that the queue doesn't hold is no error.
func (s *Store) ReleaseTx(ctx context.Context, tx *sqldb.Tx, messageID int64) error {
	_, err := s.letGo(ctx, tx, queueHolder, map[int64]int{messageID: 1})
	return err
}

// DeliverHeldTx delivers a message that the queue holds; it keeps holding it.
func (s *Store) DeliverHeldTx(ctx context.Context, tx *sqldb.Tx, messageID int64, to []Target) ([]Delivered, error) {
	var (
		sealed []byte
		st     = &Stored{at: s.clock.Now(), id: messageID}
	)
	err := tx.QueryRow(ctx, `SELECT h.sealed, m.size_bytes FROM mail_holding h JOIN mail_message m ON m.id = h.message_id
		WHERE h.account_id = 0 AND h.message_id = ?`, messageID).Scan(&sealed, &st.Size)
	if err := noRows(err, errNoMessage); err != nil {
		return nil, err
	}
	aead, err := s.boxAEAD(ctx, tx, queueHolder)
	if err != nil {
		return nil, err
	}
	_, st.meta, err = openHolding(aead, nil, sealed, queueHolder, messageID)
	if err != nil {
		return nil, err
	}
	return s.DeliverTx(ctx, tx, st, to)
}

// HoldAgainTx makes the queue hold a message once more that it holds: it wants
// one more ReleaseTx.
func (s *Store) HoldAgainTx(ctx context.Context, tx *sqldb.Tx, messageID int64) error {
	n, err := tx.Exec(ctx, `UPDATE mail_holding SET copies = copies + 1 WHERE account_id = 0 AND message_id = ?`, messageID)
	if err == nil && n == 0 {
		return errNoMessage
	}
	return err
}
