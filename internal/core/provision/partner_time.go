package provision

import (
	"context"
	"time"
)

// PartnerTime is what time it is for a partner: the platform's, or a sandbox
// partner's own.
func (s *Service) PartnerTime(ctx context.Context, partnerID int64) (time.Time, error) {
	var out time.Time
	err := s.read(ctx, platform, func(u *unit) error {
		err := u.enter(partnerID)
		out = u.now
		return err
	})
	return out, err
}
