package work

import "posthouse/internal/fault"

// ReasonOrderNotActive is the Reason of an order in a state that the operation refuses.
const ReasonOrderNotActive = "ORDER_NOT_ACTIVE"

// Unknown, foreign and purged objects give the same fault, and so tell nothing
// about other tenants. Only a state that the caller may know of has a reason.
var (
	ErrPartner          = fault.New(fault.PartnerNotFound, "No such partner")
	ErrOrder            = fault.New(fault.OrderNotFound, "No such mail order")
	ErrOrderState       = ErrOrder.WithReason(ReasonOrderNotActive)
	ErrCustomer         = fault.New(fault.CustomerNotFound, "No such customer")
	ErrAccount          = fault.New(fault.AccountNotFound, "No such email account")
	ErrAccountState     = ErrAccount.WithReason("ACCOUNT_NOT_ACTIVE")
	ErrKeyInvalid       = fault.New(fault.Unauthenticated, "Invalid API key")
	ErrNetwork          = fault.New(fault.Forbidden, "Calls from this address are not allowed").WithReason("ADDRESS_NOT_ALLOWED")
	ErrMayNotSend       = fault.New(fault.Forbidden, "This account may not send mail").WithReason("MAY_NOT_SEND")
	ErrToken            = fault.New(fault.Unauthenticated, "The log-in token is not valid")
	ErrOrderUnnamed     = fault.New(fault.Invalid, "The mail order is not named")
	ErrSeveralHosts     = fault.New(fault.Internal, "The customer has orders on several server hosts").WithReason("SEVERAL_SERVER_HOSTS")
	ErrOrderExists      = fault.New(fault.Conflict, "An order for this domain exists under another customer").WithReason("ORDER_ALREADY_EXISTS")
	ErrPlanID           = fault.New(fault.Invalid, "The plan is unknown").WithReason("NO_SUCH_PLAN")
	ErrDowngrade        = fault.New(fault.Forbidden, "The order can't go to that plan").WithReason("NO_UPGRADE")
	ErrStillSuspended   = fault.New(fault.Forbidden, "The order stays suspended").WithReason("STILL_SUSPENDED")
	ErrChargedAmount    = fault.New(fault.Invalid, "A charged amount is required on paid plans")
	ErrCustomerInactive = fault.New(fault.Conflict, "The customer is not active").WithReason("CUSTOMER_NOT_ACTIVE")
	ErrEvent            = fault.New(fault.NotFound, "No such event")
	ErrUsernameExists   = fault.New(fault.Invalid, "The user name exists already").WithReason("USERNAME_TAKEN")
	ErrNotSignedUp      = fault.New(fault.Forbidden, "The reseller has not signed up for this product").WithReason("NOT_SIGNED_UP")
)
