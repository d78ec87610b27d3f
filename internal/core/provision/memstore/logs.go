package memstore

import (
	"context"
	"maps"
	"slices"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/provision"
)

// Logs only grow, and only one transaction writes at a time: what a transaction
// that failed has appended lies beyond the length that everybody else sees.

func (t *txn) InsertPayment(ctx context.Context, p *provision.Payment) (bool, error) {
	if err := t.writable(ctx); err != nil {
		return false, err
	}
	if p.TxnID != "" && slices.ContainsFunc(t.payments, func(o provision.Payment) bool {
		return o.OrderID == p.OrderID && o.TxnID == p.TxnID && o.ChargedAmount == p.ChargedAmount &&
			o.ChargedUSDAmount == p.ChargedUSDAmount && o.DiscountAmount == p.DiscountAmount && o.TaxAmount == p.TaxAmount
	}) {
		return false, nil
	}
	p.ID = int64(len(t.payments)) + 1
	t.payments = append(t.payments, *p)
	return true, nil
}

func (t *txn) Payments(ctx context.Context, orderID int64) ([]*provision.Payment, error) {
	var out []*provision.Payment
	for _, p := range t.payments {
		if p.OrderID == orderID {
			out = append(out, &p)
		}
	}
	return out, ctx.Err()
}

func (t *txn) AppendEvent(ctx context.Context, e *event.Event) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	e.ID = int64(len(t.events)) + 1
	row := *e
	row.Data = list(e.Data)
	t.events = append(t.events, row)
	return nil
}

func (t *txn) Events(ctx context.Context, partnerID, after int64, limit int) ([]*event.Event, error) {
	var out []*event.Event
	for _, e := range t.events {
		if e.PartnerID == partnerID && e.ID > after && len(out) < limit {
			e.Data = list(e.Data)
			out = append(out, &e)
		}
	}
	return out, ctx.Err()
}

func (t *txn) EventsOfOrder(ctx context.Context, orderID int64, limit int) ([]*event.Event, error) {
	var out []*event.Event
	for i := len(t.events) - 1; i >= 0 && len(out) < limit; i-- {
		if e := t.events[i]; e.OrderID == orderID {
			e.Data = list(e.Data)
			out = append(out, &e)
		}
	}
	return out, ctx.Err()
}

func (t *txn) AppendAudit(ctx context.Context, r *audit.Record) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	r.ID = int64(len(t.records)) + 1
	row := *r
	row.Detail = list(r.Detail)
	t.records = append(t.records, row)
	return nil
}

func (t *txn) Audit(ctx context.Context, partnerID, after int64, limit int) ([]*audit.Record, error) {
	var out []*audit.Record
	for _, r := range t.records {
		if r.PartnerID == partnerID && r.ID > after && len(out) < limit {
			r.Detail = list(r.Detail)
			out = append(out, &r)
		}
	}
	return out, ctx.Err()
}

func (t *txn) AccessChanged(ctx context.Context, orderID, accountID int64) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	t.lastAccess++
	t.access = append(t.access, provision.AccessChange{ID: t.lastAccess, OrderID: orderID, AccountID: accountID, At: t.clock.Now().UTC()})
	return nil
}

func (t *txn) AccessChangesAfter(ctx context.Context, after int64, limit int) ([]provision.AccessChange, error) {
	out := []provision.AccessChange{}
	for _, c := range t.access {
		if c.ID > after && len(out) < limit {
			out = append(out, c)
		}
	}
	return out, ctx.Err()
}

func (t *txn) LastAccessChange(ctx context.Context) (int64, error) { return t.lastAccess, ctx.Err() }

func (t *txn) ForgetAccessChanges(ctx context.Context, before time.Time) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	var kept []provision.AccessChange
	for _, c := range t.access {
		if c.ID == t.lastAccess || !c.At.Before(before) {
			kept = append(kept, c)
		}
	}
	t.access = kept
	return nil
}

func (t *txn) InsertLoginToken(ctx context.Context, l provision.LoginToken) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	if _, taken := t.tokens[string(l.Hash)]; taken {
		return errTaken
	}
	l.Hash = list(l.Hash)
	t.tokens = with(t.tokens, string(l.Hash), l)
	return nil
}

func (t *txn) TakeLoginToken(ctx context.Context, hash []byte) (*provision.LoginToken, error) {
	if err := t.writable(ctx); err != nil {
		return nil, err
	}
	l, ok := t.tokens[string(hash)]
	if !ok {
		return nil, nil
	}
	t.tokens = maps.Clone(t.tokens)
	delete(t.tokens, string(hash))
	return &l, nil
}

func (t *txn) ForgetLoginTokens(ctx context.Context, before time.Time) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	t.tokens = maps.Clone(t.tokens)
	maps.DeleteFunc(t.tokens, func(_ string, l provision.LoginToken) bool { return l.ExpiresAt.Before(before) })
	return nil
}

func (t *txn) InsertDKIMKey(ctx context.Context, k *provision.DKIMKey) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	for _, o := range t.dkim.rows {
		if o.Domain == k.Domain && o.Selector == k.Selector {
			return errTaken
		}
	}
	row := cloneDKIMKey(k)
	k.ID = t.dkim.insert(row)
	row.ID = k.ID
	return nil
}

func (t *txn) DKIMKeys(ctx context.Context, domain string) ([]*provision.DKIMKey, error) {
	return t.dkim.find(cloneDKIMKey, func(k *provision.DKIMKey) bool { return k.Domain == domain }), ctx.Err()
}
