package resellerclub

import (
	"context"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
)

// mailCore is the part of section 9.
type mailCore interface {
	AddMailUser(ctx context.Context, actor audit.Actor, cmd mailboxes.AddMailUser) (*mailboxes.MailUser, error)
	ModifyMailUser(ctx context.Context, actor audit.Actor, cmd mailboxes.ModifyEmailAccount) error
	FindMailUser(ctx context.Context, actor audit.Actor, ref work.AccountRef) (*mailboxes.MailUser, error)
	SearchMailUsers(ctx context.Context, actor audit.Actor, q mailboxes.SearchMailUsers) ([]*mailboxes.MailUser, error)
	CountMailUsers(ctx context.Context, actor audit.Actor, ref work.OrderRef) (mailboxes.MailUserCounts, error)
	SuspendMailUsers(ctx context.Context, actor audit.Actor, cmd mailboxes.MailUsers) error
	UnsuspendMailUsers(ctx context.Context, actor audit.Actor, cmd mailboxes.MailUsers) error
	DeleteMailUsers(ctx context.Context, actor audit.Actor, cmd mailboxes.MailUsers) error
	ResetMailPassword(ctx context.Context, actor audit.Actor, ref work.AccountRef) (string, error)
	ChangeMailPassword(ctx context.Context, actor audit.Actor, cmd mailboxes.ChangeMailPassword) error
	AuthenticateMailUser(ctx context.Context, actor audit.Actor, ref work.AccountRef, password string) (*mailboxes.MailUser, error)

	CreateForwardOnlyAccount(ctx context.Context, actor audit.Actor, cmd routing.CreateForwardOnlyAccount) error
	AddForwards(ctx context.Context, actor audit.Actor, cmd routing.ChangeForwards) error
	RemoveForwards(ctx context.Context, actor audit.Actor, cmd routing.ChangeForwards) error
	SetMailUserAutoresponder(ctx context.Context, actor audit.Actor, cmd routing.SetAutoresponder) error
	AddDomainAlias(ctx context.Context, actor audit.Actor, cmd routing.DomainAlias) error
	RemoveDomainAlias(ctx context.Context, actor audit.Actor, cmd routing.DomainAlias) error

	FetchOrder(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*work.OrderDetails, error)
	FetchCatchAll(ctx context.Context, actor audit.Actor, ref work.OrderRef) (string, error)
	SetMailUserCatchAll(ctx context.Context, actor audit.Actor, ref work.AccountRef) error
	RemoveCatchAll(ctx context.Context, actor audit.Actor, ref work.OrderRef) error
	DNSRecords(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*dnsrecord.Expected, error)
	SetOrderContact(ctx context.Context, actor audit.Actor, ref work.OrderRef, email string) error
}

type serveFunc = func(ctx context.Context, c *call, p *params) (any, error)

var mailOrderParam = param{"order-id", "Integer", true}

// mailOperation is a row of section 9; order-id is the first parameter of each.
func mailOperation(path string, methods []string, tier string, serve serveFunc, more ...param) *operation {
	return &operation{path: path, methods: methods, tier: tier, section: "9", style: mail, serve: serve, params: append([]param{mailOrderParam}, more...)}
}

func must(name string) param { return param{name, "String", true} }
func may(name string) param  { return param{name, "String", false} }

// mailOperations are the rows of section 9, in its order.
func mailOperations() []*operation {
	return slices.Concat([]*operation{
		mailOperation("mail/user/add", post, "A", addMailUser, must("email"), must("passwd"), must("notification-email"), must("first-name"), must("last-name"),
			must("country-code"), must("language-code")),
		mailOperation("mail/user/add-forward-only-account", post, "A", addForwardOnly, must("email"), must("forwards")),
		mailOperation("mail/user", get, "B", showMailUser, must("email")),
		mailOperation("mail/user/modify", post, "B", modifyMailUser, must("email"), may("notification-email"), may("first-name"), may("last-name")),
		mailOperation("mail/user/delete", post, "B", oneMailUser(mailCore.DeleteMailUsers), must("email")),
		mailOperation("mail/user/suspend", post, "B", oneMailUser(mailCore.SuspendMailUsers), must("email")),
		mailOperation("mail/user/unsuspend", post, "B", oneMailUser(mailCore.UnsuspendMailUsers), must("email")),
		mailOperation("mail/user/change-password", post, "B", changeMailPassword, must("email"), must("old-passwd"), must("new-passwd")),
		mailOperation("mail/user/reset-password", post, "B", resetMailPassword, must("email")),
		mailOperation("mail/user/authenticate", get, "B", authenticateMailUser, must("email"), must("passwd")),
		mailOperation("mail/user/update-autoresponder", post, "C", updateAutoresponder, must("email"), param{"is-autoresponder-on", "Boolean", true}, may("subject"),
			may("message"), may("message-format"), param{"quote-original-message", "Boolean", false}, param{"autodisable-enabled", "Boolean", false},
			may("autodisable-timestamp")),
		mailOperation("mail/user/add-admin-forwards", post, "B", changeForwards(mailCore.AddForwards, forwarder.Admin), must("email"), must("forwards")),
		mailOperation("mail/user/delete-admin-forwards", post, "B", changeForwards(mailCore.RemoveForwards, forwarder.Admin), must("email"), must("forwards")),
		mailOperation("mail/user/add-user-forwards", post, "B", changeForwards(mailCore.AddForwards, forwarder.User), must("email"), must("forwards")),
		mailOperation("mail/user/delete-user-forwards", post, "B", changeForwards(mailCore.RemoveForwards, forwarder.User), must("email"), must("forwards")),
		mailOperation("mail/users/search", get, "B", searchMailUsers, param{"email", "Array of Strings", false}, may("email-pattern"),
			param{"statuses", "Array of Strings", false}, param{"account-types", "Array of Strings", false}, param{"over-quota", "Boolean", false},
			param{"page-no", "Integer", false}),
		mailOperation("mail/users/no-of-users", get, "B", countMailUsers),
		mailOperation("mail/users/suspend", post, "C", someMailUsers(mailCore.SuspendMailUsers), param{"emails", "Array of Strings", true}),
		mailOperation("mail/users/unsuspend", post, "C", someMailUsers(mailCore.UnsuspendMailUsers), param{"emails", "Array of Strings", true}),
		mailOperation("mail/users/delete", post, "C", someMailUsers(mailCore.DeleteMailUsers), param{"emails", "Array of Strings", true}),
		mailOperation("mail/activate", post, "B", activateMail),
		mailOperation("mail/domain/catchall", get, "C", showCatchAll),
		mailOperation("mail/domain/active-catchall", post, "C", setCatchAll, must("email")),
		mailOperation("mail/domain/deactivate-catchall", post, "C", removeCatchAll),
		mailOperation("mail/domain/dns-records", get, "C", showMailDNS),
		mailOperation("mail/domain/is-owernship-verified", get, "C", showOwnership),
		mailOperation("mail/domain/is-ownership-verified", get, "C", showOwnership),
		mailOperation("mail/domain/add-alias", post, "C", changeDomainAlias(mailCore.AddDomainAlias), must("alias")),
		mailOperation("mail/domain/delete-alias", post, "C", changeDomainAlias(mailCore.RemoveDomainAlias), must("alias")),
		mailOperation("mail/domain/update-notification-email", post, "C", updateNotificationEmail, must("notification-email")),
	}, mailingListOperations())
}
