package order

import "time"

// Shown is a state as resellers are shown it; a wire name (resellerclub.md R-23).
type Shown string

// The states.
const (
	ShownInactive   Shown = "InActive"
	ShownActive     Shown = "Active"
	ShownSuspended  Shown = "Suspended"
	ShownRestorable Shown = "Pending Delete Restorable" // deleted since nobody renewed it
	ShownDeleted    Shown = "Deleted"
	ShownArchived   Shown = "Archived"
)

// AllShown is every one of them.
var AllShown = []Shown{ShownInactive, ShownActive, ShownSuspended, ShownRestorable, ShownDeleted, ShownArchived}

// Shown maps the status at now.
func (o *Order) Shown(now time.Time) Shown {
	switch o.Status(now) {
	case Pending:
		return ShownInactive
	case Active:
		return ShownActive
	case Suspended:
		return ShownSuspended
	case Deleted:
		if o.Expired {
			return ShownRestorable
		}
		return ShownDeleted
	case Purged:
	}
	return ShownArchived
}
