package resellerclub

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// form is how a reply is written; the path's suffix says it (section 2).
type form int

const (
	asJSON form = iota
	asXML
)

// style is what surrounds a reply.
type style int

const (
	plain   style = iota // section 3
	mail                 // wrapped in "response" (section 9)
	restful              // /restapi (section 15)
)

// operation is one row of the contract: its data makes the routes, the docs and
// the tests.
type operation struct {
	path    string   // below /api/ without its suffix, or below /restapi/ with {names}
	methods []string // the first one is the contract's
	tier    string   // "A", "B", "C"
	section string   // of the contract: "7.1"
	params  []param
	style   style
	serve   func(ctx context.Context, c *call, p *params) (any, error)
}

// param is one parameter, for the docs and the tests.
type param struct {
	name     string
	kind     string // "Integer", "String", "Boolean", "Float", "Array of Integers", ...
	required bool
}

var (
	get   = []string{http.MethodGet, http.MethodPost} // reads
	post  = []string{http.MethodPost}                 // changes; GET for test resellers
	patch = []string{http.MethodPatch}
	del   = []string{http.MethodDelete}
)

// styleOf is the style of an operation, also of a path that is none.
func styleOf(path string, op *operation) style {
	switch {
	case op != nil:
		return op.style
	case strings.HasPrefix(path, "/restapi/"):
		return restful
	default:
		return plain
	}
}

func (op *operation) allows(method string, test bool) bool {
	return slices.Contains(op.methods, method) || test && method == http.MethodGet && op.methods[0] == http.MethodPost
}

// operations are all rows, area by area.
func operations() []*operation {
	return slices.Concat(
		mailOperations(),
		productOperations(),
		resellerOperations(),
		customerOperations(),
		emailOrderOperations(),
		orderLifeOperations(),
		restOrderOperations(),
		transactionOperations(),
		billingOperations(),
	)
}

// routes finds operations by path.
type routes struct {
	api  map[string]*operation
	rest []*operation
}

func newRoutes(ops []*operation) *routes {
	r := &routes{api: map[string]*operation{}}
	for _, op := range ops {
		if op.style == restful {
			r.rest = append(r.rest, op)
		} else {
			r.api[op.path] = op
		}
	}
	return r
}

func (r *routes) find(path string) (*operation, form, map[string]string) {
	if rest, ok := strings.CutPrefix(path, "/restapi/"); ok {
		return r.findRest(rest)
	}
	rest, ok := strings.CutPrefix(path, "/api/")
	if !ok {
		return nil, asJSON, nil
	}
	if name, ok := strings.CutSuffix(rest, ".json"); ok {
		return r.api[name], asJSON, nil
	}
	if name, ok := strings.CutSuffix(rest, ".xml"); ok {
		return r.api[name], asXML, nil
	}
	return nil, asJSON, nil
}

// findRest matches segments; "{name}" takes any one.
func (r *routes) findRest(path string) (*operation, form, map[string]string) {
	have := strings.Split(path, "/")
	for _, op := range r.rest {
		want := strings.Split(op.path, "/")
		if len(want) != len(have) {
			continue
		}
		named, ok := map[string]string{}, true
		for i, w := range want {
			switch {
			case strings.HasPrefix(w, "{"):
				named[strings.Trim(w, "{}")] = have[i]
			case w != have[i]:
				ok = false
			}
		}
		if ok {
			return op, asJSON, named
		}
	}
	return nil, asJSON, nil
}
