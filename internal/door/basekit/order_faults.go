package basekit

import (
	"posthouse/internal/core/packages"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/selling"
	"posthouse/internal/fault"
)

// faultsOfDomain is what may be wrong with a domain name; what is no name at all
// has many reasons and one code.
func faultsOfDomain(field string) map[string]said {
	return map[string]said{
		string(fault.InvalidDomain): {field, ruleInvalid}, selling.ReasonDomainTaken: {field, ruleExists}, "NOT_SIGNED_UP": {field, ruleNotAllow},
		retail.ReasonNoMailPackage: {field, ruleNotAllow},
	}
}

var (
	faultsOfHolder = map[string]said{"CUSTOMER_NOT_ACTIVE": {"accountHolderRef", ruleNotAllow}}
	faultsOfOrder  = map[string]said{
		retail.ReasonDiscountCode:  {"discountCode", ruleInvalid},
		retail.ReasonBadState:      {"state", ruleInvalid},
		retail.ReasonBadPayment:    {"paymentStatus", ruleInvalid},
		retail.ReasonBadCompletion: {"completionStatus", ruleInvalid},
		retail.ReasonOrderState:    {"state", ruleNotAllow},
		retail.ReasonPayment:       {"paymentStatus", ruleNotAllow},
		retail.ReasonCompletion:    {"completionStatus", ruleNotAllow},
		retail.ReasonNotComplete:   {"state", ruleRequired},
		retail.ReasonNoItems:       {"items", ruleRequired},
		retail.ReasonManyItems:     {"items", ruleLimit},
	}
	faultsOfItem = map[string]said{
		retail.ReasonItemMonths:   {"billingPeriodMonths", ruleInvalid},
		packages.ReasonPeriod:     {"billingPeriodMonths", ruleInvalid},
		retail.ReasonItemYears:    {"registrationDuration", ruleInvalid},
		retail.ReasonItemDomain:   {"domainName", ruleNotAllow},
		retail.ReasonDomainNeeded: {"domainName", ruleRequired},
		retail.ReasonEnding:       {"domainName", ruleNotAllow},
		retail.ReasonItemPackage:  {"packageRef", ruleNotAllow},
	}
	faultsOfMaking = map[string]said{retail.ReasonBadStatus: {"status", ruleInvalid}, retail.ReasonItemStatus: {"status", ruleNotAllow}, "CUSTOMER_NOT_ACTIVE": {"status", ruleNotAllow}}
)
