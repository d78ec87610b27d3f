package resellerclub

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"posthouse/internal/goldentest"
)

func TestReferencePage(t *testing.T) {
	goldentest.Page(t, "../../../docs/resellerclub.md", Page(), "go generate ./internal/door/resellerclub")
}

// The route table is whole: every row has what the docs and the tests are made of.
func TestRouteTable(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range operations() {
		key := op.path
		if op.style == restful {
			key = op.methods[0] + " " + op.path
		}
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		if op.serve == nil || op.section == "" || !slices.Contains([]string{"A", "B", "C"}, op.tier) || strings.HasPrefix(op.path, "/") || strings.HasSuffix(op.path, ".json") {
			t.Errorf("%+v is not whole", op)
		}
		names := map[string]bool{}
		for _, p := range op.params {
			if names[p.name] || !slices.Contains(kinds, p.kind) {
				t.Errorf("%s: parameter %+v", op.path, p)
			}
			names[p.name] = true
		}
		want := [][]string{get, post}
		if op.style == restful {
			want = [][]string{{http.MethodGet}, get, post, patch, del}
		}
		if !slices.ContainsFunc(want, func(m []string) bool { return slices.Equal(m, op.methods) }) {
			t.Errorf("%s: methods %v", op.path, op.methods)
		}
	}
}

var kinds = []string{"JSON", "Integer", "String", "Boolean", "Float", "Array of Integers", "Array of Strings"}
