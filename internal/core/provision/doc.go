package provision

// The commands and queries, all methods of *Service. Every one takes the actor:
// its PartnerID is the tenant, to whom nothing of another tenant exists; 0 is
// the operator and the platform and needs the role titan or titanSupport.
// Strings come as the caller sent them: trimming, lower-casing and validity of
// domains, addresses and free text are rules and live here.
//
//	New(Config) (*Service, error)
//
//	CreatePartner(ctx, actor, CreatePartner) (*partner.Partner, rawKey string, error)
//	Partners(ctx, actor) ([]*partner.Partner, error)
//	ShowPartner(ctx, actor, partnerID) (*PartnerDetails, error)
//	SuspendPartner / UnsuspendPartner(ctx, actor, partnerID) error
//	CreateKey(ctx, actor, CreateKey) (*partner.Key, rawKey string, error)
//	OwnKeys(ctx, actor) ([]*partner.Key, error)
//	RotateKey(ctx, actor, RotateKey) (rawKey string, error)
//	RevokeKey(ctx, actor, partnerID, keyID) error
//	SetAllowedNetworks(ctx, actor, partnerID, []netip.Prefix) error
//	SetPartnerSettings(ctx, actor, partnerID, partner.Settings) error
//	SetBrand(ctx, actor, SetBrand) (*BrandDetails, error)
//	Brand(ctx, actor, partnerID, resellerID) (*BrandDetails, error)
//	AuthenticateKey(ctx, raw string, remote netip.Addr) (*Caller, error)
//	AuthenticateResellerPassword(ctx, resellerID, password, remote) (*ResellerCaller, error)
//	AuthenticateReseller(ctx, resellerID, key, remote netip.Addr) (*ResellerCaller, error)
//	CreateReseller(ctx, actor, CreateReseller) (*reseller.Reseller, rawKey string, error)
//	GenerateResellerToken(ctx, actor, GenerateResellerToken) (token string, error)  // with a password
//	GenerateResellerLogin(ctx, actor, GenerateResellerLogin) (token string, error)  // then
//	AuthenticateResellerToken(ctx, actor, token) (*ResellerDetails, error)
//	TempResellerPassword(ctx, actor, id) (password string, error)
//	SetUpShop(ctx, actor, SetUpShop) (*ShopDetails, error)                 // a partner as a brand of the BaseKit dialect
//	ShopSettings(ctx, actor, partnerID) (*ShopDetails, error)
//	ModifyShop(ctx, actor, ModifyShop) (*ShopDetails, error)
//	ShopHosts(ctx) (map[host]partnerID, error)
//	CreateAPIUser(ctx, actor, CreateAPIUser) (*partner.APIUser, password string, error)
//	RotateAPIUserPassword(ctx, actor, id) (password string, error)
//	SandboxAPIPassword(ctx, actor, id) (password string, error)
//	RevokeAPIUser(ctx, actor, id) error
//	APIUsers(ctx, actor, partnerID) ([]*APIUserDetails, error)
//	CreateOAuthCredentials(ctx, actor, userID) (*CreatedOAuth, error)
//	RevokeOAuthCredentials(ctx, actor, id) error
//	AuthenticateAPIUser(ctx, username, password, remote netip.Addr) (*APICaller, error)
//	AuthenticateOAuth(ctx, *oauth1.Signed, remote netip.Addr) (*APICaller, error)   // then
//	SpendOAuthNonce(ctx, *APICaller) error
//	PartnerSettings(ctx, actor) (*PartnerSettings, error)
//	ModifyPartnerSettings(ctx, actor, ModifyPartnerSettings) (*PartnerSettings, error)
//	Events(ctx, actor, EventFilter, limit) ([]*event.Event, error)
//	Event(ctx, actor, publicID) (*event.Event, error)
//	AuditLog(ctx, actor, AuditFilter, limit) ([]*audit.Record, error)
//	ClaimRequest(ctx, actor, key, requestHash) (*Claim, *Answer, error)
//	KeepAnswer(ctx, actor, *Claim, Answer) error
//	DropClaim(ctx, actor, *Claim) error
//	SigningKeys(ctx, partnerID) ([]string, error)
//
//	CreateMailOrder(ctx, actor, CreateMailOrder) (*CreatedOrder, error)
//	ModifyMailOrder(ctx, actor, ModifyMailOrder) (*OrderState, error)
//	SuspendMailOrder(ctx, actor, SuspendMailOrder) (*OrderState, error)
//	UnsuspendMailOrder(ctx, actor, UnsuspendMailOrder) (*OrderState, error)
//	DeleteMailOrder(ctx, actor, DeleteMailOrder) (*OrderState, error)
//	TransferMailOrder(ctx, actor, TransferMailOrder) (*OrderState, error)
//	ReactivateMailOrder(ctx, actor, OrderRef) (*OrderState, error)
//	MailOrderReactivation(ctx, actor, OrderRef) (*Reactivation, error)
//	FetchOrder(ctx, actor, OrderRef) (*OrderDetails, error)
//	OrderSuspensions(ctx, actor, OrderRef) (suspension.Set, error)
//	AddOrder(ctx, actor, AddOrder) (*Purchased, error)                  // orders as resellers know them
//	RenewOrder(ctx, actor, RenewOrder) (*Purchased, error)
//	AddSeats(ctx, actor, AddSeats) (*Purchased, error)
//	RemoveSeats(ctx, actor, RemoveSeats) (*Purchased, error)
//	ChangeOrderPlan(ctx, actor, ChangeOrderPlan) (*Purchased, error)
//	DeleteOrder(ctx, actor, SoldOrderRef) (*Purchased, error)
//	SuspendOrder(ctx, actor, SoldOrderRef, reason) (*Purchased, error)
//	UnsuspendOrder(ctx, actor, SoldOrderRef) (*Purchased, error)
//	MoveOrder(ctx, actor, MoveOrder) error
//	PostManually(ctx, actor, PostManually) (*ledger.Transaction, error) // funds, debit notes, misc invoices
//	CustomerBalance / ResellerBalance(ctx, actor, id) (*ledger.Balance, error)
//	PayTransactions(ctx, actor, NamedTransactions) ([]*Settled, error)
//	ExecuteUnpaid(ctx, actor, invoices, cancel) ([]*Settled, error)
//	CancelTransactions(ctx, actor, NamedTransactions) ([]*Settled, error)
//	CancelAction(ctx, actor, id) (*action.Action, error)
//	AccountHolder(ctx, actor, ref) (*HolderDetails, error)              // customers as brands know them
//	ListHolders(ctx, actor, ListHolders) (*FoundHolders, error)
//	SearchHolders(ctx, actor, text) ([]*FoundHolder, error)
//	CreateHolder(ctx, actor, CreateHolder) (*HolderDetails, error)
//	ModifyHolder(ctx, actor, ModifyHolder) (*HolderDetails, error)      // brings deleted ones back, too
//	DeleteHolder(ctx, actor, ref, hard) error
//	SuspendHolder / UnsuspendHolder / CancelHolder / AnonymiseHolder(ctx, actor, ref) error
//	AuthenticateHolder(ctx, actor, AuthenticateCustomer) (*HolderDetails, error)
//	OpenHolder(ctx, actor, OpenHolder) (*HolderTicket, error)           // into the control panel
//	HolderNotes(ctx, actor, ref) / AddHolderNote(ctx, actor, ref, note) ([]*HolderNote, error)
//	CreateShopOrder(ctx, actor, CreateShopOrder) (*shop.Order, error)      // purchases of account holders
//	AddShopOrderItem(ctx, actor, AddShopOrderItem) (*shop.Item, error)
//	RemoveShopOrderItem(ctx, actor, orderID, itemID) error
//	DeleteShopOrder(ctx, actor, id) error
//	ModifyShopOrder(ctx, actor, ModifyShopOrder) (*shop.Order, error)      // paid: makes what was bought, once
//	ModifyShopOrderItem(ctx, actor, ModifyShopOrderItem) (*shop.Item, error)
//	ShopOrders(ctx, actor, ShopOrderFilter) ([]*shop.Order, error)
//	ShopOrder(ctx, actor, id) (*shop.Order, error)
//	AccountDomain(ctx, actor, ref) (*AccountDomain, error)                 // orders as account holders have them
//	AccountDomains(ctx, actor, customerID) ([]*AccountDomain, error)
//	SetDomainAutoRenew(ctx, actor, customerID, ref, on) (*AccountDomain, error)
//	DeleteAccountDomain(ctx, actor, customerID, ref) error
//	CreateSite(ctx, actor, CreateSite) (*order.Order, error)
//	Sites(ctx, actor, customerID, offset, limit) ([]*order.Order, error)
//	Site(ctx, actor, ref) (*order.Order, error)
//	HolderInvoices(ctx, actor, HolderInvoices) ([]*ledger.Transaction, error) // paid or open ones
//	HolderInvoice(ctx, actor, customerID, id, open) (*ledger.Transaction, error)
//	BillingCycle(ctx, actor, customerID, id) (*BillingCycle, error)        // 0 = the primary one
//	FetchSoldOrder(ctx, actor, SoldOrderRef) (*SoldOrder, error)
//	SoldOrderID(ctx, actor, product.Key, domain) (int64, error)
//	SearchOrders(ctx, actor, SearchOrders) (*FoundOrders, error)
//	SearchActions(ctx, actor, SearchActions) (*FoundActions, error)
//	PanelLinks(ctx, actor, SoldOrderRef) (*PanelLinks, error)
//	ListMailOrders(ctx, actor, ListMailOrders) ([]*OrderDetails, error)
//	CheckMailOrderAvailability(ctx, actor, domain string) (*OrderAvailability, error)
//	ToggleMailService(ctx, actor, ToggleMailService) (*OrderState, error)
//	ModifyMailCustomer(ctx, actor, ModifyMailCustomer) error
//	SyncMailCustomer(ctx, actor, SyncMailCustomer) error
//	ServerSyncs(ctx, actor, partnerID) ([]*ServerSync, error)
//	ReportNotification(ctx, actor, ReportNotification) error
//	Notifications(ctx, actor, NotificationFilter) ([]*notification.Notification, error)
//	Bookings(ctx, actor, NotificationFilter) ([]*notification.Booking, error)
//	ProveOwnership(ctx, actor, orderID) error
//
//	RunDue(ctx, actor, due.Item, Purger) error   // one step of what has fallen due: expiry, purge
//	SweepDue(ctx, actor, due.Kind, limit) (repaired int, more bool, err error)
//	DueItems(ctx, actor, DueFilter, limit) ([]*due.Item, error)
//	RetryDue(ctx, actor, due.Kind, objectID) error
//	AdvanceClock(ctx, actor, AdvanceClock) (*ClockState, error)
//	PartnerClock(ctx, actor, partnerID) (*ClockState, error)
//	MovingClocks(ctx, actor) ([]*partner.Clock, error)
//	MoveClock(ctx, actor, MoveClock) (*ClockStep, error)
//	VerifyDNS(ctx, actor, OrderRef) (*DNSCheck, error)            // looks up now
//	CheckDNSCached(ctx, actor, OrderRef) (*DNSCheck, error)       // at most a minute old
//	LastDNSCheck(ctx, actor, OrderRef) (*DNSCheck, error)         // nil: there was none
//	DNSRecords(ctx, actor, OrderRef) (*dnsrecord.Expected, error) // what is to be published
//	CheckDueDNS(ctx, actor, due.Item) error                       // what the calendar asks for
//	SetSandboxDNS(ctx, actor, SandboxDNS) (*SandboxDNS, error)
//	UnsetSandboxDNS(ctx, actor, partnerID) error
//	SandboxDNSRecords(ctx, actor, partnerID) (*SandboxDNS, error)
//	GenerateDKIMKeys(ctx, actor, OrderRef) (*DKIMKeyDetails, error)
//	DKIMKeys(ctx, actor, OrderRef) ([]DKIMKeyDetails, error)
//	RotateDKIMKeys(ctx, actor, RotateDKIMKeys) ([]DKIMKeyDetails, error)
//	ExpireMailOrder(ctx, actor, orderID) (*OrderState, error)
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
//	CreateForwarder(ctx, actor, ForwarderMembers) error
//	AddForwarderMembers / RemoveForwarderMembers(ctx, actor, ForwarderMembers) error
//	DeleteForwarder(ctx, actor, ForwarderRef) error
//	FetchForwarder(ctx, actor, ForwarderRef) (*forwarder.Forwarder, error)
//	ListForwarders(ctx, actor, OrderRef) ([]*forwarder.Forwarder, error)
//	CreateForwardOnlyAccount(ctx, actor, CreateForwardOnlyAccount) error   // to any addresses; takes no seat
//	AddForwards / RemoveForwards(ctx, actor, ChangeForwards) error         // of a mailbox, or of a forward-only account
//	Forwards(ctx, actor, AccountRef) (*forwarder.Forwards, error)
//	ForwardsOfOrder(ctx, actor, OrderRef) (map[accountID]*forwarder.Forwards, error)
//	SetMailUserAutoresponder(ctx, actor, SetAutoresponder) error
//	SetAutoresponder(ctx, actor, SetAutoresponder) error
//	Autoresponder(ctx, actor, AccountRef) (*autoresponder.Autoresponder, error)
//	ActiveAutoresponders(ctx, actor, OrderRef) (map[accountID]bool, error)
//	AddDomainAlias / RemoveDomainAlias(ctx, actor, DomainAlias) error
//	DomainAliases(ctx, actor, OrderRef) ([]string, error)
//	SetCatchAll(ctx, actor, AccountRef) error
//	RemoveCatchAll(ctx, actor, OrderRef) error
//	SetMailUserCatchAll(ctx, actor, AccountRef) error
//	FetchCatchAll(ctx, actor, OrderRef) (email string, err error)   // "" = off
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
//	SetOrderContact(ctx, actor, OrderRef, email string) error              // told instead of the customer
//
//	PutMailbox(ctx, actor, PutMailbox) (*PutResult, error)                 // basekit.md 5.5: makes one, or replaces its password
//	DeleteMailbox(ctx, actor, MailboxRef) error
//	HolderMailboxes(ctx, actor, customerID) ([]*Mailbox, error)            // oldest first, as the next
//	DomainMailboxes(ctx, actor, OfDomain) ([]*Mailbox, error)
//	MailboxLoginToken(ctx, actor, MailboxRef) (token string, error)
//	MailServices(ctx, actor, MailServiceFilter) ([]*DomainMailService, error)
//	MailServiceOf(ctx, actor, orderID) (*DomainMailService, error)
//	ReportMailService(ctx, actor, ReportMailService) (*DomainMailService, error)   // a worker's word
//
//	OpenPanelSession(ctx, OpenPanel) (*Session, secret string, error)      // R2, R3
//	OpenWebmailSession(ctx, OpenWebmail) (*Session, secret string, error)  // R1
//	OpenMailboxSession(ctx, OpenMailbox) (*Session, secret string, error)  // basekit.md 5.7
//	Session(ctx, secret) (*Session, error)
//	FrameOrigins(ctx, partnerID, resellerID) ([]string, error)             // for pages without a session
//	EndSession(ctx, secret) error
//	GeneratePanelToken(ctx, actor, GeneratePanelToken) (token string, error)
//	GenerateKeyToken(ctx, actor) (token string, life time.Duration, error)
//	StartPurchase(ctx, actor, StartPurchase) (*Purchase, error)            // R4
//	CompletePurchase(ctx, actor, CompletePurchase) (*OrderState, error)
//	AddonProducts(ctx, actor, AddonQuery) (*AddonOffer, error)
//	AddonCatalogue(ctx, actor, partnerID) ([]cart.Product, error)
//	SetAddonCatalogue(ctx, actor, partnerID, []cart.Product) error
//	RequestPasswordReset(ctx, actor, RequestPasswordReset) error
//	PasswordTokenInfo(ctx, token string) (*PasswordSubject, error)
//	SetPasswordByToken(ctx, SetPasswordByToken) (*PasswordSubject, error)
//	VerifyPanelPassword(ctx, VerifyPanelPassword) ([]*customer.Customer, error)
//
//	CreateCustomer(ctx, actor, CreateCustomer) (*CustomerDetails, error)           // these take a reseller
//	ModifyCustomerProfile(ctx, actor, ModifyCustomerProfile) error
//	CustomerByID(ctx, actor, id) (*CustomerDetails, error)
//	CustomerByUsername(ctx, actor, username) (*CustomerDetails, error)
//	SearchCustomers(ctx, actor, SearchCustomers) (*FoundCustomers, error)
//	ChangeCustomerPassword(ctx, actor, id, password) error
//	ForgotCustomerPassword(ctx, actor, username) error
//	TempCustomerPassword(ctx, actor, id) (password string, error)
//	AuthenticateCustomer(ctx, actor, AuthenticateCustomer) (*CustomerDetails, error)  // *RefusedLogin
//	GenerateCustomerToken(ctx, actor, GenerateCustomerToken) (ticket string, error)
//	GenerateCustomerLogin(ctx, actor, GenerateCustomerLogin) (ticket string, error)
//	AuthenticateCustomerToken(ctx, actor, ticket, look bool) (*CustomerDetails, error)
//	SuspendCustomer(ctx, actor, id, reason) error
//	UnsuspendCustomer(ctx, actor, id) error
//	DeleteCustomer(ctx, actor, id) error
//	ForgotHolderPassword(ctx, actor, ForgotHolderPassword) error                   // basekit.md 5.8 to 5.11, 5.13
//	ResetHolderPassword(ctx, actor, ResetHolderPassword) error
//	SendVerificationEmail(ctx, actor, SendVerificationEmail) error
//	VerifyHolderEmail(ctx, actor, ref, token) error
//	HolderProfiles(ctx, actor, ref) ([]*customer.Profile, error)
//	HolderProfile(ctx, actor, ref, profileRef) (*customer.Profile, error)
//	CreateHolderProfile(ctx, actor, ref, []ProfileChange) (*customer.Profile, error)
//	ModifyHolderProfile(ctx, actor, ref, profileRef, []ProfileChange) (*customer.Profile, error)
//	DeleteHolderProfile(ctx, actor, ref, profileRef) error
//
//	OpenTicketSession(ctx, OpenTicket) (*Session, secret string, error)
//
//	NextNotice(ctx, afterPartner) (*notice.Draft, error)   // the outbox: internal/mail/notices
//	NoticeToken(*notice.Draft) (string, error)
//	NoticeFailed(ctx, noticeID, cause error) (parked bool, error)
//	Notices(ctx, actor, NoticeFilter) ([]*notice.Notice, error)
//	RetryNotice / DropNotice(ctx, actor, noticeID) error
//	ObserveQuotas(ctx, []QuotaObservation) (told int, error)
//
//	CreateLegalExport(ctx, actor, AccountRef) (*legalexport.Job, error)
//	LegalExport(ctx, actor, AccountRef, jobID string) (*legalexport.Job, error)
//	LegalExports(ctx, actor, AccountRef) ([]*legalexport.Job, error)
//	LegalExportDownload(ctx, actor, accountID, jobID, first) (*legalexport.Job, error)
//	ExpireLegalExport(ctx, actor, due.Item) (*legalexport.Job, error)
//	PurgeLegalExports(ctx, actor, accountID) ([]*legalexport.Job, error)
//	LeaseLegalExport / SaveLegalExport / ReleaseLegalExports / LegalExportState: for who runs the jobs
//
//	ResolveRecipient(ctx, local, domain string) (*Recipient, error)
//	Responders(ctx, accountIDs) ([]*Responder, error)        // autoresponders in force
//	MayForward(ctx, orderID) (bool, error)                    // to other hosts
//	LoginCandidates(ctx, email string) ([]LoginCandidate, error)
//	LoginAccount(ctx, accountID) (*LoginCandidate, error)   // nil: may not log in now
//	Sender(ctx, accountID) (*Sender, error)
//	SenderAddresses(ctx, accountID) ([]string, error)
//	DomainRouting(ctx, domain string) (*Routing, error)
//	AccessChangesAfter(ctx, after, limit) ([]AccessChange, error)
//	LastAccessChange(ctx) (int64, error)
//	EnsureDKIMKeys(ctx, domain) ([]DKIMSigner, error)
//	FindOrders(ctx, actor, OrderFilter, limit) ([]*OrderDetails, error)
//	FindAccounts(ctx, actor, email) ([]*AccountDetails, error)
//	OrderEvents(ctx, actor, orderID, limit) ([]*event.Event, error)
//	PartnerTime(ctx, partnerID) (time.Time, error)
//	CreateWebhook(ctx, actor, CreateWebhook) (*webhook.Endpoint, error)
//	ModifyWebhook(ctx, actor, ModifyWebhook) (*webhook.Endpoint, error)   // also pause and resume
//	DeleteWebhook(ctx, actor, id) error
//	Webhooks(ctx, actor, partnerID) ([]*webhook.Endpoint, error)
//	Webhook(ctx, actor, id) (*webhook.Endpoint, error)
//	WebhookDeliveries(ctx, actor, DeliveryFilter) ([]*webhook.Delivery, error)
//	WebhookDelivery(ctx, actor, id) (*webhook.Delivery, error)
//	WebhookAttempts(ctx, actor, deliveryID) ([]*webhook.Attempt, error)
//	ReplayEvents(ctx, actor, ReplayEvents) (int, error)
//	FailNextWebhooks(ctx, actor, partnerID, n, status) error
//	WebhooksSettled(ctx, partnerID) (bool, error)
//	WebhookCredentials(ctx, *webhook.Endpoint) (*WebhookCredentials, error)   // the dispatcher's, as the next two
//	WarnWebhookFailing(ctx, actor, id, lastError) (bool, error)
//	StepReplays(ctx, actor) (bool, error)
//
//	Resellers(ctx, actor, ResellerFilter) (*FoundResellers, error)
//	ShowReseller(ctx, actor, id) (*ResellerDetails, error)
//	ModifyReseller(ctx, actor, ModifyReseller) (*reseller.Reseller, error)
//	SuspendReseller(ctx, actor, id, reason) error
//	UnsuspendReseller(ctx, actor, id) error
//	SetResellerNetworks(ctx, actor, id, []netip.Prefix) error
//	SignUpProducts(ctx, actor, id, []product.Key) (*reseller.Reseller, error)
//	SetResellerPassword(ctx, actor, id, password) error
//	CreateResellerKey(ctx, actor, CreateResellerKey) (*reseller.Key, rawKey string, error)
//	RotateResellerKey(ctx, actor, RotateResellerKey) (rawKey string, error)
//	RevokeResellerKey(ctx, actor, resellerID, keyID) error
//
//	CustomerPrices(ctx, actor, customerID) (*EffectivePrices, error)   // 0: the acting reseller's list
//	ResellerPrices(ctx, actor, resellerID) (*EffectivePrices, error)
//	CostPrices(ctx, actor, resellerID) (*EffectivePrices, error)
//	Products(ctx, actor) ([]Product, error)
//	ImportPrices(ctx, actor, ImportPrices) (*ImportedPrices, error)
//	ExportPrices(ctx, actor, PriceListRef) ([]byte, error)
//	Prices(ctx, actor, PriceListRef) (*PriceList, error)
//	SetPrices(ctx, actor, PriceListRef, []SetPrice) (*PriceList, error)
//	RemovePrices(ctx, actor, PriceListRef, []price.Item) (*PriceList, error)
//
//	Packages(ctx, actor, PackageFilter) ([]*PackageDetails, error)          // basekit.md 4.5, 5.12, 7
//	Package(ctx, actor, id) (*PackageDetails, error)
//	CreatePackage(ctx, actor, CreatePackage) (*PackageDetails, error)
//	ModifyPackage(ctx, actor, id, PackageChange) (*PackageDetails, error)
//	ClonePackage(ctx, actor, id, name) (*PackageDetails, error)
//	DeletePackage(ctx, actor, id) error
//	AccountPackages(ctx, actor, customerID, AccountPackageFilter) ([]*AccountPackage, error)
//	AccountPackage(ctx, actor, customerID, id) (*AccountPackage, error)
//	AssignPackage(ctx, actor, AssignPackage) (*AssignedPackage, error)      // the suspension package too (5.14)
//	RemoveAccountPackage(ctx, actor, customerID, id) error
//	ShopBrand(ctx, actor) (*ShopBrand, error)
//	ModifyShopBrand(ctx, actor, ModifyShopBrand) (*ShopBrand, error)
//	Languages(ctx, actor) ([]Language, error)
//	DomainEndings(ctx, actor) ([]*shop.Package, error)
//	SetDomainEndings(ctx, actor, []string) ([]*shop.Package, error)
//	BrandResellers(ctx, actor, offset, limit) ([]*BrandReseller, error)     // those directly below the root
//	BrandReseller(ctx, actor, id) (*BrandReseller, error)
//	CreateBrandReseller(ctx, actor, BrandResellerChange) (*BrandReseller, error)
//	ModifyBrandReseller(ctx, actor, id, BrandResellerChange) (*BrandReseller, error)
//	DeleteBrandReseller(ctx, actor, id) error
//
//	Forget(ctx) error   // drops expired tokens and old access-log entries; run it now and then
//
//	Transactions(ctx, actor, TransactionFilter) (*TransactionPage, error)
//	TransactionDetails(ctx, actor, ledger.Kind, ids) ([]*TransactionDetails, error)
//	OpenGreedyTransactions(ctx, actor, ledger.Party, page, perPage) (*TransactionPage, error)
//	Invoice(ctx, actor, id) (*InvoiceDetails, error)
