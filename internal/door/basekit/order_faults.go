package basekit

import (
	"posthouse/internal/core/provision"
	"posthouse/internal/fault"
)

// faultsOfDomain is what may be wrong with a domain name; what is no name at all
// has many reasons and one code.
func faultsOfDomain(field string) map[string]said {
	return map[string]said{
		string(fault.InvalidDomain): {field, ruleInvalid}, provision.ReasonDomainTaken: {field, ruleExists}, "NOT_SIGNED_UP": {field, ruleNotAllow},
		provision.ReasonNoMailPackage: {field, ruleNotAllow},
	}
}

var (
	faultsOfHolder = map[string]said{"CUSTOMER_NOT_ACTIVE": {"accountHolderRef", ruleNotAllow}}
	faultsOfOrder  = map[string]said{
		provision.ReasonDiscountCode:  {"discountCode", ruleInvalid},
		provision.ReasonBadState:      {"state", ruleInvalid},
		provision.ReasonBadPayment:    {"paymentStatus", ruleInvalid},
		provision.ReasonBadCompletion: {"completionStatus", ruleInvalid},
		provision.ReasonOrderState:    {"state", ruleNotAllow},
		provision.ReasonPayment:       {"paymentStatus", ruleNotAllow},
		provision.ReasonCompletion:    {"completionStatus", ruleNotAllow},
		provision.ReasonNotComplete:   {"state", ruleRequired},
		provision.ReasonNoItems:       {"items", ruleRequired},
		provision.ReasonManyItems:     {"items", ruleLimit},
	}
	faultsOfItem = map[string]said{
		provision.ReasonItemMonths:   {"billingPeriodMonths", ruleInvalid},
		provision.ReasonPeriod:       {"billingPeriodMonths", ruleInvalid},
		provision.ReasonItemYears:    {"registrationDuration", ruleInvalid},
		provision.ReasonItemDomain:   {"domainName", ruleNotAllow},
		provision.ReasonDomainNeeded: {"domainName", ruleRequired},
		provision.ReasonEnding:       {"domainName", ruleNotAllow},
		provision.ReasonItemPackage:  {"packageRef", ruleNotAllow},
	}
	faultsOfMaking = map[string]said{provision.ReasonBadStatus: {"status", ruleInvalid}, provision.ReasonItemStatus: {"status", ruleNotAllow}, "CUSTOMER_NOT_ACTIVE": {"status", ruleNotAllow}}
)
