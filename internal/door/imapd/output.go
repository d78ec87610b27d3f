package imapd

import (
	"net"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"posthouse/internal/mailstore"
)

const (
	outputFlush  = 48 << 10 // written out when this full
	outputBuffer = 64 << 10
)

var outputBuffers = sync.Pool{New: func() any { b := make([]byte, 0, outputBuffer); return &b }}

// output collects responses. Its buffer is borrowed from the first octet to
// the flush that leaves it empty. The first error stays.
type output struct {
	conn    net.Conn
	pooled  *[]byte
	buf     []byte
	err     error
	utf8    bool // strings with octets above 127 may be quoted (RFC 9051 section 4.3, RFC 6855)
	written int64
	arm     func() // sets the write deadline
}

func (o *output) borrow() {
	if o.pooled == nil {
		o.pooled = outputBuffers.Get().(*[]byte)
		o.buf = (*o.pooled)[:0]
	}
}

// flush writes all that is collected and gives the buffer back.
func (o *output) flush() error {
	o.drain()
	if o.pooled != nil {
		if cap(o.buf) <= 2*outputBuffer {
			*o.pooled = o.buf[:0]
		}
		outputBuffers.Put(o.pooled)
		o.pooled, o.buf = nil, nil
	}
	return o.err
}

// drain writes all that is collected and keeps the buffer.
func (o *output) drain() {
	if len(o.buf) > 0 && o.err == nil {
		o.arm()
		var n int
		n, o.err = o.conn.Write(o.buf)
		o.written += int64(n)
	}
	o.buf = o.buf[:0]
}

// relieve drains when enough has been collected.
func (o *output) relieve() {
	if len(o.buf) >= outputFlush {
		o.drain()
	}
}

func (o *output) str(ss ...string) {
	o.borrow()
	for _, s := range ss {
		o.buf = append(o.buf, s...)
	}
}

func (o *output) byte(c byte) {
	o.borrow()
	o.buf = append(o.buf, c)
}

func (o *output) num(n uint64) {
	o.borrow()
	o.buf = strconv.AppendUint(o.buf, n, 10)
}

func (o *output) int(n int64) {
	o.borrow()
	o.buf = strconv.AppendInt(o.buf, n, 10)
}

func (o *output) crlf() { o.str("\r\n") }

// text is resp-text: anything that could end the line becomes a blank.
func (o *output) text(s string) {
	o.borrow()
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c == 0x7f || c >= 0x80 && !o.utf8 {
			c = ' '
		}
		o.buf = append(o.buf, c)
	}
}

// quotable says whether s may be sent as a quoted string.
func (o *output) quotable(s string) bool {
	if len(s) > 1000 {
		return false
	}
	high := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == 0 || c == '\r' || c == '\n' {
			return false
		}
		high = high || c >= 0x80
	}
	return !high || o.utf8 && utf8.ValidString(s)
}

// string is a quoted string, or a literal where that can't be (RFC 9051 section 4.3).
func (o *output) string(s string) {
	if !o.quotable(s) {
		o.borrow()
		o.buf = append(o.buf, '{')
		o.buf = strconv.AppendInt(o.buf, int64(len(s)), 10)
		o.buf = append(o.buf, "}\r\n"...)
		o.buf = append(o.buf, s...)
		return
	}
	o.borrow()
	o.buf = append(o.buf, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			o.buf = append(o.buf, s[from:i]...)
			o.buf = append(o.buf, '\\')
			from = i
		}
	}
	o.buf = append(o.buf, s[from:]...)
	o.buf = append(o.buf, '"')
}

// nstring is a string, or NIL for "".
func (o *output) nstring(s string) {
	if s == "" {
		o.str("NIL")
		return
	}
	o.string(s)
}

// flags is flag-list; recent adds \Recent (RFC 3501 section 2.3.2).
func (o *output) flags(f mailstore.Flags, recent bool) {
	o.borrow()
	b := append(o.buf, '(')
	start := len(b)
	if f.System&mailstore.Answered != 0 {
		b = append(b, `\Answered `...)
	}
	if f.System&mailstore.Flagged != 0 {
		b = append(b, `\Flagged `...)
	}
	if f.System&mailstore.Deleted != 0 {
		b = append(b, `\Deleted `...)
	}
	if f.System&mailstore.Seen != 0 {
		b = append(b, `\Seen `...)
	}
	if f.System&mailstore.Draft != 0 {
		b = append(b, `\Draft `...)
	}
	if recent {
		b = append(b, `\Recent `...)
	}
	for _, k := range f.Keywords {
		b = append(b, k...)
		b = append(b, ' ')
	}
	if len(b) > start {
		b = b[:len(b)-1]
	}
	o.buf = append(b, ')')
}

// set is a sequence-set of ascending numbers, runs shortened.
func (o *output) set(ns []uint32) {
	o.borrow()
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] == ns[j]+1 {
			j++
		}
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = strconv.AppendUint(o.buf, uint64(ns[i]), 10)
		if j > i {
			o.buf = append(o.buf, ':')
			o.buf = strconv.AppendUint(o.buf, uint64(ns[j]), 10)
		}
		i = j + 1
	}
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

// dateTime is date-time (RFC 9051 section 9): "17-Jul-1996 02:44:25 -0700".
func (o *output) dateTime(t time.Time) {
	o.borrow()
	y, mon, d := t.Date()
	h, m, s := t.Clock()
	_, zone := t.Zone()
	sign := byte('+')
	if zone < 0 {
		sign, zone = '-', -zone
	}
	y = min(max(y, 0), 9999)
	two := func(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
	b := append(o.buf, '"')
	b = two(b, d)
	b = append(b, '-')
	b = append(b, months[3*(mon-1):3*mon]...)
	b = append(b, '-')
	b = two(two(b, y/100), y%100)
	b = append(b, ' ')
	b = append(two(b, h), ':')
	b = append(two(b, m), ':')
	b = append(two(b, s), ' ', sign)
	b = two(two(b, zone/3600), zone/60%60)
	o.buf = append(b, '"')
}

// astring is an atom where that can be, else a string.
func (o *output) astring(s string) {
	for i := 0; i < len(s); i++ {
		if !isAtomChar(s[i]) {
			o.string(s)
			return
		}
	}
	if s == "" {
		o.string(s)
		return
	}
	o.str(s)
}
