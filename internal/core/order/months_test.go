package order

import (
	"testing"
	"time"
)

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2027-01-31", 1, "2027-02-28"}, {"2028-01-31", 1, "2028-02-29"}, {"2028-02-29", 12, "2029-02-28"}, {"2028-02-29", 48, "2032-02-29"},
		{"2026-11-22", 1, "2026-12-22"}, {"2026-12-31", 2, "2027-02-28"}, {"2026-08-31", 3, "2026-11-30"}, {"2026-05-15", 24, "2028-05-15"},
	} {
		from, _ := time.Parse(time.DateOnly, c.from)
		if got := AddMonths(from, c.n).Format(time.DateOnly); got != c.want {
			t.Errorf("%s + %d: %s, want %s", c.from, c.n, got, c.want)
		}
	}
}
