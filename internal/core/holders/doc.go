// Package holders holds account holders of brands: customers as they see themselves,
// with profiles, log-in, password and address flows.
//
//	AccountHolder(ctx, actor, ref) (*HolderDetails, error)  // customers as brands know them
//	ListHolders(ctx, actor, ListHolders) (*FoundHolders, error)
//	SearchHolders(ctx, actor, text) ([]*FoundHolder, error)
//	CreateHolder(ctx, actor, CreateHolder) (*HolderDetails, error)
//	ModifyHolder(ctx, actor, ModifyHolder) (*HolderDetails, error)  // brings deleted ones back, too
//	DeleteHolder(ctx, actor, ref, hard) error
//	SuspendHolder / UnsuspendHolder / CancelHolder / AnonymiseHolder(ctx, actor, ref) error
//	AuthenticateHolder(ctx, actor, customers.AuthenticateCustomer) (*HolderDetails, error)
//	OpenHolder(ctx, actor, OpenHolder) (*HolderTicket, error)  // into the control panel
//	HolderNotes(ctx, actor, ref) / AddHolderNote(ctx, actor, ref, note) ([]*work.HolderNote, error)
//	ForgotHolderPassword(ctx, actor, ForgotHolderPassword) error  // basekit.md 5.8 to 5.11, 5.13
//	ResetHolderPassword(ctx, actor, ResetHolderPassword) error
//	SendVerificationEmail(ctx, actor, SendVerificationEmail) error
//	VerifyHolderEmail(ctx, actor, ref, token) error
//	HolderProfiles(ctx, actor, ref) ([]*customer.Profile, error)
//	HolderProfile(ctx, actor, ref, profileRef) (*customer.Profile, error)
//	CreateHolderProfile(ctx, actor, ref, []ProfileChange) (*customer.Profile, error)
//	ModifyHolderProfile(ctx, actor, ref, profileRef, []ProfileChange) (*customer.Profile, error)
//	DeleteHolderProfile(ctx, actor, ref, profileRef) error
package holders
