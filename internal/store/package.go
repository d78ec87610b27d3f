package store

import (
	"context"
	"database/sql"
	"errors"

	"posthouse/internal/core/shop"
)

const packageColumns = `id, partner_id, origin, kind, name, active, plan, seats, ending, free, prices, capabilities, details, created_at, updated_at, deleted_at`

func scanPackage(row scanner, p *shop.Package) error {
	return row.Scan(&p.ID, &p.PartnerID, &p.Origin, &p.Kind, &p.Name, &p.Active, &p.Plan, &p.Seats, &p.Ending, &p.Free, fromJSON{&p.Prices},
		fromJSON{&p.Capabilities}, fromJSON{&p.Details}, instant{&p.CreatedAt}, instant{&p.UpdatedAt}, maybe{&p.DeletedAt})
}

// packageArgs are the values that both statements write.
func packageArgs(p *shop.Package) ([]any, error) {
	prices, err := toJSON(p.Prices)
	if err != nil {
		return nil, err
	}
	capabilities, err := toJSON(p.Capabilities)
	if err != nil {
		return nil, err
	}
	details, err := toJSON(p.Details)
	return []any{p.PartnerID, p.Origin, p.Kind, p.Name, p.Active, p.Plan, p.Seats, p.Ending, p.Free, prices, capabilities, details,
		micros(p.CreatedAt), micros(p.UpdatedAt), microsOrNull(p.DeletedAt)}, err
}

// InsertPackage implements work.Tx.
func (t *tx) InsertPackage(ctx context.Context, p *shop.Package) error {
	args, err := packageArgs(p)
	if err != nil {
		return err
	}
	p.ID = 0
	err = t.insert(ctx, &p.ID, `INSERT INTO shop_package (partner_id, origin, kind, name, active, plan, seats, ending, free, prices, capabilities, details,
		created_at, updated_at, deleted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (partner_id, origin) WHERE origin <> '' DO NOTHING RETURNING id`, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// UpdatePackage implements work.Tx.
func (t *tx) UpdatePackage(ctx context.Context, p *shop.Package) error {
	args, err := packageArgs(p)
	if err != nil {
		return err
	}
	return t.update(ctx, `UPDATE shop_package SET partner_id = ?, origin = ?, kind = ?, name = ?, active = ?, plan = ?, seats = ?, ending = ?, free = ?, prices = ?,
		capabilities = ?, details = ?, created_at = ?, updated_at = ?, deleted_at = ? WHERE id = ?`, append(args, p.ID)...)
}

// Package implements work.Tx.
func (t *tx) Package(ctx context.Context, id int64) (*shop.Package, error) {
	return one(t.QueryRow(ctx, "SELECT "+packageColumns+" FROM shop_package WHERE id = ?", id), scanPackage)
}

// Packages implements work.Tx.
func (t *tx) Packages(ctx context.Context, partnerID int64) ([]*shop.Package, error) {
	return all(ctx, t, scanPackage, "SELECT "+packageColumns+" FROM shop_package WHERE partner_id = ? ORDER BY id", partnerID)
}

const subscriptionColumns = `id, partner_id, customer_id, package_id, former_id, months, billing_cycle, starts_at, ends_at, created_at, updated_at, expired_at`

func scanSubscription(row scanner, s *shop.Subscription) error {
	return row.Scan(&s.ID, &s.PartnerID, &s.CustomerID, &s.PackageID, &s.FormerID, &s.Months, &s.Billed, instant{&s.StartsAt}, maybe{&s.EndsAt},
		instant{&s.CreatedAt}, instant{&s.UpdatedAt}, maybe{&s.ExpiredAt})
}

// InsertSubscription implements work.Tx.
func (t *tx) InsertSubscription(ctx context.Context, s *shop.Subscription) error {
	return t.insert(ctx, &s.ID, `INSERT INTO shop_subscription (partner_id, customer_id, package_id, former_id, months, billing_cycle, starts_at, ends_at,
		created_at, updated_at, expired_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		s.PartnerID, s.CustomerID, s.PackageID, s.FormerID, s.Months, s.Billed, micros(s.StartsAt), microsOrNull(s.EndsAt), micros(s.CreatedAt), micros(s.UpdatedAt),
		microsOrNull(s.ExpiredAt))
}

// UpdateSubscription implements work.Tx.
func (t *tx) UpdateSubscription(ctx context.Context, s *shop.Subscription) error {
	return t.update(ctx, `UPDATE shop_subscription SET former_id = ?, months = ?, billing_cycle = ?, starts_at = ?, ends_at = ?, updated_at = ?, expired_at = ?
		WHERE id = ?`, s.FormerID, s.Months, s.Billed, micros(s.StartsAt), microsOrNull(s.EndsAt), micros(s.UpdatedAt), microsOrNull(s.ExpiredAt), s.ID)
}

// Subscription implements work.Tx.
func (t *tx) Subscription(ctx context.Context, id int64) (*shop.Subscription, error) {
	return one(t.QueryRow(ctx, "SELECT "+subscriptionColumns+" FROM shop_subscription WHERE id = ?", id), scanSubscription)
}

// LiveSubscription implements work.Tx.
func (t *tx) LiveSubscription(ctx context.Context, customerID int64) (*shop.Subscription, error) {
	return one(t.QueryRow(ctx, "SELECT "+subscriptionColumns+" FROM shop_subscription WHERE customer_id = ? AND expired_at IS NULL", customerID), scanSubscription)
}

// LiveSubscriptionsOf implements work.Tx.
func (t *tx) LiveSubscriptionsOf(ctx context.Context, customerIDs []int64) (map[int64]*shop.Subscription, error) {
	out := map[int64]*shop.Subscription{}
	err := chunks(customerIDs, func(marks string, args []any) error {
		list, err := all(ctx, t, scanSubscription, "SELECT "+subscriptionColumns+" FROM shop_subscription WHERE customer_id IN ("+marks+") AND expired_at IS NULL", args...)
		for _, s := range list {
			out[s.CustomerID] = s
		}
		return err
	})
	return out, err
}
