package basekit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	door "posthouse/internal/door/basekit"
	"posthouse/internal/goldentest"
)

//go:generate go test -run TestCoveragePage -update

// proof gives the scenarios by endpoint and shape: "PUT /users/:ref ".
func proof() map[string][]string {
	out := map[string][]string{}
	for _, sc := range scenarios() {
		for i := range sc.steps {
			s := &sc.steps[i]
			e := s.proves()
			if e == nil {
				continue
			}
			key := e.verb + " " + e.path + " " + s.shape
			if !slices.Contains(out[key], sc.name) {
				out[key] = append(out[key], sc.name)
			}
		}
	}
	return out
}

// bare is a path whose parameters have no names.
func bare(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, ":") {
			segments[i] = ":"
		}
	}
	return strings.Join(segments, "/")
}

// route gives what the server serves for an endpoint.
func route(e endpoint) *door.Operation {
	for _, op := range door.Operations() {
		if bare(e.path) == bare(op.Path) && op.Method == e.verb {
			return &op
		}
	}
	return nil
}

func page() string {
	var b strings.Builder
	b.WriteString(`# BaseKit brand API: what proves it

<!-- Generated from test/basekit by "go generate ./test/basekit"; don't edit. -->

Every endpoint of the vendor's page (section 5) and its siblings that live clients call, with the exact shape of its reply and the scenarios that
prove it. A scenario of ` + "`test/basekit`" + ` is played against the real binary on SQLite with HTTP Basic and JSON bodies, on SQLite with OAuth 1.0a and form bodies,
and on PostgreSQL with OAuth and JSON; each reply must have exactly the keys and the JSON types of the shape, and an error exactly the form of an error.
Golden files of each envelope are in ` + "`internal/door/basekit/testdata`" + `. Parameters are in [basekit.md](basekit.md).

In a shape ` + "`i`" + ` is a whole number, ` + "`ref`" + ` one from 1 on, ` + "`f`" + ` 0 or 1, ` + "`b`" + ` a Boolean, ` + "`s`" + ` a string, ` + "`id`" + ` one of digits, ` + "`money`" + ` one with two decimals, ` + "`yn`" + ` Y or N,
` + "`d`" + ` a date object; ` + "`a?`" + ` may be missing; other words are objects, which follow below.

| section | endpoint | status | reply | shape | proven by |
| --- | --- | --- | --- | --- | --- |
`)
	proven := proof()
	for _, e := range contract() {
		for _, v := range e.shapes {
			text := "none"
			switch {
			case v.shape != "":
				s, err := parseShape(v.shape)
				if err != nil {
					panic(err)
				}
				text = "`" + s.String() + "`"
			case e.status == 404:
				text = "not built: an error"
			}
			fmt.Fprintf(&b, "| %s | `%s %s` | %d | %s | %s | %s |\n", e.section, e.verb, e.path, e.status, v.name, text, strings.Join(proven[e.verb+" "+e.path+" "+v.name], "<br>"))
		}
	}
	b.WriteString("\n## Objects\n\n| object | shape |\n| --- | --- |\n")
	for _, name := range slices.Sorted(maps.Keys(objects())) {
		s, err := parseShape(objects()[name])
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "| %s | `%s` |\n", name, s.whole())
	}
	return b.String()
}

// A row without proof fails, so does a route that the contract does not have, and
// a page that is not this.
func TestCoveragePage(t *testing.T) {
	proven := proof()
	for _, e := range contract() {
		op := route(e)
		switch {
		case e.status == 404 && op != nil:
			t.Errorf("%s %s is served, though it is not to be built", e.verb, e.path)
		case e.status == 404:
		case op == nil:
			t.Errorf("%s %s is not served", e.verb, e.path)
			continue
		default:
			if op.Section != e.section && !strings.HasPrefix(op.Section, e.section+".") {
				t.Errorf("%s %s is of section %s, not %s", e.verb, e.path, op.Section, e.section)
			}
			if op.Status != e.status {
				t.Errorf("%s %s succeeds with %d, not %d", e.verb, e.path, op.Status, e.status)
			}
		}
		for _, v := range e.shapes {
			if len(proven[e.verb+" "+e.path+" "+v.name]) == 0 {
				t.Errorf("nothing proves %s %s %s", e.verb, e.path, v.name)
			}
		}
	}
	for _, op := range door.Operations() {
		if !slices.ContainsFunc(contract(), func(e endpoint) bool { return bare(e.path) == bare(op.Path) && e.verb == op.Method }) {
			t.Errorf("%s %s is served, but not in the contract", op.Method, op.Path)
		}
	}
	goldentest.Page(t, "../../docs/basekit-coverage.md", page(), "go generate ./test/basekit")
}
