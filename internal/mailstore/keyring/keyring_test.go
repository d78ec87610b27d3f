package keyring_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posthouse/internal/mailstore/keyring"
)

func establish(t *testing.T, path string, check []byte, data bool) (*keyring.Keyring, []byte, error) {
	t.Helper()
	k, err := keyring.Open(path, rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	check, err = k.Establish(check, data)
	return k, check, err
}

func TestFirstStartMakesAPrivateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "master.key")
	first, check, err := establish(t, path, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, err %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".master-key-*")); len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
	key, err := first.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := first.Wrap(key, []byte("mailbox 7"))
	if err != nil || len(wrapped) != keyring.KeySize+keyring.WrapOverhead || bytes.Contains(wrapped, key[:8]) {
		t.Fatalf("wrapped %x, err %v", wrapped, err)
	}
	again, _, err := establish(t, path, check, true)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Unwrap(wrapped, []byte("mailbox 7")); err != nil || got != key {
		t.Fatalf("after a restart: %v", err)
	}
	if _, err := again.Unwrap(wrapped, []byte("mailbox 8")); err == nil {
		t.Fatal("a key of mailbox 7 opened as that of mailbox 8")
	}
	a, _ := first.Derive("a")
	a2, _ := again.Derive("a")
	b, _ := again.Derive("b")
	if a != a2 || a == b || a == key {
		t.Fatal("derived keys")
	}
}

func TestRefusals(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.key")
	_, check, err := establish(t, good, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.key")
	if _, _, err := establish(t, other, nil, false); err != nil {
		t.Fatal(err)
	}
	write := func(mode os.FileMode, text []byte) string {
		p := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(p, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
		return p
	}
	absent := filepath.Join(t.TempDir(), "absent")
	for _, c := range []struct {
		name, path string
		check      []byte
		data       bool
		want       string
	}{
		{"absent over data", absent, check, true, "missing"},
		{"absent with a check only", absent, check, false, "missing"},
		{"absent over blobs without a check", absent, nil, true, "missing"},
		{"another key", other, check, true, "not the one"},
		{"group may read", write(0o640, text), check, true, "chmod 600"},
		{"others may read", write(0o604, text), check, true, "chmod 600"},
		{"empty", write(0o600, nil), check, true, "not a master key file"},
		{"cut", write(0o600, text[:len(text)-9]), check, true, "not a master key file"},
		{"foreign", write(0o600, []byte("-----BEGIN PRIVATE KEY-----\n")), nil, false, "not a master key file"},
		{"a folder", t.TempDir(), check, true, "not a regular file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, _ := os.ReadFile(c.path)
			_, _, err := establish(t, c.path, c.check, c.data)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if after, _ := os.ReadFile(c.path); !bytes.Equal(before, after) {
				t.Fatal("the file changed")
			}
			if _, err := os.Stat(absent); err == nil {
				t.Fatal("a new key was made over old data")
			}
		})
	}
}

func FuzzOpenTo(f *testing.F) {
	aead, err := keyring.AEAD(keyring.Key{1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Add(make([]byte, keyring.WrapOverhead))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if _, err := keyring.OpenTo(aead, nil, sealed, nil); err == nil {
			t.Fatal("opened something that was never sealed")
		}
	})
}
