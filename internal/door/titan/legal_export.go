package titan

import (
	"context"

	"posthouse/internal/core/legalexport"
)

type legalExportJob struct {
	answered
	JobID string `json:"jobId"`
}

// createLegalExport is operation 40.
func createLegalExport(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.deletedAccount()
	if err != nil {
		return nil, err
	}
	j, err := c.door.core.CreateLegalExport(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return &legalExportJob{JobID: j.PublicID()}, nil
}

type legalExport struct {
	answered
	JobID     string            `json:"jobId"`
	AccountID int64             `json:"titanAccountId"`
	Status    legalexport.State `json:"status"`
	FileName  string            `json:"fileName"`
	URL       *string           `json:"downloadUrl"`
	Size      *int64            `json:"sizeInBytes"`
	CreatedAt *string           `json:"createdAt"`
	ExpiresAt *string           `json:"expiresAt"`
}

func legalExportFields() []Field {
	return []Field{
		{Name: "jobId", Kind: Text}, {Name: "titanAccountId", Kind: Number},
		{Name: "status", Kind: Text, Note: "queued, running, completed, failed or expired"}, {Name: "fileName", Kind: Text},
		{Name: "downloadUrl", Kind: Text, Note: "or null; signed, for 24 hours"}, {Name: "sizeInBytes", Kind: Number, Note: "or null"},
		{Name: "createdAt", Kind: Date}, {Name: "expiresAt", Kind: Date, Note: "or null; 7 days after completion"},
	}
}

// fetchLegalExport is operation 41.
func fetchLegalExport(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.deletedAccount()
	if err != nil {
		return nil, err
	}
	j, err := c.door.core.LegalExport(ctx, c.actor, ref, in.text("jobId"))
	if err != nil {
		return nil, err
	}
	out := &legalExport{JobID: j.PublicID(), AccountID: j.AccountID, Status: j.State, FileName: j.FileName(), CreatedAt: dayOrNull(&j.CreatedAt), ExpiresAt: dayOrNull(j.ExpiresAt)}
	if j.State == legalexport.Completed {
		out.Size = &j.SizeBytes
		if c.door.link != nil {
			url := c.door.link(j.FileName())
			out.URL = &url
		}
	}
	return out, nil
}
