// Package event is the append-only log of what happened to a partner's objects.
// An event is written in the transaction of the change that it tells of;
// webhooks are deliveries of it (titan.md section 10).
package event

import (
	"encoding/json"
	"time"
)

// Type is an event's wire name: one of titan.md section 10.2, or of holder.go.
type Type string

// The 16 events of titan.md section 10.2.
const (
	MailOrderCreated                  Type = "MAIL_ORDER_CREATED"
	MailOrderStatusUpdated            Type = "MAIL_ORDER_STATUS_UPDATED"
	MailOrderPurged                   Type = "MAIL_ORDER_PURGED"
	PlanUpgraded                      Type = "PLAN_UPGRADED"
	AccountsPurchased                 Type = "ACCOUNTS_PURCHASED"
	PlanRenewed                       Type = "PLAN_RENEWED"
	MailOrderTransferred              Type = "MAIL_ORDER_TRANSFERRED"
	MailOrderSetupCompleted           Type = "MAIL_ORDER_SETUP_COMPLETED"
	MailCustomerUpdated               Type = "MAIL_CUSTOMER_UPDATED"
	EmailAccountCreated               Type = "EMAIL_ACCOUNT_CREATED"
	EmailAccountModified              Type = "EMAIL_ACCOUNT_MODIFIED"
	EmailAccountStatusUpdated         Type = "EMAIL_ACCOUNT_STATUS_UPDATED"
	EmailAccountPurged                Type = "EMAIL_ACCOUNT_PURGED"
	InternalForwardingAccountCreated  Type = "INTERNAL_FORWARDING_ACCOUNT_CREATED"
	InternalForwardingAccountModified Type = "INTERNAL_FORWARDING_ACCOUNT_MODIFIED"
	InternalForwardingAccountDeleted  Type = "INTERNAL_FORWARDING_ACCOUNT_DELETED"
)

// Event is one entry of the log. Within a partner, IDs grow in commit order of
// the changes of any one order, or of any one account holder.
type Event struct {
	ID         int64
	PublicID   string // UUID, stable over every delivery
	PartnerID  int64
	OrderID    int64 // 0 for events that belong to no order
	CustomerID int64 // of an account holder's event; 0 for others
	Type       Type
	Data       json.RawMessage // the event's `data`, as the webhook sends it
	Actor      string          // who made the change: see audit.Actor.String
	RequestID  string
	At         time.Time
}
