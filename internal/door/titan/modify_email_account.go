package titan

import (
	"context"

	"posthouse/internal/core/mailboxes"
)

func modifyEmailAccountFields() []Field {
	return accountFields(false,
		Field{Name: "name", Kind: Text},
		Field{Name: "firstName", Kind: Text},
		Field{Name: "lastName", Kind: Text},
		Field{Name: "alternateEmailAddress", Kind: Name, Clearable: true},
		Field{Name: "password", Kind: Secret, Note: "the new one"},
		Field{Name: "isAdmin", Kind: Bool},
		Field{Name: "purgeAt", Kind: Date, Note: "needs titanAccountId; the account must be deleted"},
	)
}

// modifyEmailAccount is operation 26: only what is present changes.
func modifyEmailAccount(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.account()
	if err != nil {
		return nil, err
	}
	_, err = c.door.core.ModifyEmailAccount(ctx, c.actor, mailboxes.ModifyEmailAccount{
		Account: ref, Name: in.textPtr("name"), FirstName: in.textPtr("firstName"), LastName: in.textPtr("lastName"),
		AlternateEmail: in.textPtr("alternateEmailAddress"), Password: in.textPtr("password"),
		IsAdmin: in.flag("isAdmin"), PurgeAt: in.date("purgeAt"),
	})
	if err != nil {
		return nil, err
	}
	return &answered{}, nil
}
