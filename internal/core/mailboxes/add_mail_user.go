package mailboxes

import (
	"context"
	"strings"

	"golang.org/x/text/language"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// AddMailUser makes a mailbox in the ResellerClub dialect, where everything is
// told (resellerclub.md section 9).
type AddMailUser struct {
	Order             work.OrderRef
	Email             string
	Password          string // by the platform's rule: see CheckNewPassword
	NotificationEmail string
	FirstName         string
	LastName          string
	Country           string // ISO 3166-1 alpha-2
	Language          string // ISO 639, with or without a region
}

// Reasons why a value is refused.
const (
	ReasonFirstName = "INVALID_FIRST_NAME"
	ReasonLastName  = "INVALID_LAST_NAME"
	ReasonCountry   = "INVALID_COUNTRY"
	ReasonLanguage  = "INVALID_LANGUAGE"
)

// AddMailUser makes a mailbox. An address that somebody has is refused, whatever
// the rest.
func (s *Service) AddMailUser(ctx context.Context, actor audit.Actor, cmd AddMailUser) (*MailUser, error) {
	if err := cmd.check(); err != nil {
		return nil, err
	}
	out, err := s.CreateEmailAccount(ctx, actor, CreateEmailAccount{
		Order: cmd.Order, Email: cmd.Email, FirstName: cmd.FirstName, LastName: cmd.LastName, AlternateEmail: cmd.NotificationEmail,
		Password: cmd.Password, Locale: cmd.Language, Country: cmd.Country,
	})
	if err == nil && out.Existing {
		err = routing.ErrTaken(account.KindAccount)
	}
	if err != nil {
		return nil, &routing.AtAddress{Email: strings.ToLower(strings.TrimSpace(cmd.Email)), Err: err}
	}
	return s.FindMailUser(ctx, actor, work.AccountRef{Order: cmd.Order, Email: out.Email})
}

func (cmd *AddMailUser) check() error {
	if err := work.CheckNewPassword(cmd.Password); err != nil {
		return err
	}
	if err := CheckNotified(&cmd.NotificationEmail); err != nil {
		return err
	}
	if err := checkNames(&cmd.FirstName, &cmd.LastName); err != nil {
		return err
	}
	var f work.Fields
	cmd.Country = f.Country(cmd.Country)
	if f.Err != nil || cmd.Country == "" {
		return fault.New(fault.Invalid, "The country is not a two-letter code").WithReason(ReasonCountry)
	}
	tag, err := language.Parse(strings.TrimSpace(cmd.Language))
	if err != nil || len(cmd.Language) > 16 {
		return fault.New(fault.Invalid, "The language is not a known code").WithReason(ReasonLanguage)
	}
	cmd.Language = tag.String()
	return nil
}

// checkNames reads the names that are given.
func checkNames(first, last *string) error {
	for _, n := range []struct {
		what, reason string
		v            *string
	}{{"first name", ReasonFirstName, first}, {"last name", ReasonLastName, last}} {
		if n.v == nil {
			continue
		}
		var f work.Fields
		*n.v = f.Line(n.what, *n.v, work.MaxName)
		if f.Err != nil {
			return fault.Of(f.Err).WithReason(n.reason)
		}
	}
	return nil
}

// CheckNotified reads the address that a user is told things at.
func CheckNotified(email *string) error {
	var f work.Fields
	sent := strings.TrimSpace(*email)
	*email = f.Contact("notification email address", sent)
	if f.Err == nil {
		return nil
	}
	return &routing.AtAddress{Email: sent, Err: &fault.Error{Code: fault.Invalid, Reason: account.ReasonInvalidEmail, Text: fault.Of(f.Err).Text}}
}

// ModifyMailUser is ModifyEmailAccount for the mailbox at an address.
func (s *Service) ModifyMailUser(ctx context.Context, actor audit.Actor, cmd ModifyEmailAccount) error {
	if cmd.AlternateEmail != nil {
		v := *cmd.AlternateEmail
		if err := CheckNotified(&v); err != nil {
			return err
		}
	}
	if err := checkNames(cmd.FirstName, cmd.LastName); err != nil {
		return err
	}
	ref, err := s.mailboxRef(ctx, actor, cmd.Account, work.OpModifyAccount)
	if err != nil {
		return err
	}
	cmd.Account = ref
	_, err = s.ModifyEmailAccount(ctx, actor, cmd)
	return err
}
