// Package internal holds the test that guards the floors of docs/architecture.md.
package internal

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors maps a path prefix below internal/ to its floor; the longest prefix
// counts. A package may import its own floor and those below.
var floors = map[string]int{
	"clock": 1, "fault": 1, "mailaddr": 1, "message": 1, "dkim": 1, "dsn": 1, "money": 1, "secret": 1, "jwt": 1, "srs": 1, "oauth1": 1, "metric": 1,
	"core":  2,
	"store": 3, "mailstore": 3,
	"mail": 4, "tlscert": 4, "webhook": 4, "lifecycle": 4, "dnscheck": 4, "export": 4, "gate": 4,
	"door":   5,
	"config": 6,
}

// forbidden imports by path prefix below internal/. A trailing "/..." means the
// packages below too.
var forbidden = []struct{ in, what, why string }{
	{"core", "database/sql/...", "the core knows no SQL"},
	{"core", "net", "the core does no I/O"},
	{"core", "net/http/...", "the core knows no HTTP"},
	{"core", "os/...", "the core does no I/O"},
	{"store", "net/http/...", "storage has no web side"},
	{"mailstore", "net/http/...", "storage has no web side"},
	{"mailstore/blob", "posthouse/internal/store/...", "bytes know no rows"},
	{"mailstore/search", "posthouse/internal/store/...", "the index's form knows no rows"},
	{"mailstore/keyring", "posthouse/internal/store/...", "keys know no rows"},
	{"mail", "net/http/...", "mail movement has no web side"},
	{"door", "database/sql/...", "a door knows no SQL"},
	{"door", "posthouse/internal/store/...", "a door knows no rows: rules are in the core"},
	{"", "testing/...", "test support ends in \"test\""},
	{"", "math/rand/...", "randomness is given"},
}

// impure is what no package of floor 1 imports: I/O, and randomness that isn't given.
var impure = []string{"os/...", "net", "net/http/...", "net/smtp", "database/sql/...", "crypto/rand"}

// parts are the packages of the core that hold commands, each of which imports
// only those before it. Every other package of the core is a noun and imports
// none of them.
var parts = []string{
	"work", "ticket", "tenancy", "pricing", "customers", "reselling", "billing", "routing", "dnssetup", "outbox", "packages",
	"mailboxes", "ordering", "selling", "holders", "retail", "signin", "schedule", "provision",
}

// part is the place of a package in that order; -1 is a noun, or not the core.
func part(pkg string) int {
	name, ok := strings.CutPrefix(pkg, "core/")
	if !ok {
		return -1
	}
	return slices.Index(parts, name)
}

func matches(what, imp string) bool {
	if prefix, ok := strings.CutSuffix(what, "/..."); ok {
		return imp == prefix || strings.HasPrefix(imp, prefix+"/")
	}
	return imp == what
}

// testSupport reports whether a package is there for tests only.
func testSupport(pkg string) bool { return strings.HasSuffix(pkg, "test") }

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
		if in && matches(f.what, imp) {
			out = append(out, f.why)
		}
	}
	if floor, _ := floorOf(pkg); floor == 1 && pkg != "clock" {
		for _, what := range impure {
			if matches(what, imp) {
				out = append(out, "the first floor is pure")
			}
		}
	}
	target, ok := strings.CutPrefix(imp, "posthouse/internal/")
	if !ok {
		return out
	}
	from, okFrom := floorOf(pkg)
	to, okTo := floorOf(target)
	switch {
	case testSupport(target):
		out = append(out, "is for tests only")
	case !okFrom:
		out = append(out, "has no floor: add it to docs/architecture.md and here")
	case !okTo:
		out = append(out, target+" has no floor")
	case to > from:
		out = append(out, "imports a higher floor")
	}
	if strings.HasPrefix(pkg, "core/") && part(target) >= 0 && part(target) >= part(pkg) {
		out = append(out, "parts of the core import those before them only")
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

// TestEveryPackageIsOnThePage wants each package in the table of floors of
// docs/architecture.md.
func TestEveryPackageIsOnThePage(t *testing.T) {
	page, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n## Floors\n")
	table, _, found := strings.Cut(table, "\n## ")
	if !found {
		t.Fatal("docs/architecture.md has no table of floors")
	}
	seen := map[string]bool{}
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if pkg != "." && !strings.Contains("/"+pkg+"/", "/testdata/") && !seen[pkg] {
			seen[pkg] = true
			if !strings.Contains(table, "`"+pkg+"`") {
				t.Errorf("the table of floors in docs/architecture.md does not name %s", pkg)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
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
		{"door/titan", "posthouse/internal/store/sqldb"}, {"door/imapd", "database/sql"}, {"secret", "crypto/rand"}, {"dkim", "net"},
		{"mailstore/blob", "posthouse/internal/store/sqldb"}, {"mail/login", "posthouse/internal/store/pgtest"},
		{"mailstore", "testing"}, {"core/order", "posthouse/internal/core/work"}, {"core/ordering", "posthouse/internal/core/selling"},
		{"core/work", "posthouse/internal/core/provision"},
	} {
		if len(breaches(tc.pkg, tc.imp)) == 0 {
			t.Errorf("%s may import %s", tc.pkg, tc.imp)
		}
	}
	if b := breaches("door/titan", "posthouse/internal/core/provision"); len(b) != 0 {
		t.Errorf("a door may not import the core: %v", b)
	}
}
