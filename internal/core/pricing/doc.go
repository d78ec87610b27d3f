// Package pricing holds the price lists of resellers and customers, and what a
// purchase costs by them.
//
//	CustomerPrices(ctx, actor, customerID) (*EffectivePrices, error)  // 0: the acting reseller's list
//	ResellerPrices(ctx, actor, resellerID) (*EffectivePrices, error)
//	CostPrices(ctx, actor, resellerID) (*EffectivePrices, error)
//	Products(ctx, actor) ([]Product, error)
//	ImportPrices(ctx, actor, ImportPrices) (*ImportedPrices, error)
//	ExportPrices(ctx, actor, PriceListRef) ([]byte, error)
//	Prices(ctx, actor, PriceListRef) (*PriceList, error)
//	SetPrices(ctx, actor, PriceListRef, []SetPrice) (*PriceList, error)
//	RemovePrices(ctx, actor, PriceListRef, []price.Item) (*PriceList, error)
package pricing
