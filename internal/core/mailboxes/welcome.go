package mailboxes

import (
	"cmp"

	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
)

// WelcomeOrder tells the customer of a new order (titan.md 2): one mail, also
// for the first mailbox, with a link to set the panel password while there is none.
func WelcomeOrder(u *work.Unit, o *order.Order, c *customer.Customer, first *NewAccount) error {
	if c.Email == "" && c.AlternateEmail == "" {
		return nil
	}
	data := notice.OrderWelcomeData{Domain: o.Domain, Email: c.Email, Name: c.Name, Plan: string(o.Plan), Seats: o.Seats}
	if first != nil {
		data.FirstAccount = first.Local + "@" + o.Domain
	}
	locale := cmp.Or(o.Locale, c.Locale)
	token := ""
	if c.PasswordHash == "" && c.Email != "" {
		var err error
		if token, err = ticket.IssuePasswordToken(u, o, work.PasswordToken{CustomerID: c.ID, Locale: locale}); err != nil {
			return err
		}
	}
	return u.Notify(notice.Notice{
		PartnerID: o.PartnerID, ResellerID: work.ResellerOf(o), OrderID: o.ID, Kind: notice.OrderWelcome, To: c.Email, FallbackTo: c.AlternateEmail, Locale: locale,
	}, data, token)
}

// welcomeAccount tells the user of a new mailbox at the alternate address (T-31).
func welcomeAccount(u *work.Unit, o *order.Order, c *customer.Customer, a *account.Account) error {
	if a.AlternateEmail == "" {
		return nil
	}
	locale := cmp.Or(a.Locale, o.Locale, c.Locale)
	token := ""
	if a.PasswordHash == "" {
		var err error
		if token, err = ticket.IssuePasswordToken(u, o, work.PasswordToken{AccountID: a.ID, Locale: locale}); err != nil {
			return err
		}
	}
	return u.Notify(notice.Notice{
		PartnerID: o.PartnerID, ResellerID: work.ResellerOf(o), OrderID: o.ID, AccountID: a.ID, Kind: notice.AccountWelcome, To: a.AlternateEmail, Locale: locale,
	}, notice.AccountWelcomeData{Email: a.Email(), Name: a.Name}, token)
}
