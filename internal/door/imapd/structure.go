package imapd

import (
	"strings"

	"posthouse/internal/message"
)

// envelope is `envelope` (RFC 9051 section 7.5.2).
func (o *output) envelope(e *message.Envelope) {
	if e == nil {
		o.str("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)")
		return
	}
	o.byte('(')
	o.nstring(e.Date)
	o.byte(' ')
	o.nstring(e.Subject)
	for _, list := range [...][]message.EnvelopeAddress{e.From, e.Sender, e.ReplyTo, e.To, e.Cc, e.Bcc} {
		o.byte(' ')
		o.addresses(list)
	}
	o.byte(' ')
	o.nstring(e.InReplyTo)
	o.byte(' ')
	o.nstring(e.MessageID)
	o.byte(')')
}

func (o *output) addresses(list []message.EnvelopeAddress) {
	if len(list) == 0 {
		o.str("NIL")
		return
	}
	o.byte('(')
	for i := range list {
		a := &list[i]
		o.byte('(')
		o.nstring(a.Name)
		o.byte(' ')
		o.nstring(a.Route)
		o.byte(' ')
		o.nstring(a.Mailbox)
		o.byte(' ')
		o.nstring(a.Host)
		o.byte(')')
	}
	o.byte(')')
}

// bodyStructure is BODYSTRUCTURE, or BODY without extension data (RFC 9051 section 7.5.2).
func (o *output) bodyStructure(p *message.Part, extended bool) {
	o.byte('(')
	if p.IsMultipart() {
		for _, c := range p.Children {
			o.bodyStructure(c, extended)
		}
		o.byte(' ')
		o.upper(p.Subtype)
		if extended {
			o.byte(' ')
			o.params(p.Params)
			o.extension(p)
		}
		o.byte(')')
		return
	}
	o.upper(p.Type)
	o.byte(' ')
	o.upper(p.Subtype)
	o.byte(' ')
	o.params(p.Params)
	o.byte(' ')
	o.nstring(p.ID)
	o.byte(' ')
	o.nstring(p.Description)
	o.byte(' ')
	if p.Encoding == "" {
		o.str(`"7BIT"`)
	} else {
		o.upper(p.Encoding)
	}
	o.byte(' ')
	o.int(p.BodySize)
	switch {
	case p.IsMessage() && len(p.Children) == 1:
		o.byte(' ')
		o.envelope(p.Envelope)
		o.byte(' ')
		o.bodyStructure(p.Children[0], extended)
		o.byte(' ')
		o.int(p.Lines)
	case p.Type == "text":
		o.byte(' ')
		o.int(p.Lines)
	}
	if extended {
		o.byte(' ')
		o.nstring(p.MD5)
		o.extension(p)
	}
	o.byte(')')
}

// upper is a string in upper case, as most servers send types.
func (o *output) upper(s string) {
	if !o.quotable(s) || strings.ContainsAny(s, `"\`) {
		o.string(strings.ToUpper(s))
		return
	}
	o.borrow()
	b := append(o.buf, '"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		b = append(b, c)
	}
	o.buf = append(b, '"')
}

func (o *output) params(ps []message.Param) {
	if len(ps) == 0 {
		o.str("NIL")
		return
	}
	for i := range ps {
		if i == 0 {
			o.byte('(')
		} else {
			o.byte(' ')
		}
		o.upper(ps[i].Name)
		o.byte(' ')
		o.string(ps[i].Value)
	}
	o.byte(')')
}

// extension is body-fld-dsp, body-fld-lang and body-fld-loc.
func (o *output) extension(p *message.Part) {
	o.byte(' ')
	if p.Disposition == "" {
		o.str("NIL")
	} else {
		o.byte('(')
		o.upper(p.Disposition)
		o.byte(' ')
		o.params(p.DispositionParams)
		o.byte(')')
	}
	o.byte(' ')
	switch len(p.Language) {
	case 0:
		o.str("NIL")
	case 1:
		o.string(p.Language[0])
	default:
		for i, l := range p.Language {
			if i == 0 {
				o.byte('(')
			} else {
				o.byte(' ')
			}
			o.string(l)
		}
		o.byte(')')
	}
	o.byte(' ')
	o.nstring(p.Location)
}
