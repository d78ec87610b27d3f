package mailstore

import (
	"time"
)

// SystemFlags is a bit set of the system flags (RFC 9051 section 2.3.2). \Recent
// is a matter of the session and is not stored.
type SystemFlags uint8

// The system flags, and the registered keywords that deserve a bit.
const (
	Seen SystemFlags = 1 << iota
	Answered
	Flagged
	Deleted
	Draft
)

// Flags are a message's flags in one folder.
type Flags struct {
	System   SystemFlags
	Keywords []string // sorted, unique without regard to case, as first spelled; shared: never modify
}

// Folder is an IMAP mailbox of an account.
type Folder struct {
	ID            int64
	AccountID     int64
	Name          string // UTF-8, levels split by "/", NFC; the inbox is "INBOX"
	UIDValidity   uint32
	UIDNext       uint32
	HighestModSeq uint64 // of this folder; never above the account's
	SpecialUse    string // `\Drafts`, `\Sent`, `\Junk`, `\Trash`, `\Archive` or ""
	Subscribed    bool
	Messages      uint32
	Unseen        uint32
	Deleted       uint32 // with \Deleted
	Size          int64  // bytes, sum of the entries' sizes
	FirstRecent   uint32 // messages with this UID and later were not yet announced as \Recent
}

// Entry is one message in one folder.
type Entry struct {
	UID          uint32
	MessageID    int64 // the stored message; the same for copies within an account; EMAILID
	ModSeq       uint64
	Flags        Flags
	InternalDate time.Time
	SavedAt      time.Time
	Size         int64 // RFC822.SIZE
}

// View is a folder as of one moment. Views are shared between sessions: never
// modify one.
type View struct {
	Folder  Folder
	Entries []Entry // ascending UID
}

// Changes are what happened in a folder after a MODSEQ.
type Changes struct {
	Folder   Folder
	Changed  []Entry  // new or changed entries that still exist, ascending UID
	Vanished []uint32 // UIDs, ascending; may name UIDs that the asker never saw
}

// FlagOp says how StoreFlags combines flags.
type FlagOp int

// The operations of IMAP STORE.
const (
	ReplaceFlags FlagOp = iota
	AddFlags
	RemoveFlags
)

// CopyResult tells which UIDs a COPY or MOVE took and gave; Source[i] became Dest[i].
type CopyResult struct {
	UIDValidity uint32 // of the destination
	Source      []uint32
	Dest        []uint32
}

// TextField is what a text search looks at.
type TextField int

// The fields of IMAP SEARCH.
const (
	FieldSubject TextField = iota
	FieldFrom
	FieldTo
	FieldCc
	FieldBcc
	FieldHeader // a named header
	FieldBody   // decoded text of the text parts
	FieldText   // header and body
)

// Usage is an account's quota.
type Usage struct {
	UsedBytes  int64
	LimitBytes int64 // 0 = no limit
	Messages   int64
}

// Fits reports whether a mailbox has room for that many bytes more. One that is
// full to the brim takes nothing.
func (u Usage) Fits(bytes int64) bool {
	return u.LimitBytes <= 0 || u.UsedBytes < u.LimitBytes && u.UsedBytes+bytes <= u.LimitBytes
}
