// Package tenancy holds what a partner is: its keys, API users, settings, brand,
// shop and test clock, and the log of what was done in its name.
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
//	ShopHosts(ctx) (map[host]partnerID, error)
//	CreateAPIUser(ctx, actor, CreateAPIUser) (*partner.APIUser, password string, error)
//	RotateAPIUserPassword(ctx, actor, id) (password string, error)
//	SandboxAPIPassword(ctx, actor, id) (password string, error)
//	RevokeAPIUser(ctx, actor, id) error
//	APIUsers(ctx, actor, partnerID) ([]*APIUserDetails, error)
//	CreateOAuthCredentials(ctx, actor, userID) (*CreatedOAuth, error)
//	RevokeOAuthCredentials(ctx, actor, id) error
//	AuthenticateAPIUser(ctx, username, password, remote netip.Addr) (*APICaller, error)
//	AuthenticateOAuth(ctx, *oauth1.Signed, remote netip.Addr) (*APICaller, error)  // then
//	SpendOAuthNonce(ctx, *APICaller) error
//	PartnerSettings(ctx, actor) (*PartnerSettings, error)
//	ModifyPartnerSettings(ctx, actor, ModifyPartnerSettings) (*PartnerSettings, error)
//	Events(ctx, actor, work.EventFilter, limit) ([]*event.Event, error)
//	Event(ctx, actor, publicID) (*event.Event, error)
//	AuditLog(ctx, actor, work.AuditFilter, limit) ([]*audit.Record, error)
//	ClaimRequest(ctx, actor, key, requestHash) (*work.Claim, *Answer, error)
//	KeepAnswer(ctx, actor, *work.Claim, Answer) error
//	DropClaim(ctx, actor, *work.Claim) error
//	SigningKeys(ctx, partnerID) ([]string, error)
//
//	AdvanceClock(ctx, actor, AdvanceClock) (*ClockState, error)
//	PartnerClock(ctx, actor, partnerID) (*ClockState, error)
//	MovingClocks(ctx, actor) ([]*partner.Clock, error)
//	MoveClock(ctx, actor, MoveClock) (*ClockStep, error)
//	FrameOrigins(ctx, partnerID, resellerID) ([]string, error)  // for pages without a session
//	OrderEvents(ctx, actor, orderID, limit) ([]*event.Event, error)
//	PartnerTime(ctx, partnerID) (time.Time, error)
package tenancy
