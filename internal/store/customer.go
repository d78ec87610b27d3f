package store

import (
	"context"

	"posthouse/internal/core/customer"
)

const customerColumns = `id, partner_id, customer_id, server_host, name, email, alternate_email, country, locale,
	password_hash, status, created_at, updated_at`

func scanCustomer(row scanner, c *customer.Customer) error {
	return row.Scan(&c.ID, &c.PartnerID, &c.CustomerID, &c.ServerHost, &c.Name, &c.Email, &c.AlternateEmail,
		&c.Country, &c.Locale, &c.PasswordHash, &c.Status, instant{&c.CreatedAt}, instant{&c.UpdatedAt})
}

// InsertCustomer implements provision.Tx.
func (t *tx) InsertCustomer(ctx context.Context, c *customer.Customer) error {
	return t.insert(ctx, &c.ID, `INSERT INTO customer (partner_id, customer_id, server_host, name, email, alternate_email,
		country, locale, password_hash, status, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		c.PartnerID, c.CustomerID, c.ServerHost, c.Name, c.Email, c.AlternateEmail,
		c.Country, c.Locale, c.PasswordHash, c.Status, micros(c.CreatedAt), micros(c.UpdatedAt))
}

// UpdateCustomer implements provision.Tx.
func (t *tx) UpdateCustomer(ctx context.Context, c *customer.Customer) error {
	return t.update(ctx, `UPDATE customer SET partner_id = ?, customer_id = ?, server_host = ?, name = ?, email = ?,
		alternate_email = ?, country = ?, locale = ?, password_hash = ?, status = ?, created_at = ?, updated_at = ?
		WHERE id = ?`,
		c.PartnerID, c.CustomerID, c.ServerHost, c.Name, c.Email,
		c.AlternateEmail, c.Country, c.Locale, c.PasswordHash, c.Status, micros(c.CreatedAt), micros(c.UpdatedAt), c.ID)
}

// Customer implements provision.Tx.
func (t *tx) Customer(ctx context.Context, id int64) (*customer.Customer, error) {
	return one(t.QueryRow(ctx, "SELECT "+customerColumns+" FROM customer WHERE id = ?", id), scanCustomer)
}

// CustomersByPartnerID implements provision.Tx.
func (t *tx) CustomersByPartnerID(ctx context.Context, partnerID int64, customerID string) ([]*customer.Customer, error) {
	return all(ctx, t, scanCustomer,
		"SELECT "+customerColumns+" FROM customer WHERE partner_id = ? AND customer_id = ? ORDER BY id", partnerID, customerID)
}
