package titan

import (
	"context"

	"posthouse/internal/core/mailboxes"
)

func createEmailAccountFields() []Field {
	return withOrder(
		Field{Name: "orderId", Kind: Text, Note: "the partner's; not used to find the order"},
		Field{Name: "email", Kind: Name, Required: true},
		Field{Name: "name", Kind: Text},
		Field{Name: "firstName", Kind: Text},
		Field{Name: "lastName", Kind: Text},
		Field{Name: "alternateEmailAddress", Kind: Name},
		Field{Name: "password", Kind: Secret},
		Field{Name: "requireAutoLoginToken", Kind: Bool, Note: "default false"},
		Field{Name: "isAdmin", Kind: Bool, Note: "default false"},
		Field{Name: "sendWelcomeEmail", Kind: Bool, Also: []string{"send_welcome_email"}, Note: "default false"},
		Field{Name: "locale", Kind: Text},
		Field{Name: "source", Kind: Text, Note: "free text"},
	)
}

type createdEmailAccount struct {
	answered
	AccountID int64  `json:"titanAccountId"`
	Token     string `json:"webmailAutoLoginToken,omitempty" note:"only when asked for"`
}

// createEmailAccount is operation 25.
func createEmailAccount(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	made, err := c.door.core.CreateEmailAccount(ctx, c.actor, mailboxes.CreateEmailAccount{
		Order: ref, Email: in.text("email"), Name: in.text("name"), FirstName: in.text("firstName"), LastName: in.text("lastName"),
		AlternateEmail: in.text("alternateEmailAddress"), Password: in.text("password"),
		WantLoginToken: in.flagOr("requireAutoLoginToken", false), IsAdmin: in.flagOr("isAdmin", false),
		Locale: in.text("locale"), Source: in.text("source"), SendWelcomeEmail: in.flagOr("sendWelcomeEmail", false),
	})
	if err != nil {
		return nil, err
	}
	return &createdEmailAccount{AccountID: made.AccountID, Token: made.LoginToken}, nil
}
