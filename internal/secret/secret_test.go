package secret

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"posthouse/internal/fault"
)

func sealer(t *testing.T, key byte) *Sealer {
	t.Helper()
	s, err := NewSealer(bytes.Repeat([]byte{key}, SealKeyLen), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealOpens(t *testing.T) {
	s := sealer(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		context := rapid.String().Draw(t, "context")
		sealed, err := s.Seal(plain, context)
		if err != nil {
			t.Fatal(err)
		}
		if len(plain) > 8 && bytes.Contains(sealed, plain) {
			t.Fatal("the plain text shows")
		}
		got, err := s.Open(sealed, context)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%x, %v", got, err)
		}
		i := rapid.IntRange(0, len(sealed)-1).Draw(t, "i")
		sealed[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := s.Open(sealed, context); !errors.Is(err, ErrOpen) {
			t.Fatalf("damage at %d: %v", i, err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	sealed, err := sealer(t, 1).Seal([]byte("secret"), "key/1")
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"other key":     func() ([]byte, error) { return sealer(t, 2).Open(sealed, "key/1") },
		"other context": func() ([]byte, error) { return sealer(t, 1).Open(sealed, "key/2") },
		"short":         func() ([]byte, error) { return sealer(t, 1).Open(sealed[:20], "key/1") },
		"empty":         func() ([]byte, error) { return sealer(t, 1).Open(nil, "key/1") },
	} {
		if _, err := open(); !errors.Is(err, ErrOpen) || !fault.Is(err, fault.Internal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewSealer(make([]byte, 16), rand.Reader); err == nil {
		t.Error("a short key was taken")
	}
}

func TestSealsDiffer(t *testing.T) {
	s := sealer(t, 1)
	a, _ := s.Seal([]byte("x"), "c")
	b, _ := s.Seal([]byte("x"), "c")
	if bytes.Equal(a, b) {
		t.Fatal("a nonce came twice")
	}
}

func TestNoRandomness(t *testing.T) {
	s, err := NewSealer(make([]byte, SealKeyLen), strings.NewReader("short"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Seal(nil, ""); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Seal: %v", err)
	}
	if _, err := NewAPIKey(strings.NewReader("short"), 1); !fault.Is(err, fault.Unavailable) {
		t.Errorf("NewAPIKey: %v", err)
	}
}

func TestAPIKey(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		raw, err := NewAPIKey(rand.Reader, 7)
		if err != nil {
			t.Fatal(err)
		}
		if id, ok := APIKeyPartner(raw); !ok || id != 7 || len(raw) < 32 || seen[raw] {
			t.Fatalf("%q gives %d, %v", raw, id, ok)
		}
		if !strings.HasSuffix(raw, Hint(raw)) || len(Hint(raw)) != 4 {
			t.Fatalf("hint %q", Hint(raw))
		}
		seen[raw] = true
	}
	tail := ":" + strings.Repeat("a", 40)
	for _, bad := range []string{"", "p_7:short", "x_7" + tail, "p_7" + strings.Repeat("a", 40), "p_0" + tail, "p_-7" + tail, "p_07" + tail, "p_+7" + tail, "Bearer p_7" + tail, "p_99999999999999999999" + tail, "p_7:" + strings.Repeat("a", 300)} {
		if id, ok := APIKeyPartner(bad); ok {
			t.Errorf("%.30q gives %d", bad, id)
		}
	}
}

func TestAlphanumericIsEven(t *testing.T) {
	// Every byte value once: 248 of them are used, each character 4 times.
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	s, err := Alphanumeric(io.MultiReader(bytes.NewReader(all), rand.Reader), 217)
	if err != nil || len(s) != 217 {
		t.Fatalf("%d, %v", len(s), err)
	}
	for _, r := range s[:216] {
		if strings.Count(s[:216], string(r)) > 4 {
			t.Fatalf("%c is favoured", r)
		}
	}
}
