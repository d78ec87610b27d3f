package suspension

import (
	"cmp"
	"slices"
	"strings"

	"posthouse/internal/fault"
)

// MaxType bounds a suspension type in bytes; MaxNote a note.
const (
	MaxType = 64
	MaxNote = 2048
)

// rank orders the roles of titan.md section 7.3; unknown roles have none.
func rank(r Role) int {
	switch r {
	case RoleTitan, RoleTitanSupport:
		return 4
	case RolePartner, RolePartnerSupport:
		return 3
	case RoleDomainAdmin, RoleAccountAdmin:
		return 2
	case RoleAccount:
		return 1
	}
	return 0
}

// Known reports whether r is one of the roles.
func (r Role) Known() bool { return rank(r) > 0 }

// MayLift reports whether r may lift a suspension that other made: equal or
// lower rank.
func (r Role) MayLift(other Role) bool { return r.Known() && rank(r) >= rank(other) }

// ErrHigherRole is the fault of lifting what only a higher role may lift.
var ErrHigherRole = fault.New(fault.Forbidden, "The suspension was made by a higher role").WithReason("HIGHER_ROLE")

// Add returns the set with n in it. A member with the same identity stays
// as it is but for the note, which a non-empty one replaces. changed reports
// whether the result differs; s itself is not touched.
func (s Set) Add(n Suspension) (out Set, changed bool) {
	for i, m := range s {
		if m.Type != n.Type || m.Role != n.Role || m.ResellerID != n.ResellerID {
			continue
		}
		if n.Note == "" || n.Note == m.Note {
			return s, false
		}
		out = slices.Clone(s)
		out[i].Note = n.Note
		return out, true
	}
	out = append(slices.Clone(s), n)
	slices.SortStableFunc(out, compare)
	return out, true
}

func compare(a, b Suspension) int {
	if c := a.On.Compare(b.On); c != 0 {
		return c
	}
	if c := strings.Compare(a.Type, b.Type); c != 0 {
		return c
	}
	if c := strings.Compare(string(a.Role), string(b.Role)); c != 0 {
		return c
	}
	return cmp.Compare(a.ResellerID, b.ResellerID)
}

// Lift removes the members of type t, or with "" of all types, that may allows:
// see By. A type that is not there is no error; one of which nothing may be
// lifted gives ErrHigherRole.
func (s Set) Lift(t string, may func(Suspension) bool) (out Set, changed bool, err error) {
	named := false
	out = s.without(func(m Suspension) bool {
		named = named || m.Type == t
		return (t == "" || m.Type == t) && may(m)
	})
	if changed = len(out) != len(s); named && !changed && t != "" {
		return s, false, ErrHigherRole
	}
	return out, changed, nil
}

// By is what a role may lift, for Lift.
func By(r Role) func(Suspension) bool {
	return func(m Suspension) bool { return r.MayLift(m.Role) }
}

// OfPartner reports whether a role is the partner's own, in whose name resellers
// act: among those of this rank it counts which reseller it was.
func (r Role) OfPartner() bool { return rank(r) == rank(RolePartner) }

// Distinct is the set where resellers are not told apart: of each type and role
// the earliest, as the contracts without resellers show it.
func (s Set) Distinct() Set {
	type key struct {
		kind string
		role Role
	}
	seen := make(map[key]bool, len(s))
	return s.without(func(m Suspension) bool {
		k := key{m.Type, m.Role}
		again := seen[k]
		seen[k] = true
		return again
	})
}

// LiftExpiry removes suspensions of type expiry, whatever role put them: what a
// renewal does (titan.md section 7.1).
func (s Set) LiftExpiry() (out Set, changed bool) {
	out = s.without(func(m Suspension) bool { return m.Type == TypeExpiry })
	return out, len(out) != len(s)
}

// RefusesInbound reports whether mail from outside is refused, not stored: only
// for abuse found by the platform (T-16).
func (s Set) RefusesInbound() bool {
	return slices.ContainsFunc(s, func(m Suspension) bool {
		return m.Type == TypeAbuse && rank(m.Role) == rank(RoleTitan)
	})
}

// without gives the members that drop does not want, nil when none is left.
func (s Set) without(drop func(Suspension) bool) Set {
	var out Set
	for _, m := range s {
		if !drop(m) {
			out = append(out, m)
		}
	}
	return out
}
