package work

import (
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
)

// OrderState is what a command leaves an order as.
type OrderState struct {
	OrderID     int64
	Status      order.Status
	Suspensions suspension.Set
}

// OrderDetails is an order with what belongs to it.
type OrderDetails struct {
	Order          *order.Order
	Status         order.Status
	Customer       *customer.Customer
	Counters       order.Counters
	Addons         map[string]int64 // how many of each add-on; of FetchOrder only
	Billable       int              // noOfBillableAccounts
	StorageLimitMB int64            // per mailbox
}

// AccountState is what a command leaves an account as.
type AccountState struct {
	AccountID   int64
	OrderID     int64
	Status      account.Status
	Suspensions suspension.Set
}

// AccountDetails is an account with what belongs to it.
type AccountDetails struct {
	Account        *account.Account
	Status         account.Status
	CustomerID     string // the partner's
	StorageUsed    int64  // bytes
	StorageLimitMB int64
}

// Reactivation says whether something deleted may come back.
type Reactivation struct {
	Allowed bool
	Reason  string     // why not
	PurgeAt *time.Time // while deleted
}
