package imapd_test

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
)

// memory is a mail store of one account in memory, for tests that need speed or failures.
type memory struct {
	mu       sync.Mutex
	folders  []*mailstore.View
	subs     map[string]bool
	texts    map[int64][]byte
	vanished map[int64][]mailstore.Entry // UID and MODSEQ
	modSeq   uint64
	nextID   int64
	watch    []chan struct{}
	fail     func(op string) error // nil: nothing fails
}

func newMemory(texts ...string) *memory {
	m := &memory{subs: map[string]bool{"INBOX": true}, texts: map[int64][]byte{}, vanished: map[int64][]mailstore.Entry{}, modSeq: 1, nextID: 1}
	for _, f := range [][2]string{{"INBOX", ""}, {"Trash", `\Trash`}, {"Work/Plans", ""}} {
		m.create(f[0], f[1])
	}
	for _, t := range texts {
		m.add(m.folders[0], []byte(t), mailstore.Flags{}, start)
	}
	return m
}

func (m *memory) create(name, use string) *mailstore.View {
	m.nextID++
	m.modSeq++
	v := &mailstore.View{Folder: mailstore.Folder{ID: m.nextID, AccountID: account, Name: name, SpecialUse: use, UIDValidity: uint32(1000 + m.nextID), UIDNext: 1, HighestModSeq: m.modSeq, FirstRecent: 1}}
	m.folders = append(m.folders, v)
	return v
}

func (m *memory) check(op string) error {
	if m.fail == nil {
		return nil
	}
	return m.fail(op)
}

func (m *memory) at(id int64) (*mailstore.View, error) {
	for _, v := range m.folders {
		if v.Folder.ID == id {
			return v, nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no such folder")
}

func (m *memory) named(name string) (*mailstore.View, error) {
	for _, v := range m.folders {
		if v.Folder.Name == name {
			return v, nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no such folder")
}

// change replaces a folder's entries, as views are never modified.
func (m *memory) change(v *mailstore.View, entries []mailstore.Entry) *mailstore.View {
	m.modSeq++
	n := &mailstore.View{Folder: v.Folder, Entries: entries}
	f := &n.Folder
	f.HighestModSeq, f.Messages, f.Unseen, f.Deleted, f.Size = m.modSeq, uint32(len(entries)), 0, 0, 0
	for _, e := range entries {
		f.Size += e.Size
		if e.Flags.System&mailstore.Seen == 0 {
			f.Unseen++
		}
		if e.Flags.System&mailstore.Deleted != 0 {
			f.Deleted++
		}
	}
	m.folders[slices.Index(m.folders, v)] = n
	for _, c := range m.watch {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	return n
}

func (m *memory) add(v *mailstore.View, text []byte, flags mailstore.Flags, at time.Time) uint32 {
	m.nextID++
	m.texts[m.nextID] = text
	return m.put(v, m.nextID, flags, at)
}

func (m *memory) put(v *mailstore.View, id int64, flags mailstore.Flags, at time.Time) uint32 {
	e := mailstore.Entry{UID: v.Folder.UIDNext, MessageID: id, ModSeq: m.modSeq + 1, Flags: flags, InternalDate: at, SavedAt: start, Size: int64(len(m.texts[id]))}
	n := m.change(v, append(slices.Clone(v.Entries), e))
	n.Folder.UIDNext++
	return e.UID
}

func (m *memory) remove(v *mailstore.View, gone func(e *mailstore.Entry) bool) []uint32 {
	var uids []uint32
	left := slices.DeleteFunc(slices.Clone(v.Entries), func(e mailstore.Entry) bool {
		if gone(&e) {
			uids = append(uids, e.UID)
		}
		return gone(&e)
	})
	if len(uids) > 0 {
		m.change(v, left)
		for _, u := range uids {
			m.vanished[v.Folder.ID] = append(m.vanished[v.Folder.ID], mailstore.Entry{UID: u, ModSeq: m.modSeq})
		}
	}
	return uids
}

func (m *memory) do(op string, f func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.check(op); err != nil {
		return err
	}
	return f()
}

func (m *memory) Folders(context.Context, int64) (out []mailstore.Folder, err error) {
	err = m.do("Folders", func() error {
		for _, v := range m.folders {
			out = append(out, v.Folder)
		}
		return nil
	})
	return out, err
}

func (m *memory) Folder(_ context.Context, _ int64, name string) (f *mailstore.Folder, err error) {
	err = m.do("Folder", func() error {
		v, err := m.named(name)
		if err == nil {
			c := v.Folder
			f = &c
		}
		return err
	})
	return f, err
}

func (m *memory) CreateFolder(_ context.Context, _ int64, name, use string) (f *mailstore.Folder, err error) {
	err = m.do("CreateFolder", func() error {
		if v, err := m.named(name); err == nil || len(m.folders) > 50 {
			return fault.Newf(fault.AlreadyExists, "Exists: %v", v != nil)
		}
		c := m.create(name, use).Folder
		f = &c
		return nil
	})
	return f, err
}

func (m *memory) DeleteFolder(_ context.Context, _ int64, name string) error {
	return m.do("DeleteFolder", func() error {
		m.folders = slices.DeleteFunc(m.folders, func(v *mailstore.View) bool { return v.Folder.Name == name })
		return nil
	})
}

func (m *memory) RenameFolder(_ context.Context, _ int64, from, to string) error {
	return m.do("RenameFolder", func() error {
		v, err := m.named(from)
		if err == nil && from != "INBOX" {
			m.change(v, v.Entries).Folder.Name = to
		}
		return err
	})
}

func (m *memory) Subscribe(_ context.Context, _ int64, name string, on bool) error {
	return m.do("Subscribe", func() error {
		if delete(m.subs, name); on && len(m.subs) < 50 {
			m.subs[name] = true
		}
		return nil
	})
}

func (m *memory) Subscriptions(context.Context, int64) (out []string, err error) {
	err = m.do("Subscriptions", func() error {
		for n := range m.subs {
			out = append(out, n)
		}
		return nil
	})
	return out, err
}

func (m *memory) View(_ context.Context, id int64) (v *mailstore.View, err error) {
	err = m.do("View", func() error { v, err = m.at(id); return err })
	return v, err
}

func (m *memory) Changes(_ context.Context, id int64, since uint64) (c *mailstore.Changes, err error) {
	err = m.do("Changes", func() error {
		v, err := m.at(id)
		if err != nil {
			return err
		}
		c = &mailstore.Changes{Folder: v.Folder}
		for _, e := range v.Entries {
			if e.ModSeq > since {
				c.Changed = append(c.Changed, e)
			}
		}
		for _, e := range m.vanished[id] {
			if e.ModSeq > since {
				c.Vanished = append(c.Vanished, e.UID)
			}
		}
		slices.Sort(c.Vanished)
		return nil
	})
	return c, err
}

func (m *memory) ClaimRecent(_ context.Context, id int64) (first uint32, err error) {
	err = m.do("ClaimRecent", func() error {
		v, err := m.at(id)
		if err == nil {
			first = v.Folder.FirstRecent
			n := *v
			n.Folder.FirstRecent = v.Folder.UIDNext
			m.folders[slices.Index(m.folders, v)] = &n
		}
		return err
	})
	return first, err
}

func (m *memory) StoreFlags(_ context.Context, id int64, uids []uint32, op mailstore.FlagOp, f mailstore.Flags, since uint64) (changed []mailstore.Entry, failed []uint32, err error) {
	err = m.do("StoreFlags", func() error {
		v, err := m.at(id)
		if err != nil {
			return err
		}
		entries := slices.Clone(v.Entries)
		for i := range entries {
			e := &entries[i]
			switch {
			case !slices.Contains(uids, e.UID):
				continue
			case since > 0 && e.ModSeq > since:
				failed = append(failed, e.UID)
				continue
			case op == mailstore.ReplaceFlags:
				e.Flags = f
			case op == mailstore.AddFlags:
				e.Flags = mailstore.Flags{System: e.Flags.System | f.System, Keywords: slices.Compact(slices.Sorted(slices.Values(slices.Concat(e.Flags.Keywords, f.Keywords))))}
			default:
				e.Flags = mailstore.Flags{System: e.Flags.System &^ f.System, Keywords: slices.DeleteFunc(slices.Clone(e.Flags.Keywords), func(k string) bool { return slices.Contains(f.Keywords, k) })}
			}
			e.ModSeq = m.modSeq + 1
			changed = append(changed, *e)
		}
		if len(changed) > 0 {
			m.change(v, entries)
		}
		return nil
	})
	return changed, failed, err
}

func (m *memory) Copy(_ context.Context, id int64, uids []uint32, dest int64) (*mailstore.CopyResult, error) {
	return m.carry("Copy", id, uids, dest, false)
}

func (m *memory) Move(_ context.Context, id int64, uids []uint32, dest int64) (*mailstore.CopyResult, error) {
	return m.carry("Move", id, uids, dest, true)
}

func (m *memory) carry(op string, id int64, uids []uint32, dest int64, move bool) (r *mailstore.CopyResult, err error) {
	err = m.do(op, func() error {
		v, err := m.at(id)
		if err != nil {
			return err
		}
		d, err := m.at(dest)
		if err != nil || len(d.Entries) > 200 {
			return fault.New(fault.OverQuota, "Full")
		}
		r = &mailstore.CopyResult{UIDValidity: d.Folder.UIDValidity}
		for _, e := range v.Entries {
			if slices.Contains(uids, e.UID) {
				if d, err = m.at(dest); err != nil {
					return err
				}
				r.Source = append(r.Source, e.UID)
				r.Dest = append(r.Dest, m.put(d, e.MessageID, e.Flags, e.InternalDate))
			}
		}
		if v, err = m.at(id); move && err == nil {
			m.remove(v, func(e *mailstore.Entry) bool { return slices.Contains(r.Source, e.UID) })
		}
		return err
	})
	return r, err
}

func (m *memory) Expunge(_ context.Context, id int64, uids []uint32) (gone []uint32, modSeq uint64, err error) {
	err = m.do("Expunge", func() error {
		v, err := m.at(id)
		if err != nil {
			return err
		}
		gone = m.remove(v, func(e *mailstore.Entry) bool {
			return e.Flags.System&mailstore.Deleted != 0 && (uids == nil || slices.Contains(uids, e.UID))
		})
		modSeq = m.modSeq
		return nil
	})
	return gone, modSeq, err
}

func (m *memory) Append(_ context.Context, id int64, r io.Reader, flags mailstore.Flags, at time.Time) (uid, validity uint32, err error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return 0, 0, err
	}
	err = m.do("Append", func() error {
		v, err := m.at(id)
		if err == nil {
			validity, uid = v.Folder.UIDValidity, m.add(v, text, flags, at)
		}
		return err
	})
	return uid, validity, err
}
