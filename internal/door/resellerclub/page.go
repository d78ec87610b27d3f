package resellerclub

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

//go:generate go test -run TestReferencePage -update

// Operation is a row of the route table, for the docs and the tests.
type Operation struct {
	Path       string // as it is called, without the suffix: "/api/eelite/us/add"
	Methods    []string
	Change     bool // POST only, but GET too for test resellers
	Tier       string
	Section    string // of the contract
	Parameters []Parameter
	Rest       bool // below /restapi
	Mail       bool // wrapped in "response"
}

// Parameter is one of them, besides those of authentication.
type Parameter struct {
	Name, Kind string
	Required   bool
	InPath     bool
}

// Operations is the whole route table.
func Operations() []Operation {
	var out []Operation
	for _, op := range operations() {
		o := Operation{Path: "/api/" + op.path, Methods: op.methods, Tier: op.tier, Section: op.section, Mail: op.style == mail, Change: op.methods[0] == http.MethodPost}
		if op.style == restful {
			o.Path, o.Rest = "/restapi/"+op.path, true
		}
		for segment := range strings.SplitSeq(op.path, "/") {
			if name, ok := strings.CutPrefix(segment, "{"); ok {
				o.Parameters = append(o.Parameters, Parameter{Name: strings.TrimSuffix(name, "}"), Kind: "String", Required: true, InPath: true})
			}
		}
		for _, p := range op.params {
			if i := slices.IndexFunc(o.Parameters, func(q Parameter) bool { return q.Name == p.name }); i >= 0 {
				o.Parameters[i].Kind = p.kind
				continue
			}
			o.Parameters = append(o.Parameters, Parameter{Name: p.name, Kind: p.kind, Required: p.required})
		}
		out = append(out, o)
	}
	return out
}

// Page is the reference of the operations, made from the route table.
func Page() string {
	var b strings.Builder
	b.WriteString(`# ResellerClub API: operations

<!-- Generated from internal/door/resellerclub by "go generate ./internal/door/resellerclub"; don't edit. -->

Each path below ` + "`/api/`" + ` ends in ` + "`.json`" + ` or ` + "`.xml`" + `, which chooses the form of the reply; those below ` + "`/restapi/`" + ` have no suffix
and answer in JSON. What proves each of them, and the exact shape of its reply, is in [resellerclub-coverage.md](resellerclub-coverage.md).

## How requests are read

- ` + "`auth-userid`" + ` (the reseller's id) and ` + "`api-key`" + `, or the older ` + "`auth-password`" + `, are parameters of every call.
- Parameters travel in the query, in a form-encoded or untyped body, in the fields of a multipart body, or in several of these. Of a single-valued
  name the last value that is not empty counts, the body's before the query's; of a list all count, each once. A body of another type is not read.
- Lists are the same name again, ` + "`name[]`" + ` or ` + "`name[0]`" + `. Unknown and empty parameters are ignored.
- Booleans are true, false, 1 or 0; dates are UNIX seconds; amounts are decimal numbers with at most three places. What is percent-encoded wrongly
  stands for itself; values that are no UTF-8 or hold NUL are invalid.
- At most 2,000 parameters, 1 MiB of body and 256 KiB of query and headers are read.
- Reads take GET and POST. Changes take POST, and GET as well from resellers that are flagged as test.

## How replies are written

- 200 is a success. Everything else is ` + "`{\"status\":\"ERROR\",\"message\":\"...\"}`" + ` below /api/, and
  ` + "`{\"status\":\"error\",\"error\":\"...\",\"message\":\"...\"}`" + ` below /restapi/: 403 for a wrong key or an address that is not allowed, 404 for
  an unknown path, 429 with Retry-After for too much, 500 for the rest.
- What is wrong with parameters is listed in the message: ` + "`{name=name must not be blank, other=other is invalid}`" + `.
- Replies of ` + "`mail/...`" + ` are wrapped: ` + "`{\"response\":{\"status\":\"SUCCESS\",...}}`" + `; their own errors are FAILURE with an errorCode and HTTP 200.
- The XML twin of a JSON reply: an object is ` + "`<hashtable>`" + ` of ` + "`<entry><string>key</string>value</entry>`" + `, a list ` + "`<vector>`" + `, a string
  ` + "`<string>`" + `, a number ` + "`<int>` or `<float>`" + `, a Boolean ` + "`<boolean>`" + `; an error is ` + "`<response><status>ERROR</status><message>...</message></response>`" + `.
  XML is written in ASCII; characters that XML 1.0 can't hold become U+FFFD.

## Operations

The tier is the contract's: A is in the vendor's documents, B is called by live integrations, C is known by name.

| method | path | parameters (* required) | tier |
| --- | --- | --- | --- |
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
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", strings.Join(op.Methods, ", "), op.Path, strings.Join(params, "<br>"), op.Tier)
	}
	return b.String()
}
