package outbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
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
	case !work.Storable(cmd.EventID):
		return 0, work.ErrEvent
	}
	var n int
	err := s.Write(ctx, actor, func(u *work.Unit) (err error) {
		if byID {
			n, err = replayEvent(u, cmd)
		} else {
			n, err = replayRange(u, cmd)
		}
		return err
	})
	return n, err
}

func replayEvent(u *work.Unit, cmd ReplayEvents) (int, error) {
	e, err := u.Tx.EventByPublicID(u.Ctx, cmd.EventID)
	if err != nil {
		return 0, err
	}
	if e == nil || !u.Owns(e.PartnerID) || (cmd.PartnerID != 0 && cmd.PartnerID != e.PartnerID) {
		return 0, work.ErrEvent
	}
	endpoints, err := replayed(u, e.PartnerID, cmd.EndpointID)
	if err != nil {
		return 0, err
	}
	endpoints = slices.DeleteFunc(slices.Clone(endpoints), func(w *webhook.Endpoint) bool { return !slices.Contains(w.Format.Types(), e.Type) })
	for _, w := range endpoints {
		if err := again(u, w, e); err != nil {
			return 0, err
		}
	}
	if len(endpoints) == 0 {
		return 0, nil
	}
	return len(endpoints), u.Record(e.PartnerID, "webhook.replay", "event", e.ID, work.Detail{"event": e.PublicID, "webhook": cmd.EndpointID})
}

// again appends an event to a lane unless it waits there.
func again(u *work.Unit, w *webhook.Endpoint, e *event.Event) error {
	waits, err := u.Tx.WebhookWaits(u.Ctx, w.ID, webhook.Lane(e.OrderID, e.CustomerID), e.ID)
	if err != nil || waits {
		return err
	}
	return u.Tx.EnqueueWebhook(u.Ctx, &webhook.Delivery{PartnerID: w.PartnerID, EndpointID: w.ID, OrderID: e.OrderID, CustomerID: e.CustomerID, EventRow: e.ID,
		Replay: true, CreatedAt: u.Real})
}

func replayRange(u *work.Unit, cmd ReplayEvents) (int, error) {
	endpoints, err := replayed(u, cmd.PartnerID, cmd.EndpointID)
	if err != nil || len(endpoints) == 0 {
		return 0, err
	}
	partnerID := endpoints[0].PartnerID
	if err := u.Enter(partnerID); err != nil {
		return 0, err
	}
	from, to := cmd.From.UTC().Truncate(time.Microsecond), cmd.To.UTC().Truncate(time.Microsecond)
	open, err := u.Tx.OpenWebhookReplays(u.Ctx, partnerID, maxReplays)
	if err != nil {
		return 0, err
	}
	if cmd.To.IsZero() {
		to = u.Now.Add(time.Microsecond)
	}
	count, last, err := u.Tx.CountEvents(u.Ctx, partnerID, from, to)
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
		r := &webhook.Replay{PartnerID: partnerID, EndpointID: w.ID, From: from, To: to, LastEvent: last, CursorAt: from, Total: count, CreatedAt: u.Real}
		if err := u.Tx.InsertWebhookReplay(u.Ctx, r); err != nil {
			return 0, err
		}
		open = append(open, r)
		if err := u.Record(partnerID, "webhook.replay", "webhook", w.ID, work.Detail{"from": from, "to": to, "events": count}); err != nil {
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
	if err := work.CheckOperator(actor); err != nil {
		return false, err
	}
	var any bool
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		next, err := u.Tx.NextWebhookReplay(u.Ctx, 0)
		any = next != nil
		return err
	})
	if err != nil || !any {
		return false, err
	}
	turn := s.replayTurn.Load()
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		any = false
		r, err := u.Tx.NextWebhookReplay(u.Ctx, s.replayTurn.Load())
		if err != nil || r == nil {
			return err
		}
		any, turn = true, r.PartnerID
		w, err := u.Tx.Webhook(u.Ctx, r.EndpointID)
		if err != nil {
			return err
		}
		at := u.Real
		if w == nil || w.DeletedAt != nil {
			r.FinishedAt = &at
			return u.Tx.UpdateWebhookReplay(u.Ctx, r)
		}
		events, err := u.Tx.ReplayedEvents(u.Ctx, r, replayStep)
		if err != nil {
			return err
		}
		for _, e := range events {
			r.CursorAt, r.CursorEvent = e.At, e.ID
			if !w.Wants(e.Type, strings.HasPrefix(e.Actor, string(suspension.RolePartner)+"/")) {
				continue
			}
			if err := again(u, w, e); err != nil {
				return err
			}
		}
		if len(events) < replayStep {
			r.FinishedAt = &at
		}
		return u.Tx.UpdateWebhookReplay(u.Ctx, r)
	})
	s.replayTurn.Store(turn)
	return any, err
}
