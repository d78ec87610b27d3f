package basekit

import (
	"context"
	"net/http"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
)

// orderCore is the part of section 7 by which an account domain comes into being (B-15).
type orderCore interface {
	CreateShopOrder(ctx context.Context, actor audit.Actor, cmd retail.CreateShopOrder) (*shop.Order, error)
	AddShopOrderItem(ctx context.Context, actor audit.Actor, cmd retail.AddShopOrderItem) (*shop.Item, error)
	RemoveShopOrderItem(ctx context.Context, actor audit.Actor, orderID, itemID int64) error
	DeleteShopOrder(ctx context.Context, actor audit.Actor, id int64) error
	ModifyShopOrder(ctx context.Context, actor audit.Actor, cmd retail.ModifyShopOrder) (*shop.Order, error)
	ModifyShopOrderItem(ctx context.Context, actor audit.Actor, cmd retail.ModifyShopOrderItem) (*shop.Item, error)
	ShopOrders(ctx context.Context, actor audit.Actor, f work.ShopOrderFilter) ([]*shop.Order, error)
	ShopOrder(ctx context.Context, actor audit.Actor, id int64) (*shop.Order, error)
}

// Lists of orders and invoices.
const (
	usualOrders = 20
	mostOrders  = 500
)

func orderOperations() []*operation {
	paged := []param{{name: "limit", kind: "integer"}, {name: "offset", kind: "integer"}}
	return []*operation{
		{method: http.MethodPost, path: "/orders", section: "7", status: http.StatusCreated, serve: createOrder, params: []param{
			{name: "accountHolderRef", kind: "integer", required: true}, {name: "discountCode", kind: "string"},
		}},
		{method: http.MethodGet, path: "/orders", section: "7", serve: listOrders, params: paged},
		{method: http.MethodGet, path: "/orders/:ref", section: "7", serve: getOrder},
		{method: http.MethodPut, path: "/orders/:ref", section: "7", serve: putOrder, params: []param{
			{name: "state", kind: "string"}, {name: "paymentStatus", kind: "string"}, {name: "completionStatus", kind: "string"}, {name: "removeDiscount", kind: "flag"},
		}},
		{method: http.MethodDelete, path: "/orders/:ref", section: "7", status: http.StatusNoContent, serve: deleteOrder},
		{method: http.MethodGet, path: "/orders/:ref/items", section: "7", serve: listItems},
		{method: http.MethodPost, path: "/orders/:ref/items", section: "7", status: http.StatusCreated, serve: addItem, params: []param{
			{name: "packageRef", kind: "integer", required: true}, {name: "billingPeriodMonths", kind: "integer", required: true}, {name: "domainName", kind: "string"},
			{name: "registrationDuration", kind: "integer"}, {name: "isFree", kind: "flag"},
		}},
		{method: http.MethodPut, path: "/orders/:ref/items/:itemRef", section: "7", serve: putItem, params: []param{{name: "status", kind: "string", required: true}}},
		{method: http.MethodDelete, path: "/orders/:ref/items/:itemRef", section: "7", status: http.StatusNoContent, serve: deleteItem},
		{method: http.MethodGet, path: "/users/:ref/orders", section: "6", serve: listHolderOrders, params: paged},
		{method: http.MethodGet, path: "/users/:ref/orders/pending", section: "6", serve: listPendingOrders, params: paged},
	}
}

func createOrder(ctx context.Context, c *call, in *input) (any, error) {
	in.need("accountHolderRef")
	cmd := retail.CreateShopOrder{CustomerID: in.ref("accountHolderRef"), DiscountCode: in.text("discountCode")}
	if err := in.fault(); err != nil {
		return nil, err
	}
	o, err := c.door.core.CreateShopOrder(ctx, c.actor, cmd)
	if err != nil {
		return nil, refused(err, faultsOfHolder, faultsOfOrder)
	}
	return object{"order": orderObject(c, o)}, nil
}

func listOrders(ctx context.Context, c *call, in *input) (any, error) {
	return c.orders(ctx, in, work.ShopOrderFilter{})
}

func listHolderOrders(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	return c.orders(ctx, in, work.ShopOrderFilter{CustomerID: ref})
}

func listPendingOrders(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	return c.orders(ctx, in, work.ShopOrderFilter{CustomerID: ref, Pending: true})
}

func (c *call) orders(ctx context.Context, in *input, f work.ShopOrderFilter) (any, error) {
	f.Limit, f.Offset = in.page(usualOrders, mostOrders)
	if err := in.fault(); err != nil {
		return nil, err
	}
	all, err := c.door.core.ShopOrders(ctx, c.actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]object, 0, len(all))
	for _, o := range all {
		out = append(out, orderObject(c, o))
	}
	return object{"orders": out}, nil
}

func getOrder(ctx context.Context, c *call, in *input) (any, error) {
	o, err := c.order(ctx, in)
	if err != nil {
		return nil, err
	}
	return object{"order": orderObject(c, o)}, nil
}

func listItems(ctx context.Context, c *call, in *input) (any, error) {
	o, err := c.order(ctx, in)
	if err != nil {
		return nil, err
	}
	return object{"orderItems": itemObjects(o)}, nil
}

func (c *call) order(ctx context.Context, in *input) (*shop.Order, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	return c.door.core.ShopOrder(ctx, c.actor, ref)
}

// textAs is a field that says one of some words; nil when absent.
func textAs[T ~string](in *input, name string) *T {
	if !in.has(name) {
		return nil
	}
	v := T(in.text(name))
	if v == "" {
		return nil
	}
	return &v
}

func putOrder(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	remove := in.flag("removeDiscount")
	cmd := retail.ModifyShopOrder{
		OrderID: ref, State: textAs[shop.OrderState](in, "state"), Payment: textAs[shop.PaymentStatus](in, "paymentStatus"),
		Completion: textAs[shop.Completion](in, "completionStatus"), RemoveDiscount: remove != nil && *remove,
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	o, err := c.door.core.ModifyShopOrder(ctx, c.actor, cmd)
	if err != nil {
		return nil, refused(err, faultsOfOrder)
	}
	return object{"order": orderObject(c, o)}, nil
}

func deleteOrder(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	return none{}, refused(c.door.core.DeleteShopOrder(ctx, c.actor, ref), faultsOfOrder)
}

func addItem(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	in.need("packageRef")
	in.need("billingPeriodMonths")
	free := in.flag("isFree")
	cmd := retail.AddShopOrderItem{
		OrderID: ref, PackageID: in.ref("packageRef"), Domain: in.text("domainName"), Free: free != nil && *free,
		Months: in.small("billingPeriodMonths"), Years: in.small("registrationDuration"),
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	i, err := c.door.core.AddShopOrderItem(ctx, c.actor, cmd)
	if err != nil {
		return nil, refused(err, faultsOfDomain("domainName"), faultsOfOrder, faultsOfItem)
	}
	return object{"orderItem": itemObject(i)}, nil
}

// small is number of something that is never large: what is beyond any bound
// stays beyond it.
func (in *input) small(name string) int { return int(max(-1, min(in.number(name), 1<<30))) }

func (in *input) orderItem() (order, item int64, err error) {
	if order, err = in.pathRef("ref"); err == nil {
		item, err = in.pathRef("itemRef")
	}
	return order, item, err
}

func putItem(ctx context.Context, c *call, in *input) (any, error) {
	ref, item, err := in.orderItem()
	if err != nil {
		return nil, err
	}
	in.need("status")
	status := in.text("status")
	if err := in.fault(); err != nil {
		return nil, err
	}
	i, err := c.door.core.ModifyShopOrderItem(ctx, c.actor, retail.ModifyShopOrderItem{OrderID: ref, ItemID: item, Status: shop.Completion(status)})
	if err != nil {
		return nil, refused(err, faultsOfDomain("status"), faultsOfMaking)
	}
	return object{"orderItem": itemObject(i)}, nil
}

func deleteItem(ctx context.Context, c *call, in *input) (any, error) {
	ref, item, err := in.orderItem()
	if err != nil {
		return nil, err
	}
	return none{}, refused(c.door.core.RemoveShopOrderItem(ctx, c.actor, ref, item), faultsOfOrder)
}

func orderObject(c *call, o *shop.Order) object {
	zone := c.zone()
	return object{
		"ref": o.ID, "state": string(o.State), "paymentStatus": string(o.Payment), "completionStatus": string(o.Completion), "accountHolderRef": o.CustomerID,
		"discountCode": o.DiscountCode, "created": date(&o.CreatedAt, zone), "updated": date(&o.UpdatedAt, zone), "items": itemObjects(o),
	}
}

func itemObjects(o *shop.Order) []object {
	out := make([]object, 0, len(o.Items))
	for _, i := range o.Items {
		out = append(out, itemObject(i))
	}
	return out
}

func itemObject(i *shop.Item) object {
	return object{
		"ref": i.ID, "status": string(i.Status), "packageRef": i.PackageID, "billingPeriodMonths": i.Months, "domainName": textOrNull(i.Domain),
		"registrationDuration": i.Years, "isFree": digit(i.Free), "price": cents(i.Price), "accountDomainRef": refOrNull(i.MailOrderID), "failureMessage": textOrNull(i.Failure),
	}
}
