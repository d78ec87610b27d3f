package reselling

import (
	"context"
	"fmt"
	"strconv"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
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
	var f work.Fields
	address := f.Address(cmd.IP)
	if f.Err != nil {
		return "", f.Err
	}
	var try customers.Attempt
	var id int64
	if err := s.Write(ctx, actor, func(u *work.Unit) error {
		r, err := resellerNamed(u, cmd.Username)
		if err != nil {
			return err
		}
		try, id = customers.Attempt{Subject: customers.SubjectOfNobody(strconv.FormatInt(u.Actor.Limit.ResellerID, 10)+"/reseller", cmd.Username)}, 0
		if r != nil {
			try, id = customers.Attempt{Subject: fmt.Sprintf("reseller/%d", r.ID), Hash: r.PasswordHash}, r.ID
		}
		return customers.CountAttempt(u, &try)
	}); err != nil {
		return "", err
	}
	refused := &customers.RefusedLogin{Remaining: max(0, customers.MaxLoginAttempts-try.Count)}
	var err error
	if id != 0 { // not subject to the bar, as it can't be guessed
		if try.Temp, err = s.isTempPassword(ctx, id, cmd.Password); err != nil {
			return "", err
		}
	}
	ok, err := customers.VerifyAttempt(ctx, s.Platform, &try, cmd.Password)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", refused
	}
	raw := ""
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		raw = ""
		r, me, err := loginOf(u, id)
		if err != nil {
			return err
		}
		if r.PasswordHash != try.Hash { // changed while it was compared
			return refused
		}
		if err := u.Tx.DropLoginAttempts(u.Ctx, try.Subject); err != nil {
			return err
		}
		raw, err = ticket.IssueTicket(u, me, nil, r, address, customers.CustomerTokenLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// resellerNamed finds the acting reseller or one below it by user name, nil for none.
func resellerNamed(u *work.Unit, username string) (*reseller.Reseller, error) {
	me, err := u.Reseller(0)
	if err != nil {
		return nil, err
	}
	var f work.Fields
	name := ResellerName(&f, username)
	if f.Err != nil {
		return nil, nil
	}
	r, err := u.Tx.ResellerByUsername(u.Ctx, me.PartnerID, name)
	if err != nil || r == nil {
		return nil, err
	}
	if r, err = u.Reseller(r.ID); fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return r, err
}
