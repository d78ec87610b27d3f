package provision

// SuspendMailOrder is titan.md operation 4.
type SuspendMailOrder struct {
	Order OrderRef
	Type  string // "" = partner (T-08)
	Note  string
}

// UnsuspendMailOrder is titan.md operation 7.
type UnsuspendMailOrder struct {
	Order OrderRef
	Type  string // "" = all that the actor's role may lift (T-08)
	Note  string
}

// DeleteMailOrder is titan.md operation 8.
type DeleteMailOrder struct {
	Order  OrderRef
	Reason string
}

// TransferMailOrder is titan.md operation 9.
type TransferMailOrder struct {
	Order OrderRef
	To    CustomerProfile
}

// ListMailOrders is titan.md operation 11. With both ids CustomerNumber wins.
type ListMailOrders struct {
	CustomerID     string
	CustomerNumber int64 // titanCustomerId
}

// OrderAvailability is titan.md operation 13.
type OrderAvailability struct {
	Available bool
	Existing  *OrderDetails // the partner's own order that stands in the way
}
