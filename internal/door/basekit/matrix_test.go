package basekit

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// The matrices are made of the route table: a route that is added is tested for
// what every route must hold (basekit.md B-02, 2, 10).

// TestTenants calls every operation with what another brand has: the answer is
// that for what nobody has, and the other brand's things stay as they are.
func TestTenants(t *testing.T) {
	w := newMatrix(t)
	mine, theirs := w.stock(w.ours, "mine"), w.stock(w.foreign, "theirs")
	before := w.views(w.foreign, theirs)
	tested := 0
	for _, op := range operations() {
		for _, name := range naming(op) {
			kind := kindOf(op, name)
			tested++
			t.Run(label(op)+" "+name, func(t *testing.T) {
				w.t = t
				unknown, foreign := w.get(w.askWith(op, mine, name, nobodys[kind])), w.get(w.askWith(op, mine, name, theirs[kind]))
				if want := strings.ReplaceAll(unknown.body, nobodys[kind], theirs[kind]); foreign.status != unknown.status || foreign.body != want {
					t.Errorf("another brand's is answered\n%d %s\nwhat nobody has\n%d %s", foreign.status, foreign.body, unknown.status, unknown.body)
				}
				want := http.StatusNotFound
				if kind == "brand" {
					want = http.StatusForbidden
				}
				if slices.Contains(pathNames(op), name) && foreign.status != want {
					t.Errorf("another brand's is answered %d %s", foreign.status, foreign.body)
				}
				if after := w.views(w.foreign, theirs); after != before {
					t.Errorf("the other brand's things were\n%sand are\n%s", before, after)
					before = after
				}
			})
		}
	}
	w.t = t
	if tested < len(operations()) {
		t.Errorf("only %d parameters of %d operations name something", tested, len(operations()))
	}
}

// TestOtherHolders puts another holder of the same brand before what is one's own.
func TestOtherHolders(t *testing.T) {
	w := newMatrix(t)
	mine, other := w.stock(w.ours, "mine"), w.stock(w.ours, "other")
	before := w.views(w.ours, other)
	for _, op := range operations() {
		names := naming(op)
		if len(names) < 2 || kindOf(op, names[0]) != "holder" {
			continue
		}
		for _, name := range pathNames(op)[1:] {
			kind := kindOf(op, name)
			if kind == "" {
				continue
			}
			t.Run(label(op)+" "+name, func(t *testing.T) {
				w.t = t
				unknown, others := w.get(w.askWith(op, mine, name, nobodys[kind])), w.get(w.askWith(op, mine, name, other[kind]))
				if want := strings.ReplaceAll(unknown.body, nobodys[kind], other[kind]); others.status != http.StatusNotFound || others.body != want {
					t.Errorf("another user's is answered\n%d %s\nwhat nobody has\n%d %s", others.status, others.body, unknown.status, unknown.body)
				}
				if after := w.views(w.ours, other); after != before {
					t.Errorf("the other user's things were\n%sand are\n%s", before, after)
					before = after
				}
			})
		}
	}
	w.t = t
}

// notThrough are operations that a plausible call doesn't come through, and how it
// is answered: their secrets can't be guessed.
var notThrough = map[string]int{"POST /users/reset-password": 400, "POST /users/:ref/validate-email-verification-token": 400}

// TestOwnIsKnown is the other half: a plausible call succeeds as the table says,
// with what one has oneself.
func TestOwnIsKnown(t *testing.T) {
	w := newMatrix(t)
	for _, op := range operations() {
		t.Run(label(op), func(t *testing.T) {
			w.t = t
			mine := w.stock(w.ours, "own")
			r := w.get(w.ask(op, mine))
			want := max(op.status, http.StatusOK)
			if status, ok := notThrough[op.method+" "+op.path]; ok {
				want = status
			}
			if r.status != want {
				t.Errorf("%d %s, want %d", r.status, r.body, want)
			}
		})
	}
	w.t = t
}

// TestBadRefs puts into the path what can't be a ref: it names nothing.
func TestBadRefs(t *testing.T) {
	w := newMatrix(t)
	mine := w.stock(w.ours, "mine")
	for _, op := range operations() {
		for _, name := range pathNames(op) {
			if kindOf(op, name) == "" {
				continue
			}
			t.Run(label(op)+" "+name, func(t *testing.T) {
				w.t = t
				for _, v := range []string{"0", "-1", "01", "1.5", "0x10", "1e3", "seven", "9223372036854775808", "99999999999999999999", "%00", "%2F", "%FF", "%20", "1%20", "%C3%BC", "%EF%BC%91", "1;2", "'1'", "null"} {
					if r := w.get(w.askWith(op, mine, name, v)); r.status != http.StatusNotFound && !(kindOf(op, name) == "brand" && r.status == http.StatusForbidden) {
						t.Errorf("%q is answered %d %s", v, r.status, r.body)
					}
				}
			})
		}
	}
	w.t = t
}
