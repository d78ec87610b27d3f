package sqldb

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRebind(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"SELECT 1", "SELECT 1"},
		{"?", "$1"},
		{"a = ? AND b = ?", "a = $1 AND b = $2"},
		{"(?,?,?,?,?,?,?,?,?,?,?)", "($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)"},
		{"a = '?' AND b = ?", "a = '?' AND b = $1"},
		{"a = 'it''s ?' AND b = ?", "a = 'it''s ?' AND b = $1"},
		{`"a?" = ?`, `"a?" = $1`},
		{`"a""?" = ?`, `"a""?" = $1`},
		{"? -- ?\n ?", "$1 -- ?\n $2"},
		{"? -- ?", "$1 -- ?"},
		{"? /* ? ' */ ?", "$1 /* ? ' */ $2"},
		{"? - ? / ?", "$1 - $2 / $3"},
		{"'?", "'?"},
		{"/* ?", "/* ?"},
		{"é ? 日", "é $1 日"},
	} {
		if got := rebind(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
		var r rebinder
		for range 2 {
			if got := r.rebind(c.in); got != c.want {
				t.Errorf("%q remembered: got %q, want %q", c.in, got, c.want)
			}
		}
	}
}

// Any mix of tokens: placeholders outside of quotes are counted, all else stays.
func TestRebindProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in, want strings.Builder
		n := 0
		for range rapid.IntRange(0, 30).Draw(t, "tokens") {
			token := rapid.SampledFrom([]string{"?", " a ", "'? ''x'", `"?"`, "-- ?'\n", "/*?\"*/", "é", "- ", "/ "}).Draw(t, "token")
			in.WriteString(token)
			if token == "?" {
				n++
				token = fmt.Sprintf("$%d", n)
			}
			want.WriteString(token)
			in.WriteByte(' ')
			want.WriteByte(' ')
		}
		if got := rebind(in.String()); got != want.String() {
			t.Fatalf("%q: got %q, want %q", in.String(), got, want.String())
		}
	})
}

func TestRebinderIsBounded(t *testing.T) {
	var r rebinder
	for i := range 3 * maxRebound {
		r.rebind(fmt.Sprint(i))
	}
	if len(r.known) > maxRebound {
		t.Errorf("%d texts are kept", len(r.known))
	}
}

func TestIn(t *testing.T) {
	for _, c := range []struct {
		values []int64
		marks  string
		args   []any
	}{
		{nil, "?", []any{nil}},
		{[]int64{7}, "?", []any{int64(7)}},
		{[]int64{7, 8}, "?,?", []any{int64(7), int64(8)}},
		{[]int64{7, 8, 9}, "?,?,?,?", []any{int64(7), int64(8), int64(9), int64(9)}},
	} {
		marks, args := In(c.values)
		if marks != c.marks || fmt.Sprint(args) != fmt.Sprint(c.args) {
			t.Errorf("%v: %q %v, want %q %v", c.values, marks, args, c.marks, c.args)
		}
	}
	onBoth(t, func(t *testing.T, db *DB) {
		mustWrite(t, db, func(tx *Tx) error {
			for k := range 10 {
				if err := put(t.Context(), tx, k); err != nil {
					return err
				}
			}
			return nil
		})
		for _, values := range [][]int64{nil, {3}, {3, 99, 4}, {0, 1, 2, 3, 4}} {
			marks, args := In(values)
			var n int
			if err := db.Read(t.Context(), func(tx *Tx) error {
				return tx.ScanRow(t.Context(), []any{&n}, "SELECT COUNT(*) FROM x WHERE k IN ("+marks+")", args...)
			}); err != nil {
				t.Fatal(err)
			}
			want := 0
			for _, v := range values {
				if v < 10 {
					want++
				}
			}
			if n != want {
				t.Errorf("%v: %d rows, want %d", values, n, want)
			}
		}
	})
}
