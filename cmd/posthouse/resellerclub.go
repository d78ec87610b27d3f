package main

import (
	"crypto/rand"
	"net/http"
	"net/netip"

	"posthouse/internal/door/resellerclub"
	"posthouse/internal/gate"
)

// withResellerClub puts the ResellerClub API beside the others: it has /api/ and
// /restapi/, below a prefix if one is configured.
func (n *node) withResellerClub(apis http.Handler, proxies []netip.Prefix, limits *gate.Limits) (http.Handler, error) {
	if !n.cfg.ResellerClub.Enabled {
		return apis, nil
	}
	door, err := resellerclub.New(resellerclub.Config{Core: n.core, MailHost: n.cfg.Hostname, BaseURL: n.platform.baseURL, Clock: n.clock, Log: n.log.With("part", "resellerclub"), Prefix: n.cfg.ResellerClub.Prefix,
		TrustedProxies: proxies, Limits: limits, Registerer: n.metrics, Random: rand.Reader})
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if door.Handles(r) {
			door.ServeHTTP(w, r)
			return
		}
		apis.ServeHTTP(w, r)
	}), nil
}
