// Package signin opens and judges sessions of the control panel and of webmail, and
// the password links that lead there.
//
//	OpenPanelSession(ctx, OpenPanel) (*Session, secret string, error)      // R2, R3
//	OpenWebmailSession(ctx, OpenWebmail) (*Session, secret string, error)  // R1
//	OpenMailboxSession(ctx, OpenMailbox) (*Session, secret string, error)  // basekit.md 5.7
//	Session(ctx, secret) (*Session, error)
//	EndSession(ctx, secret) error
//	GeneratePanelToken(ctx, actor, GeneratePanelToken) (token string, error)
//	GenerateKeyToken(ctx, actor) (token string, life time.Duration, error)
//	RequestPasswordReset(ctx, actor, RequestPasswordReset) error
//	PasswordTokenInfo(ctx, token string) (*PasswordSubject, error)
//	SetPasswordByToken(ctx, SetPasswordByToken) (*PasswordSubject, error)
//	VerifyPanelPassword(ctx, VerifyPanelPassword) ([]*customer.Customer, error)
//
//	OpenTicketSession(ctx, OpenTicket) (*Session, secret string, error)
package signin
