package export

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

// LinkLife is how long a download link works (T-34).
const LinkLife = 24 * time.Hour

// LinkPath is where the files are, below the base address.
const LinkPath = "/exports/"

// Links makes and judges download links. Whoever has a valid one gets the file.
type Links struct {
	base  func() string
	key   []byte
	clock clock.Clock
}

// NewLinks takes the address under which this installation is reached, asked for
// with each link, and a secret key of its own.
func NewLinks(base func() string, key []byte, c clock.Clock) *Links {
	return &Links{base: base, key: key, clock: c}
}

// URL gives a link to a file, from now on for LinkLife.
func (l *Links) URL(file string) string {
	expires := strconv.FormatInt(l.clock.Now().Add(LinkLife).Unix(), 10)
	return strings.TrimRight(l.base(), "/") + LinkPath + url.PathEscape(file) + "?expires=" + expires + "&signature=" + hex.EncodeToString(l.sign(file, expires))
}

func (l *Links) sign(file, expires string) []byte {
	h := hmac.New(sha256.New, l.key)
	// A line break is in neither of them.
	h.Write([]byte("legal export\n" + expires + "\n" + file))
	return h.Sum(nil)
}

var errLink = fault.New(fault.Forbidden, "The link has expired or is not valid")

// Verify judges a link. It does not say what is wrong with one.
func (l *Links) Verify(file, expires, signature string) error {
	got, err := hex.DecodeString(signature)
	until, numberErr := strconv.ParseInt(expires, 10, 64)
	if err != nil || numberErr != nil || strings.ContainsAny(file+expires, "\r\n") || !hmac.Equal(got, l.sign(file, expires)) {
		return errLink
	}
	if now := l.clock.Now().Unix(); now >= until || until-now > int64(LinkLife/time.Second) {
		return errLink
	}
	return nil
}
