package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// referenceCmd writes docs/cli.md.
type referenceCmd struct{}

func (*referenceCmd) Run(out *output, k *kong.Kong) error {
	var b strings.Builder
	b.WriteString("# Command line\n\nGenerated from the code by `make docs`. Every command has `--help`; commands that a script would want have `--json`.\n" +
		"Exit status: 0 success, 1 failure, 2 a command line that can't be understood.\n\n| command | what it does |\n| --- | --- |\n")
	commands(&b, k.Model.Node, "posthouse")
	_, err := fmt.Fprint(out, b.String())
	return err
}

func commands(b *strings.Builder, n *kong.Node, path string) {
	for _, c := range n.Children {
		if c.Hidden {
			continue
		}
		line := path + " " + c.Name
		if len(c.Children) > 0 {
			commands(b, c, line)
			continue
		}
		for _, p := range c.Positional {
			name := strings.ToUpper(p.Name)
			if !p.Required {
				name = "[" + name + "]"
			}
			line += " " + name
		}
		help := c.Help
		for _, f := range c.Flags {
			if f.Name == "help" || f.Hidden {
				continue
			}
			help += fmt.Sprintf(" `--%s`: %s", f.Name, f.Help)
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", line, strings.ReplaceAll(help, "|", "\\|"))
	}
}
