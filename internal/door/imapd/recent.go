package imapd

import (
	"context"
	"sync"

	"posthouse/internal/fault"
)

// recents decides which session is the first to hear of a message, for \Recent
// (RFC 3501 section 2.3.2; gone in RFC 9051). New mail in a mailbox that is
// open is claimed here, in memory; the store hears of it when the last
// session leaves the mailbox. After a crash such messages are \Recent once
// more, as the RFC wants it in doubt.
type recents struct {
	mu       sync.Mutex
	byFolder map[int64]*recent
}

type recent struct {
	sessions int
	next     uint32 // messages with this UID and later are not claimed
	stored   uint32 // the same, as far as the store knows
}

// open claims all messages of a folder whose UIDNEXT is uidNext; firstRecent is
// the store's mark. It gives the first UID that is recent to the caller.
func (r *recents) open(ctx context.Context, mail Mail, folder int64, firstRecent, uidNext uint32) (uint32, error) {
	r.mu.Lock()
	if r.byFolder == nil {
		r.byFolder = make(map[int64]*recent)
	}
	f := r.byFolder[folder]
	if f == nil {
		f = &recent{next: firstRecent, stored: firstRecent}
		r.byFolder[folder] = f
	}
	f.sessions++
	first := max(f.next, firstRecent)
	f.next = max(first, uidNext)
	write := f.next > f.stored && first < uidNext
	r.mu.Unlock()
	if !write {
		return first, nil
	}
	stored, err := mail.ClaimRecent(ctx, folder)
	if err != nil && fault.Of(err).Code == fault.Unavailable && ctx.Err() == nil {
		// A store that can't be written, such as on a full disk, keeps nobody from
		// reading. The next to leave the mailbox tries again.
		return first, nil
	}
	if err != nil {
		r.close(ctx, mail, folder)
		return 0, err
	}
	r.mu.Lock()
	f.stored = max(f.stored, uidNext)
	r.mu.Unlock()
	return max(first, stored), nil
}

// arrived claims the messages from UID first to before uidNext. It gives the
// first of them that nobody had claimed, uidNext if there is none.
func (r *recents) arrived(folder int64, first, uidNext uint32) uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.byFolder[folder]
	if f == nil {
		return uidNext
	}
	mine := min(max(first, f.next), uidNext)
	f.next = max(f.next, uidNext)
	return mine
}

// close is called by a session that leaves the folder.
func (r *recents) close(ctx context.Context, mail Mail, folder int64) {
	r.mu.Lock()
	f := r.byFolder[folder]
	if f == nil {
		r.mu.Unlock()
		return
	}
	f.sessions--
	last := f.sessions <= 0
	write := last && f.next > f.stored
	if last {
		delete(r.byFolder, folder)
	}
	r.mu.Unlock()
	if write {
		// A folder that is gone, or a store that fails, costs only a second \Recent.
		_, _ = mail.ClaimRecent(ctx, folder)
	}
}
