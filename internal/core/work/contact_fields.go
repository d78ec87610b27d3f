package work

import (
	"net/netip"
	"regexp"
	"strings"

	"posthouse/internal/fault"
)

// Forms of contact data, for Matches.
var (
	CodePattern  = regexp.MustCompile(`^\+?[0-9]{1,4}$`) // a country's telephone code
	LangPattern  = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$`)
	PhonePattern = regexp.MustCompile(`^[0-9+()./ -]*[0-9][0-9+()./ x-]*$`)
)

// FieldPrefix begins the reason of a fault about one field of a command; its
// name follows: "FIELD_username".
const FieldPrefix = "FIELD_"

// Address is an IP address.
func (f *Fields) Address(v string) string {
	out := ""
	f.Field("ip", func(f *Fields) {
		a, err := netip.ParseAddr(strings.TrimSpace(v))
		if err != nil {
			f.Failf("The address is not valid")
			return
		}
		out = a.WithZone("").String()
	})
	return out
}

// Username reads a name that somebody may have: names that the platform shows of
// customers without one are nobody's.
func (f *Fields) Username(v *string) {
	f.Field("username", func(f *Fields) {
		if *v = f.Contact("user name", *v); *v == "" {
			f.Failf("The user name is missing")
		}
		if strings.HasSuffix(strings.ToLower(*v), ".invalid") {
			f.Failf("The user name is not a valid email address")
		}
	})
}

// Field runs the checks of one field and names it in the fault.
func (f *Fields) Field(name string, check func(*Fields)) {
	var one Fields
	check(&one)
	if one.Err != nil {
		f.Fail(fault.Of(one.Err).WithReason(FieldPrefix + name))
	}
}

// Matches wants a value in a form, if there is one.
func (f *Fields) Matches(what, v string, p *regexp.Regexp) {
	if v != "" && !p.MatchString(v) {
		f.Failf("The %s is not valid", what)
	}
}
