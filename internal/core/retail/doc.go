// Package retail holds what account holders buy from brands, and how domains come of
// it and go.
//
//	SetUpShop(ctx, actor, SetUpShop) (*tenancy.ShopDetails, error)     // a partner as a brand of the BaseKit dialect
//	CreateShopOrder(ctx, actor, CreateShopOrder) (*shop.Order, error)  // purchases of account holders
//	AddShopOrderItem(ctx, actor, AddShopOrderItem) (*shop.Item, error)
//	RemoveShopOrderItem(ctx, actor, orderID, itemID) error
//	DeleteShopOrder(ctx, actor, id) error
//	ModifyShopOrder(ctx, actor, ModifyShopOrder) (*shop.Order, error)  // paid: makes what was bought, once
//	ModifyShopOrderItem(ctx, actor, ModifyShopOrderItem) (*shop.Item, error)
//	ShopOrders(ctx, actor, work.ShopOrderFilter) ([]*shop.Order, error)
//	ShopOrder(ctx, actor, id) (*shop.Order, error)
//	AccountDomain(ctx, actor, ref) (*AccountDomain, error)  // orders as account holders have them
//	AccountDomains(ctx, actor, customerID) ([]*AccountDomain, error)
//	SetDomainAutoRenew(ctx, actor, customerID, ref, on) (*AccountDomain, error)
//	DeleteAccountDomain(ctx, actor, customerID, ref) error
//	CreateSite(ctx, actor, CreateSite) (*order.Order, error)
//	Sites(ctx, actor, customerID, offset, limit) ([]*order.Order, error)
//	Site(ctx, actor, ref) (*order.Order, error)
//	HolderInvoices(ctx, actor, HolderInvoices) ([]*ledger.Transaction, error)  // paid or open ones
//	HolderInvoice(ctx, actor, customerID, id, open) (*ledger.Transaction, error)
//	BillingCycle(ctx, actor, customerID, id) (*BillingCycle, error)     // 0 = the primary one
//	AssignPackage(ctx, actor, AssignPackage) (*AssignedPackage, error)  // the suspension package too (5.14)
//	RemoveAccountPackage(ctx, actor, customerID, id) error
//	BrandResellers(ctx, actor, offset, limit) ([]*BrandReseller, error)  // those directly below the root
//	BrandReseller(ctx, actor, id) (*BrandReseller, error)
//	CreateBrandReseller(ctx, actor, BrandResellerChange) (*BrandReseller, error)
//	ModifyBrandReseller(ctx, actor, id, BrandResellerChange) (*BrandReseller, error)
//	DeleteBrandReseller(ctx, actor, id) error
package retail
