package web

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/work"
)

// Core is what the door needs of provision.Service.
type Core interface {
	PasswordTokenInfo(ctx context.Context, token string) (*signin.PasswordSubject, error)
	SetPasswordByToken(ctx context.Context, cmd signin.SetPasswordByToken) (*signin.PasswordSubject, error)
	OpenPanelSession(context.Context, signin.OpenPanel) (*signin.Session, string, error)
	OpenTicketSession(context.Context, signin.OpenTicket) (*signin.Session, string, error)
	OpenWebmailSession(context.Context, signin.OpenWebmail) (*signin.Session, string, error)
	OpenMailboxSession(context.Context, signin.OpenMailbox) (*signin.Session, string, error)
	FrameOrigins(ctx context.Context, partnerID, resellerID int64) ([]string, error)
	Session(ctx context.Context, secret string) (*signin.Session, error)
	EndSession(ctx context.Context, secret string) error
	ListMailOrders(context.Context, audit.Actor, ordering.ListMailOrders) ([]*work.OrderDetails, error)
	Invoice(ctx context.Context, actor audit.Actor, id int64) (*billing.InvoiceDetails, error)
	StartPurchase(context.Context, audit.Actor, ordering.StartPurchase) (*ordering.Purchase, error)
}

var _ Core = (*provision.Service)(nil)
