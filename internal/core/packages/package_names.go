package packages

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"posthouse/internal/core/shop"
)

// look is what names have in common that nobody tells apart in a list: without
// case, without marks that have no width, of one way to write a letter and with
// single blanks.
func look(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	name = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(name)))
	return strings.Join(strings.Fields(name), " ")
}

// looksOf gives the looks of packages that are not deleted; not counts for none.
func looksOf(have []*shop.Package, not int64) map[string]bool {
	out := make(map[string]bool, len(have))
	for _, k := range have {
		if k.ID != not && k.DeletedAt == nil {
			out[look(k.Name)] = true
		}
	}
	return out
}

// freeName gives a name, with a number behind it if it is taken.
func freeName(have []*shop.Package, name string) string {
	out, taken := name, looksOf(have, 0)
	for n := 2; taken[look(out)]; n++ {
		out = name + " (" + strconv.Itoa(n) + ")"
	}
	return out
}
