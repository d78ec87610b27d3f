package resellerclub

import (
	"context"
	"strconv"
	"strings"

	"posthouse/internal/core/selling"
)

// chainAbove begins every parentkey: the two levels of the vendor above all resellers.
const chainAbove = "999999999_999999998"

func (s productCalls) details(ctx context.Context, c *call, p *params) (any, error) {
	ref := s.ref(p)
	if err := p.fault(); err != nil {
		return nil, err
	}
	o, err := c.door.core.FetchSoldOrder(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return orderDetails(o), nil
}

// orderDetails is 7.7: every key always, whatever the order.
func orderDetails(d *selling.SoldOrder) object {
	o := d.Order
	var out object
	out.id("entityid", o.ID)
	out.id("orderid", o.ID)
	out.set("description", o.Domain)
	out.set("domainname", o.Domain)
	out.set("currentstatus", string(d.Shown))
	out.set("productcategory", d.Product.Category)
	out.set("productkey", string(d.Product.Key))
	out.time("creationtime", o.CreatedAt)
	out.set("endtime", unixText(o.ExpiresAt))
	out.flag("isImmediateReseller", d.Immediate)
	out.set("parentkey", parentKey(d.Seller.Path))
	out.id("customerid", o.CustomerID)
	out.set("emailaccounts", whole(int64(o.Seats)))
	out.flag("isOrderSuspendedUponExpiry", d.SuspendedByExpiry)
	out.flag("orderSuspendedByParent", d.SuspendedByParent)
	out.flag("allowdeletion", !d.SuspendedByParent)
	eaqid := int64(0)
	if d.Pending != nil {
		eaqid = d.Pending.ID
	}
	out.id("eaqid", eaqid)
	out.flag("paused", false)
	out.flag("isDeletionRequest", false)
	out.flag("recurring", o.AutoRenew)
	out.set("customercost", "0.0")
	out.set("resellercost", "0")
	out.set("currentOrderPrice", number("0.0"))
	out.set("orderstatus", list{})
	out.set("jumpConditions", list{})
	out.set("entitytypeid", strconv.Itoa(d.Product.EntityTypeID))
	out.set("actioncompleted", "0")
	out.set("moneybackperiod", "30")
	if d.Pending != nil {
		_, sent, text := actionState(d.Pending)
		out.set("actiontype", string(d.Pending.Type))
		out.set("actionstatus", sent)
		out.set("actionstatusdesc", text)
	}
	return out
}

// parentKey is a chain of resellers, the highest first.
func parentKey(path []int64) string {
	var b strings.Builder
	b.WriteString(chainAbove)
	for _, id := range path {
		b.WriteByte('_')
		b.WriteString(strconv.FormatInt(id, 10))
	}
	return b.String()
}
