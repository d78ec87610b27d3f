package store

import (
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
)

// DB is the database below.
func (s *Store) DB() *sqldb.DB { return s.db }

// SQL gives the SQL transaction inside t, nil when t is not of this package.
func SQL(t work.Tx) *sqldb.Tx {
	if own, ok := t.(*tx); ok {
		return own.Tx
	}
	return nil
}

// PurgeStatements are what a purge removes.
func PurgeStatements() (accounts, orders []string) { return accountRows, orderRows }

// A search of few rows goes other ways than one of many: here few is very few.
func init() {
	fewRows, fewAmounts, maxShapes, maxTerms, rareGram, freshTerms, foldEvery = 8, 4, 9, 6, 4, 5, 7
}
