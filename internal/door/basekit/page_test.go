package basekit

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"posthouse/internal/goldentest"
)

func TestReferencePage(t *testing.T) {
	goldentest.Page(t, "../../../docs/basekit.md", Page(), "go generate ./internal/door/basekit")
}

// The route table is whole: every row has what the docs and the tests are made of.
func TestRouteTable(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range operations() {
		key := op.method + " " + op.path
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		if op.serve == nil || op.section == "" || !strings.HasPrefix(op.path, "/") || strings.HasSuffix(op.path, "/") {
			t.Errorf("%s is not whole", key)
		}
		if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}, op.method) {
			t.Errorf("%s: its method", key)
		}
		if !slices.Contains([]int{0, http.StatusOK, http.StatusCreated, http.StatusNoContent}, op.status) {
			t.Errorf("%s: status %d", key, op.status)
		}
		names := map[string]bool{}
		for segment := range strings.SplitSeq(op.path, "/") {
			if !parameter(segment) {
				continue
			}
			if names[segment] || segment == ":" {
				t.Errorf("%s: %s", key, segment)
			}
			names[segment] = true
		}
		for _, p := range op.params {
			if names[p.name] || !slices.Contains(parameterKinds, p.kind) {
				t.Errorf("%s: parameter %+v", key, p)
			}
			names[p.name] = true
		}
	}
}
