package provision

// Recipient is what becomes of mail from outside to an address.
type Recipient struct {
	AccountID int64
	OrderID   int64
	PartnerID int64
	Email     string // the account's own address; the one asked for may be an alias
	Sandbox   bool
}

// LoginCandidate is an account that may log in now.
type LoginCandidate struct {
	AccountID    int64
	OrderID      int64
	PartnerID    int64
	Email        string
	PasswordHash string // "" = no password can match
	MaySend      bool   // false: mail services are denied (non-serviceable order)
}

// Sender is what an account may send as.
type Sender struct {
	AccountID int64
	OrderID   int64
	PartnerID int64
	Domain    string
	Name      string
	Addresses []string // own address first, then held aliases
	Sandbox   bool
	MaySend   bool
}

// Routing is how mail from inside to a domain is to be routed (T-51).
type Routing struct {
	Served    bool // a serviceable order in service exists
	Proven    bool // its ownership is proven: deliver here, else ask the domain's MX
	Sandbox   bool
	OrderID   int64
	PartnerID int64
}
