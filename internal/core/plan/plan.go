// Package plan is the catalogue of mail plans: how much storage a mailbox of a
// plan has and how many seats free and trial plans come with (titan.md section
// 6, T-48). The numbers are data: an operator may override them.
package plan

// Plan is a plan's wire name, equal in every dialect that shows it.
type Plan string

// PLAN of titan.md section 6.
const (
	Free         Plan = "free"
	Pro          Plan = "pro"
	Premium      Plan = "premium"
	Ultra        Plan = "ultra"
	ProTrial     Plan = "pro_trial"
	PremiumTrial Plan = "premium_trial"
	UltraTrial   Plan = "ultra_trial"
)

// Terms are what a plan gives.
type Terms struct {
	StorageMB    int64 // per mailbox, 1 MB = 1,048,576 bytes
	DefaultSeats int   // of free and trial plans; 0 = the order must say
	Paid         bool
	Trial        bool
	TrialMonths  int
}

// Catalogue maps plans to their terms.
type Catalogue map[Plan]Terms

// DefaultCatalogue has the sizes of T-48.
func DefaultCatalogue() Catalogue {
	return Catalogue{
		Free:         {StorageMB: 1024, DefaultSeats: 1},
		Pro:          {StorageMB: 5120, Paid: true},
		Premium:      {StorageMB: 10240, Paid: true},
		Ultra:        {StorageMB: 51200, Paid: true},
		ProTrial:     {StorageMB: 5120, DefaultSeats: 2, Trial: true, TrialMonths: 3},
		PremiumTrial: {StorageMB: 10240, DefaultSeats: 2, Trial: true, TrialMonths: 3},
		UltraTrial:   {StorageMB: 51200, DefaultSeats: 2, Trial: true, TrialMonths: 3},
	}
}

// QuotaBytes is the storage limit of one mailbox of p in bytes.
func (c Catalogue) QuotaBytes(p Plan) int64 { return c[p].StorageMB << 20 }
