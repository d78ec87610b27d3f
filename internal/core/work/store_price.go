package work

import (
	"context"

	"posthouse/internal/core/price"
)

// PriceTx is the rows of price lists.
type PriceTx interface {
	// Price gives the figure of the list's party for an item, else everyone's.
	Price(ctx context.Context, l price.List, i price.Item) (*price.Row, error)
	// Prices gives the rows of exactly this list, in no order.
	Prices(ctx context.Context, l price.List) ([]price.Row, error)
	HasPrices(ctx context.Context, l price.List) (bool, error)
	// SetPrice adds a row or replaces its figure.
	SetPrice(ctx context.Context, l price.List, r price.Row) error
	RemovePrice(ctx context.Context, l price.List, i price.Item) error
	ClearPrices(ctx context.Context, l price.List) error
}
