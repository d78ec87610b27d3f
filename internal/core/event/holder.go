package event

import "time"

// The events of account holders that the BaseKit dialect's webhook tells of
// (basekit.md section 11). Domains and mailboxes have none there.
const (
	AccountHolderCreated       Type = "account_holder.created"
	AccountHolderPackageChange Type = "account_holder.package_change"
)

// HolderTypes gives them.
func HolderTypes() []Type { return []Type{AccountHolderCreated, AccountHolderPackageChange} }

// AllTypes gives whatever the log may hold.
func AllTypes() []Type { return append(Types(), HolderTypes()...) }

// AccountHolder is what both of them tell: the holder as it is after the change.
type AccountHolder struct {
	Ref       int64             `json:"ref"`
	FirstName string            `json:"firstName"`
	LastName  string            `json:"lastName"`
	Email     string            `json:"email"`
	Username  string            `json:"username"`
	Created   string            `json:"created"` // RFC 3339
	Brand     Brand             `json:"brand"`
	Packages  []HolderPackage   `json:"packages"` // never nil
	Metadata  map[string]string `json:"metadata"` // never nil
}

// Brand is a partner.
type Brand struct {
	Ref  int64  `json:"ref"`
	Name string `json:"name"`
}

// HolderPackage is a package that the holder has subscribed to.
type HolderPackage struct {
	Ref         int64  `json:"ref"`
	Name        string `json:"name"`
	ProductType string `json:"productType"`
	StartDate   string `json:"startDate"` // RFC 3339
	EndDate     string `json:"endDate"`   // "" = none
}

// Moment is the form of times in events of account holders.
func Moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
