package store_test

import (
	"io/fs"
	"strings"
	"testing"

	"posthouse/internal/store/migrations"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

// Orders that were there before the table of hosting accounts are put into it.
func TestHostingOfOrdersThatExist(t *testing.T) {
	text, err := fs.ReadFile(migrations.Files, "0037_hosting_notifications.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, fill, _ := strings.Cut(string(text), "INSERT INTO hosting_order")
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			db := sqltest.Open(t, engine)
			json := ""
			if engine == sqldb.Postgres {
				json = "::json"
			}
			fill := "INSERT INTO hosting_order" + strings.ReplaceAll(fill, "{{json}}", json)
			got := ""
			err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				ctx := t.Context()
				var p, c int64
				if err := tx.ScanRow(ctx, []any{&p}, `INSERT INTO partner (name, status, sandbox, allowed_networks, settings, created_at, updated_at)
					VALUES ('p', 'active', ?, '[]', '{}', 1, 1) RETURNING id`, false); err != nil {
					return err
				}
				if err := tx.ScanRow(ctx, []any{&c}, `INSERT INTO customer (partner_id, customer_id, server_host, name, email, alternate_email, country,
					locale, password_hash, status, created_at, updated_at) VALUES (?, 'c', '', '', '', '', '', '', '', 'active', 1, 1) RETURNING id`, p); err != nil {
					return err
				}
				for i, metadata := range []any{
					`{"cpanelHostName":"H1","cpanelUserName":" u "}`, nil, `{}`, `{"cpanelUserName":"u"}`,
					`{"cpanelHostName":"h","cpanelUserName":"a\u0000b"}`, `{"cpanelHostName":"h","cpanelUserName":null}`,
					`{"cpanelHostName":"` + strings.Repeat("h", 256) + `","cpanelUserName":"u"}`,
				} {
					if _, err := tx.Exec(ctx, `INSERT INTO mail_order (partner_id, customer_id, partner_order_id, domain, plan, seats, billing_owner, billing_cycle,
						currency, source, source_context, locale, metadata, mail_service, pending_payment, deletion_reason, serviceable, ownership_token,
						suspension_count, created_at, updated_at) VALUES (?, ?, '', ?, 'free', 1, 'partner', '', '', '', '', '', ?, 'titan', ?, '', ?, '', 0, 1, 1)`,
						p, c, strings.Repeat("a", i+1)+".example", metadata, false, false); err != nil {
						return err
					}
				}
				if _, err := tx.Exec(ctx, fill); err != nil {
					return err
				}
				return tx.ScanRow(ctx, []any{&got}, "SELECT host_name || '|' || user_name FROM hosting_order")
			})
			if err != nil || got != "h1|u" {
				t.Errorf("%q, %v", got, err)
			}
			var n int
			if err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
				return tx.ScanRow(t.Context(), []any{&n}, "SELECT COUNT(*) FROM hosting_order")
			}); err != nil || n != 1 {
				t.Errorf("%d rows, %v", n, err)
			}
		})
	}
}
