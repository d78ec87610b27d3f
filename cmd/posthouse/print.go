package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

func printJSON(out *output, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func lines(err error) []string { return strings.Split(err.Error(), "\n") }

// printKey prints a key that was just made, and what there is to say of it: names
// and values in turn.
func printKey(out *output, key string, facts ...string) error {
	all := append([]string{"key", key}, facts...)
	for i := 0; i+1 < len(all); i += 2 {
		if _, err := fmt.Fprintf(out, "%-7s %s\n", all[i], all[i+1]); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(out, "The key is shown this once.")
	return err
}

// table prints rows under a header, aligned.
func table(out *output, header []string, rows [][]string) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if _, err := fmt.Fprintln(w, strings.Join(header, "\t")); err != nil {
		return err
	}
	for _, r := range rows {
		if _, err := fmt.Fprintln(w, strings.Join(r, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// date prints an instant, or "-".
func date(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
