package mailstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

// bench is a store over a fresh database in a temporary folder.
type bench struct {
	t     testing.TB
	dir   string
	dbCfg sqldb.Config
	cfg   Config
	db    *sqldb.DB
	blobs *blob.Local
	clock *clock.Manual
	*Store
}

// onBoth runs a test on both engines.
func onBoth(t *testing.T, fn func(t *testing.T, b *bench)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, newBench(t, sqldb.SQLite, nil)) })
	t.Run("postgres", func(t *testing.T) { fn(t, newBench(t, sqldb.Postgres, nil)) })
}

func newBench(t testing.TB, engine string, change func(*Config)) *bench {
	t.Helper()
	dir := t.TempDir()
	cfg := sqltest.Config(t, engine, filepath.Join(dir, "posthouse.db"))
	b := &bench{t: t, dir: dir, dbCfg: cfg, clock: clock.NewManual(time.Now())} // segment files have the system's time
	b.cfg = Config{Clock: b.clock, Background: -1, IndexDelay: -1}
	if change != nil {
		change(&b.cfg)
	}
	b.open()
	t.Cleanup(b.close)
	return b
}

func (b *bench) open() {
	b.t.Helper()
	ctx := context.Background()
	var err error
	if b.db, err = sqldb.Open(ctx, b.dbCfg); err != nil {
		b.t.Fatal(err)
	}
	if err := b.db.Migrate(ctx); err != nil {
		b.t.Fatal(err)
	}
	if b.blobs, err = blob.OpenLocal(blob.LocalConfig{Dir: filepath.Join(b.dir, "messages")}); err != nil {
		b.t.Fatal(err)
	}
	keys, err := keyring.Open(filepath.Join(b.dir, "master.key"), rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	cfg := b.cfg
	cfg.DB, cfg.Keys = b.db, keys
	if cfg.Blobs == nil {
		cfg.Blobs = b.blobs
	}
	if b.Store, err = Open(ctx, cfg); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) close() {
	if b.Store == nil {
		return
	}
	for _, c := range []func() error{b.Store.Close, b.blobs.Close, b.db.Close} {
		if err := c(); err != nil {
			b.t.Error(err)
		}
	}
	b.Store = nil
}

func (b *bench) restart() {
	b.t.Helper()
	b.close()
	b.open()
}

func (b *bench) account(id, quota int64) int64 {
	b.t.Helper()
	must(b.t, b.db.Write(context.Background(), func(tx *sqldb.Tx) error { return b.CreateMailboxTx(context.Background(), tx, id, quota) }))
	return id
}

func (b *bench) folder(account int64, name string) *Folder {
	b.t.Helper()
	f, err := b.Folder(context.Background(), account, name)
	must(b.t, err)
	return f
}

func (b *bench) put(text string) *Stored {
	b.t.Helper()
	st, err := b.Put(context.Background(), strings.NewReader(text))
	must(b.t, err)
	return st
}

func (b *bench) deliver(st *Stored, to ...Target) ([]Delivered, error) {
	var out []Delivered
	err := b.db.WriteRows(context.Background(), func(tx *sqldb.Tx) (err error) {
		out, err = b.DeliverTx(context.Background(), tx, st, to)
		return err
	})
	return out, err
}

// mail delivers a text into INBOX.
func (b *bench) mail(account int64, text string) Delivered {
	b.t.Helper()
	d, err := b.deliver(b.put(text), Target{AccountID: account})
	must(b.t, err)
	return d[0]
}

func (b *bench) view(folder int64) *View {
	b.t.Helper()
	v, err := b.View(context.Background(), folder)
	must(b.t, err)
	return v
}

func (b *bench) read(account, message int64) string {
	b.t.Helper()
	c, err := b.Store.Open(context.Background(), account, message)
	must(b.t, err)
	defer c.Close()
	var out bytes.Buffer
	_, err = c.WriteTo(&out)
	must(b.t, err)
	return out.String()
}

// verify expects no finding.
func (b *bench) verify() VerifyReport {
	b.t.Helper()
	r, err := b.Verify(context.Background(), func(f Finding) { b.t.Errorf("verify: %v", f) })
	must(b.t, err)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// letter is a small message with a subject and a body.
func letter(subject, body string) string {
	return fmt.Sprintf("From: Ann <ann@example.com>\r\nTo: Bob Example <bob@example.net>\r\nSubject: %s\r\nMessage-ID: <%d@example.com>\r\n\r\n%s\r\n",
		subject, len(body), body)
}
