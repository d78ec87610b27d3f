package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"posthouse/test/harness"
)

// titan measures the partner API, which the peers don't have.
func titan(ctx context.Context, r *report, s sizes, t *target) error {
	api := &caller{base: "http://" + t.server.Addr("http") + "/partner/", key: t.server.Ready.Partner.Key,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	var order struct {
		ID int64 `json:"titanOrderId"`
	}
	if err := api.post(ctx, "createMailOrder", map[string]any{"domainName": "accounts.test", "customerId": "accounts", "planType": "pro",
		"noOfAccounts": s.accounts * 4, "chargedAmount": "1.00", "expiryDate": "2035-01-01"}, &order); err != nil {
		return err
	}
	account := func(n int) error {
		return api.post(ctx, "createEmailAccount", map[string]any{"titanOrderId": order.ID, "email": fmt.Sprintf("u%d@accounts.test", n)}, nil)
	}
	begin := time.Now()
	if err := each(16, s.accounts, func() (func(int) error, func(), error) { return account, func() {}, nil }); err != nil {
		return err
	}
	r.figure("createEmailAccount without password, 16 clients", "/s", true, "1,000/s", func(own, _ float64) bool { return own >= 1000 }).
		add(t.name, float64(s.accounts)/time.Since(begin).Seconds())
	p99, err := paced(ctx, 100, min(s.accounts, 2000), func(n int) error { return account(s.accounts + n) })
	if err != nil {
		return err
	}
	r.figure("createEmailAccount at 100/s, p99", "ms", false, "25 ms", func(own, _ float64) bool { return own <= 25 }).add(t.name, p99)

	begin = time.Now()
	make := func(n int) error {
		return api.post(ctx, "createMailOrder", map[string]any{"domainName": fmt.Sprintf("d%d.orders.test", n), "customerId": fmt.Sprintf("c%d", n/10),
			"planType": "pro", "noOfAccounts": 2, "chargedAmount": "1.00", "expiryDate": "2035-01-01"}, nil)
	}
	if err := each(16, s.orders, func() (func(int) error, func(), error) { return make, func() {}, nil }); err != nil {
		return err
	}
	r.figure("createMailOrder, 16 clients", "/s", true, "", nil).add(t.name, float64(s.orders)/time.Since(begin).Seconds())
	p99, err = paced(ctx, 100, 2000, func(n int) error {
		return api.get(ctx, fmt.Sprintf("listMailOrders?customerId=c%d", n*7919%(s.orders/10)))
	})
	if err != nil {
		return err
	}
	r.figure(fmt.Sprintf("listMailOrders of one customer among %s orders at 100/s, p99", thousands(int64(s.orders))), "ms", false, "10 ms",
		func(own, _ float64) bool { return own <= 10 }).add(t.name, p99)
	return restart(ctx, r, s, t)
}

// restart measures from start to ready on the store that has grown.
func restart(ctx context.Context, r *report, s sizes, t *target) error {
	for range 5 {
		if err := t.server.Stop(); err != nil {
			return err
		}
		begin := time.Now()
		srv, err := harness.Start(ctx, t.server.Options)
		if err != nil {
			return err
		}
		t.server = srv
		r.figure(fmt.Sprintf("start to ready, store with %s orders", thousands(int64(s.orders))), "ms", false, "1,000 ms",
			func(own, _ float64) bool { return own <= 1000 }).add(t.name, float64(time.Since(begin).Microseconds())/1000)
	}
	return nil
}

// paced calls fn at a fixed rate, whether or not earlier calls have returned,
// and gives the 99th percentile in milliseconds, measured from when each was due.
func paced(ctx context.Context, perSecond, count int, fn func(int) error) (float64, error) {
	var mu sync.Mutex
	var took []time.Duration
	var wg sync.WaitGroup
	errs := make(chan error, count)
	gap := time.Second / time.Duration(perSecond)
	begin := time.Now()
	for n := range count {
		due := begin.Add(time.Duration(n) * gap)
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		wg.Go(func() {
			if err := fn(n); err != nil {
				errs <- err
				return
			}
			mu.Lock()
			took = append(took, time.Since(due))
			mu.Unlock()
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return 0, err
	default:
	}
	slices.Sort(took)
	return float64(took[len(took)*99/100].Microseconds()) / 1000, nil
}

type caller struct {
	base, key string
	client    *http.Client
}

func (c *caller) post(ctx context.Context, op string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.do(ctx, http.MethodPost, op, bytes.NewReader(b), into)
}

func (c *caller) get(ctx context.Context, op string) error {
	return c.do(ctx, http.MethodGet, op, nil, nil)
}

func (c *caller) do(ctx context.Context, method, op string, body io.Reader, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+op, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", c.key)
	res, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != 200 {
		return fmt.Errorf("%s: %s", op, b)
	}
	if into != nil {
		return json.Unmarshal(b, into)
	}
	return nil
}
