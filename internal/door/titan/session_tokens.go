package titan

import (
	"context"
	"time"

	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/signin"
)

// clearEmailSessions is operation 39.
func clearEmailSessions(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	if err := c.door.core.ClearEmailSessions(ctx, c.actor, mailboxes.ClearEmailSessions{Order: ref, AccountIDs: in.ids("titanAccountIds")}); err != nil {
		return nil, err
	}
	return &answered{}, nil
}

type panelToken struct {
	answered
	Token string `json:"token"`
}

// generateCPToken is operation X1 (T-36).
func generateCPToken(ctx context.Context, c *call, in *record) (reply, error) {
	cmd := signin.GeneratePanelToken{CustomerID: in.text("customerId"), CustomerNumber: in.id("titanCustomerId")}
	if cmd.CustomerID == "" && cmd.CustomerNumber == 0 {
		return nil, missing("customerId")
	}
	if n := in.count("validityInMinutes"); n != nil {
		cmd.Validity = time.Duration(*n) * time.Minute
	}
	token, err := c.door.core.GeneratePanelToken(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	return &panelToken{Token: token}, nil
}

type keyToken struct {
	answered
	Token     string `json:"token"`
	ExpiresIn int64  `json:"expiresInSeconds"`
}

// generateToken is operation X2 (T-37).
func generateToken(ctx context.Context, c *call, _ *record) (reply, error) {
	token, life, err := c.door.core.GenerateKeyToken(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return &keyToken{Token: token, ExpiresIn: int64(life / time.Second)}, nil
}
