package store

import (
	"context"
	"encoding/json"

	"posthouse/internal/core/partner"
	"posthouse/internal/fault"
)

const partnerColumns = "id, name, status, sandbox, allowed_networks, settings, created_at, updated_at"

func scanPartner(row scanner, p *partner.Partner) error {
	var networks, settings string
	if err := row.Scan(&p.ID, &p.Name, &p.Status, &p.Sandbox, &networks, &settings,
		instant{&p.CreatedAt}, instant{&p.UpdatedAt}); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(networks), &p.AllowedNetworks); err != nil {
		return err
	}
	return json.Unmarshal([]byte(settings), &p.Settings)
}

// partnerDocuments gives the columns that are JSON.
func partnerDocuments(p *partner.Partner) (networks, settings string, err error) {
	n, err := json.Marshal(p.AllowedNetworks)
	if err != nil {
		return "", "", fault.Wrap(err)
	}
	s, err := json.Marshal(p.Settings)
	if err != nil {
		return "", "", fault.Wrap(err)
	}
	return string(n), string(s), nil
}

// InsertPartner implements work.Tx.
func (t *tx) InsertPartner(ctx context.Context, p *partner.Partner) error {
	networks, settings, err := partnerDocuments(p)
	if err != nil {
		return err
	}
	return t.insert(ctx, &p.ID, `INSERT INTO partner (name, status, sandbox, allowed_networks, settings, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		p.Name, p.Status, p.Sandbox, networks, settings, micros(p.CreatedAt), micros(p.UpdatedAt))
}

// UpdatePartner implements work.Tx.
func (t *tx) UpdatePartner(ctx context.Context, p *partner.Partner) error {
	networks, settings, err := partnerDocuments(p)
	if err != nil {
		return err
	}
	return t.update(ctx, `UPDATE partner SET name = ?, status = ?, sandbox = ?, allowed_networks = ?, settings = ?,
		created_at = ?, updated_at = ? WHERE id = ?`,
		p.Name, p.Status, p.Sandbox, networks, settings, micros(p.CreatedAt), micros(p.UpdatedAt), p.ID)
}

// Partner implements work.Tx.
func (t *tx) Partner(ctx context.Context, id int64) (*partner.Partner, error) {
	return one(t.QueryRow(ctx, "SELECT "+partnerColumns+" FROM partner WHERE id = ?", id), scanPartner)
}

// Partners implements work.Tx.
func (t *tx) Partners(ctx context.Context) ([]*partner.Partner, error) {
	return all(ctx, t, scanPartner, "SELECT "+partnerColumns+" FROM partner ORDER BY id")
}
