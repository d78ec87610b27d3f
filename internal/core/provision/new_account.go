package provision

import (
	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// newAccount is a checked CreateEmailAccount.
type newAccount struct {
	CreateEmailAccount
	local string
	hash  string
}

// checkNewAccount applies the rules that need no look-up; the address waits for
// its order's domain.
func checkNewAccount(cmd CreateEmailAccount) (*newAccount, error) {
	n := &newAccount{CreateEmailAccount: cmd}
	var f fields
	n.FirstName = f.line("first name", n.FirstName, maxName)
	n.LastName = f.line("last name", n.LastName, maxName)
	n.Name = fullName(f.line("name", n.Name, maxName), n.FirstName, n.LastName)
	n.AlternateEmail = f.contact("alternate email address", n.AlternateEmail)
	n.Locale = f.line("locale", n.Locale, maxFreeText)
	n.Country = f.country(n.Country)
	n.Source = f.line("source", n.Source, maxFreeText)
	if f.err != nil {
		return nil, f.err
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

// locate reads the address within the order's domain.
func (n *newAccount) locate(domain string) (err error) {
	n.local, err = account.ParseEmail(n.Email, domain)
	return err
}

// sameContent reports whether a repeat asks for what is there (T-31). The
// password is compared elsewhere: that is slow.
func (n *newAccount) sameContent(a *account.Account) bool {
	return n.Name == a.Name && n.FirstName == a.FirstName && n.LastName == a.LastName &&
		n.AlternateEmail == a.AlternateEmail && n.IsAdmin == a.IsAdmin && n.Locale == a.Locale && n.Country == a.Country && n.Source == a.Source
}

// errTaken is the refusal of an address in use.
func errTaken(kind account.AddressKind) error {
	return fault.New(fault.Conflict, "The address is in use").WithReason(account.TakenReason(kind))
}

// checkSeat refuses one more account when the order is full.
func (u *unit) checkSeat(o *order.Order) error {
	n, err := u.tx.Counters(u.ctx, o.ID)
	if err != nil {
		return err
	}
	return o.TakesSeat(n)
}

// insertAccount makes an account at an address that is free, on a free seat.
func (u *unit) insertAccount(o *order.Order, c *customer.Customer, n *newAccount) (*CreatedAccount, error) {
	if err := u.checkSeat(o); err != nil {
		return nil, err
	}
	a := &account.Account{
		OrderID: o.ID, PartnerID: o.PartnerID, Local: n.local, Domain: o.Domain, Name: n.Name, FirstName: n.FirstName,
		LastName: n.LastName, AlternateEmail: n.AlternateEmail, PasswordHash: n.hash, IsAdmin: n.IsAdmin,
		Locale: n.Locale, Country: n.Country, Source: n.Source, CreatedAt: u.now, UpdatedAt: u.now,
	}
	if err := u.tx.InsertAccount(u.ctx, a); err != nil {
		return nil, err
	}
	if err := u.tx.TakeAddress(u.ctx, account.Address{OrderID: o.ID, Local: a.Local, Kind: account.KindAccount, AccountID: a.ID}); err != nil {
		return nil, err
	}
	if err := u.tx.CreateMailbox(u.ctx, a.ID, u.s.catalogue.QuotaBytes(o.Plan)); err != nil {
		return nil, err
	}
	if err := u.emit(o, event.EmailAccountCreated, event.AccountOf(o, c, a)); err != nil {
		return nil, err
	}
	if err := u.record(o.PartnerID, "email_account.create", "account", a.ID, detail{
		"order": o.ID, "email": a.Email(), "admin": a.IsAdmin, "password": a.PasswordHash != "",
	}); err != nil {
		return nil, err
	}
	if n.SendWelcomeEmail {
		if err := u.welcomeAccount(o, c, a); err != nil {
			return nil, err
		}
	}
	out := &CreatedAccount{AccountID: a.ID, OrderID: o.ID, Email: a.Email()}
	if n.WantLoginToken {
		var err error
		if out.LoginToken, err = u.issueLoginToken(a.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}
