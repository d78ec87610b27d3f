package queue

import (
	"context"
	"database/sql"
	"maps"
	"time"

	"posthouse/internal/store/sqldb"
)

// lane is the recipients of one sender at one destination.
type lane struct {
	partner, account int64
	domain           string
}

// walk remembers where the scheduler has looked last, so that partners take
// turns, within a partner its accounts, and within an account its destinations:
// a hundred thousand messages of one sender delay another's by one batch.
type walk struct {
	partner int64
	account map[int64]int64     // by partner
	domain  map[[2]int64]string // by partner and account
}

// rememberedLanes bounds walk's maps; beyond it turns start over.
const rememberedLanes = 10_000

func newWalk() walk {
	return walk{partner: -1, account: map[int64]int64{}, domain: map[[2]int64]string{}}
}

func (w walk) clone() walk {
	if len(w.account)+len(w.domain) > rememberedLanes {
		return newWalk()
	}
	return walk{partner: w.partner, account: maps.Clone(w.account), domain: maps.Clone(w.domain)}
}

// rotate visits keys in turn, from the one after start to the end and then from
// low, until visit says that it has found something. It returns the key it has
// come to. Every key is visited at least once before it gives up.
func rotate[K comparable](start, low K, next func(after K) (K, bool, error), visit func(K) (found, stop bool, err error)) (K, bool, error) {
	at, wrapped := start, false
	for {
		k, ok, err := next(at)
		if err != nil {
			return at, false, err
		}
		if !ok {
			if wrapped || at == low {
				return start, false, nil
			}
			at, wrapped = low, true
			continue
		}
		at = k
		found, stop, err := visit(k)
		if err != nil || found || stop {
			return at, found, err
		}
		if wrapped && k == start {
			return start, false, nil
		}
	}
}

// search finds lanes with due work within one transaction.
type search struct {
	ctx     context.Context
	tx      *sqldb.Tx
	now     time.Time
	blocked func(domain string) bool
	probes  int // index look-ups left: bounds the work of one transaction
}

func (s *search) spent() bool { return s.probes <= 0 }

// next gives the next lane in turn that has due work and is not blocked.
func (s *search) next(w *walk) (l lane, ok bool, err error) {
	w.partner, ok, err = rotate(w.partner, -1, s.min(`SELECT MIN(partner_id) FROM queue_recipient WHERE state = 'ready' AND partner_id > ?`),
		func(p int64) (bool, bool, error) {
			found, err := s.inPartner(w, p, &l)
			return found, s.spent(), err
		})
	return l, ok, err
}

func (s *search) inPartner(w *walk, partner int64, l *lane) (bool, error) {
	start, known := w.account[partner]
	if !known {
		start = -1
	}
	at, ok, err := rotate(start, -1, s.min(`SELECT MIN(account_id) FROM queue_recipient WHERE state = 'ready' AND partner_id = ? AND account_id > ?`, partner),
		func(a int64) (bool, bool, error) {
			found, err := s.inAccount(w, partner, a, l)
			return found, s.spent(), err
		})
	w.account[partner] = at
	return ok, err
}

func (s *search) inAccount(w *walk, partner, account int64, l *lane) (bool, error) {
	key := [2]int64{partner, account}
	var due bool
	next := func(after string) (domain string, ok bool, err error) {
		s.probes--
		var at int64
		err = s.tx.QueryRow(s.ctx, `SELECT domain, next_attempt FROM queue_recipient
			WHERE state = 'ready' AND partner_id = ? AND account_id = ? AND domain > ? ORDER BY domain, next_attempt LIMIT 1`,
			partner, account, after).Scan(&domain, &at)
		if isNoRows(err) {
			return "", false, nil
		}
		due = at <= micros(s.now)
		return domain, err == nil, sqldb.Fault(err)
	}
	at, ok, err := rotate(w.domain[key], "", next, func(domain string) (bool, bool, error) {
		*l = lane{partner: partner, account: account, domain: domain}
		return due && !s.blocked(domain), s.spent(), nil
	})
	w.domain[key] = at
	return ok, err
}

// min makes the step from one key to the next of a query that gives it.
func (s *search) min(query string, args ...any) func(int64) (int64, bool, error) {
	return func(after int64) (int64, bool, error) {
		s.probes--
		var k sql.NullInt64
		err := s.tx.QueryRow(s.ctx, query, append(args[:len(args):len(args)], after)...).Scan(&k)
		return k.Int64, k.Valid, sqldb.Fault(err)
	}
}
