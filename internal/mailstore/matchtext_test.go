package mailstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

func TestMatchText(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		a := b.account(7, 0)
		inbox := b.folder(a, Inbox).ID
		texts := []string{
			letter("Invoice 17", "Please pay by Friday."),
			letter("=?utf-8?B?R3LDvMOfZQ==?=", "Umlaute: \xc3\x84\xc3\x96"),
			"From: =?iso-8859-1?Q?J=F6rg?= <joerg@example.org>\r\nTo: a@b, c@d\r\nCc: Copy <cc@example.com>\r\nX-Mailer: Foo/1.0\r\n\r\nno subject\r\nhere",
			"Subject: base64\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8gV29ybGQsIHRoaXMgaXMgaGlkZGVuIHRleHQ=\r\n",
			"Subject: html\r\nContent-Type: text/html\r\n\r\n<p>Bold <b>move</b></p>",
			letter("long", strings.Repeat("a", 70)+"needle"+strings.Repeat("b", 70)),
		}
		for _, text := range texts {
			b.mail(a, text)
		}
		v := b.view(inbox)
		check := func(when string) {
			t.Helper()
			for _, c := range []struct {
				field          TextField
				header, needle string
				want           []uint32
			}{
				{FieldSubject, "", "INVOICE", []uint32{1}}, {FieldSubject, "", "grüß", []uint32{2}}, {FieldSubject, "", "oice 1", []uint32{1}},
				{FieldFrom, "", "jörg", []uint32{3}}, {FieldFrom, "", "ann@ex", []uint32{1, 2, 6}}, {FieldTo, "", "c@d", []uint32{3}},
				{FieldCc, "", "copy", []uint32{3}}, {FieldBcc, "", "x", nil}, {FieldBody, "", "friday", []uint32{1}}, {FieldBody, "", "äö", []uint32{2}},
				{FieldBody, "", "subject here", []uint32{3}}, {FieldBody, "", "hidden text", []uint32{4}}, {FieldBody, "", "bold move", []uint32{5}},
				{FieldBody, "", "invoice", nil}, {FieldBody, "", "needle", []uint32{6}}, {FieldText, "", "invoice", []uint32{1}}, {FieldText, "", "pay by", []uint32{1}},
				{FieldText, "", "x-mailer: foo", []uint32{3}}, {FieldHeader, "X-Mailer", "foo", []uint32{3}}, {FieldHeader, "x-mailer", "", []uint32{3}},
				{FieldHeader, "subject", "invoice", []uint32{1}}, {FieldHeader, "Subject", "", []uint32{1, 2, 4, 5, 6}}, {FieldHeader, "Message-ID", "@example.com", []uint32{1, 2, 6}},
				{FieldHeader, "X-Mailer", "ann", nil}, {FieldSubject, "", "", []uint32{1, 2, 3, 4, 5, 6}}, {FieldText, "", "nowhere at all", nil},
			} {
				got, err := b.MatchText(ctx, v, c.field, c.header, c.needle)
				if err != nil || !slices.Equal(got, c.want) {
					t.Errorf("%s: field %d %q %q: %v, %v, want %v", when, c.field, c.header, c.needle, got, err, c.want)
				}
			}
		}
		check("not indexed")
		for i := range indexFrom {
			b.mail(a, letter(fmt.Sprint("filler ", i), "nothing of interest"))
		}
		must(t, b.Index(ctx, a))
		check("indexed")
		var rows int
		must(t, b.db.Read(ctx, func(tx *sqldb.Tx) error { return tx.QueryRow(ctx, `SELECT COUNT(*) FROM mail_search`).Scan(&rows) }))
		if rows != 1 {
			t.Fatalf("%d segments", rows)
		}
		b.restart()
		check("after a restart")
		if _, err := b.MatchText(ctx, v, TextField(99), "", "x"); !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
		if _, err := b.MatchText(ctx, v, FieldHeader, " ", "x"); !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
	})
}

// Segments are merged, forget what was deleted, and take in what came late.
func TestIndexLives(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	ctx := context.Background()
	a := b.account(7, 0)
	inbox := b.folder(a, Inbox).ID
	var held int64
	late := b.put(letter("latecomer", "late"))
	must(t, b.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
		held, err = b.HoldTx(ctx, tx, late)
		return err
	}))
	for round := range 2 * mergeFrom {
		for i := range indexFrom {
			b.mail(a, letter(fmt.Sprintf("round %d", round), fmt.Sprintf("text%d-%d", round, i)))
		}
		must(t, b.Index(ctx, a))
	}
	count := func() (n int) {
		must(t, b.db.Read(ctx, func(tx *sqldb.Tx) error {
			ids, err := segmentIDs(ctx, tx, a)
			n = len(ids)
			return err
		}))
		return n
	}
	if n := count(); n >= mergeFrom {
		t.Fatalf("%d segments after merging", n)
	}
	must(t, b.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := b.DeliverHeldTx(ctx, tx, held, []Target{{AccountID: a}})
		return err
	}))
	find := func(needle string, want int) {
		t.Helper()
		got, err := b.MatchText(ctx, b.view(inbox), FieldText, "", needle)
		if err != nil || len(got) != want {
			t.Errorf("%q: %d hits, %v, want %d", needle, len(got), err, want)
		}
	}
	find("latecomer", 1)
	find("text3-7", 1)
	find("round 5", indexFrom)
	find("round", 2*mergeFrom*indexFrom)
	_, _, err := b.StoreFlags(ctx, inbox, []uint32{1, 2, 3}, AddFlags, Flags{System: Deleted}, 0)
	must(t, err)
	_, _, err = b.Expunge(ctx, inbox, nil)
	must(t, err)
	find("text0-", indexFrom-3)
	if _, err := b.Purge(ctx, a); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 0 {
		t.Fatalf("%d segments after a purge", n)
	}
}

// A change is indexed by itself once the account is quiet.
func TestBackgroundIndex(t *testing.T) {
	b := newBench(t, sqldb.SQLite, func(c *Config) {
		c.IndexDelay = time.Millisecond
		c.Clock = nil
	})
	a := b.account(7, 0)
	for i := range indexFrom {
		b.mail(a, letter(fmt.Sprint(i), "text"))
	}
	deadline := time.After(60 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var rows int
		must(t, b.db.Read(context.Background(), func(tx *sqldb.Tx) error {
			return tx.QueryRow(context.Background(), `SELECT COUNT(*) FROM mail_search`).Scan(&rows)
		}))
		if rows > 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("never indexed")
		}
	}
}
