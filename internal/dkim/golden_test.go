package dkim

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGolden signs with fixed keys at a fixed time. The result has been verified
// by independent implementations: see testdata/README.md.
func TestGolden(t *testing.T) {
	signers, records := keys(t)
	var zone strings.Builder
	for _, s := range signers {
		name := s.Selector + "._domainkey." + s.Domain
		zone.WriteString(name + " " + records[name] + "\n")
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

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
