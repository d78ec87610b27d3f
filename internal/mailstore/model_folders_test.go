package mailstore

import (
	"maps"

	"pgregory.net/rapid"

	"posthouse/internal/fault"
)

func (r *modelRun) create(t *rapid.T) {
	name := rapid.SampledFrom([]string{"x", "x/y", "x/y/z", "Sent/old", "new"}).Draw(t, "name")
	_, err := r.b.CreateFolder(r.ctx, r.account, name, "")
	if r.m.folders[name] != nil {
		if !fault.Is(err, fault.AlreadyExists) {
			t.Fatalf("%s: %v", name, err)
		}
		return
	}
	r.must(err)
	r.learnNew()
	for i := range name + "/" {
		if (name + "/")[i] == '/' && r.m.folders[name[:i]] == nil {
			t.Fatalf("%s is missing", name[:i])
		}
	}
}

func (r *modelRun) delete(t *rapid.T) {
	name := r.name(t)
	err := r.b.DeleteFolder(r.ctx, r.account, name)
	if name == Inbox {
		if !fault.Is(err, fault.Forbidden) {
			t.Fatalf("INBOX deleted: %v", err)
		}
		return
	}
	r.must(err)
	id := r.m.folders[name].id
	delete(r.m.folders, name)
	if _, err := r.b.View(r.ctx, id); !fault.Is(err, fault.NotFound) {
		t.Fatalf("view of a deleted folder: %v", err)
	}
}

func (r *modelRun) rename(t *rapid.T) {
	from := r.name(t)
	to := rapid.SampledFrom([]string{"moved", "moved/deep", "x", "new", "Archive/x"}).Draw(t, "to")
	err := r.b.RenameFolder(r.ctx, r.account, from, to)
	if err != nil {
		if !fault.Is(err, fault.AlreadyExists) && !fault.Is(err, fault.Invalid) {
			t.Fatalf("%v", err)
		}
		return
	}
	if from == Inbox {
		inbox := r.m.folders[Inbox]
		r.learnNew()
		dest := r.m.folders[to]
		for _, uid := range inbox.uids() {
			e := inbox.messages[uid]
			r.add(dest, e.text, e.flags)
			r.stamp(dest, dest.modseq, dest.next-1)
			delete(inbox.messages, uid)
		}
		v, err := r.b.View(r.ctx, inbox.id)
		r.must(err)
		inbox.modseq = v.Folder.HighestModSeq
	} else {
		for name, f := range maps.Clone(r.m.folders) {
			if name == from || under(name, from) {
				delete(r.m.folders, name)
				r.m.folders[to+name[len(from):]] = f
			}
		}
	}
	r.learnNew() // parents that came along
	folders, err := r.b.Folders(r.ctx, r.account)
	r.must(err)
	for _, f := range folders {
		r.m.folders[f.Name].modseq = f.HighestModSeq
		r.m.modseq = max(r.m.modseq, f.HighestModSeq)
	}
}
