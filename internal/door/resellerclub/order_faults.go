package resellerclub

import (
	"posthouse/internal/core/order"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/work"
)

// reasonTexts are texts that go by a fault's reason alone: those that clients
// compare, and what is wrong with a parameter that only the core can judge.
var reasonTexts = map[string]string{
	work.ReasonActionPending:      textPending,
	order.ReasonNoAccounts:        textOneAccount,
	order.ReasonAccountsInUse:     "Please delete existing email accounts before reducing the number of accounts.",
	selling.ReasonTooManyAccounts: "{no-of-accounts=no-of-accounts is invalid}",
	"CUSTOMER_NOT_ACTIVE":         textNotAllowed,
	"SEAT_CHANGE":                 "{no-of-accounts=no-of-accounts is invalid}",
	"ALREADY_RENEWED":             textRenewed,
	"NOT_PRICED":                  "{months=months is not available for this product}",
	"NO_SUCH_PLAN":                "{plan-id=plan-id is invalid}",
	"TRIAL_TERMS":                 "{plan-id=plan-id is a free trial of 2 accounts for 3 months}",
	"DISCOUNT":                    "{discount-amount=discount-amount is invalid}",
	"INVOICE_OPTION":              "{invoice-option=invoice-option is invalid}",

	selling.ReasonUnknownInvoice: "{invoice-ids=invoice-ids is invalid}",
	selling.ReasonUnknownDebit:   "{debit-ids=debit-ids is invalid}",
	selling.ReasonTransactionKey: "{transaction-key=transaction-key is invalid}",
	selling.ReasonAmount:         "{amount=amount is invalid}",
	selling.ReasonPostedText:     "{description=description is invalid}",
}
