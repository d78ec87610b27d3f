// Package packages holds what brands sell: packages, their prices, who is subscribed
// to which, and how a brand presents itself.
//
//	ShopSettings(ctx, actor, partnerID) (*tenancy.ShopDetails, error)
//	ModifyShop(ctx, actor, ModifyShop) (*tenancy.ShopDetails, error)
//	Packages(ctx, actor, PackageFilter) ([]*PackageDetails, error)  // basekit.md 4.5, 5.12, 7
//	Package(ctx, actor, id) (*PackageDetails, error)
//	CreatePackage(ctx, actor, CreatePackage) (*PackageDetails, error)
//	ModifyPackage(ctx, actor, id, PackageChange) (*PackageDetails, error)
//	ClonePackage(ctx, actor, id, name) (*PackageDetails, error)
//	DeletePackage(ctx, actor, id) error
//	AccountPackages(ctx, actor, customerID, AccountPackageFilter) ([]*AccountPackage, error)
//	AccountPackage(ctx, actor, customerID, id) (*AccountPackage, error)
//	ShopBrand(ctx, actor) (*ShopBrand, error)
//	ModifyShopBrand(ctx, actor, ModifyShopBrand) (*ShopBrand, error)
//	Languages(ctx, actor) ([]Language, error)
//	DomainEndings(ctx, actor) ([]*shop.Package, error)
//	SetDomainEndings(ctx, actor, []string) ([]*shop.Package, error)
package packages
