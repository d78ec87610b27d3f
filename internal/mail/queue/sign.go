package queue

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"

	"posthouse/internal/dkim"
)

// sign gives DKIM-Signature fields for the sender's domain, one per key. The
// door has seen to it that From is the sender's own address, so that is the
// domain of From too.
func (q *Queue) sign(ctx context.Context, domain string, c Content) (io.Reader, error) {
	signers, err := q.signers.of(ctx, q, domain)
	if err != nil {
		return nil, err
	}
	if len(signers) == 0 {
		return bytes.NewReader(nil), nil
	}
	fields, err := dkim.Sign(io.NewSectionReader(c, 0, c.Size()), q.clock.Now(), signers)
	if err != nil {
		return nil, err
	}
	return bytes.NewReader(fields), nil
}

const (
	signersFor = time.Minute // keys are used before they are asked for again
	maxSigners = 4096        // domains remembered
)

// signerCache remembers signing keys: opening an RSA key costs more than signing with it.
type signerCache struct {
	mu   sync.Mutex
	keys map[string]cachedSigners
}

type cachedSigners struct {
	signers []dkim.Signer
	until   time.Time
}

func (s *signerCache) of(ctx context.Context, q *Queue, domain string) ([]dkim.Signer, error) {
	now := q.clock.Now()
	s.mu.Lock()
	known, ok := s.keys[domain]
	s.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.signers, nil
	}
	keys, err := q.dir.EnsureDKIMKeys(ctx, domain)
	if err != nil {
		return nil, err
	}
	fresh := cachedSigners{until: now.Add(signersFor)}
	for _, k := range keys {
		fresh.signers = append(fresh.signers, dkim.Signer{Domain: k.Domain, Selector: k.Selector, Key: k.Key})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil || len(s.keys) >= maxSigners {
		s.keys = map[string]cachedSigners{}
	}
	s.keys[domain] = fresh
	return fresh.signers, nil
}
