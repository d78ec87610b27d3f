package price

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"pgregory.net/rapid"

	"posthouse/internal/core/order"
	"posthouse/internal/core/product"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

func TestParseFigure(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"0", "0"}, {"0.35", "0.35"}, {"1.50", "1.5"}, {"007.10", "7.1"}, {"0.000001", "0.000001"}, {"0.0000010", "0.000001"}, {"1000000", "1000000"},
		{"999999.999999", "999999.999999"}, {"100", "100"},
		{"-1", ""}, {"-0", ""}, {"0.0000001", ""}, {"1000000.000001", ""}, {"99999999999999999999999", ""}, {"1e2", ""}, {"+1", ""}, {"1,5", ""}, {".5", ""}, {"5.", ""},
		{"", ""}, {"NaN", ""}, {"1.2.3", ""}, {"٣", ""}, {" 1", ""}, {strings.Repeat("0", 100) + "1", "1"},
	} {
		d, err := ParseFigure(c.in)
		if (err != nil) != (c.want == "") {
			t.Errorf("%.40q: %v", c.in, err)
			continue
		}
		if err == nil && d.String() != c.want {
			t.Errorf("%q is %s, want %s", c.in, d, c.want)
		}
	}
}

func TestItemOfAQuestion(t *testing.T) {
	for _, c := range []struct {
		q    Question
		want string // "" = nothing of the kind is sold
	}{
		{Question{Product: product.BusinessEmail, Seats: 1, Action: Add, Months: 1}, "1-5"},
		{Question{Product: product.BusinessEmail, Seats: 5, Action: Add, Months: 1}, "1-5"},
		{Question{Product: product.BusinessEmail, Seats: 6, Action: Renew, Months: 12}, "6-25"},
		{Question{Product: product.BusinessEmail, Seats: 200000, Action: Renew, Months: 12}, "50-200000"},
		{Question{Product: product.EnterpriseUS, Seats: 101, Action: Renew, Months: 3}, "101-10000"},
		{Question{Product: product.TitanGlobal, PlanID: 1762, Seats: 3, Action: Add, Months: 6}, "1762"},
		{Question{Product: product.BusinessEmail, Seats: 0, Action: Add, Months: 1}, ""},
		{Question{Product: product.BusinessEmail, Seats: 200001, Action: Add, Months: 1}, ""},
		{Question{Product: product.BusinessEmail, Seats: 1, Action: Add, Months: 2}, ""},
		{Question{Product: product.BusinessEmail, Seats: 1, Action: "transfer", Months: 1}, ""},
		{Question{Product: product.TitanGlobal, PlanID: 1761, Action: Add, Months: 1}, ""},
		{Question{Product: "eelitein", Seats: 1, Action: Add, Months: 1}, ""},
	} {
		i, ok := c.q.Item()
		if ok != (c.want != "") || ok && i.Unit != c.want {
			t.Errorf("%+v: %+v, %v", c.q, i, ok)
		}
	}
}

func TestCheck(t *testing.T) {
	good := Item{product.BusinessEmail, "1-5", Add, 1}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for reason, change := range map[string]func(*Item){
		"PRODUCT": func(i *Item) { i.Product = "eeliteuk" },
		"UNIT":    func(i *Item) { i.Unit = "1-6" },
		"ACTION":  func(i *Item) { i.Action = "ADD" },
		"TENURE":  func(i *Item) { i.Months = 24 },
	} {
		i := good
		change(&i)
		if err := i.Check(); !fault.Is(err, fault.Invalid) || fault.Of(err).Reason != reason {
			t.Errorf("%+v: %v", i, err)
		}
	}
}

func TestOverride(t *testing.T) {
	one, two := decimal.MustParse("1"), decimal.MustParse("2")
	a, b := Item{product.BusinessEmail, "1-5", Add, 1}, Item{product.BusinessEmail, "1-5", Renew, 1}
	c := Item{product.TitanGlobal, "1762", Add, 1}
	got := Override([]Row{{c, one}, {b, one}}, []Row{{b, two}, {a, two}})
	if !slices.Equal(got, []Row{{a, two}, {b, two}, {c, one}}) {
		t.Errorf("%+v", got)
	}
}

func TestTotal(t *testing.T) {
	for _, c := range []struct {
		figure           string
		accounts, months int
		discount, tax    string
		want             [4]string // net, discount, tax, total
		reason           string
	}{
		{"1.25", 5, 1, "0", "0", [4]string{"6.250", "0.000", "0.000", "6.250"}, ""},
		{"0.35", 3, 12, "0.60", "20", [4]string{"12.600", "0.600", "2.400", "14.400"}, ""},
		{"0.001667", 3, 1, "0", "0", [4]string{"0.010", "0.000", "0.000", "0.010"}, ""},
		{"0.005", 1, 1, "0", "0", [4]string{"0.000", "0.000", "0.000", "0.000"}, ""}, // half to even
		{"0.015", 1, 1, "0", "0", [4]string{"0.020", "0.000", "0.000", "0.020"}, ""},
		{"10", 1, 1, "0", "7.7", [4]string{"10.000", "0.000", "0.770", "10.770"}, ""},
		{"0.1", 1, 1, "0", "5.25", [4]string{"0.100", "0.000", "0.010", "0.110"}, ""},
		{"10", 1, 1, "10", "20", [4]string{"10.000", "10.000", "0.000", "0.000"}, ""},
		{"0", 5, 12, "0", "20", [4]string{"0.000", "0.000", "0.000", "0.000"}, ""},
		{"1000000", 200000, 4, "0", "0", [4]string{"800000000000.000", "0.000", "0.000", "800000000000.000"}, ""},
		{"999999.999999", 200000, 4, "0", "0", [4]string{"799999999999.200", "0.000", "0.000", "799999999999.200"}, ""},
		{"10", 1, 1, "10.01", "0", [4]string{}, "DISCOUNT"},
		{"10", 1, 1, "-0.01", "0", [4]string{}, "DISCOUNT"},
		{"10", 1, 1, "0.001", "0", [4]string{}, "DISCOUNT"},
		{"10", 1, 1, "0", "100.01", [4]string{}, "TAX_RATE"},
		{"10", 1, 1, "0", "-1", [4]string{}, "TAX_RATE"},
		{"10", 0, 1, "0", "0", [4]string{}, "none"},
		{"10", 1, 0, "0", "0", [4]string{}, "none"},
		{"1000000", 200000, 12, "0", "0", [4]string{}, "none"},
		{"999999.999999", 200000, 12, "0", "0", [4]string{}, "none"},
		{"1000000", 200000, 4, "0", "50", [4]string{}, "none"},
	} {
		discount, err := money.ParseValue(c.discount)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Total(decimal.MustParse(c.figure), c.accounts, c.months, discount, decimal.MustParse(c.tax))
		if c.reason != "" {
			if !fault.Is(err, fault.Invalid) || c.reason != "none" && fault.Of(err).Reason != c.reason {
				t.Errorf("%+v: %+v, %v", c, s, err)
			}
			continue
		}
		if got := [4]string{s.Net.String(), s.Discount.String(), s.Tax.String(), s.Total.String()}; err != nil || got != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
}

func TestTotalAddsUpInCents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		figure, err := ParseFigure(rapid.StringMatching(`[0-9]{1,4}(\.[0-9]{1,6})?`).Draw(t, "figure"))
		if err != nil {
			t.Fatal(err)
		}
		n, m := rapid.IntRange(1, 10000).Draw(t, "accounts"), rapid.SampledFrom(product.Tenures).Draw(t, "months")
		rate := decimal.MustNew(int64(rapid.IntRange(0, 100_0000).Draw(t, "rate")), 4)
		full, err := Total(figure, n, m, 0, rate)
		if err != nil {
			t.Fatal(err)
		}
		discount := money.Value(rapid.Int64Range(0, int64(full.Net)/10).Draw(t, "discount") * 10)
		s, err := Total(figure, n, m, discount, rate)
		if err != nil || s.Total != s.Net-s.Discount+s.Tax || s.Net != full.Net || s.Tax < 0 || s.Tax > full.Tax || s.Total < 0 {
			t.Fatalf("%+v of %+v: %v", s, full, err)
		}
		for _, v := range []money.Value{s.Net, s.Tax, s.Total} {
			if v%10 != 0 {
				t.Fatalf("%s is not in cents", v)
			}
		}
		exact, err := decimal.Prod(figure, decimal.MustNew(int64(n), 0), decimal.MustNew(int64(m), 0))
		if err != nil {
			t.Fatal(err)
		}
		off, err := exact.Sub(s.Net.Decimal())
		if err != nil || off.Abs().Cmp(decimal.MustParse("0.005")) > 0 {
			t.Fatalf("%s was rounded to %s", exact, s.Net)
		}
	})
}

func TestRemainingMonths(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		now, end string
		want     int
	}{
		{"2026-01-15T10:00:00Z", "2026-02-15T10:00:00Z", 1},
		{"2026-01-15T09:59:59Z", "2026-02-15T10:00:00Z", 2},
		{"2026-01-15T10:00:01Z", "2027-01-15T10:00:00Z", 12},
		{"2026-01-15T10:00:00Z", "2027-01-15T10:00:00Z", 12},
		{"2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", 1},
		{"2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", 1},
		{"2026-02-28T09:00:00Z", "2026-03-31T10:00:00Z", 2},
		{"2026-02-15T09:59:59Z", "2026-02-15T10:00:00Z", 1},
		{"2026-02-15T10:00:00Z", "2026-02-15T10:00:00Z", 1},
		{"2026-05-15T10:00:00Z", "2026-02-15T10:00:00Z", 1},
		{"2026-01-15T01:00:00+02:00", "2026-02-14T23:00:00Z", 1},
	} {
		if got := RemainingMonths(at(c.now), at(c.end)); got != c.want {
			t.Errorf("%s to %s: %d, want %d", c.now, c.end, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		end := time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(t, "end"), 0).UTC()
		now := end.Add(-time.Duration(rapid.Int64Range(0, 3e8).Draw(t, "before")) * time.Second)
		n := RemainingMonths(now, end)
		if n < 1 || order.AddMonths(end, -n).After(now) || n > 1 && !order.AddMonths(end, 1-n).After(now) {
			t.Fatalf("%s to %s: %d", now, end, n)
		}
	})
}
