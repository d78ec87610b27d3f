package provision

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// ModifyMailOrder is titan.md operation 3. Nil pointers are absent fields: only
// what is present changes.
type ModifyMailOrder struct {
	Order          OrderRef
	PartnerOrderID *string
	Plan           *plan.Plan
	Seats          *int       // the new total
	Expiry         *time.Time // 00:00 UTC of expiryDate
	ClearExpiry    bool       // expiryDate "" : only on the free plan or when moving to it
	Payment        PaymentDetails
	BillingCycle   *order.Cycle
	Source         *order.Source
	SourceContext  *string
	Metadata       json.RawMessage // nil = absent; merged key by key
	Action         order.Action    // for reporting only; "" = not given

	ledgered bool // paid for in our own ledger: no charged amount is told
	tenure   int  // months that were bought; 0 = unchanged
}

// checkModification applies the rules that need no look-up.
func (s *Service) checkModification(cmd *ModifyMailOrder) error {
	var f fields
	if cmd.PartnerOrderID != nil {
		v := f.line("order id", *cmd.PartnerOrderID, maxID)
		cmd.PartnerOrderID = &v
	}
	if cmd.Plan != nil {
		f.plan(s.catalogue, *cmd.Plan)
	}
	if cmd.BillingCycle != nil {
		f.cycle(*cmd.BillingCycle)
	}
	if cmd.Source != nil {
		f.source(*cmd.Source)
	}
	if cmd.SourceContext != nil {
		v := f.line("source context", *cmd.SourceContext, maxFreeText)
		cmd.SourceContext = &v
	}
	if cmd.Action != "" && !cmd.Action.Valid() {
		f.failf("The action is unknown")
	}
	if cmd.Expiry != nil && cmd.ClearExpiry {
		f.failf("An expiry date can't be set and cleared at once")
	}
	cmd.Expiry = f.expiry(cmd.Expiry)
	f.payment(&cmd.Payment)
	if f.err == nil && cmd.Seats != nil {
		f.err = order.CheckSeats(*cmd.Seats)
	}
	return f.err
}

// ModifyMailOrder changes what is present in cmd. The fields decide what
// happens; the action only describes it.
func (s *Service) ModifyMailOrder(ctx context.Context, actor audit.Actor, cmd ModifyMailOrder) (*OrderState, error) {
	if err := s.checkModification(&cmd); err != nil {
		return nil, err
	}
	var out *OrderState
	err := s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(cmd.Order, opModifyOrder)
		if err != nil {
			return err
		}
		mod := cmd
		mod.Expiry = ofDay(mod.Expiry, o.ExpiresAt)
		out, err = u.modify(o, &mod, false)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ofDay gives an order's end itself when a date names its day: who knows days
// only and sends the date that it was shown changes nothing.
func ofDay(date, end *time.Time) *time.Time {
	const day = 24 * time.Hour
	if date != nil && end != nil && date.Equal(end.UTC().Truncate(day)) {
		return end
	}
	return date
}

// modify carries out a checked modification and books its payment. bought says
// that the payment is for something besides.
func (u *unit) modify(o *order.Order, cmd *ModifyMailOrder, bought bool) (*OrderState, error) {
	before := *o
	if err := u.applyModification(o, cmd); err != nil {
		return nil, err
	}
	lifted := false
	if cmd.Expiry != nil && order.Renews(*cmd.Expiry, u.now) {
		o.Suspensions, lifted = o.Suspensions.LiftExpiry()
		if err := u.renewAccounts(o); err != nil {
			return nil, err
		}
	}
	if o.Cancelled && (o.ExpiresAt == nil || before.ExpiresAt != nil && o.ExpiresAt.After(*before.ExpiresAt)) {
		o.Cancelled = false // who renews it wants it
	}
	changes := modified(&before, o)
	changed := lifted || len(changes) > 0
	if err := u.book(o, cmd.Action, cmd.Payment, changed || bought); err != nil {
		return nil, err
	}
	if !changed {
		return u.orderState(o), nil
	}
	if err := u.saveOrder(o, before.Status(u.now)); err != nil {
		return nil, err
	}
	if changes["metadata"] != nil {
		if err := u.joinHosting(o); err != nil {
			return nil, err
		}
	}
	if before.Plan != o.Plan {
		if err := u.tx.SetMailboxQuota(u.ctx, o.ID, u.s.catalogue.QuotaBytes(o.Plan)); err != nil {
			return nil, err
		}
	}
	paid := cmd.Payment
	if cmd.ledgered {
		paid.Charged = u.charged
	}
	if err := u.tellPlatformBilled(&before, o, paid); err != nil {
		return nil, err
	}
	changes["liftedExpiry"], changes["action"] = lifted, cmd.Action
	return u.orderState(o), u.record(o.PartnerID, "mail_order.modify", "order", o.ID, changes)
}

// applyModification puts the fields of cmd into o and checks the result.
func (u *unit) applyModification(o *order.Order, cmd *ModifyMailOrder) (err error) {
	if cmd.Plan != nil {
		o.Plan = *cmd.Plan
	}
	terms := u.s.catalogue[o.Plan]
	if terms.Paid && cmd.Payment.Charged == nil && u.actor.PartnerID != 0 && !cmd.ledgered {
		p, err := u.partner(o.PartnerID)
		if err != nil {
			return err
		}
		if !p.Settings.ChargedAmountOptional {
			return errChargedAmount // T-47
		}
	}
	if cmd.Seats != nil && *cmd.Seats != o.Seats {
		n, err := u.tx.Counters(u.ctx, o.ID)
		if err != nil {
			return err
		}
		if err := n.ReducesTo(*cmd.Seats); err != nil {
			return err
		}
		o.Seats = *cmd.Seats
	}
	switch {
	case cmd.ClearExpiry && needsExpiry(terms):
		return fault.New(fault.Invalid, "Only the free plan goes without an expiry date")
	case cmd.ClearExpiry:
		o.ExpiresAt = nil
	case cmd.Expiry != nil:
		o.ExpiresAt = cmd.Expiry
	case cmd.Plan != nil && o.ExpiresAt == nil && needsExpiry(terms):
		return fault.New(fault.Invalid, "An expiry date is required on paid and trial plans")
	}
	if cmd.PartnerOrderID != nil {
		o.PartnerOrderID = *cmd.PartnerOrderID
	}
	if cmd.BillingCycle != nil {
		o.BillingCycle = string(*cmd.BillingCycle)
	}
	if cmd.tenure != 0 {
		o.Tenure, o.BillingCycle = cmd.tenure, string(order.CycleOf(cmd.tenure))
	}
	if cmd.Source != nil {
		o.Source = string(*cmd.Source)
	}
	if cmd.SourceContext != nil {
		o.SourceContext = *cmd.SourceContext
	}
	if cmd.Payment.Currency != "" {
		o.Currency = cmd.Payment.Currency
	}
	if cmd.Metadata != nil {
		o.Metadata, err = order.MergeMetadata(o.Metadata, cmd.Metadata)
	}
	return err
}

// renewAccounts lifts the accounts' own suspensions of type expiry (operation 28).
func (u *unit) renewAccounts(o *order.Order) error {
	accounts, err := u.tx.AccountsByOrder(u.ctx, o.ID, true)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		before := a.Status(u.now)
		left, lifted := a.Suspensions.LiftExpiry()
		if !lifted {
			continue
		}
		a.Suspensions = left
		if err := u.saveAccount(o, a, before); err != nil {
			return err
		}
		if err := u.record(o.PartnerID, "email_account.unsuspend", "account", a.ID, detail{"renewal": true}); err != nil {
			return err
		}
	}
	return nil
}

// modified lists what is different, for the audit log; empty when nothing is.
func modified(a, b *order.Order) detail {
	d := detail{}
	note := func(key string, differ bool, v any) {
		if differ {
			d[key] = v
		}
	}
	note("orderId", a.PartnerOrderID != b.PartnerOrderID, b.PartnerOrderID)
	note("plan", a.Plan != b.Plan, b.Plan)
	note("seats", a.Seats != b.Seats, b.Seats)
	note("expiry", !sameTime(a.ExpiresAt, b.ExpiresAt), event.Date(b.ExpiresAt))
	note("cancelled", a.Cancelled != b.Cancelled, b.Cancelled)
	note("billingCycle", a.BillingCycle != b.BillingCycle, b.BillingCycle)
	note("source", a.Source != b.Source, b.Source)
	note("sourceContext", a.SourceContext != b.SourceContext, b.SourceContext)
	note("currency", a.Currency != b.Currency, b.Currency)
	note("metadata", !bytes.Equal(a.Metadata, b.Metadata), true)
	return d
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// tellPlatformBilled sends the three plan events, which partners that bill
// themselves don't get.
func (u *unit) tellPlatformBilled(before, after *order.Order, paid PaymentDetails) error {
	if after.BillingOwner != partner.BilledByPlatform {
		return nil
	}
	c, err := u.customerOf(after)
	if err != nil {
		return err
	}
	var amount money.Amount
	if paid.Charged != nil {
		amount = *paid.Charged
	}
	data := event.PlanChanged{
		Subject: event.SubjectOf(after, c),
		Before:  event.PlanConfigOf(before, u.s.catalogue[before.Plan]),
		After:   event.PlanConfigOf(after, u.s.catalogue[after.Plan]),
		Payment: event.PaymentDetails{Amount: amount, Currency: after.Currency},
	}
	renewed := after.ExpiresAt != nil && !sameTime(before.ExpiresAt, after.ExpiresAt) &&
		(before.ExpiresAt == nil || after.ExpiresAt.After(*before.ExpiresAt))
	for _, e := range []struct {
		t     event.Type
		fires bool
	}{
		{event.PlanUpgraded, u.s.catalogue.Upgrades(before.Plan, after.Plan)},
		{event.AccountsPurchased, after.Seats > before.Seats},
		{event.PlanRenewed, renewed},
	} {
		if !e.fires {
			continue
		}
		if err := u.emit(after, e.t, data); err != nil {
			return err
		}
	}
	return nil
}
