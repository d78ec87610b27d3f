package titan

import (
	"fmt"
	"strings"
)

//go:generate go test -run TestOperationsPage -update

// Page is the reference of the operations, made from the route table.
func Page() string {
	var b strings.Builder
	b.WriteString(`# Titan API: operations

<!-- Generated from internal/door/titan by "go generate ./internal/door/titan"; don't edit. -->

The contract is Titan's partner API. Reads answer GET with a query and POST with a JSON body of the same names; writes
answer POST. Paths are compared without regard to case when there is no exact match, and a trailing slash does not
count. Send the raw API key in ` + "`Authorization`" + `. Every answer is a JSON object with ` + "`reqID`" + `.

## How requests are read

- A body has at most 1 MiB, 32 levels and, in what is read, 1,000 items per array. An empty body, and ` + "`[]`" + `, count as ` + "`{}`" + `.
- A key twice in one object, or a parameter twice in a query, is refused. Unknown keys are ignored; ` + "`null`" + ` is absent.
- Numbers may be strings; booleans may be true, false, "true", "false", 1, 0, "1", "0". Blank numbers, booleans, dates and
  enumeration values are absent. Amounts are plain decimals from 0 on with at most two places.
- ` + "`source`, `locale` and `sourceContext`" + ` are taken from ` + "`metadata`" + ` when absent; a value there that does not fit is not used.
- A value of the wrong type is BAD_REQUEST and names the field. ` + "`attrs.reason`" + ` is UNPARSABLE, BODY_TOO_LARGE, TOO_DEEP,
  TOO_MANY_ITEMS, DUPLICATE_KEY, MISSING_FIELD or INVALID_FIELD, or the reason of a rule.

## Route table

| # | operation | method | path | aliases | served |
| --- | --- | --- | --- | --- | --- |
`)
	ops := Operations()
	for _, op := range ops {
		served := "not yet"
		if op.Served {
			served = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` | %s | %s |\n", op.Number, op.Title, op.Method, op.Path, code(op.Aliases, "<br>"), served)
	}
	b.WriteString("\nWhat is not served yet answers as an unregistered endpoint does.\n")
	for _, op := range ops {
		if !op.Served {
			continue
		}
		fmt.Fprintf(&b, "\n## %s %s\n\n`%s %s`\n", op.Number, op.Title, op.Method, op.Path)
		table(&b, "request", op.Request)
		if op.Number == "24" {
			table(&b, "`data` of REFUND_ISSUED and of each entry of REFUND_ISSUED_BULK", refundFields())
			table(&b, "`data` of CREDIT_ISSUED, as far as it is read", creditFields())
			table(&b, "`data` of MAIL_ORDER_SETUP_COMPLETED, as far as it is read", setUpFields())
			b.WriteString("\nThe entries of a bulk event are those of `data.orders`, else of the first array in `data`: at most 100, all or none.\n")
		}
		table(&b, "response", append([]Field{{Name: "reqID", Kind: Text}}, op.Response...))
	}
	return b.String()
}

func table(b *strings.Builder, title string, fields []Field) {
	if len(fields) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| %s | type | |\n| --- | --- | --- |\n", title)
	rows(b, "", fields)
}

func rows(b *strings.Builder, path string, fields []Field) {
	for _, f := range fields {
		star := ""
		if f.Required {
			star = "*"
		}
		fmt.Fprintf(b, "| `%s%s`%s | %s | %s |\n", path, f.Name, star, f.Kind.Wire(), remarks(f))
		below := path + f.Name + "."
		if f.Kind == List {
			below = path + f.Name + "[]."
		}
		rows(b, below, f.Fields)
	}
}

func remarks(f Field) string {
	var parts []string
	if f.Note != "" {
		parts = append(parts, f.Note)
	}
	if f.Kind == Date {
		parts = append(parts, "yyyy-MM-dd")
	}
	if len(f.Values) > 0 {
		parts = append(parts, code(f.Values, " "))
	}
	if len(f.Also) > 0 {
		parts = append(parts, "also "+code(f.Also, ", "))
	}
	return strings.Join(parts, "; ")
}

func code(texts []string, between string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = "`" + t + "`"
	}
	return strings.Join(quoted, between)
}
