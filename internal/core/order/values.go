package order

import "slices"

// Cycle is a billing cycle.
type Cycle string

// CYCLE of titan.md section 6.
const (
	Monthly    Cycle = "monthly"
	Quarterly  Cycle = "quarterly"
	Semesterly Cycle = "semesterly"
	Yearly     Cycle = "yearly"
	TwoYearly  Cycle = "two_yearly"
	FourYearly Cycle = "four_yearly"
)

// Months is the cycle's length, 0 when c is none.
func (c Cycle) Months() int {
	switch c {
	case Monthly:
		return 1
	case Quarterly:
		return 3
	case Semesterly:
		return 6
	case Yearly:
		return 12
	case TwoYearly:
		return 24
	case FourYearly:
		return 48
	}
	return 0
}

// CycleOf gives the cycle of so many months, "" when there is none.
func CycleOf(months int) Cycle {
	for _, c := range []Cycle{Monthly, Quarterly, Semesterly, Yearly, TwoYearly, FourYearly} {
		if c.Months() == months {
			return c
		}
	}
	return ""
}

// Valid reports whether c is one of CYCLE.
func (c Cycle) Valid() bool { return c.Months() > 0 }

// Source says how an order came about.
type Source string

// SOURCE of titan.md section 6.
const (
	SourceDomain     Source = "domain"
	SourceStandalone Source = "standalone"
	SourceHosting    Source = "hosting"
	SourceMigrated   Source = "migrated"
)

// Valid reports whether s is one of SOURCE.
func (s Source) Valid() bool {
	return s == SourceDomain || s == SourceStandalone || s == SourceHosting || s == SourceMigrated
}

// Action describes a change of an order for reporting; it never decides anything.
type Action string

// ActionNewPurchase is what a creation is booked as.
const ActionNewPurchase Action = "newPurchase"

var actions = []Action{
	ActionNewPurchase, "upgradeOrder", "addAccounts", "reduceAccounts", "renewOrder", "supportLedUpgrade",
	"supportLedExtension", "associatedOrderUpgrade", "associatedOrderRenew", "orderSetup", "downgradeOrder",
	"upgradeAndAddAccounts", "renewAndAddAccounts", "renewAndUpgrade",
}

// Valid reports whether a is one of ACTION of titan.md section 6.
func (a Action) Valid() bool { return slices.Contains(actions, a) }

// Valid reports whether m is one of the two services.
func (m MailService) Valid() bool { return m == ServiceTitan || m == ServiceLocal }
