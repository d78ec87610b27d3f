package provision_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocListsEveryMethod: a part's doc.go is where one looks for what there is.
func TestDocListsEveryMethod(t *testing.T) {
	parts, err := filepath.Glob("../*/service.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, part := range parts {
		if dir := filepath.Dir(part); dir != "../work" && dir != "../provision" {
			n += listed(t, dir)
		}
	}
	if n < 300 {
		t.Errorf("only %d methods were found", n)
	}
}

// listed wants each exported method of a part's Service in its doc.go, and counts them.
func listed(t *testing.T, dir string) int {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(dir, "doc.go"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	exported := regexp.MustCompile(`(?m)^func \(s \*Service\) ([A-Z]\w*)\(`)
	n := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range exported.FindAllStringSubmatch(string(text), -1) {
			n++
			if !regexp.MustCompile(`\b` + m[1] + `\b`).Match(list) {
				t.Errorf("%s of %s is not in doc.go", m[1], name)
			}
		}
	}
	return n
}
