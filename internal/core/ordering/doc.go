// Package ordering holds mail orders: how they are made, changed, suspended,
// moved and deleted, whoever sells them.
//
//	CreateMailOrder(ctx, actor, CreateMailOrder) (*CreatedOrder, error)
//	ModifyMailOrder(ctx, actor, ModifyMailOrder) (*OrderState, error)
//	SuspendMailOrder(ctx, actor, SuspendMailOrder) (*OrderState, error)
//	UnsuspendMailOrder(ctx, actor, UnsuspendMailOrder) (*OrderState, error)
//	DeleteMailOrder(ctx, actor, DeleteMailOrder) (*OrderState, error)
//	TransferMailOrder(ctx, actor, TransferMailOrder) (*OrderState, error)
//	ReactivateMailOrder(ctx, actor, OrderRef) (*OrderState, error)
//	MailOrderReactivation(ctx, actor, OrderRef) (*Reactivation, error)
//	FetchOrder(ctx, actor, OrderRef) (*OrderDetails, error)
//	OrderSuspensions(ctx, actor, OrderRef) (suspension.Set, error)
//	ListMailOrders(ctx, actor, ListMailOrders) ([]*OrderDetails, error)
//	CheckMailOrderAvailability(ctx, actor, domain string) (*OrderAvailability, error)
//	ToggleMailService(ctx, actor, ToggleMailService) (*OrderState, error)
//	ModifyMailCustomer(ctx, actor, ModifyMailCustomer) error
//	SyncMailCustomer(ctx, actor, SyncMailCustomer) error
//	ServerSyncs(ctx, actor, partnerID) ([]*ServerSync, error)
//	StartPurchase(ctx, actor, StartPurchase) (*Purchase, error)            // R4
//	CompletePurchase(ctx, actor, CompletePurchase) (*OrderState, error)
//	AddonProducts(ctx, actor, AddonQuery) (*AddonOffer, error)
//	AddonCatalogue(ctx, actor, partnerID) ([]cart.Product, error)
//	SetAddonCatalogue(ctx, actor, partnerID, []cart.Product) error
//	FindOrders(ctx, actor, OrderFilter, limit) ([]*OrderDetails, error)
//	FindAccounts(ctx, actor, email) ([]*AccountDetails, error)
package ordering
