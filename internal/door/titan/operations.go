package titan

import "slices"

// Operations is the route table of titan.md section 8.0, every row of it.
// Changing a path is changing a line here.
func Operations() []Operation {
	return slices.Concat(mailOrderOperations(), customerOperations(), emailAccountOperations(), forwardingOperations(), tokenOperations())
}

func mailOrderOperations() []Operation {
	return []Operation{
		{
			Number: "1", Title: "Health Check API", Method: Read, Path: "/partner/healthCheck",
			Aliases: []string{"/partner/health", "/partner/ping"}, Served: true, open: true, serve: healthCheck,
		},
		{
			Number: "2", Title: "Create Mail Order", Method: Write, Path: "/partner/createMailOrder", Served: true,
			Request: createMailOrderFields(), Response: shapeOf[createdMailOrder](), serve: createMailOrder,
		},
		{
			Number: "3", Title: "Modify Mail Order", Method: Write, Path: "/partner/modifyMailOrder", Served: true,
			Request:  modifyMailOrderFields(),
			Response: shapeOf[mailOrderState](), serve: modifyMailOrder,
		},
		{
			Number: "4", Title: "Suspend Mail Order", Method: Write, Path: "/partner/suspendMailOrder", Served: true,
			Request: withOrder(suspensionFields()...), Response: shapeOf[suspendedMailOrder](), serve: suspendMailOrder,
		},
		{
			Number: "5", Title: "Fetch Order Details", Method: Read, Path: "/partner/fetchOrderDetails",
			Aliases: []string{"/partner/fetchMailOrder", "/partner/getMailOrder", "/partner/fetchMailOrderDetails"}, Served: true,
			Request: orderFields(), Response: shapeOf[orderDetails](), serve: fetchOrderDetails,
		},
		{
			Number: "6", Title: "Fetch Order Suspensions", Method: Read, Path: "/partner/fetchOrderSuspensions",
			Aliases: []string{"/partner/fetchMailOrderSuspensions", "/partner/listMailOrderSuspensions"}, Served: true,
			Request:  orderFields(),
			Response: shapeOf[orderSuspensions](), serve: fetchOrderSuspensions,
		},
		{
			Number: "7", Title: "Unsuspend Mail Order", Method: Write, Path: "/partner/unsuspendMailOrder", Served: true,
			Request: withOrder(suspensionFields()...), Response: shapeOf[unsuspendedMailOrder](), serve: unsuspendMailOrder,
		},
		{
			Number: "8", Title: "Delete Mail Order", Method: Write, Path: "/partner/deleteMailOrder", Served: true,
			Request: withOrder(Field{Name: "reason", Kind: Text}), serve: deleteMailOrder,
		},
		{
			Number: "9", Title: "Transfer Mail Order", Method: Write, Path: "/partner/transferMailOrder", Served: true,
			Request: transferMailOrderFields(), serve: transferMailOrder,
		},
		{
			Number: "10", Title: "Toggle Mail Service", Method: Write, Path: "/partner/toggleMailService", Served: true,
			Request: toggleMailServiceFields(), serve: toggleMailService,
		},
		{
			Number: "11", Title: "Get All Mail Orders", Method: Read, Path: "/partner/listMailOrders", Served: true,
			Request: listMailOrdersFields(), Response: shapeOf[mailOrders](), serve: listMailOrders,
		},
		{
			Number: "12", Title: "Fetch Addon Products and Pricing", Method: Read, Path: "/partner/fetchAddonProducts",
			Aliases: []string{"/partner/fetchAddonProductsAndPricing", "/partner/listAddonProducts"}, Served: true,
			Request:  withOrder(Field{Name: "defaultCurrency", Kind: Text, Note: "used if the order has no currency"}),
			Response: shapeOf[addonProducts](), serve: fetchAddonProducts,
		},
		{
			Number: "13", Title: "Check Mail Order Availability", Method: Read, Path: "/partner/checkMailOrderAvailability",
			Aliases: []string{"/partner/checkMailOrder"}, Served: true,
			Request:  []Field{{Name: "domainName", Kind: Name, Required: true}},
			Response: shapeOf[orderAvailability](), serve: checkMailOrderAvailability,
		},
		{
			Number: "14", Title: "Check Mail Order Reactivation Eligibility", Method: Read,
			Path:    "/partner/checkMailOrderReactivationEligibility",
			Aliases: []string{"/partner/checkMailOrderReactivation"}, Served: true, Request: orderFields(),
			Response: shapeOf[orderReactivation](),
			serve:    checkMailOrderReactivation,
		},
		{
			Number: "15", Title: "Reactivate Mail Order", Method: Write, Path: "/partner/reactivateMailOrder", Served: true,
			Request: orderFields(), serve: reactivateMailOrder,
		},
		{
			Number: "16", Title: "Complete Purchase", Method: Write, Path: "/partner/completePurchase", Served: true,
			Request: completePurchaseFields(), serve: completePurchase,
		},
		{
			Number: "17", Title: "DNS Verification", Method: Write, Path: "/partner/verifyDns",
			Aliases: []string{"/partner/dnsVerification", "/partner/verifyDNS"}, Served: true,
			Request: orderFields(), Response: verifyDNSResponse(), serve: verifyDNS,
		},
		{
			Number: "18", Title: "Generate DKIM Keys", Method: Write, Path: "/partner/generateDkimKeys",
			Aliases: []string{"/partner/generateDKIMKeys", "/partner/generateDkim"}, Served: true,
			Request: orderFields(), Response: []Field{{Name: "txtRecord", Kind: Text}, {Name: "selector", Kind: Text}}, serve: generateDKIMKeys,
		},
	}
}

func customerOperations() []Operation {
	return []Operation{
		{
			Number: "19", Title: "Modify Mail Customer", Method: Write, Path: "/partner/modifyMailCustomer", Served: true,
			Request: modifyMailCustomerFields(), serve: modifyMailCustomer,
		},
		{
			Number: "20", Title: "Sync Mail Customer API", Method: Both, Path: "/partner/syncMailCustomer", Served: true,
			Request: syncMailCustomerFields(), serve: syncMailCustomer,
		},
		{
			Number: "21", Title: "Set Catch-all Configuration", Method: Write, Path: "/partner/setCatchAll",
			Aliases: []string{"/partner/setCatchAllConfig", "/partner/setCatchAllConfiguration"}, Served: true,
			Request: forwarderFields(), serve: setCatchAll,
		},
		{
			Number: "22", Title: "Remove Catch-all Configuration", Method: Write, Path: "/partner/removeCatchAll",
			Aliases: []string{"/partner/removeCatchAllConfig", "/partner/removeCatchAllConfiguration"}, Served: true,
			Request: orderFields(), serve: removeCatchAll,
		},
		{
			Number: "23", Title: "Get Catch-all Configuration", Method: Read, Path: "/partner/getCatchAll",
			Aliases: []string{
				"/partner/fetchCatchAll", "/partner/getCatchAllConfig", "/partner/getCatchAllConfiguration",
				"/partner/fetchCatchAllConfig", "/partner/fetchCatchAllConfiguration",
			}, Served: true,
			Request:  orderFields(),
			Response: shapeOf[catchAll](), serve: getCatchAll,
		},
		{
			Number: "24", Title: "Additional Notification APIs", Method: Write, Path: "/partner/notification",
			Aliases: []string{"/partner/notify", "/partner/notifications", "/partner/event"}, Served: true,
			Request: notificationFields(), serve: notify,
		},
	}
}

func emailAccountOperations() []Operation {
	return []Operation{
		{
			Number: "25", Title: "Create Email Account", Method: Write, Path: "/partner/createEmailAccount", Served: true,
			Request:  createEmailAccountFields(),
			Response: shapeOf[createdEmailAccount](),
			serve:    createEmailAccount,
		},
		{
			Number: "26", Title: "Modify Email Account API", Method: Write, Path: "/partner/modifyEmailAccount", Served: true,
			Request: modifyEmailAccountFields(), serve: modifyEmailAccount,
		},
		{
			Number: "27", Title: "Suspend Email Account", Method: Write, Path: "/partner/suspendEmailAccount", Served: true,
			Request: accountFields(true, suspensionFields()...), serve: suspendEmailAccount,
		},
		{
			Number: "28", Title: "Unsuspend Email Account", Method: Write, Path: "/partner/unsuspendEmailAccount", Served: true,
			Request: accountFields(true, suspensionFields()...), Response: shapeOf[unsuspendedEmailAccount](), serve: unsuspendEmailAccount,
		},
		{
			Number: "29", Title: "Delete Email Account", Method: Write, Path: "/partner/deleteEmailAccount", Served: true,
			Request: accountFields(true, Field{Name: "reason", Kind: Text}), serve: deleteEmailAccount,
		},
		{
			Number: "30", Title: "Change Email Account password", Method: Write, Path: "/partner/changeEmailAccountPassword", Served: true,
			Request: aliasFields(Field{Name: "recipient", Kind: Text, Required: true, Note: "gets a link; the password stays"}),
			serve:   changeEmailAccountPassword,
		},
		{
			Number: "31", Title: "Get All Email Accounts", Method: Read, Path: "/partner/listEmailAccounts", Served: true,
			Request: listEmailAccountsFields(), Response: shapeOf[emailAccounts](), serve: listEmailAccounts,
		},
		{
			Number: "32", Title: "Fetch Email Account Info", Method: Read, Path: "/partner/fetchEmailAccountInfo",
			Aliases: []string{"/partner/fetchEmailAccount", "/partner/getEmailAccount"}, Served: true,
			Request: fetchEmailAccountInfoFields(), Response: shapeOf[accountInfo](), serve: fetchEmailAccountInfo,
		},
		{
			Number: "33", Title: "Add Email Alias", Method: Write, Path: "/partner/addEmailAlias", Served: true,
			Request: aliasFields(Field{Name: "alias", Kind: Name, Required: true}, Field{Name: "displayName", Kind: Text}),
			serve:   addEmailAlias,
		},
		{
			Number: "34", Title: "Remove Email Alias", Method: Write, Path: "/partner/removeEmailAlias",
			Aliases: []string{"/partner/removeEmailAliases"}, Served: true,
			Request: aliasFields(Field{Name: "aliases", Kind: Names, Required: true}), serve: removeEmailAlias,
		},
		{
			Number: "35", Title: "List Email Alias", Method: Read, Path: "/partner/listEmailAlias",
			Aliases: []string{"/partner/listEmailAliases"}, Served: true,
			Request: aliasFields(), Response: shapeOf[emailAliases](), serve: listEmailAlias,
		},
		{
			Number: "36", Title: "Check Email Account Availability API", Method: Read, Path: "/partner/checkEmailAccountAvailability",
			Served: true, Request: aliasFields(),
			Response: shapeOf[emailAvailability](),
			serve:    checkEmailAccountAvailability,
		},
		{
			Number: "37", Title: "Check Email Account Reactivation Eligibility", Method: Read,
			Path:    "/partner/checkEmailAccountReactivationEligibility",
			Aliases: []string{"/partner/checkEmailAccountReactivation"}, Served: true, Request: reactivationFields(),
			Response: shapeOf[accountReactivation](),
			serve:    checkEmailAccountReactivation,
		},
		{
			Number: "38", Title: "Reactivate Email Account", Method: Write, Path: "/partner/reactivateEmailAccount", Served: true,
			Request: reactivationFields(Field{Name: "reason", Kind: Text}), serve: reactivateEmailAccount,
		},
		{
			Number: "39", Title: "Clear Email Sessions", Method: Write, Path: "/partner/clearEmailSessions", Served: true,
			Request: withOrder(Field{Name: "titanAccountIds", Kind: IDs, Required: true, Note: "at most 100"}), serve: clearEmailSessions,
		},
		{
			Number: "40", Title: "Create Legal Export Dump", Method: Write, Path: "/partner/createLegalExportDump",
			Aliases: []string{"/partner/createLegalExport"}, Served: true,
			Request: reactivationFields(), Response: []Field{{Name: "jobId", Kind: Text}}, serve: createLegalExport,
		},
		{
			Number: "41", Title: "Fetch Legal Export Dump", Method: Read, Path: "/partner/fetchLegalExportDump",
			Aliases: []string{"/partner/fetchLegalExport"}, Served: true,
			Request: reactivationFields(Field{Name: "jobId", Kind: Text, Required: true}), Response: legalExportFields(), serve: fetchLegalExport,
		},
	}
}

func forwardingOperations() []Operation {
	return []Operation{
		{
			Number: "42", Title: "Create Internal Forwarding Account", Method: Write, Path: "/partner/createInternalForwardingAccount",
			Served: true, Request: forwarderFields(recipientsField()), serve: changesForwarder(createForwarder),
		},
		{
			Number: "43", Title: "Add members to Internal Forwarding Account", Method: Write,
			Path:    "/partner/addInternalForwardingAccountMembers",
			Aliases: []string{"/partner/addMembersToInternalForwardingAccount"}, Served: true,
			Request: forwarderFields(recipientsField()), serve: changesForwarder(addForwarderMembers),
		},
		{
			Number: "44", Title: "Remove members to Internal Forwarding Account", Method: Write,
			Path: "/partner/removeInternalForwardingAccountMembers",
			Aliases: []string{
				"/partner/removeMembersFromInternalForwardingAccount", "/partner/removeMembersToInternalForwardingAccount",
			}, Served: true,
			Request: forwarderFields(recipientsField()), serve: changesForwarder(removeForwarderMembers),
		},
		{
			Number: "45", Title: "Fetch Internal Forwarding Account Info", Method: Read,
			Path:    "/partner/fetchInternalForwardingAccountInfo",
			Aliases: []string{"/partner/fetchInternalForwardingAccount"}, Served: true,
			Request: forwarderFields(), Response: shapeOf[forwarderInfo](), serve: fetchForwarder,
		},
		{
			Number: "46", Title: "Get all Internal Forwarding Accounts", Method: Read,
			Path: "/partner/listInternalForwardingAccounts", Served: true,
			Request: orderFields(), Response: shapeOf[forwarders](), serve: listForwarders,
		},
	}
}

// tokenOperations are not in the vendor's document.
func tokenOperations() []Operation {
	return []Operation{
		{
			Number: "X1", Title: "Control-panel token", Method: Write, Path: "/partner/generateCPToken", Served: true,
			Request: []Field{
				{Name: "customerId", Kind: Text, Note: "required, unless `titanCustomerId` is there"},
				{Name: "titanCustomerId", Kind: ID},
				{Name: "validityInMinutes", Kind: Count, Note: "default 30, at most 60 (T-36)"},
			},
			Response: shapeOf[panelToken](), serve: generateCPToken,
		},
		{
			Number: "X2", Title: "Partner token", Method: Write, Path: "/partner/token/generate", Served: true,
			Response: shapeOf[keyToken](), serve: generateToken,
		},
	}
}
