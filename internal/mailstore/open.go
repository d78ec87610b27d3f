package mailstore

import (
	"context"
	"errors"
	"io"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/message"
)

// Content reads a message as it was put: decrypted and inflated chunk by chunk.
// It is safe for use by many goroutines; Close it.
type Content struct {
	s      *Store
	reader blob.Reader
	text   *blob.Text
	row    holdingRow
}

var (
	_ io.ReaderAt = (*Content)(nil)
	_ io.WriterTo = (*Content)(nil)
)

// Size is RFC822.SIZE.
func (c *Content) Size() int64 { return c.text.Size() }

// ReadAt implements io.ReaderAt.
func (c *Content) ReadAt(p []byte, off int64) (int, error) { return c.text.ReadAt(p, off) }

// WriteTo writes the whole message, which is faster than reading it.
func (c *Content) WriteTo(w io.Writer) (int64, error) { return c.text.WriteTo(w) }

// Part decodes the cached structure.
func (c *Content) Part() (*message.Part, error) { return c.s.part(c.row.holding) }

// Close implements io.Closer.
func (c *Content) Close() error { return errors.Join(c.text.Close(), c.reader.Close()) }

// Open reads a message that the account holds; fault.NotFound. Account 0 is the queue.
func (s *Store) Open(ctx context.Context, accountID, messageID int64) (*Content, error) {
	var c *Content
	err := s.Contents(ctx, accountID, []Entry{{MessageID: messageID}}, func(_ int, got *Content) error {
		c = got
		return nil
	})
	if err == nil && c == nil {
		err = errNoMessage
	}
	return c, err
}

// Contents opens many messages with few queries: fn is called for each entry in
// order, with nil for a message that has been deleted meanwhile, and closes what
// it gets. An error of fn ends it and is returned as it is.
func (s *Store) Contents(ctx context.Context, accountID int64, entries []Entry, fn func(i int, c *Content) error) error {
	return s.holdings(ctx, accountID, entries, true, func(i int, row *holdingRow) error {
		if row == nil {
			return fn(i, nil)
		}
		c, err := s.content(ctx, accountID, row)
		if fault.Is(err, fault.NotFound) {
			return fn(i, nil)
		}
		if err != nil {
			return err
		}
		return fn(i, c)
	})
}

// content opens the bytes of a holding. Between the look at the row and now the
// bytes may have been moved by compaction: then the row says where to.
func (s *Store) content(ctx context.Context, accountID int64, row *holdingRow) (*Content, error) {
	for attempt := 0; ; attempt++ {
		ref := blob.Ref{Segment: row.blob.segment, Offset: row.blob.position, Length: row.blob.stored}
		r, err := s.blobs.Open(ref)
		if err == nil {
			text, err := s.codec.OpenText(r, ref.Length, row.blob.size, row.key)
			if err != nil {
				return nil, errors.Join(err, r.Close())
			}
			return &Content{s: s, reader: r, text: text, row: *row}, nil
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		moved, lookErr := s.lookAgain(ctx, accountID, row.id)
		if lookErr != nil {
			return nil, lookErr
		}
		if moved.blob == row.blob || attempt == 3 {
			return nil, &fault.Error{Code: fault.Internal, Text: "A message's bytes are missing", Reason: "BLOB_MISSING", Cause: err}
		}
		row = moved
	}
}

func (s *Store) lookAgain(ctx context.Context, accountID, messageID int64) (found *holdingRow, err error) {
	err = s.holdings(ctx, accountID, []Entry{{MessageID: messageID}}, true, func(_ int, row *holdingRow) error {
		if row == nil {
			return errNoMessage
		}
		copied := *row
		found = &copied
		return nil
	})
	return found, err
}
