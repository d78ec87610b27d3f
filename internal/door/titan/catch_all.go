package titan

import "context"

// setCatchAll is operation 21.
func setCatchAll(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.account()
	if err != nil {
		return nil, err
	}
	if err := c.door.core.SetCatchAll(ctx, c.actor, ref); err != nil {
		return nil, err
	}
	return &answered{}, nil
}

// removeCatchAll is operation 22.
func removeCatchAll(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	if err := c.door.core.RemoveCatchAll(ctx, c.actor, ref); err != nil {
		return nil, err
	}
	return &answered{}, nil
}

type catchAll struct {
	answered
	Email *string `json:"email"`
}

// getCatchAll is operation 23 (T-30).
func getCatchAll(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	email, err := c.door.core.FetchCatchAll(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return &catchAll{Email: orNull(email)}, nil
}
