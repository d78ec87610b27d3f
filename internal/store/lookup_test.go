package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

var epoch = time.Date(2026, 11, 22, 6, 7, 8, 0, time.UTC)

// fill makes orders spread over customers, each order with two accounts and
// some with suspensions.
func fill(t testing.TB, s *store.Store, orders, customers int) (customerIDs []int64, last *order.Order) {
	t.Helper()
	ctx := context.Background()
	if err := s.Write(ctx, func(tx work.Tx) error {
		customerIDs = nil
		p := &partner.Partner{Status: partner.Active}
		if err := tx.InsertPartner(ctx, p); err != nil {
			return err
		}
		for i := range customers {
			c := &customer.Customer{PartnerID: p.ID, CustomerID: fmt.Sprint("c", i), Status: customer.Active}
			if err := tx.InsertCustomer(ctx, c); err != nil {
				return err
			}
			customerIDs = append(customerIDs, c.ID)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for from := 0; from < orders; from += 5000 {
		if err := s.Write(ctx, func(tx work.Tx) error {
			for i := from; i < min(orders, from+5000); i++ {
				o := &order.Order{PartnerID: 1, CustomerID: customerIDs[i%customers], Domain: fmt.Sprintf("d%d.example", i), Plan: plan.Pro, Seats: 5,
					PartnerOrderID: fmt.Sprint(i), MailService: order.ServiceTitan, Serviceable: true, CreatedAt: epoch, UpdatedAt: epoch}
				if i%10 == 0 {
					o.Suspensions = suspension.Set{{Type: suspension.TypePartner, Role: suspension.RolePartner, On: epoch}}
				}
				if err := tx.InsertOrder(ctx, o); err != nil {
					return err
				}
				for _, local := range []string{"a", "b"} {
					a := &account.Account{OrderID: o.ID, PartnerID: 1, Local: local, Domain: o.Domain, CreatedAt: epoch, UpdatedAt: epoch}
					if err := tx.InsertAccount(ctx, a); err != nil {
						return err
					}
				}
				last = o
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return customerIDs, last
}

// TestListOrdersIsFast: all orders of one customer among 100,000 with their
// counters, 99 of 100 times within 10 ms.
func TestListOrdersIsFast(t *testing.T) {
	orders := 100_000
	if raceEnabled {
		orders = 10_000
		t.Log("times under the race detector say nothing, whatever the number; the plans are checked by TestPlans")
	}
	s := open(t, sqldb.SQLite)
	customers, _ := fill(t, s, orders, orders/50)
	ctx := t.Context()
	const rounds = 500
	took := make([]time.Duration, rounds)
	for i := range took {
		start := time.Now()
		var n int
		if err := s.Read(ctx, func(tx work.Tx) error {
			list, err := tx.OrdersByCustomer(ctx, customers[i*7%len(customers)])
			if err != nil {
				return err
			}
			ids := make([]int64, len(list))
			for i, o := range list {
				ids[i] = o.ID
			}
			counters, err := tx.CountersOf(ctx, ids)
			n = len(counters)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if n != 50 {
			t.Fatalf("%d orders with accounts, want 50", n)
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	p50, p99 := took[rounds/2], took[rounds*99/100]
	t.Logf("p50 %v, p99 %v", p50, p99)
	if p50 > 10*time.Millisecond && !raceEnabled {
		t.Errorf("p50 %v, p99 %v: the goal is a p99 of 10 ms", p50, p99)
	}
}

// TestPlans: the look-ups that doors make for each request use an index.
func TestPlans(t *testing.T) {
	s := open(t, sqldb.SQLite)
	for query, index := range map[string]string{
		"SELECT * FROM partner_key WHERE lookup_hash = ?":                                                                                                 "partner_key_hash",
		"SELECT * FROM customer WHERE partner_id = ? AND customer_id = ? AND status <> 'deleted' ORDER BY id":                                             "customer_identity",
		"SELECT * FROM customer WHERE partner_id = ? AND username = ? AND username <> '' AND status <> 'deleted'":                                         "customer_username",
		"SELECT * FROM customer WHERE partner_id = ? AND name_key = ? AND status <> 'deleted' ORDER BY id LIMIT ?":                                        "customer_name",
		"SELECT * FROM customer WHERE partner_id = ? AND email_key = ? AND status <> 'deleted' AND id <> ? ORDER BY id LIMIT 1":                           "customer_email_key",
		"SELECT * FROM customer WHERE partner_id = ? AND last_key >= ? AND last_key < ? AND status <> 'deleted' ORDER BY last_key LIMIT ?":                "customer_last_key",
		"SELECT * FROM customer WHERE partner_id = ? AND email_key >= ? AND email_key < ? AND status <> 'deleted' ORDER BY email_key LIMIT ?":             "customer_email_key",
		"SELECT * FROM customer WHERE +partner_id = ? AND status <> 'deleted' AND id >= ? AND id < ? ORDER BY id LIMIT ? OFFSET ?":                        "INTEGER PRIMARY KEY",
		"SELECT COUNT(*) FROM customer WHERE +partner_id = ? AND reseller_id IN (?,?) AND status <> 'deleted' AND created_at >= ? AND id >= ? AND id < ?": "INTEGER PRIMARY KEY",
		"SELECT * FROM web_session WHERE customer_id = ? AND customer_id <> 0":                                                                            "web_session_customer",
		"SELECT * FROM customer_note WHERE customer_id = ? ORDER BY id LIMIT ?":                                                                           "customer_note_customer",
		"SELECT * FROM login_ticket WHERE hash = ?":                                                                                                       "login_ticket",
		"SELECT * FROM login_ticket WHERE customer_id = ? AND customer_id <> 0 ORDER BY created_at, hash":                                                 "login_ticket_customer",
		"SELECT * FROM mail_order WHERE domain = ? AND serviceable AND deleted_at IS NULL AND purged_at IS NULL":                                          "mail_order_serviceable",
		"SELECT * FROM mail_order WHERE customer_id = ? AND purged_at IS NULL ORDER BY id":                                                                "mail_order_customer",
		"SELECT * FROM mail_order WHERE domain = ? AND partner_id = ? AND purged_at IS NULL ORDER BY id":                                                  "mail_order_domain",
		"SELECT * FROM mail_order WHERE domain >= ? AND domain < ? ORDER BY id DESC LIMIT ?":                                                              "mail_order_domain",
		"SELECT id, accounts_active, accounts_provisioned FROM mail_order WHERE accounts_provisioned > 0 AND id IN (?,?)":                                 "INTEGER PRIMARY KEY",
		"SELECT * FROM account WHERE domain = ? AND local = ? AND purged_at IS NULL":                                                                      "account_email",
		"SELECT * FROM account WHERE order_id = ? AND purged_at IS NULL ORDER BY id":                                                                      "account_order",
		"SELECT * FROM address WHERE order_id = ? AND local = ?":                                                                                          "PRIMARY KEY",
		"SELECT * FROM event WHERE partner_id = ? AND id > ? ORDER BY id LIMIT ?":                                                                         "event_partner",
		"SELECT * FROM audit WHERE partner_id = ? AND id > ? ORDER BY id LIMIT ?":                                                                         "audit_partner",
		"SELECT * FROM access_change WHERE id > ? ORDER BY id LIMIT ?":                                                                                    "access_change",
		"SELECT * FROM api_user WHERE username = ? AND revoked_at IS NULL":                                                                                "api_user_name",
		"SELECT * FROM oauth_credentials WHERE consumer_key = ?":                                                                                          "oauth_consumer_key",
		"SELECT * FROM shop_package WHERE partner_id = ? ORDER BY id":                                                                                     "shop_package_partner",
		"SELECT * FROM shop_subscription WHERE customer_id IN (?,?) AND expired_at IS NULL":                                                               "shop_subscription_live",
		"SELECT * FROM shop_order WHERE deleted_at IS NULL AND partner_id = ? ORDER BY id LIMIT ? OFFSET ?":                                               "shop_order_partner",
		"SELECT * FROM shop_order WHERE deleted_at IS NULL AND partner_id = ? AND customer_id = ? ORDER BY id LIMIT ? OFFSET ?":                           "shop_order_customer",
		"SELECT * FROM shop_order_item WHERE shop_order_id IN (?,?) ORDER BY id":                                                                          "shop_order_item_order",
		"SELECT * FROM holder_profile WHERE customer_id = ? ORDER BY id":                                                                                  "holder_profile_customer",
		"SELECT * FROM ledger_transaction WHERE party_kind = 'customer' AND party_id = ? AND type = 'invoice' ORDER BY id LIMIT ? OFFSET ?":               "ledger_transaction_party",
		"SELECT customer_id, plan, COUNT(*) FROM mail_order WHERE purged_at IS NULL AND customer_id IN (?,?) GROUP BY customer_id, plan":                  "mail_order_customer",
	} {
		var detail string
		if err := s.DB().Read(t.Context(), func(tx *sqldb.Tx) error {
			var id, parent, unused int
			args := make([]any, strings.Count(query, "?"))
			for i := range args {
				args[i] = 1
			}
			return tx.QueryRow(t.Context(), "EXPLAIN QUERY PLAN "+query, args...).Scan(&id, &parent, &unused, &detail)
		}); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(detail, "SEARCH") || !strings.Contains(detail, index) {
			t.Errorf("%s\nplan: %s, want a search in %s", query, detail, index)
		}
	}
}

func TestCombinedTransaction(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := open(t, engine)
			ctx := t.Context()
			_, o := fill(t, s, 1, 1)
			// From SQL to the core's view and back.
			if err := s.DB().WriteRows(ctx, func(tx *sqldb.Tx) error {
				wrapped := s.Wrap(tx)
				if store.SQL(wrapped) != tx {
					t.Error("SQL gives another transaction than Wrap was given")
				}
				got, err := wrapped.ServiceableOrder(ctx, o.Domain)
				if err != nil {
					return err
				}
				if got == nil || got.ID != o.ID {
					t.Errorf("got %+v", got)
				}
				return wrapped.CreateMailbox(ctx, 1, 100)
			}); err != nil {
				t.Fatal(err)
			}
			if store.SQL(nil) != nil {
				t.Error("nothing has a SQL transaction")
			}
			// The order has two accounts, of which one has a mailbox.
			if err := s.Write(ctx, func(tx work.Tx) error { return tx.SetMailboxQuota(ctx, o.ID, 200) }); err != nil {
				t.Fatal(err)
			}
			if got := quota(t, s, 1); got != 200 {
				t.Errorf("quota %d, want 200", got)
			}
			// A purged account's mailbox is left alone.
			if err := s.Write(ctx, func(tx work.Tx) error {
				a, err := tx.Account(ctx, 1)
				if err != nil {
					return err
				}
				a.PurgedAt = &epoch
				if err := tx.UpdateAccount(ctx, a); err != nil {
					return err
				}
				return tx.SetMailboxQuota(ctx, o.ID, 300)
			}); err != nil {
				t.Fatal(err)
			}
			if got := quota(t, s, 1); got != 200 {
				t.Errorf("quota %d, want 200", got)
			}
		})
	}
}
