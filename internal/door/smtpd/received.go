package smtpd

import (
	"crypto/tls"
	"net/netip"
	"time"
)

// dateTime is date-time of RFC 5322 section 3.3.
const dateTime = "Mon, 2 Jan 2006 15:04:05 -0700"

// protocol is the with clause (RFC 3848, RFC 6531 section 4.3).
func (s *session) protocol() string {
	name := "SMTP"
	switch {
	case s.inMail && s.tx.mail.smtpUTF8:
		name = "UTF8SMTP"
	case s.esmtp:
		name = "ESMTP"
	default:
		return name
	}
	if s.tls != nil {
		name += "S"
	}
	if s.login != nil {
		name += "A"
	}
	return name
}

// appendReceived appends our Received field (RFC 5321 section 4.4). With a
// client, it tells who gave us the message.
func (s *session) appendReceived(b []byte, client bool) []byte {
	b = append(b, "Received: "...)
	if client {
		b = append(b, "from "...)
		b = appendASCII(b, s.helo)
		b = append(b, " ("...)
		b = appendLiteral(b, s.remote)
		b = append(b, ")\r\n\t"...)
	}
	b = append(b, "by "...)
	b = append(b, s.srv.cfg.Hostname...)
	b = append(b, " with "...)
	b = append(b, s.protocol()...)
	b = append(b, " id "...)
	b = append(b, s.tx.id...)
	// One recipient only: the others are nobody's business (RFC 5321 section 7.2).
	if client && len(s.tx.recipients) == 1 {
		b = append(b, "\r\n\tfor <"...)
		b = append(b, s.tx.recipients[0].address.String()...)
		b = append(b, '>')
	}
	if s.tls != nil { // RFC 8314 section 4.3
		b = append(b, "\r\n\ttls "...)
		b = append(b, tls.CipherSuiteName(s.tls.CipherSuite)...)
		b = append(b, " ("...)
		b = append(b, tls.VersionName(s.tls.Version)...)
		b = append(b, ')')
	}
	b = append(b, ";\r\n\t"...)
	b = s.now().UTC().Truncate(time.Second).AppendFormat(b, dateTime)
	return append(b, "\r\n"...)
}

// appendASCII keeps the field readable without RFC 6532: a client name may have
// other letters, though it should not (RFC 6531 section 3.7.1).
func appendASCII(b []byte, name string) []byte {
	for _, r := range name {
		if r > '~' {
			r = '?'
		}
		b = append(b, byte(r))
	}
	return b
}

// appendLiteral appends an address literal (RFC 5321 section 4.1.3).
func appendLiteral(b []byte, a netip.Addr) []byte {
	switch {
	case !a.IsValid():
		return append(b, "unknown"...)
	case a.Is6():
		b = append(b, "[IPv6:"...)
	default:
		b = append(b, '[')
	}
	return append(a.AppendTo(b), ']')
}
