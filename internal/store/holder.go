package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
)

// spanIDs is how many ids a row of customer_span is about.
const spanIDs = 1024

// place is what the spans count a customer by.
type place struct {
	partnerID, resellerID, id int64
	status                    customer.Status
	deletedAt                 *time.Time
	createdAt                 time.Time
}

func placeOf(c *customer.Customer) *place {
	return &place{c.PartnerID, c.ResellerID, c.ID, c.Status, c.DeletedAt, c.CreatedAt}
}

func scanPlace(r scanner, p *place) error {
	return r.Scan(&p.partnerID, &p.resellerID, &p.id, &p.status, maybe{&p.deletedAt}, instant{&p.createdAt})
}

// counts gives what a customer adds to its span.
func (p *place) counts() (live, removed int64) {
	switch {
	case p.status != customer.Deleted:
		return 1, 0
	case p.deletedAt != nil:
		return 0, 1
	}
	return 0, 0
}

// countCustomer keeps the spans; before is nil of a new customer.
func (t *tx) countCustomer(ctx context.Context, before, after *place) error {
	live, removed := after.counts()
	if before != nil {
		wasLive, wasRemoved := before.counts()
		if before.partnerID == after.partnerID && before.resellerID == after.resellerID && wasLive == live && wasRemoved == removed && before.createdAt.Equal(after.createdAt) {
			return nil
		}
		if err := t.addToSpan(ctx, before, -wasLive, -wasRemoved); err != nil {
			return err
		}
	}
	return t.addToSpan(ctx, after, live, removed)
}

// everyReseller is the reseller_id of the spans that all customers of a partner
// are counted in.
const everyReseller = -1

func (t *tx) addToSpan(ctx context.Context, p *place, live, removed int64) error {
	if live == 0 && removed == 0 {
		return nil
	}
	us := micros(p.createdAt)
	rest := []any{p.id / spanIDs, live, removed, us, us}
	_, err := t.Exec(ctx, `INSERT INTO customer_span (partner_id, reseller_id, span, live, removed, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (partner_id, reseller_id, span) DO UPDATE SET live = customer_span.live + excluded.live, removed = customer_span.removed + excluded.removed,
		first_at = CASE WHEN excluded.first_at < customer_span.first_at THEN excluded.first_at ELSE customer_span.first_at END,
		last_at = CASE WHEN excluded.last_at > customer_span.last_at THEN excluded.last_at ELSE customer_span.last_at END`,
		slices.Concat([]any{p.partnerID, p.resellerID}, rest, []any{p.partnerID, everyReseller}, rest)...)
	return err
}

// span is a row of customer_span.
type span struct {
	resellerID, no, live, removed, first, last int64
}

// holderWhere is the condition of a search, but for ids. The plus keeps indexes
// of a partner's customers away from a search among the ids of a span.
func holderWhere(f work.HolderFilter) (string, []any) {
	where, args := " FROM customer WHERE +partner_id = ?", []any{f.PartnerID}
	if f.Username != "" {
		where = " FROM customer WHERE partner_id = ?"
	}
	and := func(condition string, values ...any) {
		where, args = where+" AND "+condition, append(args, values...)
	}
	if f.Resellers != nil {
		marks, values := sqldb.In(f.Resellers)
		and("reseller_id IN ("+marks+")", values...)
	}
	if f.Username != "" {
		and("username_key = ?", f.Username)
	}
	if f.Deleted {
		and("(status <> 'deleted' OR deleted_at IS NOT NULL)")
	} else {
		and("status <> 'deleted'")
	}
	if f.From != nil {
		and("created_at >= ?", micros(*f.From))
	}
	if f.To != nil {
		and("created_at <= ?", micros(*f.To))
	}
	return where, args
}

// holderSpans gives the spans that a filter without a user name may find
// something in, and how many it finds in each; -1 of those that it cuts through.
// Spans of one number are one.
func (t *tx) holderSpans(ctx context.Context, f work.HolderFilter) (numbers []int64, found map[int64]int64, err error) {
	of := f.Resellers
	if of == nil {
		of = []int64{everyReseller}
	}
	marks, args := sqldb.In(of)
	spans, err := all(ctx, t, func(r scanner, s *span) error {
		return r.Scan(&s.resellerID, &s.no, &s.live, &s.removed, &s.first, &s.last)
	}, "SELECT reseller_id, span, live, removed, first_at, last_at FROM customer_span WHERE partner_id = ? AND reseller_id IN ("+marks+")",
		append([]any{f.PartnerID}, args...)...)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(spans, func(a, b *span) int { return cmp.Compare(a.no, b.no) })
	found = map[int64]int64{}
	for _, s := range spans {
		n := s.live
		if f.Deleted {
			n += s.removed
		}
		switch {
		case n == 0, f.From != nil && s.last < micros(*f.From), f.To != nil && s.first > micros(*f.To):
			continue
		case f.From != nil && s.first < micros(*f.From), f.To != nil && s.last > micros(*f.To):
			n = -1
		}
		was, seen := found[s.no]
		if !seen {
			numbers = append(numbers, s.no)
		}
		if was < 0 || n < 0 {
			found[s.no] = -1
		} else {
			found[s.no] = was + n
		}
	}
	return numbers, found, nil
}

// countSpan counts what a filter finds among the ids of a span.
func (t *tx) countSpan(ctx context.Context, f work.HolderFilter, no int64) (n int64, err error) {
	where, args := holderWhere(f)
	return n, t.ScanRow(ctx, []any{&n}, "SELECT COUNT(*)"+where+" AND id >= ? AND id < ?", append(args, no*spanIDs, (no+1)*spanIDs)...)
}

// CountHolders implements work.Tx.
func (t *tx) CountHolders(ctx context.Context, f work.HolderFilter) (int, error) {
	if f.Username != "" {
		where, args := holderWhere(f)
		var n int
		return n, t.ScanRow(ctx, []any{&n}, "SELECT COUNT(*)"+where, args...)
	}
	numbers, found, err := t.holderSpans(ctx, f)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for _, no := range numbers {
		n := found[no]
		if n < 0 {
			if n, err = t.countSpan(ctx, f, no); err != nil {
				return 0, err
			}
		}
		total += n
	}
	return int(total), nil
}

// FindHolders implements work.Tx. It passes over whole spans, and over rows
// within one only.
func (t *tx) FindHolders(ctx context.Context, f work.HolderFilter, offset int64, limit int) ([]*customer.Customer, error) {
	where, args := holderWhere(f)
	if f.Username != "" {
		return all(ctx, t, scanCustomer, "SELECT "+customerColumns+where+" ORDER BY id LIMIT ? OFFSET ?", append(args, limit, offset)...)
	}
	numbers, found, err := t.holderSpans(ctx, f)
	if err != nil {
		return nil, err
	}
	var out []*customer.Customer
	for _, no := range numbers {
		if len(out) == limit {
			break
		}
		if offset > 0 {
			n := found[no]
			if n < 0 {
				if n, err = t.countSpan(ctx, f, no); err != nil {
					return nil, err
				}
			}
			if offset >= n {
				offset -= n
				continue
			}
		}
		page, err := all(ctx, t, scanCustomer, "SELECT "+customerColumns+where+" AND id >= ? AND id < ? ORDER BY id LIMIT ? OFFSET ?",
			append(slices.Clone(args), no*spanIDs, (no+1)*spanIDs, limit-len(out), offset)...)
		if err != nil {
			return nil, err
		}
		out, offset = append(out, page...), 0
	}
	return out, nil
}

// SearchHolders implements work.Tx. Each column is a range of an index.
func (t *tx) SearchHolders(ctx context.Context, partnerID int64, text string, limit int) ([]*customer.Customer, error) {
	var out []*customer.Customer
	for _, column := range []string{"username_key", "email_key", "name_key", "last_key", "company_key"} {
		page, err := all(ctx, t, scanCustomer, "SELECT "+customerColumns+" FROM customer WHERE partner_id = ? AND "+column+" >= ? AND "+column+
			" < ? AND status <> 'deleted' ORDER BY "+column+" LIMIT ?", partnerID, text, text+"\U0010FFFF", limit)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
	}
	slices.SortFunc(out, func(a, b *customer.Customer) int { return cmp.Compare(a.ID, b.ID) })
	out = slices.CompactFunc(out, func(a, b *customer.Customer) bool { return a.ID == b.ID })
	return out[:min(len(out), limit)], nil
}

// HolderByEmail implements work.Tx.
func (t *tx) HolderByEmail(ctx context.Context, partnerID int64, email string, except int64) (*customer.Customer, error) {
	if email == "" {
		return nil, nil
	}
	return one(t.QueryRow(ctx, "SELECT "+customerColumns+` FROM customer WHERE partner_id = ? AND email_key = ? AND status <> 'deleted' AND id <> ?
		ORDER BY id LIMIT 1`, partnerID, fold(email), except), scanCustomer)
}

// HolderFigures implements work.Tx.
func (t *tx) HolderFigures(ctx context.Context, customerIDs []int64) (map[int64]work.HolderFigures, error) {
	out := make(map[int64]work.HolderFigures, len(customerIDs))
	owners := map[int64]int64{} // of accounts
	err := chunks(customerIDs, func(marks string, args []any) error {
		type row struct {
			id                     int64
			plan                   plan.Plan
			live, suspended, seats int
		}
		list, err := all(ctx, t, func(r scanner, v *row) error { return r.Scan(&v.id, &v.plan, &v.live, &v.suspended, &v.seats) },
			`SELECT customer_id, plan, SUM(CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END),
			SUM(CASE WHEN deleted_at IS NULL AND suspension_count > 0 THEN 1 ELSE 0 END), MAX(CASE WHEN deleted_at IS NULL THEN seats ELSE 0 END)
			FROM mail_order WHERE purged_at IS NULL AND customer_id IN (`+marks+") GROUP BY customer_id, plan ORDER BY customer_id, plan", args...)
		if err != nil {
			return err
		}
		for _, r := range list {
			f := out[r.id]
			f.Live, f.Suspended, f.Seats = f.Live+r.live, f.Suspended+r.suspended, max(f.Seats, r.seats)
			if r.live > 0 {
				f.Plans = append(f.Plans, r.plan)
			}
			out[r.id] = f
		}
		type box struct{ id, customerID int64 }
		boxes, err := all(ctx, t, func(r scanner, v *box) error { return r.Scan(&v.id, &v.customerID) },
			`SELECT a.id, o.customer_id FROM mail_order o JOIN account a ON a.order_id = o.id
			WHERE o.purged_at IS NULL AND a.purged_at IS NULL AND o.customer_id IN (`+marks+")", args...)
		for _, b := range boxes {
			owners[b.id] = b.customerID
		}
		return err
	})
	if err != nil || len(owners) == 0 {
		return out, err
	}
	ids := make([]int64, 0, len(owners))
	for id := range owners {
		ids = append(ids, id)
	}
	used, err := t.StorageUsed(ctx, ids)
	for id, n := range used {
		f := out[owners[id]]
		f.Bytes += n
		out[owners[id]] = f
	}
	return out, err
}

// FirstOrdersOf implements work.Tx.
func (t *tx) FirstOrdersOf(ctx context.Context, customerIDs []int64, each int) (map[int64][]*order.Order, error) {
	out := map[int64][]*order.Order{}
	err := chunks(customerIDs, func(marks string, args []any) error {
		list, err := t.orders(ctx, "SELECT "+orderColumns+` FROM mail_order WHERE id IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER
			(PARTITION BY customer_id ORDER BY id) AS place FROM mail_order WHERE deleted_at IS NULL AND purged_at IS NULL AND customer_id IN (`+marks+`)) AS placed
			WHERE place <= ?) ORDER BY id`, append(args, each)...)
		for _, o := range list {
			out[o.CustomerID] = append(out[o.CustomerID], o)
		}
		return err
	})
	return out, err
}

const holderNoteColumns = "id, partner_id, customer_id, note, author, created_at"

func scanHolderNote(r scanner, n *work.HolderNote) error {
	return r.Scan(&n.ID, &n.PartnerID, &n.CustomerID, &n.Note, &n.Author, instant{&n.CreatedAt})
}

// InsertHolderNote implements work.Tx.
func (t *tx) InsertHolderNote(ctx context.Context, n *work.HolderNote) error {
	return t.insert(ctx, &n.ID, "INSERT INTO customer_note (partner_id, customer_id, note, author, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
		n.PartnerID, n.CustomerID, n.Note, n.Author, micros(n.CreatedAt))
}

// HolderNotes implements work.Tx.
func (t *tx) HolderNotes(ctx context.Context, customerID int64, limit int) ([]*work.HolderNote, error) {
	return all(ctx, t, scanHolderNote, "SELECT "+holderNoteColumns+" FROM customer_note WHERE customer_id = ? ORDER BY id LIMIT ?", customerID, limit)
}

// DropHolderNotes implements work.Tx.
func (t *tx) DropHolderNotes(ctx context.Context, customerID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM customer_note WHERE customer_id = ?", customerID)
	return err
}
