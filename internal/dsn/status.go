package dsn

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// status writes the machine's part: fields about the message, then one group of
// fields per recipient (RFC 3464 sections 2.2 and 2.3).
func (c *composer) status() {
	c.field("Reporting-MTA", "dns; "+c.safe(c.Host))
	if id, ok := DecodeXtext(c.EnvID); ok && id != "" {
		c.field("Original-Envelope-Id", c.safe(id))
	}
	if !c.Arrival.IsZero() {
		c.field("Arrival-Date", c.Arrival.Format(time.RFC1123Z))
	}
	for _, r := range c.Recipients {
		c.out.WriteString("\r\n")
		if original, ok := c.originalRecipient(r.ORcpt); ok {
			c.field("Original-Recipient", original)
		}
		c.field("Final-Recipient", c.typed(r.Address))
		c.field("Action", string(r.Action))
		c.field("Status", r.code())
		if r.RemoteMTA != "" {
			c.field("Remote-MTA", "dns; "+c.safe(r.RemoteMTA))
		}
		if r.Diagnostic != "" {
			kind := "smtp"
			if r.RemoteMTA == "" {
				kind = "X-Posthouse"
			}
			c.field("Diagnostic-Code", fold(kind+"; "+c.safe(r.Diagnostic)))
		}
		if !r.Attempted.IsZero() {
			c.field("Last-Attempt-Date", r.Attempted.Format(time.RFC1123Z))
		}
		if r.Action == Delayed && !r.RetryUntil.IsZero() {
			c.field("Will-Retry-Until", r.RetryUntil.Format(time.RFC1123Z))
		}
	}
}

// code is the status, of the class that belongs to the action.
func (r Recipient) code() string {
	class := map[Action]string{Failed: "5", Delayed: "4", Delivered: "2", Relayed: "2"}[r.Action]
	parts := strings.Split(r.Status, ".")
	if len(parts) != 3 || !digits(parts[0], 1) || !digits(parts[1], 3) || !digits(parts[2], 3) {
		return class + ".0.0"
	}
	if r.Action == Failed && parts[0] == "4" {
		return r.Status // given up on after temporary failures (RFC 3464 section 2.3.4)
	}
	return class + "." + parts[1] + "." + parts[2]
}

func digits(s string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == ""
}

// typed is an address with its address type (RFC 3464 section 2.3.2, RFC 6533
// section 3): without SMTPUTF8 what is not ASCII is escaped.
func (c *composer) typed(address string) string {
	if ascii(address) {
		return "rfc822; " + c.safe(address)
	}
	if c.SMTPUTF8 {
		return "utf-8; " + c.safe(address)
	}
	var b strings.Builder
	for _, r := range address {
		if r > ' ' && r < 0x7F && r != '\\' && r != '+' && r != '=' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\x{%X}`, r)
		}
	}
	return "utf-8; " + limit(b.String())
}

// originalRecipient decodes ORCPT (RFC 3461 section 4.2).
func (c *composer) originalRecipient(orcpt string) (string, bool) {
	kind, encoded, ok := strings.Cut(orcpt, ";")
	if !ok || kind == "" || len(kind) > 40 || strings.Trim(strings.ToLower(kind), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return "", false
	}
	if strings.EqualFold(kind, "utf-8") {
		if !ascii(encoded) && !c.SMTPUTF8 {
			return "", false
		}
		return "utf-8; " + c.safe(encoded), true // RFC 6533 section 3: not xtext
	}
	address, ok := DecodeXtext(encoded)
	if !ok || address == "" {
		return "", false
	}
	return kind + "; " + c.safe(address), true
}

// longest bounds a foreign text in a field.
const longest = 600

// safe makes a foreign text fit to stand in a field: no controls, no line ends,
// ASCII unless the notification is internationalised, bounded.
func (c *composer) safe(s string) string {
	return limit(strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\n' || r == '\t':
			return ' '
		case r < ' ' || r >= 0x7F && r < 0xA0:
			return -1
		case r == utf8.RuneError, r > 0x7F && !c.SMTPUTF8:
			return '?'
		}
		return r
	}, strings.TrimSpace(s)))
}

func limit(s string) string {
	if len(s) <= longest {
		return s
	}
	cut := longest
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + " ..."
}

// fold breaks a long value at spaces.
func fold(s string) string {
	const width = 60
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(s) {
		switch {
		case i == 0:
		case column+len(word) >= width:
			b.WriteString("\r\n\t")
			column = 0
		default:
			b.WriteByte(' ')
		}
		b.WriteString(word)
		column += len(word) + 1
	}
	return b.String()
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// printable reports whether s is visible ASCII, spaces allowed.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}
