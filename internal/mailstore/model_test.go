package mailstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/fault"
)

// model is a mailbox as IMAP sees it, in maps.
type model struct {
	folders  map[string]*modelFolder
	validity uint32 // highest seen
	modseq   uint64 // highest seen
	quota    int64
}

type modelFolder struct {
	id       int64
	validity uint32
	next     uint32
	modseq   uint64
	messages map[uint32]modelMessage
	// client is what someone knows who asks for changes now and then.
	client map[uint32]Flags
	synced uint64
}

type modelMessage struct {
	text   string
	flags  Flags
	modseq uint64
}

func (m *model) used() (bytes, n int64) {
	for _, f := range m.folders {
		for _, e := range f.messages {
			bytes += int64(len(e.text))
			n++
		}
	}
	return bytes, n
}

func (f *modelFolder) uids() []uint32 { return slices.Sorted(maps.Keys(f.messages)) }

func TestMailboxModel(t *testing.T) {
	account := int64(100)
	onBoth(t, func(t *testing.T, b *bench) {
		rapid.Check(t, func(t *rapid.T) {
			account++
			run := &modelRun{t: t, b: b, ctx: context.Background(), account: b.account(account, 5000)}
			run.start()
			b.few = rapid.SampledFrom([]int{0, 2, fewUIDs}).Draw(t, "few")
			t.Repeat(map[string]func(*rapid.T){
				"":        run.check,
				"deliver": run.deliver,
				"append":  run.append,
				"flags":   run.flags,
				"copy":    run.copy,
				"move":    run.move,
				"expunge": run.expunge,
				"create":  run.create,
				"delete":  run.delete,
				"rename":  run.rename,
				"sync":    run.sync,
				"evict":   func(t *rapid.T) { b.views.forget(run.folder(t).id) },
			})
		})
		b.verify()
	})
}

type modelRun struct {
	t       *rapid.T
	b       *bench
	ctx     context.Context
	account int64
	m       model
}

func (r *modelRun) start() {
	r.m = model{folders: map[string]*modelFolder{}, quota: 5000}
	r.learnNew()
}

// learnNew takes folders up that the model doesn't know, in the order of their making.
func (r *modelRun) learnNew() {
	folders, err := r.b.Folders(r.ctx, r.account)
	r.must(err)
	slices.SortFunc(folders, func(a, b Folder) int { return cmp.Compare(a.UIDValidity, b.UIDValidity) })
	for _, f := range folders {
		if r.m.folders[f.Name] == nil {
			r.learn(f)
		}
	}
}

func (r *modelRun) must(err error) {
	if err != nil {
		r.t.Fatalf("%v", err)
	}
}

func (r *modelRun) learn(f Folder) *modelFolder {
	if f.UIDValidity <= r.m.validity {
		r.t.Fatalf("UIDVALIDITY %d of the new folder %s is not above %d", f.UIDValidity, f.Name, r.m.validity)
	}
	r.m.validity = f.UIDValidity
	r.m.modseq = max(r.m.modseq, f.HighestModSeq)
	mf := &modelFolder{id: f.ID, validity: f.UIDValidity, next: 1, modseq: f.HighestModSeq, messages: map[uint32]modelMessage{}, client: map[uint32]Flags{}}
	r.m.folders[f.Name] = mf
	return mf
}

func (r *modelRun) name(t *rapid.T) string {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(r.m.folders))).Draw(t, "folder")
}

func (r *modelRun) folder(t *rapid.T) *modelFolder { return r.m.folders[r.name(t)] }

var someFlags = rapid.Custom(func(t *rapid.T) Flags {
	f := Flags{System: SystemFlags(rapid.IntRange(0, 31).Draw(t, "system"))}
	f.Keywords, _ = normalKeywords(rapid.SliceOfN(rapid.SampledFrom([]string{"$Junk", "$junk", "a", "B", "b"}), 0, 3).Draw(t, "keywords"))
	return f
})

func (r *modelRun) uids(t *rapid.T, f *modelFolder) []uint32 {
	out := []uint32{}
	for uid := uint32(1); uid <= f.next; uid++ {
		if rapid.IntRange(0, 2).Draw(t, "pick") > 0 {
			out = append(out, uid)
		}
	}
	return out
}

// changed notes that a folder got a new MODSEQ, which must be above all before.
func (r *modelRun) changed(fs ...*modelFolder) uint64 {
	before := r.m.modseq
	for _, f := range fs {
		v, err := r.b.View(r.ctx, f.id)
		r.must(err)
		if v.Folder.HighestModSeq <= f.modseq || v.Folder.HighestModSeq <= before {
			r.t.Fatalf("MODSEQ %d after %d (account %d)", v.Folder.HighestModSeq, f.modseq, before)
		}
		f.modseq = v.Folder.HighestModSeq
		r.m.modseq = max(r.m.modseq, f.modseq)
	}
	return r.m.modseq
}

func (r *modelRun) add(f *modelFolder, text string, flags Flags) {
	f.messages[f.next] = modelMessage{text: text, flags: flags}
	f.next++
}

func (r *modelRun) stamp(f *modelFolder, modseq uint64, uids ...uint32) {
	for _, uid := range uids {
		e := f.messages[uid]
		e.modseq = modseq
		f.messages[uid] = e
	}
}

func (r *modelRun) deliver(t *rapid.T) {
	text := letter("s", fmt.Sprint(rapid.IntRange(0, 1e6).Draw(t, "text")))
	name := r.name(t)
	f := r.m.folders[name]
	flags := someFlags.Draw(t, "flags")
	twice := rapid.Bool().Draw(t, "twice")
	to := []Target{{AccountID: r.account, Folder: name, Flags: flags}}
	if twice {
		to = append(to, to[0])
	}
	d, err := r.b.deliver(r.b.put(text), to...)
	r.must(err)
	for i := range to {
		if d[i].UID != f.next {
			t.Fatalf("UID %d, want %d", d[i].UID, f.next)
		}
		r.add(f, text, flags)
	}
	at := r.changed(f)
	for i := range to {
		r.stamp(f, at, d[i].UID)
	}
	if used, _ := r.m.used(); d[0].OverQuota != (used > r.m.quota) {
		t.Fatalf("over quota %v with %d of %d", d[0].OverQuota, used, r.m.quota)
	}
}

func (r *modelRun) append(t *rapid.T) {
	text := letter("a", fmt.Sprint(rapid.IntRange(0, 1e6).Draw(t, "text")))
	f, flags := r.folder(t), someFlags.Draw(t, "flags")
	uid, validity, err := r.b.Append(r.ctx, f.id, r.b.put(text), flags, time.Unix(1e9, 0))
	used, _ := r.m.used()
	if used+int64(len(text)) > r.m.quota {
		if !fault.Is(err, fault.OverQuota) {
			t.Fatalf("appended beyond the quota: %v", err)
		}
		return
	}
	r.must(err)
	if uid != f.next || validity != f.validity {
		t.Fatalf("UID %d of %d, want %d of %d", uid, validity, f.next, f.validity)
	}
	r.add(f, text, flags)
	r.stamp(f, r.changed(f), uid)
}

func (r *modelRun) flags(t *rapid.T) {
	f, arg := r.folder(t), someFlags.Draw(t, "flags")
	op := FlagOp(rapid.IntRange(0, 2).Draw(t, "op"))
	uids := r.uids(t, f)
	since := uint64(0)
	if rapid.Bool().Draw(t, "conditional") {
		since = rapid.Uint64Range(1, r.m.modseq+1).Draw(t, "since")
	}
	changed, failed, err := r.b.StoreFlags(r.ctx, f.id, uids, op, arg, since)
	r.must(err)
	var wantChanged, wantFailed []uint32
	for _, uid := range uids {
		e, ok := f.messages[uid]
		if !ok {
			continue
		}
		if since > 0 && e.modseq > since {
			wantFailed = append(wantFailed, uid)
			continue
		}
		if now := op.apply(e.flags, arg); !now.same(e.flags) {
			e.flags = now
			f.messages[uid] = e
			wantChanged = append(wantChanged, uid)
		}
	}
	var got []uint32
	for _, e := range changed {
		got = append(got, e.UID)
		if !e.Flags.same(f.messages[e.UID].flags) {
			t.Fatalf("UID %d has %v, want %v", e.UID, e.Flags, f.messages[e.UID].flags)
		}
	}
	if !slices.Equal(got, wantChanged) || !slices.Equal(failed, wantFailed) {
		t.Fatalf("changed %v, failed %v; want %v, %v", got, failed, wantChanged, wantFailed)
	}
	if len(wantChanged) > 0 {
		r.stamp(f, r.changed(f), wantChanged...)
	}
}

func (r *modelRun) copy(t *rapid.T) { r.copyOrMove(t, false) }
func (r *modelRun) move(t *rapid.T) { r.copyOrMove(t, true) }

func (r *modelRun) copyOrMove(t *rapid.T, move bool) {
	from, to := r.folder(t), r.folder(t)
	uids := r.uids(t, from)
	do := r.b.Copy
	if move {
		do = r.b.Move
	}
	var size int64
	var source []uint32
	for _, uid := range uids {
		if e, ok := from.messages[uid]; ok {
			source = append(source, uid)
			size += int64(len(e.text))
		}
	}
	res, err := do(r.ctx, from.id, uids, to.id)
	if used, _ := r.m.used(); !move && size > 0 && used+size > r.m.quota {
		if !fault.Is(err, fault.OverQuota) {
			t.Fatalf("copied beyond the quota: %v", err)
		}
		return
	}
	r.must(err)
	if !slices.Equal(res.Source, source) || len(res.Dest) != len(source) || res.UIDValidity != to.validity {
		t.Fatalf("%+v, want %v", res, source)
	}
	if len(source) == 0 {
		return
	}
	for i, uid := range source {
		e := from.messages[uid]
		if res.Dest[i] != to.next {
			t.Fatalf("UID %d, want %d", res.Dest[i], to.next)
		}
		r.add(to, e.text, e.flags)
	}
	if move {
		for _, uid := range source {
			delete(from.messages, uid)
		}
	}
	at := r.changed(to)
	if move && from != to {
		r.m.modseq = at - 1 // both folders got the same
		r.changed(from)
	}
	r.stamp(to, at, res.Dest...)
}

func (r *modelRun) expunge(t *rapid.T) {
	f := r.folder(t)
	var uids []uint32
	if rapid.Bool().Draw(t, "some") {
		uids = r.uids(t, f)
	}
	gone, modseq, err := r.b.Expunge(r.ctx, f.id, uids)
	r.must(err)
	var want []uint32
	for _, uid := range f.uids() {
		if f.messages[uid].flags.System&Deleted != 0 && (uids == nil || slices.Contains(uids, uid)) {
			want = append(want, uid)
			delete(f.messages, uid)
		}
	}
	if !slices.Equal(gone, want) {
		t.Fatalf("expunged %v, want %v", gone, want)
	}
	if len(want) > 0 {
		if at := r.changed(f); at != modseq {
			t.Fatalf("MODSEQ %d, want %d", modseq, at)
		}
	}
}

// sync brings a folder's client up to date by Changes alone.
func (r *modelRun) sync(t *rapid.T) {
	f := r.folder(t)
	c, err := r.b.Changes(r.ctx, f.id, f.synced)
	r.must(err)
	for _, uid := range c.Vanished {
		if _, there := f.messages[uid]; there || uid >= f.next {
			t.Fatalf("UID %d vanished but is there, or never was", uid)
		}
		delete(f.client, uid)
	}
	for _, e := range c.Changed {
		f.client[e.UID] = e.Flags
	}
	f.synced = c.Folder.HighestModSeq
	if len(f.client) != len(f.messages) {
		t.Fatalf("the client knows %v, there are %v", slices.Sorted(maps.Keys(f.client)), f.uids())
	}
	for uid, e := range f.messages {
		if !f.client[uid].same(e.flags) {
			t.Fatalf("UID %d: the client knows %v, there is %v", uid, f.client[uid], e.flags)
		}
	}
}

// check compares everything.
func (r *modelRun) check(t *rapid.T) {
	folders, err := r.b.Folders(r.ctx, r.account)
	r.must(err)
	if len(folders) != len(r.m.folders) {
		t.Fatalf("%d folders, want %d", len(folders), len(r.m.folders))
	}
	for _, got := range folders {
		want := r.m.folders[got.Name]
		if want == nil || got.ID != want.id || got.UIDValidity != want.validity || got.UIDNext != want.next || int(got.Messages) != len(want.messages) {
			t.Fatalf("%+v, want %+v", got, want)
		}
		v, err := r.b.View(r.ctx, got.ID)
		r.must(err)
		for i, uid := range want.uids() {
			e, m := v.Entries[i], want.messages[uid]
			if e.UID != uid || !e.Flags.same(m.flags) || e.Size != int64(len(m.text)) || e.ModSeq != m.modseq {
				t.Fatalf("%s: %+v, want %d %+v", got.Name, e, uid, m)
			}
		}
	}
	u, err := r.b.Usage(r.ctx, r.account)
	r.must(err)
	if used, n := r.m.used(); u.UsedBytes != used || u.Messages != n {
		t.Fatalf("%+v, want %d bytes in %d", u, used, n)
	}
}
