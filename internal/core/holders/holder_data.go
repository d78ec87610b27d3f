package holders

import (
	"maps"
	"regexp"
	"strings"

	"posthouse/internal/core/billing"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/order"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// HolderData is what a brand says of an account holder (basekit.md section 6);
// nil fields were not sent and keep their value.
type HolderData struct {
	FirstName, LastName, Username, Email, Language   *string
	Company, Phone, Address1, Address2, City, Zip    *string
	State, Country, CountryCode, CPFNumber, External *string
	CurrencyRef, PaymentMethodRef, CampaignRef       *int64
	ResellerRef                                      *int64 // 0 = the root
	CPFCompany, Newsletter, Beta, EntryComplete      *bool
	Metadata                                         map[string]string // the whole of it
}

// Bounds of what a holder has.
const (
	minNewUsername   = 7 // of a change; a new holder's may have one character (B-31)
	maxMetadata      = 50
	maxMetadataValue = 1000
)

// Reasons of faults about a holder, beside FieldPrefix and USERNAME_TAKEN.
const (
	ReasonEmailTaken    = "EMAIL_TAKEN"
	ReasonShortUsername = "USERNAME_TOO_SHORT"
	ReasonNotRestorable = "HOLDER_DELETED"
	ReasonTooManyNotes  = "TOO_MANY_NOTES"
	ReasonHasOrders     = "CUSTOMER_HAS_ORDERS"
)

var (
	errEmailTaken     = fault.New(fault.Conflict, "Another user has this email address").WithReason(ReasonEmailTaken)
	errShortUsername  = fault.Newf(fault.Invalid, "The user name has fewer than %d characters", minNewUsername).WithReason(ReasonShortUsername)
	errHolderDeleted  = fault.New(fault.Invalid, "The user is deleted").WithReason(ReasonNotRestorable)
	errHolderReseller = fault.New(fault.Invalid, "There is no such reseller").WithReason(work.FieldPrefix + "resellerRef")
	errHolderOwes     = fault.New(fault.Invalid, "A user whose ledger has something open stays with his reseller").WithReason(work.FieldPrefix + "resellerRef")
	errHolderMoves    = fault.New(fault.Invalid, "A user with orders stays with his reseller").WithReason(work.FieldPrefix + "resellerRef")
)

var holderPhone = regexp.MustCompile(`^\+([0-9]{1,4})\.(.+)$`)

// check reads d in place.
func (d *HolderData) check(f *work.Fields) {
	for _, v := range []struct {
		name  string
		value *string
		limit int
	}{
		{"firstName", d.FirstName, work.MaxName / 2}, {"lastName", d.LastName, work.MaxName / 2}, {"company", d.Company, work.MaxName}, {"address1", d.Address1, customers.MaxAddressLine},
		{"address2", d.Address2, customers.MaxAddressLine}, {"city", d.City, work.MaxName}, {"postcode", d.Zip, customers.MaxShort}, {"state", d.State, work.MaxName},
		{"cpfNumber", d.CPFNumber, customers.MaxShort}, {"externalSystemId", d.External, work.MaxID}, {"phoneNumber", d.Phone, customers.MaxShort}, {"country", d.Country, work.MaxName},
		{"languageCode", d.Language, customers.MaxShort},
	} {
		if v.value != nil {
			f.Field(v.name, func(f *work.Fields) { *v.value = f.Line(v.name, *v.value, v.limit) })
		}
	}
	if d.Phone != nil {
		f.Field("phoneNumber", func(f *work.Fields) { f.Matches("phone number", *d.Phone, work.PhonePattern) })
	}
	if d.Language != nil {
		f.Field("languageCode", func(f *work.Fields) { f.Matches("language", *d.Language, work.LangPattern) })
	}
	if d.CountryCode != nil {
		f.Field("countryCode", func(f *work.Fields) { *d.CountryCode = f.Country(*d.CountryCode) })
	}
	if d.Username != nil {
		f.Field("username", func(f *work.Fields) {
			// Names that the platform shows of customers without one are nobody's.
			if *d.Username = f.Required("user name", *d.Username, work.MaxFreeText); strings.HasSuffix(strings.ToLower(*d.Username), ".invalid") {
				f.Failf("The user name is not valid")
			}
		})
	}
	if d.Email != nil {
		f.Field("email", func(f *work.Fields) {
			if *d.Email = f.Contact("email address", *d.Email); *d.Email == "" {
				f.Failf("The email address is missing")
			}
		})
	}
	for name, ref := range map[string]*int64{"currencyRef": d.CurrencyRef, "accountPaymentMethodRef": d.PaymentMethodRef, "campaignRef": d.CampaignRef, "resellerRef": d.ResellerRef} {
		if ref != nil && *ref < 0 {
			f.Field(name, func(f *work.Fields) { f.Failf("The ref is not valid") })
		}
	}
	f.Field("metadata", func(f *work.Fields) {
		if len(d.Metadata) > maxMetadata {
			f.Failf("There are more than %d metadata", maxMetadata)
		}
		for k, v := range d.Metadata {
			if k == "" || len(k) > work.MaxID || len(v) > maxMetadataValue || !work.Storable(k) || !work.Storable(v) {
				f.Failf("The metadata are too long or hold characters that are not allowed")
			}
		}
	})
}

// apply writes checked data into c, but for user name, address and reseller.
func (d *HolderData) apply(c *customer.Customer) {
	set := func(to, v *string) {
		if v != nil {
			*to = *v
		}
	}
	h := &c.Holder
	first, last := c.Names()
	if d.FirstName != nil || d.LastName != nil {
		set(&first, d.FirstName)
		set(&last, d.LastName)
		h.FirstName, h.LastName, c.Name = first, last, customer.FullName(first, last)
	}
	for to, v := range map[*string]*string{
		&c.Company: d.Company, &c.City: d.City, &c.State: d.State, &c.Contact.Address1: d.Address1, &c.Contact.Address2: d.Address2, &c.Contact.Zip: d.Zip,
		&h.CPFNumber: d.CPFNumber, &h.ExternalID: d.External,
	} {
		set(to, v)
	}
	if d.Phone != nil {
		c.Contact.PhoneCC, c.Contact.Phone = "", *d.Phone
		if m := holderPhone.FindStringSubmatch(*d.Phone); m != nil {
			c.Contact.PhoneCC, c.Contact.Phone = m[1], m[2]
		}
	}
	if d.Language != nil {
		c.Contact.Language, c.Locale = *d.Language, locale.Match(*d.Language).Tag
	}
	if d.Country != nil {
		var f work.Fields
		c.Country, h.CountryName = f.Country(*d.Country), ""
		if f.Err != nil { // a name in place of a code
			c.Country, h.CountryName = "", *d.Country
		}
	}
	if d.CountryCode != nil && *d.CountryCode != "" {
		c.Country = *d.CountryCode
	}
	for to, v := range map[*int64]*int64{&h.CurrencyRef: d.CurrencyRef, &h.PaymentMethodRef: d.PaymentMethodRef, &h.CampaignRef: d.CampaignRef} {
		if v != nil {
			*to = *v
		}
	}
	for to, v := range map[*bool]*bool{&h.CPFCompany: d.CPFCompany, &h.Newsletter: d.Newsletter, &h.Beta: d.Beta, &h.EntryComplete: d.EntryComplete} {
		if v != nil {
			*to = *v
		}
	}
	if d.Metadata != nil {
		h.Metadata = maps.Clone(d.Metadata)
	}
}

// freeEmail refuses an address that another customer of the partner has (B-16).
func freeEmail(u *work.Unit, partnerID int64, email string, except int64) error {
	other, err := u.Tx.HolderByEmail(u.Ctx, partnerID, email, except)
	if err == nil && other != nil {
		err = errEmailTaken
	}
	return err
}

// holderSeller gives the id of the reseller that a ref names: one of the
// partner's that is active; 0 is the root, which there may be none of.
func holderSeller(u *work.Unit, partnerID, ref int64) (int64, error) {
	if ref == 0 {
		root, err := u.Tx.RootReseller(u.Ctx, partnerID)
		if err != nil || root == nil {
			return 0, err
		}
		return root.ID, nil
	}
	r, err := u.Tx.Reseller(u.Ctx, ref)
	if err != nil {
		return 0, err
	}
	if r == nil || r.PartnerID != partnerID || r.Status != reseller.Active {
		return 0, errHolderReseller
	}
	return r.ID, mayCreateHolder(u, r)
}

// moveHolder puts a customer below another reseller, as long as nothing that the
// former one has sold or is owed goes with him.
func moveHolder(u *work.Unit, c *customer.Customer, ref int64) error {
	if ref == c.ResellerID && ref != 0 {
		return nil
	}
	// A branch that he is in already is no change, however full it is.
	if now, err := topReseller(u, c); err != nil || now == ref {
		return err
	}
	to, err := holderSeller(u, c.PartnerID, ref)
	if err != nil || to == c.ResellerID {
		return err
	}
	orders, err := u.Tx.OrdersByCustomer(u.Ctx, c.ID)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if o.Status(u.Now) != order.Purged {
			return errHolderMoves
		}
	}
	before, err := billing.CustomerBook(u, c)
	if err != nil {
		return err
	}
	c.ResellerID = to
	after, err := billing.CustomerBook(u, c)
	if err != nil {
		return err
	}
	return leavesBook(u, c, before, after.Currency)
}

// leavesBook refuses that a customer gets another book while there is something
// open in the present one, or a purchase whose prices are in its currency.
func leavesBook(u *work.Unit, c *customer.Customer, b billing.Book, currency string) error {
	charges, err := u.Tx.OpenCharges(u.Ctx, b.Party, b.Currency, false, 0, 1)
	if err != nil {
		return err
	}
	funds, err := u.Tx.OpenFunds(u.Ctx, b.Party, b.Currency, 0, 1)
	if err != nil {
		return err
	}
	if len(charges)+len(funds) > 0 {
		return errHolderOwes
	}
	if currency == b.Currency {
		return nil
	}
	buys, err := u.Tx.ShopOrders(u.Ctx, work.ShopOrderFilter{PartnerID: c.PartnerID, CustomerID: c.ID, Limit: 1})
	if err == nil && len(buys) > 0 {
		err = errHolderMoves
	}
	return err
}
