package provision

import "posthouse/internal/fault"

// ReasonOrderNotActive is the Reason of an order in a state that the operation refuses.
const ReasonOrderNotActive = "ORDER_NOT_ACTIVE"

// Unknown, foreign and purged objects give the same fault, and so tell nothing
// about other tenants. Only a state that the caller may know of has a reason.
var (
	errPartner          = fault.New(fault.PartnerNotFound, "No such partner")
	errOrder            = fault.New(fault.OrderNotFound, "No such mail order")
	errOrderState       = errOrder.WithReason(ReasonOrderNotActive)
	errCustomer         = fault.New(fault.CustomerNotFound, "No such customer")
	errAccount          = fault.New(fault.AccountNotFound, "No such email account")
	errAccountState     = errAccount.WithReason("ACCOUNT_NOT_ACTIVE")
	errKeyInvalid       = fault.New(fault.Unauthenticated, "Invalid API key")
	errNetwork          = fault.New(fault.Forbidden, "Calls from this address are not allowed").WithReason("ADDRESS_NOT_ALLOWED")
	errMayNotSend       = fault.New(fault.Forbidden, "This account may not send mail").WithReason("MAY_NOT_SEND")
	errToken            = fault.New(fault.Unauthenticated, "The log-in token is not valid")
	errOrderUnnamed     = fault.New(fault.Invalid, "The mail order is not named")
	errSeveralHosts     = fault.New(fault.Internal, "The customer has orders on several server hosts").WithReason("SEVERAL_SERVER_HOSTS")
	errOrderExists      = fault.New(fault.Conflict, "An order for this domain exists under another customer").WithReason("ORDER_ALREADY_EXISTS")
	errPlanID           = fault.New(fault.Invalid, "The plan is unknown").WithReason("NO_SUCH_PLAN")
	errDowngrade        = fault.New(fault.Forbidden, "The order can't go to that plan").WithReason("NO_UPGRADE")
	errStillSuspended   = fault.New(fault.Forbidden, "The order stays suspended").WithReason("STILL_SUSPENDED")
	errChargedAmount    = fault.New(fault.Invalid, "A charged amount is required on paid plans")
	errCustomerInactive = fault.New(fault.Conflict, "The customer is not active").WithReason("CUSTOMER_NOT_ACTIVE")
)
