package selling

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

// SuspendOrder is resellerclub.md section 11. On an order that the
// caller has suspended already it changes the reason only.
func (s *Service) SuspendOrder(ctx context.Context, actor audit.Actor, ref SoldOrderRef, reason string) (*Purchased, error) {
	var f work.Fields
	reason = f.Text("reason", reason, suspension.MaxNote)
	if f.Err != nil {
		return nil, f.Err
	}
	return s.toggleOrder(ctx, actor, ref, action.Change{Type: action.Suspend, Note: reason})
}

// UnsuspendOrder lifts what the caller may lift. If something stays (expiry,
// somebody above), the answer is that it may not; what was lifted stays lifted.
func (s *Service) UnsuspendOrder(ctx context.Context, actor audit.Actor, ref SoldOrderRef) (*Purchased, error) {
	out, err := s.toggleOrder(ctx, actor, ref, action.Change{Type: action.Unsuspend})
	if err == nil && out.Action == nil {
		return nil, work.ErrStillSuspended
	}
	return out, err
}

func (s *Service) toggleOrder(ctx context.Context, actor audit.Actor, ref SoldOrderRef, ch action.Change) (*Purchased, error) {
	var out *Purchased
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, c, err := changing(u, ref)
		if err != nil {
			return err
		}
		text := describeAction(o, ch)
		if err := carryOut(u, o, ch); err != nil {
			return err
		}
		if ch.Type == action.Unsuspend && o.Status(u.Now) == order.Suspended {
			out = &Purchased{Order: o, Customer: c}
			return nil
		}
		out, err = finished(u, o, c, ch, text)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
