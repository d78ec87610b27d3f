package titan

import (
	"context"
	"net/netip"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

// Core is what the door needs of provision.Service.
type Core interface {
	AuthenticateKey(ctx context.Context, raw string, remote netip.Addr) (*tenancy.Caller, error)

	CreateMailOrder(context.Context, audit.Actor, ordering.CreateMailOrder) (*ordering.CreatedOrder, error)
	ModifyMailOrder(context.Context, audit.Actor, ordering.ModifyMailOrder) (*work.OrderState, error)
	SuspendMailOrder(context.Context, audit.Actor, ordering.SuspendMailOrder) (*work.OrderState, error)
	UnsuspendMailOrder(context.Context, audit.Actor, ordering.UnsuspendMailOrder) (*work.OrderState, error)
	DeleteMailOrder(context.Context, audit.Actor, ordering.DeleteMailOrder) (*work.OrderState, error)
	TransferMailOrder(context.Context, audit.Actor, ordering.TransferMailOrder) (*work.OrderState, error)
	ReactivateMailOrder(context.Context, audit.Actor, work.OrderRef) (*work.OrderState, error)
	MailOrderReactivation(context.Context, audit.Actor, work.OrderRef) (*work.Reactivation, error)
	FetchOrder(context.Context, audit.Actor, work.OrderRef) (*work.OrderDetails, error)
	OrderSuspensions(context.Context, audit.Actor, work.OrderRef) (suspension.Set, error)
	ListMailOrders(context.Context, audit.Actor, ordering.ListMailOrders) ([]*work.OrderDetails, error)
	CheckMailOrderAvailability(ctx context.Context, a audit.Actor, domain string) (*ordering.OrderAvailability, error)

	ToggleMailService(context.Context, audit.Actor, ordering.ToggleMailService) (*work.OrderState, error)
	ModifyMailCustomer(context.Context, audit.Actor, ordering.ModifyMailCustomer) error
	SyncMailCustomer(context.Context, audit.Actor, ordering.SyncMailCustomer) error
	ReportNotification(context.Context, audit.Actor, selling.ReportNotification) error

	AddonProducts(context.Context, audit.Actor, ordering.AddonQuery) (*ordering.AddonOffer, error)
	CompletePurchase(context.Context, audit.Actor, ordering.CompletePurchase) (*work.OrderState, error)
	ClearEmailSessions(context.Context, audit.Actor, mailboxes.ClearEmailSessions) error
	GeneratePanelToken(context.Context, audit.Actor, signin.GeneratePanelToken) (string, error)
	GenerateKeyToken(context.Context, audit.Actor) (string, time.Duration, error)
	CreateLegalExport(context.Context, audit.Actor, work.AccountRef) (*legalexport.Job, error)
	LegalExport(ctx context.Context, a audit.Actor, ref work.AccountRef, jobID string) (*legalexport.Job, error)
	VerifyDNS(context.Context, audit.Actor, work.OrderRef) (*work.DNSCheck, error)
	GenerateDKIMKeys(context.Context, audit.Actor, work.OrderRef) (*dnssetup.DKIMKeyDetails, error)

	CreateEmailAccount(context.Context, audit.Actor, mailboxes.CreateEmailAccount) (*mailboxes.CreatedAccount, error)
	ModifyEmailAccount(context.Context, audit.Actor, mailboxes.ModifyEmailAccount) (*work.AccountState, error)
	SuspendEmailAccount(context.Context, audit.Actor, mailboxes.SuspendEmailAccount) (*work.AccountState, error)
	UnsuspendEmailAccount(context.Context, audit.Actor, mailboxes.UnsuspendEmailAccount) (*work.AccountState, error)
	DeleteEmailAccount(context.Context, audit.Actor, mailboxes.DeleteEmailAccount) (*work.AccountState, error)
	ReactivateEmailAccount(context.Context, audit.Actor, mailboxes.ReactivateEmailAccount) (*work.AccountState, error)
	EmailAccountReactivation(context.Context, audit.Actor, work.AccountRef) (*work.Reactivation, error)
	ListEmailAccounts(context.Context, audit.Actor, mailboxes.ListEmailAccounts) ([]*work.AccountDetails, error)
	FetchEmailAccount(context.Context, audit.Actor, work.AccountRef) (*work.AccountDetails, error)
	CheckEmailAccountAvailability(ctx context.Context, a audit.Actor, ref work.OrderRef, email string) (*mailboxes.EmailAvailability, error)
	RequestPasswordReset(context.Context, audit.Actor, signin.RequestPasswordReset) error
	AddEmailAlias(context.Context, audit.Actor, mailboxes.AddEmailAlias) error
	RemoveEmailAliases(context.Context, audit.Actor, mailboxes.RemoveEmailAliases) error
	EmailAliases(context.Context, audit.Actor, work.AccountRef) (*work.AccountDetails, error)

	CreateForwarder(context.Context, audit.Actor, routing.ForwarderMembers) error
	AddForwarderMembers(context.Context, audit.Actor, routing.ForwarderMembers) error
	RemoveForwarderMembers(context.Context, audit.Actor, routing.ForwarderMembers) error
	FetchForwarder(context.Context, audit.Actor, work.ForwarderRef) (*forwarder.Forwarder, error)
	ListForwarders(context.Context, audit.Actor, work.OrderRef) ([]*forwarder.Forwarder, error)
	SetCatchAll(context.Context, audit.Actor, work.AccountRef) error
	RemoveCatchAll(context.Context, audit.Actor, work.OrderRef) error
	FetchCatchAll(context.Context, audit.Actor, work.OrderRef) (string, error)
}

var _ Core = (*provision.Service)(nil)
