package reselling

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"io"
	"net/netip"
	"strconv"
	"sync"

	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// maxResellerPassword bounds what is hashed.
const maxResellerPassword = 256

// AuthenticateResellerPassword checks a reseller's own password, the older way
// (resellerclub.md section 2). Whatever is wrong, the answer is the same and takes
// as long. Status and network are looked at in every call, as of a key. Limiting
// attempts is the caller's.
func (s *Service) AuthenticateResellerPassword(ctx context.Context, resellerID int64, password string, remote netip.Addr) (*ResellerCaller, error) {
	if password == "" || len(password) > maxResellerPassword || !work.Storable(password) {
		return nil, errResellerKey
	}
	var out *ResellerCaller
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		out = nil
		r, err := u.Tx.Reseller(u.Ctx, resellerID)
		if err != nil {
			return err
		}
		if r == nil {
			return nil
		}
		if out, err = admitReseller(u, r, remote, 0); fault.Is(err, fault.Unauthenticated) {
			out, err = nil, nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	hash := ""
	if out != nil && out.Reseller.PasswordHash != "" {
		hash = out.Reseller.PasswordHash
	} else if hash, err = s.DecoyHash(ctx); err != nil {
		return nil, err
	}
	temp, err := s.isTempPassword(ctx, resellerID, password)
	if err != nil {
		return nil, err
	}
	own := false
	if !temp {
		if own, err = s.verified.check(ctx, s, resellerID, password, hash); err != nil {
			return nil, err
		}
	}
	if out == nil || !temp && (!own || out.Reseller.PasswordHash == "") {
		return nil, errResellerKey
	}
	return out, nil
}

// verifiedPasswords remembers right passwords, so that a caller who sends one
// with every call pays for the slow hash once. What is kept is of no use without
// the key, which only the process has.
type verifiedPasswords struct {
	mu   sync.Mutex
	key  []byte
	seen map[[sha256.Size]byte]bool
}

const maxVerified = 1024

func (v *verifiedPasswords) check(ctx context.Context, s *Service, resellerID int64, password, hash string) (bool, error) {
	sum, err := v.sum(s.Random, strconv.FormatInt(resellerID, 10)+"\x00"+hash+"\x00"+password)
	if err != nil {
		return false, err
	}
	v.mu.Lock()
	known := v.seen[sum]
	v.mu.Unlock()
	if known {
		return true, nil
	}
	ok, err := s.Hasher.Verify(ctx, password, hash)
	if err != nil || !ok {
		return false, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen == nil || len(v.seen) >= maxVerified {
		v.seen = map[[sha256.Size]byte]bool{}
	}
	v.seen[sum] = true
	return true, nil
}

func (v *verifiedPasswords) sum(random io.Reader, text string) (out [sha256.Size]byte, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.key == nil {
		key := make([]byte, sha256.Size)
		if _, err := io.ReadFull(random, key); err != nil {
			return out, err
		}
		v.key = key
	}
	h := hmac.New(sha256.New, v.key)
	h.Write([]byte(text)) // never fails
	return [sha256.Size]byte(h.Sum(nil)), nil
}
