package web

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/provision"
)

// Core is what the door needs of provision.Service.
type Core interface {
	PasswordTokenInfo(ctx context.Context, token string) (*provision.PasswordSubject, error)
	SetPasswordByToken(ctx context.Context, cmd provision.SetPasswordByToken) (*provision.PasswordSubject, error)
	OpenPanelSession(context.Context, provision.OpenPanel) (*provision.Session, string, error)
	OpenTicketSession(context.Context, provision.OpenTicket) (*provision.Session, string, error)
	OpenWebmailSession(context.Context, provision.OpenWebmail) (*provision.Session, string, error)
	OpenMailboxSession(context.Context, provision.OpenMailbox) (*provision.Session, string, error)
	FrameOrigins(ctx context.Context, partnerID, resellerID int64) ([]string, error)
	Session(ctx context.Context, secret string) (*provision.Session, error)
	EndSession(ctx context.Context, secret string) error
	ListMailOrders(context.Context, audit.Actor, provision.ListMailOrders) ([]*provision.OrderDetails, error)
	Invoice(ctx context.Context, actor audit.Actor, id int64) (*provision.InvoiceDetails, error)
	StartPurchase(context.Context, audit.Actor, provision.StartPurchase) (*provision.Purchase, error)
}

var _ Core = (*provision.Service)(nil)
