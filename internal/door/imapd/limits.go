package imapd

import "time"

// Limits bound what one client, and all of them, may take. A zero field means the default.
type Limits struct {
	Connections        int           // all together; 10,000
	ConnectionsPerHost int           // one IPv4 address or IPv6 /64; 100
	MessageSize        int64         // APPEND, shown as APPENDLIMIT (RFC 7889); 50 MiB
	Line               int           // one line of a command after login; 64 KiB
	Literal            int           // one literal that is not a message, after login; 64 KiB
	Command            int           // one command, its literals included; 256 KiB
	PreAuth            time.Duration // from the connection to the end of login; 1 minute
	Idle               time.Duration // autologout (RFC 9051 section 5.4, at least 30 minutes); 31 minutes
	Receive            time.Duration // from the first octet of a command to its last, and between reads of a message; 5 minutes
	Write              time.Duration // for the client to take 64 KiB; 1 minute
	Search             time.Duration // one SEARCH; 1 minute
	BadPreAuth         int           // bad commands before login; 5
	Bad                int           // bad commands in a row after login; 30
	FailedLogins       int           // on one connection; 4
}

// Bounds that are not worth a setting.
const (
	preAuthLine    = 4096 // also a literal: RFC 7888's LITERAL- limit
	preAuthCommand = 8192
	maxTag         = 128
	maxDepth       = 100     // nested parentheses, NOTs and ORs
	maxSearchKeys  = 1000    // of one SEARCH
	maxFetchItems  = 256     // of one FETCH
	maxPatterns    = 64      // of one LIST
	maxPattern     = 1024    // octets of one LIST pattern
	maxName        = 1000    // octets of a mailbox name
	maxPath        = 100     // levels of a part path
	maxDiscard     = 1 << 20 // of an overlong line, before the connection is closed
)

func (l Limits) withDefaults() Limits {
	def(&l.Connections, 10000)
	def(&l.ConnectionsPerHost, 100)
	def(&l.MessageSize, 50<<20)
	def(&l.Line, 64<<10)
	def(&l.Literal, 64<<10)
	def(&l.Command, 256<<10)
	def(&l.PreAuth, time.Minute)
	def(&l.Idle, 31*time.Minute)
	def(&l.Receive, 5*time.Minute)
	def(&l.Write, time.Minute)
	def(&l.Search, time.Minute)
	def(&l.BadPreAuth, 5)
	def(&l.Bad, 30)
	def(&l.FailedLogins, 4)
	return l
}

func def[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}
