package titan

import (
	"context"
	"net/http"
	"strings"
)

// Method says how an operation may be called (T-02).
type Method int

// The three ways.
const (
	Write Method = iota // POST
	Read                // GET with a query; POST with a body is tolerated
	Both                // either by contract
)

func (m Method) allows(method string) bool {
	return method == http.MethodPost || method == http.MethodGet && m != Write
}

func (m Method) allow() string {
	if m == Write {
		return http.MethodPost
	}
	return http.MethodGet + ", " + http.MethodPost
}

// String is the contract's word.
func (m Method) String() string {
	switch m {
	case Read:
		return "GET"
	case Both:
		return "GET and POST"
	default:
		return "POST"
	}
}

// Operation is one row of the route table (titan.md 8.0).
type Operation struct {
	Number   string
	Title    string
	Method   Method
	Path     string
	Aliases  []string
	Served   bool // false: known, answered as an unregistered endpoint for now
	Request  []Field
	Response []Field // without reqID, which every response has

	open  bool // works without a key
	known map[string]bool
	serve func(context.Context, *call, *record) (reply, error)
}

// routes finds operations: by the exact path, else without regard to case; a
// trailing slash does not count (T-01).
type routes struct {
	exact  map[string]*Operation
	folded map[string]*Operation
}

func newRoutes(bases []string, ops []Operation) *routes {
	if len(bases) == 0 {
		bases = []string{""}
	}
	r := &routes{exact: make(map[string]*Operation), folded: make(map[string]*Operation)}
	for i := range ops {
		op := &ops[i]
		op.known = knownKeys(op.Request)
		for _, base := range bases {
			base = strings.Trim(base, "/")
			if base != "" {
				base = "/" + base
			}
			for _, path := range append([]string{op.Path}, op.Aliases...) {
				r.exact[base+path] = op
				r.folded[strings.ToLower(base+path)] = op
			}
		}
	}
	return r
}

func (r *routes) find(path string) *Operation {
	path = strings.TrimRight(path, "/")
	if op, ok := r.exact[path]; ok {
		return op
	}
	return r.folded[strings.ToLower(path)]
}
