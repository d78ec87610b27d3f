package tlscert

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
)

func leaf(t *testing.T, c *tls.Certificate) *x509.Certificate {
	t.Helper()
	x, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestCreateThenReuse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	clk := clock.NewManual(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	a, err := LoadOrCreate(dir, "mx.example.com", rand.Reader, clk, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	x := leaf(t, a.get())
	for _, name := range []string{"mx.example.com", "localhost", "127.0.0.1", "::1"} {
		if err := x.VerifyHostname(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	st, err := os.Stat(filepath.Join(dir, "key.pem"))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", st, err)
	}
	b, err := LoadOrCreate(dir, "other.example.com", rand.Reader, clk, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if leaf(t, b.get()).SerialNumber.Cmp(x.SerialNumber) != 0 {
		t.Error("an existing certificate was replaced")
	}
}

func TestReplacedFilesAreTakenUp(t *testing.T) {
	dir, fresh := t.TempDir(), t.TempDir()
	clk := clock.NewManual(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	log := slog.New(slog.DiscardHandler)
	c, err := LoadOrCreate(dir, "a.example.com", rand.Reader, clk, log)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrCreate(fresh, "b.example.com", rand.Reader, clk, log); err != nil {
		t.Fatal(err)
	}
	copyFile := func(name string) {
		b, err := os.ReadFile(filepath.Join(fresh, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		later := time.Now().Add(time.Hour)
		if err := os.Chtimes(filepath.Join(dir, name), later, later); err != nil {
			t.Fatal(err)
		}
	}
	copyFile("cert.pem") // half a replacement: the old pair stays
	clk.Advance(2 * time.Minute)
	if got := leaf(t, c.get()).Subject.CommonName; got != "a.example.com" {
		t.Fatalf("half-replaced pair served: %s", got)
	}
	copyFile("key.pem")
	clk.Advance(2 * time.Minute)
	if got := leaf(t, c.get()).Subject.CommonName; got != "b.example.com" {
		t.Fatalf("new pair not served: %s", got)
	}
}

func TestHalfAPairIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := LoadOrCreate(dir, "h", rand.Reader, clock.System(), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "key.pem") {
		t.Fatalf("got %v", err)
	}
}
