package search

import (
	"os"
	"strconv"
	"testing"
)

func TestTry(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	searches, _ := strconv.Atoi(os.Getenv("S"))
	plain, _ := strconv.Atoi(os.Getenv("P"))
	list, err := Run(t.Context(), Config{Dir: os.Getenv("D"), Transactions: n, Searches: searches, Plain: plain}, t.Logf)
	for _, r := range list {
		t.Logf("%-10s %-60s p50 %8.2f p99 %8.2f plain %8.1f", r.Engine, r.Name, r.P50, r.P99, r.Plain)
	}
	if err != nil {
		t.Fatal(err)
	}
}
