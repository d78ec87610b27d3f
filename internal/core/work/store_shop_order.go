package work

import (
	"context"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/shop"
)

// ShopOrderTx is the rows of account holders' purchases.
type ShopOrderTx interface {
	// InsertShopOrder and UpdateShopOrder do not write the items.
	InsertShopOrder(ctx context.Context, o *shop.Order) error
	UpdateShopOrder(ctx context.Context, o *shop.Order) error
	// ShopOrder gives an order with its items by ID, deleted ones too.
	ShopOrder(ctx context.Context, id int64) (*shop.Order, error)
	// ShopOrders gives a page of orders with their items, by ID; no deleted ones.
	ShopOrders(ctx context.Context, f ShopOrderFilter) ([]*shop.Order, error)
	InsertShopItem(ctx context.Context, i *shop.Item) error
	UpdateShopItem(ctx context.Context, i *shop.Item) error // what became of it
	RemoveShopItem(ctx context.Context, id int64) error

	// PaidInvoices gives a page of a customer's invoices that are paid, by ID;
	// none that were cancelled, none of nothing.
	PaidInvoices(ctx context.Context, customerID int64, offset, limit int) ([]*ledger.Transaction, error)
	// OpenInvoices gives a page of those that are not paid, or in part only.
	OpenInvoices(ctx context.Context, customerID int64, offset, limit int) ([]*ledger.Transaction, error)
}

// ShopOrderFilter selects orders of a partner; zero fields do not restrict.
type ShopOrderFilter struct {
	PartnerID     int64
	CustomerID    int64
	Pending       bool // only those that nothing has become of yet
	Offset, Limit int
}
