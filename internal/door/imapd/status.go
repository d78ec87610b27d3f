package imapd

import (
	"slices"

	"posthouse/internal/mailstore"
)

var statusNames = []string{"MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "DELETED", "DELETED-STORAGE",
	"SIZE", "HIGHESTMODSEQ", "MAILBOXID", "APPENDLIMIT"}

// statusItems is the parenthesised list of STATUS.
func (p *parser) statusItems() ([]string, error) {
	items := []string{}
	err := p.list(func() error {
		word, err := p.word()
		if err != nil {
			return err
		}
		if !slices.Contains(statusNames, word) {
			return syntaxError("Unknown STATUS item")
		}
		if !slices.Contains(items, word) {
			items = append(items, word)
		}
		return nil
	})
	return items, err
}

// cmdStatus is STATUS (RFC 9051 section 6.3.11).
func (s *session) cmdStatus(c *command) error {
	p := &c.args
	name, err := p.spMailbox()
	if err != nil {
		return err
	}
	if err := p.sp(); err != nil {
		return err
	}
	items, err := p.statusItems()
	if err != nil {
		return err
	}
	if err := p.end(); err != nil {
		return err
	}
	f, err := s.srv.cfg.Mail.Folder(s.srv.ctx, s.account.ID, name)
	if err != nil {
		return err
	}
	if slices.Contains(items, "HIGHESTMODSEQ") {
		s.condstoreAware() // RFC 7162 section 3.1
	}
	if err := s.statusResponse(f, items); err != nil {
		return err
	}
	return s.ok(c, "STATUS completed")
}

func (s *session) statusResponse(f *mailstore.Folder, items []string) error {
	recent, deletedSize := 0, int64(0)
	for _, item := range items {
		if item == "RECENT" && f.FirstRecent < f.UIDNext && f.Messages > 0 || item == "DELETED-STORAGE" && f.Deleted > 0 {
			v, err := s.srv.cfg.Mail.View(s.srv.ctx, f.ID)
			if err != nil {
				return err
			}
			recent, deletedSize = 0, 0
			for i := range v.Entries {
				e := &v.Entries[i]
				if e.UID >= f.FirstRecent {
					recent++
				}
				if e.Flags.System&mailstore.Deleted != 0 {
					deletedSize += e.Size
				}
			}
		}
	}
	o := &s.out
	o.str("* STATUS ")
	o.mailbox(f.Name)
	o.str(" (")
	for i, item := range items {
		if i > 0 {
			o.byte(' ')
		}
		o.str(item, " ")
		switch item {
		case "MESSAGES":
			o.num(uint64(f.Messages))
		case "RECENT":
			o.int(int64(recent))
		case "UIDNEXT":
			o.num(uint64(f.UIDNext))
		case "UIDVALIDITY":
			o.num(uint64(f.UIDValidity))
		case "UNSEEN":
			o.num(uint64(f.Unseen))
		case "DELETED":
			o.num(uint64(f.Deleted))
		case "DELETED-STORAGE":
			o.int(deletedSize)
		case "SIZE":
			o.int(f.Size)
		case "HIGHESTMODSEQ":
			o.num(max(1, f.HighestModSeq))
		case "MAILBOXID":
			o.str("(F")
			o.int(f.ID)
			o.byte(')')
		case "APPENDLIMIT":
			o.int(s.srv.limits.MessageSize)
		}
	}
	o.str(")\r\n")
	return nil
}
