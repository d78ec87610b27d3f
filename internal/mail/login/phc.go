package login

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Params are the cost of one argon2id hash (RFC 9106).
type Params struct {
	MemoryKiB   uint32 // m
	Iterations  uint32 // t
	Parallelism uint8  // p
}

// DefaultParams is 64 MiB, one pass, one lane: above the least that OWASP
// names for a single pass (46 MiB), about 60 ms of one core.
func DefaultParams() Params { return Params{MemoryKiB: 64 << 10, Iterations: 1, Parallelism: 1} }

// What a stored hash may ask of this machine. Hashes come from our own
// database, but one imported or altered must not take the server down.
const (
	maxPHCLen    = 512
	maxMemoryKiB = 1 << 20
	maxIter      = 32
	maxLanes     = 32
	minSaltLen   = 8
	maxSaltLen   = 64
	minKeyLen    = 16
	maxKeyLen    = 64

	saltLen = 16
	keyLen  = 32
)

var errPHC = errors.New("not an argon2id hash in PHC form")

// phc is a parsed `$argon2id$v=19$m=M,t=T,p=P$salt$key`.
type phc struct {
	Params
	salt, key []byte
}

// String is the PHC form; parsePHC reads it back.
func (h *phc) String() string {
	b := make([]byte, 0, 128)
	b = append(b, "$argon2id$v="...)
	b = strconv.AppendInt(b, argon2.Version, 10)
	b = append(b, "$m="...)
	b = strconv.AppendUint(b, uint64(h.MemoryKiB), 10)
	b = append(b, ",t="...)
	b = strconv.AppendUint(b, uint64(h.Iterations), 10)
	b = append(b, ",p="...)
	b = strconv.AppendUint(b, uint64(h.Parallelism), 10)
	b = append(b, '$')
	b = base64.RawStdEncoding.AppendEncode(b, h.salt)
	b = append(b, '$')
	return string(base64.RawStdEncoding.AppendEncode(b, h.key))
}

// parsePHC is strict: one form, no leading zeros, no line breaks, parameters
// within what one log-in may cost.
func parsePHC(s string) (*phc, error) {
	if len(s) > maxPHCLen {
		return nil, errPHC
	}
	f := strings.Split(s, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != "v=19" {
		return nil, errPHC
	}
	costs := strings.Split(f[3], ",")
	if len(costs) != 3 {
		return nil, errPHC
	}
	m, ok1 := cost(costs[0], "m=", maxMemoryKiB)
	t, ok2 := cost(costs[1], "t=", maxIter)
	p, ok3 := cost(costs[2], "p=", maxLanes)
	// RFC 9106 section 3.1: at least 8 KiB for each lane.
	if !ok1 || !ok2 || !ok3 || m < 8*p {
		return nil, errPHC
	}
	salt, ok1 := rawBase64(f[4], minSaltLen, maxSaltLen)
	key, ok2 := rawBase64(f[5], minKeyLen, maxKeyLen)
	if !ok1 || !ok2 {
		return nil, errPHC
	}
	return &phc{Params: Params{MemoryKiB: m, Iterations: t, Parallelism: uint8(p)}, salt: salt, key: key}, nil
}

func cost(s, name string, most uint32) (uint32, bool) {
	digits, ok := strings.CutPrefix(s, name)
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err == nil && n <= uint64(most)
}

func rawBase64(s string, least, most int) ([]byte, bool) {
	if strings.ContainsAny(s, "\r\n") { // encoding/base64 skips them
		return nil, false
	}
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	return b, err == nil && len(b) >= least && len(b) <= most
}
