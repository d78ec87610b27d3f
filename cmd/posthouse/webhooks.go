package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"posthouse/internal/config"
	corewebhook "posthouse/internal/core/webhook"
	"posthouse/internal/mail/dnsres"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/webhook"
)

// webhookHook tells the dispatcher of commits; they may come before there is one.
type webhookHook struct {
	to atomic.Pointer[webhook.Dispatcher]
}

func (h *webhookHook) notify(endpointID int64) {
	if d := h.to.Load(); d != nil {
		d.Notify(endpointID)
	}
}

// webhookPolicy is what endpoints may be, and the guard of what is dialled.
func webhookPolicy(cfg *config.Config) (corewebhook.Policy, *webhook.Guard, error) {
	networks, err := cfg.WebhookNetworks()
	if err != nil {
		return corewebhook.Policy{}, nil, err
	}
	guard := webhook.NewGuard(networks)
	return corewebhook.Policy{PlainHTTP: cfg.Mode == config.Development, Address: guard.Check}, guard, nil
}

// makeWebhooks makes the dispatcher.
func (n *node) makeWebhooks() error {
	w := n.cfg.Webhooks
	_, guard, err := webhookPolicy(n.cfg)
	if err != nil {
		return err
	}
	resolver, err := dnsres.New(dnsres.Config{Servers: n.cfg.DNS.Servers, Clock: n.clock})
	if err != nil {
		return err
	}
	roots, err := withRoots(w.CAFile)
	if err != nil {
		return err
	}
	n.webhooks, err = webhook.New(webhook.Config{Rows: n.rows, Core: n.core, Resolver: resolver, Guard: guard, RootCAs: roots, Clock: n.clock,
		Log: n.log.With("part", "webhooks"), Registerer: n.metrics, UserAgent: "Posthouse-Webhooks/" + version,
		Alone:       n.db.Engine() == sqldb.SQLite, // the data folder has one server
		Concurrency: w.Concurrency, PerEndpoint: w.PerEndpoint, Keep: time.Duration(w.Keep)})
	if err != nil {
		return err
	}
	n.webhookHook.to.Store(n.webhooks)
	return nil
}

// withRoots gives the system's authorities and those of a file; nil without a file.
func withRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("config: webhooks.ca_file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("config: webhooks.ca_file: no certificate in %s", file)
	}
	return pool, nil
}

func (n *node) runWebhooks(ctx context.Context) error { return n.webhooks.Run(ctx) }
