// Package internal holds the test that guards the floors of docs/architecture.md.
package internal

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// floors maps a path prefix below internal/ to its floor; the longest prefix
// counts. A package may import its own floor and those below.
var floors = map[string]int{
	"clock": 1, "fault": 1, "mailaddr": 1, "message": 1, "dkim": 1, "dsn": 1, "money": 1, "secret": 1,
	"core":  2,
	"store": 3, "mailstore": 3,
	"mail": 4, "tlscert": 4,
	"door":   5,
	"config": 6,
}

// forbidden imports by path prefix below internal/.
var forbidden = []struct{ in, what, why string }{
	{"core", "database/sql", "the core knows no SQL"},
	{"core", "net/http", "the core knows no HTTP"},
	{"core", "os", "the core does no I/O"},
	{"mailaddr", "os", "pure"}, {"message", "os", "pure"}, {"dkim", "os", "pure"}, {"dsn", "os", "pure"}, {"money", "os", "pure"}, {"secret", "os", "pure"},
	{"message", "net/http", "pure"}, {"mailaddr", "net/http", "pure"},
	{"store", "net/http", "storage has no web side"},
	{"mailstore", "net/http", "storage has no web side"},
	{"mail", "net/http", "mail movement has no web side"},
	{"", "math/rand", "randomness is given"},
}

func floorOf(pkg string) (int, bool) {
	for p := pkg; p != "." && p != ""; p = filepath.ToSlash(filepath.Dir(p)) {
		if f, ok := floors[p]; ok {
			return f, true
		}
	}
	return 0, false
}

func door(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "door/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// imports gives the imports of one file.
func imports(t *testing.T, path string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range f.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// breaches says what is wrong with pkg (a path below internal/) importing imp.
func breaches(pkg, imp string) []string {
	var out []string
	for _, f := range forbidden {
		in := f.in == "" || pkg == f.in || strings.HasPrefix(pkg, f.in+"/")
		if in && (imp == f.what || strings.HasPrefix(imp, f.what+"/")) {
			out = append(out, f.why)
		}
	}
	target, ok := strings.CutPrefix(imp, "posthouse/internal/")
	if !ok {
		return out
	}
	from, okFrom := floorOf(pkg)
	to, okTo := floorOf(target)
	switch {
	case !okFrom:
		out = append(out, "has no floor: add it to docs/architecture.md and here")
	case !okTo:
		out = append(out, target+" has no floor")
	case to > from:
		out = append(out, "imports a higher floor")
	}
	if d, e := door(pkg), door(target); d != "" && e != "" && d != e {
		out = append(out, "doors never import each other")
	}
	return out
}

func TestWalls(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if pkg == "." || strings.HasSuffix(pkg, "test") {
			return nil // test support may reach anywhere
		}
		files++
		for _, imp := range imports(t, path) {
			for _, why := range breaches(pkg, imp) {
				t.Errorf("%s imports %s: %s", path, imp, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Fatalf("only %d files seen: the guard looks in the wrong place", files)
	}
}

// TestClockIsGiven refuses the system clock outside package clock.
func TestClockIsGiven(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || pkg == "clock" || strings.HasSuffix(pkg, "test") {
			return nil
		}
		for _, use := range clockUses(t, path) {
			t.Errorf("%s: %s: take a clock.Clock", path, use)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheGuardBites(t *testing.T) {
	for _, tc := range []struct{ pkg, imp string }{
		{"core/order", "database/sql"}, {"core/provision", "net/http"}, {"core/provision", "posthouse/internal/store"},
		{"door/titan", "posthouse/internal/door/imapd"}, {"mail/queue", "posthouse/internal/door/smtpd"},
		{"message", "posthouse/internal/core/order"}, {"nowhere", "posthouse/internal/clock"}, {"mail/queue", "math/rand/v2"},
	} {
		if len(breaches(tc.pkg, tc.imp)) == 0 {
			t.Errorf("%s may import %s", tc.pkg, tc.imp)
		}
	}
	if b := breaches("door/titan", "posthouse/internal/core/provision"); len(b) != 0 {
		t.Errorf("a door may not import the core: %v", b)
	}
}
