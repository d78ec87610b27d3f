package work

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/reseller"
)

// ActionTx is the rows of actions.
type ActionTx interface {
	// InsertAction gives a conflict when the order has a pending one and a is pending too.
	InsertAction(ctx context.Context, a *action.Action) error
	UpdateAction(ctx context.Context, a *action.Action) error // texts, status, invoice, times, change
	Action(ctx context.Context, id int64) (*action.Action, error)
	PendingAction(ctx context.Context, orderID int64) (*action.Action, error)
	// LastAction gives an order's newest action of a type; carried out, if asked.
	LastAction(ctx context.Context, orderID int64, t action.Type, succeeded bool) (*action.Action, error)
	// LockedActions gives actions that wait for the funds of r or of one below, by ID.
	LockedActions(ctx context.Context, r *reseller.Reseller, after int64, limit int) ([]*action.Action, error)
	// LockedResellers gives the sellers of actions that wait for a reseller's funds, by ID after the given one.
	LockedResellers(ctx context.Context, after int64, limit int) ([]int64, error)
	ActionOfInvoice(ctx context.Context, transactionID int64) (*action.Action, error)
}
