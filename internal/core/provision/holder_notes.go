package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/fault"
)

// maxHolderNotes bounds what is noted about one customer.
const maxHolderNotes = 500

var errTooManyNotes = fault.Newf(fault.Conflict, "There are %d notes about the user already", maxHolderNotes).WithReason(ReasonTooManyNotes)

// HolderNotes gives what was noted about a customer, oldest first.
func (s *Service) HolderNotes(ctx context.Context, actor audit.Actor, ref int64) ([]*HolderNote, error) {
	var out []*HolderNote
	err := s.read(ctx, actor, func(u *unit) error {
		c, err := u.holder(ref)
		if err != nil {
			return err
		}
		out, err = u.tx.HolderNotes(u.ctx, c.ID, maxHolderNotes)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AddHolderNote notes something and gives all notes.
func (s *Service) AddHolderNote(ctx context.Context, actor audit.Actor, ref int64, note string) ([]*HolderNote, error) {
	var f fields
	f.field("note", func(f *fields) {
		if note = f.text("note", note, maxReason); note == "" {
			f.failf("The note is missing")
		}
	})
	if f.err != nil {
		return nil, f.err
	}
	var out []*HolderNote
	err := s.write(ctx, actor, func(u *unit) error {
		out = nil
		c, err := u.holder(ref)
		if err != nil {
			return err
		}
		list, err := u.tx.HolderNotes(u.ctx, c.ID, maxHolderNotes)
		if err != nil {
			return err
		}
		if len(list) >= maxHolderNotes {
			return errTooManyNotes
		}
		n := &HolderNote{PartnerID: c.PartnerID, CustomerID: c.ID, Note: note, Author: u.actor.Name, CreatedAt: u.now}
		if err := u.tx.InsertHolderNote(u.ctx, n); err != nil {
			return err
		}
		out = append(list, n)
		return u.record(c.PartnerID, "customer.note", "customer", c.ID, detail{"note": n.ID})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
