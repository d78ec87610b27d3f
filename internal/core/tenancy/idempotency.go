package tenancy

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"strconv"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// A request with an idempotency key runs once. The first one claims the key;
// its changes and the note that they were made are one transaction, so that a
// crash before the answer is kept can't make a repeat run again. A repeat gets
// the kept answer. Times are the platform's.

// RequestLife is how long an answer is kept; requestLease how long a request
// may run before another may try it, longer than any door lets one run.
const (
	RequestLife  = 24 * time.Hour
	requestLease = 2 * time.Minute
)

// The faults of a repeated request.
var (
	errKeyReused = fault.New(fault.Invalid, "The idempotency key was used for another request").WithReason("IDEMPOTENCY_KEY_REUSED")

	errAnswerLost = fault.New(fault.Conflict,
		"The request was carried out, but its answer is lost: read what it changed").WithReason("ANSWER_LOST")
)

// Answer is what a request was answered.
type Answer struct {
	Status int
	Body   []byte // as the door encoded it
}

// ClaimRequest is for a door before it runs a request that names a key: it
// gives either the claim, or the answer of the request that had it before.
func (s *Service) ClaimRequest(ctx context.Context, actor audit.Actor, key string, request []byte) (*work.Claim, *Answer, error) {
	owner := make([]byte, 16)
	if _, err := io.ReadFull(s.Random, owner); err != nil {
		return nil, nil, fault.Unavail("No randomness", err)
	}
	want := &work.IdempotentRequest{PartnerID: actor.PartnerID, KeyHash: secret.Hash(key), RequestHash: request, Owner: owner}
	var claimed bool
	var found *work.IdempotentRequest
	var running bool
	err := s.Write(ctx, actor, func(u *work.Unit) (err error) {
		claimed, found = false, nil
		want.CreatedAt, want.LeasedUntil = u.Real, u.Real.Add(requestLease)
		if claimed, err = u.Tx.ClaimRequest(u.Ctx, want); err != nil || claimed {
			return err
		}
		if found, err = u.Tx.Request(u.Ctx, want.PartnerID, want.KeyHash); err != nil {
			return err
		}
		if found == nil {
			return work.ErrUnderWay // forgotten meanwhile
		}
		running = found.Outcome != work.Answered && u.Real.Before(found.LeasedUntil)
		old := !u.Real.Before(found.CreatedAt.Add(RequestLife))
		same := bytes.Equal(found.RequestHash, request)
		if old || same && found.Outcome == work.UnderWay && !running {
			// Its time is over, or who ran it is gone and has changed nothing.
			if err := u.Tx.DropRequest(u.Ctx, want.PartnerID, want.KeyHash, found.Owner, found.Outcome); err != nil {
				return err
			}
			claimed, err = u.Tx.ClaimRequest(u.Ctx, want)
			return err
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, nil, err
	case claimed:
		return &work.Claim{Row: want}, nil, nil
	case !bytes.Equal(found.RequestHash, request):
		return nil, nil, errKeyReused
	case running:
		return nil, nil, work.ErrUnderWay
	case found.Outcome == work.Committed:
		return nil, nil, errAnswerLost
	}
	body, err := s.Sealer.Open(found.Answer, answerContext(found))
	if err != nil {
		return nil, nil, err
	}
	return nil, &Answer{Status: found.Status, Body: body}, nil
}

func answerContext(r *work.IdempotentRequest) string {
	return "idempotency/" + strconv.FormatInt(r.PartnerID, 10) + "/" + hex.EncodeToString(r.KeyHash)
}

// KeepAnswer ends a claim whose request succeeded.
func (s *Service) KeepAnswer(ctx context.Context, actor audit.Actor, c *work.Claim, a Answer) error {
	sealed, err := s.Sealer.Seal(a.Body, answerContext(c.Row))
	if err != nil {
		return err
	}
	r := *c.Row
	r.Outcome, r.Status, r.Answer = work.Answered, a.Status, sealed
	return s.Write(work.WithClaim(ctx, nil), actor, func(u *work.Unit) error {
		_, err := u.Tx.UpdateRequest(u.Ctx, &r, r.Owner)
		return err
	})
}

// DropClaim ends a claim whose request failed: a repeat runs again, unless
// something was committed all the same.
func (s *Service) DropClaim(ctx context.Context, actor audit.Actor, c *work.Claim) error {
	return s.Write(work.WithClaim(ctx, nil), actor, func(u *work.Unit) error {
		return u.Tx.DropRequest(u.Ctx, c.Row.PartnerID, c.Row.KeyHash, c.Row.Owner, work.UnderWay)
	})
}
