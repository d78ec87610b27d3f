package message

import "strings"

// What stands for the missing half of an address, since IMAP gives an absent
// mailbox or host the meaning of a group's end or beginning.
const (
	MissingMailbox = "missing"
	MissingHost    = "missing.invalid"
)

type addressParser struct {
	s       string
	pos     int
	noQuote bool // no closing quote follows: a quote is an ordinary character
	noParen bool // the same for comments
	inGroup bool
	list    []EnvelopeAddress
	room    int
}

// appendAddresses reads the value of an address header (RFC 5322 section 3.4)
// tolerantly and in one pass. At most limit entries are added, group marks
// included, with every group closed.
func appendAddresses(list []EnvelopeAddress, value string, limit int) []EnvelopeAddress {
	p := addressParser{s: value, list: list, room: limit}
	for p.pos < len(p.s) && p.room > 0 {
		p.element()
	}
	if p.inGroup {
		p.list = append(p.list, EnvelopeAddress{})
	}
	return p.list
}

// segment is a stretch of text up to a delimiter.
type segment struct {
	text    string
	quoted  bool // holds a quoted string
	comment bool // holds a comment
	at      int  // index of the last "@" outside of both, or -1
}

// element reads up to and including the next delimiter.
func (p *addressParser) element() {
	seg, end := p.segment()
	switch end {
	case '<':
		spec := p.angle()
		a := p.spec(spec.seg)
		if name := seg.phrase(); name != "" {
			a.Name = name
		}
		if a == (EnvelopeAddress{}) {
			break // <> alone
		}
		a.Route, a.Mailbox, a.Host = spec.route, nonEmpty(a.Mailbox, MissingMailbox), nonEmpty(a.Host, MissingHost)
		p.add(a)
	case ':':
		p.inGroup = true
		p.room-- // keeps room for the group's end
		p.add(EnvelopeAddress{Mailbox: nonEmpty(seg.phrase(), MissingMailbox)})
	default:
		if a := p.spec(seg); a.Mailbox != "" {
			p.add(a)
		}
		if end == ';' && p.inGroup {
			p.inGroup = false
			p.list = append(p.list, EnvelopeAddress{})
		}
	}
}

func (p *addressParser) add(a EnvelopeAddress) {
	if p.room > 0 {
		p.list = append(p.list, a)
	}
	p.room--
}

// segment reads text up to "<", ",", ";", the ":" of a group, or the end (0).
func (p *addressParser) segment() (segment, byte) {
	seg := segment{at: -1}
	start := p.pos
	for p.pos < len(p.s) {
		switch c := p.s[p.pos]; c {
		case '"':
			if end := p.closingQuote(); end > 0 {
				p.pos, seg.quoted = end, true
				continue
			}
		case '(':
			if end := p.closingParen(); end > 0 {
				p.pos, seg.comment = end, true
				continue
			}
		case '@':
			seg.at = p.pos - start
		case '[':
			// The colons of an IPv6 literal begin no group.
			if seg.at == p.pos-start-1 && seg.at >= 0 {
				for p.pos+1 < len(p.s) && strings.IndexByte("],;<\" ", p.s[p.pos+1]) < 0 {
					p.pos++
				}
			}
		case '<', ',', ';':
			seg.text = p.s[start:p.pos]
			p.pos++
			return seg, c
		case ':':
			if !p.inGroup && seg.at < 0 && p.room > 1 {
				seg.text = p.s[start:p.pos]
				p.pos++
				return seg, c
			}
		}
		p.pos++
	}
	seg.text = p.s[start:]
	return seg, 0
}

type angleSpec struct {
	route string
	seg   segment
}

// angle reads what stands between "<" and ">". Without a ">" it ends before the
// next "," (unless in a route) or "<".
func (p *addressParser) angle() angleSpec {
	var a angleSpec
	for p.pos < len(p.s) && isSpace(p.s[p.pos]) {
		p.pos++
	}
	start, route := p.pos, p.pos < len(p.s) && p.s[p.pos] == '@'
	a.seg.at = -1
	for p.pos < len(p.s) {
		switch c := p.s[p.pos]; {
		case c == '"':
			if end := p.closingQuote(); end > 0 {
				p.pos, a.seg.quoted = end, true
				continue
			}
		case c == '(':
			if end := p.closingParen(); end > 0 {
				p.pos, a.seg.comment = end, true
				continue
			}
		case c == '@':
			a.seg.at = p.pos - start
		case c == ':' && route:
			a.route = strings.TrimSpace(p.s[start:p.pos])
			start, route, a.seg = p.pos+1, false, segment{at: -1}
		case c == '>':
			a.seg.text = p.s[start:p.pos]
			p.pos++
			p.afterAngle()
			return a
		case c == '<', c == ',' && !route:
			a.seg.text = p.s[start:p.pos]
			if c == ',' {
				p.pos++
			}
			return a
		}
		p.pos++
	}
	a.seg.text = p.s[start:]
	return a
}

// afterAngle skips white space, comments and the separator behind ">"; anything
// else begins the next address, as if the separator had been forgotten.
func (p *addressParser) afterAngle() {
	for p.pos < len(p.s) {
		switch c := p.s[p.pos]; {
		case isSpace(c):
			p.pos++
		case c == ',':
			p.pos++
			return
		case c == '(':
			end := p.closingParen()
			if end == 0 {
				return
			}
			p.pos = end
		default:
			return
		}
	}
}

// closingQuote returns the index after the quoted string that begins at pos, 0
// when it isn't closed; then it isn't looked for again, which keeps time linear.
func (p *addressParser) closingQuote() int {
	if p.noQuote {
		return 0
	}
	for i := p.pos + 1; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	p.noQuote = true
	return 0
}

func (p *addressParser) closingParen() int {
	if p.noParen {
		return 0
	}
	if end := commentEnd(p.s, p.pos); end > 0 {
		return end
	}
	p.noParen = true
	return 0
}

// commentEnd returns the index after the comment that begins at i, or 0.
func commentEnd(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// phrase is the segment as a display name.
func (g segment) phrase() string {
	t := strings.TrimSpace(g.text)
	if !g.quoted && !g.comment {
		return t
	}
	if g.quoted && !g.comment && len(t) >= 2 && t[0] == '"' && strings.IndexByte(t[1:len(t)-1], '"') < 0 && strings.IndexByte(t, '\\') < 0 && t[len(t)-1] == '"' {
		return t[1 : len(t)-1]
	}
	return strings.TrimSpace(unquote(t, nil))
}

// unquote removes quotes, backslashes inside of quotes and comments; each
// comment's content goes to comment when that is given.
func unquote(s string, comment *string) string {
	var b strings.Builder
	b.Grow(len(s))
	quoted, noParen := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
			continue
		case quoted && c == '\\' && i+1 < len(s):
			i++
		case !quoted && !noParen && c == '(':
			end := commentEnd(s, i)
			if end == 0 {
				noParen = true
				break
			}
			if comment != nil {
				*comment = strings.TrimSpace(s[i+1 : end-1])
			}
			i = end - 1
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// spec reads a segment as an addr-spec.
func (p *addressParser) spec(g segment) EnvelopeAddress {
	var a EnvelopeAddress
	t := strings.TrimSpace(g.text)
	if t == "" {
		return a
	}
	local, host := g.text, ""
	if g.at >= 0 {
		local, host = g.text[:g.at], g.text[g.at+1:]
	}
	if g.quoted || g.comment {
		local, host = unquote(local, &a.Name), unquote(host, &a.Name)
	}
	a.Mailbox, a.Host = strings.TrimSpace(local), strings.TrimSpace(host)
	if a.Mailbox == "" && a.Host == "" && g.at < 0 && !g.quoted {
		return EnvelopeAddress{Name: a.Name} // a lone comment
	}
	a.Mailbox, a.Host = nonEmpty(a.Mailbox, MissingMailbox), nonEmpty(a.Host, MissingHost)
	return a
}

func nonEmpty(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
