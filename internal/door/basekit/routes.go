package basekit

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"posthouse/internal/core/partner"
)

// operation is one row of the contract: its data makes the routes, the docs and
// the tests.
type operation struct {
	method  string
	path    string         // with ":name" for what is a parameter, as the contract writes it
	section string         // of the contract: "5.5"
	status  int            // of success; 0 = 200
	rights  partner.Rights // "" = any API user's
	asks    bool           // a POST that changes nothing: an idempotency key says nothing
	params  []param        // of the query and the body
	serve   func(ctx context.Context, c *call, in *input) (any, error)
}

// param is one parameter of query or body, for the docs and the tests.
type param struct {
	name     string
	kind     string // "integer", "string", "flag", "object", "array", "date"
	required bool
}

// operations are all rows, area by area.
func operations() []*operation {
	return slices.Concat(
		holderOperations(),
		mailboxOperations(),
		mailServiceOperations(),
		packageOperations(),
		accountPackageOperations(),
		brandOperations(),
		resellerOperations(),
		flowOperations(),
		profileOperations(),
		domainOperations(), orderOperations(), siteOperations(), billingOperations(),
	)
}

// routes finds operations by path.
type routes struct {
	byLength map[int][]*route
}

type route struct {
	segments []string
	methods  map[string]*operation
}

func parameter(segment string) bool { return strings.HasPrefix(segment, ":") }

func newRoutes(ops []*operation) *routes {
	r := &routes{byLength: map[int][]*route{}}
	byPath := map[string]*route{}
	for _, op := range ops {
		segments := strings.Split(strings.TrimPrefix(op.path, "/"), "/")
		// Parameters of one place may have different names: they are one route each,
		// looked at in turn.
		one := byPath[op.path]
		if one == nil {
			one = &route{segments: segments, methods: map[string]*operation{}}
			byPath[op.path] = one
			r.byLength[len(segments)] = append(r.byLength[len(segments)], one)
		}
		one.methods[op.method] = op
	}
	for _, list := range r.byLength { // literals before parameters (section 2)
		slices.SortStableFunc(list, func(a, b *route) int {
			for i := range a.segments {
				if n := cmp.Compare(weight(a.segments[i]), weight(b.segments[i])); n != 0 {
					return n
				}
			}
			return 0
		})
	}
	return r
}

func weight(segment string) int {
	if parameter(segment) {
		return 1
	}
	return 0
}

// sparse is the segment below which the contract has few calls.
const sparse = "sites"

// find gives the operation of a method and a path as it came, still escaped: a
// name may hold "%2F". Without one it gives the methods that the path takes.
func (r *routes) find(method, path string) (*operation, map[string]string, []string) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil, nil, nil
	}
	segments := strings.Split(rest, "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil {
			return nil, nil, nil
		}
		segments[i] = plain
	}
	var allow []string
	for _, one := range r.byLength[len(segments)] {
		named, ok := one.match(segments)
		if !ok {
			continue
		}
		op := one.methods[method]
		if op == nil && method == http.MethodHead {
			op = one.methods[http.MethodGet]
		}
		if op != nil {
			return op, named, nil
		}
		for m := range one.methods {
			if !slices.Contains(allow, m) {
				allow = append(allow, m)
			}
			if m == http.MethodGet && !slices.Contains(allow, http.MethodHead) {
				allow = append(allow, http.MethodHead)
			}
		}
	}
	if segments[0] == sparse { // of section 9, what is not built is 404, whatever the method
		return nil, nil, nil
	}
	slices.Sort(allow)
	return nil, nil, allow
}

func (r *route) match(segments []string) (map[string]string, bool) {
	named := map[string]string{}
	for i, want := range r.segments {
		switch {
		case parameter(want) && segments[i] != "":
			named[want[1:]] = segments[i]
		case want != segments[i]:
			return nil, false
		}
	}
	return named, true
}

func joined(methods []string) string { return strings.Join(methods, ", ") }
