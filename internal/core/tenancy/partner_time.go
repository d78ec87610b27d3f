package tenancy

import (
	"context"
	"time"

	"posthouse/internal/core/work"
)

// PartnerTime is what time it is for a partner: the platform's, or a sandbox
// partner's own.
func (s *Service) PartnerTime(ctx context.Context, partnerID int64) (time.Time, error) {
	var out time.Time
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		err := u.Enter(partnerID)
		out = u.Now
		return err
	})
	return out, err
}
