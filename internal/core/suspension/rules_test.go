package suspension

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var roles = []Role{RoleTitan, RoleTitanSupport, RolePartner, RolePartnerSupport, RoleDomainAdmin, RoleAccountAdmin, RoleAccount}

func TestPrecedence(t *testing.T) {
	classes := [][]Role{{RoleTitan, RoleTitanSupport}, {RolePartner, RolePartnerSupport}, {RoleDomainAdmin, RoleAccountAdmin}, {RoleAccount}}
	for i, high := range classes {
		for j, low := range classes {
			for _, a := range high {
				for _, b := range low {
					if got := a.MayLift(b); got != (i <= j) {
						t.Errorf("%s lifts %s: %v", a, b, got)
					}
				}
			}
		}
	}
	if Role("nobody").MayLift(RoleAccount) || Role("").Known() || Role("").MayLift("") {
		t.Error("an unknown role lifts")
	}
}

func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

func TestAdd(t *testing.T) {
	var s Set
	s, changed := s.Add(Suspension{Type: "abuse", Role: RolePartner, On: day(2), Note: "first"})
	if !changed || len(s) != 1 {
		t.Fatal(s, changed)
	}
	for _, c := range []struct {
		add     Suspension
		changed bool
		note    string
		size    int
	}{
		{Suspension{Type: "abuse", Role: RolePartner, On: day(3)}, false, "first", 1},
		{Suspension{Type: "abuse", Role: RolePartner, On: day(3), Note: "first"}, false, "first", 1},
		{Suspension{Type: "abuse", Role: RolePartner, On: day(3), Note: "second"}, true, "second", 1},
		{Suspension{Type: "abuse", Role: RoleTitan, On: day(1)}, true, "second", 2},
		{Suspension{Type: "Abuse", Role: RolePartner, On: day(4)}, true, "second", 3},
	} {
		before := slices.Clone(s)
		next, changed := s.Add(c.add)
		if changed != c.changed || len(next) != c.size {
			t.Fatalf("%+v: %v, %+v", c.add, changed, next)
		}
		if !slices.Equal(s, before) {
			t.Fatal("Add wrote into its set")
		}
		s = next
		i := slices.IndexFunc(s, func(m Suspension) bool { return m.Type == "abuse" && m.Role == RolePartner })
		if s[i].Note != c.note || !s[i].On.Equal(day(2)) {
			t.Fatalf("%+v", s[i])
		}
	}
	if s[0].Role != RoleTitan || s[2].Type != "Abuse" {
		t.Errorf("not by date: %+v", s)
	}
}

func TestLift(t *testing.T) {
	s := Set{
		{Type: "expiry", Role: RoleTitan, On: day(1)},
		{Type: "expiry", Role: RolePartner, On: day(2)},
		{Type: "abuse", Role: RoleTitanSupport, On: day(3)},
		{Type: "left", Role: RoleDomainAdmin, On: day(4)},
	}
	for _, c := range []struct {
		kind string
		by   Role
		left int
		err  error
	}{
		{"none", RoleAccount, 4, nil},
		{"abuse", RolePartner, 4, ErrHigherRole},
		{"abuse", RoleTitan, 3, nil},
		{"expiry", RolePartner, 3, nil}, // its own only
		{"expiry", RoleTitan, 2, nil},
		{"expiry", RoleDomainAdmin, 4, ErrHigherRole},
		{"left", RoleAccountAdmin, 3, nil},
		{"left", RoleAccount, 4, ErrHigherRole},
	} {
		got, changed, err := s.Lift(c.kind, By(c.by))
		if len(got) != c.left || changed != (c.left < 4) || !errors.Is(err, c.err) {
			t.Errorf("%s by %s: %d left, %v, %v", c.kind, c.by, len(got), changed, err)
		}
	}
	if got, changed, err := s.Lift("", By(RolePartnerSupport)); err != nil || !changed || len(got) != 2 || got.RefusesInbound() != true {
		t.Errorf("lift all: %+v", got)
	}
	if got, changed := s.LiftExpiry(); !changed || len(got) != 2 {
		t.Errorf("LiftExpiry: %+v", got)
	}
	if got, changed := Set(nil).LiftExpiry(); changed || got != nil {
		t.Errorf("LiftExpiry of nothing: %+v", got)
	}
}

func TestRefusesInbound(t *testing.T) {
	for _, r := range roles {
		want := r == RoleTitan || r == RoleTitanSupport
		if got := (Set{{Type: TypeAbuse, Role: r}}).RefusesInbound(); got != want {
			t.Errorf("abuse by %s refuses: %v", r, got)
		}
		if (Set{{Type: TypeExpiry, Role: r}}).RefusesInbound() {
			t.Errorf("expiry by %s refuses", r)
		}
	}
}

func TestIdentityIsTypeAndRole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Set
		type key struct {
			kind string
			role Role
		}
		want := map[key]bool{}
		for i := range rapid.IntRange(0, 30).Draw(t, "n") {
			k := key{rapid.SampledFrom([]string{"expiry", "abuse", "x"}).Draw(t, "type"), rapid.SampledFrom(roles).Draw(t, "role")}
			switch rapid.IntRange(0, 2).Draw(t, "op") {
			case 0, 1:
				s, _ = s.Add(Suspension{Type: k.kind, Role: k.role, On: day(i + 1)})
				want[k] = true
			case 2:
				s, _, _ = s.Lift(k.kind, By(k.role))
				for m := range want {
					if m.kind == k.kind && k.role.MayLift(m.role) {
						delete(want, m)
					}
				}
			}
		}
		got := map[key]bool{}
		for _, m := range s {
			got[key{m.Type, m.Role}] = true
		}
		if len(got) != len(s) || len(got) != len(want) {
			t.Fatalf("got %v, want %v", s, want)
		}
		for k := range want {
			if !got[k] {
				t.Fatalf("%v is missing", k)
			}
		}
		if !slices.IsSortedFunc(s, compare) {
			t.Fatalf("not ordered: %+v", s)
		}
	})
}

func TestDistinct(t *testing.T) {
	s := Set{
		{Type: "partner", Role: RolePartner, ResellerID: 5, On: day(1), Note: "first"},
		{Type: "partner", Role: RolePartner, ResellerID: 0, On: day(2)},
		{Type: "partner", Role: RolePartnerSupport, On: day(2)},
		{Type: "abuse", Role: RolePartner, ResellerID: 5, On: day(3)},
	}
	if got := s.Distinct(); len(got) != 3 || got[0] != s[0] || got[1] != s[2] || got[2] != s[3] {
		t.Errorf("%+v", got)
	}
	if Set(nil).Distinct() != nil {
		t.Error("an empty set")
	}
}
