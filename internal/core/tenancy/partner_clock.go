package tenancy

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// AdvanceClock asks for a sandbox partner's clock to be moved forward, By a span
// or To a time of that clock. Give one of the two.
type AdvanceClock struct {
	PartnerID int64
	By        time.Duration
	To        time.Time
}

// ClockState is where a partner's clock stands.
type ClockState struct {
	PartnerID int64
	Sandbox   bool
	Now       time.Time
	Target    *time.Time // where it is on its way to
	Remaining int        // items of the calendar until there, at most maxRemaining
	Taken     bool       // a server moves it at this moment
}

const (
	maxRemaining = 100_000
	maxAhead     = 10 // years before the platform's time
)

var (
	errNoClock   = fault.New(fault.Conflict, "Only a sandbox partner has a clock of its own").WithReason("NOT_A_SANDBOX")
	errClockBack = fault.New(fault.Invalid, "A clock only moves forward").WithReason("CLOCK_BACKWARDS")
	errClockFar  = fault.Newf(fault.Invalid, "A clock goes at most %d years ahead", maxAhead).WithReason("CLOCK_TOO_FAR")
	errClockSpan = fault.New(fault.Invalid, "Give either a span or a time to move the clock to")
)

// checkClock lets a partner's own staff and the operator at a clock.
func checkClock(u *work.Unit, partnerID int64) (*partner.Partner, error) {
	switch u.Actor.Role {
	case suspension.RoleTitan, suspension.RoleTitanSupport, suspension.RolePartner, suspension.RolePartnerSupport:
	default:
		return nil, fault.New(fault.Forbidden, "This role may not touch the clock")
	}
	if !u.Owns(partnerID) {
		return nil, work.ErrPartner
	}
	p, err := u.Partner(partnerID)
	if err != nil {
		return nil, err
	}
	return p, u.Enter(p.ID)
}

// AdvanceClock keeps the request; who runs the calendar carries it out, from one
// thing that falls due to the next. While the clock is on its way, a further
// request counts from where it is going.
func (s *Service) AdvanceClock(ctx context.Context, actor audit.Actor, cmd AdvanceClock) (*ClockState, error) {
	if (cmd.By != 0) == !cmd.To.IsZero() {
		return nil, errClockSpan
	}
	to := cmd.To.UTC().Truncate(time.Microsecond)
	var out *ClockState
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := checkClock(u, cmd.PartnerID)
		if err != nil {
			return err
		}
		if !p.Sandbox {
			return errNoClock
		}
		c, err := u.Tx.PartnerClock(u.Ctx, p.ID)
		if err != nil {
			return err
		}
		if c == nil {
			c = &partner.Clock{PartnerID: p.ID}
		}
		from := c.Now(u.Real)
		if c.Target != nil && c.Target.After(from) {
			from = *c.Target
		}
		target := to
		if cmd.By != 0 {
			target = from.Add(cmd.By)
		}
		switch {
		case cmd.By < 0, target.Before(from):
			return errClockBack
		case target.After(u.Real.AddDate(maxAhead, 0, 0)):
			return errClockFar
		}
		c.Target, c.UpdatedAt = &target, u.Real
		if err := u.Tx.PutPartnerClock(u.Ctx, c); err != nil {
			return err
		}
		if err := u.Record(p.ID, "clock.advance", "partner", p.ID, work.Detail{"from": from, "to": target}); err != nil {
			return err
		}
		out, err = clockState(u, p, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// PartnerClock says what time it is for a partner.
func (s *Service) PartnerClock(ctx context.Context, actor audit.Actor, partnerID int64) (*ClockState, error) {
	var out *ClockState
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		p, err := checkClock(u, partnerID)
		if err != nil {
			return err
		}
		c, err := u.Tx.PartnerClock(u.Ctx, p.ID)
		if err != nil {
			return err
		}
		out, err = clockState(u, p, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func clockState(u *work.Unit, p *partner.Partner, c *partner.Clock) (*ClockState, error) {
	out := &ClockState{PartnerID: p.ID, Sandbox: p.Sandbox, Now: c.Now(u.Real)}
	if c == nil || c.Target == nil {
		return out, nil
	}
	out.Target, out.Taken = c.Target, c.Mover != "" && c.MoverUntil.After(u.Real)
	var err error
	out.Remaining, err = u.Tx.CountDue(u.Ctx, p.ID, *c.Target, maxRemaining)
	return out, err
}

// MovingClocks gives the partners whose clocks are on their way.
func (s *Service) MovingClocks(ctx context.Context, actor audit.Actor) ([]*partner.Clock, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out []*partner.Clock
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = u.Tx.MovingClocks(u.Ctx, work.MaxFound)
		return err
	})
	return out, err
}

// MoveClock is one step of a clock on its way, taken by one node at a time.
type MoveClock struct {
	PartnerID int64
	Node      string
	Lease     time.Duration // how long no other node may move it
	Hold      bool          // only keep it: what fell due at the last step is still being done
}

// ClockStep is what MoveClock did.
type ClockStep struct {
	Busy bool      // another node moves it
	Done bool      // it is where it was to go, or was not on its way
	Now  time.Time // what is due until then is to be done before the next step
}

// MoveClock moves a clock to the next thing that falls due by it, at most to its
// target. What is due already stops it. The platform's time passes meanwhile,
// and the partner's with it.
func (s *Service) MoveClock(ctx context.Context, actor audit.Actor, cmd MoveClock) (*ClockStep, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out *ClockStep
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Tx.PartnerClock(u.Ctx, cmd.PartnerID)
		if err != nil {
			return err
		}
		if c == nil || c.Target == nil {
			out = &ClockStep{Done: true}
			return nil
		}
		if c.Mover != "" && c.Mover != cmd.Node && c.MoverUntil.After(u.Real) {
			out = &ClockStep{Busy: true}
			return nil
		}
		if cmd.Hold {
			c.Mover, c.MoverUntil = cmd.Node, u.Real.Add(cmd.Lease)
			out = &ClockStep{Now: c.Now(u.Real)}
			return u.Tx.PutPartnerClock(u.Ctx, c)
		}
		next, err := u.Tx.NextDueOf(u.Ctx, c.PartnerID)
		if err != nil {
			return err
		}
		now, to, arrived := c.Now(u.Real), *c.Target, next == nil || next.At.After(*c.Target)
		if !arrived {
			to = next.At
		}
		if by := to.Sub(now); by > 0 {
			c.Offset += by
			now = to
			if err := u.Tx.ShiftWebhookLanes(u.Ctx, c.PartnerID, by); err != nil {
				return err
			}
		}
		c.UpdatedAt = u.Real
		c.Mover, c.MoverUntil = cmd.Node, u.Real.Add(cmd.Lease)
		if arrived {
			c.Target, c.Mover, c.MoverUntil = nil, "", time.Time{}
		}
		out = &ClockStep{Done: arrived, Now: now}
		return u.Tx.PutPartnerClock(u.Ctx, c)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// PartnerTime is what time it is for a partner: the platform's, or a sandbox
// partner's own.
func (s *Service) PartnerTime(ctx context.Context, partnerID int64) (time.Time, error) {
	var out time.Time
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		err := u.Enter(partnerID)
		out = u.Now
		return err
	})
	return out, err
}
