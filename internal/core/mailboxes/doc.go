// Package mailboxes holds email accounts of an order, by each name that the
// dialects have for them, and how far their mail service is set up.
//
//	CreateEmailAccount(ctx, actor, CreateEmailAccount) (*CreatedAccount, error)
//	ModifyEmailAccount(ctx, actor, ModifyEmailAccount) (*work.AccountState, error)
//	SuspendEmailAccount(ctx, actor, SuspendEmailAccount) (*work.AccountState, error)
//	UnsuspendEmailAccount(ctx, actor, UnsuspendEmailAccount) (*work.AccountState, error)
//	DeleteEmailAccount(ctx, actor, DeleteEmailAccount) (*work.AccountState, error)
//	ReactivateEmailAccount(ctx, actor, ReactivateEmailAccount) (*work.AccountState, error)
//	EmailAccountReactivation(ctx, actor, work.AccountRef) (*work.Reactivation, error)
//	ListEmailAccounts(ctx, actor, ListEmailAccounts) ([]*work.AccountDetails, error)
//	FetchEmailAccount(ctx, actor, work.AccountRef) (*work.AccountDetails, error)
//	CheckEmailAccountAvailability(ctx, actor, work.OrderRef, email string) (*EmailAvailability, error)
//	AddEmailAlias(ctx, actor, AddEmailAlias) error
//	RemoveEmailAliases(ctx, actor, RemoveEmailAliases) error
//	EmailAliases(ctx, actor, work.AccountRef) (*work.AccountDetails, error)
//	SetMailUserAutoresponder(ctx, actor, routing.SetAutoresponder) error
//	SetMailUserCatchAll(ctx, actor, work.AccountRef) error
//	ClearEmailSessions(ctx, actor, ClearEmailSessions) error
//
//	AddMailUser(ctx, actor, AddMailUser) (*MailUser, error)  // resellerclub.md section 9
//	ModifyMailUser(ctx, actor, ModifyEmailAccount) error
//	FindMailUser(ctx, actor, work.AccountRef) (*MailUser, error)
//	SearchMailUsers(ctx, actor, SearchMailUsers) ([]*MailUser, error)  // a page of 200, by address
//	CountMailUsers(ctx, actor, work.OrderRef) (MailUserCounts, error)
//	SuspendMailUsers / UnsuspendMailUsers / DeleteMailUsers(ctx, actor, MailUsers) error  // all or none
//	ResetMailPassword(ctx, actor, work.AccountRef) (password string, err error)
//	ChangeMailPassword(ctx, actor, ChangeMailPassword) error  // the old one is checked
//	AuthenticateMailUser(ctx, actor, work.AccountRef, password string) (*MailUser, error)
//	PutMailbox(ctx, actor, PutMailbox) (*PutResult, error)  // basekit.md 5.5: makes one, or replaces its password
//	DeleteMailbox(ctx, actor, MailboxRef) error
//	HolderMailboxes(ctx, actor, customerID) ([]*Mailbox, error)  // oldest first, as the next
//	DomainMailboxes(ctx, actor, OfDomain) ([]*Mailbox, error)
//	MailboxLoginToken(ctx, actor, MailboxRef) (token string, error)
//	MailServices(ctx, actor, work.MailServiceFilter) ([]*work.DomainMailService, error)
//	MailServiceOf(ctx, actor, orderID) (*work.DomainMailService, error)
//	ReportMailService(ctx, actor, ReportMailService) (*work.DomainMailService, error)  // a worker's word
//
//	CreateLegalExport(ctx, actor, work.AccountRef) (*legalexport.Job, error)
//	LegalExport(ctx, actor, work.AccountRef, jobID string) (*legalexport.Job, error)
//	LegalExports(ctx, actor, work.AccountRef) ([]*legalexport.Job, error)
//	LegalExportDownload(ctx, actor, accountID, jobID, first) (*legalexport.Job, error)
//	ExpireLegalExport(ctx, actor, due.Item) (*legalexport.Job, error)
//	PurgeLegalExports(ctx, actor, accountID) ([]*legalexport.Job, error)
//	LeaseLegalExport / SaveLegalExport / ReleaseLegalExports / LegalExportState: for who runs the jobs
package mailboxes
