// Package autoresponder is the automatic reply of a mailbox (resellerclub.md
// section 9 row 10; RFC 3834).
package autoresponder

import (
	"strings"
	"time"
	"unicode/utf8"

	"posthouse/internal/fault"
)

// The formats of a message.
const (
	Plain = "text/plain"
	HTML  = "text/html"
)

// Limits.
const (
	MaxSubject = 255       // characters
	MaxMessage = 64 * 1024 // octets
	// Again is how long a sender who has had a reply gets no other one (RFC 3834 section 2).
	Again = 7 * 24 * time.Hour
	// MaxRemembered bounds the senders remembered for one mailbox; the oldest go.
	MaxRemembered = 10_000
)

// Reasons.
const (
	ReasonNoMessage = "AUTORESPONDER_WITHOUT_MESSAGE"
	ReasonFormat    = "AUTORESPONDER_FORMAT"
	ReasonEnds      = "AUTORESPONDER_ENDS_IN_THE_PAST"
)

// Autoresponder answers mail to a mailbox.
type Autoresponder struct {
	AccountID     int64
	OrderID       int64
	On            bool
	Subject       string // "" = made of the subject that is answered
	Message       string
	Format        string
	QuoteOriginal bool
	EndsAt        *time.Time // from then on it is off; nil = never
	UpdatedAt     time.Time
}

// Answers reports whether it is in force at now.
func (a *Autoresponder) Answers(now time.Time) bool {
	return a != nil && a.On && (a.EndsAt == nil || now.Before(*a.EndsAt))
}

// Check applies the rules to one that is to be stored.
func (a *Autoresponder) Check() error {
	bad := func(text, reason string) error { return fault.New(fault.Invalid, text).WithReason(reason) }
	switch {
	case a.Format != Plain && a.Format != HTML:
		return bad("The message format is neither text/plain nor text/html", ReasonFormat)
	case a.On && strings.TrimSpace(a.Message) == "":
		return bad("An automatic reply needs a message", ReasonNoMessage)
	case len(a.Message) > MaxMessage:
		return fault.Newf(fault.Invalid, "The message is longer than %d octets", MaxMessage)
	case !utf8.ValidString(a.Message) || strings.ContainsRune(a.Message, 0):
		return fault.New(fault.Invalid, "The message is not valid text")
	}
	return nil
}
