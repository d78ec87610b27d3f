package main

import (
	"fmt"
	"os"

	"posthouse/internal/config"
)

type configCmd struct {
	Check     configCheckCmd     `cmd:"" help:"Say everything that is wrong with the configuration; nothing is started."`
	Keys      configKeysCmd      `cmd:"" help:"List every key with its variable, default and meaning."`
	Reference configReferenceCmd `cmd:"" help:"Print the reference page as Markdown." hidden:""`
}

type configCheckCmd struct {
	JSON bool `help:"Print the result as JSON."`
}

func (k *configCheckCmd) Run(c *cli, out *output) error {
	_, err := config.Load(c.Config, os.Environ())
	if k.JSON {
		v := map[string]any{"ok": err == nil}
		if err != nil {
			v["problems"] = lines(err)
		}
		if e := printJSON(out, v); e != nil {
			return e
		}
		if err != nil {
			return fmt.Errorf("the configuration has problems")
		}
		return nil
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "The configuration is good.")
	return err
}

type configKeysCmd struct {
	JSON bool `help:"Print JSON."`
}

func (k *configKeysCmd) Run(out *output) error {
	if k.JSON {
		return printJSON(out, config.Keys())
	}
	for _, key := range config.Keys() {
		if _, err := fmt.Fprintf(out, "%s = %s\n    %s; %s\n    %s\n", key.Name, key.Def, key.Type, key.Env, key.Doc); err != nil {
			return err
		}
	}
	return nil
}

type configReferenceCmd struct{}

func (*configReferenceCmd) Run(out *output) error {
	_, err := fmt.Fprint(out, config.Reference())
	return err
}
