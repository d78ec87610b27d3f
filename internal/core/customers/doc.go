// Package customers holds customers of resellers: their data, passwords, tokens and
// suspension.
//
//	CreateCustomer(ctx, actor, CreateCustomer) (*CustomerDetails, error)  // these take a reseller
//	ModifyCustomerProfile(ctx, actor, ModifyCustomerProfile) error
//	CustomerByID(ctx, actor, id) (*CustomerDetails, error)
//	CustomerByUsername(ctx, actor, username) (*CustomerDetails, error)
//	SearchCustomers(ctx, actor, SearchCustomers) (*FoundCustomers, error)
//	ChangeCustomerPassword(ctx, actor, id, password) error
//	ForgotCustomerPassword(ctx, actor, username) error
//	TempCustomerPassword(ctx, actor, id) (password string, error)
//	AuthenticateCustomer(ctx, actor, AuthenticateCustomer) (*CustomerDetails, error)  // *RefusedLogin
//	GenerateCustomerToken(ctx, actor, GenerateCustomerToken) (ticket string, error)
//	GenerateCustomerLogin(ctx, actor, GenerateCustomerLogin) (ticket string, error)
//	AuthenticateCustomerToken(ctx, actor, ticket, look bool) (*CustomerDetails, error)
//	SuspendCustomer(ctx, actor, id, reason) error
//	UnsuspendCustomer(ctx, actor, id) error
//	DeleteCustomer(ctx, actor, id) error
package customers
