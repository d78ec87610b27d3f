package customer

import (
	"strings"
	"time"
)

// Holder is what an account holder of the BaseKit dialect has besides; kept as
// one JSON document (basekit.md 4.1). The zero value is that of a customer made
// in another dialect.
type Holder struct {
	Username         string            `json:"username,omitempty"` // as it was typed; Customer.Username is what is compared
	FirstName        string            `json:"firstName,omitempty"`
	LastName         string            `json:"lastName,omitempty"`
	CurrencyRef      int64             `json:"currencyRef,omitempty"`
	PaymentMethodRef int64             `json:"paymentMethodRef,omitempty"`
	CampaignRef      int64             `json:"campaignRef,omitempty"`
	CPFNumber        string            `json:"cpfNumber,omitempty"`
	CPFCompany       bool              `json:"cpfCompany,omitempty"`
	Newsletter       bool              `json:"newsletter,omitempty"`
	Beta             bool              `json:"beta,omitempty"`
	EntryComplete    bool              `json:"entryFlowComplete,omitempty"`
	ExternalID       string            `json:"externalSystemId,omitempty"`
	CountryName      string            `json:"countryName,omitempty"`   // what was sent in place of a code
	VerifiedEmail    string            `json:"verifiedEmail,omitempty"` // the address that was proved
	MailedTo         string            `json:"mailedTo,omitempty"`      // the address that tokens were mailed to
	Metadata         map[string]string `json:"metadata,omitempty"`
	LastLogin        *time.Time        `json:"lastLogin,omitempty"`
	WasSuspended     bool              `json:"wasSuspended,omitempty"` // before it was deleted
}

// Names gives first and last name. They are those that were given as long as
// the customer's name is still made of them; else its last word is the last name.
func (c *Customer) Names() (first, last string) {
	if FullName(c.Holder.FirstName, c.Holder.LastName) == c.Name {
		return c.Holder.FirstName, c.Holder.LastName
	}
	name := strings.TrimSpace(c.Name)
	if i := strings.LastIndexByte(name, ' '); i >= 0 {
		return strings.TrimSpace(name[:i]), name[i+1:]
	}
	return name, ""
}

// FullName joins the two.
func FullName(first, last string) string { return strings.TrimSpace(first + " " + last) }

// EmailVerified reports whether the present address was proved (B-13).
func (c *Customer) EmailVerified() bool {
	return c.Email != "" && c.Holder.VerifiedEmail == c.Email
}

// ShownUsername is Login with the spelling that was typed.
func (c *Customer) ShownUsername() string {
	if login := c.Login(); strings.ToLower(c.Holder.Username) != login {
		return login
	}
	return c.Holder.Username
}

// Removed reports whether c was deleted in a way that it may come back from.
func (c *Customer) Removed() bool { return c.Status == Deleted && c.DeletedAt != nil }
