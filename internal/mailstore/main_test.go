package mailstore

import (
	"flag"
	"os"
	"testing"
)

// TestMain makes property tests shorter: each step is a durable commit. The
// command line says otherwise with -rapid.checks.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
