// Package srs rewrites envelope senders of forwarded mail by the Sender
// Rewriting Scheme: the next host sees a sender of our domain, whose SPF names
// us, and a bounce comes back here and finds its way to the real sender. An
// address is signed and dated, so that nobody can make us send mail to whomever
// they like. See docs/adr/0037.
//
//	SRS0=<hash>=<day>=<domain>=<local>@<ours>         what we forwarded first
//	SRS1=<hash>=<first>=<rest of its SRS0>@<ours>     what <first> had rewritten before us
package srs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"posthouse/internal/mailaddr"
)

// MaxAge is how long after forwarding a bounce is taken: longer than any queue keeps mail.
const MaxAge = 21 * 24 * time.Hour

var (
	// ErrForged is an address that we have not made, or that was changed since.
	ErrForged = errors.New("srs: not an address of ours")
	// ErrExpired is one of ours that is too old.
	ErrExpired = errors.New("srs: the address has expired")
	// ErrTooLong is a sender whose rewritten local part would have more than 64 octets.
	ErrTooLong = errors.New("srs: the address becomes too long")
)

const (
	digits   = "abcdefghijklmnopqrstuvwxyz234567"
	hashSize = 8 // characters, five bits each
	day      = 24 * time.Hour
	days     = 32 * 32 // the date's range
)

var encoding = base32.NewEncoding(digits).WithPadding(base32.NoPadding)

// Rewriter rewrites to one domain. It is safe for concurrent use.
type Rewriter struct {
	domain string
	key    []byte
}

// New makes a Rewriter; key is secret and the same on all nodes.
func New(domain string, key []byte) *Rewriter {
	return &Rewriter{domain: strings.ToLower(domain), key: append([]byte(nil), key...)}
}

// Domain is where rewritten senders are.
func (r *Rewriter) Domain() string { return r.domain }

// Has reports whether an address is one that Reverse reads.
func (r *Rewriter) Has(a mailaddr.Address) bool {
	if a.Domain != r.domain || len(a.Local) < 5 {
		return false
	}
	p := strings.ToUpper(a.Local[:5])
	return p == "SRS0=" || p == "SRS1="
}

// Forward gives the envelope sender of a forwarded message. The null sender
// stays, as does one that is ours already.
func (r *Rewriter) Forward(from mailaddr.Address, now time.Time) (mailaddr.Address, error) {
	if from.IsZero() || r.Has(from) {
		return from, nil
	}
	local := ""
	switch kind, rest := foreign(from.Local); kind {
	case "SRS0":
		local = r.signed("SRS1", from.Domain+"="+rest)
	case "SRS1": // <hash>=<first>=<rest>: the hash is the host's before us
		if _, inner, ok := strings.Cut(rest[1:], "="); ok && strings.IndexByte(inner, '=') > 0 {
			local = r.signed("SRS1", inner)
		}
	}
	if local != "" {
		if _, err := r.Reverse(mailaddr.Address{Local: local, Domain: r.domain}, now); err != nil {
			local = "" // it only looked like one
		}
	}
	if local == "" {
		local = r.signed("SRS0", stamp(now)+"="+from.Domain+"="+from.Local)
	}
	out, err := mailaddr.Parse(mailaddr.Address{Local: local, Domain: r.domain}.String(), mailaddr.AllowUTF8)
	if err != nil {
		return mailaddr.Address{}, ErrTooLong
	}
	return out, nil
}

// foreign tells an address that another host has rewritten; rest begins with the
// separator, which need not be "=".
func foreign(local string) (kind, rest string) {
	if len(local) < 6 || !strings.ContainsRune("=-+", rune(local[4])) {
		return "", ""
	}
	switch kind = strings.ToUpper(local[:4]); kind {
	case "SRS0", "SRS1":
		return kind, local[4:]
	}
	return "", ""
}

// Reverse gives who a bounce to an address of ours is for.
func (r *Rewriter) Reverse(a mailaddr.Address, now time.Time) (mailaddr.Address, error) {
	if !r.Has(a) {
		return mailaddr.Address{}, ErrForged
	}
	kind := strings.ToUpper(a.Local[:4])
	hash, rest, ok := strings.Cut(a.Local[5:], "=")
	if !ok || !hmac.Equal([]byte(strings.ToLower(hash)), []byte(r.hash(kind, rest))) {
		return mailaddr.Address{}, ErrForged
	}
	var local, domain string
	if kind == "SRS0" {
		date, from, ok := strings.Cut(rest, "=")
		if !ok {
			return mailaddr.Address{}, ErrForged
		}
		if domain, local, ok = strings.Cut(from, "="); !ok {
			return mailaddr.Address{}, ErrForged
		}
		if !fresh(date, now) {
			return mailaddr.Address{}, ErrExpired
		}
	} else {
		first, inner, ok := strings.Cut(rest, "=")
		if !ok {
			return mailaddr.Address{}, ErrForged
		}
		domain, local = first, "SRS0"+inner
	}
	out, err := mailaddr.Parse(mailaddr.Address{Local: local, Domain: domain}.String(), mailaddr.AllowUTF8)
	if err != nil {
		return mailaddr.Address{}, ErrForged
	}
	return out, nil
}

func (r *Rewriter) signed(kind, rest string) string {
	return kind + "=" + r.hash(kind, rest) + "=" + rest
}

// hash is over lower case: some hosts change the case of what they carry.
func (r *Rewriter) hash(kind, rest string) string {
	h := hmac.New(sha256.New, r.key)
	h.Write([]byte(kind + "=" + strings.ToLower(rest)))
	return encoding.EncodeToString(h.Sum(nil))[:hashSize]
}

// stamp is the day, in two digits.
func stamp(now time.Time) string {
	n := int(now.Unix()/int64(day/time.Second)) % days
	return string([]byte{digits[n/32], digits[n%32]})
}

func fresh(date string, now time.Time) bool {
	date = strings.ToLower(date)
	if len(date) != 2 {
		return false
	}
	a, b := strings.IndexByte(digits, date[0]), strings.IndexByte(digits, date[1])
	if a < 0 || b < 0 {
		return false
	}
	today := int(now.Unix()/int64(day/time.Second)) % days
	age := (today - (a*32 + b) + days) % days
	// A node whose clock is a little behind still takes what another has made.
	return age <= int(MaxAge/day) || age == days-1
}
