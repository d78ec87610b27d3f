// Package smtpd is the SMTP server (RFC 5321) with two faces: the MX, which
// takes mail for mailboxes here from anybody, and submission (RFC 6409), which
// takes mail for anywhere from whoever has logged in.
//
// The engine (session and one file per command) knows the protocol; a face
// knows who may say what. All memory and time that a client can use is
// bounded by Config.
package smtpd

import (
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"posthouse/internal/clock"
)

// Config is what both faces need. Zero limits take the defaults named.
type Config struct {
	// Hostname is this server's name in the greeting, EHLO and Received.
	Hostname string
	// TLS gives the configuration for each new handshake. Nil: no STARTTLS, and
	// so no log-in on submission.
	TLS func() *tls.Config
	// Connections counts connections over all servers that share it. Nil: no limit.
	Connections *ConnLimit
	Clock       clock.Clock // the system's: network deadlines are taken from it
	Random      io.Reader   // of session and message ids
	Log         *slog.Logger
	Metrics     *Metrics // from NewMetrics; shared by all servers
	Limits      Limits
}

// Limits bound what one client can use.
type Limits struct {
	MessageBytes  int64 // of a message; 50 MiB
	HeaderBytes   int   // of its header section; 256 KiB
	HeaderFields  int   // 1,000
	Received      int   // Received fields before it is a loop; 50
	Recipients    int   // of a transaction; 1,000; RFC 5321 section 4.5.3.1.8 wants 100 at least
	Errors        int   // bad commands in a session; 10
	Refused       int   // recipients refused in a session, against address harvest; 100
	IdleCommands  int   // commands in a row that lead to no mail; 100
	LogIns        int   // failed log-ins in a session; 3
	DiscardBytes  int64 // read beyond MessageBytes to stay in step before hanging up; 4 MiB
	GreetingPause time.Duration

	Command   time.Duration // for a whole command line; 5 min (RFC 5321 section 4.5.3.2.7)
	Handshake time.Duration // of TLS; 30 s
	Write     time.Duration // for replies to be taken; 1 min
	DataBlock time.Duration // without any octet of a message; 3 min
	DataTotal time.Duration // of a message; 30 min
	DataGrace time.Duration // before the least rate counts; 1 min
	DataRate  int64         // least octets per second of a message after that; 1,000
	Backend   time.Duration // for a look-up, a log-in or storing; 2 min
	Session   time.Duration // of a whole session, ended between transactions; 2 h
}

func orElse[T int | int64 | time.Duration](p *T, v T) {
	if *p <= 0 {
		*p = v
	}
}

func (l Limits) withDefaults() Limits {
	orElse(&l.MessageBytes, 50<<20)
	orElse(&l.HeaderBytes, 256<<10)
	orElse(&l.HeaderFields, 1000)
	orElse(&l.Received, 50)
	orElse(&l.Recipients, 1000)
	orElse(&l.Errors, 10)
	orElse(&l.Refused, 100)
	orElse(&l.IdleCommands, 100)
	orElse(&l.LogIns, 3)
	orElse(&l.DiscardBytes, 4<<20)
	orElse(&l.Command, 5*time.Minute)
	orElse(&l.Handshake, 30*time.Second)
	orElse(&l.Write, time.Minute)
	orElse(&l.DataBlock, 3*time.Minute)
	orElse(&l.DataTotal, 30*time.Minute)
	orElse(&l.DataGrace, time.Minute)
	orElse(&l.DataRate, 1000)
	orElse(&l.Backend, 2*time.Minute)
	orElse(&l.Session, 2*time.Hour)
	return l
}

func (c Config) checked() (Config, error) {
	if c.Hostname == "" || strings.ContainsAny(c.Hostname, " \t\r\n<>()") {
		return c, errors.New("smtpd: the hostname is missing or no host name")
	}
	if c.Clock == nil || c.Random == nil || c.Log == nil || c.Metrics == nil {
		return c, errors.New("smtpd: clock, random, log and metrics must be given")
	}
	c.Limits = c.Limits.withDefaults()
	return c, nil
}
