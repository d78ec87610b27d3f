package mailboxes

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
)

// SetMailUserAutoresponder is SetAutoresponder for the mailbox at an address.
func (s *Service) SetMailUserAutoresponder(ctx context.Context, actor audit.Actor, cmd routing.SetAutoresponder) error {
	ref, err := s.mailboxRef(ctx, actor, cmd.Account, work.OpSetAutoresponder)
	if err != nil {
		return err
	}
	cmd.Account = ref
	return routing.New(s.Platform).SetAutoresponder(ctx, actor, cmd)
}

// SetMailUserCatchAll is SetCatchAll for the mailbox at an address.
func (s *Service) SetMailUserCatchAll(ctx context.Context, actor audit.Actor, ref work.AccountRef) error {
	ref, err := s.mailboxRef(ctx, actor, ref, work.OpSetCatchAll)
	if err != nil {
		return err
	}
	return routing.New(s.Platform).SetCatchAll(ctx, actor, ref)
}
