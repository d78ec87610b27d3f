package dkim

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGolden signs with fixed keys at a fixed time. The result has been verified
// by independent implementations: see testdata/README.md.
func TestGolden(t *testing.T) {
	var signers []Signer
	var zone strings.Builder
	for _, selector := range []string{"rsa", "ed25519"} {
		block, _ := pem.Decode(read(t, selector+".pem"))
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		s := Signer{Domain: "example.com", Selector: selector, Key: key.(crypto.Signer)}
		record, err := Record(s.Key.Public())
		if err != nil {
			t.Fatal(err)
		}
		zone.WriteString(selector + "._domainkey.example.com " + record + "\n")
		signers = append(signers, s)
	}
	msg := read(t, "message.eml")
	lines, err := Sign(bytes.NewReader(msg), signedAt, signers)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"signed.eml": append(lines, msg...), "keys.txt": []byte(zone.String())} {
		if want := read(t, name); !bytes.Equal(got, want) {
			t.Errorf("%s has changed; it would be\n%s", name, got)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(filepath.Join("testdata", name), got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
