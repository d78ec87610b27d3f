package store

import (
	"context"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
)

const shopOrderColumns = "id, partner_id, customer_id, state, payment, completion, discount_code, created_at, updated_at, deleted_at"

func scanShopOrder(row scanner, o *shop.Order) error {
	return row.Scan(&o.ID, &o.PartnerID, &o.CustomerID, &o.State, &o.Payment, &o.Completion, &o.DiscountCode,
		instant{&o.CreatedAt}, instant{&o.UpdatedAt}, maybe{&o.DeletedAt})
}

const shopItemColumns = "id, shop_order_id, package_id, months, domain, years, free, price, status, failure, mail_order_id, created_at, updated_at"

func scanShopItem(row scanner, i *shop.Item) error {
	return row.Scan(&i.ID, &i.OrderID, &i.PackageID, &i.Months, &i.Domain, &i.Years, &i.Free, &i.Price, &i.Status, &i.Failure, &i.MailOrderID,
		instant{&i.CreatedAt}, instant{&i.UpdatedAt})
}

// InsertShopOrder implements work.Tx.
func (t *tx) InsertShopOrder(ctx context.Context, o *shop.Order) error {
	return t.insert(ctx, &o.ID, `INSERT INTO shop_order (partner_id, customer_id, state, payment, completion, discount_code, created_at, updated_at, deleted_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		o.PartnerID, o.CustomerID, o.State, o.Payment, o.Completion, o.DiscountCode, micros(o.CreatedAt), micros(o.UpdatedAt), microsOrNull(o.DeletedAt))
}

// UpdateShopOrder implements work.Tx.
func (t *tx) UpdateShopOrder(ctx context.Context, o *shop.Order) error {
	return t.update(ctx, "UPDATE shop_order SET state = ?, payment = ?, completion = ?, discount_code = ?, updated_at = ?, deleted_at = ? WHERE id = ?",
		o.State, o.Payment, o.Completion, o.DiscountCode, micros(o.UpdatedAt), microsOrNull(o.DeletedAt), o.ID)
}

// ShopOrder implements work.Tx.
func (t *tx) ShopOrder(ctx context.Context, id int64) (*shop.Order, error) {
	o, err := one(t.QueryRow(ctx, "SELECT "+shopOrderColumns+" FROM shop_order WHERE id = ?", id), scanShopOrder)
	if o == nil || err != nil {
		return nil, err
	}
	return o, t.loadShopItems(ctx, []*shop.Order{o})
}

// ShopOrders implements work.Tx.
func (t *tx) ShopOrders(ctx context.Context, f work.ShopOrderFilter) ([]*shop.Order, error) {
	query, args := "SELECT "+shopOrderColumns+" FROM shop_order WHERE deleted_at IS NULL AND partner_id = ?", []any{f.PartnerID}
	if f.CustomerID != 0 {
		query, args = query+" AND customer_id = ?", append(args, f.CustomerID)
	}
	if f.Pending {
		query += " AND completion = 'pending'"
	}
	list, err := all(ctx, t, scanShopOrder, query+" ORDER BY id LIMIT ? OFFSET ?", append(args, f.Limit, f.Offset)...)
	if err != nil {
		return nil, err
	}
	return list, t.loadShopItems(ctx, list)
}

func (t *tx) loadShopItems(ctx context.Context, orders []*shop.Order) error {
	byID := make(map[int64]*shop.Order, len(orders))
	ids := make([]int64, 0, len(orders))
	for _, o := range orders {
		byID[o.ID] = o
		ids = append(ids, o.ID)
	}
	return chunks(ids, func(marks string, args []any) error {
		list, err := all(ctx, t, scanShopItem, "SELECT "+shopItemColumns+" FROM shop_order_item WHERE shop_order_id IN ("+marks+") ORDER BY id", args...)
		for _, i := range list {
			o := byID[i.OrderID]
			o.Items = append(o.Items, i)
		}
		return err
	})
}

// InsertShopItem implements work.Tx.
func (t *tx) InsertShopItem(ctx context.Context, i *shop.Item) error {
	return t.insert(ctx, &i.ID, `INSERT INTO shop_order_item (shop_order_id, package_id, months, domain, years, free, price, status, failure, mail_order_id,
		created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		i.OrderID, i.PackageID, i.Months, i.Domain, i.Years, i.Free, int64(i.Price), i.Status, i.Failure, i.MailOrderID, micros(i.CreatedAt), micros(i.UpdatedAt))
}

// UpdateShopItem implements work.Tx.
func (t *tx) UpdateShopItem(ctx context.Context, i *shop.Item) error {
	return t.update(ctx, "UPDATE shop_order_item SET status = ?, failure = ?, mail_order_id = ?, updated_at = ? WHERE id = ?",
		i.Status, i.Failure, i.MailOrderID, micros(i.UpdatedAt), i.ID)
}

// RemoveShopItem implements work.Tx.
func (t *tx) RemoveShopItem(ctx context.Context, id int64) error {
	return t.update(ctx, "DELETE FROM shop_order_item WHERE id = ?", id)
}

// PaidInvoices implements work.Tx.
func (t *tx) PaidInvoices(ctx context.Context, customerID int64, offset, limit int) ([]*ledger.Transaction, error) {
	return all(ctx, t, scanTransaction, "SELECT "+transactionColumns+` FROM ledger_transaction WHERE party_kind = 'customer' AND party_id = ? AND type = 'invoice'
		AND balanced_at IS NOT NULL AND cancelled_at IS NULL AND amount <> 0 ORDER BY id LIMIT ? OFFSET ?`, customerID, limit, offset)
}

// OpenInvoices implements work.Tx.
func (t *tx) OpenInvoices(ctx context.Context, customerID int64, offset, limit int) ([]*ledger.Transaction, error) {
	return all(ctx, t, scanTransaction, "SELECT "+transactionColumns+` FROM ledger_transaction WHERE party_kind = 'customer' AND party_id = ? AND unutilised < 0
		AND type = 'invoice' AND cancelled_at IS NULL ORDER BY id LIMIT ? OFFSET ?`, customerID, limit, offset)
}
