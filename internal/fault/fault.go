// Package fault is the error that crosses package walls: a stable code that a
// door maps once to its own wire form, a text that is safe to show to anyone,
// a cause that only the log sees, and whether trying again may help.
package fault

import (
	"errors"
	"fmt"
)

// Code is a stable, dialect-neutral error code.
type Code string

// The codes. A door has exactly one table from these to its wire form.
const (
	Invalid          Code = "invalid"            // a field is missing or malformed, or a rule forbids the value
	InvalidDomain    Code = "invalid_domain"     // not a domain name that can be served
	Conflict         Code = "conflict"           // the state of something else stands in the way; see Reason
	Unauthenticated  Code = "unauthenticated"    // no or wrong credentials
	Forbidden        Code = "forbidden"          // known caller, not allowed; see Reason
	PartnerNotFound  Code = "partner_not_found"  // unknown or inactive
	OrderNotFound    Code = "order_not_found"    // unknown, foreign, purged, or in a state that the operation refuses
	CustomerNotFound Code = "customer_not_found" // unknown or foreign
	AccountNotFound  Code = "account_not_found"  // unknown, foreign, purged, or in a state that the operation refuses
	NotFound         Code = "not_found"          // any other thing (folder, message, key)
	AlreadyExists    Code = "already_exists"     // any other thing (folder)
	TooMany          Code = "too_many"           // a rate or concurrency limit
	TooLarge         Code = "too_large"          // a size limit
	OverQuota        Code = "over_quota"         // the mailbox is full
	Unavailable      Code = "unavailable"        // something this depends on fails; try again
	Internal         Code = "internal"           // our fault
)

// Error is one fault. The zero value is not useful; use New or Wrap.
type Error struct {
	Code      Code
	Reason    string // stable machine-readable detail such as ACCOUNT_LIMIT_REACHED; may be empty
	Text      string // safe for any reader
	Temporary bool
	Cause     error // for the log only; may be nil
}

// Error gives the full text, cause included: for logs, never for clients.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Text
	if e.Reason != "" {
		s += " [" + e.Reason + "]"
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes a permanent fault.
func New(code Code, text string) *Error { return &Error{Code: code, Text: text} }

// Newf is New with a formatted text. Arguments become public.
func Newf(code Code, format string, a ...any) *Error {
	return &Error{Code: code, Text: fmt.Sprintf(format, a...)}
}

// WithReason returns a copy that carries reason.
func (e *Error) WithReason(reason string) *Error {
	c := *e
	c.Reason = reason
	return &c
}

// Wrap makes an internal fault of cause unless cause already is a fault, which
// then is returned unchanged. A nil cause gives nil.
func Wrap(cause error) error {
	if cause == nil {
		return nil
	}
	var f *Error
	if errors.As(cause, &f) {
		return cause
	}
	return &Error{Code: Internal, Text: "An internal error", Temporary: true, Cause: cause}
}

// Unavail makes a temporary fault about something that this depends on.
func Unavail(text string, cause error) *Error {
	return &Error{Code: Unavailable, Text: text, Temporary: true, Cause: cause}
}

// Of returns the fault in err's chain; an error without one is internal. Nil for nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return &Error{Code: Internal, Text: "An internal error", Temporary: true, Cause: err}
}

// Is reports whether err carries code.
func Is(err error, code Code) bool {
	var f *Error
	return errors.As(err, &f) && f.Code == code
}
