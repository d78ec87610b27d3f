package selling

import (
	"fmt"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/event"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/product"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// carryOut does to an order what an action is for; who pays is settled by then.
// It goes through what the other dialects do, so that they see the same order
// and the same events (resellerclub.md section 7). A change that its order can't
// take is a fault, and then nothing is done.
func carryOut(u *work.Unit, o *order.Order, c action.Change) error {
	switch c.Type {
	case action.Add:
		return carryOutAdd(u, o, c)
	case action.Renew:
		return carryOutRenew(u, o, c)
	case action.AddEmailAccount:
		return carryOutSeats(u, o, o.Seats+c.Seats, work.OpAddSeats)
	case action.DeleteEmailAccount:
		return carryOutSeats(u, o, o.Seats-c.Seats, work.OpRemoveSeats)
	case action.ChangePlan:
		return carryOutPlan(u, o, c)
	case action.Suspend:
		return carryOutSuspend(u, o, c)
	case action.Unsuspend:
		return carryOutUnsuspend(u, o)
	case action.Delete:
		return carryOutDelete(u, o, c)
	}
	return fault.Newf(fault.Internal, "Nothing carries out an action of type %q", c.Type)
}

// carryOutAdd brings a new order into service; its time begins now. One that
// another dialect brought into service meanwhile has its time already.
func carryOutAdd(u *work.Unit, o *order.Order, c action.Change) error {
	before := o.Status(u.Now)
	if before == order.Active || before == order.Suspended {
		return nil
	}
	if before != order.Pending {
		return work.ErrOrderState
	}
	if err := ordering.BringIntoService(u, o); err != nil {
		return err
	}
	if c.Basis == action.ByList {
		end := EndOf(u, c.Months)
		o.ExpiresAt, o.Tenure, o.BillingCycle = &end, c.Months, string(order.CycleOf(c.Months))
	}
	cust, err := u.CustomerOf(o)
	if err != nil {
		return err
	}
	if u.Unannounced == o.ID { // not known to anybody yet: it is told of once, as it is
		u.Unannounced = 0
		o.UpdatedAt = u.Now
		if err := u.Tx.UpdateOrder(u.Ctx, o); err != nil {
			return err
		}
		err = u.Emit(o, event.MailOrderCreated, event.NewOrderCreated(o, cust, u.Platform.Catalogue[o.Plan], u.Now))
	} else {
		err = u.SaveOrder(o, before)
	}
	if err != nil {
		return err
	}
	if err := dnssetup.RemindDNS(u, o); err != nil {
		return err
	}
	p, err := u.Partner(o.PartnerID)
	if err != nil {
		return err
	}
	if !p.Settings.NoSetupMail {
		if err := mailboxes.WelcomeOrder(u, o, cust, nil); err != nil {
			return err
		}
	}
	return u.Record(o.PartnerID, "mail_order.start", "order", o.ID, work.Detail{
		"from": before, "months": c.Months, "expiry": event.Date(o.ExpiresAt), "serviceable": o.Serviceable,
	})
}

// invoiced gives what a customer is charged for an action, nil for nothing.
func invoiced(t *ledger.Transaction) (*money.Amount, error) {
	if t == nil || t.CancelledAt != nil {
		return nil, nil
	}
	sum, err := money.Parse((-t.Amount).Cents())
	return &sum, err
}

// renewedFrom is what a renewal counts from: the old end, or now when it is over
// for longer than an expired order is kept (section 7.2).
func renewedFrom(u *work.Unit, o *order.Order) time.Time {
	if o.ExpiresAt == nil || u.Now.Sub(*o.ExpiresAt) > u.Platform.Settings.ExpiryToDeletion {
		return u.Now.Truncate(time.Second)
	}
	return *o.ExpiresAt
}

// carryOutRenew moves the end, lifts what expiry suspended, and brings back what
// it deleted.
func carryOutRenew(u *work.Unit, o *order.Order, c action.Change) error {
	if err := renewable(u, o); err != nil {
		return err
	}
	end := order.AddMonths(renewedFrom(u, o), c.Months)
	mod := &ordering.Modification{Ledgered: true, Tenure: c.Months}
	mod.Expiry, mod.Action = &end, "renewOrder"
	if end.Year() > ordering.LastYear {
		return fault.New(fault.Invalid, "The order can't be renewed that far")
	}
	if !o.Live() {
		if err := ordering.Reactivate(u, o); err != nil {
			return err
		}
	}
	if c.Seats > 0 {
		seats := o.Seats + c.Seats
		if err := order.CheckSeats(seats); err != nil {
			return err
		}
		mod.Seats, mod.Action = &seats, "renewAndAddAccounts"
	}
	if c.AutoRenew != nil {
		o.AutoRenew = *c.AutoRenew
	}
	_, err := ordering.Modify(u, o, mod, false)
	return err
}

// renewable refuses an order that no renewal is for: one that is not in service
// yet, that somebody had deleted, or that is a trial.
func renewable(u *work.Unit, o *order.Order) error {
	if !u.Platform.Catalogue[o.Plan].Paid {
		return work.ErrOrderState
	}
	switch o.Status(u.Now) {
	case order.Active, order.Suspended:
		return nil
	case order.Deleted:
		if !o.Expired {
			return work.ErrOrderState
		}
		reason, err := ordering.RefusesReactivation(u, o)
		if err == nil && reason != "" {
			err = work.ErrOrderState.WithReason(reason)
		}
		return err
	case order.Pending:
		return work.ErrOrderState
	case order.Purged:
	}
	return work.ErrOrder
}

func carryOutSeats(u *work.Unit, o *order.Order, seats int, op work.Operation) error {
	if err := takes(u, o, op); err != nil {
		return err
	}
	if err := order.CheckSeats(seats); err != nil {
		return err
	}
	mod := &ordering.Modification{Ledgered: true}
	mod.Seats, mod.Action = &seats, "addAccounts"
	if op == work.OpRemoveSeats {
		mod.Action = "reduceAccounts"
	}
	_, err := ordering.Modify(u, o, mod, false)
	return err
}

// takes refuses an operation that the order's state does not take.
func takes(u *work.Unit, o *order.Order, op work.Operation) error {
	s := o.Status(u.Now)
	switch {
	case s == order.Purged:
		return work.ErrOrder
	case !op.TakesOrder(s):
		return work.ErrOrderState
	}
	return nil
}

// carryOutPlan moves an order to another plan. What a trial becomes begins now
// and is paid for as many months; else the end stays.
func carryOutPlan(u *work.Unit, o *order.Order, c action.Change) error {
	to, err := changesTo(u, o, c.PlanID)
	if err != nil {
		return err
	}
	mod := &ordering.Modification{Ledgered: true}
	mod.Plan, mod.Action = &to.Plan, "upgradeOrder"
	if !u.Platform.Catalogue[o.Plan].Paid {
		end := EndOf(u, c.Months)
		mod.Expiry, mod.Tenure = &end, c.Months
	}
	_, err = ordering.Modify(u, o, mod, false)
	return err
}

// changesTo gives the plan that an order of a product sold by plans may go to:
// a higher one that is no trial (section 15).
func changesTo(u *work.Unit, o *order.Order, planID int) (product.Plan, error) {
	sold, _ := product.Find(product.OrDefault(o.ProductKey))
	to, found := sold.PlanByID(planID)
	if !found {
		return to, work.ErrPlanID
	}
	if err := takes(u, o, work.OpChangePlan); err != nil {
		return to, err
	}
	paid := u.Platform.Catalogue[o.Plan].Paid
	for _, m := range o.Suspensions {
		if paid || m.Type != suspension.TypeExpiry { // a trial that is over is what is upgraded
			return to, work.ErrOrderState
		}
	}
	if !u.Platform.Catalogue.Upgrades(o.Plan, to.Plan) || to.Trial || !paid && to.Plan == plan.Pro {
		return to, work.ErrDowngrade
	}
	return to, nil
}

func carryOutSuspend(u *work.Unit, o *order.Order, c action.Change) error {
	if err := takes(u, o, work.OpSuspendOrder); err != nil {
		return err
	}
	m, err := work.NewSuspension(u.Actor, "", c.Note)
	if err != nil {
		return err
	}
	_, err = ordering.SuspendOrders(u, o, m)
	return err
}

// carryOutUnsuspend lifts what the actor may lift; what then stays is for the
// command to see.
func carryOutUnsuspend(u *work.Unit, o *order.Order) error {
	if err := takes(u, o, work.OpUnsuspendOrder); err != nil {
		return err
	}
	return ordering.UnsuspendOrder(u, o, "", "")
}

func carryOutDelete(u *work.Unit, o *order.Order, c action.Change) error {
	if err := takes(u, o, work.OpDeleteOrder); err != nil || !o.Live() {
		return err
	}
	now, err := ordering.DeleteOrders(u, o, c.Note, false)
	if err == nil {
		*o = *now
	}
	return err
}

// describeAction gives actiontypedesc of a change of o.
func describeAction(o *order.Order, c action.Change) string {
	sold, _ := product.Find(product.OrDefault(o.ProductKey))
	name := sold.Name + " 1" // so the vendor calls what is sold by seats
	if len(sold.Plans) > 0 {
		name = sold.Name
		if p, ok := sold.PlanOf(o.Plan); ok {
			name += " " + p.Name
		}
	}
	switch c.Type {
	case action.Add:
		if c.Months == 0 {
			return fmt.Sprintf("Addition of %s for %s", name, o.Domain)
		}
		return fmt.Sprintf("Addition of %s for %s for %s", name, o.Domain, work.Months(c.Months))
	case action.Renew:
		return fmt.Sprintf("Renewal of %s for %s for %s", name, o.Domain, work.Months(c.Months))
	case action.AddEmailAccount:
		if c.Seats == 1 {
			return "Addition of 1 email account for " + o.Domain
		}
		return fmt.Sprintf("Addition of %d email accounts for %s", c.Seats, o.Domain)
	case action.DeleteEmailAccount: // plural even for one
		return fmt.Sprintf("Deletion of %d email accounts for %s", c.Seats, o.Domain)
	case action.ChangePlan:
		to, _ := sold.PlanByID(c.PlanID)
		return fmt.Sprintf("Change of %s for %s to %s", name, o.Domain, to.Name)
	case action.Suspend:
		return fmt.Sprintf("Suspension of %s for %s", name, o.Domain)
	case action.Unsuspend:
		return fmt.Sprintf("Unsuspension of %s for %s", name, o.Domain)
	case action.Delete:
		return fmt.Sprintf("Deletion of %s for %s", name, o.Domain)
	}
	return string(c.Type)
}
