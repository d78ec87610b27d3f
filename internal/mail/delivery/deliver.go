package delivery

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// Content is the message as the door has taken it; *spool.Spool is one.
type Content interface {
	io.ReaderAt
	Size() int64
}

// Transaction is one message for the recipients that RCPT has accepted.
type Transaction struct {
	ID          string // of the door's transaction, in every log line
	ReversePath mailaddr.Address
	Recipients  []*Recipient
	Content     Content
	Trace       []byte // header fields to stand above the content (Received), each ending in CRLF; may be nil
}

// Deliver puts the message into all mailboxes in one transaction, each mailbox
// once, with Return-Path in front (RFC 5321 section 4.4).
func (s *Service) Deliver(ctx context.Context, t Transaction) error {
	begun := s.clock.Now()
	var targets []mailstore.Target
	var postmaster bool
	seen := make(map[int64]bool, len(t.Recipients))
	for _, r := range t.Recipients {
		switch {
		case r.Postmaster:
			postmaster = true
		case !seen[r.AccountID]:
			seen[r.AccountID] = true
			targets = append(targets, mailstore.Target{AccountID: r.AccountID})
		}
	}
	if len(targets) == 0 && !postmaster {
		return fault.New(fault.Invalid, "The message has no recipient")
	}
	content := io.MultiReader(strings.NewReader("Return-Path: <"+t.ReversePath.String()+">\r\n"),
		strings.NewReader(string(t.Trace)), io.NewSectionReader(t.Content, 0, t.Content.Size()))
	stored, err := s.mail.Put(ctx, content)
	if err != nil {
		return err
	}
	var got []mailstore.Delivered
	err = s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		var err error
		if got, err = s.mail.DeliverTx(ctx, tx, stored, targets); err != nil {
			return err
		}
		if !postmaster {
			return nil
		}
		return s.post.PostmasterTx(ctx, tx, queue.Postmaster{ID: t.ID, ReversePath: t.ReversePath, Stored: stored})
	})
	if err != nil {
		return err
	}
	if s.log.Enabled(ctx, slog.LevelInfo) {
		var id int64
		if len(got) > 0 {
			id = got[0].MessageID
		}
		s.log.InfoContext(ctx, "delivered", "transaction", t.ID, "message_id", id, "recipients", len(targets), "postmaster", postmaster,
			"bytes", stored.Size, "took", s.clock.Now().Sub(begun))
	}
	return nil
}
