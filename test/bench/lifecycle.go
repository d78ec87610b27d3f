package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/store/sqldb"
	"posthouse/test/harness"
)

// lifecycle measures how fast orders that fell due all at once are suspended at
// their expiry, what API calls feel of it, and, as the measure of what the store
// can do at all, as many bare updates of one column by as many writers.
func lifecycle(ctx context.Context, r *report, s sizes, t *target) error {
	const partners = 4
	var key string
	for n := range partners {
		out, err := t.server.CLI(ctx, "partner", "create", fmt.Sprintf("due %d", n), "--bills", "platform", "--json")
		if err != nil {
			return err
		}
		var p struct {
			ID  int64  `json:"id"`
			Key string `json:"key"`
		}
		if err := json.Unmarshal([]byte(out), &p); err != nil {
			return err
		}
		key = p.Key
		if _, err := t.server.CLI(ctx, "partner", "settings", strconv.FormatInt(p.ID, 10), `{"ratePerSecond": 0}`); err != nil {
			return err
		}
		seed := &caller{base: "http://" + t.server.Addr("http") + "/partner/", key: key, client: http.DefaultClient}
		if err := seed.post(ctx, "createMailOrder", map[string]any{"domainName": fmt.Sprintf("seed%d.test", n), "customerId": "c", "planType": "pro",
			"noOfAccounts": 1, "chargedAmount": "1.00", "expiryDate": "2035-01-01"}, nil); err != nil {
			return err
		}
	}
	if err := t.server.Stop(); err != nil {
		return err
	}
	if err := overdue(ctx, filepath.Join(t.server.Dir, "data", "posthouse.db"), s.due/partners); err != nil {
		return err
	}
	bare, err := bareUpdates(ctx, filepath.Join(t.server.Dir, "data", "posthouse.db"), s.due)
	if err != nil {
		return err
	}
	srv, err := harness.Start(ctx, t.server.Options)
	if err != nil {
		return err
	}
	t.server = srv
	api := &caller{base: "http://" + srv.Addr("http") + "/partner/", key: srv.Ready.Partner.Key, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	var order struct {
		ID int64 `json:"titanOrderId"`
	}
	begin := time.Now()
	if err := api.post(ctx, "createMailOrder", map[string]any{"domainName": "meanwhile.test", "customerId": "m", "planType": "pro",
		"noOfAccounts": 100_000, "chargedAmount": "1.00", "expiryDate": "2035-01-01"}, &order); err != nil {
		return err
	}
	account := func(n int) error {
		return api.post(ctx, "createEmailAccount", map[string]any{"titanOrderId": order.ID, "email": fmt.Sprintf("u%d@meanwhile.test", n)}, nil)
	}
	took := make(chan time.Duration, 1)
	failed := make(chan error, 1)
	go func() {
		for {
			n, err := stepsDone(ctx, srv)
			if err != nil {
				failed <- err
				return
			}
			if n >= s.due {
				took <- time.Since(begin)
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	var latency []float64
	var total time.Duration
	for n := 0; total == 0; n += 100 {
		p99, err := paced(ctx, 100, 100, func(i int) error { return account(n + i) })
		if err != nil {
			return err
		}
		select {
		case total = <-took:
			if len(latency) == 0 {
				latency = append(latency, p99)
			}
		case err := <-failed:
			return err
		default:
			latency = append(latency, p99)
		}
	}
	slices.Sort(latency)
	name := thousands(int64(s.due)) + " orders expire at once"
	r.figure(name+": suspended", "/s", true, "2,000/s", func(own, _ float64) bool { return own >= 2000 }).add(t.name, float64(s.due)/total.Seconds())
	r.figure(name+": createEmailAccount at 100/s meanwhile, p99 of each second, median", "ms", false, "100 ms", func(own, _ float64) bool { return own <= 100 }).
		add(t.name, latency[len(latency)/2])
	r.figure("as many bare updates of a row in the same store, 16 writers", "/s", true, "", nil).add(t.name, bare)
	return nil
}

// overdue multiplies each seed order and lets all of them have expired an hour ago.
func overdue(ctx context.Context, path string, each int) error {
	db, err := sqldb.Open(ctx, sqldb.Config{Engine: sqldb.SQLite, Path: path})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Write(ctx, func(tx *sqldb.Tx) error {
		var into, from []string
		rows, err := tx.Query(ctx, "SELECT name FROM pragma_table_info('mail_order') WHERE name <> 'id'")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c string
			if err := rows.Scan(&c); err != nil {
				return err
			}
			into = append(into, c)
			if c == "domain" {
				c = "'d' || n.i || '-' || o.domain"
			}
			from = append(from, c)
		}
		if err := rows.Close(); err != nil {
			return err
		}
		for _, q := range []string{
			fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO mail_order (%s) SELECT %s FROM mail_order o, n WHERE o.domain LIKE 'seed%%'",
				each, strings.Join(into, ", "), strings.Join(from, ", ")),
			fmt.Sprintf("UPDATE mail_order SET expires_at = %d WHERE domain LIKE 'd%%seed%%'", time.Now().Add(-time.Hour).UnixMicro()),
			`INSERT INTO due (kind, object_id, partner_id, clock_id, due_at, try_at, attempts, last_error)
				SELECT 'order', id, partner_id, 0, expires_at, expires_at, 0, '' FROM mail_order WHERE domain LIKE 'd%seed%'`,
		} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
}

// bareUpdates gives how many updates of one column, each a write of its own, are
// committed in a second.
func bareUpdates(ctx context.Context, path string, count int) (float64, error) {
	db, err := sqldb.Open(ctx, sqldb.Config{Engine: sqldb.SQLite, Path: path})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	begin := time.Now()
	err = each(16, count, func() (func(int) error, func(), error) {
		return func(n int) error {
			return db.Write(ctx, func(tx *sqldb.Tx) error {
				_, err := tx.Exec(ctx, "UPDATE mail_order SET source_context = 'bench' WHERE id = ?", n+1)
				return err
			})
		}, func() {}, nil
	})
	return float64(count) / time.Since(begin).Seconds(), err
}

// stepsDone reads the server's counter of steps done for orders.
func stepsDone(ctx context.Context, srv *harness.Server) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+srv.Addr("http")+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), `posthouse_lifecycle_done_total{kind="order"} `); ok {
			f, err := strconv.ParseFloat(v, 64)
			return int(f), err
		}
	}
	return 0, lines.Err()
}
