package provision

import (
	"fmt"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/event"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/product"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// carryOut does to an order what an action is for; who pays is settled by then.
// It goes through what the other dialects do, so that they see the same order
// and the same events (resellerclub.md section 7). A change that its order can't
// take is a fault, and then nothing is done.
func (u *unit) carryOut(o *order.Order, c action.Change) error {
	switch c.Type {
	case action.Add:
		return u.carryOutAdd(o, c)
	case action.Renew:
		return u.carryOutRenew(o, c)
	case action.AddEmailAccount:
		return u.carryOutSeats(o, o.Seats+c.Seats, opAddSeats)
	case action.DeleteEmailAccount:
		return u.carryOutSeats(o, o.Seats-c.Seats, opRemoveSeats)
	case action.ChangePlan:
		return u.carryOutPlan(o, c)
	case action.Suspend:
		return u.carryOutSuspend(o, c)
	case action.Unsuspend:
		return u.carryOutUnsuspend(o)
	case action.Delete:
		return u.carryOutDelete(o, c)
	}
	return fault.Newf(fault.Internal, "Nothing carries out an action of type %q", c.Type)
}

// carryOutAdd brings a new order into service; its time begins now. One that
// another dialect brought into service meanwhile has its time already.
func (u *unit) carryOutAdd(o *order.Order, c action.Change) error {
	before := o.Status(u.now)
	if before == order.Active || before == order.Suspended {
		return nil
	}
	if before != order.Pending {
		return errOrderState
	}
	if err := u.bringIntoService(o); err != nil {
		return err
	}
	if c.Basis == action.ByList {
		end := u.endOf(c.Months)
		o.ExpiresAt, o.Tenure, o.BillingCycle = &end, c.Months, string(order.CycleOf(c.Months))
	}
	cust, err := u.customerOf(o)
	if err != nil {
		return err
	}
	if u.unannounced == o.ID { // not known to anybody yet: it is told of once, as it is
		u.unannounced = 0
		o.UpdatedAt = u.now
		if err := u.tx.UpdateOrder(u.ctx, o); err != nil {
			return err
		}
		err = u.emit(o, event.MailOrderCreated, event.NewOrderCreated(o, cust, u.s.catalogue[o.Plan], u.now))
	} else {
		err = u.saveOrder(o, before)
	}
	if err != nil {
		return err
	}
	if err := u.remindDNS(o); err != nil {
		return err
	}
	p, err := u.partner(o.PartnerID)
	if err != nil {
		return err
	}
	if !p.Settings.NoSetupMail {
		if err := u.welcomeOrder(o, cust, nil); err != nil {
			return err
		}
	}
	return u.record(o.PartnerID, "mail_order.start", "order", o.ID, detail{
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
func (u *unit) renewedFrom(o *order.Order) time.Time {
	if o.ExpiresAt == nil || u.now.Sub(*o.ExpiresAt) > u.s.settings.ExpiryToDeletion {
		return u.now.Truncate(time.Second)
	}
	return *o.ExpiresAt
}

// carryOutRenew moves the end, lifts what expiry suspended, and brings back what
// it deleted.
func (u *unit) carryOutRenew(o *order.Order, c action.Change) error {
	if err := u.renewable(o); err != nil {
		return err
	}
	end := order.AddMonths(u.renewedFrom(o), c.Months)
	mod := &ModifyMailOrder{Expiry: &end, Action: "renewOrder", ledgered: true, tenure: c.Months}
	if end.Year() > lastYear {
		return fault.New(fault.Invalid, "The order can't be renewed that far")
	}
	if !o.Live() {
		if err := u.reactivate(o); err != nil {
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
	_, err := u.modify(o, mod, false)
	return err
}

// renewable refuses an order that no renewal is for: one that is not in service
// yet, that somebody had deleted, or that is a trial.
func (u *unit) renewable(o *order.Order) error {
	if !u.s.catalogue[o.Plan].Paid {
		return errOrderState
	}
	switch o.Status(u.now) {
	case order.Active, order.Suspended:
		return nil
	case order.Deleted:
		if !o.Expired {
			return errOrderState
		}
		reason, err := u.refusesReactivation(o)
		if err == nil && reason != "" {
			err = errOrderState.WithReason(reason)
		}
		return err
	case order.Pending:
		return errOrderState
	case order.Purged:
	}
	return errOrder
}

func (u *unit) carryOutSeats(o *order.Order, seats int, op operation) error {
	if err := u.takes(o, op); err != nil {
		return err
	}
	if err := order.CheckSeats(seats); err != nil {
		return err
	}
	mod := &ModifyMailOrder{Seats: &seats, Action: "addAccounts", ledgered: true}
	if op == opRemoveSeats {
		mod.Action = "reduceAccounts"
	}
	_, err := u.modify(o, mod, false)
	return err
}

// takes refuses an operation that the order's state does not take.
func (u *unit) takes(o *order.Order, op operation) error {
	s := o.Status(u.now)
	switch {
	case s == order.Purged:
		return errOrder
	case !op.takesOrder(s):
		return errOrderState
	}
	return nil
}

// carryOutPlan moves an order to another plan. What a trial becomes begins now
// and is paid for as many months; else the end stays.
func (u *unit) carryOutPlan(o *order.Order, c action.Change) error {
	to, err := u.changesTo(o, c.PlanID)
	if err != nil {
		return err
	}
	mod := &ModifyMailOrder{Plan: &to.Plan, Action: "upgradeOrder", ledgered: true}
	if !u.s.catalogue[o.Plan].Paid {
		end := u.endOf(c.Months)
		mod.Expiry, mod.tenure = &end, c.Months
	}
	_, err = u.modify(o, mod, false)
	return err
}

// changesTo gives the plan that an order of a product sold by plans may go to:
// a higher one that is no trial (section 15).
func (u *unit) changesTo(o *order.Order, planID int) (product.Plan, error) {
	sold, _ := product.Find(product.OrDefault(o.ProductKey))
	to, found := sold.PlanByID(planID)
	if !found {
		return to, errPlanID
	}
	if err := u.takes(o, opChangePlan); err != nil {
		return to, err
	}
	paid := u.s.catalogue[o.Plan].Paid
	for _, m := range o.Suspensions {
		if paid || m.Type != suspension.TypeExpiry { // a trial that is over is what is upgraded
			return to, errOrderState
		}
	}
	if !u.s.catalogue.Upgrades(o.Plan, to.Plan) || to.Trial || !paid && to.Plan == plan.Pro {
		return to, errDowngrade
	}
	return to, nil
}

func (u *unit) carryOutSuspend(o *order.Order, c action.Change) error {
	if err := u.takes(o, opSuspendOrder); err != nil {
		return err
	}
	m, err := newSuspension(u.actor, "", c.Note)
	if err != nil {
		return err
	}
	_, err = u.suspendOrders(o, m)
	return err
}

// carryOutUnsuspend lifts what the actor may lift; what then stays is for the
// command to see.
func (u *unit) carryOutUnsuspend(o *order.Order) error {
	if err := u.takes(o, opUnsuspendOrder); err != nil {
		return err
	}
	return u.unsuspendOrder(o, "", "")
}

func (u *unit) carryOutDelete(o *order.Order, c action.Change) error {
	if err := u.takes(o, opDeleteOrder); err != nil || !o.Live() {
		return err
	}
	now, err := u.deleteOrders(o, c.Note, false)
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
		return fmt.Sprintf("Addition of %s for %s for %s", name, o.Domain, months(c.Months))
	case action.Renew:
		return fmt.Sprintf("Renewal of %s for %s for %s", name, o.Domain, months(c.Months))
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

func months(n int) string {
	if n == 1 {
		return "1 month"
	}
	return fmt.Sprintf("%d months", n)
}
