package queue

import (
	"strings"
	"time"
)

// State of one recipient.
type State string

// The states. Ready and Leased are on the way; Held waits for the operator, who
// releases it (Ready) or fails it (Bounced); the others are the end.
//
//	Ready -> Leased -> Delivered | Bounced | Expired | Held | Ready (again later, or the lease expired)
//	Ready <-> Held, Ready | Held -> Bounced: the operator
const (
	Ready     State = "ready"
	Leased    State = "leased"
	Delivered State = "delivered"
	Bounced   State = "bounced"
	Expired   State = "expired"
	Held      State = "held"
)

// Final reports a state that nothing leaves.
func (s State) Final() bool { return s == Delivered || s == Bounced || s == Expired }

// outcome is what an attempt did for one recipient.
type outcome string

const (
	outDelivered outcome = "delivered"
	outFailed    outcome = "failed"
	outDeferred  outcome = "deferred"
	outHeld      outcome = "held"
	outReleased  outcome = "" // nothing was tried: the lease is given back
)

// verdict is an attempt's result for one recipient.
type verdict struct {
	outcome  outcome
	status   string // enhanced status code, RFC 3463
	reply    string // on one line
	stage    string
	host     string // remote MTA, with its address
	tls      string // version, "" without
	relayed  bool   // delivered to a next hop that does not do DSN
	local    bool   // delivered to a mailbox here
	expanded bool   // what it was sent on to is in the queue; the mailboxes among it have it
	ordered  bool   // the operator's word: it ends mail to the postmaster too
	sandbox  bool   // a sandbox partner's mail to a foreign domain
}

// notice is what the sender is told of one recipient.
type notice string

const (
	noNotice      notice = ""
	noticeFailed  notice = "failed"
	noticeDelayed notice = "delayed"
	noticeSuccess notice = "delivered"
	noticeRelayed notice = "relayed"

	noticeExpanded notice = "expanded"
)

// change is a recipient's next row.
type change struct {
	state     State
	attempts  int
	next      time.Time // of Ready
	delaySent bool
	notice    notice
	status    string
	reply     string
}

// schedule says when to try again and when to give up.
type schedule struct {
	delay time.Duration // after which the sender is warned once
}

// backoff is the wait after the n-th attempt (from 1).
var backoff = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 4 * time.Hour, 8 * time.Hour,
}

// next applies a verdict. jitter is in [0, 1).
func (s schedule) next(m *message, r *recipient, v verdict, now time.Time, jitter float64) change {
	c := change{attempts: r.attempts + 1, delaySent: r.delaySent, status: v.status, reply: v.reply}
	switch v.outcome {
	case outReleased:
		return change{state: Ready, attempts: r.attempts, next: now, delaySent: r.delaySent, status: r.lastStatus, reply: r.lastReply}
	case outDelivered:
		c.state = Delivered
		switch {
		case v.expanded:
			c.notice = noticeExpanded
		case v.local:
			c.notice = noticeSuccess
		case v.relayed:
			c.notice = noticeRelayed
		}
	case outFailed:
		c.state, c.notice = Bounced, noticeFailed
	case outHeld:
		c.state = Held
	case outDeferred:
		if !now.Before(m.expires) {
			// The last reply stays as the diagnostic; the status says what ended it.
			c.state, c.notice, c.status = Expired, noticeFailed, "5.4.7"
			break
		}
		c.state = Ready
		warn := m.created.Add(s.delay)
		if !c.delaySent && !now.Before(warn) {
			c.delaySent, c.notice = true, noticeDelayed
		}
		c.next = s.when(c.attempts, now, jitter)
		// The attempt before which the sender must hear, and the last one, are on time.
		if !c.delaySent && now.Before(warn) && c.next.After(warn) {
			c.next = warn
		}
		if c.next.After(m.expires) {
			c.next = m.expires
		}
	}
	if m.kind == kindOperator && !v.ordered && (c.state == Bounced || c.state == Expired) {
		// It came from outside and was accepted: a DSN would be backscatter, and
		// mail to the postmaster is not to be lost.
		c.state, c.notice = Held, noNotice
	}
	if !m.wants(c.notice, r.notify) {
		c.notice = noNotice
	}
	return c
}

// when gives the time of the attempt that follows the n-th: the table's wait,
// up to a fifth longer, so that what failed together does not come back together.
func (s schedule) when(n int, now time.Time, jitter float64) time.Time {
	d := backoff[min(max(n, 1), len(backoff))-1]
	return now.Add(d + time.Duration(jitter*float64(d)/5))
}

// wants reports whether the sender asked for (or did not decline) a notice
// (RFC 3461 section 4.1): without NOTIFY, failures and delays. Who has sent with
// the null reverse-path is never told.
func (m *message) wants(n notice, notify string) bool {
	if n == noNotice || m.reversePath == "" || m.kind == kindOperator {
		return false
	}
	switch n {
	case noticeFailed:
		return notify == "" || hasNotify(notify, "FAILURE")
	case noticeDelayed:
		return notify == "" || hasNotify(notify, "DELAY")
	default:
		return hasNotify(notify, "SUCCESS")
	}
}

func hasNotify(notify, word string) bool {
	for w := range strings.SplitSeq(notify, ",") {
		if strings.EqualFold(strings.TrimSpace(w), word) {
			return true
		}
	}
	return false
}
