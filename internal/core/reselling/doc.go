// Package reselling holds the tree of resellers: who they are, what they may,
// and how they are let in.
//
//	AuthenticateResellerPassword(ctx, resellerID, password, remote) (*ResellerCaller, error)
//	AuthenticateReseller(ctx, resellerID, key, remote netip.Addr) (*ResellerCaller, error)
//	CreateReseller(ctx, actor, CreateReseller) (*reseller.Reseller, rawKey string, error)
//	GenerateResellerToken(ctx, actor, GenerateResellerToken) (token string, error)  // with a password
//	GenerateResellerLogin(ctx, actor, GenerateResellerLogin) (token string, error)  // then
//	AuthenticateResellerToken(ctx, actor, token) (*ResellerDetails, error)
//	TempResellerPassword(ctx, actor, id) (password string, error)
//	Resellers(ctx, actor, work.ResellerFilter) (*FoundResellers, error)
//	ShowReseller(ctx, actor, id) (*ResellerDetails, error)
//	ModifyReseller(ctx, actor, ModifyReseller) (*reseller.Reseller, error)
//	SuspendReseller(ctx, actor, id, reason) error
//	UnsuspendReseller(ctx, actor, id) error
//	SetResellerNetworks(ctx, actor, id, []netip.Prefix) error
//	SignUpProducts(ctx, actor, id, []product.Key) (*reseller.Reseller, error)
//	SetResellerPassword(ctx, actor, id, password) error
//	CreateResellerKey(ctx, actor, CreateResellerKey) (*reseller.Key, rawKey string, error)
//	RotateResellerKey(ctx, actor, RotateResellerKey) (rawKey string, error)
//	RevokeResellerKey(ctx, actor, resellerID, keyID) error
package reselling
