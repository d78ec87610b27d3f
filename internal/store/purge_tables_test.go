package store_test

import (
	"slices"
	"strings"
	"testing"

	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

// The tables with an account's or an order's id that a purge leaves, and why.
var (
	keptOfAccounts = map[string]string{
		"access_change":   "a log of ids that forgets by itself",
		"purge":           "goes with the audit record",
		"queue_message":   "history of the queue, without content: forgets by itself, see queue.Purge",
		"queue_recipient": "as queue_message",
		"queue_copy":      "as queue_message",
		"sandbox_message": "holds bytes: queue.Purge lets go of them",
	}
	keptOfOrders = map[string]string{
		"account":            "names what was purged",
		"access_change":      "a log of ids that forgets by itself",
		"purge":              "goes with the audit record",
		"event":              "the log of what happened",
		"payment":            "the books",
		"booking":            "the books",
		"ledger_transaction": "the books",
		"order_action":       "the books",
		"cart":               "what payments were for",
		"queue_message":      "as of accounts",
		"sandbox_message":    "as of accounts",
		"webhook_delivery":   "tells of the purge, among others, until it is done",
		"webhook_lane":       "as webhook_delivery",
	}
)

// TestPurgeKnowsEveryTable: who makes a table with an account's or order's id in
// it decides here, or in purge.go, what a purge does with it.
func TestPurgeKnowsEveryTable(t *testing.T) {
	db := sqltest.Open(t, sqldb.SQLite)
	accounts, orders := store.PurgeStatements()
	for column, c := range map[string]struct {
		statements []string
		kept       map[string]string
	}{"account_id": {accounts, keptOfAccounts}, "order_id": {orders, keptOfOrders}} {
		var tables []string
		if err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
			tables = nil
			rows, err := tx.Query(t.Context(), "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = ? ORDER BY 1", column)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var name string
				if err := rows.Scan(&name); err != nil {
					return err
				}
				tables = append(tables, name)
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
		if len(tables) < 5 {
			t.Fatalf("only %v have a column %s", tables, column)
		}
		for _, table := range tables {
			if strings.HasPrefix(table, "mail_") {
				continue // the mail store's
			}
			removed := slices.ContainsFunc(c.statements, func(q string) bool { return strings.HasPrefix(q, "DELETE FROM "+table+" ") })
			if _, kept := c.kept[table]; removed == kept {
				t.Errorf("%s has a column %s: a purge removes it (%v) or keeps it (%v)?", table, column, removed, kept)
			}
		}
	}
}
