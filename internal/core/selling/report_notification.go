package selling

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/notification"
	"posthouse/internal/core/order"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// ReportNotification is titan.md operation 24: what a partner tells, and what
// in it means something to us.
type ReportNotification struct {
	Event   notification.Event
	Data    json.RawMessage // kept whole
	Entries int             // of a bulk event's list
	Money   []ReportedMoney // the refunds and credits in it
	SetUp   *ReportedOrder  // whose set-up is complete
}

// ReportedMoney is one refund or credit. A refund needs every field, a credit
// an amount.
type ReportedMoney struct {
	Kind     notification.Kind
	TxnID    string
	Order    ReportedOrder
	Currency string // "" = the partner's
	Amount   *money.Amount
	Tax      *money.Amount
	USD      *money.Amount
}

// ReportedOrder names an order as partners do in notifications. One that is not
// there is no fault (T-41).
type ReportedOrder struct {
	ID             int64
	PartnerOrderID string
	Domain         string
	CustomerID     string
}

// maxNotification bounds what is kept of one report.
const maxNotification = 1 << 20

var (
	errBatch = fault.Newf(fault.Invalid, "A bulk notification has at most %d entries", notification.MaxBatch).WithReason("BATCH_TOO_LARGE")
	errTxn   = fault.New(fault.Conflict, "This paymentTxnId was reported with other data").WithReason("PAYMENT_TXN_MISMATCH")
)

// ReportNotification keeps a report whole, books its refunds and credits and
// sets the set-up flag. It is all or nothing, and a repeat does nothing (T-41).
func (s *Service) ReportNotification(ctx context.Context, actor audit.Actor, cmd ReportNotification) error {
	digest, err := checkNotification(&cmd)
	if err != nil {
		return err
	}
	return WriteMoney(ctx, s.Platform, actor, func(u *work.Unit) error {
		if u.Actor.PartnerID == 0 {
			return fault.New(fault.Invalid, "A notification is a partner's")
		}
		fresh, err := freshBookings(u, cmd.Money)
		if err != nil || len(cmd.Money) > 0 && len(fresh) == 0 {
			return err
		}
		n := &notification.Notification{
			PartnerID: u.Actor.PartnerID, Event: cmd.Event, Data: cmd.Data, Digest: digest,
			RequestID: u.Actor.RequestID, ReceivedAt: u.Now,
		}
		if stored, err := u.Tx.InsertNotification(u.Ctx, n); err != nil || !stored {
			return err
		}
		for _, b := range fresh {
			b.NotificationID = n.ID
			if err := u.Tx.InsertBooking(u.Ctx, b); err != nil {
				return err
			}
			if err := creditBooking(u, b); err != nil {
				return err
			}
		}
		d := work.Detail{"event": n.Event, "bookings": len(fresh)}
		if cmd.SetUp != nil {
			o, err := reportedOrder(u, *cmd.SetUp)
			if err != nil {
				return err
			}
			if o != nil {
				if err := u.Tx.ReportSetup(u.Ctx, o.ID, u.Now); err != nil {
					return err
				}
				d["setUp"] = o.ID
			}
		}
		return u.Record(n.PartnerID, "notification.report", "notification", n.ID, d)
	})
}

// checkNotification applies the rules that need no look-up and gives the digest.
func checkNotification(cmd *ReportNotification) ([]byte, error) {
	if !cmd.Event.Known() {
		return nil, fault.New(fault.Invalid, "The event is unknown")
	}
	if len(cmd.Data) > maxNotification {
		return nil, fault.New(fault.TooLarge, "The data is too large")
	}
	var data map[string]any
	dec := json.NewDecoder(bytes.NewReader(cmd.Data))
	dec.UseNumber() // an amount is not a float
	if err := dec.Decode(&data); err != nil || data == nil {
		return nil, fault.New(fault.Invalid, "The data is not a JSON object")
	}
	canonical, err := json.Marshal(data) // sorts the keys
	if err != nil {
		return nil, fault.Wrap(err)
	}
	if cmd.Entries > notification.MaxBatch {
		return nil, errBatch
	}
	var f work.Fields
	for i := range cmd.Money {
		reportedMoney(&f, &cmd.Money[i])
	}
	sum := sha256.Sum256(append([]byte(cmd.Event+"\n"), canonical...))
	return sum[:], f.Err
}

func reportedMoney(f *work.Fields, m *ReportedMoney) {
	o := &m.Order
	o.PartnerOrderID = f.Line("order id", o.PartnerOrderID, work.MaxID)
	m.Currency = f.Currency(m.Currency)
	if m.Amount == nil {
		f.Failf("The amount is missing")
	}
	if m.Kind == notification.Credit {
		m.TxnID = f.Line("payment transaction id", m.TxnID, work.MaxID)
		o.Domain = f.Line("domain name", o.Domain, work.MaxFreeText)
		o.CustomerID = f.Line("customer id", o.CustomerID, work.MaxID)
		return
	}
	m.TxnID = f.Required("payment transaction id", m.TxnID, work.MaxID)
	o.Domain = f.Required("domain name", o.Domain, work.MaxFreeText)
	o.CustomerID = f.Required("customer id", o.CustomerID, work.MaxID)
	if m.Currency == "" || m.Tax == nil || m.USD == nil {
		f.Failf("A refund needs its currency and all of its amounts")
	}
}

// freshBookings gives what is not booked yet. The same transaction id with
// other data is a conflict, also within one report.
func freshBookings(u *work.Unit, all []ReportedMoney) ([]*notification.Booking, error) {
	if len(all) == 0 {
		return nil, nil
	}
	p, err := u.Partner(u.Actor.PartnerID)
	if err != nil {
		return nil, err
	}
	type key struct {
		kind notification.Kind
		txn  string
	}
	told := make(map[key]*notification.Booking, len(all))
	var fresh []*notification.Booking
	for _, m := range all {
		b := &notification.Booking{
			PartnerID: p.ID, Kind: m.Kind, TxnID: m.TxnID, PartnerOrderID: m.Order.PartnerOrderID, Domain: m.Order.Domain,
			CustomerID: m.Order.CustomerID, Currency: tenancy.Currency(u, p, m.Currency), Amount: billing.AmountText(m.Amount),
			TaxAmount: billing.AmountText(m.Tax), USDAmount: billing.AmountText(m.USD), At: u.Now,
		}
		if m.TxnID != "" {
			k := key{m.Kind, m.TxnID}
			have := told[k]
			if have == nil {
				if have, err = u.Tx.BookingByTxn(u.Ctx, p.ID, m.Kind, m.TxnID); err != nil {
					return nil, err
				}
			}
			if have != nil {
				if !have.Same(b) {
					return nil, errTxn
				}
				continue
			}
			told[k] = b
		}
		o, err := reportedOrder(u, m.Order)
		if err != nil {
			return nil, err
		}
		if o != nil {
			b.OrderID = o.ID
		}
		fresh = append(fresh, b)
	}
	return fresh, nil
}

// reportedOrder finds the actor's order that is meant, nil when there is none.
func reportedOrder(u *work.Unit, r ReportedOrder) (*order.Order, error) {
	if r.ID != 0 || (r.Domain != "" && r.CustomerID != "") {
		o, err := u.Order(work.OrderRef{ID: r.ID, Domain: r.Domain, CustomerID: r.CustomerID}, work.OpReport)
		if err == nil || !fault.Is(err, fault.OrderNotFound) {
			return o, err
		}
	}
	if r.PartnerOrderID == "" || !work.Storable(r.PartnerOrderID) {
		return nil, nil
	}
	found, err := u.Tx.FindOrders(u.Ctx, work.OrderFilter{PartnerID: u.Actor.PartnerID, PartnerOrderID: r.PartnerOrderID}, work.MaxFound)
	if err != nil {
		return nil, err
	}
	for _, o := range found { // newest first
		if o.Status(u.Now) != order.Purged && (r.Domain == "" || o.Domain == r.Domain) {
			return o, nil
		}
	}
	return nil, nil
}

// NotificationFilter selects what a partner has reported, oldest first.
type NotificationFilter struct {
	PartnerID int64
	After     int64
	Limit     int // at most, and by default, 200
}

// Notifications gives what a partner has reported.
func (s *Service) Notifications(ctx context.Context, actor audit.Actor, q NotificationFilter) ([]*notification.Notification, error) {
	return reported(ctx, s, actor, q, work.Tx.Notifications)
}

// Bookings gives the refunds and credits that a partner has reported.
func (s *Service) Bookings(ctx context.Context, actor audit.Actor, q NotificationFilter) ([]*notification.Booking, error) {
	return reported(ctx, s, actor, q, work.Tx.Bookings)
}

func reported[T any](ctx context.Context, s *Service, actor audit.Actor, q NotificationFilter,
	list func(work.Tx, context.Context, int64, int64, int) ([]*T, error),
) ([]*T, error) {
	if q.Limit <= 0 || q.Limit > work.MaxFound {
		q.Limit = work.MaxFound
	}
	var out []*T
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		if !u.Owns(q.PartnerID) {
			return work.ErrPartner
		}
		if _, err := u.Partner(q.PartnerID); err != nil {
			return err
		}
		var err error
		out, err = list(u.Tx, u.Ctx, q.PartnerID, q.After, q.Limit)
		return err
	})
	return out, err
}
