package queue

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// The kinds of message.
const (
	kindMail     = "mail"     // submitted by an account
	kindDSN      = "dsn"      // made here
	kindOperator = "operator" // came from outside to <postmaster>
	kindNotice   = "notice"   // written by the platform; 'mail' in the row, told by notice_id
)

// message is a row of queue_message.
type message struct {
	id          int64
	publicID    string
	kind        string
	partnerID   int64
	orderID     int64
	accountID   int64
	sandbox     bool
	reversePath string // "" = null
	ret         string
	envID       string
	smtpUTF8    bool // declared
	headerUTF8  bool // the header has octets beyond ASCII
	eightBit    bool
	storedID    int64
	size        int64
	created     time.Time
	expires     time.Time
	finished    time.Time
	noticeID    int64  // of a notice: the outbox's row that it was
	root        string // of a forwarded copy: the public id of the first message; "" = it is none
	fallback    string // of a notice: who gets it when its recipient can't
}

const messageColumns = `id, public_id, kind, partner_id, order_id, account_id, sandbox, reverse_path, ret, envid,
	smtputf8, header_utf8, eight_bit, message_id, size, created_at, expires_at, finished_at, notice_id, fallback, forward_root`

func (m *message) scan(row interface{ Scan(...any) error }) error {
	var sandbox, utf8, header, eight int
	var created, expires, finished int64
	err := row.Scan(&m.id, &m.publicID, &m.kind, &m.partnerID, &m.orderID, &m.accountID, &sandbox, &m.reversePath, &m.ret, &m.envID,
		&utf8, &header, &eight, &m.storedID, &m.size, &created, &expires, &finished, &m.noticeID, &m.fallback, &m.root)
	if m.noticeID != 0 {
		m.kind = kindNotice
	}
	m.sandbox, m.smtpUTF8, m.headerUTF8, m.eightBit = sandbox != 0, utf8 != 0, header != 0, eight != 0
	m.created, m.expires, m.finished = fromMicros(created), fromMicros(expires), fromMicros(finished)
	return err
}

func (m *message) insert(ctx context.Context, tx *sqldb.Tx) error {
	kind := m.kind
	if kind == kindNotice {
		kind = kindMail
	}
	err := tx.QueryRow(ctx, `INSERT INTO queue_message (public_id, kind, partner_id, order_id, account_id, sandbox, reverse_path, ret, envid,
		smtputf8, header_utf8, eight_bit, message_id, size, created_at, expires_at, finished_at, notice_id, fallback, forward_root)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		m.publicID, kind, m.partnerID, m.orderID, m.accountID, bit(m.sandbox), m.reversePath, m.ret, m.envID,
		bit(m.smtpUTF8), bit(m.headerUTF8), bit(m.eightBit), m.storedID, m.size, micros(m.created), micros(m.expires), micros(m.finished), m.noticeID, m.fallback, m.root).Scan(&m.id)
	return sqldb.Fault(err)
}

// recipient is a row of queue_recipient.
type recipient struct {
	id           int64
	address      string
	domain       string // what is routed by, and the destination that limits count
	localAccount int64  // the mailbox it goes to whatever routing says; 0 = as routed
	orcpt        string
	notify       string
	state        State
	attempts     int
	nextAttempt  time.Time
	leaseUntil   time.Time
	leaseOwner   string
	lastStatus   string
	lastReply    string
	lastHost     string
	delaySent    bool
	failReason   string // the operator returns it; "" = no
	finished     time.Time
}

const recipientColumns = `id, address, domain, local_account, orcpt, notify, state, attempts, next_attempt, lease_until, lease_owner,
	last_status, last_reply, last_host, delay_sent, fail_reason, finished_at`

func (r *recipient) scan(row interface{ Scan(...any) error }) error {
	var next, until, finished int64
	var delay int
	err := row.Scan(&r.id, &r.address, &r.domain, &r.localAccount, &r.orcpt, &r.notify, &r.state, &r.attempts, &next, &until, &r.leaseOwner,
		&r.lastStatus, &r.lastReply, &r.lastHost, &delay, &r.failReason, &finished)
	r.nextAttempt, r.leaseUntil, r.finished, r.delaySent = fromMicros(next), fromMicros(until), fromMicros(finished), delay != 0
	return err
}

func (r *recipient) insert(ctx context.Context, tx *sqldb.Tx, m *message) error {
	_, err := tx.Exec(ctx, `INSERT INTO queue_recipient (queue_id, partner_id, account_id, address, domain, local_account, orcpt, notify,
		state, attempts, next_attempt, lease_until, lease_owner, last_status, last_reply, last_host, delay_sent, fail_reason, finished_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, '', ?, ?, '', 0, '', 0)`,
		m.id, m.partnerID, m.accountID, r.address, r.domain, r.localAccount, r.orcpt, r.notify,
		string(r.state), micros(r.nextAttempt), r.lastStatus, r.lastReply)
	return err
}

// loadMessage gives nil when there is none.
func loadMessage(ctx context.Context, tx *sqldb.Tx, where string, args ...any) (*message, error) {
	m := &message{}
	switch err := m.scan(tx.QueryRow(ctx, `SELECT `+messageColumns+` FROM queue_message WHERE `+where, args...)); {
	case isNoRows(err):
		return nil, nil
	case err != nil:
		return nil, sqldb.Fault(err)
	}
	return m, nil
}

func loadRecipients(ctx context.Context, tx *sqldb.Tx, where string, args ...any) ([]*recipient, error) {
	rows, err := tx.Query(ctx, `SELECT `+recipientColumns+` FROM queue_recipient WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func() (*recipient, error) {
		r := &recipient{}
		return r, r.scan(rows)
	})
}

// collect reads all rows and closes them.
func collect[T any](rows *sql.Rows, read func() (T, error)) (out []T, err error) {
	defer func() {
		if cerr := rows.Close(); err == nil && cerr != nil {
			out, err = nil, sqldb.Fault(cerr)
		}
	}()
	for rows.Next() {
		v, err := read()
		if err != nil {
			return nil, sqldb.Fault(err)
		}
		out = append(out, v)
	}
	return out, sqldb.Fault(rows.Err())
}

func isNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

var errNoMessage = fault.New(fault.NotFound, "There is no such message in the queue")
