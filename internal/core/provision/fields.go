package provision

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/currency"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// Limits of free text, in bytes.
const (
	maxID       = 191 // foreign ids
	maxName     = 255
	maxFreeText = 255
	maxReason   = 2048
)

// fields collects the checks of a command; the first fault stays.
type fields struct{ err error }

func (f *fields) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

func (f *fields) failf(format string, a ...any) { f.fail(fault.Newf(fault.Invalid, format, a...)) }

// storable reports whether every store can keep s: UTF-8 without NUL.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// line trims a value of one line.
func (f *fields) line(what, v string, limit int) string {
	v = strings.TrimSpace(v)
	if len(v) > limit {
		f.failf("The %s is longer than %d bytes", what, limit)
		return ""
	}
	if !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		f.failf("The %s holds characters that are not allowed", what)
		return ""
	}
	return v
}

// text is line for what may have several lines.
func (f *fields) text(what, v string, limit int) string {
	v = strings.TrimSpace(v)
	if len(v) > limit {
		f.failf("The %s is longer than %d bytes", what, limit)
		return ""
	}
	if !storable(v) {
		f.failf("The %s holds characters that are not allowed", what)
		return ""
	}
	return v
}

// required is line for what must be there.
func (f *fields) required(what, v string, limit int) string {
	v = f.line(what, v, limit)
	if v == "" {
		f.failf("The %s is missing", what)
	}
	return v
}

// contact is an address outside of what we serve; "" stays "". Its local part
// keeps its spelling.
func (f *fields) contact(what, v string) string {
	v = f.line(what, v, maxFreeText)
	if v == "" {
		return ""
	}
	a, err := mailaddr.Parse(v, mailaddr.AllowUTF8)
	if err != nil {
		f.failf("The %s is not a valid email address", what)
		return ""
	}
	return a.String()
}

// country is two letters, upper-cased. Which ones is left to the callers:
// panels send codes such as UK, and nothing here depends on them.
func (f *fields) country(v string) string {
	v = strings.ToUpper(f.line("country", v, 16))
	if v == "" {
		return ""
	}
	if len(v) != 2 || strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		f.failf("The country is not a two-letter code")
		return ""
	}
	return v
}

// currency is an ISO 4217 code, upper-cased.
func (f *fields) currency(v string) string {
	v = strings.ToUpper(f.line("currency", v, 16))
	if v == "" {
		return ""
	}
	u, err := currency.ParseISO(v)
	if err != nil {
		f.failf("The currency is not a known code")
		return ""
	}
	return u.String()
}
