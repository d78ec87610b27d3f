package store

import (
	"context"

	"posthouse/internal/core/customer"
)

const customerColumns = `id, partner_id, customer_id, server_host, name, email, alternate_email, country, locale,
	password_hash, status, created_at, updated_at, reseller_id, username, company, city, state, contact, pin, total_receipts,
	failed_logins, last_failed_login`

func scanCustomer(row scanner, c *customer.Customer) error {
	return row.Scan(&c.ID, &c.PartnerID, &c.CustomerID, &c.ServerHost, &c.Name, &c.Email, &c.AlternateEmail,
		&c.Country, &c.Locale, &c.PasswordHash, &c.Status, instant{&c.CreatedAt}, instant{&c.UpdatedAt},
		&c.ResellerID, &c.Username, &c.Company, &c.City, &c.State, fromJSON{&c.Contact}, &c.PIN, &c.TotalReceipts, &c.FailedLogins, maybe{&c.LastFailedLogin})
}

// customerArgs are the values of customerColumns without the id.
func customerArgs(c *customer.Customer) ([]any, error) {
	contact, err := toJSON(c.Contact)
	return []any{c.PartnerID, c.CustomerID, c.ServerHost, c.Name, c.Email, c.AlternateEmail, c.Country, c.Locale, c.PasswordHash, c.Status,
		micros(c.CreatedAt), micros(c.UpdatedAt), c.ResellerID, c.Username, c.Company, c.City, c.State, contact, c.PIN, int64(c.TotalReceipts),
		c.FailedLogins, microsOrNull(c.LastFailedLogin)}, err
}

// InsertCustomer implements provision.Tx.
func (t *tx) InsertCustomer(ctx context.Context, c *customer.Customer) error {
	args, err := customerArgs(c)
	if err != nil {
		return err
	}
	return t.insert(ctx, &c.ID, `INSERT INTO customer (partner_id, customer_id, server_host, name, email, alternate_email,
		country, locale, password_hash, status, created_at, updated_at, reseller_id, username, company, city, state, contact,
		pin, total_receipts, failed_logins, last_failed_login)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, args...)
}

// UpdateCustomer implements provision.Tx.
func (t *tx) UpdateCustomer(ctx context.Context, c *customer.Customer) error {
	args, err := customerArgs(c)
	if err != nil {
		return err
	}
	return t.update(ctx, `UPDATE customer SET partner_id = ?, customer_id = ?, server_host = ?, name = ?, email = ?,
		alternate_email = ?, country = ?, locale = ?, password_hash = ?, status = ?, created_at = ?, updated_at = ?,
		reseller_id = ?, username = ?, company = ?, city = ?, state = ?, contact = ?, pin = ?, total_receipts = ?,
		failed_logins = ?, last_failed_login = ? WHERE id = ?`, append(args, c.ID)...)
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
