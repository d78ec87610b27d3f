// Package smtpclient speaks the client's side of SMTP (RFC 5321) with
// STARTTLS (RFC 3207), PIPELINING (RFC 2920), SIZE (RFC 1870), 8BITMIME
// (RFC 6152), SMTPUTF8 (RFC 6531), DSN (RFC 3461) and enhanced status codes
// (RFC 2034). It is given a connection and never dials or resolves.
//
// The peer is foreign: the length of a reply line, the number of lines and the
// time for a whole reply are bounded, so a server that sends one byte a second
// or never stops sending costs a fixed amount of memory and time.
//
// CHUNKING (RFC 3030) is not used: DATA carries everything but BINARYMIME,
// which the platform does not accept, and with PIPELINING it needs no more
// round trips.
package smtpclient
