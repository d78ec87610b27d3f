// Package ordering holds mail orders: how they are made, changed, suspended,
// moved and deleted, whoever sells them.
//
//	CreateMailOrder(ctx, actor, CreateMailOrder) (*CreatedOrder, error)
//	ModifyMailOrder(ctx, actor, ModifyMailOrder) (*work.OrderState, error)
//	SuspendMailOrder(ctx, actor, SuspendMailOrder) (*work.OrderState, error)
//	UnsuspendMailOrder(ctx, actor, UnsuspendMailOrder) (*work.OrderState, error)
//	DeleteMailOrder(ctx, actor, DeleteMailOrder) (*work.OrderState, error)
//	TransferMailOrder(ctx, actor, TransferMailOrder) (*work.OrderState, error)
//	ReactivateMailOrder(ctx, actor, work.OrderRef) (*work.OrderState, error)
//	MailOrderReactivation(ctx, actor, work.OrderRef) (*work.Reactivation, error)
//	FetchOrder(ctx, actor, work.OrderRef) (*work.OrderDetails, error)
//	OrderSuspensions(ctx, actor, work.OrderRef) (suspension.Set, error)
//	ListMailOrders(ctx, actor, ListMailOrders) ([]*work.OrderDetails, error)
//	CheckMailOrderAvailability(ctx, actor, domain string) (*OrderAvailability, error)
//	ToggleMailService(ctx, actor, ToggleMailService) (*work.OrderState, error)
//	ModifyMailCustomer(ctx, actor, ModifyMailCustomer) error
//	SyncMailCustomer(ctx, actor, SyncMailCustomer) error
//	ServerSyncs(ctx, actor, partnerID) ([]*work.ServerSync, error)
//	StartPurchase(ctx, actor, StartPurchase) (*Purchase, error)  // R4
//	CompletePurchase(ctx, actor, CompletePurchase) (*work.OrderState, error)
//	AddonProducts(ctx, actor, AddonQuery) (*AddonOffer, error)
//	AddonCatalogue(ctx, actor, partnerID) ([]cart.Product, error)
//	SetAddonCatalogue(ctx, actor, partnerID, []cart.Product) error
//	FindOrders(ctx, actor, work.OrderFilter, limit) ([]*work.OrderDetails, error)
//	FindAccounts(ctx, actor, email) ([]*work.AccountDetails, error)
package ordering
