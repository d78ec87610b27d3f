package holders

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// maxHolderNotes bounds what is noted about one customer.
const maxHolderNotes = 500

var errTooManyNotes = fault.Newf(fault.Conflict, "There are %d notes about the user already", maxHolderNotes).WithReason(ReasonTooManyNotes)

// HolderNotes gives what was noted about a customer, oldest first.
func (s *Service) HolderNotes(ctx context.Context, actor audit.Actor, ref int64) ([]*work.HolderNote, error) {
	var out []*work.HolderNote
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := holder(u, ref)
		if err != nil {
			return err
		}
		out, err = u.Tx.HolderNotes(u.Ctx, c.ID, maxHolderNotes)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AddHolderNote notes something and gives all notes.
func (s *Service) AddHolderNote(ctx context.Context, actor audit.Actor, ref int64, note string) ([]*work.HolderNote, error) {
	var f work.Fields
	f.Field("note", func(f *work.Fields) {
		if note = f.Text("note", note, work.MaxReason); note == "" {
			f.Failf("The note is missing")
		}
	})
	if f.Err != nil {
		return nil, f.Err
	}
	var out []*work.HolderNote
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		out = nil
		c, err := holder(u, ref)
		if err != nil {
			return err
		}
		list, err := u.Tx.HolderNotes(u.Ctx, c.ID, maxHolderNotes)
		if err != nil {
			return err
		}
		if len(list) >= maxHolderNotes {
			return errTooManyNotes
		}
		n := &work.HolderNote{PartnerID: c.PartnerID, CustomerID: c.ID, Note: note, Author: u.Actor.Name, CreatedAt: u.Now}
		if err := u.Tx.InsertHolderNote(u.Ctx, n); err != nil {
			return err
		}
		out = append(list, n)
		return u.Record(c.PartnerID, "customer.note", "customer", c.ID, work.Detail{"note": n.ID})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
