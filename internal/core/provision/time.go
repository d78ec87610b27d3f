package provision

import (
	"time"

	"posthouse/internal/core/due"
)

// enter makes a unit see a partner's time: the platform's, but for a sandbox
// partner, who has a clock of its own. A partner is a sandbox from birth or
// never, which is why that is remembered.
//
// What protects an account from outside (API keys, JWTs) goes by the platform's
// time: see Service.now.
func (u *unit) enter(partnerID int64) error {
	if partnerID == 0 || partnerID == u.entered {
		return nil
	}
	u.entered, u.clockID, u.now = partnerID, 0, u.real
	sandbox, known := u.s.sandboxes.Load(partnerID)
	if !known {
		p, err := u.tx.Partner(u.ctx, partnerID)
		if err != nil || p == nil {
			return err
		}
		sandbox = p.Sandbox
		u.s.sandboxes.Store(partnerID, sandbox)
	}
	if sandbox == false {
		return nil
	}
	c, err := u.tx.PartnerClock(u.ctx, partnerID)
	if err != nil {
		return err
	}
	u.clockID, u.now = partnerID, c.Now(u.real)
	return nil
}

// remind puts an object of a partner into the calendar, or takes it out when at
// is nil.
func (u *unit) remind(k due.Kind, objectID, partnerID int64, at *time.Time) error {
	if at == nil {
		return u.tx.ClearDue(u.ctx, k, objectID)
	}
	return u.within(partnerID, func() error {
		return u.tx.SetDue(u.ctx, due.Item{Kind: k, ObjectID: objectID, PartnerID: partnerID, ClockID: u.clockID, At: *at})
	})
}

// within runs fn in a partner's time and comes back to the present one: for
// what one partner's command does to another's object.
func (u *unit) within(partnerID int64, fn func() error) error {
	entered, clockID, now := u.entered, u.clockID, u.now
	err := u.enter(partnerID)
	if err == nil {
		err = fn()
	}
	u.entered, u.clockID, u.now = entered, clockID, now
	return err
}
