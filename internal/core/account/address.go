package account

import (
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// localChars are what the address of a new account, alias or forwarder may be
// made of: what every mail program and form accepts, without the routing
// characters % ! | / and without quoting.
const localChars = "abcdefghijklmnopqrstuvwxyz0123456789._+-'&=~"

// ParseEmail reads the address of something in an order of domain. It is
// lower-cased and trimmed; a malformed one is fault.Invalid with the reason
// INVALID_EMAIL, one of another domain has the reason DOMAIN_MISMATCH.
func ParseEmail(s, domain string) (local string, err error) {
	a, err := mailaddr.Parse(strings.ToLower(strings.TrimSpace(s)), mailaddr.AllowUTF8)
	if err != nil {
		return "", &fault.Error{Code: fault.Invalid, Reason: ReasonInvalidEmail, Text: "The email address is not valid", Cause: err}
	}
	local = a.Key()
	if local == "" || strings.Trim(local, localChars) != "" {
		return "", fault.New(fault.Invalid, "The email address is not valid").WithReason(ReasonInvalidEmail)
	}
	if a.Domain != domain {
		return "", fault.New(fault.Invalid, "The email address is not in the order's domain").WithReason(ReasonDomainMismatch)
	}
	return local, nil
}
