// Package oauth1 reads and verifies requests signed by OAuth 1.0a (RFC 5849).
// It is pure: whose secrets they are, whether the timestamp is near and whether
// the nonce was used before, its callers know.
package oauth1

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"strconv"
	"strings"
	"time"
)

// Request is what of a request takes part in its signature, as the client saw it.
type Request struct {
	Method        string
	Scheme        string // "http" or "https"
	Host          string // with the port, if it named one
	Path          string // as in the request line, still escaped
	Query         string // likewise
	Authorization string // the header, whole
	Body          []byte
	Form          bool // Body is application/x-www-form-urlencoded: its fields are signed, another body takes no part
}

// Signed is a request with a signature that is still to be verified.
type Signed struct {
	ConsumerKey string
	Token       string
	Nonce       string
	Timestamp   time.Time
	Realm       string // of the header; it takes no part in the signature
	Method      string // of signing

	request   *Request
	params    []param // all that are signed
	signature []byte
	bodyHash  []byte // oauth_body_hash, nil when there is none
}

// The bounds of what a client sends.
const (
	maxParams = 2000 // of header, query and form together
	maxValue  = 512  // of one of the protocol's parameters
	maxTime   = 1 << 40
)

// ErrMalformed is for everything that is no signed request.
var ErrMalformed = errors.New("oauth1: not a well-formed signed request")

// Methods of signing. PLAINTEXT is none: its secrets would travel.
var methods = map[string]func() hash.Hash{"HMAC-SHA1": sha1.New, "HMAC-SHA256": sha256.New}

// places where the protocol's parameters may stand (RFC 5849 section 3.5).
const (
	inHeader = iota
	inQuery
	inForm
)

type param struct{ name, value string }

// Present reports whether a request is one of OAuth: the header says so or, when
// there is none, a parameter of query or form.
func Present(r *Request) bool {
	if r.Authorization != "" {
		scheme, _, _ := strings.Cut(r.Authorization, " ")
		return strings.EqualFold(scheme, "OAuth")
	}
	return mentions(r.Query) || r.Form && mentions(string(r.Body))
}

// mentions looks for a signature among parameters: "oauth_signature" is written
// in unreserved characters, which nobody need escape.
func mentions(params string) bool {
	return strings.HasPrefix(params, "oauth_signature=") || strings.Contains(params, "&oauth_signature=")
}

// Parse reads a request. The protocol's parameters must all stand in one place,
// each once; of others all take part, however often they are there.
func Parse(r *Request) (*Signed, error) {
	s := &Signed{request: r}
	protocol := map[string]string{}
	place, realms := -1, 0
	add := func(from int, p param) error {
		if len(s.params) >= maxParams {
			return ErrMalformed
		}
		if strings.HasPrefix(p.name, "oauth_") {
			_, doubled := protocol[p.name]
			if doubled || place >= 0 && place != from || len(p.value) > maxValue {
				return ErrMalformed
			}
			place, protocol[p.name] = from, p.value
		}
		if p.name != "oauth_signature" {
			s.params = append(s.params, p)
		}
		return nil
	}
	if r.Authorization != "" {
		if err := parseHeader(r.Authorization, func(p param) error {
			if p.name == "realm" { // section 3.4.1.3.1: it is not signed
				if realms++; realms > 1 {
					return ErrMalformed
				}
				s.Realm = p.value
				return nil
			}
			return add(inHeader, p)
		}); err != nil {
			return nil, err
		}
	}
	if err := parseForm(r.Query, func(p param) error { return add(inQuery, p) }); err != nil {
		return nil, err
	}
	if r.Form {
		if err := parseForm(string(r.Body), func(p param) error { return add(inForm, p) }); err != nil {
			return nil, err
		}
	}
	return s, s.protocol(protocol)
}

// protocol reads the protocol's parameters (section 3.1).
func (s *Signed) protocol(p map[string]string) error {
	s.ConsumerKey, s.Token, s.Nonce, s.Method = p["oauth_consumer_key"], p["oauth_token"], p["oauth_nonce"], p["oauth_signature_method"]
	if s.ConsumerKey == "" || s.Token == "" || s.Nonce == "" || methods[s.Method] == nil {
		return ErrMalformed
	}
	if v, sent := p["oauth_version"]; sent && v != "1.0" {
		return ErrMalformed
	}
	n, err := strconv.ParseUint(p["oauth_timestamp"], 10, 64)
	if err != nil || n == 0 || n > maxTime {
		return ErrMalformed
	}
	s.Timestamp = time.Unix(int64(n), 0).UTC()
	if s.signature, err = base64.StdEncoding.Strict().DecodeString(p["oauth_signature"]); err != nil || len(s.signature) == 0 {
		return ErrMalformed
	}
	if v, sent := p["oauth_body_hash"]; sent {
		if s.bodyHash, err = base64.StdEncoding.DecodeString(v); err != nil {
			return ErrMalformed
		}
	}
	return nil
}

// Verify reports whether the signature was made with these secrets, and whether
// the body is the one that was hashed, if the client hashed it.
func (s *Signed) Verify(consumerSecret, tokenSecret string) bool {
	made := Sign(s.Method, s.Base(), consumerSecret, tokenSecret)
	return hmac.Equal(made, s.signature) && s.bodyAsHashed()
}

// bodyAsHashed checks oauth_body_hash, which some libraries send with JSON. They
// differ about the hash; its length tells.
func (s *Signed) bodyAsHashed() bool {
	if s.bodyHash == nil {
		return true
	}
	h := sha1.New()
	if len(s.bodyHash) == sha256.Size {
		h = sha256.New()
	}
	h.Write(s.request.Body)
	return hmac.Equal(h.Sum(nil), s.bodyHash)
}

// Ambiguous reports whether one name has several values. The signature covers
// them in the order of their text, so that whoever carries the request could
// change which of them comes last, or move one from the query to the form.
func (s *Signed) Ambiguous() bool {
	seen := make(map[string]string, len(s.params))
	for _, p := range s.params {
		if v, ok := seen[p.name]; ok && v != p.value {
			return true
		}
		seen[p.name] = p.value
	}
	return false
}

// Sign gives the signature of a base string; nil for a method that is none of ours.
func Sign(method, base, consumerSecret, tokenSecret string) []byte {
	newHash := methods[method]
	if newHash == nil {
		return nil
	}
	mac := hmac.New(newHash, []byte(Escape(consumerSecret)+"&"+Escape(tokenSecret)))
	mac.Write([]byte(base))
	return mac.Sum(nil)
}
