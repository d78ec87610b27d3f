package login

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"sync"
	"time"
)

// maxKnownNetworks is how many networks one remembered log-in keeps.
const maxKnownNetworks = 8

// digest stands for (account, stored hash, password) under a key that only
// this process has: worthless to who reads the memory of another, and void as
// soon as the stored hash changes.
type digest [sha256.Size]byte

type verified struct {
	until    time.Time
	networks [maxKnownNetworks]netip.Addr // where it was used from
	next     int
}

// remembered keeps what argon2 said of passwords tried lately. A good one then
// costs no hash; a wrong one tried again and again, as a device with an old
// password does, neither costs a hash nor counts as another guess.
type remembered struct {
	key      []byte
	goodTTL  time.Duration
	wrongTTL time.Duration

	mu    sync.Mutex
	good  *lru[digest, verified]
	wrong *lru[digest, time.Time] // until when
}

func (r *remembered) digest(accountID int64, stored, password string) digest {
	m := hmac.New(sha256.New, r.key)
	var n [16]byte
	binary.BigEndian.PutUint64(n[:8], uint64(accountID))
	binary.BigEndian.PutUint64(n[8:], uint64(len(stored)))
	m.Write(n[:])
	m.Write([]byte(stored))
	m.Write([]byte(password))
	var d digest
	m.Sum(d[:0])
	return d
}

// isGood reports whether d was verified, and whether from this network.
func (r *remembered) isGood(d digest, from netip.Addr, now time.Time) (good, here bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.good.get(d)
	if v == nil {
		return false, false
	}
	if !now.Before(v.until) {
		r.good.drop(d)
		return false, false
	}
	for _, n := range v.networks {
		if n == from && n.IsValid() {
			return true, true
		}
	}
	return true, false
}

func (r *remembered) isWrong(d digest, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	until := r.wrong.get(d)
	return until != nil && now.Before(*until)
}

// setGood does not lengthen the life of what is remembered: it ends goodTTL
// after the last real verification.
func (r *remembered) setGood(d digest, from netip.Addr, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.good.get(d)
	if v == nil || !now.Before(v.until) {
		v = r.good.put(d, verified{until: now.Add(r.goodTTL)})
	}
	for _, n := range v.networks {
		if n == from {
			return
		}
	}
	v.networks[v.next] = from
	v.next = (v.next + 1) % maxKnownNetworks
}

func (r *remembered) setWrong(d digest, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong.put(d, now.Add(r.wrongTTL))
}
