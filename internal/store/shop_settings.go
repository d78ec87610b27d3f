package store

import (
	"context"
	"time"

	"posthouse/internal/core/shop"
)

func scanShopSettings(row scanner, s *shop.Settings) error { return row.Scan(fromJSON{s}) }

// ShopSettings implements work.Tx.
func (t *tx) ShopSettings(ctx context.Context, partnerID int64) (*shop.Settings, error) {
	return one(t.QueryRow(ctx, "SELECT settings FROM shop_settings WHERE partner_id = ?", partnerID), scanShopSettings)
}

// PutShopSettings implements work.Tx.
func (t *tx) PutShopSettings(ctx context.Context, partnerID int64, s *shop.Settings, at time.Time) error {
	text, err := toJSON(s)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `INSERT INTO shop_settings (partner_id, settings, updated_at) VALUES (?, ?, ?)
		ON CONFLICT (partner_id) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at`, partnerID, text, micros(at))
	return err
}

// SetShopHosts implements work.Tx.
func (t *tx) SetShopHosts(ctx context.Context, partnerID int64, hosts []string) (taken string, err error) {
	if _, err := t.Exec(ctx, "DELETE FROM shop_host WHERE partner_id = ?", partnerID); err != nil {
		return "", err
	}
	for _, h := range hosts {
		n, err := t.Exec(ctx, "INSERT INTO shop_host (host, partner_id) VALUES (?, ?) ON CONFLICT (host) DO NOTHING", h, partnerID)
		if err != nil {
			return "", err
		}
		if n == 0 {
			return h, nil
		}
	}
	return "", nil
}

type shopHost struct {
	host      string
	partnerID int64
}

func scanShopHost(row scanner, h *shopHost) error { return row.Scan(&h.host, &h.partnerID) }

// ShopHosts implements work.Tx.
func (t *tx) ShopHosts(ctx context.Context) (map[string]int64, error) {
	list, err := all(ctx, t, scanShopHost, "SELECT host, partner_id FROM shop_host")
	if err != nil {
		return nil, err
	}
	out := make(map[string]int64, len(list))
	for _, h := range list {
		out[h.host] = h.partnerID
	}
	return out, nil
}
