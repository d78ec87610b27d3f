package export

import (
	"context"
	"encoding/json"
	"slices"

	"posthouse/internal/core/mailboxes"
	"posthouse/internal/fault"
)

// checkpoint is up to where a job's files are good, and what comes next.
type checkpoint struct {
	ArchiveBytes  int64  `json:"archiveBytes"`
	ManifestBytes int64  `json:"manifestBytes"`
	FolderID      int64  `json:"folderId"` // the folder that was begun last; those with lower ids are done
	FolderPath    string `json:"folderPath"`
	FolderName    string `json:"folderName"`
	UID           uint32 `json:"uid"` // done up to here
	Folders       int64  `json:"folders"`
	Messages      int64  `json:"messages"`
	// Suspect is the message at which the last attempt failed; when it fails
	// again, it is left out.
	Suspect    *place  `json:"suspect,omitempty"`
	Unreadable []place `json:"unreadable,omitempty"`
}

// place names a message.
type place struct {
	FolderID int64  `json:"folderId"`
	UID      uint32 `json:"uid"`
}

// pause makes a checkpoint when it is time for one, and the end of the attempt
// when it is asked to stop.
func (x *exporting) pause(ctx context.Context) error {
	if x.stopped() != nil {
		if err := x.save(ctx); err != nil {
			return err
		}
		return errStopped
	}
	if x.archive.pending < x.e.cfg.CheckpointBytes && x.e.cfg.Clock.Now().Sub(x.saved) < x.e.cfg.CheckpointEvery {
		return nil
	}
	return x.save(ctx)
}

// save makes a checkpoint: files first, then the row that names them.
func (x *exporting) save(ctx context.Context) (err error) {
	if x.now.ArchiveBytes, err = x.archive.checkpoint(); err != nil {
		return err
	}
	if x.now.ManifestBytes, err = x.manifest.checkpoint(); err != nil {
		return err
	}
	x.durable = x.now
	x.durable.Unreadable = slices.Clone(x.now.Unreadable)
	x.saved = x.e.cfg.Clock.Now()
	p, err := x.progress()
	if err != nil {
		return err
	}
	_, err = x.e.cfg.Core.SaveLegalExport(ctx, job, p)
	return err
}

func (x *exporting) progress() (mailboxes.LegalExportProgress, error) {
	b, err := json.Marshal(x.durable)
	return mailboxes.LegalExportProgress{JobID: x.job.ID, Owner: x.e.owner, Life: x.e.cfg.Lease, Messages: x.durable.Messages, Checkpoint: b}, fault.Wrap(err)
}
