package smtpd

import (
	"bytes"
	"sync"
)

// content takes the octets of one message: the header section is collected and
// given to the face, which writes it with its trace fields; the rest goes
// straight to the spool. After the first failure it only counts.
type content struct {
	session *session
	spool   Spool
	header  *bytes.Buffer // nil once it has been written
	size    int64         // of the message as received, dots removed
	failure *reply
	cause   error // of failure, for the log
}

var headerBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// open begins a message.
func (c *content) open(s *session) {
	*c = content{session: s}
	f, err := s.srv.face.spool()
	if err != nil {
		c.fail(replySpool, err)
		return
	}
	c.spool = f
	c.header = headerBuffers.Get().(*bytes.Buffer)
	c.header.Reset()
}

// opened reports whether a message is being taken.
func (c *content) opened() bool { return c.session != nil }

// fail drops what is there. The first reason stays.
func (c *content) fail(r *reply, cause error) {
	if c.failure != nil {
		return
	}
	if diskFull(cause) {
		r = replyDiskFull
	}
	c.failure, c.cause = r, cause
	c.drop()
}

// drop gives back what c holds.
func (c *content) drop() {
	if c.header != nil {
		headerBuffers.Put(c.header)
		c.header = nil
	}
	if c.spool != nil {
		if err := c.spool.Close(); err != nil && c.cause == nil {
			c.cause = err
		}
		c.spool = nil
	}
}

// close ends the message's life: c is ready for another.
func (c *content) close() {
	c.drop()
	*c = content{}
}

// write takes decoded octets.
func (c *content) write(p []byte) {
	c.size += int64(len(p))
	if c.failure != nil {
		return
	}
	if c.size > c.session.srv.limits.MessageBytes {
		c.fail(replyTooLarge, nil)
		return
	}
	if c.header != nil {
		p = c.collect(p)
		if len(p) == 0 {
			return
		}
	}
	if _, err := c.spool.Write(p); err != nil {
		c.fail(replySpool, err)
	}
}

// collect adds to the header section and returns what lies behind it.
func (c *content) collect(p []byte) (rest []byte) {
	had := c.header.Len()
	room := c.session.srv.limits.HeaderBytes
	take := p[:min(len(p), room+1-had)]
	c.header.Write(take)
	end := headerEnd(c.header.Bytes(), had)
	if end < 0 && had+len(take) > room {
		c.fail(replyHeaderLong, nil)
		return nil
	}
	if end < 0 {
		return nil
	}
	c.writeHeader(c.header.Bytes()[:end])
	if c.failure != nil {
		return nil
	}
	return p[end-had:]
}

// writeHeader hands the complete header section on.
func (c *content) writeHeader(header []byte) {
	bad := c.session.checkHeader(header)
	if bad == nil {
		var err error
		if bad, err = c.session.srv.face.header(c.session, header, c.spool); err != nil {
			bad = replySpool
			c.fail(bad, err)
			return
		}
	}
	if bad != nil {
		c.fail(bad, nil)
		return
	}
	headerBuffers.Put(c.header)
	c.header = nil
}

// finish ends the content: flaws found by the decoder count now, and a message
// that has no empty line is all header. A flaw goes before any other refusal of
// the content: which of them is seen first depends on how the octets arrived.
func (c *content) finish(flaws flaw) *reply {
	if flaws != 0 && c.failure != nil && c.failure.code >= 500 {
		c.failure = nil
	}
	switch {
	case flaws&(bareCR|bareLF) != 0:
		c.fail(replyBareLines, nil)
	case flaws&nul != 0:
		c.fail(replyNul, nil)
	case c.failure == nil && c.header != nil:
		c.writeHeader(c.header.Bytes())
	}
	return c.failure
}
