package login

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"pgregory.net/rapid"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
)

func TestHashIsReadByAnotherImplementation(t *testing.T) {
	h := NewHasher(HasherConfig{Params: cheap})
	ours, err := h.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := argon2id.ComparePasswordAndHash("correct horse", ours); err != nil || !ok {
		t.Errorf("%s: %v, %v", ours, ok, err)
	}
	theirs, err := argon2id.CreateHash("correct horse", &argon2id.Params{Memory: 256, Iterations: 2, Parallelism: 2, SaltLength: 8, KeyLength: 24})
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := h.Verify(t.Context(), "correct horse", theirs); err != nil || !ok {
		t.Errorf("%s: %v, %v", theirs, ok, err)
	}
	if ok, err := h.Verify(t.Context(), "wrong", theirs); err != nil || ok {
		t.Errorf("wrong: %v, %v", ok, err)
	}
	if ok, err := h.Verify(t.Context(), "", ""); err != nil || ok {
		t.Errorf("an empty hash: %v, %v", ok, err)
	}
}

func TestUnusablePasswords(t *testing.T) {
	h := NewHasher(HasherConfig{Params: cheap})
	for _, pw := range []string{"", "a\x00b", "a\nb", "\x7f", "\xc3", strings.Repeat("x", MaxPasswordLen+1)} {
		if _, err := h.Hash(t.Context(), pw); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.10q: %v", pw, err)
		}
	}
	if n := h.Calls(); n != 0 {
		t.Errorf("%d hashes", n)
	}
}

func TestWaitForATurnIsBounded(t *testing.T) {
	clk := clock.NewManual(start)
	h := NewHasher(HasherConfig{Params: cheap, Parallel: 1, Queue: 1, Wait: time.Second, Clock: clk})
	h.turns <- struct{}{} // somebody hashes
	waited := make(chan error, 1)
	go func() { _, err := h.Hash(context.Background(), "pw"); waited <- err }()
	for h.waiting.Load() == 0 {
		runtime.Gosched()
	}
	if _, err := h.Hash(t.Context(), "pw"); !fault.Is(err, fault.Unavailable) || !fault.Of(err).Temporary {
		t.Errorf("beyond the queue: %v", err)
	}
	for {
		clk.Advance(time.Second)
		select {
		case err := <-waited:
			if !fault.Is(err, fault.Unavailable) {
				t.Errorf("after the wait: %v", err)
			}
		default:
			runtime.Gosched()
			continue
		}
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "pw"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("cancelled: %v", err)
	}
	<-h.turns
	if _, err := h.Hash(t.Context(), "pw"); err != nil {
		t.Errorf("free again: %v", err)
	}
}

func TestPHCRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := phc{
			Params: Params{
				Iterations:  rapid.Uint32Range(1, maxIter).Draw(t, "t"),
				Parallelism: rapid.Uint8Range(1, maxLanes).Draw(t, "p"),
			},
			salt: rapid.SliceOfN(rapid.Byte(), minSaltLen, maxSaltLen).Draw(t, "salt"),
			key:  rapid.SliceOfN(rapid.Byte(), minKeyLen, maxKeyLen).Draw(t, "key"),
		}
		p.MemoryKiB = rapid.Uint32Range(8*uint32(p.Parallelism), maxMemoryKiB).Draw(t, "m")
		back, err := parsePHC(p.String())
		if err != nil || back.String() != p.String() {
			t.Fatalf("%s: %v", p.String(), err)
		}
	})
}

func TestPHCRefused(t *testing.T) {
	const good = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OWFiY2RlZg"
	if _, err := parsePHC(good); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{"argon2id", "argon2i"}, {"v=19", "v=16"}, {"m=64", "m=064"}, {"m=64", "m=+64"}, {"m=64", "m=4294967295"},
		{"m=64", "m=7"}, {"t=1", "t=0"}, {"t=1", "t=33"}, {"p=1", "p=33"}, {"p=1", "p=9"}, {"m=64,t=1", "t=1,m=64"},
		{"c2FsdHNhbHQ", "c2FsdA"}, {"c2FsdHNhbHQ", "c2FsdHNhbHQ="}, {"c2FsdHNhbHQ", "c2Fs\ndHNhbHQ"}, {"MDEyMzQ1Njc4OWFiY2RlZg", "MDEy"},
		{"$m=", "$$m="}, {"MDEyMzQ1Njc4OWFiY2RlZg", "MDEyMzQ1Njc4OWFiY2RlZg$"}, {"$argon2id", "x$argon2id"},
	} {
		s := strings.Replace(good, change[0], change[1], 1)
		if s == good {
			t.Fatalf("%q changes nothing", change)
		}
		if _, err := parsePHC(s); err == nil {
			t.Errorf("%s was read", s)
		}
	}
}

// What is read is written again letter for letter, and never costs more than
// one log-in may.
func FuzzPHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OWFiY2RlZg")
	f.Add("$argon2id$v=19$m=65536,t=3,p=2$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG")
	f.Add("$2y$10$abcdefghijklmnopqrstuv")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePHC(s)
		if err != nil {
			return
		}
		if p.String() != s {
			t.Errorf("%q is written as %q", s, p.String())
		}
		if p.MemoryKiB > maxMemoryKiB || p.Iterations > maxIter || p.Parallelism > maxLanes {
			t.Errorf("%q costs too much", s)
		}
	})
}

func BenchmarkDefaultHash(b *testing.B) {
	h := NewHasher(HasherConfig{})
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "correct horse"); err != nil {
			b.Fatal(err)
		}
	}
}
