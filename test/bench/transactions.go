package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"posthouse/test/bench/search"
)

// transactions measures the searches among a reseller's transactions on both
// engines, in process: what a call adds is the same for every other one.
func transactions(ctx context.Context, r *report, s sizes, parent string) error {
	dir, err := os.MkdirTemp(parent, "search-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	results, err := search.Run(ctx, search.Config{Dir: dir, Transactions: s.transactions, Searches: 200, Plain: 5}, func(format string, args ...any) {
		fmt.Printf("  "+format+"\n", args...)
	})
	if err != nil {
		return err
	}
	plain, first := map[string][]string{}, map[string][]string{}
	for _, x := range results {
		name := fmt.Sprintf("search among %s transactions, %s: %s, p99", thousands(int64(s.transactions)), x.Engine, x.Name)
		r.figure(name, "ms", false, "50 ms", func(own, _ float64) bool { return own <= 50 }).add(own, x.P99)
		first[x.Engine] = append(first[x.Engine], x.Name+" "+show(x.First, "ms"))
		plain[x.Engine] = append(plain[x.Engine], fmt.Sprintf("%s %s (%s)", x.Name, show(x.Plain, "ms"), show(x.P50, "ms")))
	}
	for engine, list := range plain {
		r.notes = append(r.notes, fmt.Sprintf("search, %s: %d searches of each kind, for other customers, domains and so on, come before the 200 that are measured; the first of them took: %s",
			engine, search.Warming, strings.Join(first[engine], "; ")))
		r.notes = append(r.notes, fmt.Sprintf("search, %s: the same pages and totals by plain COUNT and OFFSET on the same indexes, median (and ours): %s", engine, strings.Join(list, "; ")))
	}
	return nil
}
