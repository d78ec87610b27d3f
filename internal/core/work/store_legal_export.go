package work

import (
	"context"
	"time"

	"posthouse/internal/core/legalexport"
)

// LegalExportTx keeps the jobs of legal exports.
type LegalExportTx interface {
	InsertLegalExport(ctx context.Context, j *legalexport.Job) error
	UpdateLegalExport(ctx context.Context, j *legalexport.Job) error
	LegalExport(ctx context.Context, id int64) (*legalexport.Job, error)
	// LegalExports gives an account's jobs, the newest first.
	LegalExports(ctx context.Context, accountID int64) ([]*legalexport.Job, error)
	// NextLegalExport gives the oldest job that may be run at now, of the partner
	// that follows after afterPartner and has none running, or of the first such.
	NextLegalExport(ctx context.Context, afterPartner int64, now time.Time) (*legalexport.Job, error)
	// ReleaseLegalExports ends all leases.
	ReleaseLegalExports(ctx context.Context) error
}
