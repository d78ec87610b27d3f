package imapd

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
)

// snapshot is what sessions need of a view and what costs a pass over it. It is
// worked out once and shared by all sessions in the same state of the folder.
type snapshot struct {
	state    folderState
	uids     []uint32 // shared, never modified
	keywords []string // in use, sorted
	unseen   uint32   // number of the first message without \Seen, 0 = none
	step     atomic.Pointer[step]
}

// folderState identifies what a folder holds: every change raises its MODSEQ.
type folderState struct {
	modSeq  uint64
	uidNext uint32
	entries int
}

func stateOf(v *mailstore.View) folderState {
	return folderState{v.Folder.HighestModSeq, v.Folder.UIDNext, len(v.Entries)}
}

// step remembers the last question that was asked of the snapshot: usually all
// sessions of a mailbox come from the same state.
type step struct {
	since   uint64
	changed []int32 // positions in the view of entries with a greater MODSEQ
}

// snapshots is a bounded cache of snapshots by folder.
type snapshots struct {
	mu       sync.Mutex
	byFolder map[int64]*snapshot
	uids     int // in all of them
}

const (
	maxSnapshots    = 4096
	maxSnapshotUIDs = 8 << 20
)

// of gives the snapshot of v.
func (c *snapshots) of(v *mailstore.View) *snapshot {
	state := stateOf(v)
	c.mu.Lock()
	old := c.byFolder[v.Folder.ID]
	c.mu.Unlock()
	if old != nil && old.state == state {
		return old
	}
	s := newSnapshot(v, old)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.byFolder[v.Folder.ID]
	if now != nil && now.state == state {
		return now // another session was faster
	}
	if c.byFolder == nil {
		c.byFolder = make(map[int64]*snapshot)
	}
	if now != nil {
		c.uids -= len(now.uids)
		delete(c.byFolder, v.Folder.ID)
	}
	for id, victim := range c.byFolder {
		if len(c.byFolder) < maxSnapshots && c.uids+len(s.uids) <= maxSnapshotUIDs {
			break
		}
		c.uids -= len(victim.uids)
		delete(c.byFolder, id)
	}
	c.byFolder[v.Folder.ID] = s
	c.uids += len(s.uids)
	return s
}

func newSnapshot(v *mailstore.View, old *snapshot) *snapshot {
	s := &snapshot{state: stateOf(v)}
	uids := make([]uint32, len(v.Entries))
	var last []string
	for i := range v.Entries {
		e := &v.Entries[i]
		uids[i] = e.UID
		if s.unseen == 0 && e.Flags.System&mailstore.Seen == 0 {
			s.unseen = uint32(i + 1)
		}
		if len(e.Flags.Keywords) > 0 && !slices.Equal(e.Flags.Keywords, last) {
			last = e.Flags.Keywords
			for _, k := range last {
				if at, ok := slices.BinarySearchFunc(s.keywords, k, compareFold); !ok {
					s.keywords = slices.Insert(s.keywords, at, k)
				}
			}
		}
	}
	s.uids = uids
	if old != nil {
		// Share what is equal: sessions hold these slices.
		if slices.Equal(old.uids, uids) {
			s.uids = old.uids
		}
		if slices.Equal(old.keywords, s.keywords) {
			s.keywords = old.keywords
		}
	}
	return s
}

func compareFold(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }

// changedSince gives the positions of the entries of v, a view in the
// snapshot's state, with a MODSEQ above since.
func (s *snapshot) changedSince(v *mailstore.View, since uint64) []int32 {
	if st := s.step.Load(); st != nil && st.since == since {
		return st.changed
	}
	st := &step{since: since}
	if since < v.Folder.HighestModSeq {
		for i := range v.Entries {
			if v.Entries[i].ModSeq > since {
				st.changed = append(st.changed, int32(i))
			}
		}
	}
	s.step.Store(st)
	return st.changed
}

// views lets sessions that ask for the same folder at the same time, such as all
// that one new message wakes, share an answer. An answer is shared only with
// those that asked before the store was asked: nobody gets one that is older than his question.
type views struct {
	mu       sync.Mutex
	byFolder map[int64]*flights
}

type flights struct {
	running bool
	next    *flight // not yet begun: may still be joined
}

type flight struct {
	landed chan struct{}
	view   *mailstore.View
	err    error
}

func (w *views) view(ctx context.Context, mail Mail, folder int64) (*mailstore.View, error) {
	w.mu.Lock()
	if w.byFolder == nil {
		w.byFolder = make(map[int64]*flights)
	}
	f := w.byFolder[folder]
	if f == nil {
		f = &flights{}
		w.byFolder[folder] = f
	}
	if f.running {
		if f.next == nil {
			f.next = &flight{landed: make(chan struct{})}
		}
		mine := f.next
		w.mu.Unlock()
		<-mine.landed
		return mine.view, mine.err
	}
	f.running = true
	w.mu.Unlock()
	v, err := ask(ctx, mail, folder)
	w.land(ctx, mail, folder, f)
	return v, err
}

// ask asks the store. A panic in there is its asker's alone: those that wait
// for the next flight must not wait for ever.
func ask(ctx context.Context, mail Mail, folder int64) (v *mailstore.View, err error) {
	err = fault.Contain(func() (err error) {
		v, err = mail.View(ctx, folder)
		return err
	})
	return v, err
}

// land ends a flight and sees to those that wait for the next one.
func (w *views) land(ctx context.Context, mail Mail, folder int64, f *flights) {
	w.mu.Lock()
	next := f.next
	f.next = nil
	if next == nil {
		f.running = false
		delete(w.byFolder, folder)
		w.mu.Unlock()
		return
	}
	w.mu.Unlock()
	go func() {
		next.view, next.err = ask(ctx, mail, folder)
		close(next.landed)
		w.land(ctx, mail, folder, f)
	}()
}
