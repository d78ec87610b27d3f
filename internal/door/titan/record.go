package titan

import (
	"encoding/json"
	"time"

	"posthouse/internal/core/billing"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// record is a decoded request: declared fields only, each of its kind. What is
// absent reads as zero or nil.
type record struct{ cells map[string]cell }

type cell struct {
	text   string
	n      int64
	yes    bool
	date   time.Time
	blank  bool // a Date that is to be cleared
	amount money.Amount
	raw    json.RawMessage
	names  []string
	ids    []int64
	nested *record
}

func (r *record) has(name string) bool { _, ok := r.cells[name]; return ok }

func (r *record) text(name string) string { return r.cells[name].text }

func (r *record) textPtr(name string) *string {
	c, ok := r.cells[name]
	if !ok {
		return nil
	}
	return &c.text
}

func (r *record) id(name string) int64 { return r.cells[name].n }

func (r *record) idPtr(name string) *int64 {
	c, ok := r.cells[name]
	if !ok {
		return nil
	}
	return &c.n
}

func (r *record) count(name string) *int {
	c, ok := r.cells[name]
	if !ok {
		return nil
	}
	n := int(c.n)
	return &n
}

func (r *record) flag(name string) *bool {
	c, ok := r.cells[name]
	if !ok {
		return nil
	}
	return &c.yes
}

func (r *record) flagOr(name string, otherwise bool) bool {
	if f := r.flag(name); f != nil {
		return *f
	}
	return otherwise
}

func (r *record) date(name string) *time.Time {
	c, ok := r.cells[name]
	if !ok || c.blank {
		return nil
	}
	return &c.date
}

func (r *record) cleared(name string) bool { return r.cells[name].blank }

func (r *record) amount(name string) *money.Amount {
	c, ok := r.cells[name]
	if !ok {
		return nil
	}
	return &c.amount
}

func (r *record) raw(name string) json.RawMessage { return r.cells[name].raw }

func (r *record) names(name string) []string { return r.cells[name].names }

func (r *record) ids(name string) []int64 { return r.cells[name].ids }

func (r *record) nested(name string) *record { return r.cells[name].nested }

// order gives what names the order (T-07).
func (r *record) order() (work.OrderRef, error) {
	ref := work.OrderRef{
		ID: r.id("titanOrderId"), Domain: r.text("domainName"), CustomerID: r.text("customerId"), ServiceID: r.id("serviceId"),
	}
	if ref.ID == 0 && (ref.Domain == "" || ref.CustomerID == "") && ref.ServiceID == 0 {
		return ref, missing("titanOrderId")
	}
	return ref, nil
}

// account gives what names an account in an order.
func (r *record) account() (work.AccountRef, error) {
	ref, err := r.order()
	return work.AccountRef{Order: ref, AccountID: r.id("titanAccountId"), Email: r.text("email")}, err
}

func (r *record) payment() billing.PaymentDetails {
	return billing.PaymentDetails{
		TxnID: r.text("paymentTxnId"), Currency: r.text("currency"),
		Charged: r.amount("chargedAmount"), ChargedUSD: r.amount("chargedUSDAmount"),
		Discount: r.amount("discountAmount"), Tax: r.amount("taxAmount"),
	}
}

func missing(field string) error {
	return fault.Newf(fault.Invalid, "Missing required field %s", field).WithReason("MISSING_FIELD")
}

func invalid(field, want string) error {
	return fault.Newf(fault.Invalid, "Field %s must be %s", field, want).WithReason("INVALID_FIELD")
}
