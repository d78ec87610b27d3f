package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// hook is a receiver in this process that answers 200.
type hook struct {
	url    string
	server *http.Server
	count  atomic.Int64
	seen   chan struct{} // one token: count has grown

	mu    sync.Mutex
	sent  map[string]time.Time // when the change of an address was asked for
	took  []time.Duration      // until its event was here
	first time.Time
	last  time.Time
	body  []byte
}

func newHook() (*hook, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &hook{url: "http://" + l.Addr().String() + "/", seen: make(chan struct{}, 1), sent: map[string]time.Time{}}
	h.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = h.server.Serve(l) }() // ends with Close
	return h, nil
}

func (h *hook) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	now := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var e struct {
		Data struct {
			Email string `json:"email"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return
	}
	h.mu.Lock()
	if at, ok := h.sent[e.Data.Email]; ok {
		h.took = append(h.took, now.Sub(at))
		delete(h.sent, e.Data.Email)
	}
	if h.count.Add(1) == 1 {
		h.first, h.body = now, body
	}
	h.last = now
	h.mu.Unlock()
	select {
	case h.seen <- struct{}{}:
	default:
	}
}

// reset starts counting anew.
func (h *hook) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count.Store(0)
	h.took = nil
}

// wait returns when n events are here.
func (h *hook) wait(ctx context.Context, n int) error {
	for h.count.Load() < int64(n) {
		select {
		case <-h.seen:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d events came: %w", h.count.Load(), n, ctx.Err())
		}
	}
	return nil
}

// webhooks measures events on their way to a receiver on this machine, which
// the peers don't have. The bare loop is what the receiver and net/http can do.
func webhooks(ctx context.Context, r *report, s sizes, t *target) error {
	h, err := newHook()
	if err != nil {
		return err
	}
	defer h.server.Close()
	partner := fmt.Sprint(t.server.Ready.Partner.ID)
	out, err := t.server.CLI(ctx, "webhook", "add", partner, h.url, "--json")
	if err != nil {
		return err
	}
	var made struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		return err
	}
	id := strconv.FormatInt(made.ID, 10)
	api := &caller{base: "http://" + t.server.Addr("http") + "/partner/", key: t.server.Ready.Partner.Key,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}

	orders := make([]int64, s.hookOrders)
	if err := each(16, s.hookOrders, func() (func(int) error, func(), error) {
		return func(n int) error {
			var order struct {
				ID int64 `json:"titanOrderId"`
			}
			err := api.post(ctx, "createMailOrder", map[string]any{"domainName": fmt.Sprintf("h%d.hooks.test", n), "customerId": fmt.Sprintf("h%d", n),
				"planType": "pro", "noOfAccounts": 1000, "chargedAmount": "1.00", "expiryDate": "2035-01-01"}, &order)
			orders[n] = order.ID
			return err
		}, func() {}, nil
	}); err != nil {
		return err
	}
	if err := h.wait(ctx, s.hookOrders); err != nil {
		return err
	}
	account := func(prefix string, n int) error {
		email := fmt.Sprintf("%s%d@h%d.hooks.test", prefix, n, n%s.hookOrders)
		h.mu.Lock()
		h.sent[email] = time.Now()
		h.mu.Unlock()
		return api.post(ctx, "createEmailAccount", map[string]any{"titanOrderId": orders[n%s.hookOrders], "email": email}, nil)
	}

	h.reset()
	if _, err := paced(ctx, 200, 200*s.hookSeconds, func(n int) error { return account("p", n) }); err != nil {
		return err
	}
	if err := h.wait(ctx, 200*s.hookSeconds); err != nil {
		return err
	}
	slices.Sort(h.took)
	at := func(percent int) float64 { return float64(h.took[len(h.took)*percent/100].Microseconds()) / 1000 }
	r.figure("webhook, from the call to its first attempt at 200 events/s, p50", "ms", false, "", nil).add(t.name, at(50))
	r.figure("webhook, from the call to its first attempt at 200 events/s, p99", "ms", false, "2,000 ms", func(own, _ float64) bool { return own <= 2000 }).
		add(t.name, at(99))

	if _, err := t.server.CLI(ctx, "webhook", "pause", id); err != nil {
		return err
	}
	h.reset()
	if err := each(16, s.hookBacklog, func() (func(int) error, func(), error) {
		return func(n int) error { return account("b", n) }, func() {}, nil
	}); err != nil {
		return err
	}
	before := cpu(t.pids)
	if _, err := t.server.CLI(ctx, "webhook", "resume", id); err != nil {
		return err
	}
	if err := h.wait(ctx, s.hookBacklog); err != nil {
		return err
	}
	rate := float64(s.hookBacklog) / h.last.Sub(h.first).Seconds()
	f := r.figure(fmt.Sprintf("webhooks delivered, %s waiting of %s orders", thousands(int64(s.hookBacklog)), thousands(int64(s.hookOrders))), "/s", true, "1,000/s",
		func(own, _ float64) bool { return own >= 1000 })
	f.add(t.name, rate)
	r.figure("server CPU of each webhook", "ms", false, "", nil).add(t.name, float64((cpu(t.pids)-before).Microseconds())/1000/float64(s.hookBacklog))

	bare, err := bareLoop(ctx, h, s.hookBacklog)
	if err != nil {
		return err
	}
	f.add("bare loop", bare)
	r.notes = append(r.notes, fmt.Sprintf("webhooks: a bare loop of net/http posts the same bodies to the same receiver from the client's process, "+
		"storing nothing, 32 at a time: %s", show(bare, "/s")))
	return nil
}

// bareLoop posts bodies as a program would that keeps nothing.
func bareLoop(ctx context.Context, h *hook, count int) (float64, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	defer client.CloseIdleConnections()
	h.mu.Lock()
	body := h.body
	h.mu.Unlock()
	begin := time.Now()
	err := each(32, count, func() (func(int) error, func(), error) {
		return func(int) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
			if err != nil {
				return err
			}
			res, err := client.Do(req)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			return err
		}, func() {}, nil
	})
	return float64(count) / time.Since(begin).Seconds(), err
}
