package reseller

import (
	"slices"
	"strings"

	"github.com/govalues/decimal"

	"posthouse/internal/core/product"
	"posthouse/internal/fault"
)

// MaxDepth bounds a tree: the root has depth 1.
const MaxDepth = 16

// Depth is how far from the root r is, counted from 1.
func (r *Reseller) Depth() int { return len(r.Path) }

// Bounds of rates, in decimal places.
const (
	ratePlaces = 10
	taxPlaces  = 4
)

var (
	errRate    = fault.Newf(fault.Invalid, "The conversion rate is not a positive number with at most %d decimal places", ratePlaces).WithReason("RATE")
	errTaxRate = fault.Newf(fault.Invalid, "The tax rate is not a number from 0 to 100 with at most %d decimal places", taxPlaces).WithReason("TAX_RATE")
)

// ParseRate gives the shortest form of a conversion rate.
func ParseRate(s string) (string, error) {
	d, ok := plain(s, ratePlaces)
	if !ok || !d.IsPos() || d.Cmp(decimal.MustNew(1_000_000, 0)) > 0 {
		return "", errRate
	}
	return d.String(), nil
}

// ParseTaxRate gives the shortest form of a tax rate in per cent; "" for none.
func ParseTaxRate(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	d, ok := plain(s, taxPlaces)
	if !ok || d.Cmp(decimal.MustNew(100, 0)) > 0 {
		return "", errTaxRate
	}
	if d.IsZero() {
		return "", nil
	}
	return d.String(), nil
}

// plain reads digits with a point among them.
func plain(s string, places int) (decimal.Decimal, bool) {
	const most = 32
	whole, frac, _ := strings.Cut(s, ".")
	if len(s) > most || whole == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return decimal.Decimal{}, false
	}
	d, err := decimal.Parse(s)
	if err != nil {
		return decimal.Decimal{}, false
	}
	d = d.Trim(0)
	return d, d.Scale() <= places
}

var errProduct = fault.New(fault.Invalid, "There is no such product to sign up for").WithReason("PRODUCT")

// CheckProducts gives keys in the order of the catalogue, each once. offered are
// those that may be signed up for.
func CheckProducts(keys, offered []product.Key) ([]product.Key, error) {
	out := []product.Key{}
	for _, p := range product.All() {
		if slices.Contains(keys, p.Key) {
			if !slices.Contains(offered, p.Key) {
				return nil, errProduct
			}
			out = append(out, p.Key)
		}
	}
	for _, k := range keys {
		if !slices.Contains(out, k) {
			return nil, errProduct
		}
	}
	return out, nil
}

// Valid reports whether f is one of the two ways.
func (f Funds) Valid() bool { return f == Postpaid || f == Prepaid }
