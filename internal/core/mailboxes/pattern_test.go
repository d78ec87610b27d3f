package mailboxes

import (
	"regexp"
	"regexp/syntax"
	"testing"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// FuzzMailPattern: whatever a foreign caller sends as a pattern is refused or is
// cheap to match.
func FuzzMailPattern(f *testing.F) {
	for _, p := range []string{"john", "^j.*@d[.]example$", "(", `\pL{1000}`, "((a*)*)*", "(?i)(?:x{0,50}){5}", `[\x00-\x{10FFFF}]*`, `\Q`, "a{,5}", "(?P<n>a)"} {
		f.Add(p, "john@d.example")
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		r, err := compilePattern(p)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || fault.Of(err).Reason != ReasonPattern {
				t.Fatal(err)
			}
			return
		}
		if r != nil && (instructions(t, r) > 250 || len(p) > 256) {
			t.Fatalf("%q has %d instructions", p, instructions(t, r))
		}
		if r != nil && len(s) <= mailaddr.MaxAddress {
			r.MatchString(s)
		}
	})
}

// instructions is how many a pattern's program has.
func instructions(t *testing.T, r *regexp.Regexp) int {
	t.Helper()
	tree, err := syntax.Parse(r.String(), syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		t.Fatal(err)
	}
	return len(program.Inst)
}
