package resellerclub

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	door "posthouse/internal/door/resellerclub"
	"posthouse/internal/goldentest"
)

//go:generate go test -run TestCoveragePage -update

// proof gives the scenarios by endpoint and shape: "POST /api/eelite/us/add NoInvoice".
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

// route gives what the server serves for an endpoint.
func route(e endpoint) *door.Operation {
	for _, op := range door.Operations() {
		if matches(e.path, op.Path) && op.Methods[0] == e.verb {
			return &op
		}
	}
	return nil
}

func page() string {
	var b strings.Builder
	b.WriteString(`# ResellerClub API: what proves it

<!-- Generated from test/resellerclub by "go generate ./test/resellerclub"; don't edit. -->

Every endpoint of the vendor's three documents, and its siblings that live clients call, with the exact shape of its reply and the scenarios that
prove it. A scenario of ` + "`test/resellerclub`" + ` is played against the real binary on SQLite with JSON, on SQLite with XML and on PostgreSQL with JSON; each
reply must have exactly the keys and the JSON types of the shape, and an error exactly the form of an error. Golden files of each shape are in
` + "`internal/door/resellerclub/testdata`" + `. Parameters are in [resellerclub.md](resellerclub.md).

In a shape ` + "`s`" + ` is a string, ` + "`id`" + ` a string of digits, ` + "`money`" + ` a string with three decimals, ` + "`cents`" + ` with two, ` + "`flag`" + ` the string true or false, ` + "`sec`" + ` a string
of UNIX seconds; ` + "`n`, `int` and `b`" + ` are a native number, whole number and Boolean; ` + "`a?`" + ` may be missing; a ` + "`paged`" + ` object is a paged map of such rows.

| endpoint | document | reply | shape | proven by |
| --- | --- | --- | --- | --- |
`)
	proven := proof()
	for _, e := range contract() {
		for _, v := range e.shapes {
			s, err := parseShape(v.shape)
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(&b, "| `%s %s` | %s | %s | `%s` | %s |\n", e.verb, e.path, e.document, v.name, s, strings.Join(proven[e.verb+" "+e.path+" "+v.name], "<br>"))
		}
	}
	return b.String()
}

// A row without proof fails, so does a route that the contract does not have, and
// a page that is not this.
func TestCoveragePage(t *testing.T) {
	proven := proof()
	for _, e := range contract() {
		op := route(e)
		if op == nil {
			t.Errorf("%s %s is not served", e.verb, e.path)
		} else if !strings.HasPrefix(op.Section, e.section) {
			t.Errorf("%s %s is of section %s, not %s", e.verb, e.path, op.Section, e.section)
		}
		for _, v := range e.shapes {
			if len(proven[e.verb+" "+e.path+" "+v.name]) == 0 {
				t.Errorf("nothing proves %s %s %s", e.verb, e.path, v.name)
			}
		}
	}
	for _, op := range door.Operations() {
		if !slices.ContainsFunc(contract(), func(e endpoint) bool { return matches(e.path, op.Path) && e.verb == op.Methods[0] }) {
			t.Errorf("%s %s is served, but not in the contract", op.Methods[0], op.Path)
		}
	}
	goldentest.Page(t, "../../docs/resellerclub-coverage.md", page(), "go generate ./test/resellerclub")
}
