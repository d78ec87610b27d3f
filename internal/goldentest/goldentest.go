// Package goldentest compares what code makes with files of the repository:
// golden files, and pages that are generated.
package goldentest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write golden files and generated pages")

// Compare wants the file at path to be got; with -update it writes it.
func Compare(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update and look)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and look): %s", path, difference(string(want), got))
	}
}

// Page is Compare of a generated page, which is long: how says what writes it.
func Page(t testing.TB, path, got, how string) {
	t.Helper()
	if *update {
		Compare(t, path, got)
		return
	}
	if have, err := os.ReadFile(path); err != nil {
		t.Fatal(err)
	} else if string(have) != got {
		t.Errorf("%s is stale: %s", path, how)
	}
}

// difference names the first line that differs, and shows all.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		a, b := "", ""
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\n  want %s\n  got  %s\n\nall:\n%s", i+1, a, b, got)
		}
	}
	return ""
}
