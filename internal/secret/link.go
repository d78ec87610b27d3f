package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
)

// Links makes and judges links to files and pages: whoever has a valid one gets
// what it names, until it expires.
type Links struct {
	base    func() string
	path    string
	purpose string
	life    time.Duration
	key     []byte
	clock   clock.Clock
}

// NewLinks takes the address under which this installation is reached, asked for
// with each link, the path below which the names are, what the links are for and
// how long they live, and a secret key of their own.
func NewLinks(base func() string, path, purpose string, life time.Duration, key []byte, c clock.Clock) *Links {
	return &Links{base: base, path: path, purpose: purpose, life: life, key: key, clock: c}
}

// URL gives a link to what has that name, from now on for the life of links.
func (l *Links) URL(name string) string {
	expires := strconv.FormatInt(l.clock.Now().Add(l.life).Unix(), 10)
	return strings.TrimRight(l.base(), "/") + l.path + url.PathEscape(name) + "?expires=" + expires + "&signature=" + hex.EncodeToString(l.sign(name, expires))
}

func (l *Links) sign(name, expires string) []byte {
	h := hmac.New(sha256.New, l.key)
	// A line break is in none of them.
	h.Write([]byte(l.purpose + "\n" + expires + "\n" + name))
	return h.Sum(nil)
}

var errLink = fault.New(fault.Forbidden, "The link has expired or is not valid")

// Verify judges a link. It does not say what is wrong with one.
func (l *Links) Verify(name, expires, signature string) error {
	got, err := hex.DecodeString(signature)
	until, numberErr := strconv.ParseInt(expires, 10, 64)
	if err != nil || numberErr != nil || strings.ContainsAny(name+expires, "\r\n") || !hmac.Equal(got, l.sign(name, expires)) {
		return errLink
	}
	if now := l.clock.Now().Unix(); now >= until || until-now > int64(l.life/time.Second) {
		return errLink
	}
	return nil
}
