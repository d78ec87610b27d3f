// Package blob keeps byte strings that never change: sealed messages. A blob is
// durable when Writer.Commit returns; until something refers to it, it is an
// orphan that may be swept after a grace time.
//
// Blobs live in segments. Nothing in a segment is ever overwritten: space comes
// back by copying what still is wanted elsewhere and removing the segment.
package blob

import (
	"context"
	"io"
	"time"
)

// Ref says where a blob is.
type Ref struct {
	Segment int64
	Offset  int64
	Length  int64 // bytes, framing not counted
}

// Store keeps blobs. Implementations are safe for use by many goroutines.
type Store interface {
	// Create starts a blob.
	Create(ctx context.Context) (Writer, error)
	// Open reads a blob; fault.NotFound when the segment is gone.
	Open(ref Ref) (Reader, error)
	// Check reads the blob and compares its checksums, without any key.
	Check(ctx context.Context, ref Ref) error
	// Segments lists the segments, by number.
	Segments(ctx context.Context) ([]Segment, error)
	// Records lists a segment's whole blobs, by offset. A torn tail ends the list.
	Records(ctx context.Context, segment int64, fn func(Ref) error) error
	// Remove drops a segment that is not being written. Open Readers stay usable.
	Remove(ctx context.Context, segment int64) error
	// Empty reports that no blob was ever stored here, or none is left.
	Empty(ctx context.Context) (bool, error)
	Close() error
}

// Writer takes one blob. Exactly one of Commit and Abort ends it; Abort after
// Commit does nothing.
type Writer interface {
	io.Writer
	// Commit returns when the blob is on stable storage.
	Commit(ctx context.Context) (Ref, error)
	Abort()
}

// Reader reads one blob.
type Reader interface {
	io.ReaderAt
	Size() int64
	Close() error
}

// Segment is one container of blobs.
type Segment struct {
	ID      int64
	Bytes   int64 // on disk
	Sealed  bool  // nothing is appended any more
	Changed time.Time
}
