// Package selling holds orders as resellers buy them: purchases, their actions,
// the invoices and funds that pay for them, and what happens when those fall short.
//
//	AddOrder(ctx, actor, AddOrder) (*Purchased, error)  // orders as resellers know them
//	RenewOrder(ctx, actor, RenewOrder) (*Purchased, error)
//	AddSeats(ctx, actor, AddSeats) (*Purchased, error)
//	RemoveSeats(ctx, actor, RemoveSeats) (*Purchased, error)
//	ChangeOrderPlan(ctx, actor, ChangeOrderPlan) (*Purchased, error)
//	DeleteOrder(ctx, actor, SoldOrderRef) (*Purchased, error)
//	SuspendOrder(ctx, actor, SoldOrderRef, reason) (*Purchased, error)
//	UnsuspendOrder(ctx, actor, SoldOrderRef) (*Purchased, error)
//	MoveOrder(ctx, actor, MoveOrder) error
//	PostManually(ctx, actor, PostManually) (*ledger.Transaction, error)  // funds, debit notes, misc invoices
//	PayTransactions(ctx, actor, NamedTransactions) ([]*Settled, error)
//	ExecuteUnpaid(ctx, actor, invoices, cancel) ([]*Settled, error)
//	CancelTransactions(ctx, actor, NamedTransactions) ([]*Settled, error)
//	CancelAction(ctx, actor, id) (*action.Action, error)
//	FetchSoldOrder(ctx, actor, SoldOrderRef) (*SoldOrder, error)
//	SoldOrderID(ctx, actor, product.Key, domain) (int64, error)
//	SearchOrders(ctx, actor, SearchOrders) (*FoundOrders, error)
//	SearchActions(ctx, actor, SearchActions) (*FoundActions, error)
//	PanelLinks(ctx, actor, SoldOrderRef) (*PanelLinks, error)
//	ReportNotification(ctx, actor, ReportNotification) error
//	Notifications(ctx, actor, NotificationFilter) ([]*notification.Notification, error)
//	Bookings(ctx, actor, NotificationFilter) ([]*notification.Booking, error)
//	SetOrderContact(ctx, actor, work.OrderRef, email string) error  // told instead of the customer
package selling
