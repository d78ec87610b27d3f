package provision

import (
	"slices"

	"posthouse/internal/core/account"
	"posthouse/internal/core/order"
)

// operation names a row of titan.md section 7.8.
type operation string

const (
	opRead              operation = "read"
	opModifyOrder       operation = "modifyMailOrder"
	opSuspendOrder      operation = "suspendMailOrder"
	opUnsuspendOrder    operation = "unsuspendMailOrder"
	opDeleteOrder       operation = "deleteMailOrder"
	opTransferOrder     operation = "transferMailOrder"
	opToggleService     operation = "toggleMailService"
	opModifyCustomer    operation = "modifyMailCustomer"
	opReport            operation = "notification"
	opVerifyDNS         operation = "verifyDns"
	opGenerateDKIMKeys  operation = "generateDkimKeys"
	opRotateDKIMKeys    operation = "rotate DKIM keys"
	opLegalExport       operation = "createLegalExportDump"
	opCreateAccount     operation = "createEmailAccount"
	opModifyAccount     operation = "modifyEmailAccount"
	opSetPurgeDate      operation = "modifyEmailAccount with purgeAt"
	opSuspendAccount    operation = "suspendEmailAccount"
	opUnsuspendAccount  operation = "unsuspendEmailAccount"
	opDeleteAccount     operation = "deleteEmailAccount"
	opReactivateAccount operation = "reactivateEmailAccount"
	opAddAlias          operation = "addEmailAlias"
	opRemoveAlias       operation = "removeEmailAlias"
	opResetPassword     operation = "changeEmailAccountPassword"
	opSetPassword       operation = "set a password by its link"
	opCreateForwarder   operation = "createInternalForwardingAccount"
	opAddMembers        operation = "addInternalForwardingAccountMembers"
	opRemoveMembers     operation = "removeInternalForwardingAccountMembers"
	opDeleteForwarder   operation = "deleteForwarder"
	opSetCatchAll       operation = "setCatchAll"
	opRemoveCatchAll    operation = "removeCatchAll"
	opAddForwards       operation = "add forwards"
	opRemoveForwards    operation = "remove forwards"
	opSetAutoresponder  operation = "set an autoresponder"
	opAddDomainAlias    operation = "add a domain alias"
	opRemoveDomainAlias operation = "remove a domain alias"
	opClearSessions     operation = "clearEmailSessions"
	opStartPurchase     operation = "start a purchase"
	opCompletePurchase  operation = "completePurchase"
	opAddSeats          operation = "add-email-account"    // resellerclub.md 7.3
	opRemoveSeats       operation = "delete-email-account" // 7.4
	opChangePlan        operation = "change of plan"       // 15
	opPutMailbox        operation = "PUT mailbox"          // basekit.md 5.5
	opDeleteMailbox     operation = "DELETE mailbox"       // 5.6
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
var accepted = map[operation]states{
	opRead:              {anyOrder, anyAccount},
	opModifyOrder:       {liveOrder, nil},
	opSuspendOrder:      {liveOrder, nil},
	opUnsuspendOrder:    {liveOrder, nil},
	opDeleteOrder:       {anyOrder, nil}, // deleted: no effect
	opTransferOrder:     {anyOrder, nil},
	opToggleService:     {servedOrder, nil},
	opModifyCustomer:    {anyOrder, nil}, // the customer changes, not the order
	opReport:            {anyOrder, nil},
	opVerifyDNS:         {liveOrder, nil},
	opGenerateDKIMKeys:  {liveOrder, nil},
	opRotateDKIMKeys:    {liveOrder, nil},
	opLegalExport:       {anyOrder, anyAccount},
	opCreateAccount:     {activeOrder, nil},
	opModifyAccount:     {servedOrder, liveAccount},
	opSetPurgeDate:      {activeOrder, anyAccount}, // a live account is refused by the rule of operation 26
	opSuspendAccount:    {servedOrder, liveAccount},
	opUnsuspendAccount:  {servedOrder, liveAccount},
	opDeleteAccount:     {servedOrder, anyAccount}, // deleted: no effect
	opReactivateAccount: {activeOrder, anyAccount}, // live: no effect
	opAddAlias:          {activeOrder, activeAccount},
	opRemoveAlias:       {servedOrder, liveAccount},
	opResetPassword:     {activeOrder, activeAccount},
	opSetPassword:       {servedOrder, liveAccount},
	opCreateForwarder:   {activeOrder, nil}, // its recipients: live accounts (T-35)
	opAddMembers:        {activeOrder, nil},
	opRemoveMembers:     {servedOrder, nil},
	opDeleteForwarder:   {servedOrder, nil},
	opSetCatchAll:       {servedOrder, liveAccount},
	opRemoveCatchAll:    {servedOrder, nil},
	opAddForwards:       {activeOrder, activeAccount},
	opRemoveForwards:    {servedOrder, liveAccount},
	opSetAutoresponder:  {servedOrder, liveAccount},
	opAddDomainAlias:    {activeOrder, nil},
	opRemoveDomainAlias: {servedOrder, nil},
	opClearSessions:     {liveOrder, liveAccount},
	opStartPurchase:     {servedOrder, nil},
	opCompletePurchase:  {servedOrder, nil},
	opAddSeats:          {activeOrder, nil},
	opRemoveSeats:       {servedOrder, nil},
	opChangePlan:        {servedOrder, nil},
	opPutMailbox:        {boughtOrder, nil}, // a live account, suspended or not
	opDeleteMailbox:     {anyOrder, nil},    // a deleted order has no mailboxes
}

func (op operation) takesOrder(s order.Status) bool { return slices.Contains(accepted[op].orders, s) }
func (op operation) takesAccount(s account.Status) bool {
	return slices.Contains(accepted[op].accounts, s)
}
