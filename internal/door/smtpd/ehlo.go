package smtpd

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// hello is EHLO and HELO (RFC 5321 section 4.1.1.1). Either ends an open transaction.
func (s *session) hello(args string, extended bool) *reply {
	name := strings.Trim(args, " \t")
	if !clientName(name) {
		return replyNeedsName
	}
	s.endTransaction()
	s.helo, s.esmtp = name, extended
	if !extended {
		return &reply{250, "", s.srv.cfg.Hostname}
	}
	return &reply{250, "", s.srv.ehloText(s.tls != nil, s.login != nil)}
}

// clientName accepts what real clients call themselves, which often is no
// domain name, as long as it can't disturb a Received field.
func clientName(name string) bool {
	if name == "" || len(name) > 255 || !utf8.ValidString(name) {
		return false
	}
	for i := 0; i < len(name); i++ {
		if c := name[i]; c <= ' ' || c == 0x7f || strings.IndexByte("()<>;\\\"", c) >= 0 {
			return false
		}
	}
	return true
}

// ehloText is the reply with the extensions. STARTTLS disappears under TLS
// (RFC 3207 section 4.2); AUTH appears there only.
func (srv *Server) ehloText(secured, loggedIn bool) string {
	var b strings.Builder
	b.WriteString(srv.cfg.Hostname)
	b.WriteString("\nPIPELINING\nSIZE ")
	b.WriteString(strconv.FormatInt(srv.limits.MessageBytes, 10))
	b.WriteString("\n8BITMIME\nSMTPUTF8\nCHUNKING\nENHANCEDSTATUSCODES")
	if srv.face.offersDSN() {
		b.WriteString("\nDSN")
	}
	b.WriteString("\nLIMITS RCPTMAX=")
	b.WriteString(strconv.Itoa(srv.limits.Recipients))
	switch {
	case !secured && srv.cfg.TLS != nil:
		b.WriteString("\nSTARTTLS")
	case secured && srv.face.offersAuth() && !loggedIn:
		b.WriteString("\nAUTH PLAIN LOGIN")
	}
	return b.String()
}
