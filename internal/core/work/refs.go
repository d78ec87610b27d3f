package work

// OrderRef names an order: by ID, else by the pair Domain and CustomerID, else
// by ServiceID, which is an order id that a client calls by another name (T-07).
type OrderRef struct {
	ID         int64
	Domain     string
	CustomerID string
	ServiceID  int64
}

// AccountRef names an email account: by ID, by order and Email, or, where a
// query says so, by Email alone. What is given must name the same account.
type AccountRef struct {
	Order     OrderRef
	AccountID int64
	Email     string
}

// ForwarderRef names an internal forwarding account by its order and address.
type ForwarderRef struct {
	Order OrderRef
	Email string
}
