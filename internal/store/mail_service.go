package store

import (
	"cmp"
	"context"
	"slices"

	"posthouse/internal/core/due"
	"posthouse/internal/core/mailservice"
	"posthouse/internal/core/work"
)

const mailServiceColumns = "order_id, partner_id, state, completion, failure_state, failure_message, active, reported, updated_at"

func scanMailService(row scanner, s *mailservice.Service) error {
	return row.Scan(&s.OrderID, &s.PartnerID, &s.State, &s.Completion, &s.FailureState, &s.FailureMessage, &s.Active, &s.Reported, instant{&s.UpdatedAt})
}

// PutMailService implements work.Tx.
func (t *tx) PutMailService(ctx context.Context, s *mailservice.Service) error {
	_, err := t.Exec(ctx, "INSERT INTO mail_service ("+mailServiceColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (order_id) DO UPDATE SET state = excluded.state, completion = excluded.completion, failure_state = excluded.failure_state,
		failure_message = excluded.failure_message, active = excluded.active, reported = excluded.reported, updated_at = excluded.updated_at`,
		s.OrderID, s.PartnerID, s.State, s.Completion, s.FailureState, s.FailureMessage, s.Active, s.Reported, micros(s.UpdatedAt))
	return err
}

// MailService implements work.Tx.
func (t *tx) MailService(ctx context.Context, orderID int64) (*mailservice.Service, error) {
	return one(t.QueryRow(ctx, "SELECT "+mailServiceColumns+" FROM mail_service WHERE order_id = ?", orderID), scanMailService)
}

// MailServicesOf implements work.Tx.
func (t *tx) MailServicesOf(ctx context.Context, orderIDs []int64) (map[int64]*mailservice.Service, error) {
	out := map[int64]*mailservice.Service{}
	err := chunks(orderIDs, func(marks string, args []any) error {
		list, err := all(ctx, t, scanMailService, "SELECT "+mailServiceColumns+" FROM mail_service WHERE order_id IN ("+marks+")", args...)
		for _, s := range list {
			out[s.OrderID] = s
		}
		return err
	})
	return out, err
}

// mailServiceOrder are the columns that FindMailServices sorts by.
var mailServiceOrder = map[work.MailServiceSort]string{
	work.SortByRef:        "o.id",
	work.SortByDomain:     "o.domain",
	work.SortByState:      "COALESCE(s.state, 'complete')",
	work.SortByCompletion: "COALESCE(s.completion, 'success')",
}

func scanDomainMailService(row scanner, s *work.DomainMailService) error {
	return row.Scan(&s.OrderID, &s.PartnerID, &s.Domain, &s.State, &s.Completion, &s.FailureState, &s.FailureMessage, &s.Active, &s.Reported, instant{&s.UpdatedAt})
}

// FindMailServices implements work.Tx. An order without a row shows what
// mailservice.Implied says.
func (t *tx) FindMailServices(ctx context.Context, f work.MailServiceFilter) ([]*work.DomainMailService, error) {
	var c orderFilter
	c.and("o.partner_id = ?", f.PartnerID)
	c.and("o.deleted_at IS NULL AND o.purged_at IS NULL")
	implied := (f.State == "" || f.State == mailservice.Complete) && (f.Completion == "" || f.Completion == mailservice.Success)
	for column, want := range map[string]string{"s.state": string(f.State), "s.completion": string(f.Completion)} {
		switch {
		case want == "":
		case implied:
			c.and("("+column+" = ? OR s.order_id IS NULL)", want)
		default:
			c.and(column+" = ?", want)
		}
	}
	join := "mail_order o LEFT JOIN mail_service s ON s.order_id = o.id"
	if !implied { // only orders with a row, by its index
		join = "mail_service s JOIN mail_order o ON o.id = s.order_id"
		c.and("s.partner_id = ?", f.PartnerID)
	}
	if f.Domain != "" {
		c.and("o.domain = ?", f.Domain)
	}
	by, known := mailServiceOrder[f.SortBy]
	if !known {
		by = mailServiceOrder[work.SortByRef]
	}
	way := ""
	if f.Descending {
		way = " DESC"
	}
	return all(ctx, t, scanDomainMailService, `SELECT o.id, o.partner_id, o.domain, COALESCE(s.state, 'complete'), COALESCE(s.completion, 'success'),
		COALESCE(s.failure_state, ''), COALESCE(s.failure_message, ''), COALESCE(s.active, TRUE), COALESCE(s.reported, FALSE), COALESCE(s.updated_at, o.created_at)
		FROM `+join+" WHERE "+c.text.String()+" ORDER BY "+by+way+", o.id"+way+" LIMIT ? OFFSET ?", append(c.args, f.Limit, f.Offset)...)
}

// OpenMailServicesAfter implements work.Tx.
func (t *tx) OpenMailServicesAfter(ctx context.Context, after int64, limit int) ([]work.ScheduledService, error) {
	list, err := all(ctx, t, scanMailService, "SELECT "+mailServiceColumns+` FROM mail_service WHERE order_id > ? AND completion <> 'success' AND NOT reported
		ORDER BY order_id LIMIT ?`, after, limit)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	items, err := t.itemsOf(ctx, due.MailService, list[0].OrderID, list[len(list)-1].OrderID)
	if err != nil {
		return nil, err
	}
	out := make([]work.ScheduledService, len(list))
	for i, s := range list {
		out[i] = work.ScheduledService{Service: s, Item: items[s.OrderID]}
	}
	return out, nil
}

func scanMailboxRow(row scanner, m *work.MailboxRow) error {
	var suspensions int
	err := row.Scan(&m.AccountID, &m.OrderID, &m.Local, &suspensions)
	m.Suspended = suspensions > 0
	return err
}

// MailboxesOf implements work.Tx.
func (t *tx) MailboxesOf(ctx context.Context, orderIDs []int64) (out []*work.MailboxRow, err error) {
	err = chunks(orderIDs, func(marks string, args []any) error {
		list, err := all(ctx, t, scanMailboxRow, "SELECT id, order_id, local, suspension_count FROM account WHERE order_id IN ("+marks+
			") AND deleted_at IS NULL AND purged_at IS NULL ORDER BY id", args...)
		out = append(out, list...)
		return err
	})
	if err == nil { // each chunk is in order
		slices.SortStableFunc(out, func(a, b *work.MailboxRow) int { return cmp.Compare(a.AccountID, b.AccountID) })
	}
	return out, err
}
