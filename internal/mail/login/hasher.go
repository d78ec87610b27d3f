package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"posthouse/internal/clock"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// HasherConfig bounds what hashing may take of the machine; zero values mean
// the defaults named.
type HasherConfig struct {
	Params   Params        // of new hashes; DefaultParams
	Parallel int           // hashes at once; the number of usable cores
	Queue    int           // callers that may wait for a turn; 32 for each Parallel
	Wait     time.Duration // the longest wait for a turn; 5 s
	Clock    clock.Clock   // the system's
	Random   io.Reader     // salts; crypto/rand
}

// Hasher makes and checks argon2id hashes in PHC form. It is safe for use by
// many goroutines; memory in use is at most Parallel times the parameters'.
type Hasher struct {
	cfg     HasherConfig
	turns   chan struct{}
	waiting atomic.Int64
	calls   atomic.Uint64
}

// NewHasher makes a Hasher.
func NewHasher(cfg HasherConfig) *Hasher {
	if cfg.Params == (Params{}) {
		cfg.Params = DefaultParams()
	}
	if cfg.Parallel <= 0 {
		cfg.Parallel = runtime.GOMAXPROCS(0)
	}
	if cfg.Queue <= 0 {
		cfg.Queue = 32 * cfg.Parallel
	}
	if cfg.Wait <= 0 {
		cfg.Wait = 5 * time.Second
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	return &Hasher{cfg: cfg, turns: make(chan struct{}, cfg.Parallel)}
}

// Hash makes the stored form of a new password. fault.Invalid for one that
// can't be used; fault.Unavailable when the machine is too busy.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	pw, ok := normalize(password)
	if !ok {
		return "", errPassword()
	}
	p := phc{Params: h.cfg.Params, salt: make([]byte, saltLen)}
	if _, err := io.ReadFull(h.cfg.Random, p.salt); err != nil {
		return "", fault.Wrap(err)
	}
	key, err := h.derive(ctx, pw, &p, keyLen)
	if err != nil {
		return "", err
	}
	p.key = key
	return p.String(), nil
}

// Verify reports whether password is the one that hash was made of. An
// unusable password is a wrong one, an empty hash has none; an unreadable hash
// is a fault.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (bool, error) {
	if hash == "" {
		return false, nil
	}
	p, err := parsePHC(hash)
	if err != nil {
		return false, fault.Wrap(err)
	}
	pw, usable := normalize(password)
	key, err := h.derive(ctx, pw, p, uint32(len(p.key)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, p.key) == 1 && usable, nil
}

// Calls counts the hashes computed so far.
func (h *Hasher) Calls() uint64 { return h.calls.Load() }

// decoy is a hash that no password has, of the same cost as a new one.
func (h *Hasher) decoy() (string, error) {
	p := phc{Params: h.cfg.Params, salt: make([]byte, saltLen), key: make([]byte, keyLen)}
	for _, b := range [][]byte{p.salt, p.key} {
		if _, err := io.ReadFull(h.cfg.Random, b); err != nil {
			return "", fault.Wrap(err)
		}
	}
	return p.String(), nil
}

func (h *Hasher) derive(ctx context.Context, pw string, p *phc, length uint32) ([]byte, error) {
	if err := h.takeTurn(ctx); err != nil {
		return nil, err
	}
	defer func() { <-h.turns }()
	h.calls.Add(1)
	return argon2.IDKey([]byte(pw), p.salt, p.Iterations, p.MemoryKiB, p.Parallelism, length), nil
}

func (h *Hasher) takeTurn(ctx context.Context) error {
	select {
	case h.turns <- struct{}{}:
		return nil
	default:
	}
	if h.waiting.Add(1) > int64(h.cfg.Queue) {
		h.waiting.Add(-1)
		return busy(nil)
	}
	defer h.waiting.Add(-1)
	t := h.cfg.Clock.NewTimer(h.cfg.Wait)
	defer t.Stop()
	select {
	case h.turns <- struct{}{}:
		return nil
	case <-t.C():
		return busy(nil)
	case <-ctx.Done():
		return busy(ctx.Err())
	}
}

func busy(cause error) error {
	return fault.Unavail("Too busy to check passwords; try again", cause)
}

var _ work.PasswordHasher = (*Hasher)(nil)
