package titan

import (
	"context"

	"posthouse/internal/core/signin"
)

// changeEmailAccountPassword is operation 30: it mails a link, whatever its name says.
func changeEmailAccountPassword(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.account()
	if err != nil {
		return nil, err
	}
	if err := c.door.core.RequestPasswordReset(ctx, c.actor, signin.RequestPasswordReset{Account: ref, Recipient: in.text("recipient")}); err != nil {
		return nil, err
	}
	return &answered{}, nil
}
