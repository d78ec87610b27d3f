package titan

import (
	"context"
	"net/netip"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
)

// Core is what the door needs of provision.Service.
type Core interface {
	AuthenticateKey(ctx context.Context, raw string, remote netip.Addr) (*provision.Caller, error)

	CreateMailOrder(context.Context, audit.Actor, provision.CreateMailOrder) (*provision.CreatedOrder, error)
	ModifyMailOrder(context.Context, audit.Actor, provision.ModifyMailOrder) (*provision.OrderState, error)
	SuspendMailOrder(context.Context, audit.Actor, provision.SuspendMailOrder) (*provision.OrderState, error)
	UnsuspendMailOrder(context.Context, audit.Actor, provision.UnsuspendMailOrder) (*provision.OrderState, error)
	DeleteMailOrder(context.Context, audit.Actor, provision.DeleteMailOrder) (*provision.OrderState, error)
	TransferMailOrder(context.Context, audit.Actor, provision.TransferMailOrder) (*provision.OrderState, error)
	ReactivateMailOrder(context.Context, audit.Actor, provision.OrderRef) (*provision.OrderState, error)
	MailOrderReactivation(context.Context, audit.Actor, provision.OrderRef) (*provision.Reactivation, error)
	FetchOrder(context.Context, audit.Actor, provision.OrderRef) (*provision.OrderDetails, error)
	OrderSuspensions(context.Context, audit.Actor, provision.OrderRef) (suspension.Set, error)
	ListMailOrders(context.Context, audit.Actor, provision.ListMailOrders) ([]*provision.OrderDetails, error)
	CheckMailOrderAvailability(ctx context.Context, a audit.Actor, domain string) (*provision.OrderAvailability, error)

	ToggleMailService(context.Context, audit.Actor, provision.ToggleMailService) (*provision.OrderState, error)
	ModifyMailCustomer(context.Context, audit.Actor, provision.ModifyMailCustomer) error
	SyncMailCustomer(context.Context, audit.Actor, provision.SyncMailCustomer) error
	ReportNotification(context.Context, audit.Actor, provision.ReportNotification) error

	AddonProducts(context.Context, audit.Actor, provision.AddonQuery) (*provision.AddonOffer, error)
	CompletePurchase(context.Context, audit.Actor, provision.CompletePurchase) (*provision.OrderState, error)
	ClearEmailSessions(context.Context, audit.Actor, provision.ClearEmailSessions) error
	GeneratePanelToken(context.Context, audit.Actor, provision.GeneratePanelToken) (string, error)
	GenerateKeyToken(context.Context, audit.Actor) (string, time.Duration, error)
	CreateLegalExport(context.Context, audit.Actor, provision.AccountRef) (*legalexport.Job, error)
	LegalExport(ctx context.Context, a audit.Actor, ref provision.AccountRef, jobID string) (*legalexport.Job, error)
	VerifyDNS(context.Context, audit.Actor, provision.OrderRef) (*provision.DNSCheck, error)
	GenerateDKIMKeys(context.Context, audit.Actor, provision.OrderRef) (*provision.DKIMKeyDetails, error)

	CreateEmailAccount(context.Context, audit.Actor, provision.CreateEmailAccount) (*provision.CreatedAccount, error)
	ModifyEmailAccount(context.Context, audit.Actor, provision.ModifyEmailAccount) (*provision.AccountState, error)
	SuspendEmailAccount(context.Context, audit.Actor, provision.SuspendEmailAccount) (*provision.AccountState, error)
	UnsuspendEmailAccount(context.Context, audit.Actor, provision.UnsuspendEmailAccount) (*provision.AccountState, error)
	DeleteEmailAccount(context.Context, audit.Actor, provision.DeleteEmailAccount) (*provision.AccountState, error)
	ReactivateEmailAccount(context.Context, audit.Actor, provision.ReactivateEmailAccount) (*provision.AccountState, error)
	EmailAccountReactivation(context.Context, audit.Actor, provision.AccountRef) (*provision.Reactivation, error)
	ListEmailAccounts(context.Context, audit.Actor, provision.ListEmailAccounts) ([]*provision.AccountDetails, error)
	FetchEmailAccount(context.Context, audit.Actor, provision.AccountRef) (*provision.AccountDetails, error)
	CheckEmailAccountAvailability(ctx context.Context, a audit.Actor, ref provision.OrderRef, email string) (*provision.EmailAvailability, error)
	RequestPasswordReset(context.Context, audit.Actor, provision.RequestPasswordReset) error
	AddEmailAlias(context.Context, audit.Actor, provision.AddEmailAlias) error
	RemoveEmailAliases(context.Context, audit.Actor, provision.RemoveEmailAliases) error
	EmailAliases(context.Context, audit.Actor, provision.AccountRef) (*provision.AccountDetails, error)

	CreateForwarder(context.Context, audit.Actor, provision.ForwarderMembers) error
	AddForwarderMembers(context.Context, audit.Actor, provision.ForwarderMembers) error
	RemoveForwarderMembers(context.Context, audit.Actor, provision.ForwarderMembers) error
	FetchForwarder(context.Context, audit.Actor, provision.ForwarderRef) (*forwarder.Forwarder, error)
	ListForwarders(context.Context, audit.Actor, provision.OrderRef) ([]*forwarder.Forwarder, error)
	SetCatchAll(context.Context, audit.Actor, provision.AccountRef) error
	RemoveCatchAll(context.Context, audit.Actor, provision.OrderRef) error
	FetchCatchAll(context.Context, audit.Actor, provision.OrderRef) (string, error)
}

var _ Core = (*provision.Service)(nil)
