package smtpd

import (
	"net"
	"strconv"
)

// maxPending is how much of replies waits for a flush at most.
const maxPending = 4 << 10

// output collects replies until the client has nothing more to say (RFC 2920
// section 3.2) or too much waits.
type output struct {
	conn net.Conn
	buf  []byte
	// busy is called before each write: it sets the deadline.
	busy func() error
	err  error // the first failure; later writes are dropped
}

func (o *output) reset(conn net.Conn) { o.conn, o.buf, o.err = conn, o.buf[:0], nil }

// write appends r. Text lines of a reply that has several are parted by LF.
func (o *output) write(r *reply) {
	text := r.text
	for last := false; !last; {
		line := text
		last = true
		for i := 0; i < len(text); i++ {
			if text[i] == '\n' {
				line, text, last = text[:i], text[i+1:], false
				break
			}
		}
		o.buf = strconv.AppendInt(o.buf, int64(r.code), 10)
		if last {
			o.buf = append(o.buf, ' ')
		} else {
			o.buf = append(o.buf, '-')
		}
		if r.enhanced != "" {
			o.buf = append(o.buf, r.enhanced...)
			o.buf = append(o.buf, ' ')
		}
		o.buf = append(o.buf, line...)
		o.buf = append(o.buf, '\r', '\n')
	}
	if len(o.buf) >= maxPending {
		o.flush()
	}
}

// flush sends what waits.
func (o *output) flush() {
	if o.err != nil || len(o.buf) == 0 {
		o.buf = o.buf[:0]
		return
	}
	if o.err = o.busy(); o.err == nil {
		_, o.err = o.conn.Write(o.buf)
	}
	o.buf = o.buf[:0]
}
