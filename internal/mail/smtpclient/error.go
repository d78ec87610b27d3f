package smtpclient

import "fmt"

// Stage is the part of a session that something happened in.
type Stage string

// The stages, in their order.
const (
	StageConnect  Stage = "connect" // used by callers that dial
	StageGreeting Stage = "greeting"
	StageHello    Stage = "EHLO"
	StageTLS      Stage = "STARTTLS"
	StageMail     Stage = "MAIL"
	StageRcpt     Stage = "RCPT"
	StageData     Stage = "DATA"
	StageContent  Stage = "content"
	StageFinal    Stage = "end of data"
)

// Error ends a session: the peer is gone, too slow, speaks no SMTP, or refuses
// to talk at all. The connection is of no further use.
type Error struct {
	Stage Stage
	Reply Reply // the refusal; Code 0 when there was none
	Err   error // nil when Reply says it all

	// Ambiguous is set when the connection was lost between the final dot and
	// the reply to it: the server may or may not have taken the message. The
	// caller tries again, so such a message may arrive twice (RFC 5321 section
	// 4.5.4.1 and RFC 1047 prefer that to loss).
	Ambiguous bool
	// TLS is set when the TLS handshake failed: an opportunistic caller may try
	// the same host again without (RFC 7435).
	TLS bool
	// Local is set when our own side failed: the content could not be read.
	Local bool
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s: %s", e.Stage, e.Reply)
	}
	return fmt.Sprintf("%s: %v", e.Stage, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Permanent reports a refusal with a 5xx reply.
func (e *Error) Permanent() bool { return e.Reply.Permanent() }
