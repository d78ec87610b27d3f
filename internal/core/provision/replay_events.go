package provision

import (
	"context"
	"slices"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/webhook"
	"posthouse/internal/fault"
)

// ReplayEvents sends events again, under their old ids: one by EventID, or those
// of a range of time, To excluded.
type ReplayEvents struct {
	PartnerID  int64 // a partner's own call may leave it out
	EndpointID int64 // 0 = all of the partner's
	EventID    string
	From, To   time.Time // in the partner's time; a zero To is now
}

// maxReplays bounds a partner's unfinished ranges.
const maxReplays = 20

// ReplayEvents appends events to the lanes of the endpoints and gives how many
// were found, counted once an endpoint. A range is worked off in steps after the
// answer (see StepReplays); the same range asked for while it is under way is
// the same replay. What waits anyway is not sent twice.
//
// A range brings what the endpoint is set to get; an event named by its id is
// sent whatever the endpoint is set to, if its format can tell it.
func (s *Service) ReplayEvents(ctx context.Context, actor audit.Actor, cmd ReplayEvents) (int, error) {
	cmd.EventID = strings.TrimSpace(cmd.EventID)
	byID := cmd.EventID != ""
	switch {
	case byID && !(cmd.From.IsZero() && cmd.To.IsZero()), !byID && cmd.From.IsZero():
		return 0, fault.New(fault.Invalid, "Either an event or a range of time must be named")
	case !byID && !cmd.To.IsZero() && !cmd.From.Before(cmd.To):
		return 0, fault.New(fault.Invalid, "The range of time is empty")
	case !storable(cmd.EventID):
		return 0, errEvent
	}
	var n int
	err := s.write(ctx, actor, func(u *unit) (err error) {
		if byID {
			n, err = u.replayEvent(cmd)
		} else {
			n, err = u.replayRange(cmd)
		}
		return err
	})
	return n, err
}

func (u *unit) replayEvent(cmd ReplayEvents) (int, error) {
	e, err := u.tx.EventByPublicID(u.ctx, cmd.EventID)
	if err != nil {
		return 0, err
	}
	if e == nil || !u.owns(e.PartnerID) || (cmd.PartnerID != 0 && cmd.PartnerID != e.PartnerID) {
		return 0, errEvent
	}
	endpoints, err := u.replayed(e.PartnerID, cmd.EndpointID)
	if err != nil {
		return 0, err
	}
	endpoints = slices.DeleteFunc(slices.Clone(endpoints), func(w *webhook.Endpoint) bool { return !slices.Contains(w.Format.Types(), e.Type) })
	for _, w := range endpoints {
		if err := u.again(w, e); err != nil {
			return 0, err
		}
	}
	if len(endpoints) == 0 {
		return 0, nil
	}
	return len(endpoints), u.record(e.PartnerID, "webhook.replay", "event", e.ID, detail{"event": e.PublicID, "webhook": cmd.EndpointID})
}

// again appends an event to a lane unless it waits there.
func (u *unit) again(w *webhook.Endpoint, e *event.Event) error {
	waits, err := u.tx.WebhookWaits(u.ctx, w.ID, webhook.Lane(e.OrderID, e.CustomerID), e.ID)
	if err != nil || waits {
		return err
	}
	return u.tx.EnqueueWebhook(u.ctx, &webhook.Delivery{PartnerID: w.PartnerID, EndpointID: w.ID, OrderID: e.OrderID, CustomerID: e.CustomerID, EventRow: e.ID,
		Replay: true, CreatedAt: u.real})
}

func (u *unit) replayRange(cmd ReplayEvents) (int, error) {
	endpoints, err := u.replayed(cmd.PartnerID, cmd.EndpointID)
	if err != nil || len(endpoints) == 0 {
		return 0, err
	}
	partnerID := endpoints[0].PartnerID
	if err := u.enter(partnerID); err != nil {
		return 0, err
	}
	from, to := cmd.From.UTC().Truncate(time.Microsecond), cmd.To.UTC().Truncate(time.Microsecond)
	open, err := u.tx.OpenWebhookReplays(u.ctx, partnerID, maxReplays)
	if err != nil {
		return 0, err
	}
	if cmd.To.IsZero() {
		to = u.now.Add(time.Microsecond)
	}
	count, last, err := u.tx.CountEvents(u.ctx, partnerID, from, to)
	if err != nil || count == 0 {
		return 0, err
	}
	total := 0
	for _, w := range endpoints {
		total += count
		if underWay(open, w.ID, from, to, cmd.To.IsZero()) {
			continue
		}
		if len(open) >= maxReplays {
			return 0, fault.New(fault.TooMany, "Too many replays are under way")
		}
		r := &webhook.Replay{PartnerID: partnerID, EndpointID: w.ID, From: from, To: to, LastEvent: last, CursorAt: from, Total: count, CreatedAt: u.real}
		if err := u.tx.InsertWebhookReplay(u.ctx, r); err != nil {
			return 0, err
		}
		open = append(open, r)
		if err := u.record(partnerID, "webhook.replay", "webhook", w.ID, detail{"from": from, "to": to, "events": count}); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// underWay reports whether a replay is asked for again while it runs.
func underWay(open []*webhook.Replay, endpointID int64, from, to time.Time, untilNow bool) bool {
	for _, r := range open {
		if r.EndpointID == endpointID && r.From.Equal(from) && (untilNow || r.To.Equal(to)) {
			return true
		}
	}
	return false
}

// replayStep is how many events one transaction of StepReplays looks at.
const replayStep = 200

// StepReplays does a bounded part of a replay under way, of one partner after the
// other and the oldest of each, and reports whether there was any. The cursor moves in the transaction that appends, so
// that a crash repeats nothing. The dispatcher calls it.
func (s *Service) StepReplays(ctx context.Context, actor audit.Actor) (bool, error) {
	if err := checkOperator(actor); err != nil {
		return false, err
	}
	var any bool
	err := s.read(ctx, actor, func(u *unit) error {
		next, err := u.tx.NextWebhookReplay(u.ctx, 0)
		any = next != nil
		return err
	})
	if err != nil || !any {
		return false, err
	}
	turn := s.replayTurn.Load()
	err = s.write(ctx, actor, func(u *unit) error {
		any = false
		r, err := u.tx.NextWebhookReplay(u.ctx, s.replayTurn.Load())
		if err != nil || r == nil {
			return err
		}
		any, turn = true, r.PartnerID
		w, err := u.tx.Webhook(u.ctx, r.EndpointID)
		if err != nil {
			return err
		}
		at := u.real
		if w == nil || w.DeletedAt != nil {
			r.FinishedAt = &at
			return u.tx.UpdateWebhookReplay(u.ctx, r)
		}
		events, err := u.tx.ReplayedEvents(u.ctx, r, replayStep)
		if err != nil {
			return err
		}
		for _, e := range events {
			r.CursorAt, r.CursorEvent = e.At, e.ID
			if !w.Wants(e.Type, strings.HasPrefix(e.Actor, string(suspension.RolePartner)+"/")) {
				continue
			}
			if err := u.again(w, e); err != nil {
				return err
			}
		}
		if len(events) < replayStep {
			r.FinishedAt = &at
		}
		return u.tx.UpdateWebhookReplay(u.ctx, r)
	})
	s.replayTurn.Store(turn)
	return any, err
}
