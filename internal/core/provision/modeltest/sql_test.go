package modeltest_test

import (
	"context"
	"path/filepath"
	"testing"

	"posthouse/internal/clock"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/provision/modeltest"
	"posthouse/internal/store"
	"posthouse/internal/store/pgtest"
	"posthouse/internal/store/sqldb"
)

// noMail stands for a mail store: the rules don't look into mailboxes.
type noMail struct{}

func (noMail) CreateMailboxTx(context.Context, *sqldb.Tx, int64, int64) error { return nil }
func (noMail) SetQuotaTx(context.Context, *sqldb.Tx, []int64, int64) error    { return nil }
func (noMail) UsedTx(context.Context, *sqldb.Tx, []int64) (map[int64]int64, error) {
	return map[int64]int64{}, nil
}

// TestModelOnSQL: the rules hold on what SQL makes of the rows, too.
func TestModelOnSQL(t *testing.T) {
	for name, engine := range map[string]struct {
		every int
		cfg   func() sqldb.Config
	}{
		"SQLite": {3, func() sqldb.Config {
			return sqldb.Config{Engine: sqldb.SQLite, Path: filepath.Join(t.TempDir(), "test.db")}
		}},
		"PostgreSQL": {10, func() sqldb.Config { return sqldb.Config{Engine: sqldb.Postgres, DSN: pgtest.New(t)} }},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := sqldb.Open(t.Context(), engine.cfg())
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}()
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			modeltest.Run(t, engine.every, func(clock.Clock) provision.Store { return store.New(db, noMail{}) })
		})
	}
}
