package sqldb

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"posthouse/internal/fault"
	"posthouse/internal/store/pgtest"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func TestMigrateTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		for range 2 {
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var n int
		if err := db.Read(t.Context(), func(tx *Tx) error {
			return tx.ScanRow(t.Context(), []any{&n}, "SELECT COUNT(*) FROM partner")
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestMigrationTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		files := fstest.MapFS{"0001_a.sql": file(`-- +goose Up
CREATE TABLE a (id {{id}}, name {{text}} NOT NULL, b {{bytes}});
CREATE TABLE w (name {{text}} NOT NULL PRIMARY KEY) {{norowid}};
`), "README.md": file("not one")}
		if err := db.migrate(t.Context(), files); err != nil {
			t.Fatal(err)
		}
		var ids []int64
		mustWrite(t, db, func(tx *Tx) error {
			ids = nil
			for _, name := range []string{"b", "B", "é", "-a"} {
				var id int64
				if err := tx.ScanRow(t.Context(), []any{&id}, "INSERT INTO a (name, b) VALUES (?, ?) RETURNING id", name, []byte{0, 255}); err != nil {
					return err
				}
				ids = append(ids, id)
			}
			// An id never comes again.
			if _, err := tx.Exec(t.Context(), "DELETE FROM a WHERE id = ?", ids[3]); err != nil {
				return err
			}
			var id int64
			err := tx.ScanRow(t.Context(), []any{&id}, "INSERT INTO a (name) VALUES (?) RETURNING id", "-a")
			ids = append(ids, id)
			return err
		})
		for i := range ids[1:] {
			if ids[i+1] <= ids[i] {
				t.Errorf("ids %v do not grow", ids)
			}
		}
		var order string
		if err := db.Read(t.Context(), func(tx *Tx) error {
			order = ""
			rows, err := tx.Query(t.Context(), "SELECT name FROM a ORDER BY name")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var s string
				if err := rows.Scan(&s); err != nil {
					return err
				}
				order += s + " "
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
		if order != "-a B b é " {
			t.Errorf("order %q, want by bytes", order)
		}
	})
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		older := fstest.MapFS{"0001_a.sql": file("-- +goose Up\nCREATE TABLE a (id {{id}});\n"), "0020_q.sql": file("-- +goose Up\nCREATE TABLE q (id {{id}});\n")}
		newer := fstest.MapFS{"0002_b.sql": file("-- +goose Up\nCREATE TABLE b (id {{id}});\n")}
		for name, f := range older {
			newer[name] = f
		}
		// An area's next step comes after another area's greater number.
		for _, files := range []fstest.MapFS{older, newer} {
			if err := db.migrate(t.Context(), files); err != nil {
				t.Fatal(err)
			}
		}
		err := db.migrate(t.Context(), older)
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Of(err).Text, "newer version of Posthouse") {
			t.Errorf("got %v, want a refusal", err)
		}
		if err := db.migrate(t.Context(), newer); err != nil {
			t.Errorf("the newer binary: %v", err)
		}
	})
}

// A step that fails leaves nothing and is done by the next try.
func TestFailedMigration(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		bad := fstest.MapFS{"0001_a.sql": file("-- +goose Up\nCREATE TABLE a (id {{id}});\nCREATE NONSENSE;\n")}
		if err := db.migrate(t.Context(), bad); err == nil {
			t.Fatal("want an error")
		}
		good := fstest.MapFS{"0001_a.sql": file("-- +goose Up\nCREATE TABLE a (id {{id}});\n")}
		if err := db.migrate(t.Context(), good); err != nil {
			t.Error(err)
		}
	})
}

func TestMigrateAtOnce(t *testing.T) {
	for _, engine := range []string{SQLite, Postgres} {
		t.Run(engine, func(t *testing.T) {
			cfg := Config{Engine: engine, Path: filepath.Join(t.TempDir(), "test.db")}
			if engine == Postgres {
				cfg.DSN = pgtest.New(t)
			}
			const nodes = 8
			errs := make(chan error, nodes)
			for range nodes {
				db := openTest(t, cfg)
				go func() { errs <- db.Migrate(context.Background()) }()
			}
			for range nodes {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
		})
	}
}
