package provision

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
)

// SuspendOrder is resellerclub.md section 11. On an order that the
// caller has suspended already it changes the reason only.
func (s *Service) SuspendOrder(ctx context.Context, actor audit.Actor, ref SoldOrderRef, reason string) (*Purchased, error) {
	var f fields
	reason = f.text("reason", reason, suspension.MaxNote)
	if f.err != nil {
		return nil, f.err
	}
	return s.toggleOrder(ctx, actor, ref, action.Change{Type: action.Suspend, Note: reason})
}

// UnsuspendOrder lifts what the caller may lift. If something stays (expiry,
// somebody above), the answer is that it may not; what was lifted stays lifted.
func (s *Service) UnsuspendOrder(ctx context.Context, actor audit.Actor, ref SoldOrderRef) (*Purchased, error) {
	out, err := s.toggleOrder(ctx, actor, ref, action.Change{Type: action.Unsuspend})
	if err == nil && out.Action == nil {
		return nil, errStillSuspended
	}
	return out, err
}

func (s *Service) toggleOrder(ctx context.Context, actor audit.Actor, ref SoldOrderRef, ch action.Change) (*Purchased, error) {
	var out *Purchased
	err := s.write(ctx, actor, func(u *unit) error {
		o, c, err := u.changing(ref)
		if err != nil {
			return err
		}
		text := describeAction(o, ch)
		if err := u.carryOut(o, ch); err != nil {
			return err
		}
		if ch.Type == action.Unsuspend && o.Status(u.now) == order.Suspended {
			out = &Purchased{Order: o, Customer: c}
			return nil
		}
		out, err = u.finished(o, c, ch, text)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
