package provision

import "time"

// CreateEmailAccount is titan.md operation 25.
type CreateEmailAccount struct {
	Order          OrderRef
	Email          string
	Name           string // used if FirstName and LastName are absent
	FirstName      string
	LastName       string
	AlternateEmail string
	Password       string // "" = nobody can log in until one is set
	WantLoginToken bool
	IsAdmin        bool
	Locale         string
	Source         string
}

// CreatedAccount is the result. Existing means that an equal account was there
// already (T-31).
type CreatedAccount struct {
	AccountID  int64
	OrderID    int64
	Email      string
	LoginToken string // "" unless asked for
	Existing   bool
}

// ModifyEmailAccount is titan.md operation 26; nil pointers are absent fields.
type ModifyEmailAccount struct {
	Account        AccountRef
	Name           *string
	FirstName      *string
	LastName       *string
	AlternateEmail *string
	Password       *string
	IsAdmin        *bool
	PurgeAt        *time.Time // 00:00 UTC of purgeAt
}

// SuspendEmailAccount is titan.md operation 27.
type SuspendEmailAccount struct {
	Account AccountRef
	Type    string // "" = partner (T-08)
	Note    string
}

// UnsuspendEmailAccount is titan.md operation 28.
type UnsuspendEmailAccount struct {
	Account AccountRef
	Type    string // "" = all that the actor's role may lift
	Note    string
}

// DeleteEmailAccount is titan.md operation 29.
type DeleteEmailAccount struct {
	Account AccountRef
	Reason  string
}

// ReactivateEmailAccount is titan.md operation 38.
type ReactivateEmailAccount struct {
	Account AccountRef
	Reason  string
}

// ListEmailAccounts is titan.md operation 31.
type ListEmailAccounts struct {
	Order          OrderRef
	IncludeDeleted bool
}

// EmailAvailability is titan.md operation 36.
type EmailAvailability struct {
	Available bool
	Reason    string
	AccountID int64 // the account, or the alias's account
}

// AddEmailAlias is titan.md operation 33.
type AddEmailAlias struct {
	Account     AccountRef
	Alias       string // a full address of the order's domain
	DisplayName *string
}

// RemoveEmailAliases is titan.md operation 34.
type RemoveEmailAliases struct {
	Account AccountRef
	Aliases []string
}
