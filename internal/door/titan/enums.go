package titan

import (
	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
)

// The enumerations of titan.md section 6, with the old spellings of section 5 (T-09).

func planField() Field {
	return Field{Name: "planType", Kind: Enum, Values: texts(
		plan.Free, plan.Pro, plan.Premium, plan.ProTrial, plan.PremiumTrial, plan.Ultra, plan.UltraTrial)}
}

func cycleField() Field {
	return Field{
		Name: "billingCycle", Kind: Enum,
		Values: texts(order.Monthly, order.Quarterly, order.Semesterly, order.Yearly, order.TwoYearly, order.FourYearly),
		Spellings: map[string]string{
			"biennial":    string(order.TwoYearly),
			"quadrennial": string(order.FourYearly),
		},
	}
}

func sourceField() Field {
	return Field{
		Name: "source", Kind: Enum, Metadata: "source",
		Values: texts(order.SourceDomain, order.SourceStandalone, order.SourceHosting, order.SourceMigrated),
	}
}

func actionField() Field {
	return Field{
		Name: "action", Kind: Enum,
		Values: []string{
			"newPurchase", "upgradeOrder", "addAccounts", "reduceAccounts", "renewOrder", "supportLedUpgrade",
			"supportLedExtension", "associatedOrderUpgrade", "associatedOrderRenew", "orderSetup", "downgradeOrder",
			"upgradeAndAddAccounts", "renewAndAddAccounts", "renewAndUpgrade",
		},
		Spellings: map[string]string{"upgrade": "upgradeOrder", "addSeats": "addAccounts", "reduceSeats": "reduceAccounts"},
	}
}

func texts[T ~string](values ...T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}
