package login

import (
	"context"
	"net/netip"
	"time"

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
		place := c.Stamp()
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
	var unjudged []int // not judged lately
	for i, d := range digests {
		if !s.memory.isWrong(d, now) {
			unjudged = append(unjudged, i)
		}
	}
	if narrowed {
		if len(unjudged) > 0 {
			s.address.charge(t.from, now)
		}
		return nil, outcomeLimited, tooMany()
	}
	if len(unjudged) == 0 {
		return nil, outcomeWrong, wrong()
	}
	return t.share(ctx, candidates, digests, unjudged)
}

// share verifies once for all that try the same from the same network at the
// same time, as a client does that opens five connections. Only verdicts are
// shared, never what was read of the account.
func (t *try) share(ctx context.Context, candidates []Candidate, digests []digest, unjudged []int) (*Candidate, string, error) {
	flight := t.s.memory.digest(0, t.from.String()+" "+t.email, t.password)
	// One caller's hanging up must not fail the others; the hasher bounds the wait.
	ctx = context.WithoutCancel(ctx)
	v, err, _ := t.s.flights.Do(string(flight[:]), func() (any, error) {
		return t.verify(ctx, candidates, digests, unjudged)
	})
	if err != nil {
		if fault.Is(err, fault.TooMany) {
			return nil, outcomeLimited, err
		}
		return nil, outcomeBusy, err
	}
	verdicts, _ := v.(map[digest]bool)
	for i, d := range digests {
		good, judged := verdicts[d]
		if good {
			return &candidates[i], outcomeOK, nil
		}
		if !judged && !t.s.memory.isWrong(d, t.s.clock.Now()) {
			return nil, outcomeBusy, unavailable(nil) // the password was changed a moment ago
		}
	}
	return nil, outcomeWrong, wrong()
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

// verify hashes until one candidate is opened. Whoever comes after another's
// flight has landed finds what that one remembered and hashes nothing.
func (t *try) verify(ctx context.Context, candidates []Candidate, digests []digest, unjudged []int) (map[digest]bool, error) {
	s, now := t.s, t.s.clock.Now()
	var left []int
	for _, i := range unjudged {
		if good, _ := s.memory.isGood(digests[i], t.from, now); good {
			s.memory.setGood(digests[i], t.from, now)
			return map[digest]bool{digests[i]: true}, nil
		}
		if !s.memory.isWrong(digests[i], now) {
			left = append(left, i)
		}
	}
	if unjudged = left; len(unjudged) == 0 {
		return map[digest]bool{}, nil // all remembered as wrong, which share sees
	}
	if err := begin(ctx, s, s.address, t.from); err != nil {
		return nil, err
	}
	if err := begin(ctx, s, s.account, t.email); err != nil {
		s.address.pass(t.from)
		return nil, err
	}
	verdicts := make(map[digest]bool, len(unjudged))
	for _, i := range unjudged {
		hash := candidates[i].PasswordHash
		if hash == "" {
			hash = s.decoy
		}
		ok, err := s.hasher.Verify(ctx, t.password, hash)
		if err != nil {
			s.address.pass(t.from)
			s.account.pass(t.email)
			if !fault.Is(err, fault.Unavailable) {
				err = unavailable(err)
			}
			return nil, err
		}
		ok = ok && candidates[i].PasswordHash != ""
		verdicts[digests[i]] = ok
		if ok {
			s.memory.setGood(digests[i], t.from, s.clock.Now())
			s.address.pass(t.from)
			s.account.pass(t.email)
			s.account.forget(t.email)
			return verdicts, nil
		}
		s.memory.setWrong(digests[i], s.clock.Now())
	}
	s.address.fail(t.from, s.clock.Now())
	s.account.fail(t.email, s.clock.Now())
	return verdicts, nil
}

// maxContention is how long an attempt waits for others of its bucket.
const maxContention = 10 * time.Second

func begin[K comparable](ctx context.Context, s *Service, m *limiter[K], k K) error {
	var timeout <-chan time.Time
	for {
		g, wait := m.begin(k, s.clock.Now())
		switch {
		case g != open:
			return tooMany()
		case wait == nil:
			return nil
		case timeout == nil:
			t := s.clock.NewTimer(maxContention)
			defer t.Stop()
			timeout = t.C()
		}
		select {
		case <-wait:
		case <-timeout:
			return busy(nil)
		case <-ctx.Done():
			return busy(ctx.Err())
		}
	}
}
