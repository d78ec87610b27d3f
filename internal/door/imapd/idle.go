package imapd

import (
	"errors"
	"os"
	"strings"
)

// errHandOver asks run to go on in another goroutine.
var errHandOver = errors.New("imapd: hand over")

// cmdIdle is IDLE (RFC 9051 section 6.3.13, RFC 2177).
func (s *session) cmdIdle(c *command) error {
	if err := c.args.end(); err != nil {
		return err
	}
	if s.box != nil && s.box.watch == nil {
		// From here on no change is missed: what happened before is found by sync.
		s.box.watch, s.box.cancel = s.srv.cfg.Mail.Watch(s.account.ID)
	}
	s.out.str("+ idling\r\n")
	s.idle.tag = c.tag
	return errHandOver
}

// resumeIdle continues an IDLE in a goroutine of its own: what the session did
// before, and what it does when it is woken, may have grown its stack, and a
// waiting session shall hold a small one.
func (s *session) resumeIdle() {
	done := false
	err := s.contain(func(s *session) (err error) {
		done, err = s.idleOnce()
		return err
	})
	switch {
	case err == nil && !done:
		go s.resumeIdle()
		return
	case err == nil:
		err = s.ok(&command{tag: s.idle.tag, name: "IDLE"}, "IDLE completed")
	}
	if err != nil {
		s.closing = err
	}
	s.run()
}

// idleOnce tells what is new and waits until there is more, or until the client
// says something: then done.
func (s *session) idleOnce() (done bool, err error) {
	if s.box != nil {
		if err := s.sync(true); err != nil {
			return false, err
		}
	}
	if err := s.out.flush(); err != nil {
		return false, err
	}
	s.count()
	s.armRead(s.srv.limits.Idle)
	if s.stopped() != stopNone {
		return false, errBye
	}
	if s.box != nil {
		s.idle.watch <- s.box.watch
	}
	err = s.in.wait()
	if s.box != nil {
		s.idle.watch <- nil // after this the waiter doesn't touch the deadline
	}
	woke := s.idle.woke.Swap(false)
	switch {
	case s.stopped() != stopNone:
		return false, errBye
	case err != nil && errors.Is(err, os.ErrDeadlineExceeded) && woke:
		s.srv.metrics.wakes.Inc()
		return false, nil
	case err != nil:
		return false, err
	}
	s.armRead(s.srv.limits.Receive)
	var line [16]byte
	text, err := s.in.line(line[:0], len(line)-2)
	if err != nil && !errors.Is(err, errLineTooLong) {
		return false, err
	}
	if err != nil || !strings.EqualFold(string(text), "DONE") {
		return false, byeError("Expected DONE")
	}
	return true, nil
}
