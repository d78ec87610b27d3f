package forwarder

import (
	"slices"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// Kind says who has set a mailbox's forwards. Both act alike; they are listed apart.
type Kind string

// The kinds (resellerclub.md section 9 row 11).
const (
	Admin Kind = "admin"
	User  Kind = "user"
)

// Valid reports a known kind.
func (k Kind) Valid() bool { return k == Admin || k == User }

// Limits of forwards to any address.
const (
	MaxForwards = 100   // of one mailbox and kind
	MaxTargets  = 1_000 // where mail to one address goes, through all forwards of its order
)

// Reasons of forwards.
const (
	ReasonItself      = "FORWARD_TO_ITSELF"
	ReasonBadForward  = "INVALID_FORWARD"
	ReasonForwardLoop = "MAIL_LOOP"
	ReasonTooMany     = "FORWARD_LIMIT_REACHED"
)

// Forward is an address that a mailbox sends a copy of its mail to.
type Forward struct {
	AccountID int64
	OrderID   int64
	Kind      Kind
	Email     string
}

// Forwards are those of one address.
type Forwards struct {
	AccountID   int64 // 0: a forward-only account
	Email       string
	ForwardOnly bool
	Admin       []string
	User        []string
}

// ParseForward reads an address to forward to: anywhere where mail can be sent
// by a domain name, never an address literal, which would name hosts of a
// private network. It is lower-cased, as no mail system tells such addresses apart.
func ParseForward(s string) (local, domain string, err error) {
	a, err := mailaddr.Parse(strings.ToLower(strings.TrimSpace(s)))
	if err == nil {
		domain, err = mailaddr.ParseDomain(a.Domain)
	}
	if err == nil { // none that needs quoting
		_, err = mailaddr.Parse(a.Key() + "@" + domain)
	}
	if err != nil || a.Key() == "" {
		return "", "", &fault.Error{Code: fault.Invalid, Reason: ReasonBadForward, Text: "An address to forward to is not valid", Cause: err}
	}
	return a.Key(), domain, nil
}

// SplitList reads addresses as a form sends them: comma-separated.
func SplitList(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// Merge appends the addresses that are not there yet.
func Merge(have, more []string) []string {
	out := slices.Clone(have)
	for _, e := range more {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}
