package work

import (
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
)

// Resellers act with their partner's role, so among suspensions of that rank it
// counts who made them (resellerclub.md R-24): a reseller lifts its own and those
// of resellers below it, and its root also the partner's. What was made above or
// beside it is to it a higher role's. The partner itself lifts them all.

// Suspender is the ResellerID of what the actor suspends: 0 for the partner and
// its root, which stand for each other.
func (u *Unit) Suspender() (int64, error) {
	if u.Actor.Limit.ResellerID == 0 {
		return 0, nil
	}
	me, err := u.Self()
	if err != nil || me.Root() {
		return 0, err
	}
	return me.ID, nil
}

// MayLift reports whether the actor may lift one suspension.
func (u *Unit) MayLift(m suspension.Suspension) (bool, error) {
	if !u.Actor.Role.MayLift(m.Role) {
		return false, nil
	}
	if u.Actor.Limit.ResellerID == 0 || !m.Role.OfPartner() {
		return true, nil
	}
	me, err := u.Self()
	if err != nil || m.ResellerID == me.ID || me.Root() {
		return err == nil, err
	}
	if m.ResellerID == 0 {
		return false, nil
	}
	by, err := u.Tx.Reseller(u.Ctx, m.ResellerID)
	if err != nil || by == nil {
		return false, err
	}
	return me.Above(by), nil
}

// Lift applies an unsuspension to a set: of one type, or with "" of all that the
// actor may lift.
func (u *Unit) Lift(set suspension.Set, kind string) (suspension.Set, bool, error) {
	var fault error
	left, changed, err := set.Lift(kind, func(m suspension.Suspension) bool {
		may, err := u.MayLift(m)
		if err != nil {
			fault = err
		}
		return may
	})
	if fault != nil {
		return set, false, fault
	}
	return left, changed, err
}

// SuspendedByParent reports whether one suspension of o is from a
// higher role or from a reseller that is not the actor and not below it. Having
// expired is nobody's suspension: isOrderSuspendedUponExpiry tells of that.
func (u *Unit) SuspendedByParent(o *order.Order) (bool, error) {
	for _, m := range o.Suspensions {
		if m.Type == suspension.TypeExpiry && m.Role == suspension.RoleTitan {
			continue
		}
		if may, err := u.MayLift(m); err != nil || !may {
			return err == nil, err
		}
	}
	return false, nil
}

// NewSuspension checks what the actor asks for; the time and the reseller are
// the transaction's.
func NewSuspension(actor audit.Actor, kind, note string) (suspension.Suspension, error) {
	var f Fields
	kind = f.Line("suspension type", kind, suspension.MaxType)
	note = f.Text("note", note, suspension.MaxNote)
	if f.Err != nil {
		return suspension.Suspension{}, f.Err
	}
	if kind == "" {
		kind = suspension.TypePartner
	}
	return suspension.Suspension{Type: kind, Role: actor.Role, Note: note}, nil
}

// CheckLift checks what an unsuspension names.
func CheckLift(kind, note string) (string, string, error) {
	var f Fields
	kind = f.Line("suspension type", kind, suspension.MaxType)
	note = f.Text("note", note, suspension.MaxNote)
	return kind, note, f.Err
}
