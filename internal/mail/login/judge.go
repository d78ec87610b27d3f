package login

import (
	"context"
	"net/netip"

	"posthouse/internal/fault"
)

// maxCandidates bounds the hashes of one attempt.
const maxCandidates = 4

// try is one attempt, prepared.
type try struct {
	s        *Service
	email    string
	password string
	from     netip.Addr
}

// judge finds the account that the attempt opens. A remembered good password
// takes no token and no hash; a remembered wrong one neither, whether the
// account exists or not.
func (t *try) judge(ctx context.Context) (*Candidate, string, error) {
	s, now := t.s, t.s.clock.Now()
	found, err := s.dir.LoginCandidates(ctx, t.email)
	if err != nil {
		return nil, outcomeBusy, unavailable(err)
	}
	candidates := t.withPassword(found)
	digests := make([]digest, len(candidates))
	narrowed := s.address.gate(t.from, now) != open || s.account.gate(t.email, now) != open
	for i := range candidates {
		c := &candidates[i]
		place := c.PasswordHash
		if place == "" {
			place = t.email // the decoy's: unknown addresses don't share what is remembered
		}
		digests[i] = s.memory.digest(c.AccountID, place, t.password)
		// An account's limit, reached by others, does not lock out who was here
		// before; but then nobody can try passwords from anywhere else either.
		good, here := s.memory.isGood(digests[i], t.from, now)
		if good && (here || !narrowed) {
			s.memory.setGood(digests[i], t.from, now)
			return c, outcomeOK, nil
		}
	}
	var unknown []int
	for i, d := range digests {
		if !s.memory.isWrong(d, now) {
			unknown = append(unknown, i)
		}
	}
	if narrowed {
		if len(unknown) > 0 {
			s.address.overdraw(t.from, now)
		}
		return nil, outcomeLimited, tooMany()
	}
	if len(unknown) == 0 {
		return nil, outcomeWrong, wrong()
	}
	return t.verify(ctx, candidates, digests, unknown)
}

// withPassword drops accounts without a password. If none is left a decoy that
// no password opens stands in, and everything takes the same course as for an
// account that exists.
func (t *try) withPassword(found []Candidate) []Candidate {
	kept := make([]Candidate, 0, max(1, min(len(found), maxCandidates)))
	for _, c := range found {
		if c.PasswordHash != "" && len(kept) < maxCandidates {
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		kept = append(kept, Candidate{Email: t.email})
	}
	return kept
}

// verify hashes. The attempt pays a token of either bucket first and gets them
// back unless it was a failure.
func (t *try) verify(ctx context.Context, candidates []Candidate, digests []digest, unknown []int) (*Candidate, string, error) {
	s, now := t.s, t.s.clock.Now()
	if s.address.take(t.from, now) != open {
		return nil, outcomeLimited, tooMany()
	}
	if s.account.take(t.email, now) != open {
		s.address.giveBack(t.from)
		return nil, outcomeLimited, tooMany()
	}
	for _, i := range unknown {
		c := &candidates[i]
		hash := c.PasswordHash
		if hash == "" {
			hash = s.decoy
		}
		ok, err := s.hasher.Verify(ctx, t.password, hash)
		if err != nil {
			s.address.giveBack(t.from)
			s.account.giveBack(t.email)
			if fault.Is(err, fault.Unavailable) {
				return nil, outcomeBusy, err
			}
			return nil, outcomeBusy, unavailable(err)
		}
		if ok && c.PasswordHash != "" {
			s.address.giveBack(t.from)
			s.account.forget(t.email)
			s.memory.setGood(digests[i], t.from, s.clock.Now())
			return c, outcomeOK, nil
		}
		s.memory.setWrong(digests[i], s.clock.Now())
	}
	return nil, outcomeWrong, wrong()
}
