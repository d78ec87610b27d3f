package notices

import (
	"context"

	"posthouse/internal/core/outbox"
)

// quotaStep is how many mailboxes one step looks at.
const quotaStep = 500

// runQuotas watches quotas until ctx ends.
func (s *Service) runQuotas(ctx context.Context) {
	if s.cfg.Mailboxes == nil {
		return
	}
	for {
		t := s.cfg.Clock.NewTimer(s.cfg.QuotaEvery)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C():
		}
		if err := s.watchQuotas(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.ErrorContext(ctx, "quotas can't be watched", "error", err)
		}
	}
}

// watchQuotas goes through all mailboxes once, a bounded step at a time.
func (s *Service) watchQuotas(ctx context.Context) error {
	for after, told := int64(0), 0; ; {
		boxes, err := s.cfg.Mailboxes.Fill(ctx, after, quotaStep)
		if err != nil {
			return err
		}
		if len(boxes) == 0 {
			if told > 0 {
				s.cfg.Log.InfoContext(ctx, "told of full mailboxes", "mailboxes", told)
			}
			return nil
		}
		seen := make([]outbox.QuotaObservation, len(boxes))
		for i, b := range boxes {
			seen[i] = outbox.QuotaObservation{AccountID: b.AccountID, UsedBytes: b.UsedBytes, LimitBytes: b.LimitBytes}
			after = b.AccountID
		}
		n, err := s.cfg.Core.ObserveQuotas(ctx, seen)
		if err != nil {
			return err
		}
		told += n
	}
}
