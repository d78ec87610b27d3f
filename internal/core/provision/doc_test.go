package provision_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"

	"posthouse/internal/core/provision"
	"posthouse/internal/core/work"
)

// TestDocsListEveryCommand: a part's doc.go is where one looks for what there is.
// Each lists its own commands, all of them, and nothing that is gone.
func TestDocsListEveryCommand(t *testing.T) {
	n := 0
	service := reflect.TypeFor[*provision.Service]().Elem()
	for i := range service.NumField() {
		part := service.Field(i).Type
		text, err := os.ReadFile(filepath.Join("..", filepath.Base(part.Elem().PkgPath()), "doc.go"))
		if err != nil {
			t.Fatal(err)
		}
		list := listed(string(text))
		platform := reflect.TypeFor[*work.Platform]()
		for j := range part.NumMethod() {
			name := part.Method(j).Name
			if _, ofAll := platform.MethodByName(name); ofAll {
				continue
			}
			n++
			if !list[name] {
				t.Errorf("%s is not in the list of %s", name, part)
			}
			delete(list, name)
		}
		for name := range list {
			t.Errorf("%s is in the list of %s, which has no such command", name, part)
		}
	}
	if n < 300 {
		t.Errorf("only %d commands were found", n)
	}
}

// listed gives the names of a list, several of which may share a line; what is said
// of them behind it is none.
func listed(doc string) map[string]bool {
	names := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^//\t(.*?)(?: +//.*)?$`).FindAllStringSubmatch(doc, -1) {
		for _, m := range regexp.MustCompile(`(?:^|/ )([A-Z]\w*)`).FindAllStringSubmatch(line[1], -1) {
			names[m[1]] = true
		}
	}
	return names
}
