package provision

import (
	"context"
	"fmt"
	"strconv"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
)

// GenerateResellerToken is resellers/generate-token: a log-in of the acting
// reseller, or of one below it, that gives a token as customers have (section 10,
// row 9).
type GenerateResellerToken struct {
	Username string
	Password string // its own, or a temporary one
	IP       string
}

// GenerateResellerToken checks a reseller's password as AuthenticateCustomer does
// a customer's: an unknown name, a foreign one, a wrong password and one too many
// are one RefusedLogin, count alike and cost the same.
func (s *Service) GenerateResellerToken(ctx context.Context, actor audit.Actor, cmd GenerateResellerToken) (string, error) {
	var f fields
	address := f.address(cmd.IP)
	if f.err != nil {
		return "", f.err
	}
	var try attempt
	var id int64
	if err := s.write(ctx, actor, func(u *unit) error {
		r, err := u.resellerNamed(cmd.Username)
		if err != nil {
			return err
		}
		try, id = attempt{subject: subjectOfNobody(strconv.FormatInt(u.actor.Limit.ResellerID, 10)+"/reseller", cmd.Username)}, 0
		if r != nil {
			try, id = attempt{subject: fmt.Sprintf("reseller/%d", r.ID), hash: r.PasswordHash}, r.ID
		}
		return u.countAttempt(&try)
	}); err != nil {
		return "", err
	}
	refused := &RefusedLogin{Remaining: max(0, MaxLoginAttempts-try.count)}
	var err error
	if id != 0 { // not subject to the bar, as it can't be guessed
		if try.temp, err = s.isTempPassword(ctx, id, cmd.Password); err != nil {
			return "", err
		}
	}
	ok, err := s.verifyAttempt(ctx, &try, cmd.Password)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", refused
	}
	raw := ""
	err = s.write(ctx, actor, func(u *unit) error {
		raw = ""
		r, me, err := u.loginOf(id)
		if err != nil {
			return err
		}
		if r.PasswordHash != try.hash { // changed while it was compared
			return refused
		}
		if err := u.tx.DropLoginAttempts(u.ctx, try.subject); err != nil {
			return err
		}
		raw, err = u.issueTicket(me, nil, r, address, customerTokenLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// resellerNamed finds the acting reseller or one below it by user name, nil for none.
func (u *unit) resellerNamed(username string) (*reseller.Reseller, error) {
	me, err := u.reseller(0)
	if err != nil {
		return nil, err
	}
	var f fields
	name := f.resellerName(username)
	if f.err != nil {
		return nil, nil
	}
	r, err := u.tx.ResellerByUsername(u.ctx, me.PartnerID, name)
	if err != nil || r == nil {
		return nil, err
	}
	if r, err = u.reseller(r.ID); fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return r, err
}
