package srs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/mailaddr"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func addr(t testing.TB, s string) mailaddr.Address {
	t.Helper()
	a, err := mailaddr.Parse(s, mailaddr.AllowUTF8)
	if err != nil {
		t.Fatal(s, err)
	}
	return a
}

func TestForwardAndBack(t *testing.T) {
	r := New("mx.House.test", []byte("a key"))
	for _, from := range []string{"ann@example.com", "Ann.Other+tag=x@sub.example.com", `"a b"@example.com`, "jürgen@example.com", "SRS0=ann@x.example"} {
		got, err := r.Forward(addr(t, from), noon)
		if err != nil || !r.Has(got) || got.Domain != "mx.house.test" {
			t.Fatalf("%s: %v, %v", from, got, err)
		}
		if again, err := r.Forward(got, noon); err != nil || again != got {
			t.Errorf("%s is rewritten twice: %v, %v", got, again, err)
		}
		for _, later := range []time.Duration{0, -day, MaxAge} {
			if back, err := r.Reverse(got, noon.Add(later)); err != nil || back != addr(t, from) {
				t.Errorf("%s -> %s -> %s, %v", from, got, back, err)
			}
		}
		// Lower case is what some hosts make of it.
		if _, err := r.Reverse(mailaddr.Address{Local: strings.ToLower(got.Local), Domain: got.Domain}, noon); err != nil {
			t.Errorf("%s in lower case: %v", got, err)
		}
		if strings.HasPrefix(got.Local, "SRS0") {
			for _, late := range []time.Duration{MaxAge + day, 300 * day, -3 * day} {
				if _, err := r.Reverse(got, noon.Add(late)); !errors.Is(err, ErrExpired) {
					t.Errorf("%s after %v: %v", got, late, err)
				}
			}
		}
	}
	if got, err := r.Forward(mailaddr.Address{}, noon); err != nil || !got.IsZero() {
		t.Errorf("the null sender became %v, %v", got, err)
	}
	if _, err := r.Forward(addr(t, strings.Repeat("a", 60)+"@example.com"), noon); !errors.Is(err, ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
}

// TestChain: each hop knows the first one, and a bounce takes two steps whatever
// the length of the chain.
func TestChain(t *testing.T) {
	first, second, third := New("a.test", []byte("1")), New("b.test", []byte("2")), New("c.test", []byte("3"))
	from := addr(t, "ann@example.com")
	one, err := first.Forward(from, noon)
	if err != nil {
		t.Fatal(err)
	}
	two, err := second.Forward(one, noon)
	if err != nil || !strings.HasPrefix(two.Local, "SRS1=") {
		t.Fatal(two, err)
	}
	three, err := third.Forward(two, noon)
	if err != nil || !strings.HasPrefix(three.Local, "SRS1=") || len(three.Local) > len(two.Local) {
		t.Fatal(three, err)
	}
	for _, c := range []struct {
		r  *Rewriter
		at mailaddr.Address
	}{{second, two}, {third, three}} {
		if back, err := c.r.Reverse(c.at, noon); err != nil || back != one {
			t.Errorf("%s leads back to %s, %v", c.at, back, err)
		}
	}
	if back, err := first.Reverse(one, noon); err != nil || back != from {
		t.Errorf("%s leads back to %s, %v", one, back, err)
	}
	// Other separators of other hosts, and what only looks like SRS1.
	for _, odd := range []string{"SRS0-AAAA=tt=example.com=ann@o.test", "SRS0+AAAA=tt=example.com=ann@o.test", "SRS1=x@o.test", "SRS1=hash=first@o.test"} {
		got, err := second.Forward(addr(t, odd), noon)
		if err != nil {
			t.Fatal(odd, err)
		}
		if back, err := second.Reverse(got, noon); err != nil || back != addr(t, odd) {
			t.Errorf("%s -> %s -> %s, %v", odd, got, back, err)
		}
	}
}

func TestForged(t *testing.T) {
	r := New("mx.test", []byte("a key"))
	good, err := r.Forward(addr(t, "ann@example.com"), noon)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good.Local {
		b := []byte(good.Local)
		if b[i]++; b[i] == '@' || strings.EqualFold(string(b), good.Local) {
			continue
		}
		if back, err := r.Reverse(mailaddr.Address{Local: string(b), Domain: good.Domain}, noon); err == nil {
			t.Errorf("%s leads to %s", b, back)
		}
	}
	for _, local := range []string{"", "SRS0", "SRS0=", "SRS0==", "SRS0===", "SRS1=a=b", "SRS1=", "ann", "SRS0=aaaaaaaa=aa=example.com=ann"} {
		if _, err := r.Reverse(mailaddr.Address{Local: local, Domain: "mx.test"}, noon); !errors.Is(err, ErrForged) {
			t.Errorf("%q: %v", local, err)
		}
	}
	if _, err := New("mx.test", []byte("another")).Reverse(good, noon); !errors.Is(err, ErrForged) {
		t.Errorf("another key: %v", err)
	}
	if _, err := r.Reverse(mailaddr.Address{Local: good.Local, Domain: "else.test"}, noon); !errors.Is(err, ErrForged) {
		t.Errorf("another domain: %v", err)
	}
}

func TestRoundTrip(t *testing.T) {
	r := New("mx.test", []byte("a key"))
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zA-Z0-9=+_-]{1,24}@[a-z0-9]{1,12}\.test`).Draw(t, "from")
		from, err := mailaddr.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		now := noon.Add(time.Duration(rapid.Int64Range(0, int64(3000*24)).Draw(t, "hours")) * time.Hour)
		got, err := r.Forward(from, now)
		if errors.Is(err, ErrTooLong) {
			return
		}
		if back, err := r.Reverse(got, now); err != nil || back != from {
			t.Fatalf("%s -> %s -> %s, %v", from, got, back, err)
		}
	})
}

func FuzzReverse(f *testing.F) {
	r := New("mx.test", []byte("a key"))
	good, err := r.Forward(mailaddr.Address{Local: "ann", Domain: "example.com"}, noon)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{good.Local, "SRS1=aaaaaaaa=x.test==bbbb=cc=example.com=ann", "srs0=", "SRS0=\"=\x00", "SRS1=a=b=c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, local string) {
		back, err := r.Reverse(mailaddr.Address{Local: local, Domain: "mx.test"}, noon)
		if err == nil && !strings.EqualFold(local, good.Local) {
			t.Fatalf("%q leads to %s", local, back)
		}
		// What comes in as a sender is rewritten and comes back, or is too long.
		a, err := mailaddr.Parse(mailaddr.Address{Local: local, Domain: "example.com"}.String(), mailaddr.AllowUTF8)
		if err != nil {
			return
		}
		out, err := r.Forward(a, noon)
		if err != nil {
			return
		}
		kind, _ := foreign(a.Local)
		if back, err := r.Reverse(out, noon); err != nil || kind == "" && back != a {
			t.Fatalf("%s -> %s -> %s, %v", a, out, back, err)
		}
	})
}
