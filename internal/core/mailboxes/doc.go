// Package mailboxes holds email accounts of an order, by each name that the
// dialects have for them, and how far their mail service is set up.
//
//	CreateEmailAccount(ctx, actor, CreateEmailAccount) (*CreatedAccount, error)
//	ModifyEmailAccount(ctx, actor, ModifyEmailAccount) (*AccountState, error)
//	SuspendEmailAccount(ctx, actor, SuspendEmailAccount) (*AccountState, error)
//	UnsuspendEmailAccount(ctx, actor, UnsuspendEmailAccount) (*AccountState, error)
//	DeleteEmailAccount(ctx, actor, DeleteEmailAccount) (*AccountState, error)
//	ReactivateEmailAccount(ctx, actor, ReactivateEmailAccount) (*AccountState, error)
//	EmailAccountReactivation(ctx, actor, AccountRef) (*Reactivation, error)
//	ListEmailAccounts(ctx, actor, ListEmailAccounts) ([]*AccountDetails, error)
//	FetchEmailAccount(ctx, actor, AccountRef) (*AccountDetails, error)
//	CheckEmailAccountAvailability(ctx, actor, OrderRef, email string) (*EmailAvailability, error)
//	AddEmailAlias(ctx, actor, AddEmailAlias) error
//	RemoveEmailAliases(ctx, actor, RemoveEmailAliases) error
//	EmailAliases(ctx, actor, AccountRef) (*AccountDetails, error)
//	SetMailUserAutoresponder(ctx, actor, SetAutoresponder) error
//	SetMailUserCatchAll(ctx, actor, AccountRef) error
//	ClearEmailSessions(ctx, actor, ClearEmailSessions) error
//
//	AddMailUser(ctx, actor, AddMailUser) (*MailUser, error)                // resellerclub.md section 9
//	ModifyMailUser(ctx, actor, ModifyEmailAccount) error
//	FindMailUser(ctx, actor, AccountRef) (*MailUser, error)
//	SearchMailUsers(ctx, actor, SearchMailUsers) ([]*MailUser, error)      // a page of 200, by address
//	CountMailUsers(ctx, actor, OrderRef) (MailUserCounts, error)
//	SuspendMailUsers / UnsuspendMailUsers / DeleteMailUsers(ctx, actor, MailUsers) error   // all or none
//	ResetMailPassword(ctx, actor, AccountRef) (password string, err error)
//	ChangeMailPassword(ctx, actor, ChangeMailPassword) error               // the old one is checked
//	AuthenticateMailUser(ctx, actor, AccountRef, password string) (*MailUser, error)
//	PutMailbox(ctx, actor, PutMailbox) (*PutResult, error)                 // basekit.md 5.5: makes one, or replaces its password
//	DeleteMailbox(ctx, actor, MailboxRef) error
//	HolderMailboxes(ctx, actor, customerID) ([]*Mailbox, error)            // oldest first, as the next
//	DomainMailboxes(ctx, actor, OfDomain) ([]*Mailbox, error)
//	MailboxLoginToken(ctx, actor, MailboxRef) (token string, error)
//	MailServices(ctx, actor, MailServiceFilter) ([]*DomainMailService, error)
//	MailServiceOf(ctx, actor, orderID) (*DomainMailService, error)
//	ReportMailService(ctx, actor, ReportMailService) (*DomainMailService, error)   // a worker's word
//
//	CreateLegalExport(ctx, actor, AccountRef) (*legalexport.Job, error)
//	LegalExport(ctx, actor, AccountRef, jobID string) (*legalexport.Job, error)
//	LegalExports(ctx, actor, AccountRef) ([]*legalexport.Job, error)
//	LegalExportDownload(ctx, actor, accountID, jobID, first) (*legalexport.Job, error)
//	ExpireLegalExport(ctx, actor, due.Item) (*legalexport.Job, error)
//	PurgeLegalExports(ctx, actor, accountID) ([]*legalexport.Job, error)
//	LeaseLegalExport / SaveLegalExport / ReleaseLegalExports / LegalExportState: for who runs the jobs
package mailboxes
