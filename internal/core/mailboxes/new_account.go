package mailboxes

import (
	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
)

// NewAccount is a checked CreateEmailAccount.
type NewAccount struct {
	CreateEmailAccount

	Local string // the part before @, once the domain is known
	Hash  string // of the password, once it was computed
}

// CheckNewAccount applies the rules that need no look-up; the address waits for
// its order's domain.
func CheckNewAccount(cmd CreateEmailAccount) (*NewAccount, error) {
	n := &NewAccount{CreateEmailAccount: cmd}
	var f work.Fields
	n.FirstName = f.Line("first name", n.FirstName, work.MaxName)
	n.LastName = f.Line("last name", n.LastName, work.MaxName)
	n.Name = fullName(f.Line("name", n.Name, work.MaxName), n.FirstName, n.LastName)
	n.AlternateEmail = f.Contact("alternate email address", n.AlternateEmail)
	n.Locale = f.Line("locale", n.Locale, work.MaxFreeText)
	n.Country = f.Country(n.Country)
	n.Source = f.Line("source", n.Source, work.MaxFreeText)
	if f.Err != nil {
		return nil, f.Err
	}
	return n, nil
}

// fullName is the name given, unless there are a first or a last name.
func fullName(name, first, last string) string {
	switch {
	case first != "" && last != "":
		return first + " " + last
	case first != "" || last != "":
		return first + last
	}
	return name
}

// Locate reads the address within the order's domain.
func (n *NewAccount) Locate(domain string) (err error) {
	n.Local, err = account.ParseEmail(n.Email, domain)
	return err
}

// sameContent reports whether a repeat asks for what is there (T-31). The
// password is compared elsewhere: that is slow.
func (n *NewAccount) sameContent(a *account.Account) bool {
	return n.Name == a.Name && n.FirstName == a.FirstName && n.LastName == a.LastName &&
		n.AlternateEmail == a.AlternateEmail && n.IsAdmin == a.IsAdmin && n.Locale == a.Locale && n.Country == a.Country && n.Source == a.Source
}

// checkSeat refuses one more account when the order is full.
func checkSeat(u *work.Unit, o *order.Order) error {
	n, err := u.Tx.Counters(u.Ctx, o.ID)
	if err != nil {
		return err
	}
	return o.TakesSeat(n)
}

// InsertAccount makes an account at an address that is free, on a free seat.
func InsertAccount(u *work.Unit, o *order.Order, c *customer.Customer, n *NewAccount) (*CreatedAccount, error) {
	if err := checkSeat(u, o); err != nil {
		return nil, err
	}
	a := &account.Account{
		OrderID: o.ID, PartnerID: o.PartnerID, Local: n.Local, Domain: o.Domain, Name: n.Name, FirstName: n.FirstName,
		LastName: n.LastName, AlternateEmail: n.AlternateEmail, PasswordHash: n.Hash, IsAdmin: n.IsAdmin,
		Locale: n.Locale, Country: n.Country, Source: n.Source, CreatedAt: u.Now, UpdatedAt: u.Now,
	}
	if err := u.Tx.InsertAccount(u.Ctx, a); err != nil {
		return nil, err
	}
	if err := u.Tx.TakeAddress(u.Ctx, account.Address{OrderID: o.ID, Local: a.Local, Kind: account.KindAccount, AccountID: a.ID}); err != nil {
		return nil, err
	}
	if err := u.Tx.CreateMailbox(u.Ctx, a.ID, u.Platform.Catalogue.QuotaBytes(o.Plan)); err != nil {
		return nil, err
	}
	if err := u.Emit(o, event.EmailAccountCreated, event.AccountOf(o, c, a)); err != nil {
		return nil, err
	}
	if err := u.Record(o.PartnerID, "email_account.create", "account", a.ID, work.Detail{
		"order": o.ID, "email": a.Email(), "admin": a.IsAdmin, "password": a.PasswordHash != "",
	}); err != nil {
		return nil, err
	}
	if n.SendWelcomeEmail {
		if err := welcomeAccount(u, o, c, a); err != nil {
			return nil, err
		}
	}
	out := &CreatedAccount{AccountID: a.ID, OrderID: o.ID, Email: a.Email()}
	if n.WantLoginToken {
		var err error
		if out.LoginToken, err = ticket.IssueLoginToken(u, a.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}
