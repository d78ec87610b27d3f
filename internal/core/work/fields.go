package work

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/currency"

	"posthouse/internal/core/plan"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// Limits of free text, in bytes.
const (
	MaxID       = 191 // foreign ids
	MaxName     = 255
	MaxFreeText = 255
	MaxReason   = 2048
)

// Fields collects the checks of a command; the first fault stays.
type Fields struct{ Err error }

// Fail notes a fault.
func (f *Fields) Fail(err error) {
	if f.Err == nil {
		f.Err = err
	}
}

// Failf notes a fault with code Invalid.
func (f *Fields) Failf(format string, a ...any) { f.Fail(fault.Newf(fault.Invalid, format, a...)) }

// Storable reports whether every store can keep s: UTF-8 without NUL.
func Storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// Line trims a value of one line.
func (f *Fields) Line(what, v string, limit int) string {
	v = strings.TrimSpace(v)
	if len(v) > limit {
		f.Failf("The %s is longer than %d bytes", what, limit)
		return ""
	}
	if !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		f.Failf("The %s holds characters that are not allowed", what)
		return ""
	}
	return v
}

// Text is Line for what may have several lines.
func (f *Fields) Text(what, v string, limit int) string {
	v = strings.TrimSpace(v)
	if len(v) > limit {
		f.Failf("The %s is longer than %d bytes", what, limit)
		return ""
	}
	if !Storable(v) {
		f.Failf("The %s holds characters that are not allowed", what)
		return ""
	}
	return v
}

// Required is Line for what must be there.
func (f *Fields) Required(what, v string, limit int) string {
	v = f.Line(what, v, limit)
	if v == "" {
		f.Failf("The %s is missing", what)
	}
	return v
}

// Contact is an address outside of what we serve; "" stays "". Its local part
// keeps its spelling.
func (f *Fields) Contact(what, v string) string {
	v = f.Line(what, v, MaxFreeText)
	if v == "" {
		return ""
	}
	a, err := mailaddr.Parse(v, mailaddr.AllowUTF8)
	if err != nil {
		f.Failf("The %s is not a valid email address", what)
		return ""
	}
	return a.String()
}

// Country is two letters, upper-cased. Which ones is left to the callers:
// panels send codes such as UK, and nothing here depends on them.
func (f *Fields) Country(v string) string {
	v = strings.ToUpper(f.Line("country", v, 16))
	if v == "" {
		return ""
	}
	if len(v) != 2 || strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		f.Failf("The country is not a two-letter code")
		return ""
	}
	return v
}

// Currency is an ISO 4217 code, upper-cased.
func (f *Fields) Currency(v string) string {
	v = strings.ToUpper(f.Line("currency", v, 16))
	if v == "" {
		return ""
	}
	u, err := currency.ParseISO(v)
	if err != nil {
		f.Failf("The currency is not a known code")
		return ""
	}
	return u.String()
}

// Plan refuses a plan that the catalogue has not.
func (f *Fields) Plan(c plan.Catalogue, p plan.Plan) {
	if !c.Valid(p) {
		f.Failf("The plan is unknown")
	}
}
