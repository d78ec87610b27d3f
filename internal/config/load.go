package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Load reads the file at path ("" = none) over the defaults, then the
// environment over the file, and checks the whole. Every problem found is in
// the error, one a line, named by key.
func Load(path string, environ []string) (*Config, error) {
	c := Default()
	var problems []error
	if path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("config: no file %s", path)
			}
			return nil, fmt.Errorf("config: %w", err)
		}
		dec := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields()
		if err := dec.Decode(c); err != nil {
			problem := fmt.Errorf("config: %s: %s", path, explain(err))
			// Unknown keys leave the known ones readable, so that all is told at once.
			if strict := new(toml.StrictMissingError); !errors.As(err, &strict) {
				return nil, problem
			}
			problems = append(problems, problem)
		}
	}
	problems = append(problems, override(c, environ), c.Check())
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return c, nil
}

func explain(err error) string {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var out []string
		for _, e := range strict.Errors {
			row, col := e.Position()
			out = append(out, fmt.Sprintf("line %d, column %d: unknown key %s", row, col, strings.Join(e.Key(), ".")))
		}
		return strings.Join(out, "; ")
	}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		row, col := de.Position()
		return fmt.Sprintf("line %d, column %d: %s", row, col, de.Error())
	}
	return err.Error()
}
