package imapd

import (
	"context"
	"io"
	"net/netip"
	"time"

	"posthouse/internal/mailstore"
	"posthouse/internal/message"
)

// Mail is the part of the mail store that this door uses; see FromStore.
type Mail interface {
	Folders(ctx context.Context, accountID int64) ([]mailstore.Folder, error)
	Folder(ctx context.Context, accountID int64, name string) (*mailstore.Folder, error)
	CreateFolder(ctx context.Context, accountID int64, name, specialUse string) (*mailstore.Folder, error)
	DeleteFolder(ctx context.Context, accountID int64, name string) error
	RenameFolder(ctx context.Context, accountID int64, from, to string) error
	Subscribe(ctx context.Context, accountID int64, name string, on bool) error
	Subscriptions(ctx context.Context, accountID int64) ([]string, error)

	View(ctx context.Context, folderID int64) (*mailstore.View, error)
	Changes(ctx context.Context, folderID int64, since uint64) (*mailstore.Changes, error)
	ClaimRecent(ctx context.Context, folderID int64) (uint32, error)
	StoreFlags(ctx context.Context, folderID int64, uids []uint32, op mailstore.FlagOp, flags mailstore.Flags, unchangedSince uint64) ([]mailstore.Entry, []uint32, error)
	Copy(ctx context.Context, folderID int64, uids []uint32, destFolderID int64) (*mailstore.CopyResult, error)
	Move(ctx context.Context, folderID int64, uids []uint32, destFolderID int64) (*mailstore.CopyResult, error)
	Expunge(ctx context.Context, folderID int64, uids []uint32) ([]uint32, uint64, error)
	// Append takes the message from r and gives it a place in the folder; it is on stable storage then.
	Append(ctx context.Context, folderID int64, r io.Reader, flags mailstore.Flags, internalDate time.Time) (uid, uidValidity uint32, err error)

	Parts(ctx context.Context, accountID int64, entries []mailstore.Entry, fn func(i int, p *message.Part) error) error
	Contents(ctx context.Context, accountID int64, entries []mailstore.Entry, fn func(i int, c Content) error) error
	MatchText(ctx context.Context, v *mailstore.View, field mailstore.TextField, header, needle string) ([]uint32, error)
	Usage(ctx context.Context, accountID int64) (mailstore.Usage, error)
	Watch(accountID int64) (<-chan struct{}, func())
}

// Content is a stored message's octets.
type Content interface {
	io.ReaderAt
	io.WriterTo
	io.Closer
	Size() int64
	Part() (*message.Part, error)
}

// Login checks credentials; see FromLogin.
type Login interface {
	// Login gives a session or a fault: Unauthenticated, TooMany, Unavailable.
	Login(ctx context.Context, email, password string, remote netip.Addr) (Account, error)
}

// Account is a logged-in mailbox.
type Account struct {
	ID      int64
	Email   string
	Revoked <-chan struct{} // closed when the session must end; may be nil
	Close   func()          // called once when the session has ended; may be nil
}
