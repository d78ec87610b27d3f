package provision

import (
	"context"

	"posthouse/internal/core/action"
)

// ActionTx is the rows of actions.
type ActionTx interface {
	// InsertAction gives a conflict when the order has a pending one and a is pending too.
	InsertAction(ctx context.Context, a *action.Action) error
	UpdateAction(ctx context.Context, a *action.Action) error // texts, status, invoice, times
	Action(ctx context.Context, id int64) (*action.Action, error)
	PendingAction(ctx context.Context, orderID int64) (*action.Action, error)
	ActionOfInvoice(ctx context.Context, transactionID int64) (*action.Action, error)
}
