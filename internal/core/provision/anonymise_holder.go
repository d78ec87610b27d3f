package provision

import (
	"context"
	"fmt"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
)

// anonymised stands where something personal was.
const anonymised = "anonymised"

// AnonymiseHolder is POST /users/:ref/anonymise (basekit.md section 6). The
// customer can't log in and no mail of ours reaches him; his orders and their
// mailboxes go on.
func (s *Service) AnonymiseHolder(ctx context.Context, actor audit.Actor, ref int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.holder(ref)
		if err != nil {
			return err
		}
		before := *c
		// Nobody can choose a name that ends in .invalid, so this one is free.
		name := fmt.Sprintf("%s-%d@anonymised.invalid", anonymised, c.ID)
		c.Name, c.Email, c.AlternateEmail, c.Username, c.PasswordHash = customer.FullName(anonymised, anonymised), name, "", name, ""
		c.Company, c.City, c.State, c.Country, c.PIN = anonymised, anonymised, anonymised, "", ""
		c.Contact = customer.Contact{Address1: anonymised, Address2: anonymised, Zip: anonymised, Phone: anonymised, Language: c.Contact.Language}
		h := c.Holder
		c.Holder = customer.Holder{
			Username: name, FirstName: anonymised, LastName: anonymised, CountryName: anonymised, CurrencyRef: h.CurrencyRef, EntryComplete: h.EntryComplete, WasSuspended: h.WasSuspended,
		}
		if err := u.forgetHolder(c); err != nil {
			return err
		}
		if err := u.tx.DropLoginAttempts(u.ctx, subjectOf(c)); err != nil {
			return err
		}
		c.UpdatedAt = u.now
		if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
			return err
		}
		if err := u.tellCustomerUpdated(&before, c); err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.anonymise", "customer", c.ID, nil)
	})
}
