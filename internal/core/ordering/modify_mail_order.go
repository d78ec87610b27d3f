package ordering

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// ModifyMailOrder is titan.md operation 3. Nil pointers are absent fields: only
// what is present changes.
type ModifyMailOrder struct {
	Order          work.OrderRef
	PartnerOrderID *string
	Plan           *plan.Plan
	Seats          *int       // the new total
	Expiry         *time.Time // 00:00 UTC of expiryDate
	ClearExpiry    bool       // expiryDate "" : only on the free plan or when moving to it
	Payment        billing.PaymentDetails
	BillingCycle   *order.Cycle
	Source         *order.Source
	SourceContext  *string
	Metadata       json.RawMessage // nil = absent; merged key by key
	Action         order.Action    // for reporting only; "" = not given
}

// Modification is a ModifyMailOrder with what no caller may say: only parts that
// sell orders do.
type Modification struct {
	ModifyMailOrder

	Ledgered bool // paid for in our own ledger: no charged amount is told
	Tenure   int  // months that were bought; 0 = unchanged
}

// checkModification applies the rules that need no look-up.
func (s *Service) checkModification(cmd *ModifyMailOrder) error {
	var f work.Fields
	if cmd.PartnerOrderID != nil {
		v := f.Line("order id", *cmd.PartnerOrderID, work.MaxID)
		cmd.PartnerOrderID = &v
	}
	if cmd.Plan != nil {
		f.Plan(s.Catalogue, *cmd.Plan)
	}
	if cmd.BillingCycle != nil {
		cycle(&f, *cmd.BillingCycle)
	}
	if cmd.Source != nil {
		source(&f, *cmd.Source)
	}
	if cmd.SourceContext != nil {
		v := f.Line("source context", *cmd.SourceContext, work.MaxFreeText)
		cmd.SourceContext = &v
	}
	if cmd.Action != "" && !cmd.Action.Valid() {
		f.Failf("The action is unknown")
	}
	if cmd.Expiry != nil && cmd.ClearExpiry {
		f.Failf("An expiry date can't be set and cleared at once")
	}
	cmd.Expiry = expiry(&f, cmd.Expiry)
	payment(&f, &cmd.Payment)
	if f.Err == nil && cmd.Seats != nil {
		f.Err = order.CheckSeats(*cmd.Seats)
	}
	return f.Err
}

// ModifyMailOrder changes what is present in cmd. The fields decide what
// happens; the action only describes it.
func (s *Service) ModifyMailOrder(ctx context.Context, actor audit.Actor, cmd ModifyMailOrder) (*work.OrderState, error) {
	if err := s.checkModification(&cmd); err != nil {
		return nil, err
	}
	var out *work.OrderState
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, work.OpModifyOrder)
		if err != nil {
			return err
		}
		mod := Modification{ModifyMailOrder: cmd}
		mod.Expiry = ofDay(mod.Expiry, o.ExpiresAt)
		out, err = Modify(u, o, &mod, false)
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

// Modify carries out a checked modification and books its payment. bought says
// that the payment is for something besides.
func Modify(u *work.Unit, o *order.Order, cmd *Modification, bought bool) (*work.OrderState, error) {
	before := *o
	if err := applyModification(u, o, cmd); err != nil {
		return nil, err
	}
	lifted := false
	if cmd.Expiry != nil && order.Renews(*cmd.Expiry, u.Now) {
		o.Suspensions, lifted = o.Suspensions.LiftExpiry()
		if err := renewAccounts(u, o); err != nil {
			return nil, err
		}
	}
	if o.Cancelled && (o.ExpiresAt == nil || before.ExpiresAt != nil && o.ExpiresAt.After(*before.ExpiresAt)) {
		o.Cancelled = false // who renews it wants it
	}
	changes := modified(&before, o)
	changed := lifted || len(changes) > 0
	if err := billing.BookPayment(u, o, cmd.Action, cmd.Payment, changed || bought); err != nil {
		return nil, err
	}
	if !changed {
		return u.OrderState(o), nil
	}
	if err := u.SaveOrder(o, before.Status(u.Now)); err != nil {
		return nil, err
	}
	if changes["metadata"] != nil {
		if err := joinHosting(u, o); err != nil {
			return nil, err
		}
	}
	if before.Plan != o.Plan {
		if err := u.Tx.SetMailboxQuota(u.Ctx, o.ID, u.Platform.Catalogue.QuotaBytes(o.Plan)); err != nil {
			return nil, err
		}
	}
	paid := cmd.Payment
	if cmd.Ledgered {
		paid.Charged = u.Charged
	}
	if err := tellPlatformBilled(u, &before, o, paid); err != nil {
		return nil, err
	}
	changes["liftedExpiry"], changes["action"] = lifted, cmd.Action
	return u.OrderState(o), u.Record(o.PartnerID, "mail_order.modify", "order", o.ID, changes)
}

// applyModification puts the fields of cmd into o and checks the result.
func applyModification(u *work.Unit, o *order.Order, cmd *Modification) (err error) {
	if cmd.Plan != nil {
		o.Plan = *cmd.Plan
	}
	terms := u.Platform.Catalogue[o.Plan]
	if terms.Paid && cmd.Payment.Charged == nil && u.Actor.PartnerID != 0 && !cmd.Ledgered {
		p, err := u.Partner(o.PartnerID)
		if err != nil {
			return err
		}
		if !p.Settings.ChargedAmountOptional {
			return work.ErrChargedAmount // T-47
		}
	}
	if cmd.Seats != nil && *cmd.Seats != o.Seats {
		n, err := u.Tx.Counters(u.Ctx, o.ID)
		if err != nil {
			return err
		}
		if err := n.ReducesTo(*cmd.Seats); err != nil {
			return err
		}
		o.Seats = *cmd.Seats
	}
	switch {
	case cmd.ClearExpiry && NeedsExpiry(terms):
		return fault.New(fault.Invalid, "Only the free plan goes without an expiry date")
	case cmd.ClearExpiry:
		o.ExpiresAt = nil
	case cmd.Expiry != nil:
		o.ExpiresAt = cmd.Expiry
	case cmd.Plan != nil && o.ExpiresAt == nil && NeedsExpiry(terms):
		return fault.New(fault.Invalid, "An expiry date is required on paid and trial plans")
	}
	if cmd.PartnerOrderID != nil {
		o.PartnerOrderID = *cmd.PartnerOrderID
	}
	if cmd.BillingCycle != nil {
		o.BillingCycle = string(*cmd.BillingCycle)
	}
	if cmd.Tenure != 0 {
		o.Tenure, o.BillingCycle = cmd.Tenure, string(order.CycleOf(cmd.Tenure))
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
func renewAccounts(u *work.Unit, o *order.Order) error {
	accounts, err := u.Tx.AccountsByOrder(u.Ctx, o.ID, true)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		before := a.Status(u.Now)
		left, lifted := a.Suspensions.LiftExpiry()
		if !lifted {
			continue
		}
		a.Suspensions = left
		if err := u.SaveAccount(o, a, before); err != nil {
			return err
		}
		if err := u.Record(o.PartnerID, "email_account.unsuspend", "account", a.ID, work.Detail{"renewal": true}); err != nil {
			return err
		}
	}
	return nil
}

// modified lists what is different, for the audit log; empty when nothing is.
func modified(a, b *order.Order) work.Detail {
	d := work.Detail{}
	note := func(key string, differ bool, v any) {
		if differ {
			d[key] = v
		}
	}
	note("orderId", a.PartnerOrderID != b.PartnerOrderID, b.PartnerOrderID)
	note("plan", a.Plan != b.Plan, b.Plan)
	note("seats", a.Seats != b.Seats, b.Seats)
	note("expiry", !SameTime(a.ExpiresAt, b.ExpiresAt), event.Date(b.ExpiresAt))
	note("cancelled", a.Cancelled != b.Cancelled, b.Cancelled)
	note("billingCycle", a.BillingCycle != b.BillingCycle, b.BillingCycle)
	note("source", a.Source != b.Source, b.Source)
	note("sourceContext", a.SourceContext != b.SourceContext, b.SourceContext)
	note("currency", a.Currency != b.Currency, b.Currency)
	note("metadata", !bytes.Equal(a.Metadata, b.Metadata), true)
	return d
}

// SameTime reports whether two times are the same, or both are not there.
func SameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// tellPlatformBilled sends the three plan events, which partners that bill
// themselves don't get.
func tellPlatformBilled(u *work.Unit, before, after *order.Order, paid billing.PaymentDetails) error {
	if after.BillingOwner != partner.BilledByPlatform {
		return nil
	}
	c, err := u.CustomerOf(after)
	if err != nil {
		return err
	}
	var amount money.Amount
	if paid.Charged != nil {
		amount = *paid.Charged
	}
	data := event.PlanChanged{
		Subject: event.SubjectOf(after, c),
		Before:  event.PlanConfigOf(before, u.Platform.Catalogue[before.Plan]),
		After:   event.PlanConfigOf(after, u.Platform.Catalogue[after.Plan]),
		Payment: event.PaymentDetails{Amount: amount, Currency: after.Currency},
	}
	renewed := after.ExpiresAt != nil && !SameTime(before.ExpiresAt, after.ExpiresAt) &&
		(before.ExpiresAt == nil || after.ExpiresAt.After(*before.ExpiresAt))
	for _, e := range []struct {
		t     event.Type
		fires bool
	}{
		{event.PlanUpgraded, u.Platform.Catalogue.Upgrades(before.Plan, after.Plan)},
		{event.AccountsPurchased, after.Seats > before.Seats},
		{event.PlanRenewed, renewed},
	} {
		if !e.fires {
			continue
		}
		if err := u.Emit(after, e.t, data); err != nil {
			return err
		}
	}
	return nil
}
