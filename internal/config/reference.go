package config

import (
	"errors"
	"fmt"
	"strings"
)

func joinSorted(errs []error) error { return errors.Join(sorted(errs)...) }

// Reference is docs/configuration.md.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# Configuration

Generated from the code by ` + "`make docs`" + `. Posthouse needs no configuration to run on one machine.
Otherwise give a TOML file (` + "`posthouse --config FILE`" + ` or ` + "`POSTHOUSE_CONFIG`" + `); each key can also be set by an
environment variable, which wins over the file. Unknown keys and variables are refused.
` + "`posthouse config check`" + ` says what is wrong, all at once.

In a variable a list is written with commas (` + "`127.0.0.1:2525,[::1]:2525`" + `), a table as ` + "`name=value,name=value`" + `.

| key | variable | type | default | meaning |
| --- | --- | --- | --- | --- |
`)
	for _, k := range Keys() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | `%s` | %s |\n", k.Name, k.Env, k.Type, k.Def, k.Doc)
	}
	return b.String()
}
