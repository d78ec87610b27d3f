package basekit

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"posthouse/internal/core/partner"
)

//go:generate go test -run TestReferencePage -update

// Operation is a row of the route table, for the docs and the tests.
type Operation struct {
	Method     string
	Path       string // with ":name" for what is a parameter
	Section    string // of the contract
	Status     int    // of success
	Rights     partner.Rights
	Parameters []Parameter
}

// Parameter is one of them.
type Parameter struct {
	Name, Kind string
	Required   bool
	InPath     bool
}

// Operations is the whole route table, by section and path.
func Operations() []Operation {
	var out []Operation
	for _, op := range operations() {
		o := Operation{Method: op.method, Path: op.path, Section: op.section, Status: cmp.Or(op.status, http.StatusOK), Rights: op.rights}
		for segment := range strings.SplitSeq(op.path, "/") {
			if parameter(segment) {
				o.Parameters = append(o.Parameters, Parameter{Name: segment[1:], Kind: pathKind(segment[1:]), Required: true, InPath: true})
			}
		}
		for _, p := range op.params {
			o.Parameters = append(o.Parameters, Parameter{Name: p.name, Kind: p.kind, Required: p.required})
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b Operation) int {
		return cmp.Or(bySection(a.Section, b.Section), strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return out
}

// pathKind is of a path's parameter: all are refs, but for names.
func pathKind(name string) string {
	switch name {
	case "user", "name", "domain", "domainName", "hostName":
		return "string"
	}
	return "integer"
}

// bySection orders "5.2" before "5.10".
func bySection(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(x, y string) int {
		n, errX := strconv.Atoi(x)
		m, errY := strconv.Atoi(y)
		if errX != nil || errY != nil {
			return strings.Compare(x, y)
		}
		return cmp.Compare(n, m)
	})
}

// Page is the reference of the operations, made from the route table.
func Page() string {
	var b strings.Builder
	b.WriteString(`# BaseKit brand API: operations

<!-- Generated from internal/door/basekit by "go generate ./internal/door/basekit"; don't edit. -->

Paths begin at the root of the brand's own host name. What proves each of them, and the exact shape of its reply, is in
[basekit-coverage.md](basekit-coverage.md); how code moves over, in [basekit-integrate.md](basekit-integrate.md).

## How requests are read

- HTTP Basic or OAuth 1.0a with the credentials of one of the brand's API users. What is wrong with them is 401 with
  ` + "`WWW-Authenticate: Basic realm=\"rest\"`" + `; what this user may not do is 403; what is another brand's, 404.
- Fields travel in a JSON body, a form-encoded one or the query; the body counts before the query, of a repeated field the last. ` + "`a[b]`" + ` is
  the key ` + "`b`" + ` of the object ` + "`a`" + `. A body may be empty, with or without a content type; that of GET and DELETE is not read.
- Integers may be texts of digits, flags 0, 1, true or false as number, text or Boolean. A field that is null or not known is as one not sent.
- Dates are the object that replies have, ` + "`yyyy-MM-dd HH:mm:ss`" + ` in the brand's zone, or RFC 3339.
- A ref of a path that can't be one names nothing: 404. At most 2,000 fields and 1 MiB of body are read.

## How replies are written

- One key names the thing: ` + "`{\"accountHolder\":{...}}`" + `, ` + "`{\"mailboxes\":[...]}`" + `. 204 has neither body nor content type.
- A date is ` + "`{\"date\":\"2026-11-22 10:00:00.000000\",\"timezone_type\":3,\"timezone\":\"UTC\"}`" + `.
- Everything from 400 on is ` + "`{\"status\":400,\"code\":\"invalid_data\",\"message\":\"Invalid data\",\"errors\":{FIELD:{RULE:TEXT}},...}`" + `; rules are required,
  invalid, tooShort, alreadyExists, limitReached and notAllowed. 405 has ` + "`Allow`" + `, 429 ` + "`Retry-After`" + `.

## Operations

| section | method | path | parameters (* required) | success | rights |
| --- | --- | --- | --- | --- | --- |
`)
	for _, op := range Operations() {
		var params []string
		for _, p := range op.Parameters {
			if p.InPath {
				continue
			}
			star := ""
			if p.Required {
				star = "*"
			}
			params = append(params, fmt.Sprintf("`%s`%s %s", p.Name, star, p.Kind))
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %d | %s |\n", op.Section, op.Method, op.Path, strings.Join(params, "<br>"), op.Status, op.Rights)
	}
	return b.String()
}
