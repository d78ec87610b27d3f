package holders

import (
	"context"
	"fmt"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/work"
)

// anonymised stands where something personal was.
const anonymised = "anonymised"

// AnonymiseHolder is POST /users/:ref/anonymise (basekit.md section 6). The
// customer can't log in and no mail of ours reaches him; his orders and their
// mailboxes go on.
func (s *Service) AnonymiseHolder(ctx context.Context, actor audit.Actor, ref int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := holder(u, ref)
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
		if err := forgetHolder(u, c); err != nil {
			return err
		}
		if err := u.Tx.DropLoginAttempts(u.Ctx, customers.SubjectOf(c)); err != nil {
			return err
		}
		c.UpdatedAt = u.Now
		if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
			return err
		}
		if err := customers.TellCustomerUpdated(u, &before, c); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.anonymise", "customer", c.ID, nil)
	})
}
