package secret

import (
	"crypto/sha256"
	"io"
	"strconv"
	"strings"

	"posthouse/internal/fault"
)

const alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// apiSecretLen gives 40 * log2(62) = 238 bits, and keeps every key above the 32
// bytes that HS256 libraries ask for (titan.md T-06).
const apiSecretLen = 40

// MaxAPIKeyLen bounds what HashAPIKey's callers need to look at.
const MaxAPIKeyLen = 256

// Alphanumeric draws n characters, all equally likely.
func Alphanumeric(random io.Reader, n int) (string, error) {
	out := make([]byte, 0, n)
	// 248 is the greatest multiple of 62 in a byte: higher draws are dropped.
	const limit = 256 / len(alphanumerics) * len(alphanumerics)
	buf := make([]byte, n+n/8+8)
	for len(out) < n {
		if _, err := io.ReadFull(random, buf); err != nil {
			return "", fault.Unavail("No randomness", err)
		}
		for _, b := range buf {
			if int(b) < limit && len(out) < n {
				out = append(out, alphanumerics[int(b)%len(alphanumerics)])
			}
		}
	}
	return string(out), nil
}

// NewAPIKey makes a raw key `p_<partnerID>:<secret>` (titan.md T-06).
func NewAPIKey(random io.Reader, partnerID int64) (string, error) {
	s, err := Alphanumeric(random, apiSecretLen)
	if err != nil {
		return "", err
	}
	return "p_" + strconv.FormatInt(partnerID, 10) + ":" + s, nil
}

// APIKeyPartner reads the partner out of a raw key's form, which proves nothing.
func APIKeyPartner(raw string) (int64, bool) {
	if len(raw) < 32 || len(raw) > MaxAPIKeyLen {
		return 0, false
	}
	rest, ok := strings.CutPrefix(raw, "p_")
	if !ok {
		return 0, false
	}
	digits, _, ok := strings.Cut(rest, ":")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil && id > 0 && strconv.FormatInt(id, 10) == digits
}

// Hash is the look-up form of a random secret. Secrets that are drawn, not
// chosen, need no slow hash.
func Hash(raw string) []byte {
	h := sha256.Sum256([]byte(raw))
	return h[:]
}

// Hint is the end of a raw key, to tell keys apart.
func Hint(raw string) string { return raw[max(0, len(raw)-4):] }
