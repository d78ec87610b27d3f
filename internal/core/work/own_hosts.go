package work

import (
	"strings"

	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// ReasonOwnHost refuses an order for a host name of the platform.
const ReasonOwnHost = "DOMAIN_IS_THE_PLATFORM"

// hostSet are names as order.ParseDomain gives them.
func hostSet(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		if n = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(n), ".")); n != "" {
			set[n] = true
		}
	}
	return set
}

// OrderDomain reads the domain of a new order. The platform's own host names
// have addresses that lead here, so that whoever had an order for one would get
// the mail of its postmaster, and with that certificates in its name.
func (p *Platform) OrderDomain(raw string) (string, error) {
	domain, err := order.ParseDomain(raw)
	if err == nil && p.OwnHosts[domain] {
		err = fault.New(fault.InvalidDomain, "The domain is a host name of the platform").WithReason(ReasonOwnHost)
	}
	return domain, err
}
