package resellerclub

import (
	"context"
	"strconv"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/selling"
)

// Texts of actions that are not carried out yet (sections 4 and 8).
const (
	descPendingPayment = "Your Order is pending payment of the invoice."
	descLocked         = "Order Locked In Processing."
	errorLocked        = "Order Locked for Processing, Please contact Support"
)

// sentStatus is what a reply says of an action that was carried out: as if it
// still went on, since that is what clients know.
var sentStatus = map[action.Type]struct{ status, text string }{
	action.Add:                {"InvoicePaid", "Your Order will be processed by our automatic provisioning system in the next 5-10 minutes."},
	action.Renew:              {"InvoicePaid", "Your Order will be processed by our automatic provisioning system in the next 5-10 minutes."},
	action.AddEmailAccount:    {"InvoicePaid", "Request will be processed in some time."},
	action.ChangePlan:         {"InvoicePaid", "Request will be processed in some time."},
	action.DeleteEmailAccount: {"ExecutionStarted", "Your email account deletion request will be processed shortly."},
	action.Delete:             {"ExecutionStarted", "Your Order deletion request will be processed shortly."},
	action.Suspend:            {"ExecutionStarted", "Your Order suspension request will be processed shortly."},
	action.Unsuspend:          {"ExecutionStarted", "Your Order unsuspension request will be processed shortly."},
}

// actionState gives status, actionstatus and actionstatusdesc of an action.
func actionState(a *action.Action) (status, sent, text string) {
	switch a.Status {
	case action.PendingExecution:
		return "Success", string(a.Status), descPendingPayment
	case action.InvoicePaid: // the reseller is short of funds
		return "InvoicePaid", string(a.Status), descLocked
	case action.Failed, action.Cancelled:
		return string(a.Status), string(a.Status), a.StatusText
	case action.Success:
	}
	s := sentStatus[a.Type]
	return "Success", s.status, s.text
}

// locked reports whether an action waits for the reseller's own funds.
func locked(p *selling.Purchased) bool { return p.Action.Status == action.InvoicePaid }

// actionReply is the flat map of 7.1, whatever the invoice option.
func actionReply(p *selling.Purchased) object {
	a := p.Action
	status, sent, text := actionState(a)
	var out object
	out.id("entityid", a.OrderID)
	out.set("description", p.Order.Domain)
	out.set("actionstatus", sent)
	out.set("actionstatusdesc", text)
	out.set("actiontypedesc", a.Description)
	out.set("status", status)
	out.id("eaqid", a.ID)
	out.set("actiontype", string(a.Type))
	if i := p.Invoice; i != nil {
		out.id("invoiceid", i.ID)
		out.set("sellingcurrencysymbol", i.Currency)
		out.value("sellingamount", i.Amount)
		out.value("unutilisedsellingamount", i.Unutilised)
		out.id("customerid", a.CustomerID)
	}
	if locked(p) {
		out.set("error", errorLocked)
	}
	return out
}

// seatsReply is one of the three shapes of 7.3.
func seatsReply(p *selling.Purchased) object {
	flat := actionReply(p)
	switch {
	case p.Invoice == nil, locked(p):
		return flat
	case p.Action.Status == action.PendingExecution:
		var out object
		out.set("customercost", p.Cost.Cents())
		out.id("eaqid", p.Action.ID)
		out.id("customerid", p.Action.CustomerID)
		out.id("invoiceid", p.Invoice.ID)
		return out
	}
	return object{{strconv.FormatInt(p.Invoice.ID, 10), flat}}
}

// carryOut gives a command about an order to the core, unless a parameter is
// wrong, and answers with its action.
func carryOut[C any](ctx context.Context, c *call, p *params, cmd C, do func(context.Context, audit.Actor, C) (*selling.Purchased, error)) (any, error) {
	if err := p.fault(); err != nil {
		return nil, err
	}
	done, err := do(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	return actionReply(done), nil
}
