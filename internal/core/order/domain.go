package order

import (
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// shownDomain bounds how much of a bad name comes back in a fault.
const shownDomain = 100

// ParseDomain reads the name of a domain to be served (titan.md operation 2):
// trimmed, lower-cased, a trailing dot dropped; internationalised names, IP
// addresses, single labels and what is no host name are fault.InvalidDomain.
func ParseDomain(s string) (string, error) {
	s = strings.TrimSpace(s)
	d, err := mailaddr.ParseDomain(s)
	if err != nil {
		shown := strings.ToValidUTF8(s[:min(len(s), shownDomain)], "")
		return "", &fault.Error{Code: fault.InvalidDomain, Reason: fault.Of(err).Reason, Text: "Invalid domain name " + shown, Cause: err}
	}
	return d, nil
}
