package event

// Types gives the 16 types in the order of titan.md section 10.2.
func Types() []Type {
	return []Type{
		MailOrderCreated, MailOrderStatusUpdated, MailOrderPurged, PlanUpgraded, AccountsPurchased, PlanRenewed,
		MailOrderTransferred, MailOrderSetupCompleted, MailCustomerUpdated, EmailAccountCreated, EmailAccountModified,
		EmailAccountStatusUpdated, EmailAccountPurged, InternalForwardingAccountCreated, InternalForwardingAccountModified,
		InternalForwardingAccountDeleted,
	}
}
