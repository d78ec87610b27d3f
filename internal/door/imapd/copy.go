package imapd

import (
	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
)

// copyArguments are those of COPY and MOVE: the messages and where they go.
func (s *session) copyArguments(c *command) (uids []uint32, dest int64, err error) {
	p := &c.args
	if err := p.sp(); err != nil {
		return nil, 0, err
	}
	set, err := p.numSet()
	if err != nil {
		return nil, 0, err
	}
	name, err := p.onlyMailbox()
	if err != nil {
		return nil, 0, err
	}
	spans, err := s.spans(set, c.uid)
	if err != nil {
		return nil, 0, err
	}
	f, err := s.srv.cfg.Mail.Folder(s.srv.ctx, s.account.ID, name)
	if fault.Is(err, fault.NotFound) {
		return nil, 0, errTryCreate
	}
	if err != nil {
		return nil, 0, err
	}
	return s.box.uidsOf(spans), f.ID, nil
}

// cmdCopy is COPY and UID COPY (RFC 9051 section 6.4.7).
func (s *session) cmdCopy(c *command) error {
	uids, dest, err := s.copyArguments(c)
	if err != nil {
		return err
	}
	if len(uids) == 0 {
		return s.ok(c, "COPY completed")
	}
	r, err := s.srv.cfg.Mail.Copy(s.srv.ctx, s.box.folder, uids, dest)
	if err != nil {
		return err
	}
	if err := s.sync(true); err != nil {
		return err
	}
	s.out.str(c.tag, " OK ")
	s.copyUID(r)
	s.out.str("COPY completed\r\n")
	return nil
}

// copyUID is the response code COPYUID (RFC 9051 section 7.1, RFC 4315).
func (s *session) copyUID(r *mailstore.CopyResult) {
	if len(r.Source) == 0 {
		return
	}
	s.out.str("[COPYUID ")
	s.out.num(uint64(r.UIDValidity))
	s.out.byte(' ')
	s.out.set(r.Source)
	s.out.byte(' ')
	s.out.set(r.Dest)
	s.out.str("] ")
}
