package work

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
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/webhook"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// Unit is one run of a command or query: its transaction, its actor and the
// moment that all its rules see.
type Unit struct {
	Ctx      context.Context
	Tx       Tx
	Platform *Platform
	Actor    audit.Actor
	Now      time.Time // the entered partner's time
	Real     time.Time // the platform's

	caller   *reseller.Reseller // who acts, when it is a reseller: see reseller_scope.go
	admitted bool               // something that is the actor's own was found: see limit.go

	// Of a unit that sells (selling/carry_out.go, selling/execute.go).
	Unannounced int64           // the order that is being made and that no event has told of yet
	Doomed      map[int64]error // waiting actions that can't be carried out: see selling.WriteMoney
	Charged     *money.Amount   // by the invoice of the action that is carried out: what events tell
	Settling    ledger.Party    // whose funds are being spent

	records []*audit.Record // made and not written yet

	entered int64 // the partner whose time Now is; 0 = nobody's yet
	ClockID int64 // the entered partner, when it has a clock of its own
}

// newUnit gives a unit in the actor's time. What it writes keeps the calendar, and
// what it reads time and again is remembered.
func (p *Platform) newUnit(ctx context.Context, tx Tx, actor audit.Actor, now time.Time) (*Unit, error) {
	u := &Unit{Ctx: ctx, Platform: p, Actor: actor, Now: now, Real: now}
	u.Tx = &calendar{Tx: &memo{Tx: tx}, u: u}
	return u, u.Enter(actor.PartnerID)
}

// Owns reports whether what belongs to partnerID exists for the actor.
func (u *Unit) Owns(partnerID int64) bool {
	return u.Actor.PartnerID == 0 || u.Actor.PartnerID == partnerID
}

// Partner gives a partner that must exist.
func (u *Unit) Partner(id int64) (*partner.Partner, error) {
	p, err := u.Tx.Partner(u.Ctx, id)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, ErrPartner
	}
	return p, nil
}

// OwnPartner gives the partner that a command is for; a partner's own call may
// leave it out, and to it nobody else exists.
func (u *Unit) OwnPartner(id int64) (*partner.Partner, error) {
	if id == 0 {
		id = u.Actor.PartnerID
	}
	if !u.Owns(id) {
		return nil, ErrPartner
	}
	return u.Partner(id)
}

// CustomerOf gives the customer of an order, which exists as long as the order does.
func (u *Unit) CustomerOf(o *order.Order) (*customer.Customer, error) {
	c, err := u.Tx.Customer(u.Ctx, o.CustomerID)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, fault.Newf(fault.Internal, "The customer of order %d is missing", o.ID)
	}
	return c, nil
}

// Emit writes an event of an order in the transaction of its change.
func (u *Unit) Emit(o *order.Order, t event.Type, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return fault.Wrap(err)
	}
	id, err := uuid.NewRandomFromReader(u.Platform.Random)
	if err != nil {
		return fault.Unavail("No randomness", err)
	}
	e := &event.Event{
		PublicID: id.String(), PartnerID: o.PartnerID, OrderID: o.ID, Type: t, Data: raw,
		Actor: u.Actor.String(), RequestID: u.Actor.RequestID, At: u.Now,
	}
	if err := u.Tx.AppendEvent(u.Ctx, e); err != nil {
		return err
	}
	return u.Enqueue(e)
}

// Detail is what an audit record tells; never a password, key or content.
type Detail map[string]any

// Record makes the audit record of a change; see keepRecords.
func (u *Unit) Record(partnerID int64, action, object string, id int64, d Detail) error {
	var raw json.RawMessage
	if len(d) > 0 {
		var err error
		if raw, err = json.Marshal(d); err != nil {
			return fault.Wrap(err)
		}
	}
	u.records = append(u.records, &audit.Record{
		PartnerID: partnerID, Actor: u.Actor.String(), Address: u.Actor.Address, RequestID: u.Actor.RequestID,
		Action: action, Object: object, ObjectID: id, Detail: raw, At: u.Now,
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
func (u *Unit) keepRecords() error {
	if len(u.records) == 0 {
		return nil
	}
	err := u.Tx.AppendAudit(u.Ctx, u.records...)
	u.records = u.records[:0]
	return err
}

// SaveOrder writes an order back. If its status is not the one from before, the
// event goes out, and its sessions are looked at again.
func (u *Unit) SaveOrder(o *order.Order, before order.Status) error {
	o.UpdatedAt = u.Now
	if err := u.Tx.UpdateOrder(u.Ctx, o); err != nil {
		return err
	}
	after := o.Status(u.Now)
	if after == before {
		return nil
	}
	c, err := u.CustomerOf(o)
	if err != nil {
		return err
	}
	if err := u.Emit(o, event.MailOrderStatusUpdated, event.OrderStatusUpdated{
		Subject: event.SubjectOf(o, c), OldStatus: before, NewStatus: after, Suspensions: event.Suspensions(o.Suspensions),
	}); err != nil {
		return err
	}
	return u.Tx.AccessChanged(u.Ctx, o.ID, 0)
}

// SaveAccount is SaveOrder for an account of o.
func (u *Unit) SaveAccount(o *order.Order, a *account.Account, before account.Status) error {
	a.UpdatedAt = u.Now
	if err := u.Tx.UpdateAccount(u.Ctx, a); err != nil {
		return err
	}
	after := a.Status(u.Now)
	if after == before {
		return nil
	}
	c, err := u.CustomerOf(o)
	if err != nil {
		return err
	}
	if err := u.Emit(o, event.EmailAccountStatusUpdated, event.AccountStatusUpdated{
		Subject: event.SubjectOf(o, c), Email: a.Email(), OldStatus: before, NewStatus: after, Suspensions: event.Suspensions(a.Suspensions),
	}); err != nil {
		return err
	}
	return u.Tx.AccessChanged(u.Ctx, o.ID, a.ID)
}

// OrderState is what a command about an order answers.
func (u *Unit) OrderState(o *order.Order) *OrderState {
	return &OrderState{OrderID: o.ID, Status: o.Status(u.Now), Suspensions: o.Suspensions}
}

// AccountState is what a command about an account answers.
func (u *Unit) AccountState(a *account.Account) *AccountState {
	return &AccountState{AccountID: a.ID, OrderID: a.OrderID, Status: a.Status(u.Now), Suspensions: a.Suspensions}
}

// Details completes an order whose customer is known; counters may be nil to be counted here.
func (u *Unit) Details(o *order.Order, c *customer.Customer, counters *order.Counters) (*OrderDetails, error) {
	var err error
	if c == nil {
		if c, err = u.CustomerOf(o); err != nil {
			return nil, err
		}
	}
	if counters == nil {
		n, err := u.Tx.Counters(u.Ctx, o.ID)
		if err != nil {
			return nil, err
		}
		counters = &n
	}
	return &OrderDetails{
		Order: o, Status: o.Status(u.Now), Customer: c, Counters: *counters,
		Billable: o.Billable(u.Platform.Catalogue), StorageLimitMB: u.Platform.Catalogue[o.Plan].StorageMB,
	}, nil
}

// Enqueue puts an event on its way to the partner's endpoints, in the
// transaction of the change.
func (u *Unit) Enqueue(e *event.Event) error {
	endpoints, err := u.Tx.Webhooks(u.Ctx, e.PartnerID)
	if err != nil {
		return err
	}
	own := u.Actor.PartnerID == e.PartnerID && u.Actor.Role == suspension.RolePartner
	for _, w := range endpoints {
		if !w.Wants(e.Type, own) {
			continue
		}
		if err := u.Tx.EnqueueWebhook(u.Ctx, &webhook.Delivery{
			PartnerID: e.PartnerID, EndpointID: w.ID, OrderID: e.OrderID, CustomerID: e.CustomerID, EventRow: e.ID, CreatedAt: u.Real,
		}); err != nil {
			return err
		}
	}
	return nil
}
