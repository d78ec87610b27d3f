package native

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"posthouse/internal/core/partner"
)

//go:generate go test -run TestReferencePage -update

// tags are the chapters of the page, in order.
var tags = []string{"Account", "Events", "Webhooks", "Orders", "Invoices", "Forwarders", "Sandbox", "Settings", "Audit"}

// reference is the document as a page for people.
func (d *Door) reference() (string, error) {
	var b strings.Builder
	b.WriteString("# Native API\n\n<!-- Generated from the OpenAPI document by \"go generate ./internal/door/native\"; don't edit. -->\n\n" +
		"The OpenAPI 3.1 document is served at `/v1/openapi.json` and `/v1/openapi.yaml`, to anybody. Start with [integrate.md](integrate.md).\n\n" + intro + "\n\n")
	b.WriteString("**Scopes**: ")
	for i, s := range partner.Scopes() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("`" + string(s) + "`")
	}
	b.WriteString(". A key without scopes may do everything; one that ends in `:write` includes the `:read` of its name. " +
		"Only keys without scopes, or with `titan`, sign JWTs.\n\n| operation | | scope |\n| --- | --- | --- |\n")
	byTag := map[string][]*huma.Operation{}
	paths := d.api.OpenAPI().Paths
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		i := paths[p]
		for _, o := range []*huma.Operation{i.Get, i.Post, i.Put, i.Patch, i.Delete} {
			if o != nil {
				byTag[o.Tags[0]] = append(byTag[o.Tags[0]], o)
			}
		}
	}
	for _, tag := range tags {
		for _, o := range byTag[tag] {
			fmt.Fprintf(&b, "| [`%s %s`](#%s) | %s | %s |\n", o.Method, o.Path, strings.ToLower(o.OperationID), o.Summary, scopeOf(o))
		}
	}
	for _, tag := range tags {
		if len(byTag[tag]) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n", tag)
		for _, o := range byTag[tag] {
			if err := d.entry(&b, o); err != nil {
				return "", err
			}
		}
	}
	b.WriteString("\n## Schemas\n")
	schemas := d.api.OpenAPI().Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		fmt.Fprintf(&b, "\n### %s\n\n| field | type | |\n| --- | --- | --- |\n", name)
		s := schemas[name]
		for _, f := range slices.Sorted(maps.Keys(s.Properties)) {
			star := ""
			if slices.Contains(s.Required, f) {
				star = "*"
			}
			fmt.Fprintf(&b, "| `%s`%s | %s | %s |\n", f, star, typeOf(s.Properties[f]), remarks(s.Properties[f]))
		}
	}
	return b.String(), nil
}

func scopeOf(o *huma.Operation) string {
	if _, rest, ok := strings.Cut(o.Description, "Scope: "); ok {
		return strings.TrimSuffix(rest, ".")
	}
	return "any key"
}

func (d *Door) entry(b *strings.Builder, o *huma.Operation) error {
	fmt.Fprintf(b, "\n### %s\n\n`%s %s`: %s.\n", o.OperationID, o.Method, o.Path, o.Summary)
	if o.Description != "" {
		fmt.Fprintf(b, "\n%s\n", o.Description)
	}
	if len(o.Parameters) > 0 {
		b.WriteString("\n| parameter | in | type | |\n| --- | --- | --- | --- |\n")
		for _, p := range o.Parameters {
			star := ""
			if p.Required {
				star = "*"
			}
			note := remarks(p.Schema)
			if p.Description != "" && !strings.Contains(note, p.Description) {
				note = strings.TrimSuffix(p.Description+"; "+note, "; ")
			}
			fmt.Fprintf(b, "| `%s`%s | %s | %s | %s |\n", p.Name, star, p.In, typeOf(p.Schema), note)
		}
	}
	if o.RequestBody != nil {
		m := o.RequestBody.Content["application/json"]
		if err := example(b, "Request"+schemaLink(m.Schema), m.Example); err != nil {
			return err
		}
	}
	var problems []string
	for _, code := range slices.Sorted(maps.Keys(o.Responses)) {
		r := o.Responses[code]
		if code[0] != '2' {
			problems = append(problems, code)
			continue
		}
		if len(r.Content) == 0 {
			fmt.Fprintf(b, "\nAnswer: %s %s.\n", code, r.Description)
		}
		for media, m := range r.Content {
			title := "Answer " + code + schemaLink(m.Schema)
			if media != "application/json" {
				fmt.Fprintf(b, "\nAnswer %s: `%s`.\n", code, media)
				continue
			}
			if err := example(b, title, m.Example); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(b, "\nProblems: %s.\n", strings.Join(problems, ", "))
	return nil
}

func schemaLink(s *huma.Schema) string {
	name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/")
	if !ok {
		return ""
	}
	return fmt.Sprintf(" ([%s](#%s))", name, strings.ToLower(name))
}

func example(b *strings.Builder, title string, v any) error {
	fmt.Fprintf(b, "\n%s:\n\n```json\n", title)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	b.WriteString("```\n")
	return nil
}

func typeOf(s *huma.Schema) string {
	switch {
	case s.Ref != "":
		name := strings.TrimPrefix(s.Ref, "#/components/schemas/")
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	case s.Type == huma.TypeArray && s.Items != nil:
		return "list of " + typeOf(s.Items)
	case s.Format == "date-time", s.Format == "uuid":
		return s.Format
	}
	return s.Type
}

func remarks(s *huma.Schema) string {
	var parts []string
	if s.Description != "" {
		parts = append(parts, s.Description)
	}
	of := s
	if s.Items != nil {
		of = s.Items
	}
	if len(of.Enum) > 0 {
		var values []string
		for _, v := range of.Enum {
			values = append(values, fmt.Sprintf("`%v`", v))
		}
		parts = append(parts, strings.Join(values, " "))
	}
	if s.Default != nil {
		parts = append(parts, fmt.Sprintf("default `%v`", s.Default))
	}
	if s.Minimum != nil && s.Maximum != nil {
		parts = append(parts, fmt.Sprintf("%v to %v", *s.Minimum, *s.Maximum))
	}
	if s.ReadOnly {
		parts = append(parts, "read only")
	}
	return strings.ReplaceAll(strings.Join(parts, "; "), "|", "\\|")
}
