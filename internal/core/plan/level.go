package plan

// Valid reports whether p is in the catalogue.
func (c Catalogue) Valid(p Plan) bool { _, ok := c[p]; return ok }

// level orders the plans by what they are worth, trials below what they are a trial of.
func level(p Plan) int {
	switch p {
	case Pro:
		return 2
	case Premium:
		return 4
	case Ultra:
		return 6
	case ProTrial:
		return 1
	case PremiumTrial:
		return 3
	case UltraTrial:
		return 5
	case Free:
	}
	return 0
}

// Upgrades reports whether going from one plan to the other is an upgrade: to a
// paid plan from one that is not, or to a higher one of the same kind.
func (c Catalogue) Upgrades(from, to Plan) bool {
	if from == to {
		return false
	}
	if c[from].Paid != c[to].Paid {
		return c[to].Paid
	}
	return level(to) > level(from)
}
