package partner

import (
	"slices"
	"strings"

	"posthouse/internal/fault"
)

// Scope is something that an API key may be used for.
type Scope string

// The scopes. One that ends in ":write" includes the ":read" of its name.
const (
	ScopeTitan           Scope = "titan" // the Titan dialect, and signing of JWTs
	ScopeEventsRead      Scope = "events:read"
	ScopeWebhooksRead    Scope = "webhooks:read"
	ScopeWebhooksWrite   Scope = "webhooks:write" // replay too
	ScopeClockRead       Scope = "clock:read"
	ScopeClockWrite      Scope = "clock:write"
	ScopeSandboxRead     Scope = "sandbox:read" // the mail that a sandbox has sent
	ScopeSandboxWrite    Scope = "sandbox:write"
	ScopeAuditRead       Scope = "audit:read"
	ScopeSettingsRead    Scope = "settings:read" // settings and brands
	ScopeSettingsWrite   Scope = "settings:write"
	ScopeForwardersRead  Scope = "forwarders:read"
	ScopeForwardersWrite Scope = "forwarders:write"
	ScopeOrdersWrite     Scope = "orders:write" // payment pages
	ScopeKeysRead        Scope = "keys:read"
	ScopeInvoicesRead    Scope = "invoices:read"
)

// Scopes gives all of them.
func Scopes() []Scope {
	return []Scope{
		ScopeTitan, ScopeEventsRead, ScopeWebhooksRead, ScopeWebhooksWrite, ScopeClockRead, ScopeClockWrite,
		ScopeSandboxRead, ScopeSandboxWrite, ScopeAuditRead, ScopeSettingsRead, ScopeSettingsWrite,
		ScopeForwardersRead, ScopeForwardersWrite, ScopeOrdersWrite, ScopeKeysRead, ScopeInvoicesRead,
	}
}

// ParseScopes gives a set in the order of Scopes, nil for none.
func ParseScopes(names []string) ([]Scope, error) {
	all := Scopes()
	var out []Scope
	for _, n := range names {
		s := Scope(strings.TrimSpace(n))
		if !slices.Contains(all, s) {
			return nil, fault.New(fault.Invalid, "A scope is unknown").WithReason("UNKNOWN_SCOPE")
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Scope) int { return slices.Index(all, a) - slices.Index(all, b) })
	return slices.Compact(out), nil
}

// May reports whether the key may be used for s.
func (k *Key) May(s Scope) bool {
	if len(k.Scopes) == 0 || slices.Contains(k.Scopes, s) {
		return true
	}
	name, read := strings.CutSuffix(string(s), ":read")
	return read && slices.Contains(k.Scopes, Scope(name+":write"))
}

// Signs reports whether the key's secret signs JWTs and webhooks: who holds a
// key for less may not forge what the partner's own system says.
func (k *Key) Signs() bool { return k.May(ScopeTitan) }
