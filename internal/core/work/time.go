package work

import (
	"fmt"
	"time"

	"posthouse/internal/core/due"
)

// Enter makes a unit see a partner's time: the platform's, but for a sandbox
// partner, who has a clock of its own. A partner is a sandbox from birth or
// never, which is why that is remembered.
//
// What protects an account from outside (API keys, JWTs) goes by the platform's
// time: see Platform.Now.
func (u *Unit) Enter(partnerID int64) error {
	if partnerID == 0 || partnerID == u.entered {
		return nil
	}
	u.entered, u.ClockID, u.Now = partnerID, 0, u.Real
	sandbox, known := u.Platform.sandboxes.Load(partnerID)
	if !known {
		p, err := u.Tx.Partner(u.Ctx, partnerID)
		if err != nil || p == nil {
			return err
		}
		sandbox = p.Sandbox
		u.Platform.sandboxes.Store(partnerID, sandbox)
	}
	if sandbox == false {
		return nil
	}
	c, err := u.Tx.PartnerClock(u.Ctx, partnerID)
	if err != nil {
		return err
	}
	u.ClockID, u.Now = partnerID, c.Now(u.Real)
	return nil
}

// Remind puts an object of a partner into the calendar, or takes it out when at
// is nil.
func (u *Unit) Remind(k due.Kind, objectID, partnerID int64, at *time.Time) error {
	if at == nil {
		return u.Tx.ClearDue(u.Ctx, k, objectID)
	}
	return u.Within(partnerID, func() error {
		return u.Tx.SetDue(u.Ctx, due.Item{Kind: k, ObjectID: objectID, PartnerID: partnerID, ClockID: u.ClockID, At: *at})
	})
}

// Within runs fn in a partner's time and comes back to the present one: for
// what one partner's command does to another's object.
func (u *Unit) Within(partnerID int64, fn func() error) error {
	entered, clockID, now := u.entered, u.ClockID, u.Now
	err := u.Enter(partnerID)
	if err == nil {
		err = fn()
	}
	u.entered, u.ClockID, u.Now = entered, clockID, now
	return err
}

// Months says a number of months in words.
func Months(n int) string {
	if n == 1 {
		return "1 month"
	}
	return fmt.Sprintf("%d months", n)
}
