package holders

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// SendVerificationEmail mails a holder a link to prove his address (basekit.md 5.10).
type SendVerificationEmail struct {
	Ref  int64  // customer.Customer.ID
	Link string // where it leads: it gets the parameter token
}

var (
	errNoEmail           = fault.New(fault.Invalid, "The user has no e-mail address").WithReason("NO_EMAIL")
	errVerificationToken = fault.New(fault.Invalid, "The token is not valid").WithReason("TOKEN_INVALID")
)

// SendVerificationEmail makes a link sent before void.
func (s *Service) SendVerificationEmail(ctx context.Context, actor audit.Actor, cmd SendVerificationEmail) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(cmd.Ref)
		if err != nil {
			return err
		}
		link, err := holderLink(u, c.PartnerID, cmd.Link)
		if err != nil {
			return err
		}
		if c.Email == "" {
			return errNoEmail
		}
		token, err := issueHolderToken(u, c, work.VerifyEmail)
		if err != nil {
			return err
		}
		if err := notifyHolder(u, c, notice.HolderVerification, link, token); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.verification_link", "customer", c.ID, nil)
	})
}

// VerifyHolderEmail proves a holder's present address by the token that was mailed
// there, and uses it up (basekit.md 5.11).
func (s *Service) VerifyHolderEmail(ctx context.Context, actor audit.Actor, ref int64, token string) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(ref)
		if err != nil {
			return err
		}
		proved, err := provesEmail(u, c, token)
		if err != nil {
			return err
		}
		if !proved {
			return errVerificationToken
		}
		if err := u.Tx.DropHolderTokens(u.Ctx, c.ID, work.VerifyEmail); err != nil {
			return err
		}
		c.Holder.VerifiedEmail, c.UpdatedAt = c.Email, u.Now
		if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.verify_email", "customer", c.ID, nil)
	})
}
