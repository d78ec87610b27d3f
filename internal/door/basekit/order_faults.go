package basekit

import (
	"posthouse/internal/core/provision"
	"posthouse/internal/fault"
)

// said is the field and rule by which a fault of the core is told.
type said struct{ field, rule string }

// refused tells a fault as one of a field, where a table has its reason or its
// code; any other one stays as it is.
func refused(err error, tables ...map[string]said) error {
	f := fault.Of(err)
	if f == nil || f.Code == fault.Internal || f.Code == fault.Unavailable {
		return err
	}
	for _, key := range []string{f.Reason, string(f.Code)} {
		for _, t := range tables {
			if s, ok := t[key]; ok && key != "" {
				w := invalid(s.field, s.rule, f.Text)
				w.cause = err
				return w
			}
		}
	}
	return err
}

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
