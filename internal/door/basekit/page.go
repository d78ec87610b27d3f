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
- A POST may carry ` + "`Idempotency-Key`" + `, 1 to 255 visible characters of your choice. A repeat with the same path and fields gets the first answer again
  for 24 hours, with ` + "`Idempotency-Replayed: true`" + `, and does nothing; with others it is 400. While the first is under way, 503 with ` + "`Retry-After`" + `. What
  failed is not kept. Without the header the same call twice is two calls: a package that is assigned again is renewed again.
- A ref of a path that can't be one names nothing: 404. At most 2,000 fields and 1 MiB of body are read.

## How replies are written

- One key names the thing: ` + "`{\"accountHolder\":{...}}`" + `, ` + "`{\"mailboxes\":[...]}`" + `. 204 has neither body nor content type.
- A date is ` + "`{\"date\":\"2026-11-22 10:00:00.000000\",\"timezone_type\":3,\"timezone\":\"UTC\"}`" + `.
- Everything from 400 on is ` + "`{\"status\":400,\"code\":\"invalid_data\",\"message\":\"Invalid data\",\"errors\":{FIELD:{RULE:TEXT}},...}`" + `; rules are required,
  invalid, tooShort, alreadyExists, limitReached and notAllowed. 405 has ` + "`Allow`" + `, 429 ` + "`Retry-After`" + `.

## Limits

- Headers have at most 256 KiB; a query counts among them.
- What the HTTP server refuses before it knows the request is not in this form but a line of text with ` + "`Connection: close`" + `: a malformed request
  line or header, no ` + "`Host`" + ` (400), headers that are too large (431), a transfer encoding that it does not know (501). No client library sends such;
  the server of Go's standard library has no place to say it in another form, and changing its bytes on their way out would be worse.
- A call of this API at a host name that is no brand's is 404 with ` + "`\"code\":\"unknown_host\"`" + ` on addresses that are shared with other APIs, once any
  brand has a host name. The log tells the operator of the name, once a minute.

## Operations

| section | method | path | success | rights |
| --- | --- | --- | --- | --- |
`)
	for _, op := range Operations() {
		fmt.Fprintf(&b, "| %s | %s | `%s` | %d | %s |\n", op.Section, op.Method, op.Path, op.Status, op.Rights)
	}
	b.WriteString("\n## Parameters\n\nOf query and body. What stands nowhere here has none.\n")
	for _, op := range Operations() {
		writeParameters(&b, op)
	}
	return b.String()
}

// writeParameters lists the parameters of one operation: those it needs as they
// come, the others by kind.
func writeParameters(b *strings.Builder, op Operation) {
	var required []string
	optional := map[string][]string{}
	for _, p := range op.Parameters {
		switch {
		case p.InPath:
		case p.Required:
			required = append(required, fmt.Sprintf("`%s` (%s)", p.Name, p.Kind))
		default:
			optional[p.Kind] = append(optional[p.Kind], "`"+p.Name+"`")
		}
	}
	if len(required) == 0 && len(optional) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s %s\n\n", op.Method, op.Path)
	if len(required) > 0 {
		fmt.Fprintf(b, "- required: %s\n", strings.Join(required, ", "))
	}
	for _, kind := range parameterKinds {
		if names := optional[kind]; len(names) > 0 {
			fmt.Fprintf(b, "- %s: %s\n", kind, strings.Join(names, ", "))
		}
	}
}

// parameterKinds are all kinds, in the order of the page.
var parameterKinds = []string{"string", "integer", "flag", "date", "object", "array"}
