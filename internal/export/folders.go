package export

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
)

const (
	pageSize      = 200  // entries read at one time
	maxUnreadable = 1000 // messages that may be left out
)

// folders goes through the account's folders by id, which a rename does not
// change; one that is made meanwhile comes at the end.
func (x *exporting) folders(ctx context.Context) error {
	all, err := x.e.cfg.Mail.Folders(ctx, x.job.AccountID)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b mailstore.Folder) int { return cmp.Compare(a.ID, b.ID) })
	for _, f := range all {
		if f.ID < x.now.FolderID {
			continue
		}
		if f.ID > x.now.FolderID {
			if err := x.beginFolder(f); err != nil {
				return err
			}
		}
		if err := x.folder(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (x *exporting) beginFolder(f mailstore.Folder) error {
	x.now.FolderID, x.now.FolderName, x.now.FolderPath, x.now.UID = f.ID, f.Name, "mail/"+folderPath(f.Name), 0
	x.now.Folders++
	return errors.Join(x.archive.dir(x.root()+"/"+x.now.FolderPath, x.job.CreatedAt), x.manifest.line(folderLine{Kind: "folder", Name: f.Name,
		Path: x.now.FolderPath, UIDValidity: f.UIDValidity, SpecialUse: f.SpecialUse, Subscribed: f.Subscribed}))
}

// folder writes the messages of the present folder that are not written yet.
func (x *exporting) folder(ctx context.Context) error {
	for x.now.UID < 1<<32-1 {
		page, err := x.e.cfg.Mail.Entries(ctx, x.now.FolderID, x.now.UID+1, pageSize)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return x.pause(ctx)
		}
		if err := x.page(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

func (x *exporting) page(ctx context.Context, page []mailstore.Entry) error {
	var readable []mailstore.Entry
	for _, m := range page {
		if !slices.Contains(x.now.Unreadable, place{x.now.FolderID, m.UID}) {
			readable = append(readable, m)
			continue
		}
		// Those before it first: the manifest and the checkpoint go by UID.
		if err := x.messages(ctx, readable); err != nil {
			return err
		}
		readable = readable[:0]
		if err := x.manifest.line(x.line(m, "", "the message can't be read")); err != nil {
			return err
		}
		x.now.UID = m.UID
	}
	return x.messages(ctx, readable)
}

func (x *exporting) messages(ctx context.Context, list []mailstore.Entry) error {
	done := 0
	var ours error // what ended it here, and not in the mail store
	err := x.e.cfg.Mail.Contents(ctx, x.job.AccountID, list, func(i int, c Content) error {
		if c != nil {
			if ours = x.message(list[i], c); ours != nil {
				return ours
			}
		}
		done, x.now.UID = i+1, list[i].UID
		ours = x.pause(ctx)
		return ours
	})
	var bad *readError
	if errors.As(err, &bad) || err != nil && ours == nil && fault.Of(err).Code == fault.Internal && done < len(list) {
		x.suspect(place{x.now.FolderID, list[done].UID})
	}
	return err
}

// readError is a message that can't be read to its end.
type readError struct{ cause error }

func (e *readError) Error() string { return "export: a message can't be read: " + e.cause.Error() }

func (e *readError) Unwrap() error { return e.cause }

// suspect notes at which message an attempt has failed. The second time it is
// the message's fault.
func (x *exporting) suspect(p place) {
	x.learned = len(x.durable.Unreadable) < maxUnreadable
	if x.durable.Suspect != nil && *x.durable.Suspect == p && x.learned {
		x.durable.Suspect = nil
		x.durable.Unreadable = append(slices.Clone(x.durable.Unreadable), p)
		return
	}
	x.durable.Suspect = &p
}

func (x *exporting) message(m mailstore.Entry, c Content) error {
	name := x.now.FolderPath + "/" + strconv.FormatUint(uint64(m.UID), 10) + suffix
	size := c.Size()
	err := x.archive.entry(x.root()+"/"+name, size, m.InternalDate)
	if err == nil {
		var n int64
		if n, err = c.WriteTo(x.archive.tar); err == nil && n != size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil && x.archive.failed == nil {
			err = &readError{err}
		}
	}
	if err = errors.Join(err, c.Close()); err != nil {
		return fault.Wrap(err)
	}
	m.Size = size
	x.now.Messages++
	return x.manifest.line(x.line(m, name, ""))
}

func (x *exporting) line(m mailstore.Entry, file, problem string) messageLine {
	return messageLine{Kind: "message", Folder: x.now.FolderName, UID: m.UID, File: file, Error: problem, Size: m.Size, Flags: flagList(m.Flags),
		InternalDate: m.InternalDate.UTC(), SavedAt: m.SavedAt.UTC()}
}
