package queue

import (
	"context"
	"strings"
	"time"

	"posthouse/internal/store/sqldb"
)

// Filter selects messages; empty fields do not restrict.
type Filter struct {
	State     State  // with a recipient in this state
	Domain    string // with a recipient at this domain
	PartnerID int64
	AccountID int64
	Open      bool  // with a recipient that has not ended
	After     int64 // Cursor of the last message seen
	Limit     int   // 0 = 100
}

// Summary is one message of a list.
type Summary struct {
	Cursor      int64         `json:"cursor"`
	ID          string        `json:"id"`
	Kind        string        `json:"kind"` // mail, dsn, operator
	PartnerID   int64         `json:"partnerId"`
	OrderID     int64         `json:"orderId"`
	AccountID   int64         `json:"accountId"`
	Sandbox     bool          `json:"sandbox"`
	ReversePath string        `json:"reversePath"`
	Size        int64         `json:"size"`
	Created     time.Time     `json:"created"`
	Expires     time.Time     `json:"expires"`
	Finished    *time.Time    `json:"finished,omitempty"`
	States      map[State]int `json:"states"` // recipients by state
}

func summary(m *message) Summary {
	s := Summary{
		Cursor: m.id, ID: m.publicID, Kind: m.kind, PartnerID: m.partnerID, OrderID: m.orderID, AccountID: m.accountID, Sandbox: m.sandbox,
		ReversePath: m.reversePath, Size: m.size, Created: m.created, Expires: m.expires, States: map[State]int{},
	}
	if !m.finished.IsZero() {
		s.Finished = &m.finished
	}
	return s
}

// List gives messages, oldest first.
func (q *Queue) List(ctx context.Context, f Filter) ([]Summary, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	where, args := []string{"id > ?"}, []any{f.After}
	add := func(cond string, arg ...any) { where, args = append(where, cond), append(args, arg...) }
	if f.PartnerID != 0 {
		add("partner_id = ?", f.PartnerID)
	}
	if f.AccountID != 0 {
		add("account_id = ?", f.AccountID)
	}
	if f.Open {
		add("finished_at = 0")
	}
	if f.State != "" || f.Domain != "" {
		sub := "SELECT 1 FROM queue_recipient r WHERE r.queue_id = queue_message.id"
		var subArgs []any
		if f.State != "" {
			sub, subArgs = sub+" AND r.state = ?", append(subArgs, string(f.State))
		}
		if f.Domain != "" {
			sub, subArgs = sub+" AND r.domain = ?", append(subArgs, strings.ToLower(f.Domain))
		}
		add("EXISTS ("+sub+")", subArgs...)
	}
	var out []Summary
	err := q.db.Read(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+messageColumns+` FROM queue_message WHERE `+strings.Join(where, " AND ")+` ORDER BY id LIMIT ?`,
			append(args[:len(args):len(args)], f.Limit)...)
		if err != nil {
			return err
		}
		out, err = collect(rows, func() (Summary, error) {
			var m message
			err := m.scan(rows)
			return summary(&m), err
		})
		for i := range out {
			if err == nil {
				err = countStates(ctx, tx, &out[i])
			}
		}
		return err
	})
	return out, err
}

func countStates(ctx context.Context, tx *sqldb.Tx, s *Summary) error {
	rows, err := tx.Query(ctx, `SELECT state, COUNT(*) FROM queue_recipient WHERE queue_id = ? GROUP BY state`, s.Cursor)
	if err != nil {
		return err
	}
	_, err = collect(rows, func() (struct{}, error) {
		var state State
		var n int
		err := rows.Scan(&state, &n)
		s.States[state] = n
		return struct{}{}, err
	})
	return err
}

// Details is a message with its recipients.
type Details struct {
	Summary
	Recipients []RecipientDetails `json:"recipients"`
}

// RecipientDetails is a recipient with its attempts.
type RecipientDetails struct {
	Address     string     `json:"address"`
	Destination string     `json:"destination"`
	State       State      `json:"state"`
	Attempts    int        `json:"attempts"`
	NextAttempt *time.Time `json:"nextAttempt,omitempty"` // while ready
	Status      string     `json:"status,omitempty"`
	Reply       string     `json:"reply,omitempty"`
	Host        string     `json:"host,omitempty"`
	Finished    *time.Time `json:"finished,omitempty"`
	Log         []Attempt  `json:"log"`
}

// Attempt is one entry of the attempt log.
type Attempt struct {
	Number  int       `json:"number"`
	Begun   time.Time `json:"begun"`
	Ended   time.Time `json:"ended"`
	Outcome string    `json:"outcome"`
	Stage   string    `json:"stage,omitempty"`
	Host    string    `json:"host,omitempty"`
	TLS     string    `json:"tls,omitempty"`
	Status  string    `json:"status,omitempty"`
	Reply   string    `json:"reply,omitempty"`
}

// Show gives one message by its public id; fault.NotFound.
func (q *Queue) Show(ctx context.Context, id string) (*Details, error) {
	var out *Details
	err := q.db.Read(ctx, func(tx *sqldb.Tx) error {
		out = nil
		m, err := loadMessage(ctx, tx, `public_id = ?`, id)
		if err != nil {
			return err
		}
		if m == nil {
			return errNoMessage
		}
		d := &Details{Summary: summary(m)}
		rcpts, err := loadRecipients(ctx, tx, `queue_id = ? ORDER BY id`, m.id)
		if err != nil {
			return err
		}
		for _, r := range rcpts {
			d.States[r.state]++
			v := RecipientDetails{Address: r.address, Destination: r.domain, State: r.state, Attempts: r.attempts, Status: r.lastStatus, Reply: r.lastReply, Host: r.lastHost}
			if r.state == Ready {
				v.NextAttempt = &r.nextAttempt
			}
			if !r.finished.IsZero() {
				v.Finished = &r.finished
			}
			if v.Log, err = attempts(ctx, tx, r.id); err != nil {
				return err
			}
			d.Recipients = append(d.Recipients, v)
		}
		out = d
		return nil
	})
	return out, err
}

func attempts(ctx context.Context, tx *sqldb.Tx, recipientID int64) ([]Attempt, error) {
	rows, err := tx.Query(ctx, `SELECT attempt, begun_at, ended_at, outcome, stage, host, tls, status, reply FROM queue_attempt
		WHERE recipient_id = ? ORDER BY id`, recipientID)
	if err != nil {
		return nil, err
	}
	return collect(rows, func() (Attempt, error) {
		var a Attempt
		var begun, ended int64
		err := rows.Scan(&a.Number, &begun, &ended, &a.Outcome, &a.Stage, &a.Host, &a.TLS, &a.Status, &a.Reply)
		a.Begun, a.Ended = fromMicros(begun), fromMicros(ended)
		return a, err
	})
}
