package store

import (
	"context"

	"posthouse/internal/core/order"
)

const domainAliasColumns = "order_id, domain, partner_id, active, created_at"

func scanDomainAlias(row scanner, a *order.DomainAlias) error {
	return row.Scan(&a.OrderID, &a.Domain, &a.PartnerID, &a.Active, instant{&a.CreatedAt})
}

// PutDomainAlias implements work.Tx.
func (t *tx) PutDomainAlias(ctx context.Context, a *order.DomainAlias) error {
	_, err := t.Exec(ctx, "INSERT INTO domain_alias ("+domainAliasColumns+`) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (order_id, domain) DO UPDATE SET active = excluded.active`, a.OrderID, a.Domain, a.PartnerID, a.Active, micros(a.CreatedAt))
	return err
}

// DeleteDomainAlias implements work.Tx.
func (t *tx) DeleteDomainAlias(ctx context.Context, orderID int64, domain string) error {
	_, err := t.Exec(ctx, "DELETE FROM domain_alias WHERE order_id = ? AND domain = ?", orderID, domain)
	return err
}

// DomainAliases implements work.Tx.
func (t *tx) DomainAliases(ctx context.Context, orderID int64) ([]*order.DomainAlias, error) {
	return all(ctx, t, scanDomainAlias, "SELECT "+domainAliasColumns+" FROM domain_alias WHERE order_id = ? ORDER BY domain", orderID)
}

// ActiveAlias implements work.Tx.
func (t *tx) ActiveAlias(ctx context.Context, domain string) (*order.DomainAlias, error) {
	return one(t.QueryRow(ctx, "SELECT "+domainAliasColumns+" FROM domain_alias WHERE domain = ? AND active", domain), scanDomainAlias)
}
