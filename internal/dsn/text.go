package dsn

import (
	"strings"
	"time"
)

// subject tells the worst that happened.
func (c *composer) subject() string {
	switch {
	case c.has(Failed):
		return "Your message could not be delivered"
	case c.has(Delayed):
		return "Your message is delayed"
	case c.has(Delivered):
		return "Your message has been delivered"
	}
	return "Your message has been passed on"
}

// text writes the part for people.
func (c *composer) text(full bool) {
	c.line("This is the mail system at " + c.safe(c.Host) + ".")
	for _, group := range [...]struct {
		action Action
		intro  string
	}{
		{Failed, "Your message could not be delivered to the following recipients. It will not\r\nbe tried again."},
		{Delayed, "Your message could not be delivered to the following recipients yet. You need\r\nnot send it again: delivery goes on being tried."},
		{Delivered, "Your message has been delivered to the following recipients."},
		{Relayed, "Your message has been passed on to the mail systems of the following\r\nrecipients, which do not confirm delivery."},
	} {
		if !c.has(group.action) {
			continue
		}
		c.line("")
		c.line(group.intro)
		for _, r := range c.Recipients {
			if r.Action == group.action {
				c.recipientText(r)
			}
		}
	}
	if c.Original != nil {
		c.line("")
		if full {
			c.line("The message is attached.")
		} else {
			c.line("The header of the message is attached.")
		}
	}
}

func (c *composer) recipientText(r Recipient) {
	c.line("")
	c.line("  <" + c.textSafe(r.Address) + ">")
	if r.Diagnostic != "" {
		who := "Reason"
		if r.RemoteMTA != "" {
			who = c.safe(r.RemoteMTA) + " said"
		}
		c.line("    " + strings.ReplaceAll(fold(who+": "+c.textSafe(r.Diagnostic)), "\r\n\t", "\r\n    "))
	}
	if r.Action == Delayed && !r.RetryUntil.IsZero() {
		c.line("    It will be tried until " + r.RetryUntil.Format(time.RFC1123Z) + ".")
	}
}

// textSafe is safe for the text part, which is UTF-8 in any case.
func (c *composer) textSafe(s string) string {
	utf8 := composer{Report: &Report{SMTPUTF8: true}}
	return utf8.safe(strings.ToValidUTF8(s, "?"))
}

func (c *composer) line(s string) { c.out.WriteString(s + "\r\n") }
