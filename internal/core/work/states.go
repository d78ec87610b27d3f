package work

import (
	"slices"

	"posthouse/internal/core/account"
	"posthouse/internal/core/order"
)

// Operation names a row of titan.md section 7.8, or one that another contract adds.
type Operation string

// The operations, each by its name in its dialect, else in words.
const (
	OpRead              Operation = "read"
	OpModifyOrder       Operation = "modifyMailOrder"
	OpSuspendOrder      Operation = "suspendMailOrder"
	OpUnsuspendOrder    Operation = "unsuspendMailOrder"
	OpDeleteOrder       Operation = "deleteMailOrder"
	OpTransferOrder     Operation = "transferMailOrder"
	OpToggleService     Operation = "toggleMailService"
	OpModifyCustomer    Operation = "modifyMailCustomer"
	OpReport            Operation = "notification"
	OpVerifyDNS         Operation = "verifyDns"
	OpGenerateDKIMKeys  Operation = "generateDkimKeys"
	OpRotateDKIMKeys    Operation = "rotate DKIM keys"
	OpLegalExport       Operation = "createLegalExportDump"
	OpCreateAccount     Operation = "createEmailAccount"
	OpModifyAccount     Operation = "modifyEmailAccount"
	OpSetPurgeDate      Operation = "modifyEmailAccount with purgeAt"
	OpSuspendAccount    Operation = "suspendEmailAccount"
	OpUnsuspendAccount  Operation = "unsuspendEmailAccount"
	OpDeleteAccount     Operation = "deleteEmailAccount"
	OpReactivateAccount Operation = "reactivateEmailAccount"
	OpAddAlias          Operation = "addEmailAlias"
	OpRemoveAlias       Operation = "removeEmailAlias"
	OpResetPassword     Operation = "changeEmailAccountPassword"
	OpSetPassword       Operation = "set a password by its link"
	OpCreateForwarder   Operation = "createInternalForwardingAccount"
	OpAddMembers        Operation = "addInternalForwardingAccountMembers"
	OpRemoveMembers     Operation = "removeInternalForwardingAccountMembers"
	OpDeleteForwarder   Operation = "deleteForwarder"
	OpSetCatchAll       Operation = "setCatchAll"
	OpRemoveCatchAll    Operation = "removeCatchAll"
	OpAddForwards       Operation = "add forwards"
	OpRemoveForwards    Operation = "remove forwards"
	OpSetAutoresponder  Operation = "set an autoresponder"
	OpAddDomainAlias    Operation = "add a domain alias"
	OpRemoveDomainAlias Operation = "remove a domain alias"
	OpClearSessions     Operation = "clearEmailSessions"
	OpStartPurchase     Operation = "start a purchase"
	OpCompletePurchase  Operation = "completePurchase"
	OpAddSeats          Operation = "add-email-account"    // resellerclub.md 7.3
	OpRemoveSeats       Operation = "delete-email-account" // 7.4
	OpChangePlan        Operation = "change of plan"       // 15
	OpPutMailbox        Operation = "PUT mailbox"          // basekit.md 5.5
	OpDeleteMailbox     Operation = "DELETE mailbox"       // 5.6
)

// states are the states in which an operation takes an order and an account. An
// operation without effect in a state takes it all the same.
type states struct {
	orders   []order.Status
	accounts []account.Status
}

var (
	anyOrder      = []order.Status{order.Pending, order.Active, order.Suspended, order.Deleted}
	liveOrder     = []order.Status{order.Pending, order.Active, order.Suspended}
	servedOrder   = []order.Status{order.Active, order.Suspended}
	boughtOrder   = []order.Status{order.Pending, order.Active}
	activeOrder   = []order.Status{order.Active}
	anyAccount    = []account.Status{account.Active, account.Suspended, account.Deleted}
	liveAccount   = []account.Status{account.Active, account.Suspended}
	activeAccount = []account.Status{account.Active}
)

// accepted is titan.md section 7.8 as data.
var accepted = map[Operation]states{
	OpRead:              {anyOrder, anyAccount},
	OpModifyOrder:       {liveOrder, nil},
	OpSuspendOrder:      {liveOrder, nil},
	OpUnsuspendOrder:    {liveOrder, nil},
	OpDeleteOrder:       {anyOrder, nil}, // deleted: no effect
	OpTransferOrder:     {anyOrder, nil},
	OpToggleService:     {servedOrder, nil},
	OpModifyCustomer:    {anyOrder, nil}, // the customer changes, not the order
	OpReport:            {anyOrder, nil},
	OpVerifyDNS:         {liveOrder, nil},
	OpGenerateDKIMKeys:  {liveOrder, nil},
	OpRotateDKIMKeys:    {liveOrder, nil},
	OpLegalExport:       {anyOrder, anyAccount},
	OpCreateAccount:     {activeOrder, nil},
	OpModifyAccount:     {servedOrder, liveAccount},
	OpSetPurgeDate:      {activeOrder, anyAccount}, // a live account is refused by the rule of operation 26
	OpSuspendAccount:    {servedOrder, liveAccount},
	OpUnsuspendAccount:  {servedOrder, liveAccount},
	OpDeleteAccount:     {servedOrder, anyAccount}, // deleted: no effect
	OpReactivateAccount: {activeOrder, anyAccount}, // live: no effect
	OpAddAlias:          {activeOrder, activeAccount},
	OpRemoveAlias:       {servedOrder, liveAccount},
	OpResetPassword:     {activeOrder, activeAccount},
	OpSetPassword:       {servedOrder, liveAccount},
	OpCreateForwarder:   {activeOrder, nil}, // its recipients: live accounts (T-35)
	OpAddMembers:        {activeOrder, nil},
	OpRemoveMembers:     {servedOrder, nil},
	OpDeleteForwarder:   {servedOrder, nil},
	OpSetCatchAll:       {servedOrder, liveAccount},
	OpRemoveCatchAll:    {servedOrder, nil},
	OpAddForwards:       {activeOrder, activeAccount},
	OpRemoveForwards:    {servedOrder, liveAccount},
	OpSetAutoresponder:  {servedOrder, liveAccount},
	OpAddDomainAlias:    {activeOrder, nil},
	OpRemoveDomainAlias: {servedOrder, nil},
	OpClearSessions:     {liveOrder, liveAccount},
	OpStartPurchase:     {servedOrder, nil},
	OpCompletePurchase:  {servedOrder, nil},
	OpAddSeats:          {activeOrder, nil},
	OpRemoveSeats:       {servedOrder, nil},
	OpChangePlan:        {servedOrder, nil},
	OpPutMailbox:        {boughtOrder, nil}, // a live account, suspended or not
	OpDeleteMailbox:     {anyOrder, nil},    // a deleted order has no mailboxes
}

// TakesOrder reports whether the operation is for an order in a state.
func (op Operation) TakesOrder(s order.Status) bool { return slices.Contains(accepted[op].orders, s) }

// TakesAccount is TakesOrder for an account.
func (op Operation) TakesAccount(s account.Status) bool {
	return slices.Contains(accepted[op].accounts, s)
}
