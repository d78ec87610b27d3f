package titan

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/work"
)

type listedAccount struct {
	AccountID      int64          `json:"titanAccountId"`
	Email          string         `json:"email"`
	CustomerID     string         `json:"customerId"`
	OrderID        int64          `json:"titanOrderId"`
	Domain         string         `json:"domainName"`
	Name           *string        `json:"name"`
	FirstName      *string        `json:"firstName"`
	LastName       *string        `json:"lastName"`
	AlternateEmail *string        `json:"alternateEmailAddress"`
	Status         account.Status `json:"status"`
	StorageUsed    int64          `json:"storageUsed" note:"MB, rounded up"`
	StorageLimit   int64          `json:"storageLimit" note:"MB"`
	IsAdmin        bool           `json:"isAdmin"`
	Aliases        []string       `json:"aliases"`
	PurgeAt        *string        `json:"purgeAt,omitempty" kind:"date" note:"deleted ones only"`
}

func listEmailAccountsFields() []Field {
	return withOrder(Field{Name: "includeDeletedAccounts", Kind: Bool, Note: "default false"})
}

type emailAccounts struct {
	answered
	Accounts []listedAccount `json:"accounts"`
}

// listEmailAccounts is operation 31.
func listEmailAccounts(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	all, err := c.door.core.ListEmailAccounts(ctx, c.actor, mailboxes.ListEmailAccounts{
		Order: ref, IncludeDeleted: in.flagOr("includeDeletedAccounts", false),
	})
	if err != nil {
		return nil, err
	}
	out := &emailAccounts{Accounts: make([]listedAccount, 0, len(all))}
	for _, d := range all {
		a := d.Account
		out.Accounts = append(out.Accounts, listedAccount{
			AccountID: a.ID, Email: a.Email(), CustomerID: d.CustomerID, OrderID: a.OrderID, Domain: a.Domain,
			Name: orNull(a.Name), FirstName: orNull(a.FirstName), LastName: orNull(a.LastName),
			AlternateEmail: orNull(a.AlternateEmail), Status: d.Status, StorageUsed: megabytes(d.StorageUsed),
			StorageLimit: d.StorageLimitMB, IsAdmin: a.IsAdmin, Aliases: a.HeldAliases(), PurgeAt: purgeAt(d),
		})
	}
	return out, nil
}

func fetchEmailAccountInfoFields() []Field {
	return withOrder(Field{Name: "titanAccountId", Kind: ID}, Field{Name: "email", Kind: Name})
}

type accountInfo struct {
	answered
	Name           string         `json:"name"`
	FirstName      string         `json:"firstName"`
	LastName       string         `json:"lastName"`
	OrderID        int64          `json:"titanOrderId"`
	AlternateEmail string         `json:"alternateEmailAddress"`
	Status         account.Status `json:"status"`
	StorageUsed    int64          `json:"storageUsed" note:"MB, rounded up"`
	StorageLimit   int64          `json:"storageLimit" note:"MB"`
	IsAdmin        bool           `json:"isAdmin"`
	Aliases        []string       `json:"aliases"`
	PurgeAt        *string        `json:"purgeAt,omitempty" kind:"date" note:"deleted ones only"`
	AccountID      int64          `json:"titanAccountId"`
	Email          string         `json:"email"`
	CustomerID     string         `json:"customerId"`
}

// fetchEmailAccountInfo is operation 32: by titanAccountId, by order and email,
// or by an email that one live account of the partner has.
func fetchEmailAccountInfo(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.account()
	if err != nil {
		// No order is named, which is no fault here.
		ref.Order = work.OrderRef{}
		if ref.AccountID == 0 && ref.Email == "" {
			return nil, missing("titanAccountId")
		}
	}
	d, err := c.door.core.FetchEmailAccount(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	a := d.Account
	return &accountInfo{
		Name: a.Name, FirstName: a.FirstName, LastName: a.LastName, OrderID: a.OrderID, AlternateEmail: a.AlternateEmail,
		Status: d.Status, StorageUsed: megabytes(d.StorageUsed), StorageLimit: d.StorageLimitMB, IsAdmin: a.IsAdmin,
		Aliases: a.HeldAliases(), PurgeAt: purgeAt(d), AccountID: a.ID, Email: a.Email(), CustomerID: d.CustomerID,
	}, nil
}

type emailAvailability struct {
	answered
	Available bool   `json:"isAvailable"`
	AccountID int64  `json:"titanAccountId,omitempty" note:"only when an account has the address"`
	Reason    string `json:"reason,omitempty" note:"only when not available"`
}

// checkEmailAccountAvailability is operation 36.
func checkEmailAccountAvailability(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	a, err := c.door.core.CheckEmailAccountAvailability(ctx, c.actor, ref, in.text("email"))
	if err != nil {
		return nil, err
	}
	return &emailAvailability{Available: a.Available, AccountID: a.AccountID, Reason: a.Reason}, nil
}

// megabytes rounds up, so that a mailbox with any mail never shows as empty.
func megabytes(bytes int64) int64 { return (bytes + 1<<20 - 1) >> 20 }

func purgeAt(d *work.AccountDetails) *string {
	if d.Status != account.Deleted {
		return nil
	}
	return dayOrNull(d.Account.PurgeAt)
}
