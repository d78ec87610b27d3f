package provision

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// unit is one run of a command or query: its transaction, its actor and the
// moment that all its rules see.
type unit struct {
	ctx   context.Context
	tx    Tx
	s     *Service
	actor audit.Actor
	now   time.Time // the entered partner's time
	real  time.Time // the platform's

	caller   *reseller.Reseller // who acts, when it is a reseller: see reseller_scope.go
	admitted bool               // something that is the actor's own was found: see limit.go

	unannounced int64           // the order that this unit makes and that no event has told of yet: see carry_out.go
	doomed      map[int64]error // waiting actions that can't be carried out: see writeMoney
	charged     *money.Amount   // by the invoice of the action that is carried out: what events tell
	settling    ledger.Party    // whose funds are being spent
	records     []*audit.Record // made and not written yet

	entered int64 // the partner whose time now is; 0 = nobody's yet
	clockID int64 // the entered partner, when it has a clock of its own
}

// newUnit gives a unit in the actor's time. What it writes keeps the calendar, and
// what it reads time and again is remembered.
func (s *Service) newUnit(ctx context.Context, tx Tx, actor audit.Actor, now time.Time) (*unit, error) {
	u := &unit{ctx: ctx, s: s, actor: actor, now: now, real: now}
	u.tx = &calendar{Tx: &memo{Tx: tx}, u: u}
	return u, u.enter(actor.PartnerID)
}

// owns reports whether what belongs to partnerID exists for the actor.
func (u *unit) owns(partnerID int64) bool {
	return u.actor.PartnerID == 0 || u.actor.PartnerID == partnerID
}

// partner gives a partner that must exist.
func (u *unit) partner(id int64) (*partner.Partner, error) {
	p, err := u.tx.Partner(u.ctx, id)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, errPartner
	}
	return p, nil
}

// ownPartner gives the partner that a command is for; a partner's own call may
// leave it out, and to it nobody else exists.
func (u *unit) ownPartner(id int64) (*partner.Partner, error) {
	if id == 0 {
		id = u.actor.PartnerID
	}
	if !u.owns(id) {
		return nil, errPartner
	}
	return u.partner(id)
}

// customerOf gives the customer of an order, which exists as long as the order does.
func (u *unit) customerOf(o *order.Order) (*customer.Customer, error) {
	c, err := u.tx.Customer(u.ctx, o.CustomerID)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, fault.Newf(fault.Internal, "The customer of order %d is missing", o.ID)
	}
	return c, nil
}

// emit writes an event of an order in the transaction of its change.
func (u *unit) emit(o *order.Order, t event.Type, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return fault.Wrap(err)
	}
	id, err := uuid.NewRandomFromReader(u.s.random)
	if err != nil {
		return fault.Unavail("No randomness", err)
	}
	e := &event.Event{
		PublicID: id.String(), PartnerID: o.PartnerID, OrderID: o.ID, Type: t, Data: raw,
		Actor: u.actor.String(), RequestID: u.actor.RequestID, At: u.now,
	}
	if err := u.tx.AppendEvent(u.ctx, e); err != nil {
		return err
	}
	return u.enqueue(e)
}

// detail is what an audit record tells; never a password, key or content.
type detail map[string]any

// record makes the audit record of a change; see keepRecords.
func (u *unit) record(partnerID int64, action, object string, id int64, d detail) error {
	var raw json.RawMessage
	if len(d) > 0 {
		var err error
		if raw, err = json.Marshal(d); err != nil {
			return fault.Wrap(err)
		}
	}
	u.records = append(u.records, &audit.Record{
		PartnerID: partnerID, Actor: u.actor.String(), Address: u.actor.Address, RequestID: u.actor.RequestID,
		Action: action, Object: object, ObjectID: id, Detail: raw, At: u.now,
	})
	if len(u.records) < maxRecords {
		return nil
	}
	return u.keepRecords()
}

// maxRecords is how many audit records wait to be written at once.
const maxRecords = 16

// keepRecords writes the audit records of what was done so far: a command that
// does several things writes them together, before it ends.
func (u *unit) keepRecords() error {
	if len(u.records) == 0 {
		return nil
	}
	err := u.tx.AppendAudit(u.ctx, u.records...)
	u.records = u.records[:0]
	return err
}

// saveOrder writes an order back. If its status is not the one from before, the
// event goes out, and its sessions are looked at again.
func (u *unit) saveOrder(o *order.Order, before order.Status) error {
	o.UpdatedAt = u.now
	if err := u.tx.UpdateOrder(u.ctx, o); err != nil {
		return err
	}
	after := o.Status(u.now)
	if after == before {
		return nil
	}
	c, err := u.customerOf(o)
	if err != nil {
		return err
	}
	if err := u.emit(o, event.MailOrderStatusUpdated, event.OrderStatusUpdated{
		Subject: event.SubjectOf(o, c), OldStatus: before, NewStatus: after, Suspensions: event.Suspensions(o.Suspensions),
	}); err != nil {
		return err
	}
	return u.tx.AccessChanged(u.ctx, o.ID, 0)
}

// saveAccount is saveOrder for an account of o.
func (u *unit) saveAccount(o *order.Order, a *account.Account, before account.Status) error {
	a.UpdatedAt = u.now
	if err := u.tx.UpdateAccount(u.ctx, a); err != nil {
		return err
	}
	after := a.Status(u.now)
	if after == before {
		return nil
	}
	c, err := u.customerOf(o)
	if err != nil {
		return err
	}
	if err := u.emit(o, event.EmailAccountStatusUpdated, event.AccountStatusUpdated{
		Subject: event.SubjectOf(o, c), Email: a.Email(), OldStatus: before, NewStatus: after, Suspensions: event.Suspensions(a.Suspensions),
	}); err != nil {
		return err
	}
	return u.tx.AccessChanged(u.ctx, o.ID, a.ID)
}

// orderState is what a command answers.
func (u *unit) orderState(o *order.Order) *OrderState {
	return &OrderState{OrderID: o.ID, Status: o.Status(u.now), Suspensions: o.Suspensions}
}

func (u *unit) accountState(a *account.Account) *AccountState {
	return &AccountState{AccountID: a.ID, OrderID: a.OrderID, Status: a.Status(u.now), Suspensions: a.Suspensions}
}

// details completes an order whose customer is known; counters may be nil to be counted here.
func (u *unit) details(o *order.Order, c *customer.Customer, counters *order.Counters) (*OrderDetails, error) {
	var err error
	if c == nil {
		if c, err = u.customerOf(o); err != nil {
			return nil, err
		}
	}
	if counters == nil {
		n, err := u.tx.Counters(u.ctx, o.ID)
		if err != nil {
			return nil, err
		}
		counters = &n
	}
	return &OrderDetails{
		Order: o, Status: o.Status(u.now), Customer: c, Counters: *counters,
		Billable: o.Billable(u.s.catalogue), StorageLimitMB: u.s.catalogue[o.Plan].StorageMB,
	}, nil
}
