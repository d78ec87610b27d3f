package basekit

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/holders"
)

// flowCore is 5.8 to 5.11: what is done by links in mails.
type flowCore interface {
	ForgotHolderPassword(ctx context.Context, actor audit.Actor, cmd holders.ForgotHolderPassword) error
	ResetHolderPassword(ctx context.Context, actor audit.Actor, cmd holders.ResetHolderPassword) error
	SendVerificationEmail(ctx context.Context, actor audit.Actor, cmd holders.SendVerificationEmail) error
	VerifyHolderEmail(ctx context.Context, actor audit.Actor, ref int64, token string) error
}

// flowOperations are the rows of 5.8 to 5.11.
func flowOperations() []*operation {
	return []*operation{
		{method: "POST", path: "/users/forgotten-password", section: "5.8", status: 204, serve: forgottenPassword, params: []param{
			{"username", "string", false}, {"email", "string", false}, {"loginLink", "string", true},
		}},
		{method: "POST", path: "/users/reset-password", section: "5.9", status: 204, serve: resetPassword, params: []param{
			{"hash", "string", true}, {"password", "string", true},
		}},
		{method: "POST", path: "/users/:ref/send-verification-email", section: "5.10", status: 204, serve: sendVerificationEmail, params: []param{
			{"verificationUrl", "string", true},
		}},
		{method: "POST", path: "/users/:ref/validate-email-verification-token", section: "5.11", status: 204, serve: validateVerificationToken, params: []param{
			{"token", "string", true},
		}},
	}
}

// faultsOfFlow is what may be wrong with a flow by mailed links.
var faultsOfFlow = map[string]said{
	"NAME_REQUIRED": {"username", ruleRequired}, "USERNAME_INVALID": {"username", ruleInvalid}, "EMAIL_INVALID": {"email", ruleInvalid},
	"HASH_INVALID": {"hash", ruleInvalid}, "TOKEN_INVALID": {"token", ruleInvalid}, "NO_EMAIL": {"email", ruleRequired},
}

// faultsOfLink is what may be wrong with an address of the caller's.
func faultsOfLink(field string) map[string]said {
	return map[string]said{"LINK_INVALID": {field, ruleInvalid}, "LINK_HOST": {field, ruleNotAllow}}
}

func forgottenPassword(ctx context.Context, c *call, in *input) (any, error) {
	cmd := holders.ForgotHolderPassword{Username: in.text("username"), Email: in.text("email"), LoginLink: in.text("loginLink")}
	in.need("loginLink")
	if err := in.fault(); err != nil {
		return nil, err
	}
	if err := c.door.core.ForgotHolderPassword(ctx, c.actor, cmd); err != nil {
		return nil, refused(err, faultsOfFlow, faultsOfLink("loginLink"))
	}
	return none{}, nil
}

func resetPassword(ctx context.Context, c *call, in *input) (any, error) {
	cmd := holders.ResetHolderPassword{Hash: in.text("hash"), Password: in.text("password")}
	in.need("hash")
	in.need("password")
	if err := in.fault(); err != nil {
		return nil, err
	}
	if err := c.door.core.ResetHolderPassword(ctx, c.actor, cmd); err != nil {
		return nil, refused(err, faultsOfFlow)
	}
	return none{}, nil
}

func sendVerificationEmail(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	link := in.text("verificationUrl")
	in.need("verificationUrl")
	if err := in.fault(); err != nil {
		return nil, err
	}
	if err := c.door.core.SendVerificationEmail(ctx, c.actor, holders.SendVerificationEmail{Ref: ref, Link: link}); err != nil {
		return nil, refused(err, faultsOfFlow, faultsOfLink("verificationUrl"))
	}
	return none{}, nil
}

func validateVerificationToken(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	token := in.text("token")
	in.need("token")
	if err := in.fault(); err != nil {
		return nil, err
	}
	if err := c.door.core.VerifyHolderEmail(ctx, c.actor, ref, token); err != nil {
		return nil, refused(err, faultsOfFlow)
	}
	return none{}, nil
}
