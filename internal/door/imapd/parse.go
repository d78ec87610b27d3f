package imapd

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"
)

// syntaxError is why a command is BAD (RFC 9051 section 7.1.3). Its text is shown to the client.
type syntaxError string

func (e syntaxError) Error() string { return string(e) }

// parser takes one command apart. Literals lie in the text behind their
// announcement: `{3}` CR LF `abc`. Nothing it gives refers to the text.
type parser struct {
	b   []byte
	pos int
	// utf8 says that mailbox names are UTF-8 rather than modified UTF-7
	// (RFC 9051 appendix A, RFC 6855 section 3).
	utf8 bool
	// depth of parentheses, bounded by maxDepth
	depth int
}

func (p *parser) atEnd() bool { return p.pos >= len(p.b) }

func (p *parser) peek() byte {
	if p.atEnd() {
		return 0
	}
	return p.b[p.pos]
}

// take consumes c if it is next.
func (p *parser) take(c byte) bool {
	if !p.atEnd() && p.b[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(c byte) error {
	if !p.take(c) {
		return syntaxError("expected '" + string(rune(c)) + "'")
	}
	return nil
}

func (p *parser) sp() error {
	if !p.take(' ') {
		return syntaxError("expected a blank")
	}
	return nil
}

// end is the end of the command. Blanks before it are forgiven.
func (p *parser) end() error {
	for p.take(' ') {
	}
	if !p.atEnd() {
		return syntaxError("unexpected text at the end of the command")
	}
	return nil
}

func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return syntaxError("nested too deeply")
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// isAtomChar is ATOM-CHAR (RFC 9051 section 9).
func isAtomChar(c byte) bool {
	switch c {
	case '(', ')', '{', ' ', '%', '*', '"', '\\', ']':
		return false
	}
	return c > 0x1f && c < 0x7f
}

func (p *parser) while(f func(byte) bool) string {
	start := p.pos
	for !p.atEnd() && f(p.b[p.pos]) {
		p.pos++
	}
	return string(p.b[start:p.pos])
}

func (p *parser) atom() (string, error) {
	s := p.while(isAtomChar)
	if s == "" {
		return "", syntaxError("expected an atom")
	}
	return s, nil
}

// word is an atom in upper case: a keyword of the grammar.
func (p *parser) word() (string, error) {
	s, err := p.atom()
	return strings.ToUpper(s), err
}

// keyword consumes w (given in upper case) and says whether it was there, as a whole atom.
func (p *parser) keyword(w string) bool {
	if len(p.b)-p.pos < len(w) || !strings.EqualFold(string(p.b[p.pos:p.pos+len(w)]), w) {
		return false
	}
	if p.pos+len(w) < len(p.b) && isAtomChar(p.b[p.pos+len(w)]) {
		return false
	}
	p.pos += len(w)
	return true
}

func (p *parser) quoted() (string, error) {
	if err := p.expect('"'); err != nil {
		return "", err
	}
	var out []byte
	for {
		if p.atEnd() {
			return "", syntaxError("quoted string without end")
		}
		c := p.b[p.pos]
		p.pos++
		switch {
		case c == '"':
			return string(out), nil
		case c == '\\':
			if p.atEnd() {
				return "", syntaxError("quoted string without end")
			}
			out = append(out, p.b[p.pos])
			p.pos++
		case c == '\r' || c == '\n' || c == 0:
			return "", syntaxError("control character in a quoted string")
		default:
			out = append(out, c)
		}
	}
}

func (p *parser) literal() (string, error) {
	rest := p.b[p.pos:]
	i := bytes.Index(rest, []byte("}\r\n"))
	if i < 0 || i > 22 {
		return "", syntaxError("bad literal")
	}
	size, _, _, at, ok := literalSuffix(rest[:i+1])
	if !ok || at != 0 || size > int64(len(rest)-i-3) {
		return "", syntaxError("bad literal")
	}
	from := i + 3
	p.pos += from + int(size)
	lit := rest[from : from+int(size)]
	if bytes.IndexByte(lit, 0) >= 0 {
		return "", syntaxError("NUL in a literal")
	}
	return string(lit), nil
}

// string is `string` of RFC 9051 section 9.
func (p *parser) string() (string, error) {
	switch p.peek() {
	case '"':
		return p.quoted()
	case '{', '~':
		return p.literal()
	}
	return "", syntaxError("expected a string")
}

// astring is an atom (']' allowed) or a string.
func (p *parser) astring() (string, error) {
	switch p.peek() {
	case '"', '{':
		return p.string()
	}
	s := p.while(func(c byte) bool { return isAtomChar(c) || c == ']' || c >= 0x80 })
	if s == "" {
		return "", syntaxError("expected a string or an atom")
	}
	return s, nil
}

func (p *parser) nstring() (string, error) {
	if p.keyword("NIL") {
		return "", nil
	}
	return p.string()
}

// listMailbox is list-mailbox: an astring in which wildcards may stand.
func (p *parser) listMailbox() (string, error) {
	switch p.peek() {
	case '"', '{':
		return p.string()
	}
	s := p.while(func(c byte) bool { return isAtomChar(c) || c == ']' || c == '%' || c == '*' || c >= 0x80 })
	if s == "" {
		return "", syntaxError("expected a mailbox pattern")
	}
	return s, nil
}

// number64 is a decimal below 2^63.
func (p *parser) number64() (uint64, error) {
	var n uint64
	start := p.pos
	for !p.atEnd() && p.b[p.pos] >= '0' && p.b[p.pos] <= '9' {
		d := uint64(p.b[p.pos] - '0')
		if n > (1<<63-1-d)/10 {
			return 0, syntaxError("number too large")
		}
		n = n*10 + d
		p.pos++
	}
	if p.pos == start {
		return 0, syntaxError("expected a number")
	}
	return n, nil
}

func (p *parser) number() (uint32, error) {
	n, err := p.number64()
	if err == nil && n > 1<<32-1 {
		return 0, syntaxError("number too large")
	}
	return uint32(n), err
}

// mailbox is a mailbox name as the store spells it.
func (p *parser) mailbox() (string, error) {
	s, err := p.astring()
	if err != nil {
		return "", err
	}
	return decodeMailbox(s, p.utf8)
}

// spMailbox is a space and a mailbox name, as most commands begin.
func (p *parser) spMailbox() (string, error) {
	if err := p.sp(); err != nil {
		return "", err
	}
	return p.mailbox()
}

// list runs item for each element of a parenthesised list, which may be empty.
func (p *parser) list(item func() error) error {
	if err := p.expect('('); err != nil {
		return err
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	if p.take(')') {
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if p.take(')') {
			return nil
		}
		if err := p.sp(); err != nil {
			return err
		}
	}
}

func month(s string) (time.Month, bool) {
	for m := range 12 {
		if strings.EqualFold(s, months[3*m:3*m+3]) {
			return time.Month(m + 1), true
		}
	}
	return 0, false
}

// date is `date` of RFC 9051 section 9: 1-Feb-1994, quoted or not. The result is midnight UTC.
func (p *parser) date() (time.Time, error) {
	bad := syntaxError("expected a date such as 1-Feb-1994")
	s, err := p.astring()
	if err != nil {
		return time.Time{}, bad
	}
	return parseDate(s, bad)
}

func parseDate(s string, bad error) (time.Time, error) {
	f := strings.Split(strings.TrimSpace(s), "-")
	if len(f) != 3 || len(f[0]) > 2 || len(f[2]) != 4 {
		return time.Time{}, bad
	}
	d, okD := digits(f[0])
	m, okM := month(f[1])
	y, okY := digits(f[2])
	t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if !okD || !okM || !okY || t.Day() != d || t.Month() != m {
		return time.Time{}, bad
	}
	return t, nil
}

// dateTime is date-time of RFC 9051 section 9: "17-Jul-1996 02:44:25 -0700".
func (p *parser) dateTime() (time.Time, error) {
	bad := syntaxError("expected a date and time such as \"17-Jul-1996 02:44:25 -0700\"")
	s, err := p.quoted()
	if err != nil {
		return time.Time{}, bad
	}
	f := strings.Fields(s)
	if len(f) != 3 || len(f[1]) != 8 || f[1][2] != ':' || f[1][5] != ':' || len(f[2]) != 5 || f[2][0] != '+' && f[2][0] != '-' {
		return time.Time{}, bad
	}
	day, err := parseDate(f[0], bad)
	if err != nil {
		return time.Time{}, err
	}
	h, ok1 := digits(f[1][:2])
	m, ok2 := digits(f[1][3:5])
	sec, ok3 := digits(f[1][6:])
	zh, ok4 := digits(f[2][1:3])
	zm, ok5 := digits(f[2][3:])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || h > 23 || m > 59 || sec > 60 || zh > 24 || zm > 59 {
		return time.Time{}, bad
	}
	offset := zh*3600 + zm*60
	if f[2][0] == '-' {
		offset = -offset
	}
	y, mon, d := day.Date()
	return time.Date(y, mon, d, h, m, sec, 0, time.FixedZone("", offset)), nil
}

func digits(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != "" && len(s) < 9
}

// validUTF8 refuses text that could not be shown or compared.
func validUTF8(s string) error {
	if !utf8.ValidString(s) {
		return syntaxError("not valid UTF-8")
	}
	return nil
}
