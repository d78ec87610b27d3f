package provision

import (
	"encoding/json"
	"time"

	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
)

// ModifyMailOrder is titan.md operation 3. Nil pointers are absent fields: only
// what is present changes.
type ModifyMailOrder struct {
	Order          OrderRef
	PartnerOrderID *string
	Plan           *plan.Plan
	Seats          *int       // the new total
	Expiry         *time.Time // 00:00 UTC of expiryDate
	ClearExpiry    bool       // expiryDate "" : only on the free plan or when moving to it
	Payment        PaymentDetails
	BillingCycle   *order.Cycle
	Source         *order.Source
	SourceContext  *string
	Metadata       json.RawMessage // nil = absent; merged key by key
	Action         order.Action    // for reporting only; "" = not given
}
