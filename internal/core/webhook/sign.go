package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strconv"
	"time"

	"posthouse/internal/fault"
)

// Standard Webhooks 1.0: a secret is whsec_ and base64 of the key, a signature
// is v1, and base64 of HMAC-SHA256 over "id.timestamp.body".
const (
	secretPrefix = "whsec_"
	secretLen    = 32
)

// NewSecret draws a signing key.
func NewSecret(random io.Reader) ([]byte, error) {
	key := make([]byte, secretLen)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fault.Unavail("No randomness", err)
	}
	return key, nil
}

// SecretText is the form of a signing key that its owner is shown.
func SecretText(key []byte) string { return secretPrefix + base64.StdEncoding.EncodeToString(key) }

// Timestamp is the value of webhook-timestamp.
func Timestamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// Sign gives the value of webhook-signature.
func Sign(key []byte, id string, at time.Time, body []byte) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + Timestamp(at) + "."))
	h.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// HeaderContext and SecretContext bind an endpoint's sealed values to their partner.
func HeaderContext(partnerID int64) string { return context("header", partnerID) }

// SecretContext is HeaderContext for the signing key.
func SecretContext(partnerID int64) string { return context("secret", partnerID) }

func context(what string, partnerID int64) string {
	return "webhook-" + what + "/" + strconv.FormatInt(partnerID, 10)
}
