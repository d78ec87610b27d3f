package provision

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"strconv"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// A request with an idempotency key runs once. The first one claims the key;
// its changes and the note that they were made are one transaction, so that a
// crash before the answer is kept can't make a repeat run again. A repeat gets
// the kept answer. Times are the platform's.

// requestLife is how long an answer is kept; requestLease how long a request
// may run before another may try it, longer than any door lets one run.
const (
	requestLife  = 24 * time.Hour
	requestLease = 2 * time.Minute
)

// The faults of a repeated request.
var (
	errKeyReused = fault.New(fault.Invalid, "The idempotency key was used for another request").WithReason("IDEMPOTENCY_KEY_REUSED")
	errUnderWay  = &fault.Error{Code: fault.Conflict, Reason: "REQUEST_UNDER_WAY", Temporary: true,
		Text: "A request with this idempotency key is under way"}
	errAnswerLost = fault.New(fault.Conflict,
		"The request was carried out, but its answer is lost: read what it changed").WithReason("ANSWER_LOST")
)

// Claim is the right to run one request.
type Claim struct {
	row *IdempotentRequest
}

// Answer is what a request was answered.
type Answer struct {
	Status int
	Body   []byte // as the door encoded it
}

// ClaimRequest is for a door before it runs a request that names a key: it
// gives either the claim, or the answer of the request that had it before.
func (s *Service) ClaimRequest(ctx context.Context, actor audit.Actor, key string, request []byte) (*Claim, *Answer, error) {
	owner := make([]byte, 16)
	if _, err := io.ReadFull(s.random, owner); err != nil {
		return nil, nil, fault.Unavail("No randomness", err)
	}
	want := &IdempotentRequest{PartnerID: actor.PartnerID, KeyHash: secret.Hash(key), RequestHash: request, Owner: owner}
	var claimed bool
	var found *IdempotentRequest
	var running bool
	err := s.write(ctx, actor, func(u *unit) (err error) {
		claimed, found = false, nil
		want.CreatedAt, want.LeasedUntil = u.real, u.real.Add(requestLease)
		if claimed, err = u.tx.ClaimRequest(u.ctx, want); err != nil || claimed {
			return err
		}
		if found, err = u.tx.Request(u.ctx, want.PartnerID, want.KeyHash); err != nil {
			return err
		}
		if found == nil {
			return errUnderWay // forgotten meanwhile
		}
		running = found.Outcome != Answered && u.real.Before(found.LeasedUntil)
		old := !u.real.Before(found.CreatedAt.Add(requestLife))
		same := bytes.Equal(found.RequestHash, request)
		if old || same && found.Outcome == UnderWay && !running {
			// Its time is over, or who ran it is gone and has changed nothing.
			if err := u.tx.DropRequest(u.ctx, want.PartnerID, want.KeyHash, found.Owner, found.Outcome); err != nil {
				return err
			}
			claimed, err = u.tx.ClaimRequest(u.ctx, want)
			return err
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, nil, err
	case claimed:
		return &Claim{row: want}, nil, nil
	case !bytes.Equal(found.RequestHash, request):
		return nil, nil, errKeyReused
	case running:
		return nil, nil, errUnderWay
	case found.Outcome == Committed:
		return nil, nil, errAnswerLost
	}
	body, err := s.sealer.Open(found.Answer, answerContext(found))
	if err != nil {
		return nil, nil, err
	}
	return nil, &Answer{Status: found.Status, Body: body}, nil
}

func answerContext(r *IdempotentRequest) string {
	return "idempotency/" + strconv.FormatInt(r.PartnerID, 10) + "/" + hex.EncodeToString(r.KeyHash)
}

type claimKey struct{}

// WithClaim makes every command that runs under the context note, in its own
// transaction, that the request was carried out.
func WithClaim(ctx context.Context, c *Claim) context.Context {
	return context.WithValue(ctx, claimKey{}, c)
}

// carriedOut writes that note. Who lost the claim to somebody else commits nothing.
func (u *unit) carriedOut() error {
	c, _ := u.ctx.Value(claimKey{}).(*Claim)
	if c == nil {
		return nil
	}
	r := *c.row
	r.Outcome = Committed
	mine, err := u.tx.UpdateRequest(u.ctx, &r, r.Owner)
	if err == nil && !mine {
		err = errUnderWay
	}
	return err
}

// KeepAnswer ends a claim whose request succeeded.
func (s *Service) KeepAnswer(ctx context.Context, actor audit.Actor, c *Claim, a Answer) error {
	sealed, err := s.sealer.Seal(a.Body, answerContext(c.row))
	if err != nil {
		return err
	}
	r := *c.row
	r.Outcome, r.Status, r.Answer = Answered, a.Status, sealed
	return s.write(WithClaim(ctx, nil), actor, func(u *unit) error {
		_, err := u.tx.UpdateRequest(u.ctx, &r, r.Owner)
		return err
	})
}

// DropClaim ends a claim whose request failed: a repeat runs again, unless
// something was committed all the same.
func (s *Service) DropClaim(ctx context.Context, actor audit.Actor, c *Claim) error {
	return s.write(WithClaim(ctx, nil), actor, func(u *unit) error {
		return u.tx.DropRequest(u.ctx, c.row.PartnerID, c.row.KeyHash, c.row.Owner, UnderWay)
	})
}
