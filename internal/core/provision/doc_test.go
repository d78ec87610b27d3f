package provision_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocListsEveryMethod: doc.go is where one looks for what there is.
func TestDocListsEveryMethod(t *testing.T) {
	list, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
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
	if n < 100 {
		t.Errorf("only %d methods were found", n)
	}
}
