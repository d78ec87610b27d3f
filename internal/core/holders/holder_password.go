package holders

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/due"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// ForgotHolderPassword asks for a mail with a link to set a new password
// (basekit.md 5.8), by a user name or an e-mail address.
type ForgotHolderPassword struct {
	Username  string
	Email     string // only without Username
	LoginLink string // where the link leads: it gets the parameter h
}

const (
	// maxNamedRequests are answered of one name and partner in RequestWindow, others
	// silently are not: who asks must not be able to tell.
	maxNamedRequests = 5
	// maxHolderRequests are kept of one partner in RequestWindow.
	maxHolderRequests = 5000
	// RequestWindow is how far back requests count; older ones may be forgotten.
	RequestWindow = time.Hour
	// maxAskedCustomers get a mail of one request: a person may be a customer
	// several times.
	maxAskedCustomers = 5
)

var (
	errNoName    = fault.New(fault.Invalid, "A user name or an e-mail address is needed").WithReason("NAME_REQUIRED")
	errBadName   = fault.New(fault.Invalid, "The user name is not valid").WithReason("USERNAME_INVALID")
	errBadEmail  = fault.New(fault.Invalid, "The e-mail address is not valid").WithReason("EMAIL_INVALID")
	errManyMails = fault.New(fault.TooMany, "Too many mails were asked for").WithReason("TOO_MANY_MAILS")
)

// ForgotHolderPassword writes down what is asked and has it answered afterwards
// (see AnswerHolderRequest): who calls learns from neither content nor time
// whether there is such a customer (B-11).
func (s *Service) ForgotHolderPassword(ctx context.Context, actor audit.Actor, cmd ForgotHolderPassword) error {
	r := work.HolderRequest{Username: strings.ToLower(strings.TrimSpace(cmd.Username)), RequestID: actor.RequestID}
	if r.Username == "" {
		var f work.Fields
		if r.Email = strings.ToLower(f.Contact("e-mail address", cmd.Email)); f.Err != nil {
			return errBadEmail
		}
	}
	switch {
	case r.Username == "" && r.Email == "":
		return errNoName
	case len(r.Username) > work.MaxFreeText || !work.Storable(r.Username):
		return errBadName
	}
	return s.Write(ctx, actor, func(u *work.Unit) (err error) {
		p, err := u.OwnPartner(0)
		if err != nil {
			return err
		}
		row := r
		if row.Link, err = holderLink(u, p.ID, cmd.LoginLink); err != nil {
			return err
		}
		row.PartnerID, row.CreatedAt = p.ID, u.Real
		named, all, err := u.Tx.CountHolderRequests(u.Ctx, &row, u.Real.Add(-RequestWindow), maxHolderRequests)
		switch {
		case err != nil:
			return err
		case all >= maxHolderRequests:
			return errManyMails
		case named >= maxNamedRequests:
			return nil
		}
		if err := u.Tx.InsertHolderRequest(u.Ctx, &row); err != nil {
			return err
		}
		now := u.Now
		return u.Remind(due.HolderRequest, row.ID, p.ID, &now)
	})
}

// holderLink judges a link that a mail to a holder of the partner is to have.
func holderLink(u *work.Unit, partnerID int64, raw string) (string, error) {
	settings, err := tenancy.Shop(u, partnerID)
	if err != nil {
		return "", err
	}
	return shop.CheckLink(raw, settings.LinkHosts, u.Platform.Settings.PlainURLs)
}

// AnswerHolderRequest looks for who was asked for and mails them, once.
func AnswerHolderRequest(ctx context.Context, p *work.Platform, actor audit.Actor, id int64) error {
	return p.Write(ctx, actor, func(u *work.Unit) error {
		r, err := u.Tx.HolderRequest(u.Ctx, id)
		if err != nil || r == nil || r.Done {
			return err
		}
		if err := u.Enter(r.PartnerID); err != nil {
			return err
		}
		u.Actor = audit.Actor{PartnerID: r.PartnerID, Role: work.AsPlatform.Role, Name: "forgotten-password", RequestID: r.RequestID}
		asked, err := askedHolders(u, r)
		if err != nil {
			return err
		}
		for _, c := range asked {
			if err := mailPasswordLink(u, c, r.Link); err != nil {
				return err
			}
		}
		return u.Tx.EndHolderRequest(u.Ctx, r.ID)
	})
}

// askedHolders gives the active customers that a request means and that have an
// address. A user name is one customer's; an e-mail address can be several's.
func askedHolders(u *work.Unit, r *work.HolderRequest) ([]*customer.Customer, error) {
	var found []*customer.Customer
	if r.Username != "" {
		c, err := u.Tx.CustomerByUsername(u.Ctx, r.PartnerID, r.Username)
		if err != nil {
			return nil, err
		}
		if c != nil {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		address := r.Email + r.Username // one of them is ""
		all, err := u.Tx.CustomersByEmail(u.Ctx, r.PartnerID, address, work.MaxFound)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			if r.Username == "" || c.Username == "" { // made in another dialect: its address is its name
				found = append(found, c)
			}
		}
	}
	var out []*customer.Customer
	for _, c := range found {
		if c.Status == customer.Active && c.Email != "" && len(out) < maxAskedCustomers {
			out = append(out, c)
		}
	}
	return out, nil
}

// mailPasswordLink mails a link that sets a new password. A link sent before is void.
func mailPasswordLink(u *work.Unit, c *customer.Customer, link string) error {
	token, err := issueHolderToken(u, c, work.ResetPassword)
	if err != nil {
		if fault.Of(err).Reason == errManyMails.Reason {
			return nil // under several names the same limit
		}
		return err
	}
	if err := notifyHolder(u, c, notice.HolderPassword, link, token); err != nil {
		return err
	}
	return u.Record(c.PartnerID, "customer.reset_link", "customer", c.ID, nil)
}

// ResetHolderPassword sets a password by the hash of a mailed link (basekit.md 5.9).
type ResetHolderPassword struct {
	Hash     string
	Password string
}

// minHolderPassword is in characters (basekit.md 5.9: more than 6).
const minHolderPassword = 7

var (
	errHolderHash          = fault.New(fault.Invalid, "The hash is not valid").WithReason("HASH_INVALID")
	errHolderPassword      = fault.New(fault.Invalid, "The password is not valid").WithReason("PASSWORD_INVALID")
	errHolderPasswordShort = fault.Newf(fault.Invalid, "The password is shorter than %d characters", minHolderPassword).WithReason("PASSWORD_TOO_SHORT")
)

func checkHolderPassword(password string) error {
	switch {
	case !utf8.ValidString(password) || len(password) > work.MaxPassword:
		return errHolderPassword
	case utf8.RuneCountInString(password) < minHolderPassword:
		return errHolderPasswordShort
	}
	return nil
}

// ResetHolderPassword uses a hash up. The holder's sessions, and whatever else was
// mailed to him to log in or to prove his address, end.
func (s *Service) ResetHolderPassword(ctx context.Context, actor audit.Actor, cmd ResetHolderPassword) error {
	if err := checkHolderPassword(cmd.Password); err != nil {
		return err
	}
	holder := func(u *work.Unit) (*customer.Customer, error) {
		p, err := u.OwnPartner(0)
		if err != nil {
			return nil, err
		}
		return holderOfHash(u, p.ID, cmd.Hash)
	}
	if err := s.Read(ctx, actor, func(u *work.Unit) error { // costs no hash
		_, err := holder(u)
		return err
	}); err != nil {
		return err
	}
	hash, err := s.Hasher.Hash(ctx, cmd.Password)
	if err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := holder(u)
		if err != nil {
			return err
		}
		if err := u.Tx.DropHolderTokens(u.Ctx, c.ID, ""); err != nil {
			return err
		}
		if err := customers.SetCustomerPassword(u, c, hash); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.set_password", "customer", c.ID, work.Detail{"by": "hash"})
	})
}
