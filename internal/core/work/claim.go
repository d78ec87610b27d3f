package work

import (
	"context"

	"posthouse/internal/fault"
)

// ErrUnderWay tells of a request whose claim another call holds.
var ErrUnderWay = &fault.Error{Code: fault.Conflict, Reason: "REQUEST_UNDER_WAY", Temporary: true,
	Text: "A request with this idempotency key is under way"}

// Claim is the right to run one request. Row is for the part that keeps requests.
type Claim struct {
	Row *IdempotentRequest
}

type claimKey struct{}

// WithClaim makes every command that runs under the context note, in its own
// transaction, that the request was carried out.
func WithClaim(ctx context.Context, c *Claim) context.Context {
	return context.WithValue(ctx, claimKey{}, c)
}

// carriedOut writes that note. Who lost the claim to somebody else commits nothing.
func (u *Unit) carriedOut() error {
	c, _ := u.Ctx.Value(claimKey{}).(*Claim)
	if c == nil {
		return nil
	}
	r := *c.Row
	r.Outcome = Committed
	mine, err := u.Tx.UpdateRequest(u.Ctx, &r, r.Owner)
	if err == nil && !mine {
		err = ErrUnderWay
	}
	return err
}
