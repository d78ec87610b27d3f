package modeltest_test

import (
	"testing"

	"posthouse/internal/clock"
	"posthouse/internal/core/provision/modeltest"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

// TestModelOnSQL: the rules hold on what SQL makes of the rows, too.
func TestModelOnSQL(t *testing.T) {
	for engine, every := range map[string]int{sqldb.SQLite: 3, sqldb.Postgres: 10} {
		t.Run(engine, func(t *testing.T) {
			s := sqltest.Store(t, engine)
			modeltest.Run(t, every, func(clock.Clock) work.Store { return s })
		})
	}
}
